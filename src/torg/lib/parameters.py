"""Query parameters: declared once, read strictly, and written in one way, however they were sent."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypedDict

from torg.lib.money import MAX_AMOUNT

LONGEST_TEXT = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Sent = Iterable[tuple[str, str | Sequence[str]]]
"""Names with their texts, one or several; a name may come again."""


class FieldError(TypedDict):
    """One thing that is wrong with the input: which field, a stable code, and what to do."""

    field: str
    code: str
    detail: str


class WrongValue(ValueError):
    """A parameter's value is not allowed; the message says what is."""


class WrongParameters(ValueError):
    """Parameters cannot be used; ``errors`` names every wrong one."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(", ".join(error["field"] for error in errors))
        self.errors = errors


def wrong_value(name: str, detail: str) -> FieldError:
    """Say of the parameter ``name`` what is allowed."""
    return FieldError(field=name, code="invalid_value", detail=detail)


def canonical_text(value: Any) -> str:
    """Write a value in the one way that all equal values share: ``true``, ``10`` for ``10.00``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A query parameter. ``parse`` gives its value or raises ``WrongValue``, and ``write`` a text to be parsed again.

    One whose name ends in a dot stands for all that begin so (``attr.size``). To send the ``default`` is to send
    nothing. ``description``, ``schema`` (JSON Schema of one value) and ``example`` are for whoever reads about it.
    """

    name: str
    parse: Callable[[str], Any]
    description: str
    schema: dict[str, Any]
    example: Any = None
    default: Any = None
    is_repeatable: bool = False
    write: Callable[[Any], str] = canonical_text


def _nothing(_: Mapping[str, Any]) -> Iterable[FieldError]:
    return ()


@dataclass(frozen=True)
class Parameters:
    """All query parameters that an address takes. ``contradictions`` finds what is wrong between their values."""

    known: tuple[Parameter, ...] = ()
    contradictions: Callable[[Mapping[str, Any]], Iterable[FieldError]] = _nothing
    by_name: dict[str, Parameter] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {parameter.name: parameter for parameter in self.known})

    def read(self, sent: Sent | Mapping[str, str | Sequence[str]]) -> dict[str, Any]:
        """Return the values that were sent, by name, without those that are the default; a repeatable one's are a list.

        All ways to ask for the same give equal values. Raises ``WrongParameters`` that names every parameter that is
        unknown or has a value that is not allowed.
        """
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        for name, texts in _gathered(sent).items():
            parameter = self._named(name)
            if parameter is None:
                errors.append(
                    FieldError(field=name[:100], code="unknown_parameter", detail=self._what_is_known())
                )
                continue
            try:
                value = _parsed(parameter, texts)
            except WrongValue as error:
                errors.append(wrong_value(name[:100], str(error)))
                continue
            if value != parameter.default:
                values[name] = value
        errors = errors or list(self.contradictions(values))
        if errors:
            raise WrongParameters(errors)
        return values

    def texts_of(self, values: Mapping[str, Any]) -> list[tuple[str, str | list[str]]]:
        """Return the texts that ``values`` are read from, one way for all that are equal, in the order of declaration.

        Defaults, and what is no parameter, are left out.
        """
        texts: list[tuple[str, str | list[str]]] = []
        for parameter in self.known:
            name = parameter.name
            names = sorted(each for each in values if each.startswith(name)) if name.endswith(".") else [name]
            for each in names:
                value = values.get(each)
                if value is None or value == parameter.default:
                    continue
                if parameter.is_repeatable:
                    texts.append((each, sorted({parameter.write(one) for one in value})))
                else:
                    texts.append((each, parameter.write(value)))
        return texts

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


def _gathered(sent: Sent | Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    pairs = sent.items() if isinstance(sent, Mapping) else sent
    gathered: dict[str, list[str]] = {}
    for name, texts in pairs:
        those = gathered.setdefault(unicodedata.normalize("NFC", name), [])
        those.extend([texts] if isinstance(texts, str) else texts)
    return gathered


def _parsed(parameter: Parameter, texts: list[str]) -> Any:
    if parameter.is_repeatable:
        if len(texts) > 50:
            raise WrongValue("May be given at most 50 times.")
        return sorted({parameter.parse(text) for text in texts})
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
