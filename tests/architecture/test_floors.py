"""What import-linter cannot see: foreign keys by name, sizes, what the schema says of every address."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CASCADE, ForeignKey, ManyToManyField, Model
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
SIGNALS = ("django.db.models.signals", "django.dispatch")
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
        if isinstance(field, ForeignKey | ManyToManyField)
        and field.related_model._meta.app_config.name.startswith("torg.")
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
        earlier = ManyToManyField("inventory.Shelf", related_name="+")

        class Meta:
            app_label = "catalogue"

    assert foreign_keys([Shelf, Jar]) == [
        ("catalogue", "shelf", "inventory"),
        ("catalogue", "earlier", "inventory"),
    ]
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


def imported_names(text: str) -> list[str]:
    """Name all that ``text`` imports, the modules and what is taken from them."""
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def imports_signals(text: str) -> bool:
    return any(
        name == module or name.startswith(f"{module}.") for name in imported_names(text) for module in SIGNALS
    )


@pytest.mark.parametrize(
    "text",
    [
        "from django.db.models.signals import post_save",
        "from django.db.models import Model, signals",
        "def later():\n    import django.db.models.signals as heard",
        "from django.dispatch import receiver",
        "from django.dispatch.dispatcher import Signal",
        "from django import dispatch",
    ],
)
def test_an_import_of_signals_would_be_found(text):
    assert imports_signals(text)


def test_a_mention_of_signals_is_no_import_of_them():
    assert not imports_signals(
        '"""No django.db.models.signals."""\nimport signal\nfrom django.db import models'
    )


def test_no_signals_carry_domain_rules():
    users = [str(path.relative_to(SOURCE)) for path in FILES if imports_signals(path.read_text())]
    assert users == [], "update() and bulk_* bypass signals; use a constraint, a trigger or an event"
