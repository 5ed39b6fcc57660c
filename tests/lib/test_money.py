"""Money is exact, and is written with the digits of its currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torg.lib.money import CURRENCY_DIGITS, MAX_AMOUNT, amount_text, rounded

amounts = st.decimals(min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT, places=6)
currencies = st.sampled_from(sorted(CURRENCY_DIGITS))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("19.9", "EUR", "19.90"),
        ("0", "EUR", "0.00"),
        ("2000", "JPY", "2000"),
        ("2000.00", "JPY", "2000"),
        ("1E+3", "USD", "1000.00"),
        ("9999999999.99", "USD", "9999999999.99"),
        ("0.005", "EUR", "0.01"),
        ("0.015", "EUR", "0.02"),
        ("0.025", "EUR", "0.03"),
        ("0.0049999", "EUR", "0.00"),
        ("2.5", "JPY", "3"),
        ("-0.005", "EUR", "-0.01"),
    ],
)
def test_an_amount_is_written_with_the_digits_of_its_currency_rounded_half_up(amount, currency, text):
    assert amount_text(Decimal(amount), currency) == text


@given(amounts, currencies)
def test_rounding_moves_by_half_of_the_last_digit_at_most_and_only_once(amount, currency):
    once = rounded(amount, currency)
    assert abs(once - amount) <= Decimal("0.5").scaleb(-CURRENCY_DIGITS[currency])
    assert once.as_tuple().exponent == -CURRENCY_DIGITS[currency]
    assert rounded(once, currency) == once


@given(amounts, currencies)
def test_what_is_written_is_what_was_rounded(amount, currency):
    text = amount_text(amount, currency)
    assert Decimal(text) == rounded(amount, currency)
    assert "E" not in text


def test_every_currency_is_a_code_of_three_letters_with_digits_that_fit_the_columns():
    assert len(CURRENCY_DIGITS) > 140
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCY_DIGITS)
    assert set(CURRENCY_DIGITS.values()) == {0, 2}
    assert (CURRENCY_DIGITS["EUR"], CURRENCY_DIGITS["JPY"], CURRENCY_DIGITS["HUF"]) == (2, 0, 2)


def test_a_currency_that_is_not_known_is_an_error():
    with pytest.raises(KeyError):
        rounded(Decimal(1), "XXX")
