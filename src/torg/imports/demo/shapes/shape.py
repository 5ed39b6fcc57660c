"""How a shape is written down.

A drawing is a fragment of SVG on a square of 400 by 400 whose floor is at y = 320. It takes its colours
by letter: ``$c`` the product's colour, ``$l`` and ``$p`` lighter, ``$d`` and ``$e`` darker; ``$w`` and
``$x`` wood, light and dark, ``$m`` and ``$n`` metal, light and dark, ``$k`` near black, ``$i`` ivory,
``$g`` leaf green; and ``$hi`` and ``$sh`` the attributes of a highlight and of a shade that lie over it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """The drawing of a kind of product."""

    drawing: str
    shadow: tuple[int, int] | None = None
    """Centre and half width on the floor for what stands; None for what lies or hangs."""
    focus: tuple[int, int] = (200, 200)
    """Where a close-up looks."""
