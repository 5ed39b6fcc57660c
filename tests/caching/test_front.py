"""What the application in front of Django answers, against what Django would have answered."""

import io
import itertools
import json
import threading
from email.utils import parsedate_to_datetime
from types import ModuleType

import pytest
import structlog
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection
from django.test import override_settings
from django.urls import include, path

from tests.shop import add_category, add_product
from torg.caching import answer, counting, front, names, reading
from torg.caching.front import Front
from torg.caching.memory import memory

PRODUCT = "/api/v1/products/tea-kettle"
GOOD_PATHS = [
    (PRODUCT, ""),
    ("/api/v1/products/a_b-C-9", ""),
    ("/api/v1/products", ""),
    ("/api/v1/products", "category=kitchen"),
    ("/api/v1/products", "category=kettles&sort=price"),
    ("/api/v1/products", "sort=price&category=kettles"),
    ("/api/v1/products", "page_size=20"),
    ("/api/v1/products", "page_size=1"),
    ("/api/v1/products", "price_min=5.00&price_max=99"),
    ("/api/v1/products", "brand=K%C3%A4the&brand=Zeta"),
    ("/api/v1/products", "attr.size=L"),
    ("/api/v1/products", "in_stock=true&featured=false"),
    ("/api/v1/products/featured", ""),
    ("/api/v1/products/featured", "limit=8"),
    ("/api/v1/categories", ""),
    ("/api/v1/categories/tree", ""),
    ("/api/v1/categories/kitchen", ""),
    ("/api/v1/schema", ""),
]
BAD_PATHS = [
    ("/api/v1/products/nobody-has-it", ""),
    ("/api/v1/products/t\xc3\xa9", ""),
    ("/api/v1/products/", ""),
    ("/api/v1/products//tea-kettle", ""),
    ("/api/v1/products/tea-kettle/", ""),
    (PRODUCT, "utm_source=mail"),
    (PRODUCT, "%00=1"),
    ("/api/v1/products", "page=0"),
    ("/api/v1/products", "page_size=1000"),
    ("/api/v1/products", "category=nowhere"),
    ("/api/v1/products", "cursor=junk"),
    ("/api/v1/products", "price_min=9&price_max=1"),
    ("/api/v1/products", "sort=price&sort=name"),
    ("/api/v1/products", "%ff%fe=%c3"),
    ("/api/v1/products/featured", "limit=51"),
    ("/api/v1/categories/nowhere", ""),
    # An address with %3F in it, once what it resembles is known.
    ("/api/v1/products?category=kitchen", ""),
    ("/api/v1/products?category=kitchen", "category=kitchen"),
    ("/api/v1/products", "brand=x&" * 5_001),
    ("/backoffice/", ""),
    ("/healthz", ""),
    ("/", ""),
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
WAYS = [
    {},
    {"HTTP_HOST": "127.0.0.1:8000"},
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "local host"},
    {"HTTP_HOST": None},
    {"HTTP_HOST": "shop.example"},
    {"HTTP_HOST": "shop.example", "wsgi.url_scheme": "https"},
    {"HTTP_HOST": "[::1]:80"},
    {"HTTP_X_FORWARDED_FOR": "10.0.0.1"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_VIA": "1.1 proxy", "wsgi.url_scheme": "https"},
    {"HTTP_X_FORWARDED_HOST": "shop.example"},
    {"HTTP_X_FORWARDED_HOST": "shop.example", "wsgi.url_scheme": "https"},
    {"HTTP_ORIGIN": "https://shop.example"},
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd"},
    {"HTTP_ACCEPT_ENCODING": "gzip"},
    {"HTTP_ACCEPT_ENCODING": "br;q=0, gzip;q=0.5, identity;q=0.2"},
    {"HTTP_ACCEPT_ENCODING": "identity;q=0"},
    {"HTTP_ACCEPT_ENCODING": "br;q=x"},
    {"HTTP_IF_NONE_MATCH": "*"},
    {"HTTP_IF_NONE_MATCH": '"0", W/"1"'},
    {"HTTP_IF_NONE_MATCH": ""},
    {"HTTP_X_REQUEST_ID": "order-42"},
    {"HTTP_X_REQUEST_ID": "in valid"},
    {"HTTP_COOKIE": f"sessionid={'s' * 32}; csrftoken={'c' * 32}"},
    {"HTTP_AUTHORIZATION": "Bearer x"},
    {"HTTP_RANGE": "bytes=0-9"},
    {"HTTP_ACCEPT": "text/html"},
    {"CONTENT_LENGTH": "99999999"},
    {"CONTENT_LENGTH": "0"},
    {"HTTP_IF_MODIFIED_SINCE": "Sat, 21 Nov 2026 04:15:00 GMT"},
]
# All paths; each way and each method to some of them, so that there are more than 200 requests in all.
REQUESTS = [
    *((method, path, query, {}) for method in METHODS for path, query in [*GOOD_PATHS[:3], *BAD_PATHS[:3]]),
    *(("GET", path, query, {}) for path, query in [*GOOD_PATHS, *BAD_PATHS]),
    *(
        (method, path, query, way)
        for way in WAYS
        for method, (path, query) in itertools.product(["GET", "HEAD"], [GOOD_PATHS[0], GOOD_PATHS[4]])
    ),
]
# What tells one answer from the next one to the same request.
NOT_COMPARED = {"age", "x-cache"}


def environment(method, path, query, way):
    sent = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **way,
    }
    return {name: value for name, value in sent.items() if value is not None}


