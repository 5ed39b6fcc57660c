"""Categories: those at the top, the whole tree, and one."""

from typing import ClassVar

from torg.api.documents import DocumentView
from torg.api.schema import describe
from torg.pages.categories import CATEGORIES, CATEGORY, CATEGORY_TREE
from torg.pages.shapes import CategoryDetail, CategoryTree, RootCategories


@describe("List root categories", shape=RootCategories, kind=CATEGORIES, tag="Categories")
class RootCategoriesView(DocumentView):
    """The categories at the top, with the ones right below them."""

    kind: ClassVar = CATEGORIES


@describe("Get the category tree", shape=CategoryTree, kind=CATEGORY_TREE, tag="Categories")
class CategoryTreeView(DocumentView):
    """The whole tree, any depth, for navigation."""

    kind: ClassVar = CATEGORY_TREE


@describe("Get a category", shape=CategoryDetail, kind=CATEGORY, tag="Categories")
class CategoryDetailView(DocumentView):
    """One category with its ancestors, its children and how many products are in it."""

    kind: ClassVar = CATEGORY
