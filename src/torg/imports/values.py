"""Single values of a file, read strictly; a ``ValueError`` says what is wrong, to be read after the value."""

import re
from decimal import Decimal

from torg.lib.money import CURRENCY_DIGITS, rounded

SKU_LIMIT = 100
SLUG_LIMIT = 255
NAME_LIMIT = 500
BRAND_LIMIT = 200
CATEGORY_NAME_LIMIT = 200
ATTRIBUTE_LIMIT = 255
URL_LIMIT = 2000
ALT_LIMIT = 500
MOST_UNITS = 2_147_483_647
MOST_VARIANTS = 2_000

_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,2})?")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,12}")
_SLUG = re.compile(r"[-a-zA-Z0-9_]+")
_SHOWN_LENGTH = 80


def amount_from(text: str, currency: str) -> Decimal:
    """Read a plain decimal such as ``19.90``: no sign, exponent, thousands separator or symbol."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(
            "is empty" if not text else "is not a plain amount such as 19.90, up to 9999999999.99"
        )
    amount = Decimal(text)
    if rounded(amount, currency) != amount:
        raise ValueError(f"has more decimals than the {CURRENCY_DIGITS[currency]} of {currency}")
    return amount


def units_from(text: str) -> int:
    """Read a number of units; fewer than none is none."""
    if not _WHOLE_NUMBER.fullmatch(text) or int(text) > MOST_UNITS:
        raise ValueError(f"is not a whole number up to {MOST_UNITS}")
    return max(int(text), 0)


def within(text: str, limit: int) -> str:
    """Return ``text`` if it has at most ``limit`` characters."""
    if len(text) > limit:
        raise ValueError(f"has {len(text)} characters, at most {limit} are allowed")
    return text


def web_address_from(text: str) -> str:
    """Read an address that begins with http:// or https:// and holds no white space."""
    if not text.startswith(("http://", "https://")) or any(character.isspace() for character in text):
        raise ValueError("is not an address that begins with http:// or https://")
    return within(text, URL_LIMIT)


def is_slug(text: str) -> bool:
    """Say whether ``text`` can be kept as a slug as it is."""
    return _SLUG.fullmatch(text) is not None


def shortened(text: str) -> str:
    """Cut a value to what a report shows, with bytes that are not UTF-8 spelled out."""
    shown = text.encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= _SHOWN_LENGTH else f"{shown[: _SHOWN_LENGTH - 1]}…"
