"""Which pages of other origins may read the API, and what of it."""

import pytest
from django.test import Client

SHOP, OTHER = "https://shop.example", "https://other.example"


@pytest.fixture
def narrow(settings):
    settings.CORS_ALLOW_ALL_ORIGINS = False
    settings.CORS_ALLOWED_ORIGINS = [SHOP]


def cors_headers(response):
    return {name for name in response.headers if name.lower().startswith("access-control-")}


def preflight(front, path="/api/v1/products", **headers):
    sent = {"Origin": SHOP, "Access-Control-Request-Method": "GET", **headers}
    return front.client.options(path, headers=sent)


def test_any_page_may_read_what_is_public_but_not_with_cookies(front):
    response = front.get("/api/v1/categories", Origin=OTHER)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert response["Access-Control-Expose-Headers"].split(", ") == [
        "Age",
        "Cache-Tag",
        "ETag",
        "Idempotent-Replayed",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Cache",
        "X-Cart-Token",
        "X-Request-ID",
    ]


def test_what_is_sent_to_pages_does_not_reach_others(front):
    response = front.get("/api/v1/categories")
    assert cors_headers(response) == set()
    assert response["Vary"] == "Accept-Encoding, origin"


@pytest.mark.usefixtures("narrow")
def test_pages_of_the_origins_that_are_named_may_read(front):
    assert front.get("/api/v1/categories", Origin=SHOP)["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("origin", [OTHER, "null", "http://shop.example", "https://shop.example:8443", "//"])
def test_a_page_from_an_origin_that_is_not_allowed_gets_no_header(front, origin):
    assert cors_headers(front.get("/api/v1/categories", Origin=origin)) == set()
    assert cors_headers(preflight(front, Origin=origin)) == set()


def test_pages_may_read_refusals_and_304_too(front):
    refused = front.get("/api/v1/categories?x=1", Origin=SHOP)
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (400, "*")
    missing = front.get("/api/v1/products/nothing", Origin=SHOP)
    assert (missing.status_code, missing["Access-Control-Allow-Origin"]) == (404, "*")
    held = front.get("/api/v1/categories", Origin=SHOP, If_None_Match="*")
    assert (held.status_code, held["Access-Control-Allow-Origin"]) == (304, "*")
    strange = Client(headers={"host": "evil.example"}).get("/api/v1/categories", headers={"Origin": SHOP})
    assert (strange.status_code, strange["Access-Control-Allow-Origin"]) == (400, "*")


def test_a_preflight_names_the_methods_and_headers_that_the_api_knows(front):
    response = preflight(front, **{"Access-Control-Request-Headers": "x-cart-token"})
    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert response["Access-Control-Allow-Headers"] == (
        "content-type, idempotency-key, if-match, if-none-match, x-cart-token, x-request-id, x-session-token"
    )
    assert response["Access-Control-Max-Age"] == "86400"
    assert response["X-Request-ID"]


@pytest.mark.parametrize("path", ["/backoffice/login/", "/media/a.png", "/healthz", "/nowhere", "/apix"])
def test_nothing_else_is_for_pages_of_other_origins(front, path):
    assert cors_headers(front.get(path, Origin=SHOP)) == set()
    assert cors_headers(preflight(front, path)) == set()
