"""Every query of the read API uses an index at 100,000 products."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

LARGE = {"catalogue_product", "catalogue_variant", "catalogue_productimage", "inventory_stock"}
FILL = """
    INSERT INTO catalogue_category (id, parent_id, name, slug, description, is_active, sort_order, path, is_visible,
                                    own_product_count)
    SELECT lpad(to_hex(n), 32, '0')::uuid, CASE WHEN n > 20 THEN lpad(to_hex(n % 20 + 1), 32, '0')::uuid END,
           'Category ' || n, 'category-' || n, '', true, n, '{}', false, 0
    FROM generate_series(1, 500) AS n;

    INSERT INTO catalogue_product (id, category_id, name, slug, sku, brand, description, price, is_free, is_active,
                                   is_featured, rating_average, rating_count, created_at, updated_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n % 480 + 21), 32, '0')::uuid, 'Product ' || n, 'product-' || n,
           'SKU-' || n, 'Brand ' || n % 300, '', n % 500 + 1, false, n % 50 <> 0, n % 100 = 1,
           CASE WHEN n % 20 = 0 THEN n / 20 % 5 + 1 ELSE 0 END, CASE WHEN n % 20 = 0 THEN 1 ELSE 0 END,
           '2025-01-01'::timestamptz + n * interval '7 minutes', now()
    FROM generate_series(1, 100000) AS n;
    -- Foreign keys are checked at commit, by plans that suit what is known of the tables then.
    ANALYZE catalogue_product;

    INSERT INTO catalogue_variant (id, product_id, sku, attributes, position, is_active)
    SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, 'SKU-' || n,
           jsonb_build_object('size', (ARRAY['S', 'M', 'L'])[n % 3 + 1], 'color', 'Shade ' || n % 1000), 0, true
    FROM generate_series(1, 100000) AS n;
    ANALYZE catalogue_variant;

    INSERT INTO inventory_stock (variant_id, on_hand, allocated, low_stock_threshold, is_tracked)
    SELECT id, CASE WHEN right(sku, 1) = '7' THEN 0 ELSE 50 END, 0, 5, true FROM catalogue_variant;

    INSERT INTO catalogue_productimage (id, product_id, file, url, alt, position)
    SELECT id, id, '', 'https://pictures.example/' || sku, '', 0 FROM catalogue_product;
"""


@pytest.fixture(scope="module")
def _large_shop(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("ANALYZE")
        yield
        cursor.execute("TRUNCATE catalogue_category, catalogue_product CASCADE")


def large_scans(plan):
    """Name every large table that some node of ``plan`` reads from end to end."""
    found = (
        [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in LARGE else []
    )
    return found + [name for below in plan.get("Plans", []) for name in large_scans(below)]


def plans_of(path):
    """Ask for ``path`` and return the plan of each statement that it took."""
    with CaptureQueriesContext(connection) as statements:
        response = Client(headers={"host": "localhost"}).get(path)
    assert response.status_code == 200, response.content
    plans = {}
    with connection.cursor() as cursor:
        # What the embedded server says too: the shop's tables are in memory or on solid state.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        for statement in statements:
            if not statement["sql"].startswith("EXPLAIN"):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {statement['sql'].replace('%', '%%')}")
                plans[statement["sql"]] = cursor.fetchone()[0][0]["Plan"]
    assert plans
    return plans, response


SORTS = ["-created_at", "price", "-price", "name", "-rating"]
# Not among them: `in_stock`. Availability is of variants, so no index finds the products that have it or lack it; the
# count reads products until it has 10,000.
QUERIES = [
    *(f"products?sort={sort}" for sort in SORTS),
    *(f"products?sort={sort}&category=category-5" for sort in SORTS),
    *(f"products?sort={sort}&category=category-77" for sort in SORTS),
    "products?brand=Brand 7",
    "products?brand=Brand 7&brand=Brand 8&sort=price",
    "products?price_min=499&price_max=500",
    "products?price_max=3&sort=-price",
    "products?featured=true",
    "products?featured=true&category=category-77",
    "products?rating_min=5",
    "products?rating_min=4&sort=-rating",
    "products?attr.color=Shade 7",
    "products?attr.color=Shade 7&attr.size=L",
    "products?category=category-5&brand=Brand 7&price_max=100&in_stock=true&rating_min=2",
    "products?page=400&page_size=25",
    "products/product-77",
    "products/featured?limit=50",
    "categories",
    "categories/tree",
    "categories/category-5",
]


@pytest.mark.usefixtures("_large_shop")
@pytest.mark.django_db
@pytest.mark.parametrize("query", QUERIES)
def test_no_large_table_is_read_from_end_to_end(query):
    plans, _ = plans_of(f"/api/v1/{query}")
    assert {sql: large_scans(plan) for sql, plan in plans.items() if large_scans(plan)} == {}


@pytest.mark.usefixtures("_large_shop")
@pytest.mark.django_db
@pytest.mark.parametrize("sort", SORTS)
def test_a_page_deep_inside_begins_at_its_row(sort):
    _, response = plans_of(f"/api/v1/products?sort={sort}&page=100&page_size=100")
    last = json.loads(response.content)["results"][-1]
    first = json.loads(
        Client(headers={"host": "localhost"}).get(f"/api/v1/products?sort={sort}&page_size=1").content
    )
    plans, response = plans_of(first["next"].replace("page_size=1", "page_size=20"))
    assert last["id"] != json.loads(response.content)["results"][0]["id"]
    (plan,) = [plan for sql, plan in plans.items() if "LIMIT 21" in sql]
    conditions = [node.get("Index Cond", "") for node in nodes(plan)]
    assert any("ROW(" in condition for condition in conditions), "the cursor is not looked up in the index"


def nodes(plan):
    return [plan, *(node for below in plan.get("Plans", []) for node in nodes(below))]


INDEXES_NOT_SEEN_ABOVE = {
    "product_sku_unique": "a constraint",
    "variant_sku_unique": "a constraint",
    "category_name_unique_among_siblings": "a constraint",
}


@pytest.mark.usefixtures("_large_shop")
@pytest.mark.django_db
def test_every_index_is_used_by_some_query():
    used = {
        node["Index Name"]
        for query in QUERIES
        for plan in plans_of(f"/api/v1/{query}")[0].values()
        for node in nodes(plan)
        if "Index Name" in node
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT LIKE '%%_pkey'",
            [list(LARGE)],
        )
        existing = {row[0] for row in cursor.fetchall()}
    assert existing - used - set(INDEXES_NOT_SEEN_ABOVE) == set()