def send(application, method, path, query="", way=None):
    answered = {}

    def start_response(status, headers, exc_info=None):
        answered.update(status=status, headers=headers)

    parts = application(environment(method, path, query, way or {}), start_response)
    body = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    headers = {name.lower(): value for name, value in answered["headers"]}
    assert len(headers) == len(answered["headers"]), f"a header is there twice: {answered['headers']}"
    return int(answered["status"][:3]), headers, body


def comparable(answered, way):
    status, headers, body = answered
    request_id = headers.pop("x-request-id")
    if way.get("HTTP_X_REQUEST_ID") == "order-42":
        assert request_id == "order-42"
    kept = {name: value for name, value in headers.items() if name not in NOT_COMPARED}
    if "expires" in kept:  # At once, by a clock that goes on between two answers.
        kept["expires"] = parsedate_to_datetime(kept["expires"]).tzinfo
    if headers.get("content-type") == "application/problem+json":
        document = json.loads(body) if body else {}
        assert document.pop("request_id", request_id) == request_id
        kept.pop("content-length", None)
        return status, kept, document
    return status, kept, body


@pytest.fixture
def shop(transactional_db, settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "shop.example"]
    kitchen = add_category("Kitchen")
    kettles = add_category("Kettles", parent=kitchen)
    add_product(
        "Tea Kettle",
        category=kettles,
        brand="Käthe",
        description="<p>" + "Boils water. " * 40 + "</p>",
        is_featured=True,
        images=["https://images.example/1.jpg"],
        variants=[{"attributes": {"size": "L"}}, {"attributes": {"size": "S"}, "on_hand": 0}],
    )
    add_product("Odd", slug="a_b-C-9", category=kitchen)
    memory.clear()


@pytest.fixture
def django():
    return WSGIHandler()


def untouched(environ, start_response):
    raise AssertionError(f"{environ['PATH_INFO']} was handed on to Django")


def test_there_are_more_than_200_requests_to_compare():
    assert len(REQUESTS) > 200


@pytest.mark.parametrize("origins", [["*"], ["https://shop.example"]])
def test_every_request_is_answered_as_django_would(shop, django, origins):
    everybody = {"CORS_ALLOW_ALL_ORIGINS": True} if origins == ["*"] else {
        "CORS_ALLOW_ALL_ORIGINS": False, "CORS_ALLOWED_ORIGINS": origins,
    }  # fmt: skip
    with override_settings(**everybody):
        front = Front(WSGIHandler(), log=lambda *_: None)
        for method, path, query, way in REQUESTS:
            memory.clear()
            cold = comparable(send(front, method, path, query, way), way)
            warm = comparable(send(front, method, path, query, way), way)
            expected = comparable(send(django, method, path, query, way), way)
            assert (cold, warm) == (expected, expected), (method, path, query, way)


