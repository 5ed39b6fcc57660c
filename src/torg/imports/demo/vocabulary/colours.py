"""The colours of the demo shop, and which of them suit what."""

COLOURS = {
    "Moss": "#77885a",
    "Sage": "#a6b49c",
    "Forest": "#3d5c4a",
    "Clay": "#b56a4c",
    "Terracotta": "#cb7450",
    "Ochre": "#d1993f",
    "Mustard": "#dcae3c",
    "Sand": "#d6c19d",
    "Oat": "#e7dcc7",
    "Ivory": "#f3ecdd",
    "Charcoal": "#43464c",
    "Slate": "#66737f",
    "Fog": "#b7c0c6",
    "Ink": "#2f405c",
    "Denim": "#507095",
    "Sky": "#9cbcd2",
    "Lagoon": "#3f8a8c",
    "Plum": "#70465f",
    "Rose": "#d3979a",
    "Blush": "#e8c4ba",
    "Berry": "#a4415c",
    "Walnut": "#6e4d38",
    "Oak": "#c59b6b",
    "Birch": "#e0c8a3",
    "Brass": "#c9a351",
    "Copper": "#b97752",
    "Steel": "#a4adb4",
    "Black": "#2e2e31",
}

GLAZES = ("Moss", "Oat", "Ink", "Clay", "Sky", "Charcoal", "Blush", "Ochre")
FABRICS = ("Oat", "Sage", "Ink", "Rose", "Mustard", "Slate", "Forest", "Terracotta")
GARMENTS = ("Charcoal", "Ivory", "Moss", "Denim", "Berry", "Sand", "Ink", "Rose")
WOODS = ("Oak", "Walnut", "Birch", "Black", "Forest", "Fog", "Clay", "Ink")
METALS = ("Steel", "Copper", "Brass", "Black", "Sage", "Ivory", "Ink", "Terracotta")
GEAR = ("Moss", "Charcoal", "Denim", "Clay", "Mustard", "Lagoon", "Plum", "Sand")
