"""What HTTP says around the answers: ETags, errors, ids, health."""

import gzip
import json
import logging
import socketserver
import threading
import time
from contextlib import ExitStack

import brotli
import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.shop import add_product
from torg.api import health
from torg.caching import redis
from torg.caching.warming import marker
from torg.caching.warming.readiness import Readiness
from torg.caching.warming.start import start_warming
from torg.catalogue.models import Product

ADDRESSES = [
    "/api/v1/products",
    "/api/v1/products/mug",
    "/api/v1/products/featured",
    "/api/v1/categories",
    "/api/v1/categories/tree",
    "/api/v1/categories/things",
    "/api/v1/schema",
]


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_answer_has_a_strong_etag_and_is_not_sent_twice(front, path):
    add_product("Mug")
    first = front.get(path)
    assert first.status_code == 200
    assert first["ETag"].startswith('"')
    assert first["Cache-Control"] == "public, no-cache"
    assert first["Cache-Tag"]
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = front.get(path, If_None_Match=known)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert front.get(path, If_None_Match='"other"').status_code == 200


def test_the_etag_changes_with_the_product_and_only_then(front):
    add_product("Mug")
    before = front.get("/api/v1/products/mug")["ETag"]
    assert front.get("/api/v1/products/mug")["ETag"] == before
    Product.objects.update(price=11)
    assert front.get("/api/v1/products/mug", If_None_Match=before).status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_says_what_get_says_without_the_body(front, path):
    add_product("Mug")
    got, head = front.get(path), front.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    ignored = {"X-Request-ID"}
    assert {n: v for n, v in head.items() if n not in ignored} == {
        n: v for n, v in got.items() if n not in ignored
    }


def test_a_detail_names_all_that_it_depends_on(front):
    product = add_product("Mug")
    tags = front.get("/api/v1/products/mug")["Cache-Tag"].split(",")
    assert tags == [f"category:{product.category_id}", f"product:{product.pk}"]
    assert (
        front.get("/api/v1/products?category=things")["Cache-Tag"]
        == f"products:category:{product.category_id}"
    )
    assert front.get("/api/v1/products")["Cache-Tag"] == "products"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nowhere", 404, "not_found"),
        ("get", "/api/v1/nowhere", 404, "not_found"),
        ("get", "/api/v1/products/%00", 404, "not_found"),
        ("post", "/api/v1/products", 405, "method_not_allowed"),
        ("delete", "/api/v1/products/mug", 405, "method_not_allowed"),
        ("put", "/api/v1/categories/tree", 405, "method_not_allowed"),
    ],
)
def test_errors_are_problem_documents(front, method, path, status, code):
    response = getattr(front.client, method)(path)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    problem = json.loads(response.content)
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"urn:torg:problem:{code}"
    assert problem["request_id"] == response["X-Request-ID"]
    assert response["Cache-Control"] == "no-store"


def test_an_unknown_host_is_refused():
    response = Client(headers={"host": "evil.example"}).get("/api/v1/categories")
    assert (response.status_code, json.loads(response.content)["code"]) == (400, "bad_request")


def test_a_body_over_one_mebibyte_is_refused_unread(front):
    response = front.client.post(
        "/api/v1/products", b"x" * (1024 * 1024 + 1), content_type="application/json"
    )
    assert (response.status_code, json.loads(response.content)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(OperationalError("gone"), 503, "database_away"), (RuntimeError("bug"), 500, "internal_error")],
)
def test_failures_of_ours_tell_no_secrets(front, monkeypatch, caplog, error, status, code):
    def fail(*_):
        raise error

    monkeypatch.setattr("torg.pages.categories.category_tree", fail)
    with caplog.at_level(logging.ERROR):
        response = front.get("/api/v1/categories/tree")
    assert (response.status_code, json.loads(response.content)["code"]) == (status, code)
    assert str(error).encode() not in response.content
    assert any(record.name == "torg.api" for record in caplog.records)


