"""Money: exact decimals with a currency, never a float."""

from decimal import ROUND_HALF_UP, Decimal

# ISO 4217: the currencies a shop can be run in, with the digits after the point that each has in trade.
# Amounts are kept as numeric(12, 2), so currencies with three digits are not among them.
CURRENCY_DIGITS = {
    **dict.fromkeys(
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
        "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
        "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR "
        "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
        "SSP STN SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG".split(),
        2,
    ),
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
}

MAX_AMOUNT = Decimal("9999999999.99")


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the digits of ``currency``, as invoices do."""
    return amount.quantize(Decimal(1).scaleb(-CURRENCY_DIGITS[currency]), rounding=ROUND_HALF_UP)


def amount_text(amount: Decimal, currency: str) -> str:
    """Write ``amount`` with exactly the digits of ``currency``: ``19.90`` in EUR, ``2000`` in JPY."""
    return format(rounded(amount, currency), "f")
