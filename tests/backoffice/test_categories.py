"""The tree of categories in the back office."""

import re

import pytest

from tests.shop import add_category, add_product
from torg.backoffice import categories
from torg.catalogue.models import Category

pytestmark = pytest.mark.django_db

LIST = "/backoffice/catalogue/category/"


def listed(page):
    rows = re.findall(r'<span title="([^"]*)" style="padding-left: ([\d.]+)rem">', page.content.decode())
    return [(names, float(indent)) for names, indent in rows]


def form_of(category, **changes):
    fields = {
        "name": category.name,
        "slug": category.slug,
        "parent": str(category.parent_id or ""),
        "description": category.description,
        "sort_order": str(category.sort_order),
        **({"is_active": "on"} if category.is_active else {}),
    }
    return fields | changes


@pytest.fixture
def tree():
    home = add_category("Home", sort_order=1)
    clothing = add_category("Clothing")
    shoes = add_category("Shoes", parent=clothing)
    add_category("Boots", parent=shoes)
    add_category("Shirts", parent=clothing)
    add_category("Lamps", parent=home)
    return {category.name: category for category in Category.objects.all()}


def test_categories_are_listed_as_a_tree_in_the_merchants_order(owner, tree):
    assert listed(owner.get(LIST)) == [
        ("Clothing", 0),
        ("Clothing / Shirts", 1.5),
        ("Clothing / Shoes", 1.5),
        ("Clothing / Shoes / Boots", 3),
        ("Home", 0),
        ("Home / Lamps", 1.5),
    ]


def test_a_longer_list_needs_no_more_statements(owner, tree, django_assert_num_queries):
    with django_assert_num_queries(4):  # session, user, count, rows
        owner.get(LIST)
    for number in range(30):
        add_category(f"Deep {number}", parent=tree["Boots"])
    with django_assert_num_queries(4):
        owner.get(LIST)


def test_search_and_filter_narrow_the_list(owner, tree):
    Category.objects.filter(name="Boots").update(is_active=False)
    assert listed(owner.get(LIST, {"q": "boot"})) == [("Clothing / Shoes / Boots", 3)]
    assert listed(owner.get(LIST, {"q": "lamps"})) == [("Home / Lamps", 1.5)]
    assert listed(owner.get(LIST, {"is_active__exact": "0"})) == [("Clothing / Shoes / Boots", 3)]


def test_a_parent_is_offered_with_the_names_above_it(owner, tree):
    question = {"app_label": "catalogue", "model_name": "category", "field_name": "parent", "term": "boo"}
    offered = owner.get("/backoffice/autocomplete/", question).json()["results"]
    assert offered == [{"id": str(tree["Boots"].pk), "text": "Clothing / Shoes / Boots"}]


def test_a_new_category_gets_its_slug_from_its_name(owner):
    fields = {"name": "  Große   Töpfe ", "slug": "", "parent": "", "description": "", "sort_order": "0"}
    assert owner.post(f"{LIST}add/", fields).status_code == 302
    assert list(Category.objects.values_list("name", "slug")) == [("Große Töpfe", "grosse-topfe")]


@pytest.mark.parametrize("below", ["Clothing", "Shoes", "Boots"])
def test_a_category_cannot_be_moved_below_itself(owner, tree, below):
    clothing = tree["Clothing"]
    page = owner.post(f"{LIST}{clothing.pk}/change/", form_of(clothing, parent=str(tree[below].pk)))
    assert page.status_code == 200
    assert page.context["adminform"].form.errors == {"parent": ["A category cannot stand below itself."]}
    clothing.refresh_from_db()
    assert (clothing.parent_id, clothing.path) == (None, [clothing.pk])


def test_what_only_the_database_refuses_is_told_on_the_form_too(owner, tree, monkeypatch):
    # As when somebody else moves a category between the check and the save.
    monkeypatch.setattr(categories.CategoryForm, "clean_parent", lambda form: form.cleaned_data["parent"])
    clothing = tree["Clothing"]
    fields = form_of(clothing, name="Clothes", parent=str(tree["Boots"].pk))
    page = owner.post(f"{LIST}{clothing.pk}/change/", fields)
    assert page.status_code == 200
    assert page.context["adminform"].form.errors == {"__all__": ["A category cannot stand below itself."]}
    assert [str(message) for message in page.context["messages"]] == []
    assert 'value="Clothes"' in page.content.decode()
    clothing.refresh_from_db()
    assert (clothing.parent_id, clothing.name) == (None, "Clothing")


def test_a_slug_or_a_siblings_name_is_not_given_twice(owner, tree):
    shoes = tree["Shoes"]
    page = owner.post(f"{LIST}{shoes.pk}/change/", form_of(shoes, name="Shirts", slug="lamps"))
    assert sorted(page.context["adminform"].form.errors["__all__"]) == [
        "A category of this name stands there already.",
        "Another category has this slug.",
    ]
    shoes.refresh_from_db()
    assert (shoes.name, shoes.slug) == ("Shoes", "shoes")


def test_an_empty_category_can_be_deleted(owner, tree):
    assert owner.post(f"{LIST}{tree['Lamps'].pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Category.objects.filter(name="Lamps").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [("Shoes", "1 category in “Shoes”"), ("Lamps", "2 products in “Lamps”")],
)
def test_a_category_that_is_not_empty_stays_and_the_page_says_why(owner, tree, name, said):
    add_product("One", category=tree["Lamps"])
    add_product("Two", category=tree["Lamps"])
    page = owner.post(f"{LIST}{tree[name].pk}/delete/", {"post": "yes"})
    assert page.status_code == 200
    assert f"{said}: move or delete them first" in page.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [str(tree[name].pk)], "post": "yes"}
    assert f"{said}: move or delete them first" in owner.post(LIST, chosen).content.decode()
    assert Category.objects.count() == 6


def test_a_category_that_fills_while_it_is_deleted_stays(owner, tree, monkeypatch):
    nothing_in_the_way = (["Clothing"], {"categories": 1}, set(), [])
    monkeypatch.setattr(
        categories.CategoryAdmin, "get_deleted_objects", lambda page, objs, request: nothing_in_the_way
    )
    answer = owner.post(f"{LIST}{tree['Clothing'].pk}/delete/", {"post": "yes"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "The category is not empty any more, so it stays."
    ]
    assert Category.objects.count() == 6
