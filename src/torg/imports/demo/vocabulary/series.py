"""Names of product lines. The first products of a kind have none; later ones are told apart by it."""

SERIES = (
    "Harbour", "Juniper", "Fjord", "Meadow", "Hearth", "Solstice", "Atlas", "Willow", "Ember",
    "Coast", "Orchard", "Linden", "Quarry", "Heath", "Delta", "Alpine", "Cove", "Marlow", "Tundra",
    "Fable", "Canyon", "Birchwood", "Nimbus", "Prairie", "Lantern", "Dune", "Brook", "Cedar",
    "Pebble", "Horizon", "Thicket", "Wren", "Saffron", "Granite", "Clover", "Mistral", "Isle",
    "Copse", "Ridge", "Halcyon", "Sorrel", "Tern", "Vale", "Hollow", "Aurora", "Bramble", "Kestrel",
    "Summit",
)  # fmt: skip

ORIGINS = (
    "Made in small batches in Portugal",
    "Made in a family workshop in Slovenia",
    "Designed in Copenhagen, made in Lithuania",
    "Made in the Black Forest",
    "Finished by hand in northern Italy",
    "Made in Wales",
    "Made in a solar-powered mill in Spain",
    "Made in the Netherlands",
    "Designed in Vienna, made in Hungary",
    "Made in Estonia",
)

PROMISES = (
    "Spare parts are kept for ten years",
    "Packed without plastic",
    "Thirty days to change your mind",
    "Two-year guarantee",
    "Repaired free of charge in the first year",
    "Ships in recycled cardboard",
)
