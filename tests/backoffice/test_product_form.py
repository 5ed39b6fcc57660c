"""The form of a product: the product, its variants with their stock, its pictures."""

from decimal import Decimal

import pytest

from tests.shop import add_category, add_product
from torg.backoffice.products import ProductAdmin
from torg.catalogue.models import Product, ProductImage, Variant
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db

LIST = "/backoffice/catalogue/product/"


def errors_of(page):
    """Collect what the page says is wrong: with the product, with all rows of a kind, and row by row."""
    assert page.status_code == 200
    found = {**page.context["adminform"].form.errors}
    for rows in page.context["inline_admin_formsets"]:
        for number, row in enumerate(rows.formset.errors):
            found |= {f"{rows.formset.prefix}-{number}-{name}": told for name, told in row.items()}
        if rows.formset.non_form_errors():
            found[rows.formset.prefix] = rows.formset.non_form_errors()
    return found


@pytest.fixture
def add(owner, product_form):
    category = add_category("Things")
    return lambda **changes: owner.post(f"{LIST}add/", product_form(category=str(category.pk), **changes))


@pytest.fixture
def change(owner, product_form):
    return lambda product, **changes: owner.post(
        f"{LIST}{product.pk}/change/", product_form(product, **changes)
    )


def test_a_product_is_added_with_its_variant_and_stock(add):
    changes = {
        "name": " Blue\u200b  Mug ",
        "description": '<p onclick="x()">Made <b>well</b>.<script>alert(1)</script></p>',
        "variants-0-attributes": "size: L\r\n\r\n colour :  dark blue ",
        "variants-0-on_hand": "7",
    }
    assert add(is_active="on", **changes).status_code == 302
    product = Product.objects.get()
    assert (product.name, product.slug, product.price) == ("Blue Mug", "blue-mug", Decimal("5.00"))
    assert product.description == "<p>Made <b>well</b>.</p>"
    variant = product.variants.get()
    assert (variant.sku, variant.attributes) == ("MUG-1", {"size": "L", "colour": "dark blue"})
    assert (variant.stock.on_hand, variant.stock.low_stock_threshold, variant.stock.is_tracked) == (
        7,
        5,
        True,
    )


def test_a_product_without_a_variant_is_refused(add):
    page = add(**{"variants-TOTAL_FORMS": "0"})
    assert errors_of(page) == {"variants": ["A product needs at least one variant: that is what is sold."]}
    assert not Product.objects.exists()


def test_a_product_whose_only_row_is_empty_is_refused(add):
    errors = errors_of(add(**{"variants-0-sku": ""}))
    assert errors["variants-0-sku"] == ["This field is required."]
    assert not Product.objects.exists()


def test_the_last_variant_cannot_be_removed(change):
    product = add_product()
    page = change(product, **{"variants-0-DELETE": "on"})
    assert errors_of(page) == {"variants": ["A product needs at least one variant: that is what is sold."]}
    assert product.variants.count() == 1


def test_one_of_two_variants_can_be_removed(change):
    product = add_product(variants=[{"sku": "A"}, {"sku": "B"}])
    assert change(product, **{"variants-0-DELETE": "on"}).status_code == 302
    assert [variant.sku for variant in product.variants.all()] == ["B"]


def test_the_last_variant_that_only_the_database_misses_is_told_on_the_form(change, monkeypatch):
    product = add_product(name="Mug", variants=[{"sku": "A"}, {"sku": "B"}])
    save = ProductAdmin.save_model

    def save_while_somebody_removes_the_other(page, request, obj, form, change):
        save(page, request, obj, form, change)
        Variant.objects.filter(sku="B").delete()

    monkeypatch.setattr(ProductAdmin, "save_model", save_while_somebody_removes_the_other)
    page = change(product, name="Cup", **{"variants-0-DELETE": "on"})
    assert errors_of(page) == {"__all__": ["A product needs at least one variant: that is what is sold."]}
    assert [str(message) for message in page.context["messages"]] == []
    product.refresh_from_db()
    assert (product.name, product.variants.count()) == ("Mug", 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": "0"}, "The price must be above 0, or the product marked as free."),
        ({"is_free": "on"}, "The price must be above 0, or the product marked as free."),
        ({"compare_at_price": "5.00"}, "The compare-at price must be above the price."),
        ({"compare_at_price": "4.00"}, "The compare-at price must be above the price."),
    ],
)
def test_prices_that_break_a_rule_are_refused(add, changes, said):
    assert errors_of(add(**changes)) == {"__all__": [said]}
    assert not Product.objects.exists()


