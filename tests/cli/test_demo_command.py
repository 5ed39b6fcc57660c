"""``torg demo`` on the shop of the tests."""

import pytest
import typer
from typer.testing import CliRunner

from torg.catalogue.models import Category, Product
from torg.cli.demo import demo
from torg.cli.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def torg_demo(*arguments):
    app = typer.Typer()
    app.command()(demo)
    return CliRunner().invoke(app, arguments)


def test_it_fills_the_shop_and_says_so():
    result = torg_demo("--products", "90")

    assert result.exit_code == 0, result.output
    assert "The shop has 90 products in 60 categories" in result.output
    assert (Product.objects.count(), Category.objects.count()) == (90, 60)


def test_it_refuses_a_shop_that_is_not_empty():
    torg_demo("--products", "90")

    result = torg_demo("--products", "91")

    assert isinstance(result.exception, Refused)
    assert "The shop has 90 products and 60 categories already." in str(result.exception)
    assert Product.objects.count() == 90


def test_no_products_are_wrong_use():
    assert torg_demo("--products", "0").exit_code == 2
    assert Product.objects.count() == 0
