"""What comes over the wire, by whichever way an answer is made, is what Django would have answered."""

from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIHandler

from tests.caching.accelerated import accelerated
from tests.caching.kit import wait_for_others
from tests.caching.test_front import GOOD_PATHS, PRODUCT, REQUESTS, comparable, send, shop
from tests.raw_http import request
from torg.caching.front import Front
from torg.caching.memory import memory

__all__ = ["shop"]

# What is of the connection, or said by the server.
OF_THE_WIRE = {"date", "connection", "server"}
# No header says the scheme, and without a Host it is no HTTP/1.1.
SENT = [
    (method, path, query, way)
    for method, path, query, way in REQUESTS
    if "wsgi.url_scheme" not in way and way.get("HTTP_HOST", "") is not None
]
DIFFERENT = (b"Age: ", b"Date: ", b"X-Request-ID: ")
WITHOUT_PREFIX = {"CONTENT_LENGTH": "Content-Length"}


@pytest.fixture
def served(shop):
    front = Front(WSGIHandler(), log=lambda *_: None)
    with accelerated(front, behind=front) as serving:
        yield serving


@pytest.fixture
def hits(served, monkeypatch):
    """Note what the accelerator has answered itself."""
    noted = []
    made = served.accelerator._hits.answer

    def noting(hit, *arguments, **options):
        noted.append(hit.target)
        return made(hit, *arguments, **options)

    monkeypatch.setattr(served.accelerator._hits, "answer", noting)
    return noted


def as_sent(method, path, query, way):
    target = quote(path.encode("latin-1"), safe="/") + (f"?{query}" if query else "")
    names = {
        name: WITHOUT_PREFIX.get(name) or name.removeprefix("HTTP_").replace("_", "-").title() for name in way
    }
    return request(target, *(f"{names[name]}: {value}" for name, value in way.items()), method=method)


def over_the_wire(served, method, path, query, way):
    with served.connect() as connection:
        return connection.send(as_sent(method, path, query, way)).answer(method)


def assert_is_as_django_would(answered, method, path, query, way):
    status, expected, body = send(WSGIHandler(), method, path, query, way)
    headers = {name: value for name, value in answered.headers.items() if name not in OF_THE_WIRE}
    expected.pop("connection", None)
    if "content-length" not in expected:  # Then the server adds it, if there is anything to be added.
        headers.pop("content-length", None)
    body = b"" if method == "HEAD" or status in {204, 304} else body
    wire = comparable((answered.status, headers, answered.body), way)
    assert wire == comparable((status, expected, body), way), (method, path, query, way)


def test_more_than_a_hundred_and_fifty_requests_are_sent():
    assert len(SENT) > 150


def test_every_request_is_answered_as_django_would(served, hits):
    for method, path, query, way in SENT:
        memory.clear()
        for _ in range(2):
            answered = over_the_wire(served, method, path, query, way)
            assert_is_as_django_would(answered, method, path, query, way)
    assert len(hits) > 60


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_was_asked_for_before_is_answered_by_the_accelerator(served, hits, method):
    with served.connect() as connection:
        for path, query in GOOD_PATHS:
            # Some are kept only when they are asked for again.
            for _ in range(3):
                answered = connection.send(as_sent(method, path, query, {})).answer(method)
                assert answered.status == 200
            assert (hits.pop().method, hits.clear()) == (method, None), (path, query)


def tagging(get_response):
    """A project's middleware, that sets what we set, too."""

    def answered(request):
        response = get_response(request)
        response["Cache-Tag"], response["ETag"], response["X-Site"] = "site:1", '"site"', "1"
        return response

    return answered


def test_what_middlewares_add_is_sent_whatever_it_is_called(shop, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.tagging"]
    front = Front(WSGIHandler(), log=lambda *_: None)
    said = []
    wait_for_others()
    with accelerated(front, behind=front) as serving:
        for _ in range(3):
            with serving.connect() as connection:
                head = connection.send(request(PRODUCT, "Connection: close")).rest().split(b"\r\n\r\n")[0]
            fields = sorted(field for field in head.split(b"\r\n")[1:] if not field.startswith(DIFFERENT))
            said.append((b"X-Cache: hit" in fields, fields))
    (_, built), _, (is_hit, hit) = said
    assert is_hit
    changed = {b"X-Cache: miss": b"X-Cache: hit"}
    assert hit == sorted(changed.get(field, field) for field in built)
    assert {b"Cache-Tag: site:1", b'ETag: "site"', b"X-Site: 1"} < set(hit)
    assert sum(field.startswith((b"Cache-Tag: ", b"ETag: ")) for field in hit) == 4


def test_an_etag_that_came_from_one_way_is_known_by_the_others(served, hits):
    with served.connect() as connection:
        etag = connection.ask(PRODUCT).headers["etag"]
        for field in (f"If-None-Match: {etag}", f'If-None-Match: "0", W/{etag}', "If-None-Match: *"):
            answered = connection.ask(PRODUCT, field)
            assert (answered.status, answered.headers["etag"], answered.body) == (304, etag, b"")
            assert "content-length" not in answered.headers
    assert len(hits) == 3