@pytest.mark.parametrize("price", ["-1", "1.234", "NaN", "Infinity", "12345678901", "a"])
def test_what_is_no_price_is_refused(add, price):
    assert list(errors_of(add(price=price))) == ["price"]
    assert not Product.objects.exists()


def test_a_free_product_costs_nothing(add):
    assert add(price="0", is_free="on").status_code == 302
    assert list(Product.objects.values_list("price", "is_free")) == [(0, True)]


def test_a_variants_price_of_nothing_is_refused(add):
    errors = errors_of(add(**{"variants-0-price": "0"}))
    assert errors == {"variants-0-__all__": ["The price must be above 0, or empty for the product's price."]}
    assert not Product.objects.exists()


def test_slugs_and_skus_are_not_given_twice(add):
    add_product("Other", sku="MUG", slug="mug", variants=[{"sku": "MUG-1"}])
    errors = errors_of(add(slug="mug"))
    assert sorted(errors["__all__"]) == ["Another product has this SKU.", "Another product has this slug."]
    assert errors["variants-0-__all__"] == ["Another variant has this SKU."]
    assert Product.objects.count() == 1


def test_two_new_variants_do_not_share_a_sku(add, product_form):
    second = {
        name.replace("variants-0", "variants-1"): value
        for name, value in product_form().items()
        if "variants-0" in name
    }
    page = add(**second, **{"variants-TOTAL_FORMS": "2"})
    assert errors_of(page)["variants"] == ["Please correct the duplicate data for sku."]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ("size", "“size” is not like size: L"),
        (": L", "“: L” is not like size: L"),
        ("size:", "“size:” is not like size: L"),
        ("size: L\nsize: M", "“size” is there twice."),
    ],
)
def test_attributes_that_make_no_sense_are_refused(add, attributes, said):
    assert errors_of(add(**{"variants-0-attributes": attributes})) == {"variants-0-attributes": [said]}
    assert not Product.objects.exists()


def test_only_what_was_changed_is_written(change):
    product = add_product(name="Mug", description="<p>As it came.</p>")
    before = product.updated_at
    assert change(product).status_code == 302
    product.refresh_from_db()
    assert product.updated_at == before
    assert change(product, name="Cup").status_code == 302
    product.refresh_from_db()
    assert product.name == "Cup"


def test_what_is_sold_while_the_form_is_open_stays_sold(change, product_form, owner):
    product = add_product(on_hand=10)
    stock = Stock.objects.filter(variant__product=product)
    form = product_form(product)  # It shows 10 …
    stock.update(on_hand=7)  # … three are shipped …
    owner.post(f"{LIST}{product.pk}/change/", form | {"name": "Renamed"})
    assert stock.get().on_hand == 7
    owner.post(f"{LIST}{product.pk}/change/", form | {"variants-0-on_hand": "15"})  # … and five come in.
    assert stock.get().on_hand == 12


def test_stock_cannot_fall_below_what_orders_wait_for(change):
    product = add_product(on_hand=10)
    stock = Stock.objects.filter(variant__product=product)
    stock.update(allocated=4)
    errors = errors_of(change(product, **{"variants-0-on_hand": "3"}))
    assert errors == {"variants-0-on_hand": ["4 of them are allocated to orders, so there cannot be fewer."]}
    assert stock.get().on_hand == 10
    assert change(product, **{"variants-0-on_hand": "4"}).status_code == 302
    assert stock.get().on_hand == 4


