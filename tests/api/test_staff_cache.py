"""The staff learns by the API how the cache does: the figures of all processes, of the last hour and now."""

import time
from datetime import UTC, datetime

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.shop import add_category, add_product
from torg.accounts.models import User
from torg.api.examples import EXAMPLES
from torg.caching import counting, flushing, redis, tallies
from torg.caching.keys import key
from torg.caching.memory import memory
from torg.caching.redis import using
from torg.caching.stats import CacheFigures, figures

PATH = "/api/v1/staff/cache"
KINDS = ["categories", "category", "category_tree", "featured", "product", "products", "schema"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient_redis")]


def signed_in(*permissions, **columns):
    user = User.objects.create(username="somebody", email="somebody@example.com", **columns)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


@pytest.fixture
def flusher(patient_redis):
    """Nothing was counted before; gives what adds up what is counted from now on."""
    made = flushing.Flusher(counting.total, counting.samples)
    made.flush()
    for name in using(lambda redis: redis.run("KEYS", key("stats:*"))):
        using(lambda redis, name=name: redis.run("DEL", name))
    memory.clear()
    return made


@pytest.fixture
def manager(flusher):
    return signed_in("caching.view_cache", is_staff=True)


def test_each_read_is_found_under_its_kind_and_the_way_it_ended(manager, flusher):
    add_product("Mug", category=add_category("Kitchen"))
    shopper = Client(headers={"host": "localhost"})
    assert shopper.get("/api/v1/products/mug").headers["X-Cache"] == "miss"
    for _ in range(3):
        assert shopper.get("/api/v1/products/mug").headers["X-Cache"] == "hit"
    memory.clear()
    assert shopper.get("/api/v1/products/mug").headers["X-Cache"] == "hit"
    assert shopper.get("/api/v1/products/none").status_code == 404
    assert shopper.get("/api/v1/categories/tree").headers["X-Cache"] == "miss"
    flusher.flush()
    body = manager.get(PATH).json()
    kinds = {kind.pop("kind"): kind for kind in body["kinds"]}
    assert sorted(kinds) == KINDS
    product = kinds["product"]
    assert product.pop("build_seconds") > 0
    assert product == {
        "memory": 3, "redis": 1, "built": 1, "bypass": 0, "missing": 1, "hit_ratio": 0.8, "builds": 2,
    }  # fmt: skip
    assert kinds["featured"]["hit_ratio"] is None
    assert body["reads"] == {
        "memory": 3, "redis": 1, "built": 2, "bypass": 0, "missing": 1, "hit_ratio": 0.6667,
    }  # fmt: skip
    assert len(body["minutes"]) == 60
    assert sum(minute["hits"] for minute in body["minutes"]) == 4
    assert sum(minute["misses"] for minute in body["minutes"]) == 2
    assert body["redis"]["is_up"] is True
    assert body["database"]["is_up"] is True
    assert body["redis"]["epoch"] > 2**52
    assert abs((datetime.fromisoformat(body["at"]) - datetime.now(UTC)).total_seconds()) < 20


def test_what_is_older_than_an_hour_is_left_out(flusher):
    now = time.time()
    tallies.add(tallies.Batch({"read:product:memory": 5}, {}, at=now - 3_700))
    tallies.add(tallies.Batch({"read:product:memory": 2}, {}, at=now - 3_400))
    assert figures().reads.memory == 2


def test_the_memory_of_processes_that_are_gone_is_not_counted(flusher):
    tallies.note_presence(7, 7_000)
    using(
        lambda redis: redis.run("HSET", key("stats:processes"), "gone:1", f"{int(time.time()) - 60} 5 5000")
    )
    found = figures().memory
    assert (found.processes, found.documents, found.bytes) == (1, 7, 7_000)
    assert len(using(lambda redis: redis.run("HGETALL", key("stats:processes")))) == 2


def test_it_is_told_to_nobody_else(flusher):
    anybody = Client(headers={"host": "localhost"})
    assert anybody.get(PATH).status_code == 401
    shopper = signed_in("caching.view_cache")
    assert shopper.get(PATH).status_code == 403
    User.objects.filter(username="somebody").delete()
    clerk = signed_in("caching.view_warmingjob", is_staff=True)
    response = clerk.get(PATH)
    assert response.status_code == 403
    assert response.json()["code"] == "permission_denied"


def test_the_example_in_the_schema_could_be_an_answer():
    example = EXAMPLES["CacheFigures"]
    shown = msgspec.convert(example, CacheFigures)
    assert msgspec.json.decode(msgspec.json.encode(shown)) == example


def test_nobody_on_the_way_keeps_it(manager):
    response = manager.get(PATH)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_a_parameter_it_does_not_know_is_refused(manager):
    response = manager.get(f"{PATH}?minutes=5")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "minutes"


def test_it_says_so_when_redis_is_away(manager, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis.forget_connections()
    try:
        body = manager.get(PATH).json()
    finally:
        redis.forget_connections()
    assert body["redis"]["is_up"] is False
    assert body["minutes"] is None
    assert body["memory"] is None
    assert body["database"]["is_up"] is True
