"""Metrics are told to operators alone, and tell how the shop stands, whatever is away."""

import socket
import time

import psycopg
import pytest
from django.db import connection
from django.test import Client

from tests.api.metrics import Figures
from torg.caching import redis
from torg.caching.changes import invalidate
from torg.caching.redis import using
from torg.caching.state import state
from torg.caching.stats import figures
from torg.caching.trust import confirm
from torg.lib.embedded.processes import becomes_true

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient_redis")]


@pytest.fixture
def browser(settings):
    settings.TORG_METRICS_TOKEN = ""
    return Client(headers={"host": "localhost"})


def test_this_machine_itself_is_told(browser):
    response = browser.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert b"torg_redis_up 1.0" in response.content


@pytest.mark.parametrize(
    "sent",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"HTTP_HOST": "shop.example"},
        {"HTTP_HOST": ""},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_X_REAL_IP": "203.0.113.9"},
        {"HTTP_FORWARDED": "for=203.0.113.9"},
        {"HTTP_VIA": "1.1 proxy"},
    ],
)
def test_others_are_not_told_while_there_is_no_token(browser, sent):
    response = browser.get("/metrics", **sent)
    assert response.status_code == 403
    assert response.json()["code"] == "metrics_are_private"
    assert b"torg_" not in response.content


def test_behind_a_proxy_nobody_is_told_without_a_token(browser, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert browser.get("/metrics").status_code == 403


def test_whoever_has_the_token_is_told_from_anywhere_and_nobody_else(browser, settings):
    settings.TORG_METRICS_TOKEN = "a-token-of-the-tests"
    elsewhere = {"REMOTE_ADDR": "10.0.0.7", "HTTP_HOST": "10.0.0.1:8000"}
    told = browser.get("/metrics", **elsewhere, HTTP_AUTHORIZATION="Bearer a-token-of-the-tests")
    assert told.status_code == 200
    for sent in (
        {},
        {"HTTP_AUTHORIZATION": "Bearer another"},
        {"HTTP_AUTHORIZATION": "Basic a-token-of-the-tests"},
    ):
        response = browser.get("/metrics", **sent)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert b"torg_" not in response.content


def silent_port() -> socket.socket:
    """Listen, and never answer: a server that hangs."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    return listening


def test_a_database_and_a_redis_that_hang_do_not_hang_a_scrape(browser, settings, monkeypatch):
    monkeypatch.undo()  # Redis has as long as in the shop.
    with silent_port() as silent:
        port = silent.getsockname()[1]
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        redis.forget_connections()
        parameters = {**connection.get_connection_params(), "host": "127.0.0.1", "port": port}
        monkeypatch.setattr(connection, "get_connection_params", lambda: parameters)
        started = time.monotonic()
        told = Figures(browser.get("/metrics").content.decode())
        assert time.monotonic() - started < 4
    redis.forget_connections()
    assert told("torg_redis_up") == 0
    assert told("torg_postgresql_up") == 0
    assert ("torg_cache_marks",) not in told.samples
    assert ("torg_cache_changes",) not in told.samples
    assert ("torg_web_processes",) in told.samples


def test_a_process_that_knows_the_shop_tells_what_is_in_redis_while_the_database_is_away(monkeypatch):
    using(confirm)
    with silent_port() as silent:
        parameters = {
            **connection.get_connection_params(),
            "host": "127.0.0.1",
            "port": silent.getsockname()[1],
        }
        monkeypatch.setattr(connection, "get_connection_params", lambda: parameters)
        found = figures()
    assert found.database.is_up is False
    assert found.redis.epoch > 2**52
    assert len(found.minutes) == 60


def test_a_transaction_that_writes_for_long_is_seen_by_how_it_holds_the_horizon_back():
    with psycopg.connect(**connection.get_connection_params()) as writing:
        writing.execute("SELECT pg_current_xact_id()")
        for _ in range(3):
            with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
                other.execute("SELECT pg_current_xact_id()")
        time.sleep(0.3)
        database = state().database
        assert database.horizon_transactions >= 4
        assert 0.3 <= database.horizon_seconds < 20
    # PostgreSQL's own housekeeping writes, too, and may take its time.
    assert becomes_true(lambda: state().database.horizon_seconds < 0.3, seconds=60)


def test_changes_are_told_until_they_are_confirmed():
    using(confirm)
    assert state().database.changes_unconfirmed == 0
    invalidate("product:1")
    stands = state()
    assert stands.database.changes_unconfirmed == 1
    assert stands.database.changes >= 1
    time.sleep(0.4)
    lag = state().redis.relay_lag_ms
    assert 400 <= lag < 20_000
    using(confirm)
    stands = state()
    assert stands.database.changes_unconfirmed == 0
    assert stands.redis.relay_lag_ms < lag