def test_stock_settings_are_changed_with_the_variant(change):
    product = add_product(on_hand=10)
    assert (
        change(product, **{"variants-0-low_stock_threshold": "9", "variants-0-is_tracked": None}).status_code
        == 302
    )
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.low_stock_threshold, stock.is_tracked) == (10, 9, False)


def test_who_may_not_change_stock_changes_none(staff, product_form):
    permissions = ("view_product", "change_product", "view_variant", "change_variant")
    browser = staff(*(f"catalogue.{permission}" for permission in permissions))
    product = add_product(on_hand=10)
    form = product_form(product, **{"variants-0-on_hand": "99", "variants-0-sku": "NEW"})
    assert browser.post(f"{LIST}{product.pk}/change/", form).status_code == 302
    assert (product.variants.get().sku, Stock.objects.get().on_hand) == ("NEW", 10)


def test_a_form_with_many_rows_needs_few_statements(owner, django_assert_num_queries):
    product = add_product(
        variants=[{} for _ in range(20)], images=[f"https://example.com/{number}.jpg" for number in range(20)]
    )
    with django_assert_num_queries(6):  # session, user, product, category, variants with stock, pictures
        assert owner.get(f"{LIST}{product.pk}/change/").status_code == 200


def test_deleting_a_product_takes_all_that_is_its(owner):
    product = add_product(variants=[{}, {}], images=["https://example.com/1.jpg"])
    assert owner.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 302
    assert [model.objects.count() for model in (Product, Variant, Stock, ProductImage)] == [0, 0, 0, 0]


@pytest.mark.parametrize("changes_product", [False, True])
def test_stock_is_on_the_form_for_who_may_see_it(staff, product_form, changes_product):
    product = add_product("Mug", on_hand=7919)
    verb = "change" if changes_product else "view"
    browser = staff(
        f"catalogue.{verb}_product", f"catalogue.{verb}_variant", f"catalogue.{verb}_productimage"
    )
    page = browser.get(f"{LIST}{product.pk}/change/")
    assert page.status_code == 200
    assert "7919" not in page.content.decode()
    if changes_product:
        form = product_form(product, name="Cup", **{"variants-0-on_hand": "1", "variants-0-sku": "CUP"})
        assert browser.post(f"{LIST}{product.pk}/change/", form).status_code == 302
        assert Variant.objects.get().sku == "CUP"
        stock = Stock.objects.get()
        assert (stock.on_hand, stock.low_stock_threshold, stock.is_tracked) == (7919, 5, True)


def test_who_may_see_stock_sees_it_on_the_form(staff):
    product = add_product("Mug", on_hand=7919)
    names = ("catalogue.change_product", "catalogue.change_variant", "inventory.view_stock")
    assert "7919" in staff(*names).get(f"{LIST}{product.pk}/change/").content.decode()


@pytest.mark.parametrize("typed", [str(2**31), str(-(2**31)), str(10**30)])
def test_stock_beyond_all_numbers_is_refused(change, add, typed):
    product = add_product("Mug", on_hand=10)
    stock = {"variants-0-on_hand": typed, "variants-0-is_tracked": None}
    said = {"variants-0-on_hand": ["There can be 2147483647 at most."]}
    assert errors_of(change(product, name="Cup", **stock)) == said
    assert errors_of(add(name="New", **stock)) == said
    assert [(each.name, each.variants.get().stock.on_hand) for each in Product.objects.all()] == [("Mug", 10)]


def test_a_tampered_hidden_number_is_passed_over(change):
    product = add_product("Mug", on_hand=10)
    tampered = {"variants-0-on_hand": "15", "initial-variants-0-on_hand": "--5"}
    assert change(product, **tampered).status_code == 302
    assert Stock.objects.get().on_hand == 15