def test_a_failure_outside_the_api_is_a_problem_document_too(front, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("bug")

    front.client.raise_request_exception = False
    monkeypatch.setattr("torg.api.media.serve", fail)
    response = front.get("/media/a.png")
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")


def test_a_request_keeps_its_id_where_it_is_usable(front):
    assert front.get("/api/v1/categories", X_Request_ID="order-42")["X-Request-ID"] == "order-42"
    for unusable in ("a b", "x" * 129, "né", "\x7f"):
        given = front.get("/api/v1/categories", X_Request_ID=unusable)["X-Request-ID"]
        assert given != unusable
        assert len(given) == 36


def test_every_request_is_logged_with_its_id(front, caplog):
    with caplog.at_level(logging.INFO, logger="torg.access"):
        front.get("/api/v1/categories?x=1", X_Request_ID="order-42")
    (record,) = [record for record in caplog.records if record.name == "torg.access"]
    assert record.msg["request_id"] == "order-42"
    assert (record.msg["method"], record.msg["path"], record.msg["status"]) == (
        "GET",
        "/api/v1/categories",
        400,
    )


@pytest.fixture
def new_process(db, monkeypatch):
    """This process has not been ready before."""
    monkeypatch.setattr(health, "readiness", Readiness())


def test_health_is_told_under_any_host_without_https(new_process):
    start_warming("all").mark_as_failed("for a test")
    client = Client(headers={"host": "10.1.2.3:8000"})
    assert client.get("/healthz").json() == {"status": "ok", "checks": {}}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (
        200,
        dict.fromkeys(("postgresql", "migrations", "warming", "redis"), "ok"),
    )


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(path):
    assert Client().post(path).status_code == 405
    assert Client().head("/healthz").status_code == 200


def test_a_process_without_redis_is_degraded_but_ready(new_process, settings):
    start_warming("all")
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    redis.forget_connections()
    ready = Client().get("/readyz")
    redis.forget_connections()
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "degraded",
        "checks": {
            "postgresql": "ok",
            "migrations": "ok",
            "warming": "ok",
            "redis": "cannot be used ([Errno 2] No such file or directory)",
        },
    }


@pytest.fixture
def impostor():
    """Return what makes a server that answers each command with what is said of it, or not at all."""
    with ExitStack() as servers:

        def serve(answers):
            class Answering(socketserver.StreamRequestHandler):
                def handle(self):
                    while line := self.rfile.readline():
                        parts = [self.rfile.readline() for _ in range(2 * int(line[1:]))]
                        command = parts[1].strip().decode()
                        if command not in answers:
                            time.sleep(0.5)
                            return
                        self.wfile.write(answers[command])

            server = servers.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering))
            threading.Thread(target=server.serve_forever, args=(0.05,)).start()
            servers.callback(server.shutdown)
            return f"redis://127.0.0.1:{server.server_address[1]}"

        yield serve


NO_RUN = "it does not tell its run_id, so nobody would notice that it was restarted"
TOLD = b"$17\r\nrun_id:0123456789\r\n"


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"INFO": TOLD, "EXISTS": b"-LOADING Redis is loading\r\n"}, "LOADING Redis is loading"),
        ({"INFO": TOLD, "EXISTS": b"-MASTERDOWN Link is down\r\n"}, "MASTERDOWN Link is down"),
        ({"INFO": TOLD}, "it did not answer within 50 ms"),
        ({}, "it did not answer within 50 ms"),
        ({"INFO": b"-NOAUTH Authentication required.\r\n"}, "NOAUTH Authentication required."),
        *(
            ({"INFO": strange}, NO_RUN)
            for strange in (b":1\r\n", b"$-1\r\n", b"*0\r\n", b"$2\r\n\xff\xfe\r\n")
        ),
        ({"INFO": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, 'Protocol error, got "H" as reply type byte'),
    ],
)
def test_a_redis_that_the_cache_cannot_use_is_not_said_to_be_well(
    new_process, settings, impostor, answers, wrong
):
    settings.REDIS_URL = impostor(answers)
    ready = Client().get("/readyz")
    redis.forget_connections()
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["checks"]["redis"] == f"cannot be used ({wrong})"


def test_a_name_that_no_host_can_have_is_as_no_redis(new_process, settings):
    settings.REDIS_URL = f"redis://{'x' * 64}:6379"
    redis.forget_connections()
    redis.connector.make()  # As each web process does when it starts.
    ready = Client().get("/readyz")
    redis.forget_connections()
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")


