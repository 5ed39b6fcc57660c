"""Bring one batch of products into the shop, in one transaction."""

from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from torg.imports.categories import CategoryTree, reason_of, take_turns
from torg.imports.drafts import NotAcceptable, Offered, ProductDraft, Refusal
from torg.imports.staging import (
    StagedRows,
    attributes_json,
    count_changes,
    keep_only_changes,
    stage,
    unstage,
    write_changes,
)
from torg.lib.ids import uuid7

T = TypeVar("T")

OTHER = ("Other",)
"""The category of new products for which the file tells none."""

_ATTEMPTS = 5


@dataclass(slots=True)
class BatchOutcome:
    """What became of the products of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    variants_created: int = 0
    variants_updated: int = 0
    images: int = 0
    refused: list[tuple[Offered, Refusal]] = field(default_factory=list)

    def add(self, other: "BatchOutcome") -> None:
        """Count in what became of other products."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.variants_created += other.variants_created
        self.variants_updated += other.variants_updated
        self.images += other.images
        self.refused += other.refused


@dataclass(slots=True)
class _KnownVariant:
    id: UUID
    product_id: UUID
    product_slug: str
    has_stock: bool
    on_hand: int
    allocated: int
    is_tracked: bool


@dataclass(slots=True)
class _Known:
    """What the shop has of the batch before it is written."""

    by_slug: dict[str, UUID]
    by_sku: dict[str, tuple[UUID, str]]
    variants: dict[str, _KnownVariant]


@dataclass(slots=True)
class _Accepted:
    draft: ProductDraft
    product_id: UUID
    is_new: bool


def write_batch(
    batch: list[tuple[Offered, ProductDraft]], tree: CategoryTree, *, dry_run: bool
) -> BatchOutcome:
    """Create and update the products of the batch; those that contradict the shop are refused, and say why.

    What somebody else writes at the same moment can get between looking and writing; then all is done again.
    If PostgreSQL still refuses it, each half is written by itself, down to the product that is to blame.
    """
    try:
        return _write_with_retries(batch, tree, dry_run=dry_run)
    except (IntegrityError, DataError) as error:
        if len(batch) == 1:
            ((offered, draft),) = batch
            refusal = Refusal(offered.line, "slug", draft.slug, reason_of(error))
            return BatchOutcome(refused=[(offered, refusal)])
    middle = len(batch) // 2
    outcome = write_batch(batch[:middle], tree, dry_run=dry_run)
    outcome.add(write_batch(batch[middle:], tree, dry_run=dry_run))
    return outcome


def _write_with_retries(
    batch: list[tuple[Offered, ProductDraft]], tree: CategoryTree, *, dry_run: bool
) -> BatchOutcome:
    made_before = tree.created
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                outcome = _write(batch, tree, dry_run=dry_run)
                if outcome is not None:
                    return outcome
                transaction.set_rollback(True)
        except (IntegrityError, OperationalError, DataError) as error:
            is_final = attempt == _ATTEMPTS or isinstance(error, DataError)
            if not dry_run:
                tree.read_again()
                tree.created = made_before
            if is_final:
                raise
            continue
        tree.read_again()
        tree.created = made_before
    raise OperationalError("stock of the batch kept changing while it was written")


def _write(
    batch: list[tuple[Offered, ProductDraft]], tree: CategoryTree, *, dry_run: bool
) -> BatchOutcome | None:
    outcome = BatchOutcome()
    with connection.cursor() as cursor:
        if not dry_run:
            take_turns(cursor)
        known = _known(cursor, [draft for _, draft in batch])
        accepted = _accepted(batch, known, tree, outcome)
        tree.add_paths(path for each in accepted if (path := _path(each)))
        stage(cursor, _rows(accepted, known.variants, tree))
        keep_only_changes(cursor)
        counts = count_changes(cursor)
        if not dry_run and not write_changes(cursor):
            return None
        unstage(cursor)
    new_ids = {each.product_id for each in accepted if each.is_new}
    outcome.created = len(new_ids)
    outcome.updated = len(counts.changed_product_ids - new_ids)
    outcome.unchanged = len(accepted) - outcome.created - outcome.updated
    outcome.variants_created = counts.variants_created
    outcome.variants_updated = counts.variants_updated
    outcome.images = counts.images
    return outcome


def _path(each: _Accepted) -> tuple[str, ...] | None:
    if each.draft.category_path or each.draft.category_slug or not each.is_new:
        return each.draft.category_path
    return OTHER


def _known(cursor: CursorWrapper, drafts: list[ProductDraft]) -> _Known:
    cursor.execute(_KNOWN_PRODUCTS, [[draft.slug for draft in drafts], [draft.sku for draft in drafts]])
    products = cursor.fetchall()
    cursor.execute(_KNOWN_VARIANTS, [[variant.sku for draft in drafts for variant in draft.variants]])
    return _Known(
        by_slug={slug: product_id for product_id, slug, _ in products},
        by_sku={sku: (product_id, slug) for product_id, slug, sku in products},
        variants={row[0]: _KnownVariant(*row[1:]) for row in cursor.fetchall()},
    )


