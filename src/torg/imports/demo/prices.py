"""Prices that look like a shop's, in hundredths."""

from random import Random

from torg.imports.demo.vocabulary import Kind

_GROWTH_BY_SIZE = (1.0, 1.3, 1.7)


def price_of(kind: Kind, random: Random) -> int:
    """Choose a price between those of the kind; low ones are more common."""
    low, high = kind.price
    return as_price(100 * (low + (high - low) * random.random() ** 1.7))


def as_price(hundredths: float) -> int:
    """Round to what stands on a price tag: 24.95, 139.00, 1290.00."""
    whole = int(hundredths / 100)
    if whole < 100:
        return max(whole, 1) * 100 + (90 if whole % 4 == 1 else 95)
    if whole < 300:
        return (whole // 5 * 5 + 4) * 100
    if whole < 1000:
        return (whole // 10 * 10 + 9) * 100
    return (whole // 50 * 50 + 40) * 100


def price_before(price: int, random: Random) -> int:
    """Choose the price from which ``price`` was reduced; it is above it."""
    return max(as_price(price * (1.15 + 0.4 * random.random())), price + 100)


def prices_by_size(kind: Kind, price: int) -> list[int]:
    """Return the prices of the three sizes of a product; the first is ``price``, and none is below it."""
    if not kind.bigger_costs_more:
        return [price] * 3
    return [price, *(max(as_price(price * growth), price + 100) for growth in _GROWTH_BY_SIZE[1:])]
