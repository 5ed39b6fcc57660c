"""Categories: those at the top, the whole tree, and one."""

from typing import Any

from torg.api.documents import DocumentView
from torg.api.schema import describe
from torg.caching.document import Document
from torg.pages.categories import category_detail, category_tree, root_categories
from torg.pages.shapes import CategoryDetail, CategoryTree, RootCategories


@describe("List root categories", shape=RootCategories, tag="Categories")
class RootCategoriesView(DocumentView):
    """The categories at the top, with the ones right below them."""

    def document(self, values: dict[str, Any], **place: str) -> Document:  # noqa: ARG002
        """Return the roots."""
        return root_categories()


@describe("Get the category tree", shape=CategoryTree, tag="Categories")
class CategoryTreeView(DocumentView):
    """The whole tree, any depth, for navigation."""

    def document(self, values: dict[str, Any], **place: str) -> Document:  # noqa: ARG002
        """Return the tree."""
        return category_tree()


@describe("Get a category", shape=CategoryDetail, tag="Categories", can_be_missing=True)
class CategoryDetailView(DocumentView):
    """One category with its ancestors, its children and how many products are in it."""

    def document(self, values: dict[str, Any], **place: str) -> Document | None:  # noqa: ARG002
        """Return the category's page."""
        return category_detail(place["slug"])
