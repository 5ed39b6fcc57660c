"""The tree of categories while a file is imported: what is there, and what the file adds."""

from collections.abc import Iterable
from uuid import UUID

from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from torg.catalogue.category import DEEPEST, RESERVED_SLUG
from torg.catalogue.models import Category
from torg.imports.drafts import CategoryDraft, NotAcceptable
from torg.lib.ids import uuid7
from torg.lib.text import slug_from

_SLUG_LIMIT = 200

_Row = tuple[UUID, UUID | None, str, str, str, bool, int]
Place = tuple[UUID | None, str]
"""A category by its parent's id and its own name: what no two categories share."""


class CategoryTree:
    """All categories by place and by slug; those that the file needs are added, unless it is only tried out.

    Meant for one run, which reads it again when somebody else has changed categories meanwhile.
    """

    def __init__(self, *, is_dry: bool) -> None:
        self._is_dry = is_dry
        self.created = 0
        self.updated = 0
        self._by_place: dict[Place, UUID] = {}
        self._by_slug: dict[str, UUID] = {}
        self._slugs: dict[UUID, str] = {}
        self._parents: dict[UUID, UUID | None] = {}
        # The file may call a category by another slug than the shop does.
        self._aliases: dict[str, UUID] = {}
        self.read_again()

    def read_again(self) -> None:
        """Forget what was cached and read the tree; what a dry run would have made is forgotten too."""
        for cached in (self._by_place, self._by_slug, self._slugs, self._parents):
            cached.clear()
        for category_id, parent_id, name, slug in Category.objects.values_list(
            "id", "parent_id", "name", "slug"
        ):
            self._remember(category_id, parent_id, name, slug)

    def id_of_slug(self, slug: str) -> UUID | None:
        """Return the id of the category that the file calls ``slug``."""
        return self._by_slug.get(slug) or self._aliases.get(slug)

    def id_of_path(self, path: tuple[str, ...]) -> UUID:
        """Return the id of the category at the end of ``path``, which ``add_paths`` has seen."""
        category_id: UUID | None = None
        for name in path:
            category_id = self._by_place[category_id, name]
        assert category_id is not None  # noqa: S101  (a path is never empty)
        return category_id

    def add_paths(self, paths: Iterable[tuple[str, ...]]) -> None:
        """Make the categories that are missing on ``paths``, one statement for each level."""
        pending = list(dict.fromkeys(paths))
        for depth in range(max(map(len, pending), default=0)):
            missing: list[_Row] = []
            for path in pending:
                if len(path) > depth:
                    parent_id = self.id_of_path(path[:depth]) if depth else None
                    if (parent_id, path[depth]) not in self._by_place:
                        missing.append(self._new(parent_id, path[depth]))
            self._insert(missing)

    def _new(self, parent_id: UUID | None, name: str) -> _Row:
        category_id = uuid7()
        slug = self._free_slug(parent_id, name)
        self._remember(category_id, parent_id, name, slug)
        return category_id, parent_id, name, slug, "", True, 0

    def _free_slug(self, parent_id: UUID | None, name: str) -> str:
        slug = slug_from(name, _SLUG_LIMIT)
        if slug in self._by_slug and parent_id is not None:
            slug = f"{self._slugs[parent_id]}-{slug}"[:_SLUG_LIMIT].rstrip("-")
        free, number = slug, 1
        while free in self._by_slug or free == RESERVED_SLUG:
            number += 1
            free = f"{slug[: _SLUG_LIMIT - 8]}-{number}"
        return free

    def _insert(self, rows: list[_Row]) -> None:
        self.created += len(rows)
        if rows and not self._is_dry:
            with connection.cursor() as cursor:
                cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])

    def put(self, draft: CategoryDraft) -> bool:
        """Make or change one category as the file tells it; say whether that changed anything.

        What others have changed meanwhile is looked at again, once. Raises ``NotAcceptable`` if its parent is
        unknown or stands below it, if a sibling has its name, or if it would stand too deep.
        """
        if self._is_dry:
            return self._put(draft)
        counts = self.created, self.updated
        try:
            return self._put_in_turn(draft, looks_again=False)
        except (IntegrityError, DataError):
            self.created, self.updated = counts
        try:
            return self._put_in_turn(draft, looks_again=True)
        except (IntegrityError, DataError) as error:
            self.created, self.updated = counts
            self.read_again()
            raise NotAcceptable("slug", draft.slug, reason_of(error)) from error

    def _put_in_turn(self, draft: CategoryDraft, *, looks_again: bool) -> bool:
        with transaction.atomic():
            with connection.cursor() as cursor:
                take_turns(cursor)
            if looks_again:
                self.read_again()
            return self._put(draft)

    def _put(self, draft: CategoryDraft) -> bool:
        parent_id = self._parent_of(draft)
        by_place = self._by_place.get((parent_id, draft.name))
        category_id = self._by_slug.get(draft.slug) or by_place
        if category_id is None:
            self._ensure_not_too_deep(None, parent_id, draft)
            self._create(draft, parent_id)
            return True
        if by_place not in {None, category_id}:
            raise NotAcceptable("name", draft.name, "is the name of another category in the same place")
        self._ensure_not_below(category_id, parent_id, draft)
        if parent_id != self._parents[category_id]:
            self._ensure_not_too_deep(category_id, parent_id, draft)
        self._aliases[draft.slug] = category_id
        return self._update(category_id, draft, parent_id)

    def _parent_of(self, draft: CategoryDraft) -> UUID | None:
        if draft.parent is None:
            return None
        parent_id = self.id_of_slug(draft.parent)
        if parent_id is None:
            raise NotAcceptable(
                "parent", draft.parent, "is the slug of no category, here or earlier in the file"
            )
        return parent_id

    def _ensure_not_below(self, category_id: UUID, parent_id: UUID | None, draft: CategoryDraft) -> None:
        above = parent_id
        while above is not None:
            if above == category_id:
                raise NotAcceptable("parent", draft.parent or "", "stands below this category itself")
            above = self._parents[above]

    def _ensure_not_too_deep(
        self, category_id: UUID | None, parent_id: UUID | None, draft: CategoryDraft
    ) -> None:
        depth = 1
        while parent_id is not None:
            depth, parent_id = depth + 1, self._parents[parent_id]
        level = [] if category_id is None else self._children({category_id})
        while level:
            depth, level = depth + 1, self._children(set(level))
        if depth > DEEPEST:
            reason = f"puts categories {depth} deep, at most {DEEPEST} are allowed"
            raise NotAcceptable("parent", draft.parent or "", reason)

    def _children(self, parent_ids: set[UUID]) -> list[UUID]:
        return [each for each, parent_id in self._parents.items() if parent_id in parent_ids]

    def _create(self, draft: CategoryDraft, parent_id: UUID | None) -> None:
        category_id = uuid7()
        is_active = True if draft.is_active is None else draft.is_active
        told = (draft.description or "", is_active, draft.sort_order or 0)
        self._insert([(category_id, parent_id, draft.name, draft.slug, *told)])
        self._remember(category_id, parent_id, draft.name, draft.slug)

    def _update(self, category_id: UUID, draft: CategoryDraft, parent_id: UUID | None) -> bool:
        told = _told(draft) | {"name": draft.name, "parent_id": parent_id}
        now = Category.objects.filter(id=category_id).values(*told).first()
        if now is None or now == told:  # A dry run has not made those that are new in the file.
            return False
        self.updated += 1
        self._by_place = {place: each for place, each in self._by_place.items() if each != category_id}
        self._remember(category_id, parent_id, draft.name, self._slugs[category_id])
        if not self._is_dry:
            Category.objects.filter(id=category_id).update(**told)
        return True

    def _remember(self, category_id: UUID, parent_id: UUID | None, name: str, slug: str) -> None:
        self._by_place[parent_id, name] = category_id
        self._by_slug[slug] = category_id
        self._slugs[category_id] = slug
        self._parents[category_id] = parent_id


def take_turns(cursor: CursorWrapper) -> None:
    """Wait for other imports to end their transaction, so two at once cannot make the same category or product."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('torg.imports'))")


def reason_of(error: DatabaseError) -> str:
    """Say why PostgreSQL refused something: which constraint it breaks, else what PostgreSQL said first."""
    diagnostics = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    return f"breaks the rule {name}" if name else f"cannot be kept: {str(error).partition(chr(10))[0]}"


def _told(draft: CategoryDraft) -> dict[str, object]:
    told = {"description": draft.description, "is_active": draft.is_active, "sort_order": draft.sort_order}
    return {name: value for name, value in told.items() if value is not None}


_INSERT = """
    INSERT INTO catalogue_category
        (id, parent_id, name, slug, description, is_active, sort_order, path, is_visible, own_product_count)
    SELECT id, parent_id, name, slug, description, is_active, sort_order, '{}', false, 0
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::int[])
         AS missing (id, parent_id, name, slug, description, is_active, sort_order)
"""
