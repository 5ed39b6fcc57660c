"""``torg bench`` finds planted faults, and measures nothing where there is nothing to measure."""

import dataclasses

import pytest

from torg.cli.bench import cached, counted, seen, trigger_cost
from torg.cli.bench.cached import Work, warm_up
from torg.cli.bench.figures import at_least
from torg.cli.bench.herd import herd_lines
from torg.cli.bench.measuring import Circumstances, measuring
from torg.cli.bench.seen import seen_lines
from torg.cli.bench.shops import Shop
from torg.cli.bench.trigger_cost import postgresql_rate, switch_triggers, torg_rate, trigger_lines
from torg.cli.bench.warming import warming_line
from torg.cli.refusal import Refused
from torg.lib.embedded import running

pytestmark = pytest.mark.embedded

CIRCUMSTANCES = Circumstances(processes=1, threads=2, connections=2, seconds=0.1)
JOBS = "SELECT count(*) FROM caching_warmingjob"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    path = tmp_path_factory.mktemp("bench")
    with running(path):
        yield path


@pytest.fixture(scope="module")
def measures(data_dir):
    with measuring(CIRCUMSTANCES, data_dir / "logs") as running_unit:
        yield running_unit


@pytest.fixture(scope="module")
def filled(data_dir):
    shop = Shop(data_dir, "torg_60")
    shop.create()
    shop.fill(60)
    return shop


@pytest.fixture
def shop(filled):
    with filled.scratch() as copy:
        yield copy


def test_a_shop_is_filled_without_asking_for_it_to_be_warmed(filled):
    assert filled.products_on_sale() == 60
    with filled.connected() as connection:
        assert connection.execute(JOBS).fetchone() == (0,)


def test_a_copy_is_gone_after_its_use(filled):
    with filled.scratch() as copy:
        assert copy.product_slugs(5) == filled.product_slugs(5)
    with filled.connected() as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [copy.name])
        assert found.fetchone() is None


def test_reads_of_a_cache_that_is_off_are_no_hits(monkeypatch, shop, measures):
    monkeypatch.setattr(cached, "MOST_ROUNDS_OF_WARMING", 2)
    paths = [f"/api/v1/products/{slug}" for slug in shop.product_slugs(5)]
    work = Work(name="page", kind="product", paths=paths, goal=at_least(3, ""))
    with (
        measures.served(shop, "off", CACHE="off") as served,
        pytest.raises(Refused, match="page: the cache does not become warm"),
    ):
        warm_up(measures, served, work)


def test_writers_that_raise_no_marks_leave_stale_reads(monkeypatch, shop, measures):
    monkeypatch.setattr(seen, "WRITES", 5)
    shop.environment["TORG_FAULTS"] = "marks:off"
    settings = {"CACHE_WARM_LIMIT": "0"}
    with measures.working(shop, **settings), measures.served(shop, "faulty", **settings) as served:
        _, own = seen_lines(served, shop, shop.priced_products(2))
    assert own.figure > 0
    assert own.holds is False


def test_outside_writes_that_nobody_ever_sees_are_reported(monkeypatch, shop, measures):
    monkeypatch.setattr(seen, "PATIENCE_SECONDS", 1)
    switch_triggers(shop, is_on=False)
    with (
        measures.served(shop, "blind") as served,
        pytest.raises(Refused, match=r"readers of /api/v1/products/.* did not see a write in 1 s"),
    ):
        list(seen_lines(served, shop, shop.priced_products(1)))


def test_a_page_that_was_built_before_is_not_cold(monkeypatch, shop, measures):
    monkeypatch.setattr("torg.cli.bench.herd.HERD", 5)
    first, second = (f"/api/v1/products/{slug}" for slug in shop.product_slugs(2))
    with measures.served(shop, "herd") as served:
        (line,) = herd_lines(served, [first, second])
        assert line.figure == 1
        with pytest.raises(Refused, match="was built 0 times for 5"):
            list(herd_lines(served, [first, second]))


def test_without_a_worker_no_warming_is_measured(shop):
    shop.forget_workers()

    with pytest.raises(Refused, match="There is no worker to warm"):
        warming_line(shop, 60)


def test_triggers_are_switched_off_and_on_again(shop):
    enabled = (
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'catalogue_product'::regclass AND tgenabled = 'O'"
    )
    with shop.connected() as connection:
        (before,) = connection.execute(enabled).fetchone()
        switched = switch_triggers(shop, is_on=False)
        assert connection.execute(enabled).fetchone() == (before - switched,)
        assert switch_triggers(shop, is_on=True) == switched
        assert connection.execute(enabled).fetchone() == (before,)


@pytest.mark.parametrize("rate", [postgresql_rate, torg_rate])
def test_writers_write(shop, rate):
    with shop.connected() as connection:
        before = connection.execute("SELECT sum(price) FROM catalogue_product").fetchone()
        assert rate(shop, 0.3) > 0
        assert connection.execute("SELECT sum(price) FROM catalogue_product").fetchone() != before
        assert connection.execute("SELECT count(*) > 0 FROM caching_change").fetchone() == (True,)


def test_triggers_that_were_renamed_are_missed(monkeypatch, shop):
    monkeypatch.setattr(trigger_cost, "TRIGGERS", "^pgtrigger_called_otherwise_")

    with pytest.raises(Refused, match="catalogue_product has no triggers to switch off"):
        list(trigger_lines(shop, 0.1))


def test_triggers_that_stay_on_are_noticed(monkeypatch, shop):
    monkeypatch.setattr(trigger_cost, "switch_triggers", lambda shop, is_on: 0)

    with pytest.raises(Refused, match="Triggers were switched off, but that changed nothing"):
        list(trigger_lines(shop, 0.1))


@pytest.mark.parametrize("rate", [postgresql_rate, torg_rate])
def test_writes_that_fail_end_it(shop, rate):
    with shop.connected() as connection:
        connection.execute("ALTER TABLE catalogue_product ADD CHECK (price = 0) NOT VALID")

    with pytest.raises(Refused, match=r"pgbench failed: .*catalogue_product_price|updating 0.1 8 failed"):
        rate(shop, 0.1)


def test_a_server_that_has_fewer_processes_is_noticed(monkeypatch, shop, measures):
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 0.2)
    with (
        measures.served(shop, "few") as served,
        pytest.raises(Refused, match="Of 2 processes of the server, 1 tell"),
    ):
        dataclasses.replace(served, processes=2).counted()
