"""Where the schema is read."""

from typing import Any

from drf_spectacular.utils import extend_schema

from torg.api.documents import DocumentView
from torg.api.schema import schema_document
from torg.caching.document import Document


@extend_schema(exclude=True)
class SchemaView(DocumentView):
    """What describes all addresses here, as OpenAPI 3.1."""

    def document(self, values: dict[str, Any], **place: str) -> Document:  # noqa: ARG002
        """Return the schema."""
        return schema_document()
