"""What an import changed is warmed, and nothing where it changed nothing."""

from pathlib import Path

import pytest

from tests.imports.catalogues import product, shopify
from torg.caching.models import WarmingJob
from torg.imports.demo import create_demo_shop
from torg.imports.import_catalogue import import_catalogue

pytestmark = pytest.mark.django_db


def test_an_import_that_changed_something_starts_to_warm_everything(tmp_path: Path) -> None:
    file = shopify(tmp_path / "a.csv", product("shirt"))
    import_catalogue(file, dry_run=True)
    assert WarmingJob.objects.count() == 0
    import_catalogue(file)
    job = WarmingJob.objects.get()
    assert (job.job_type, job.status) == ("all", "pending")
    job.mark_as_running()
    import_catalogue(file)
    assert WarmingJob.objects.count() == 1
    import_catalogue(shopify(tmp_path / "b.csv", product("shirt", Title="Blouse")))
    assert list(WarmingJob.objects.values_list("status", flat=True)) == ["pending", "running"]


def test_nothing_is_warmed_where_the_cache_is_off(tmp_path: Path, settings) -> None:
    settings.TORG_CACHE = False
    import_catalogue(shopify(tmp_path / "a.csv", product("shirt")))
    assert WarmingJob.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_demo_shop_is_warmed() -> None:
    create_demo_shop(products=10)
    assert WarmingJob.objects.get().job_type == "all"
