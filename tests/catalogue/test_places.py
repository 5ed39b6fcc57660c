"""On what the triggers of ``torg.catalogue.places`` rely."""

import pytest
from django.db import connection

from torg.catalogue.places import PRODUCT_PLACE, VARIANT_PLACE

pytestmark = pytest.mark.django_db

# Those that fire before a row is updated, and may make of it what they like.
BEFORE_AN_UPDATE = """
    SELECT tgname FROM pg_trigger
    WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgtype & 1 <> 0 AND tgtype & 2 <> 0 AND tgtype & 16 <> 0
"""
ON_COLUMNS = """
    SELECT regexp_replace(tgname, '^pgtrigger_(.*)_[0-9a-f]*$', '\\1'), array_agg(attname::text ORDER BY attname)
    FROM pg_trigger JOIN pg_attribute ON attrelid = tgrelid AND attnum = ANY (tgattr)
    WHERE tgrelid = %s::regclass AND tgname ~ '_(await_parts|await_stock|go_elsewhere)_'
    GROUP BY 1
"""


def rows(query, table):
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        return cursor.fetchall()


@pytest.mark.parametrize("table", ["catalogue_product", "catalogue_variant"])
def test_no_trigger_moves_a_row_in_a_statement_that_does_not(table):
    names = [name for (name,) in rows(BEFORE_AN_UPDATE, table)]
    assert all(name.startswith("pgtrigger_stamp_updated_") for name in names)


@pytest.mark.parametrize(
    ("table", "place", "names"),
    [
        ("catalogue_product", PRODUCT_PLACE, {"await_parts", "await_stock", "go_elsewhere"}),
        ("catalogue_variant", VARIANT_PLACE, {"await_stock", "go_elsewhere"}),
    ],
)
def test_who_moves_a_row_waits_where_the_statement_sets_its_place(table, place, names):
    assert dict(rows(ON_COLUMNS, table)) == {name: sorted(place) for name in names}
