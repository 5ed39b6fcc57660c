"""The tree of categories, kept by the database on every kind of write."""

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from tests.shop import add_category, add_product
from torg.catalogue.models import Category, Product

pytestmark = pytest.mark.django_db


def names_on_path(category):
    category.refresh_from_db()
    by_id = dict(Category.objects.values_list("id", "name"))
    return [by_id[pk] for pk in category.path]


@pytest.fixture
def kitchen():
    root = add_category("Kitchen")
    mugs = add_category("Mugs", parent=root)
    espresso = add_category("Espresso", parent=mugs)
    return root, mugs, espresso


def test_a_category_knows_its_path_from_the_root(kitchen):
    root, mugs, espresso = kitchen
    assert names_on_path(root) == ["Kitchen"]
    assert names_on_path(espresso) == ["Kitchen", "Mugs", "Espresso"]
    assert espresso.ancestor_ids == [root.pk, mugs.pk]


def test_a_subtree_is_one_lookup(kitchen):
    root, mugs, espresso = kitchen
    add_category("Garden")
    assert set(Category.objects.in_subtree(root.pk)) == set(kitchen)
    assert set(Category.objects.in_subtree(mugs.pk)) == {mugs, espresso}


def test_moving_a_subtree_is_one_statement(kitchen, django_assert_num_queries):
    _, mugs, espresso = kitchen
    garden = add_category("Garden")
    with django_assert_num_queries(1):
        Category.objects.filter(pk=mugs.pk).update(parent=garden)
    assert names_on_path(mugs) == ["Garden", "Mugs"]
    assert names_on_path(espresso) == ["Garden", "Mugs", "Espresso"]


def test_several_moves_in_one_statement_end_right(kitchen):
    root, mugs, espresso = kitchen
    garden = add_category("Garden")
    # Espresso goes under Garden while Garden goes under Mugs: whichever row comes first, the end is the same.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalogue_category SET parent_id = CASE id WHEN %s THEN %s::uuid ELSE %s::uuid END"
            " WHERE id IN (%s, %s)",
            [espresso.pk, garden.pk, mugs.pk, espresso.pk, garden.pk],
        )
    assert names_on_path(garden) == ["Kitchen", "Mugs", "Garden"]
    assert names_on_path(espresso) == ["Kitchen", "Mugs", "Garden", "Espresso"]
    assert names_on_path(root) == ["Kitchen"]


def test_bulk_created_branches_are_placed():
    root = Category(name="Root", slug="root")
    child = Category(name="Child", slug="child", parent=root)
    Category.objects.bulk_create([root, child])
    assert names_on_path(child) == ["Root", "Child"]


@pytest.mark.parametrize("below", [0, 1, 2])
def test_a_cycle_is_refused(kitchen, below):
    before = list(Category.objects.order_by("id").values_list("id", "parent_id", "path"))
    with pytest.raises(IntegrityError, match="a category cannot stand below itself"), transaction.atomic():
        Category.objects.filter(pk=kitchen[0].pk).update(parent=kitchen[below])
    assert list(Category.objects.order_by("id").values_list("id", "parent_id", "path")) == before


def test_switching_a_category_off_hides_all_below_it_and_on_again_shows_them(kitchen):
    root, mugs, espresso = kitchen
    Category.objects.filter(pk=mugs.pk).update(is_active=False)
    assert list(Category.objects.visible()) == [root]
    Category.objects.filter(pk=espresso.pk).update(parent=root)
    assert set(Category.objects.visible()) == {root, espresso}
    Category.objects.filter(pk=mugs.pk).update(is_active=True)
    assert set(Category.objects.visible()) == set(kitchen)


def test_nobody_spoils_the_path_for_long(kitchen):
    *_, espresso = kitchen
    Category.objects.filter(pk=espresso.pk).update(name="Doppio")
    assert names_on_path(espresso) == ["Kitchen", "Mugs", "Doppio"]


def test_saving_what_was_read_long_ago_keeps_what_the_database_keeps():
    root = Category.objects.create(name="Root", slug="root")
    child = Category.objects.create(name="Child", slug="child", parent=root)
    add_product(category=root)
    root.name = "Renamed"
    root.save()
    assert names_on_path(root) == ["Renamed"]
    assert names_on_path(child) == ["Renamed", "Child"]
    assert (root.is_visible, root.own_product_count) == (True, 1)


def test_nobody_writes_what_the_database_keeps(kitchen):
    before = list(Category.objects.order_by("id").values())
    Category.objects.update(path=[], is_visible=False, own_product_count=99)
    Category.objects.bulk_create(
        [Category(name="New", slug="new", own_product_count=7, is_visible=True, path=[])]
    )
    new = Category.objects.get(slug="new")
    assert (names_on_path(new), new.own_product_count) == (["New"], 0)
    new.delete()
    assert list(Category.objects.order_by("id").values()) == before


def test_the_address_of_the_tree_is_no_slug(db):
    with pytest.raises(IntegrityError, match="category_slug_not_reserved"), transaction.atomic():
        add_category("Tree")
    assert Category.objects.count() == 0


def test_siblings_have_different_names_and_roots_too(kitchen):
    root, *_ = kitchen
    with pytest.raises(IntegrityError, match="category_name_unique_among_siblings"), transaction.atomic():
        add_category("Mugs", parent=root, slug="mugs-2")
    with pytest.raises(IntegrityError, match="category_name_unique_among_siblings"), transaction.atomic():
        add_category("Kitchen", slug="kitchen-2")
    assert Category.objects.count() == 3


def test_a_tree_of_a_hundred_levels_stands_and_one_more_is_refused():
    parent = None
    for depth in range(100):
        parent = add_category(f"Level {depth}", parent=parent)
    with pytest.raises(IntegrityError, match="category_at_most_100_deep"), transaction.atomic():
        add_category("Too deep", parent=parent)
    assert Category.objects.count() == 100


def counts():
    return dict(Category.objects.values_list("name", "own_product_count"))


def test_products_are_counted_however_they_are_written(kitchen):
    _, mugs, espresso = kitchen
    product = add_product(category=mugs)
    add_product(category=mugs, is_active=False)
    add_product(category=espresso)
    assert counts() == {"Kitchen": 0, "Mugs": 1, "Espresso": 1}
    Product.objects.update(is_active=True)
    assert counts() == {"Kitchen": 0, "Mugs": 2, "Espresso": 1}
    Product.objects.filter(pk=product.pk).update(category=espresso, is_active=False)
    assert counts() == {"Kitchen": 0, "Mugs": 1, "Espresso": 1}
    Product.objects.filter(category=espresso).delete()
    assert counts() == {"Kitchen": 0, "Mugs": 1, "Espresso": 0}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE catalogue_product CASCADE")
    assert counts() == {"Kitchen": 0, "Mugs": 0, "Espresso": 0}


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_cannot_close_a_cycle():
    left, right = add_category("Left"), add_category("Right")
    barrier = threading.Barrier(2, timeout=10)
    outcomes = []

    def move(category, below):
        try:
            with transaction.atomic():
                barrier.wait()
                Category.objects.filter(pk=category.pk).update(parent=below)
            outcomes.append("moved")
        except IntegrityError:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=move, args=pair) for pair in ((left, right), (right, left))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "refused"]
    assert sorted(len(path) for path in Category.objects.values_list("path", flat=True)) == [1, 2]