def test_a_process_is_not_ready_while_its_documents_are_warmed_for_the_first_time(new_process):
    redis.using(lambda connection: connection.run("FLUSHDB"))
    job = start_warming("all")
    job.mark_as_running()
    job.mark_as_seen(done=200, total=2000)
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert ready.json()["checks"]["warming"] == "200 of 2000 documents"
    job.mark_as_completed()
    marker.note_warmed(redis.using(lambda connection: connection.run_id))
    assert Client().get("/readyz").json()["status"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_read_outlives_the_loss_of_its_connection():
    add_product("Mug")
    client = Client(headers={"host": "localhost"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (lost,) = cursor.fetchone()
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
    assert client.get("/api/v1/products/mug").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (lost,)


def test_everybody_but_this_machine_is_sent_to_https(db, settings):
    settings.ALLOWED_HOSTS = ["shop.example", "localhost"]
    response = Client(headers={"host": "shop.example"}).get("/api/v1/products?page_size=5")
    assert (response.status_code, response["Location"]) == (
        301,
        "https://shop.example/api/v1/products?page_size=5",
    )
    assert Client(headers={"host": "shop.example"}).get("/api/v1/products", secure=True).status_code == 200
    assert Client(headers={"host": "localhost:8000"}).get("/api/v1/products").status_code == 200


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-forwarded-proto", "x-real-ip", "forwarded", "via"])
def test_what_came_through_a_proxy_is_not_from_this_machine(db, header):
    response = Client(headers={"host": "127.0.0.1:8000", header: "203.0.113.7"}).get("/api/v1/products")
    assert (response.status_code, response["Location"]) == (301, "https://127.0.0.1:8000/api/v1/products")


def test_cookies_are_for_https_only_but_on_this_machine(db, settings):
    settings.ALLOWED_HOSTS = ["shop.example", "localhost"]
    login = "/backoffice/login/"
    there = Client(headers={"host": "shop.example"}).get(login, secure=True).cookies["csrftoken"]
    here = Client(headers={"host": "localhost:8000"}).get(login).cookies["csrftoken"]
    assert (bool(there["secure"]), bool(here["secure"])) == (True, False)


def test_pictures_of_the_shop_are_served_and_nothing_else(front, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media/demo").mkdir(parents=True)
    (tmp_path / "media/demo/mug.svg").write_text("<svg/>")
    (tmp_path / "secret").write_text("key")
    response = front.get("/media/demo/mug.svg")
    assert (response.status_code, response.getvalue(), response["Content-Type"]) == (
        200,
        b"<svg/>",
        "image/svg+xml",
    )
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    for path in (
        "/media/../secret",
        "/media/%2e%2e/secret",
        "/media/demo",
        "/media/none.svg",
        "/media/" + "a" * 300,
    ):
        assert front.get(path).status_code == 404
    refused = front.client.post("/media/demo/mug.svg")
    assert (refused.status_code, refused["Content-Type"], refused["Allow"]) == (
        405,
        "application/problem+json",
        "GET, HEAD",
    )


@pytest.mark.parametrize(("encoding", "decode"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_a_document_comes_in_the_encoding_that_is_accepted(front, encoding, decode):
    add_product("Mug")
    plain, encoded = (
        front.get("/api/v1/products/mug"),
        front.get("/api/v1/products/mug", Accept_Encoding=encoding),
    )
    assert "Content-Encoding" not in plain
    assert encoded["Content-Encoding"] == encoding
    assert decode(encoded.content) == plain.content
    assert int(encoded["Content-Length"]) == len(encoded.content) < len(plain.content)
    assert encoded["ETag"] == f'{plain["ETag"][:-1]}-{encoding}"'
    assert plain["Vary"] == encoded["Vary"] == "Accept-Encoding, origin"
    for known in (plain["ETag"], encoded["ETag"], f"W/{encoded['ETag']}"):
        assert front.get("/api/v1/products/mug", If_None_Match=known).status_code == 304
    head = front.client.head("/api/v1/products/mug", headers={"Accept-Encoding": encoding})
    assert (head.content, head["Content-Length"]) == (b"", encoded["Content-Length"])


def test_a_refusal_is_not_compressed(front):
    response = front.get("/api/v1/products?x=1", Accept_Encoding="gzip")
    assert (response.status_code, "Content-Encoding" in response) == (400, False)
