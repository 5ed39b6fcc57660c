"""Query parameters as OpenAPI tells of them."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from torg.lib.parameters import Parameter


def parameter_for_schema(parameter: Parameter) -> OpenApiParameter:
    """Describe ``parameter`` as OpenAPI does."""
    name = f"{parameter.name}NAME" if parameter.name.endswith(".") else parameter.name
    schema = {"type": "array", "items": parameter.schema} if parameter.is_repeatable else parameter.schema
    examples = [OpenApiExample("example", value=parameter.example)] if parameter.example is not None else []
    return OpenApiParameter(
        name, schema, OpenApiParameter.QUERY, description=parameter.description, examples=examples
    )
