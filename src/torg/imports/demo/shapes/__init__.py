"""The drawings of the demo shop's products, by the name of the shape."""

from torg.imports.demo.shapes.clothing import CLOTHING_SHAPES
from torg.imports.demo.shapes.decor import DECOR_SHAPES
from torg.imports.demo.shapes.desk import DESK_SHAPES
from torg.imports.demo.shapes.furniture import FURNITURE_SHAPES
from torg.imports.demo.shapes.kitchen import KITCHEN_SHAPES
from torg.imports.demo.shapes.outdoor import OUTDOOR_SHAPES
from torg.imports.demo.shapes.shape import Shape
from torg.imports.demo.shapes.textiles import TEXTILES_SHAPES

SHAPES = {
    **KITCHEN_SHAPES,
    **FURNITURE_SHAPES,
    **DECOR_SHAPES,
    **TEXTILES_SHAPES,
    **CLOTHING_SHAPES,
    **OUTDOOR_SHAPES,
    **DESK_SHAPES,
}

__all__ = ["SHAPES", "Shape"]
