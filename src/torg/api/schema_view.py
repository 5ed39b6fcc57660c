"""Where the schema is read."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema

from torg.api.documents import DocumentView
from torg.api.schema import SCHEMA


@extend_schema(exclude=True)
class SchemaView(DocumentView):
    """What describes all addresses here, as OpenAPI 3.1."""

    kind: ClassVar = SCHEMA
