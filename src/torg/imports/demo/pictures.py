"""Pictures of the demo shop's products: drawings in SVG, one for each kind, colour and view.

Products of the same kind and colour share them, so a million products need no more files than two thousand.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from string import Template

from torg.imports.demo.shapes import SHAPES, Shape
from torg.imports.demo.vocabulary import COLOURS, DEPARTMENTS

FOLDER = "demo"
VIEWS = ("", "-at-home", "-close-up")
"""What file names end in: the product alone, in a room, and from near."""

_FIXED_COLOURS = {
    "w": "#c79b6b", "x": "#96704b", "m": "#c3c8cc", "n": "#868e95", "k": "#34363b", "i": "#f6f1e7",
    "g": "#6f8f68", "hi": 'fill="#fff" opacity=".25"', "sh": 'fill="#000" opacity=".1"',
}  # fmt: skip
_SHADOWS = (
    '<radialGradient id="s"><stop offset="0" stop-opacity=".28"/><stop offset=".6" stop-opacity=".14"/>'
    '<stop offset="1" stop-opacity="0"/></radialGradient>'
    '<filter id="f" x="-20%" y="-20%" width="140%" height="150%">'
    '<feDropShadow dx="0" dy="10" stdDeviation="9" flood-opacity=".22"/></filter>'
)
_WARM, _COOL = "#f5f0e8", "#dfe5e6"


def picture_name(shape: str, colour: str, view: str = "") -> str:
    """Return the path of a picture below the folder of media, such as ``demo/mug-moss.svg``."""
    return f"{FOLDER}/{shape}-{colour.lower()}{view}.svg"


def draw(shape: str, colour: str, view: str = "") -> str:
    """Draw the product called ``shape`` in ``colour`` (one of ``COLOURS``), seen as ``view`` says, as SVG."""
    base = COLOURS[colour]
    drawn = SHAPES[shape]
    # What is light stands before something darker, and the other way round.
    backdrop = _mixed(base, _WARM if _lightness(base) < 0.7 else _COOL, 0.86)
    parts = {"": _alone, "-at-home": _at_home, "-close-up": _close_up}[view](drawn, backdrop)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><defs>{_SHADOWS}</defs>{parts}</svg>'
    )
    return Template(svg.replace("\n", "")).substitute(_FIXED_COLOURS, **_tones(base))


def write_pictures(media_root: Path) -> int:
    """Write all pictures below ``media_root``, each at once or not at all, and return how many there are."""
    (media_root / FOLDER).mkdir(parents=True, exist_ok=True)
    count = 0
    for shape, colour, view in _all_pictures():
        path = media_root / picture_name(shape, colour, view)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(draw(shape, colour, view), encoding="utf-8")
        draft.replace(path)
        count += 1
    return count


def _all_pictures() -> Iterator[tuple[str, str, str]]:
    for department in DEPARTMENTS:
        for group in department.groups:
            for shelf in group.shelves:
                for kind in shelf.kinds:
                    for colour in kind.colours:
                        for view in VIEWS:
                            yield kind.shape, colour, view


def _alone(shape: Shape, backdrop: str) -> str:
    glow = _mixed(backdrop, "#ffffff", 0.5)
    return (
        f'<path d="M0 0h400v400H0z" fill="{backdrop}"/><circle cx="200" cy="200" r="168" fill="{glow}"/>'
        + _placed(shape)
    )


def _at_home(shape: Shape, backdrop: str) -> str:
    wall, floor = _mixed(backdrop, "#c9b79f", 0.35), _mixed(backdrop, "#a98a68", 0.5)
    if shape.shadow is None:
        # What lies is seen from above, on boards.
        boards = "".join(f"M0 {y}h400" for y in (80, 160, 240, 320))
        return (
            f'<path d="M0 0h400v400H0z" fill="{floor}"/>'
            f'<path d="{boards}M90 0v80M290 80v80M150 160v80M330 240v80M60 320v80" stroke="#000" '
            f'stroke-opacity=".1" stroke-width="2"/>{_placed(shape, 0.82)}'
        )
    light = _mixed(wall, "#ffffff", 0.45)
    return (
        f'<path d="M0 0h400v400H0z" fill="{wall}"/><path d="M232 40h128v150H232z" fill="{light}"/>'
        f'<path d="M294 40v150M232 114h128" stroke="{wall}" stroke-width="6"/>'
        f'<path d="M0 286h400v114H0z" fill="{floor}"/><path d="M0 286h400v7H0z" fill="#000" opacity=".08"/>'
        f"{_placed(shape, 0.8)}"
    )


def _close_up(shape: Shape, backdrop: str) -> str:
    x, y = shape.focus
    near = _mixed(backdrop, "#8d8a84", 0.18)
    return (
        f'<path d="M0 0h400v400H0z" fill="{near}"/>'
        f'<g transform="translate({200 - 2 * x} {200 - 2 * y}) scale(2)">{_placed(shape)}</g>'
    )


def _placed(shape: Shape, scale: float = 1) -> str:
    if shape.shadow is None:
        placed = f'<g filter="url(#f)">{shape.drawing}</g>'
        origin = 200
    else:
        centre, half_width = shape.shadow
        shadow = f'<ellipse cx="{centre}" cy="320" rx="{half_width + 22}" ry="17" fill="url(#s)"/>'
        placed = shadow + shape.drawing
        origin = 340
    if scale == 1:
        return placed
    x, y = 200 * (1 - scale), origin * (1 - scale)
    return f'<g transform="translate({x:g} {y:g}) scale({scale})">{placed}</g>'


def _tones(base: str) -> dict[str, str]:
    return {
        "c": base,
        "l": _mixed(base, "#ffffff", 0.28),
        "p": _mixed(base, "#ffffff", 0.62),
        "d": _mixed(base, "#1d1a1f", 0.2),
        "e": _mixed(base, "#1d1a1f", 0.46),
    }


def _mixed(one: str, other: str, share: float) -> str:
    """Mix two colours written ``#rrggbb``; ``share`` is that of ``other``, from 0 to 1."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(first + (second - first) * share) for first, second in pairs).hex()


def _lightness(colour: str) -> float:
    red, green, blue = bytes.fromhex(colour[1:])
    return (0.3 * red + 0.59 * green + 0.11 * blue) / 255
