"""The tree of categories: departments, groups, shelves, and in a large shop one for each make of a kind."""

from uuid import UUID

from torg.catalogue.models import Category
from torg.imports.demo.plan import Plan
from torg.imports.demo.vocabulary import DEPARTMENTS, Kind
from torg.imports.demo.vocabulary.words import MAKES_OF_A_KIND
from torg.lib.text import slug_from


class Tree:
    """The categories of a planned shop, parents before children, and where each product stands."""

    def __init__(self, plan: Plan) -> None:
        self.categories: list[Category] = []
        self._plan = plan
        self._shelves: dict[str, tuple[Kind, Category]] = {}
        self._places: dict[tuple[str, str], UUID] = {}
        for place, department in enumerate(DEPARTMENTS):
            root = self._add(department.name, None, place, description=department.description)
            for group_place, group in enumerate(department.groups):
                branch = self._add(group.name, root, group_place)
                for shelf_place, shelf in enumerate(group.shelves):
                    category = self._add(shelf.name, branch, shelf_place)
                    self._shelves |= {kind.code: (kind, category) for kind in shelf.kinds}
        self._add_makes()

    def category_of(self, kind: Kind, make: str) -> UUID:
        """Return the id of the category for this make of a kind: its own, or the kind's shelf."""
        return self._places.get((kind.code, make)) or self._shelves[kind.code][1].id

    def _add_makes(self) -> None:
        for number in range(MAKES_OF_A_KIND):
            for kind, shelf in self._shelves.values():
                if len(self.categories) >= self._plan.categories:
                    return
                category = self._add(f"{kind.makes[number]} {kind.plural}", shelf, number)
                self._places[kind.code, kind.makes[number]] = category.id

    def _add(self, name: str, parent: Category | None, place: int, *, description: str = "") -> Category:
        slug = slug_from(name, 200)
        category = Category(
            id=self._plan.category_id(slug),
            parent=parent,
            name=name,
            slug=slug,
            description=description,
            sort_order=place,
        )
        self.categories.append(category)
        return category
