"""Query parameters: declared once, for reading them strictly and for the schema."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from torg.api.problems import FieldError, Refusal
from torg.lib.money import MAX_AMOUNT

LONGEST_TEXT = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class WrongValue(ValueError):
    """A parameter's value is not allowed; the message says what is."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A query parameter. ``parse`` gives its value or raises ``WrongValue``; the rest is for the schema.

    One whose name ends in a dot stands for all that begin so (``attr.size``).
    """

    name: str
    parse: Callable[[str], Any]
    description: str
    schema: dict[str, Any]
    example: Any = None
    is_repeatable: bool = False

    def for_schema(self) -> OpenApiParameter:
        """Describe it as OpenAPI does."""
        name = f"{self.name}NAME" if self.name.endswith(".") else self.name
        schema = {"type": "array", "items": self.schema} if self.is_repeatable else self.schema
        examples = [OpenApiExample("example", value=self.example)] if self.example is not None else []
        return OpenApiParameter(
            name, schema, OpenApiParameter.QUERY, description=self.description, examples=examples
        )


@dataclass(frozen=True)
class Parameters:
    """All query parameters that an address takes."""

    known: tuple[Parameter, ...] = ()
    by_name: dict[str, Parameter] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {parameter.name: parameter for parameter in self.known})

    def read(self, sent: QueryDict) -> dict[str, Any]:
        """Return the values that were sent, by name; a repeatable one's are a list.

        Raises ``Refusal`` (400) that names every parameter that is unknown or has a value that is not allowed.
        """
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        for sent_name, texts in sent.lists():
            name = unicodedata.normalize("NFC", sent_name)
            parameter = self._named(name)
            if parameter is None:
                errors.append(
                    FieldError(field=name[:100], code="unknown_parameter", detail=self._what_is_known())
                )
                continue
            try:
                values[name] = _parsed(parameter, texts)
            except WrongValue as error:
                errors.append(FieldError(field=name[:100], code="invalid_value", detail=str(error)))
        refuse_parameters(errors)
        return values

    def _named(self, name: str) -> Parameter | None:
        prefix, dot, rest = name.partition(".")
        if not dot:
            return self.by_name.get(name)
        return self.by_name.get(f"{prefix}.") if rest and not _CONTROL.search(rest) else None

    def _what_is_known(self) -> str:
        if not self.known:
            return "No parameters are known here."
        names = [f"{name}NAME" if name.endswith(".") else name for name in self.by_name]
        return f"Not known here. Known are: {', '.join(names)}."


def refuse_parameters(errors: Iterable[FieldError]) -> None:
    """Raise the ``Refusal`` that tells of ``errors``, if there are any."""
    found = list(errors)
    if found:
        names = ", ".join(error["field"] for error in found)
        raise Refusal(400, "invalid_parameters", f"These query parameters cannot be used: {names}.", found)


def _parsed(parameter: Parameter, texts: list[str]) -> Any:
    if parameter.is_repeatable:
        if len(texts) > 50:
            raise WrongValue("May be given at most 50 times.")
        return list(dict.fromkeys(parameter.parse(text) for text in texts))
    if len(texts) > 1:
        raise WrongValue("May be given only once.")
    return parameter.parse(texts[0])


def parse_text(text: str) -> str:
    """Read a text of 1 to 500 characters, none of them a control character."""
    text = unicodedata.normalize("NFC", text)  # As all texts of the shop are.
    if not text or len(text) > LONGEST_TEXT or _CONTROL.search(text):
        raise WrongValue(f"Must be 1 to {LONGEST_TEXT} characters, without control characters.")
    return text


def parse_boolean(text: str) -> bool:
    """Read ``true`` or ``false``."""
    if text not in {"true", "false"}:
        raise WrongValue("Must be true or false.")
    return text == "true"


def parse_amount(text: str) -> Decimal:
    """Read an amount of money in the shop's currency, such as ``19.99``."""
    if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,2})?", text):
        raise WrongValue(f"Must be an amount from 0 to {MAX_AMOUNT} with at most two digits after the point.")
    return Decimal(text)


def parse_rating(text: str) -> Decimal:
    """Read a rating, 1 to 5."""
    if not re.fullmatch(r"[1-4](\.[0-9]{1,2})?|5(\.0{1,2})?", text):
        raise WrongValue("Must be a number from 1 to 5 with at most two digits after the point.")
    return Decimal(text)


def integer_parser(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``low`` to ``high``."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise WrongValue(f"Must be a whole number from {low} to {high}.")
        return int(text)

    return parse


def choice_parser(allowed: Iterable[str]) -> Callable[[str], str]:
    """Return a reader of one of the ``allowed`` words."""
    words = list(allowed)

    def parse(text: str) -> str:
        if text not in words:
            raise WrongValue(f"Must be one of {', '.join(words)}.")
        return text

    return parse
