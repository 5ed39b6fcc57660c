"""What import-linter cannot see: foreign keys by name, sizes, what the schema says of every address."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CASCADE, ForeignKey, Model
from django.test.utils import isolate_apps

SOURCE = Path(__file__).parents[2] / "src" / "torg"
FLOORS = [
    {"config"},
    {"api", "storefront", "backoffice", "cli"},
    {"pages", "notifications", "imports"},
    {"checkout"},
    {"payments"},
    {"cart", "wishlist", "reviews"},
    {"orders", "search", "promotions"},
    {"inventory", "shipping"},
    {"catalogue", "blog"},
    {"accounts"},
    {"caching"},
    {"lib"},
]
FILES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def floor_of(package: str) -> int:
    return next(number for number, packages in enumerate(FLOORS) if package in packages)


def points_down_or_stays(package: str, target: str) -> bool:
    return package == target or floor_of(package) < floor_of(target)


def foreign_keys(models: Iterable[type[Model]]) -> list[tuple[str, str, str]]:
    return [
        (
            model._meta.app_config.name.split(".")[1],
            field.name,
            field.related_model._meta.app_config.name.split(".")[1],
        )
        for model in models
        if model._meta.app_config.name.startswith("torg.")
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model._meta.app_config.name.startswith("torg.")
    ]


def test_there_are_foreign_keys_to_look_at():
    assert ("inventory", "variant", "catalogue") in foreign_keys(apps.get_models())


@pytest.mark.parametrize(("package", "field", "target"), foreign_keys(apps.get_models()))
def test_foreign_keys_point_down_or_stay(package, field, target):
    assert points_down_or_stays(package, target), f"{package}.{field} points up to {target}"


@isolate_apps("torg.catalogue", "torg.inventory")
def test_a_foreign_key_that_points_up_by_name_would_be_found():
    class Shelf(Model):  # noqa: DJ008
        class Meta:
            app_label = "inventory"

    class Jar(Model):  # noqa: DJ008
        shelf = ForeignKey("inventory.Shelf", CASCADE)

        class Meta:
            app_label = "catalogue"

    assert foreign_keys([Shelf, Jar]) == [("catalogue", "shelf", "inventory")]
    assert not points_down_or_stays("catalogue", "inventory")
    assert not points_down_or_stays("cart", "wishlist")
    assert points_down_or_stays("inventory", "catalogue")


def test_every_package_stands_on_a_floor():
    packages = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert packages <= set().union(*FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_stay_readable(path):
    text = path.read_text()
    assert text.count("\n") <= 500, "a file has at most 500 lines; aim below 300"
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 50
    ]
    assert long == [], "a function has at most 50 lines; aim below 30"


def test_no_signals_carry_domain_rules():
    users = [path for path in FILES if "django.db.models.signals" in path.read_text()]
    assert users == [], "update() and bulk_* bypass signals; use a constraint, a trigger or an event"