@pytest.mark.parametrize(("path", "query"), GOOD_PATHS)
def test_documents_do_not_reach_django(shop, path, query):
    front = Front(untouched, log=lambda *_: None)
    for _ in range(2):
        status, headers, body = send(front, "GET", path, query)
        assert status == 200
        assert headers["content-length"] == str(len(body))


def test_a_document_that_the_caller_has_is_304_in_each_encoding(shop):
    front = Front(untouched, log=lambda *_: None)
    etags = set()
    for encoding in ("identity", "gzip", "br"):
        way = {"HTTP_ACCEPT_ENCODING": encoding}
        _, headers, _ = send(front, "GET", PRODUCT, "", way)
        etags.add(headers["etag"])
        status, again, body = send(front, "GET", PRODUCT, "", {**way, "HTTP_IF_NONE_MATCH": headers["etag"]})
        assert (status, again["etag"], body) == (304, headers["etag"], b"")
        assert "content-length" not in again
    assert len(etags) == 3


def test_a_read_in_front_leaves_no_connection_with_the_thread(shop):
    front = Front(untouched, log=lambda *_: None)
    connection.close()
    memory.clear()
    assert send(front, "GET", PRODUCT)[0] == 200
    assert connection.connection is None


def test_what_was_missing_is_not_looked_for_again(shop, django_assert_num_queries):
    asked = []
    front = Front(WSGIHandler(), log=lambda *_: None)
    send(front, "GET", "/api/v1/products/nobody-has-it")

    def remember(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        assert send(front, "GET", "/api/v1/products/nobody-has-it")[0] == 404
    assert sum('FROM "catalogue_product"' in sql for sql in asked) == 1


def test_the_log_is_told_what_was_answered_here(shop):
    lines = []
    front = Front(WSGIHandler(), log=lambda *line: lines.append(line))
    send(front, "GET", PRODUCT, "", {"HTTP_X_REQUEST_ID": "order-42"})
    send(front, "GET", "/healthz")
    [(method, path, status, seconds, request_id)] = lines
    assert (method, path, status, request_id) == ("GET", PRODUCT, 200, "order-42")
    assert 0 < seconds < 60


def test_an_address_with_a_question_mark_in_it_is_not_taken_for_a_query(shop):
    application = Front(WSGIHandler(), log=lambda *_: None)
    assert send(application, "GET", "/api/v1/products", "category=kitchen")[0] == 200
    assert send(application, "GET", "/api/v1/products?category=kitchen")[0] == 404


def test_the_name_of_a_long_target_is_not_remembered(shop, monkeypatch):
    application = Front(WSGIHandler(), log=lambda *_: None)
    target = "/api/v1/products?category=kitchen"
    for longest, remembered in ((len(target) - 1, []), (len(target), [target])):
        monkeypatch.setattr(names, "_LONGEST", longest)
        for _ in range(2):
            memory.clear()
            assert send(application, "GET", *target.split("?"))[0] == 200
        assert list(application.names._known) == remembered
    monkeypatch.undo()
    application.names.remember("x" * 1_001, application.names._known[target])
    assert list(application.names._known) == [target]


def test_what_is_long_is_answered_and_not_kept(shop):
    application = Front(WSGIHandler(), log=lambda *_: None)
    answer.chosen_encoding.cache_clear()
    way = {"HTTP_ACCEPT_ENCODING": "gzip, " + "x" * 200}
    assert send(application, "GET", PRODUCT, "", way)[1]["content-encoding"] == "gzip"
    assert answer.chosen_encoding.cache_info().currsize == 0
    ways = len(application.frames._known)
    assert send(application, "GET", PRODUCT, "", {"HTTP_ORIGIN": "https://" + "x" * 1_000})[0] == 200
    assert len(application.frames._known) == ways == 1


@pytest.mark.parametrize("application", [WSGIHandler(), Front(WSGIHandler(), log=lambda *_: None)])
@pytest.mark.parametrize("address", ["/api/v1/products", PRODUCT])
def test_too_many_parameters_are_refused(shop, application, address):
    status, headers, body = send(application, "GET", address, "brand=x&" * 5_001)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["code"] == "bad_request"


def test_a_project_that_has_only_a_part_of_our_addresses_is_served(shop, django):
    urls = ModuleType("tests.urls_of_a_project")
    views = {each.name: each for each in include("torg.api.urls")[0].urlpatterns}
    urls.urlpatterns = [
        path("shop/<slug:slug>", views["product"].callback, name="product"),
        path("torg/", include(("torg.api.urls", "torg"))),
    ]
    with override_settings(ROOT_URLCONF=urls), structlog.testing.capture_logs() as logged:
        application = Front(untouched, log=lambda *_: None)
        assert send(application, "GET", "/shop/tea-kettle")[0] == 200
        application = Front(WSGIHandler(), log=lambda *_: None)
        threads = [threading.Thread(target=application.names.routes) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert send(application, "GET", "/torg/v1/products")[0] == 200
        assert send(application, "GET", "/torg/v1/nothing")[0] == 404
    warnings = [line for line in logged if line["event"] == "routes_unknown"]
    assert len(warnings) == 2  # One of each application.
    assert "products" in warnings[0]["routes"]
    assert "product" not in warnings[0]["routes"]


@pytest.mark.parametrize("sent", [None, "order-42", "in valid"])
@pytest.mark.parametrize("is_failing", [True, False])
def test_what_is_logged_by_a_read_has_the_id_that_is_sent_back(shop, monkeypatch, sent, is_failing):
    bound = []

    def watched(kind, asked):
        bound.append(structlog.contextvars.get_contextvars())
        if is_failing:
            raise OperationalError("no")
        return reading.read(kind, asked)

    monkeypatch.setattr(front, "read", watched)
    application = Front(WSGIHandler(), log=lambda *_: None)
    send(application, "GET", "/healthz", "", {"HTTP_X_REQUEST_ID": "earlier"})
    assert structlog.contextvars.get_contextvars() == {}
    status, headers, _ = send(application, "GET", PRODUCT, "", {"HTTP_X_REQUEST_ID": sent})
    assert status == (503 if is_failing else 200)
    assert bound == [{"request_id": headers["x-request-id"]}]
    assert (headers["x-request-id"] == sent) is (sent == "order-42")
    assert structlog.contextvars.get_contextvars() == {}


def test_a_rehearsal_leaves_no_id_with_the_thread(shop):
    application = Front(untouched, log=lambda *_: None)
    application.frames.around("product", environment("GET", PRODUCT, "", {}))
    assert structlog.contextvars.get_contextvars() == {}


def failing(*_, **__):
    raise OperationalError("connection refused")


def test_a_database_that_is_away_on_the_fast_path_is_told_by_django_once(shop, monkeypatch):
    application = Front(WSGIHandler(), log=lambda *_: None)
    assert send(application, "GET", PRODUCT)[0] == 200
    monkeypatch.setattr(front, "is_fresh", failing)
    assert send(application, "GET", PRODUCT)[0] == 200
    monkeypatch.setattr(reading, "is_fresh", failing)
    with structlog.testing.capture_logs() as logged:
        assert send(application, "GET", PRODUCT)[0] == 503
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["database_away"]


@pytest.mark.parametrize("broken", ["_name", "_is_fresh", "_found"])
def test_whatever_fails_in_front_is_handed_on_and_logged_once(shop, monkeypatch, broken):
    application = Front(WSGIHandler(), log=lambda *_: None)
    if broken == "_is_fresh":
        send(application, "GET", PRODUCT)
    monkeypatch.setattr(application, broken, failing)
    with structlog.testing.capture_logs() as logged:
        assert send(application, "GET", PRODUCT)[0] == 200
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["front_failed"]


@pytest.mark.parametrize("application", [WSGIHandler(), Front(untouched, log=lambda *_: None)])
def test_an_answer_304_is_counted_whoever_gives_it(shop, application):
    before = counting.mine().not_modified
    assert send(application, "GET", PRODUCT, "", {"HTTP_IF_NONE_MATCH": "*"})[0] == 304
    assert send(application, "GET", PRODUCT)[0] == 200
    assert counting.mine().not_modified == before + 1