def _accepted(
    batch: list[tuple[Offered, ProductDraft]], known: _Known, tree: CategoryTree, outcome: BatchOutcome
) -> list[_Accepted]:
    accepted = []
    lines: dict[UUID, int] = {}
    for offered, draft in batch:
        try:
            product_id = _product_id(draft, known)
            if product_id in lines:
                raise NotAcceptable(
                    "sku", draft.sku, f"is of the product that line {lines[product_id]} changes"
                )
            _ensure_variants_fit(draft, product_id, known)
            _ensure_category_is_known(draft, tree)
        except NotAcceptable as error:
            outcome.refused.append((offered, error.refusal(offered.line)))
            continue
        if product_id is not None:
            lines[product_id] = offered.line
        accepted.append(_Accepted(draft, product_id or uuid7(), product_id is None))
    return accepted


def _product_id(draft: ProductDraft, known: _Known) -> UUID | None:
    """Find the product by slug, else by SKU; ``None`` for a new one."""
    by_slug = known.by_slug.get(draft.slug)
    by_sku, slug_of_sku = known.by_sku.get(draft.sku, (None, ""))
    if by_slug is not None and by_sku is not None and by_slug != by_sku:
        reason = f"is the SKU of the product {slug_of_sku}, and {draft.slug} is another one"
        raise NotAcceptable("sku", draft.sku, reason)
    return by_slug or by_sku


def _ensure_variants_fit(draft: ProductDraft, product_id: UUID | None, known: _Known) -> None:
    for variant in draft.variants:
        found = known.variants.get(variant.sku)
        if found is None:
            continue
        if found.product_id != product_id:
            reason = f"is the SKU of a variant of another product, {found.product_slug}"
            raise NotAcceptable("variant sku", variant.sku, reason)
        stock = variant.stock
        on_hand = found.on_hand if stock.on_hand is None else stock.on_hand
        is_tracked = found.is_tracked if stock.is_tracked is None else stock.is_tracked
        if is_tracked and on_hand < found.allocated:
            reason = f"is below the {found.allocated} of {variant.sku} that are allocated to orders"
            raise NotAcceptable("on_hand", str(on_hand), reason)


def _ensure_category_is_known(draft: ProductDraft, tree: CategoryTree) -> None:
    if draft.category_slug is not None and tree.id_of_slug(draft.category_slug) is None:
        reason = "is the slug of no category, here or earlier in the file"
        raise NotAcceptable("category", draft.category_slug, reason)


def _rows(accepted: list[_Accepted], variants: dict[str, _KnownVariant], tree: CategoryTree) -> StagedRows:
    rows = StagedRows()
    for each in accepted:
        rows.products.append(_product_row(each, tree))
        _add_variants(rows, each, variants)
        images = each.draft.images
        if images or (images is not None and not each.is_new):
            rows.pictures.append(
                (
                    each.product_id,
                    each.is_new,
                    any(image.file for image in images),
                    [uuid7() for _ in images],
                    [image.url for image in images],
                    [image.file for image in images],
                    [image.alt for image in images],
                )
            )
    return rows


def _product_row(each: _Accepted, tree: CategoryTree) -> tuple[Any, ...]:
    draft = each.draft
    return (
        each.product_id,
        each.is_new,
        _category_id(each, tree),
        draft.slug,
        draft.sku,
        draft.name,
        _told(each, draft.brand, default=""),
        _told(each, draft.description, default=""),
        draft.price,
        draft.compare_at_price,
        draft.keeps_compare_at_price,
        draft.is_free,
        _told(each, draft.is_active, default=True),
        _told(each, draft.is_featured, default=False),
        draft.created_at,
    )


def _told(each: _Accepted, told: T | None, *, default: T) -> T | None:
    """Return what the file tells; else the default for a new product, nothing for one that keeps its own."""
    return default if told is None and each.is_new else told


def _category_id(each: _Accepted, tree: CategoryTree) -> UUID | None:
    if each.draft.category_slug is not None:
        return tree.id_of_slug(each.draft.category_slug)
    path = _path(each)
    return tree.id_of_path(path) if path else None


def _add_variants(rows: StagedRows, each: _Accepted, known: dict[str, _KnownVariant]) -> None:
    for variant in each.draft.variants:
        found = known.get(variant.sku)
        variant_id = found.id if found else uuid7()
        is_new = found is None
        is_active = True if is_new and variant.is_active is None else variant.is_active
        attributes = {} if is_new and variant.attributes is None else variant.attributes
        rows.variants.append(
            (
                variant_id,
                is_new,
                each.product_id,
                variant.sku,
                variant.price,
                attributes_json(attributes),
                variant.position,
                is_active,
            )
        )
        stock = variant.stock
        has_stock = found is not None and found.has_stock
        rows.stock.append(
            (
                variant_id,
                not has_stock,
                each.product_id,
                stock.on_hand,
                stock.low_stock_threshold,
                stock.is_tracked,
            )
        )


_KNOWN_PRODUCTS = """
    SELECT id, slug, sku FROM catalogue_product WHERE slug = ANY(%s::text[])
    UNION SELECT id, slug, sku FROM catalogue_product WHERE sku = ANY(%s::text[])
"""
_KNOWN_VARIANTS = """
    SELECT variant.sku, variant.id, variant.product_id, product.slug, stock.variant_id IS NOT NULL,
           COALESCE(stock.on_hand, 0), COALESCE(stock.allocated, 0), COALESCE(stock.is_tracked, true)
    FROM catalogue_variant variant
    JOIN catalogue_product product ON product.id = variant.product_id
    LEFT JOIN inventory_stock stock ON stock.variant_id = variant.id
    WHERE variant.sku = ANY(%s::text[])
"""
