"""The OpenAPI document: made from the shapes of documents and the declared parameters."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework.views import APIView

from torg.api import staff_shapes
from torg.api.examples import EXAMPLES
from torg.api.parameters import parameter_for_schema
from torg.api.staff_schema import SECURITY_SCHEMES
from torg.caching.document import Document
from torg.caching.kinds import DocumentKind, register
from torg.caching.stats import CacheFigures
from torg.pages import shapes

View = TypeVar("View", bound=type[APIView])

PROBLEM = {
    "type": "object",
    "description": "RFC 9457: what went wrong, with a stable `code`.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
    },
}
DOCUMENTED = (
    shapes.ProductList,
    shapes.ProductDetail,
    shapes.FeaturedProducts,
    shapes.CategoryTree,
    shapes.RootCategories,
    shapes.CategoryDetail,
    staff_shapes.WarmingJob,
    staff_shapes.WarmingJobList,
    staff_shapes.NewWarmingJob,
    CacheFigures,
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", {"type": "string"}, OpenApiParameter.HEADER, description="ETags that the caller holds."
)
_ANSWER_HEADERS = [
    OpenApiParameter(
        name,
        {"type": "string", **schema},
        OpenApiParameter.HEADER,
        required=True,
        response=[200, 304],
        description=description,
    )
    for name, schema, description in (
        (
            "ETag",
            {"pattern": '^"'},
            "A strong validator, for `If-None-Match`; one for each encoding of the body.",
        ),
        ("Cache-Control", {}, "How long the answer may be kept, and by whom."),
        ("Cache-Tag", {}, "What the document depends on, with commas between: the tags to purge it by."),
        (
            "X-Cache",
            {"enum": ["hit", "miss", "bypass"]},
            "Whether the document was there, was made and kept, or was only made.",
        ),
        (
            "Age",
            {"pattern": "^[0-9]+$"},
            "How many seconds ago the document was made; it is no less fresh for it.",
        ),
    )
]


def describe(
    summary: str,
    *,
    shape: type[msgspec.Struct],
    kind: DocumentKind,
    tag: str,
) -> Callable[[View], View]:
    """Describe a view of documents of ``kind``, which have ``shape``; its docstring is for the callers, too."""
    responses: dict[Any, Any] = {
        (200, "application/json"): OpenApiResponse(
            {"$ref": f"#/components/schemas/{shape.__name__}"},
            description="The document, with its `ETag` and the `Cache-Tag` a cache in front can purge it by.",
            examples=[OpenApiExample(shape.__name__, value=EXAMPLES[shape.__name__])],
        ),
        (304, "application/json"): OpenApiResponse(description="The caller's copy still holds."),
        (400, "application/problem+json"): _problem("A parameter is unknown or its value is not allowed."),
    }
    if kind.place:
        responses[404, "application/problem+json"] = _problem("There is nothing at this address.")

    def decorate(view: View) -> View:
        operation = extend_schema(
            operation_id=summary.lower().replace(" ", "_"),
            summary=summary,
            description=inspect.getdoc(view),
            tags=[tag],
            parameters=[
                *(parameter_for_schema(parameter) for parameter in kind.parameters.known),
                _IF_NONE_MATCH,
                *_ANSWER_HEADERS,
            ],
            responses=responses,
        )
        return extend_schema_view(get=operation)(view)

    return decorate


def _problem(description: str) -> OpenApiResponse:
    return OpenApiResponse({"$ref": "#/components/schemas/Problem"}, description=description)


def add_shapes(result: dict[str, Any], **context: Any) -> dict[str, Any]:  # noqa: ARG001
    """Put the shapes of documents among the schema's components (a hook of drf-spectacular)."""
    _, components = msgspec.json.schema_components(DOCUMENTED, ref_template="#/components/schemas/{name}")
    result.setdefault("components", {}).setdefault("schemas", {}).update({**components, "Problem": PROBLEM})
    result["components"]["securitySchemes"] = SECURITY_SCHEMES
    for operations in result["paths"].values():
        for operation in operations.values():
            _without_body(operation["responses"])
            operation.get("requestBody", {})["required"] = True
    return result


def _without_body(responses: dict[str, Any]) -> None:
    """A 304 has no body, which drf-spectacular cannot say of one that has a description."""
    if "304" in responses:
        responses["304"].pop("content", None)


@cache
def schema_document() -> Document:
    """Build the schema, once in the life of a process."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return Document.of(msgspec.json.encode(schema), ["schema"])


SCHEMA = register(
    DocumentKind(name="schema", route="schema", build=lambda _: schema_document(), seconds=86_400)
)
