"""The words from which the demo shop is made. No brand in it exists, as far as we know."""

from torg.imports.demo.vocabulary.clothing import CLOTHING
from torg.imports.demo.vocabulary.colours import COLOURS
from torg.imports.demo.vocabulary.decor import DECOR
from torg.imports.demo.vocabulary.desk import DESK
from torg.imports.demo.vocabulary.furniture import FURNITURE
from torg.imports.demo.vocabulary.kitchen import KITCHEN
from torg.imports.demo.vocabulary.outdoor import OUTDOOR
from torg.imports.demo.vocabulary.series import ORIGINS, PROMISES, SERIES
from torg.imports.demo.vocabulary.textiles import TEXTILES
from torg.imports.demo.vocabulary.words import Department, Group, Kind, Shelf

DEPARTMENTS = (KITCHEN, FURNITURE, DECOR, TEXTILES, CLOTHING, OUTDOOR, DESK)

__all__ = [
    "COLOURS", "DEPARTMENTS", "ORIGINS", "PROMISES", "SERIES", "Department", "Group", "Kind", "Shelf",
]  # fmt: skip
