"""GET /api/v1/categories, /tree and /{slug}."""

import pytest

from tests.shop import add_category, add_product
from torg.catalogue.models import Category


@pytest.fixture
def tree(db):
    garden = add_category("Garden", sort_order=2)
    kitchen = add_category("Kitchen", sort_order=1, description="All for cooks.")
    mugs = add_category("Mugs", parent=kitchen, sort_order=5)
    bowls = add_category("Bowls", parent=kitchen, sort_order=5)
    espresso = add_category("Espresso", parent=mugs)
    hidden = add_category("Hidden", parent=garden, is_active=False)
    below = add_category("Below hidden", parent=hidden)
    for category, number in ((kitchen, 1), (bowls, 2), (espresso, 3), (below, 4), (garden, 1)):
        for _ in range(number):
            add_product(category=category)
    return {category.slug: str(category.pk) for category in Category.objects.all()}


def test_the_tree_is_whole_at_any_depth_and_in_menu_order(front, tree, django_assert_num_queries):
    def node(slug, name, count, *children):
        return {
            "id": tree[slug],
            "slug": slug,
            "name": name,
            "product_count": count,
            "children": list(children),
        }

    with django_assert_num_queries(1):
        answer = front.json("/api/v1/categories/tree")
    assert answer == {
        "results": [
            node(
                "kitchen",
                "Kitchen",
                6,
                node("bowls", "Bowls", 2),
                node("mugs", "Mugs", 3, node("espresso", "Espresso", 3)),
            ),
            node("garden", "Garden", 1),
        ]
    }


def test_the_roots_come_with_their_children(front, tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        roots = front.json("/api/v1/categories")["results"]
    assert [(root["slug"], root["product_count"]) for root in roots] == [("kitchen", 6), ("garden", 1)]
    assert [[child["slug"] for child in root["children"]] for root in roots] == [["bowls", "mugs"], []]
    assert set(roots[0]["children"][0]) == {"id", "slug", "name", "product_count"}


def test_one_category_has_its_place_and_its_count(front, tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        mugs = front.json("/api/v1/categories/mugs")
    assert mugs == {
        "id": tree["mugs"],
        "slug": "mugs",
        "name": "Mugs",
        "product_count": 3,
        "description": "",
        "ancestors": [{"slug": "kitchen", "name": "Kitchen"}],
        "children": [{"id": tree["espresso"], "slug": "espresso", "name": "Espresso", "product_count": 3}],
    }
    assert front.json("/api/v1/categories/garden")["children"] == []
    assert front.json("/api/v1/categories/kitchen")["description"] == "All for cooks."


def test_counts_agree_with_the_lists(front, tree):
    for slug in ("kitchen", "mugs", "bowls", "espresso", "garden"):
        page = front.json(f"/api/v1/products?category={slug}")
        assert (
            page["count"] == len(page["results"]) == front.json(f"/api/v1/categories/{slug}")["product_count"]
        )


@pytest.mark.parametrize("slug", ["hidden", "below-hidden", "nowhere"])
def test_what_is_not_visible_is_not_there(front, tree, slug):
    assert front.refusal(f"/api/v1/categories/{slug}", 404)["code"] == "not_found"


def test_a_tree_a_hundred_deep_is_answered(front):
    parent = None
    for depth in range(100):
        parent = add_category(f"Level {depth}", parent=parent)
    node = front.json("/api/v1/categories/tree")["results"][0]
    for depth in range(100):
        assert node["name"] == f"Level {depth}"
        node = node["children"][0] if node["children"] else None
    assert node is None
