"""The kinds of documents as they are declared: names, lifetimes, what is warmed, what is open."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.shop import add_category, add_product
from torg.caching.kinds import kind_named, kinds, register
from torg.config.environment import CACHED
from torg.lib.keyset import Cursor
from torg.lib.parameters import WrongParameters
from torg.pages.product_list import PRODUCTS
from torg.pages.product_list_query import ORDERS, PARAMETERS, ProductListQuery


def test_every_kind_has_a_setting_for_its_lifetime():
    assert {kind.name for kind in kinds()} == set(CACHED)


def test_a_kind_lives_as_long_as_it_is_declared_unless_a_setting_says_otherwise(settings):
    declared = {kind.name: kind.lifetime for kind in kinds()}
    assert declared == {
        "product": 3600,
        "products": 900,
        "featured": 1800,
        "category_tree": 3600,
        "categories": 3600,
        "category": 3600,
        "schema": 86_400,
    }
    settings.TORG_CACHE_SECONDS = {"product": 7200, "featured": 10}
    settings.TORG_CACHE_MAX_AGE = 1000
    names = ("product", "featured", "products", "category")
    assert [kind_named(name).lifetime for name in names] == [1000, 10, 900, 1000]


def test_two_kinds_cannot_share_a_name():
    class Other:
        name = "product"

    with pytest.raises(ValueError, match="named product already"):
        register(Other())


def test_every_kind_is_asked_for_at_its_address():
    assert {
        kind.name: reverse(kind.route, kwargs={kind.place: "x"} if kind.place else {}) for kind in kinds()
    } == {
        "product": "/api/v1/products/x",
        "products": "/api/v1/products",
        "featured": "/api/v1/products/featured",
        "category_tree": "/api/v1/categories/tree",
        "categories": "/api/v1/categories",
        "category": "/api/v1/categories/x",
        "schema": "/api/v1/schema",
    }


def test_the_key_is_one_for_all_ways_to_ask():
    product, products = kind_named("product"), kind_named("products")
    assert product.key({"slug": "mug"}) == "product:mug?"
    one, other = ({"brand": ["b", "a"], "page_size": 20}, {"brand": ["a", "b"]})
    assert products.key(one) == products.key(other) == "products:?brand=a&brand=b"


@pytest.mark.parametrize(
    ("asked", "is_open"),
    [
        ({}, False),
        ({"category": "mugs", "sort": "price", "in_stock": True, "featured": False}, False),
        ({"brand": ["a"]}, True),
        ({"price_min": 1}, True),
        ({"price_max": 1}, True),
        ({"rating_min": 1}, True),
        ({"attr.size": ["L"]}, True),
        ({"category": "mugs", "page": 2}, True),
        ({"page_size": 10}, True),
        ({"cursor": "x"}, True),
    ],
)
def test_a_list_is_open_as_soon_as_there_is_no_end_of_its_like(asked, is_open):
    assert PRODUCTS.is_open(asked) is is_open


def test_nothing_but_lists_of_products_is_open():
    assert not any(kind.is_open({"limit": 3, "slug": "x"}) for kind in kinds() if kind is not PRODUCTS)


@pytest.mark.django_db
def test_what_is_warmed_is_what_there_is():
    kitchen = add_category("Kitchen")
    mugs = add_category("Mugs", parent=kitchen)
    add_category("Hidden", is_active=False)
    add_product("Mug", category=mugs)
    add_product("Cup", category=mugs)
    add_product("Gone", category=mugs, is_active=False)

    def warmed(group):
        return {kind.name: list(kind.every(group)) for kind in kinds() if group in kind.warmed_as}

    slugs = [{"slug": "kitchen"}, {"slug": "mugs"}]
    assert warmed("products") == {"product": [{"slug": "cup"}, {"slug": "mug"}]}
    assert warmed("categories") == {
        "products": [{}, {"category": "kitchen"}, {"category": "mugs"}],
        "category": slugs,
    }
    assert warmed("navigation") == {"category_tree": [{}], "categories": [{}]}
    assert warmed("homepage") == {"products": [{}], "featured": [{"limit": 8}, {}]}
    assert list(kind_named("schema").every("products")) == []


@pytest.mark.django_db
def test_no_more_products_are_warmed_than_the_setting_says(settings):
    settings.TORG_CACHE_WARM_LIMIT = 1
    add_product("Mug")
    add_product("Cup")
    assert list(kind_named("product").every("products")) == [{"slug": "cup"}]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["product", "category"])
def test_many_pages_take_one_statement_and_are_the_same_as_one_by_one(name):
    root = add_category("Root")
    for number in range(100):
        category = add_category(f"Thing {number}", parent=root)
        add_product(
            f"Thing {number}", category=category, variants=[{}, {}], images=["https://a.example/1.jpg"]
        )
    kind = kind_named(name)
    batch = [{"slug": f"thing-{number}"} for number in reversed(range(100))]
    with CaptureQueriesContext(connection) as statements:
        documents = kind.build_many([*batch, {"slug": "nothing"}])
    assert len(statements) == 1
    assert documents == [*(kind.build(asked) for asked in batch), None]
    assert len({document.etag for document in documents[:-1]}) == 100


@pytest.mark.django_db
def test_documents_carry_the_tags_of_all_that_can_change_them():
    kitchen = add_category("Kitchen")
    mugs = add_category("Mugs", parent=kitchen)
    mug = add_product("Mug", category=mugs)

    def tags(name, **asked):
        return set(kind_named(name).build(asked).tags)

    assert tags("product", slug="mug") == {
        f"product:{mug.pk}",
        f"category:{kitchen.pk}",
        f"category:{mugs.pk}",
    }
    assert tags("products") == {"products"}
    assert tags("products", brand=["x"]) == {"products"}
    assert tags("products", category="kitchen") == {f"products:category:{kitchen.pk}"}
    assert tags("featured") == {"products:featured"}
    assert tags("category_tree") == tags("categories") == {"categories", "product-counts"}
    assert tags("category", slug="mugs") == {"categories", f"product-counts:{mugs.pk}"}
    assert tags("schema") == {"schema"}


@pytest.mark.django_db
def test_an_empty_list_is_not_worth_keeping():
    assert PRODUCTS.build({}).is_kept is False
    add_product("Mug")
    assert PRODUCTS.build({}).is_kept is True
    assert PRODUCTS.build({"brand": ["nobody"]}).is_kept is False


@pytest.mark.django_db
def test_what_is_wrong_only_beside_the_data_is_told_as_a_wrong_parameter():
    with pytest.raises(WrongParameters) as caught:
        PRODUCTS.build({"category": "nowhere"})
    assert [error["field"] for error in caught.value.errors] == ["category"]


WORDS = st.text("abc é/&=+%", min_size=1, max_size=5)
SENT = st.fixed_dictionaries(
    {},
    optional={
        "category": WORDS,
        "brand": st.lists(WORDS, min_size=1, max_size=4),
        "price_min": st.sampled_from(["0", "0.10", "5", "05.00"]),
        "price_max": st.sampled_from(["5.0", "10", "9999999999.99"]),
        "in_stock": st.sampled_from(["true", "false"]),
        "featured": st.sampled_from(["true", "false"]),
        "rating_min": st.sampled_from(["1", "4.50", "5.0"]),
        "attr.size": st.lists(WORDS, min_size=1, max_size=3),
        "attr.größe": st.lists(WORDS, min_size=1, max_size=3),
        "sort": st.sampled_from(list(ORDERS)),
        "page_size": st.sampled_from(["1", "20", "050", "100"]),
        "cursor": st.builds(Cursor, WORDS, st.lists(WORDS).map(tuple), st.booleans()).map(Cursor.encoded),
    },
)


@given(SENT)
def test_a_link_asks_for_what_was_asked(sent):
    asked = PARAMETERS.read(sent)
    address = ProductListQuery.of(asked).url(cursor=asked.get("cursor"))
    assert PARAMETERS.read(parse_qsl(urlsplit(address).query)) == asked
    assert PARAMETERS.read(PARAMETERS.texts_of(asked)) == asked
