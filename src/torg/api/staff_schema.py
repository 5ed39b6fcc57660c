"""What the OpenAPI document says about the addresses for the staff."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
)
from msgspec import Struct

from torg.api.examples import EXAMPLES
from torg.api.parameters import parameter_for_schema
from torg.lib.parameters import Parameters

Method = TypeVar("Method", bound=Callable[..., Any])

SECURITY_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The session of somebody who is signed in to the back office.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "The value of the `csrftoken` cookie; sent with what changes something.",
    },
}
_PROBLEMS = {
    400: "The input is not valid.",
    401: "Nobody is signed in.",
    403: "Whoever is signed in may not do this, or the CSRF token is missing.",
    404: "There is nothing at this address.",
    415: "The body is not JSON.",
}
_NO_PARAMETERS = Parameters()


def describe_staff(
    operation: str,
    *,
    answers: Mapping[int, tuple[type[Struct], str]],
    refusals: Iterable[int],
    parameters: Parameters = _NO_PARAMETERS,
    body: type[Struct] | None = None,
) -> Callable[[Method], Method]:
    """Describe a method of a view: its ``answers``, each a shape and when it is given, and what it may refuse."""
    responses: dict[Any, Any] = {
        (status, "application/json"): OpenApiResponse(
            _reference(shape), description=when, examples=[_example(shape)]
        )
        for status, (shape, when) in answers.items()
    }
    if body is None:
        responses[304, "application/json"] = OpenApiResponse(description="The caller's copy still holds.")
    for status in (401, 403, *refusals):
        responses[status, "application/problem+json"] = OpenApiResponse(
            {"$ref": "#/components/schemas/Problem"}, description=_PROBLEMS[status]
        )
    etag = OpenApiParameter(
        "ETag",
        {"type": "string", "pattern": '^"'},
        OpenApiParameter.HEADER,
        required=True,
        response=[*answers, *([] if body else [304])],
        description="A strong validator, for `If-None-Match`.",
    )
    decorate: Callable[[Method], Method] = extend_schema(
        operation_id=operation.lower().replace(" ", "_"),
        summary=operation,
        tags=["Staff"],
        auth=[{"session": [], **({"csrf": []} if body else {})}],  # type: ignore[list-item]
        parameters=[*(parameter_for_schema(each) for each in parameters.known), etag],
        request=_request(body),
        responses=responses,
    )
    return decorate


def _request(body: type[Struct] | None) -> Any:
    if body is None:
        return None
    return {"application/json": OpenApiRequest(_reference(body), examples=[_example(body)])}


def _reference(shape: type[Struct]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _example(shape: type[Struct]) -> OpenApiExample:
    return OpenApiExample(shape.__name__, value=EXAMPLES[shape.__name__])
