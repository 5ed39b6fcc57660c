"""Bed, bath and textiles."""

# ruff: noqa: RUF001  (the sign between two sizes)

from torg.imports.demo.vocabulary.colours import FABRICS, GLAZES, WOODS
from torg.imports.demo.vocabulary.words import Department, Group, Kind, Shelf

TEXTILES = Department(
    name="Bed & Bath",
    description="Soft things for sleeping, drying and coming home to.",
    brands=(
        "Loom & Lark",
        "Eider House",
        "Halden Weavers",
        "Softwater",
        "Lina Fell",
        "Morgentau",
        "Bay & Basin",
        "Old Mill Linen",
        "Nest & Nettle",
        "Tidefold",
    ),
    sentences=(
        "It feels good in the hand.",
        "The materials are certified free of harmful substances.",
        "It was made slowly, by people who have done so for decades.",
        "It keeps its shape and its colour.",
        "It makes an ordinary evening feel like a weekend.",
        "It goes with every other piece of the house.",
    ),
    care=(
        "Easy to keep clean",
        "Let it dry in the open air",
        "Do not bleach",
        "The colour stays as it is",
    ),
    groups=(
        Group(
            "Bedroom & Living",
            (
                Shelf(
                    "Cushions & Throws",
                    (
                        Kind(
                            shape="cushion",
                            noun="Cushion",
                            plural="Cushions",
                            code="CUS",
                            price=(19, 79),
                            colours=FABRICS,
                            weight=2,
                            sizes=("40 × 40 cm", "50 × 50 cm", "60 × 60 cm"),
                            bigger_costs_more=True,
                            makes=(
                                "Linen",
                                "Velvet",
                                "Bouclé",
                                "Mohair",
                                "Block-Print",
                                "Corduroy",
                                "Kantha",
                                "Fringed",
                            ),
                            openings=(
                                "A cushion with a feather filling that can be plumped up again.",
                                "A cushion with a hidden zip and two good sides.",
                            ),
                        ),
                        Kind(
                            shape="blanket",
                            noun="Throw",
                            plural="Throws",
                            code="THR",
                            price=(39, 219),
                            colours=FABRICS,
                            makes=(
                                "Lambswool",
                                "Merino",
                                "Waffle",
                                "Herringbone",
                                "Cotton",
                                "Alpaca",
                                "Recycled-Wool",
                                "Chunky",
                            ),
                            openings=(
                                "A throw that is long enough to share.",
                                "A warm throw that is lighter than it looks.",
                            ),
                        ),
                    ),
                ),
                Shelf(
                    "Rugs",
                    (
                        Kind(
                            shape="rug",
                            noun="Rug",
                            plural="Rugs",
                            code="RUG",
                            price=(79, 690),
                            colours=FABRICS,
                            sizes=("120 × 170 cm", "160 × 230 cm", "200 × 290 cm"),
                            bigger_costs_more=True,
                            makes=(
                                "Kilim",
                                "Jute",
                                "Flatweave",
                                "Tufted",
                                "Hand-Knotted",
                                "Berber-Style",
                                "Washable",
                                "Hemp",
                            ),
                            openings=(
                                "A rug that is quiet underfoot and easy to shake out.",
                                "A rug woven from wool that forgives almost everything.",
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Group(
            "Bathroom",
            (
                Shelf(
                    "Towels",
                    (
                        Kind(
                            shape="towel",
                            noun="Towel",
                            plural="Towels",
                            code="TOW",
                            price=(9, 59),
                            colours=FABRICS,
                            weight=2,
                            sizes=("50 × 100 cm", "70 × 140 cm", "100 × 150 cm"),
                            bigger_costs_more=True,
                            makes=(
                                "Terry",
                                "Waffle",
                                "Bamboo",
                                "Hammam",
                                "Organic",
                                "Spa",
                                "Ribbed",
                                "Long-Staple",
                            ),
                            openings=(
                                "A towel that drinks up water from the first day on.",
                                "A thick towel that still dries by the morning.",
                            ),
                        ),
                    ),
                ),
                Shelf(
                    "Bath Accessories",
                    (
                        Kind(
                            shape="dispenser",
                            noun="Soap Dispenser",
                            plural="Soap Dispensers",
                            code="SOA",
                            price=(14, 49),
                            colours=GLAZES,
                            makes=(
                                "Stone",
                                "Ceramic",
                                "Amber",
                                "Pebble",
                                "Refillable",
                                "Basin",
                                "Ridged",
                                "Terrazzo",
                            ),
                            openings=(
                                "A dispenser with a pump that never clogs.",
                                "A refillable dispenser that is heavy enough for one hand.",
                            ),
                        ),
                        Kind(
                            shape="basket",
                            noun="Basket",
                            plural="Baskets",
                            code="BAS",
                            price=(19, 89),
                            colours=WOODS,
                            makes=(
                                "Laundry",
                                "Seagrass",
                                "Rattan",
                                "Willow",
                                "Rope",
                                "Lidded",
                                "Market",
                                "Belly",
                            ),
                            openings=(
                                "A basket that hides what has to be hidden.",
                                "A basket with strong handles, woven by hand.",
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
