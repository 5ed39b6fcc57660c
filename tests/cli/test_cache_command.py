"""``torg cache`` tells how the cache of a running shop does, and has documents built anew."""

import http.client
import json
import time

import pytest

from tests.cli.commands import Command, run

pytestmark = pytest.mark.embedded

TREE = "/api/v1/categories/tree"
FEATURED = "/api/v1/products/featured"


class Shop:
    def __init__(self, data_dir, port):
        self.data_dir = data_dir
        self.port = port

    def x_cache(self, path):
        """Ask, and say whether it was in the cache."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            return response.headers["X-Cache"]
        finally:
            connection.close()

    def cache(self, *arguments):
        return run(self.data_dir, "cache", *arguments)

    def stats(self):
        status, printed = self.cache("stats", "--json")
        assert status == 0, printed
        return json.loads(printed)


@pytest.fixture
def shop(data_dir, port):
    web = Command(
        data_dir, "web", "--port", str(port), "--processes", "2", CACHE_WARM_LIMIT="0", LOG_LEVEL="ERROR"
    )
    web.wait_for_port(port)
    yield Shop(data_dir, port)
    web.process.terminate()
    assert web.exit_status() == 0
    assert web.printed == ""


def test_what_was_read_is_told_to_the_last_read_a_second_later(shop):
    answers = [shop.x_cache(TREE) for _ in range(40)]
    assert answers.count("miss") == 1
    deadline = time.monotonic() + 10
    while True:
        found = shop.stats()
        tree = next(kind for kind in found["kinds"] if kind["kind"] == "category_tree")
        if tree["memory"] + tree["redis"] + tree["built"] == 40 or time.monotonic() > deadline:
            break
    assert tree["memory"] + tree["redis"] == 39
    assert tree["built"] == tree["builds"] == 1
    assert tree["hit_ratio"] == 0.975
    assert found["memory"]["processes"] >= 2
    assert found["memory"]["documents"] >= 1
    status, printed = shop.cache("stats")
    assert status == 0
    row = next(line for line in printed.splitlines() if line.startswith("category_tree"))
    assert row.split()[1:7] == ["97.5", "%", str(tree["memory"]), str(tree["redis"]), "1", "0"]
    assert "Redis 6." in printed
    assert "not confirmed" in printed


def test_documents_with_the_tag_are_built_anew_and_no_others(shop):
    for path in (TREE, FEATURED):
        shop.x_cache(path)
        assert shop.x_cache(path) == "hit"
    assert shop.cache("invalidate", "categories") == (
        0,
        "What depends on categories is built anew when asked for.\n",
    )
    assert shop.x_cache(TREE) == "miss"
    assert shop.x_cache(FEATURED) == "hit"
    status, printed = shop.cache("invalidate", "products:featured", "product:1", "product:1", "--json")
    assert (status, json.loads(printed)) == (0, {"invalidated": ["products:featured", "product:1"]})
    assert shop.x_cache(FEATURED) == "miss"


def test_a_star_stands_for_all_documents(shop):
    for path in (TREE, FEATURED):
        shop.x_cache(path)
        assert shop.x_cache(path) == "hit"
    epoch = shop.stats()["redis"]["epoch"]
    status, printed = shop.cache("invalidate", "*")
    assert (status, printed) == (0, "All documents are built anew when asked for.\n")
    assert [shop.x_cache(path) for path in (TREE, FEATURED)] == ["miss", "miss"]
    assert shop.stats()["redis"]["epoch"] != epoch


@pytest.mark.parametrize("tag", ["", " ", "two words", "a,b", "tab\tbed", "x" * 201])
def test_what_cannot_be_a_tag_is_refused_with_what_can_and_nothing_is_done(data_dir, tag):
    status, printed = run(data_dir, "cache", "invalidate", "categories", tag)
    assert status == 2
    assert printed.count("\n") == 1
    assert f"{tag!r} cannot be a tag: use 1 to 200 characters" in printed
    status, printed = run(data_dir, "cache", "stats", "--json")
    assert json.loads(printed)["database"]["changes"] == 0


def test_no_tag_at_all_is_wrong_use(data_dir):
    status, printed = run(data_dir, "cache", "invalidate")
    assert status == 2
    assert "Missing argument" in printed


def test_without_redis_the_figures_say_so(data_dir):
    status, printed = run(data_dir, "cache", "stats", REDIS_URL="redis://127.0.0.1:1/0")
    assert status == 0
    assert "Redis: away" in printed
    status, printed = run(data_dir, "cache", "stats", "--json", REDIS_URL="redis://127.0.0.1:1/0")
    assert json.loads(printed)["redis"]["is_up"] is False


def test_without_postgresql_it_is_refused(data_dir):
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    given = {"DATABASE_URL": url, "SECRET_KEY": "0123456789abcdef" * 4}
    for arguments in (["stats"], ["invalidate", "categories"]):
        status, printed = run(data_dir, "cache", *arguments, **given)
        assert status == 1
        assert "PostgreSQL cannot be reached" in printed
