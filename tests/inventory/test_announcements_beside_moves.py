"""Whoever writes something while it goes elsewhere: one waits for the other, and what is announced is true."""

import threading
import time

import pytest
from django.db import connection, transaction

from tests.announced import changes_so_far, run, tags_since
from tests.shop import add_category, add_product
from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
def shop():
    """Mug, which is written, with a part that has no stock; kitchen, above its category; and places to go to."""
    kitchen, garden = add_category("Kitchen"), add_category("Garden")
    mugs = add_category("Mugs", parent=kitchen)
    picture = "https://pictures.example/mug.jpg"
    mug = add_product(
        "Mug", category=mugs, images=[picture], variants=[{"sku": "S"}, {"sku": "L"}, {"sku": "M"}]
    )
    Stock.objects.filter(variant__sku="M").delete()
    spade = add_product("Spade", category=garden)
    return {"kitchen": kitchen, "mugs": mugs, "garden": garden, "mug": mug, "spade": spade}


def update_stock(shop):
    Stock.objects.filter(variant__sku="S").update(on_hand=0)


def delete_stock(shop):
    Stock.objects.filter(variant__sku="S").delete()


def insert_stock(shop):
    Stock.objects.create(variant=Variant.objects.get(sku="M"), on_hand=5)


def update_variant(shop):
    Variant.objects.filter(sku="S").update(price=3)


def insert_variant(shop):
    Variant.objects.create(product=shop["mug"], sku="XL")


def delete_variant(shop):
    run("DELETE FROM catalogue_variant WHERE sku = 'M'")


def update_image(shop):
    ProductImage.objects.update(alt="Blue")


def insert_image(shop):
    ProductImage.objects.create(product=shop["mug"], url="https://pictures.example/2.jpg")


def update_product(shop):
    Product.objects.filter(name="Mug").update(price=3)


def insert_product(shop):
    add_product("Bowl", category=shop["mugs"])


def delete_product(shop):
    Product.objects.get(name="Mug").delete()


def move_category(shop):
    Category.objects.filter(name="Mugs").update(parent=shop["garden"])
    return f"products:category:{shop['garden'].pk}"


def move_category_above(shop):
    Category.objects.filter(name="Kitchen").update(parent=shop["garden"])
    return f"products:category:{shop['garden'].pk}"


def move_product(shop):
    Product.objects.filter(name="Mug").update(category=shop["garden"])
    return f"products:category:{shop['garden'].pk}"


def feature_product(shop):
    Product.objects.filter(name="Mug").update(is_featured=True)
    return "products:featured"


def move_variants(shop):
    Variant.objects.filter(sku__in=["S", "M"]).update(product=shop["spade"])
    return f"product:{shop['spade'].pk}"


STOCK = [update_stock, delete_stock, insert_stock]
PARTS = [*STOCK, update_variant, insert_variant, delete_variant, update_image, insert_image]
PRODUCTS = [update_product, insert_product, delete_product]
RACES = [
    *((write, move) for write in PARTS + PRODUCTS for move in (move_category, move_category_above)),
    *((write, move) for write in PARTS for move in (move_product, feature_product)),
    *((write, move_variants) for write in STOCK),
]


class Beside(threading.Thread):
    """Does something on another connection."""

    def __init__(self, action, shop):
        super().__init__()
        self.action, self.shop, self.error = action, shop, None
        self.start()

    def run(self):
        try:
            with transaction.atomic():
                self.action(self.shop)
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def is_kept_waiting(self):
        deadline = time.monotonic() + 10
        while self.is_alive() and time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    return True
            time.sleep(0.005)
        return False

    def ends_well(self):
        self.join(10)
        return not self.is_alive() and self.error is None


@pytest.mark.parametrize(("write", "move"), RACES)
def test_a_move_waits_for_what_is_being_written(shop, write, move):
    with transaction.atomic():
        write(shop)
        mover = Beside(move, shop)
        assert mover.is_kept_waiting(), mover.error
    assert mover.ends_well(), mover.error


@pytest.mark.parametrize(("write", "move"), RACES)
def test_a_write_waits_for_a_move_and_is_announced_for_the_new_place(shop, write, move):
    before = changes_so_far()
    with transaction.atomic():
        tag = move(shop)
        moved = changes_so_far()
        writer = Beside(write, shop)
        assert writer.is_kept_waiting(), writer.error
        assert tag in tags_since(before)
    assert writer.ends_well(), writer.error
    assert tag in tags_since(moved)


def test_selling_one_of_many_waits_for_no_category(shop):
    """Units are sold all the time."""

    def sell(_):
        Stock.objects.filter(variant__sku="S").update(on_hand=49)

    with transaction.atomic():
        move_category(shop)
        seller = Beside(sell, shop)
        assert seller.ends_well()
    assert Stock.objects.get(variant__sku="S").on_hand == 49
