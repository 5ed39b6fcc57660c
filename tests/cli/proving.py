"""Documents as the shop of a proof would answer with, made of versions alone."""

from torg.cli.prove.judge import Judge
from torg.cli.prove.world import CATEGORIES, COMETS, PARENTS, PRODUCTS, World, shown, stored

WORLD = World()


class Shop:
    """A shop in which every fact has version 0, but for ``versions`` by kind and slug."""

    def __init__(self, versions: dict[tuple[str, str], int] | None = None) -> None:
        self.versions = versions or {}

    def judge(self, **later: dict[tuple[str, str], int]) -> Judge:
        """A judge who knows these versions as acknowledged, and no later one attempted but for ``attempted``."""
        lowest = [self.versions.get((fact.kind, fact.slug), 0) for fact in WORLD.facts]
        attempted = later.get("attempted", {})
        return Judge(
            WORLD,
            lowest,
            [
                attempted.get((fact.kind, fact.slug), low)
                for fact, low in zip(WORLD.facts, lowest, strict=True)
            ],
        )

    def shown(self, kind: str, slug: str):
        return shown(WORLD.by_name[kind, slug], self.versions.get((kind, slug), 0))

    def stored(self, kind: str, slug: str):
        return stored(WORLD.by_name[kind, slug], self.versions.get((kind, slug), 0))

    def is_there(self, slug: str) -> bool:
        return slug in PRODUCTS or self.shown("comet", slug) is not None

    def place(self, slug: str) -> str:
        return self.shown("place", slug) if slug in PRODUCTS else "roving-deep"

    def path(self, slug: str) -> list[str]:
        moves = len(PARENTS[slug]) > 1
        parent = self.shown("category_place", slug) if moves else PARENTS[slug][0]
        return [*self.path(parent), slug] if parent else [slug]

    def link(self, slug: str) -> dict:
        return {"slug": slug, "name": self.stored("category_name", slug)}

    def card(self, slug: str) -> dict:
        is_comet = slug in COMETS
        category = self.link(self.place(slug))
        if is_comet:
            return {"slug": slug, "name": self.stored("comet", slug), "category": category}
        return {
            "slug": slug,
            "name": self.stored("name", slug),
            "price": {"amount": str(self.stored("price", slug))},
            "image": {"alt": self.stored("alt", slug)},
            "availability": self.shown("availability", slug),
            "is_featured": self.shown("featured", slug),
            "category": category,
        }

    def product(self, slug: str) -> dict | None:
        if not self.is_there(slug):
            return None
        page = self.card(slug)
        page["category"]["ancestors"] = [self.link(above) for above in self.path(self.place(slug))[:-1]]
        if slug in PRODUCTS:
            price = {"amount": str(self.stored("variant_price", slug))}
            page["variants"] = [{"price": price, "attributes": self.stored("attribute", slug)}]
        return page

    def products(self, *, category=None, featured=None, in_stock=None) -> dict:
        listed = [
            slug
            for slug in (*PRODUCTS, *COMETS)
            if self.is_there(slug)
            and (category is None or category in self.path(self.place(slug)))
            and (featured is None or (slug in PRODUCTS and self.shown("featured", slug) is featured))
            and (in_stock is None or self._is_in_stock(slug) is in_stock)
        ]
        return {"results": [self.card(slug) for slug in listed], "count": len(listed)}

    def _is_in_stock(self, slug: str) -> bool:
        return slug in COMETS or self.shown("availability", slug) != "out_of_stock"

    def _summary(self, slug: str) -> dict:
        return {**self.link(slug), "product_count": self.products(category=slug)["count"]}

    def _below(self, slug: str | None) -> list[str]:
        return [each for each in CATEGORIES if self.path(each)[:-1][-1:] == ([slug] if slug else [])]

    def category(self, slug: str) -> dict:
        return {
            **self._summary(slug),
            "ancestors": [self.link(above) for above in self.path(slug)[:-1]],
            "children": [self._summary(below) for below in self._below(slug)],
        }

    def tree(self, slug: str | None = None) -> dict:
        return {"results": [self._node(root) for root in self._below(slug)]}

    def _node(self, slug: str) -> dict:
        return {**self._summary(slug), "children": [self._node(below) for below in self._below(slug)]}
