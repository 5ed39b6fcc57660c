"""A shop that is written to at random, by every road, while all that was asked for is asked for again and compared."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.pages import asking
from tests.pages.columns import CATEGORY_SLUGS, CHANGES, NEW, PRODUCT_SLUGS, row_of
from tests.pages.connections import OURS, PATIENCE, Elsewhere, run
from tests.pages.small_shop import TABLES, empty, fill, wait_until_transactions_are_over
from tests.pages.writing import (
    REFUSED,
    Change,
    Delete,
    Insert,
    NoSuchRow,
    Swap,
    Truncate,
    Update,
    Way,
    make,
)
from torg.caching import trust
from torg.caching.changes import invalidate
from torg.caching.document import Document
from torg.caching.kinds import Asked, DocumentKind, kinds
from torg.caching.memory import memory
from torg.caching.reading import Found, read
from torg.caching.redis import using
from torg.imports.import_catalogue import import_catalogue

MOST_ASKED = 60

tables = st.sampled_from(list(CHANGES))
updates = tables.flatmap(
    lambda table: st.builds(
        Update, row_of(table), st.sampled_from(range(len(CHANGES[table]))).flatmap(CHANGES[table].__getitem__)
    )
)
insertions = tables.flatmap(lambda table: st.builds(Insert, st.just(table), NEW[table]))
deletions = tables.flatmap(lambda table: st.builds(Delete, row_of(table)))
swaps = st.builds(
    Swap, st.sampled_from(["Category", "Product"]), st.tuples(st.integers(0, 4), st.integers(0, 4))
)
changes = st.one_of(updates, updates, updates, insertions, deletions, swaps)
some_changes = st.lists(changes, min_size=1, max_size=3)
ENDINGS = ("one by one", "atomic", "rolled back", "savepoint kept", "savepoint rolled back")


class Undone(Exception):
    """What was written is to be rolled back."""


class Answer(NamedTuple):
    """What comes of asking: a document, None, or an error in words."""

    document: Document | None
    error: str = ""


class Shop(RuleBasedStateMachine):
    """Each rule writes once; afterwards everything is read and compared with what is built anew."""

    hits: Counter[str] = Counter()
    """Of each kind, how many documents came from the cache and were compared."""
    patience = 0.0
    """For how many seconds to wait for transactions of other tests, which keep documents from being kept."""

    @initialize()
    def open_shop(self) -> None:
        run(PATIENCE)
        self.elsewhere = Elsewhere()
        self.asked: dict[str, tuple[DocumentKind, Asked]] = {}
        self.drawn: list[str] = []
        self.shown: list[tuple[DocumentKind, bytes]] = []
        empty()
        fill()
        for kind, asked in asking.from_the_start():
            self.ask(kind, asked)
        for _ in range(2):  # What there is no end of is kept when it is asked for again.
            self.compare()

    @rule(changes=some_changes, way=st.sampled_from(list(OURS)), ending=st.sampled_from(ENDINGS))
    def write(self, changes: list[Change], way: str, ending: str) -> None:
        self.trust_for_long()
        self.make(changes, OURS[way], ending)

    @rule(change=updates, way=st.sampled_from(list(OURS)))
    def update(self, change: Change, way: str) -> None:
        self.write([change], way, "one by one")

    @rule(change=insertions | deletions, way=st.sampled_from(list(OURS)))
    def insert_or_delete(self, change: Change, way: str) -> None:
        self.write([change], way, "one by one")

    @precondition(lambda self: not self.elsewhere.is_open)
    @rule(
        changes=some_changes,
        way=st.sampled_from(["by SQL", "by upsert", "by COPY"]),
        ending=st.sampled_from(ENDINGS),
    )
    def write_elsewhere(self, changes: list[Change], way: str, ending: str) -> None:
        self.make(changes, self.elsewhere.ways[way], ending)
        trust.forget()

    @precondition(lambda self: not self.elsewhere.is_open)
    @rule(change=changes, way=st.sampled_from(["by SQL", "by upsert", "by COPY"]))
    def begin_elsewhere(self, change: Change, way: str) -> None:
        self.elsewhere.begin()
        self.make([change], self.elsewhere.ways[way], "atomic")

    @precondition(lambda self: self.elsewhere.is_open)
    @rule(how=st.sampled_from(["COMMIT", "COMMIT", "ROLLBACK"]))
    def end_elsewhere(self, how: str) -> None:
        with suppress(*REFUSED):
            self.elsewhere.end(how)
        trust.forget()

    @rule(
        tables=st.sampled_from(["catalogue_productimage", "inventory_stock", TABLES]),
        ending=st.sampled_from(["one by one", "rolled back"]),
    )
    def truncate(self, tables: str, ending: str) -> None:
        self.trust_for_long()
        self.make([Truncate(tables)], OURS["by SQL"], ending)
        if tables == TABLES and ending != "rolled back":
            with suppress(*REFUSED):
                fill()

    @rule(
        slug=st.sampled_from(PRODUCT_SLUGS), category=st.sampled_from(CATEGORY_SLUGS),
        price=st.sampled_from(["10.00", "19.99"]), on_hand=st.sampled_from([0, 5, 500]),
    )  # fmt: skip
    def import_product(self, slug: str, category: str, price: str, on_hand: int) -> None:
        variant = {"sku": f"I-{slug}", "attributes": {"size": "L"}, "stock": {"on_hand": on_hand}}
        product = {"type": "product", "slug": slug, "sku": f"I-{slug}", "name": "Imported", "price": price}
        lines = [
            {"type": "torg-catalogue", "version": 1, "currency": "EUR"},
            {"type": "category", "slug": category, "name": category.capitalize()},
            {**product, "category": category, "variants": [variant], "is_featured": on_hand == 500},
        ]
        self.trust_for_long()
        with tempfile.TemporaryDirectory() as directory, suppress(*REFUSED):
            path = Path(directory) / "shop.jsonl"
            path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
            import_catalogue(path)

    @rule(data=st.data())
    def read_otherwise(self, data: st.DataObject) -> None:
        """Ask for something else, or for the same where it is found otherwise."""
        what = data.draw(st.sampled_from(["ask", "follow links", "forget memory", "invalidate"]))
        if what == "ask":
            self.ask(*data.draw(asking.questions()), is_drawn=True)
        elif what == "follow links":
            for kind, body in self.shown:
                for asked in asking.linked(kind, body):
                    self.ask(kind, asked, is_drawn=True)
        elif what == "forget memory":
            memory.clear()
        else:
            invalidate(data.draw(st.sampled_from(["products", "categories", "products:featured", "*"])))

    @invariant()
    def compare(self) -> None:
        if not hasattr(self, "asked"):
            return
        for kind, asked in asking.warmed():
            self.ask(kind, asked)
        if self.patience and not self.elsewhere.is_open:
            wait_until_transactions_are_over(self.patience)
        self.shown = []
        for key, (kind, asked) in self.asked.items():
            given = answer_of(lambda kind=kind, asked=asked: self.counted(kind, read(kind, asked)))
            anew = answer_of(lambda kind=kind, asked=asked: kind.build(asked))
            assert given == anew, _complaint(key, given, anew)
            if anew.document is not None:
                self.shown.append((kind, anew.document.body))

    def teardown(self) -> None:
        if hasattr(self, "elsewhere"):
            self.elsewhere.close()
        run("RESET lock_timeout")

    def make(self, changes: list[Change], way: Way, ending: str) -> None:
        with suppress(Undone):
            if ending == "one by one":
                for change in changes:
                    with self.refusals():
                        make(change, way)
                return
            with self.refusals(), way.transaction():
                make(changes[0], way)
                with suppress(Undone), way.transaction():
                    for change in changes[1:]:
                        make(change, way)
                    if ending == "savepoint rolled back":
                        raise Undone
                if ending == "rolled back":
                    raise Undone

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """The database may refuse what was drawn; nothing is written then."""
        try:
            yield
        except (*REFUSED, NoSuchRow) as error:
            note(f"refused: {str(error).splitlines()[0]}")

    def ask(self, kind: DocumentKind, asked: Asked, *, is_drawn: bool = False) -> None:
        """Ask for that from now on; of what was drawn, the oldest gives way."""
        key = kind.key(asked)
        if key in self.asked:
            return
        if is_drawn:
            self.drawn.append(key)
        self.asked[key] = (kind, asked)
        if self.drawn and len(self.asked) > MOST_ASKED:
            del self.asked[self.drawn.pop(0)]

    def trust_for_long(self) -> None:
        """Confirm now, so that what is written next is seen because of its own marks, not of a later confirmation."""
        using(trust.confirm)

    def counted(self, kind: DocumentKind, found: Found | None) -> Document | None:
        if found is None:
            return None
        self.hits[kind.name] += found.cache == "hit"
        return found.document


def answer_of(get: Any) -> Answer:
    """Return what comes of ``get``."""
    try:
        return Answer(get())
    except REFUSED:
        raise
    except Exception as error:
        return Answer(None, f"{type(error).__name__}: {getattr(error, 'errors', error)}")


def hits_missing(hits: Mapping[str, int]) -> list[str]:
    """Return the kinds of which no document was ever found in the cache: nothing was compared there."""
    return [kind.name for kind in kinds() if not hits[kind.name]]


def _complaint(key: str, given: Answer, anew: Answer) -> str:
    tags = given.document.tags if given.document else ()
    return (
        f"{key} is stale. A tag is missing among those it depends on, or one that a table announces.\n"
        f"  tags:  {', '.join(tags)}\n  given: {_shown(given)}\n  anew:  {_shown(anew)}"
    )


def _shown(answer: Answer) -> str:
    return answer.error or (
        f"{answer.document.body.decode()} {answer.document.tags}" if answer.document else "nothing"
    )
