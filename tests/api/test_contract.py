"""Every answer of a running server is as the schema says, whatever is sent; schemathesis looks for one that is not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import msgspec
import pytest
import requests
import schemathesis
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection

from tests.cli.commands import Command, free_port
from tests.shop import add_category, add_product
from torg.accounts.models import User
from torg.api.schema import schema_document
from torg.caching.warming.start import start_warming
from torg.lib.ids import uuid7

# The same requests in every run, so that a failure stays one until it is mended.
CONFIG = {
    "seed": 20260101,
    "generation": {"mode": "all", "max-examples": 60, "deterministic": True, "database": "none"},
    # What a schema cannot say: which categories there are, which cursors we gave out, that price_min is not above
    # price_max. So the list may refuse what looks right.
    "operations": [
        {"include-path": path, "checks": {"positive_data_acceptance": {"enabled": False}}}
        for path in ("/api/v1/products", "/api/v1/staff/warming-jobs")
    ],
}
ALLOWED = {"/api/v1/staff/warming-jobs": "GET, POST, HEAD, OPTIONS"}


def fill_the_shop() -> None:
    """Add what the examples of the schema name, something of each kind, and enough for several pages."""
    kitchen = add_category("Kitchen")
    mugs = add_category("Mugs", parent=kitchen)
    add_product(
        "Stoneware Mug",
        category=mugs,
        brand="Alder & Finch",
        price="24.90",
        compare_at_price=Decimal("29.90"),
        is_featured=True,
        rating_average=Decimal("4.50"),
        rating_count=2,
        description="<p>Thrown by hand.</p>",
        images=["https://pictures.example/1.jpg"],
        variants=[{"attributes": {"color": "Moss"}}, {"attributes": {"color": "Clay"}, "on_hand": 2}],
    )
    add_product("Sold out", category=kitchen, on_hand=0, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    add_product("Hidden", category=mugs, is_active=False)
    for number in range(25):
        add_product(f"Größe {number}", slug=f"groesse-{number}", category=mugs, variants=[{"price": 3}])


# The rows of the shop are committed, and stay until all tests here are done: no app's tables are emptied before.
pytestmark = pytest.mark.django_db(transaction=True, available_apps=[])

contract = schemathesis.openapi.from_dict(
    msgspec.json.decode(schema_document().body), config=SchemathesisConfig.from_dict(CONFIG)
)


@pytest.fixture(scope="module")
def address(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """Serve a small shop, out of the database of the tests, by the real server in a process of its own."""
    port = free_port()
    database = urlsplit(settings.ENVIRONMENT.database_url)._replace(
        path=f"/{settings.DATABASES['default']['NAME']}"
    )
    with django_db_blocker.unblock():
        fill_the_shop()
    web = Command(
        tmp_path_factory.mktemp("contract"),
        *("web", "--port", str(port)),
        DATABASE_URL=database.geturl(),
        REDIS_URL=settings.REDIS_URL,
        SECRET_KEY=settings.SECRET_KEY,
        LOG_LEVEL="ERROR",
    )
    try:
        web.wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        web.process.terminate()
        status = web.exit_status()
        with django_db_blocker.unblock():
            call_command("flush", verbosity=0, interactive=False)
    assert web.printed == ""
    assert status == 0


def test_the_server_gives_out_the_schema_that_is_looked_at(address):
    assert requests.get(f"{address}/api/v1/schema", timeout=60).content == schema_document().body


@pytest.mark.parametrize(
    ("path", "slugs"),
    [
        ("/api/v1/products/{slug}", ["stoneware-mug", "sold-out", "groesse-0"]),
        ("/api/v1/categories/{slug}", ["kitchen", "mugs"]),
    ],
)
def test_what_there_is_is_found_and_as_the_schema_says(address, path, slugs):
    for slug in slugs:
        case = contract[path]["GET"].Case(path_parameters={"slug": slug})
        assert case.call_and_validate(base_url=address).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_a_method_that_is_not_supported_is_refused_with_those_that_are(address, method):
    for path in contract:
        if method in ALLOWED.get(path, ""):
            continue
        response = requests.request(method, address + path.format(slug="mugs", job_id=uuid7()), timeout=60)
        assert response.status_code == 405, path
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["Allow"] == ALLOWED.get(path, "GET, HEAD, OPTIONS")
        assert response.json()["code"] == "method_not_allowed"


@pytest.fixture(scope="module")
def signed_in(address, django_db_blocker) -> dict[str, str]:
    """The headers of somebody of the staff who may do everything."""
    with django_db_blocker.unblock():
        start_warming("products")
        start_warming("homepage").mark_as_failed("for a test")
        owner = User.objects.create(username="owner", email="o@example.com", is_staff=True, is_superuser=True)
        client = Client()
        client.force_login(owner)
    token = "0123456789abcdef" * 2
    session = client.cookies["sessionid"].value
    return {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}


@contract.include(path_regex="/staff/").parametrize()
def test_every_answer_to_staff_is_as_the_schema_says(case, address, signed_in):
    # A session that was left out is brought by the headers, so what is wrong only for that is not.
    without_session = [negative_data_rejection]
    case.call_and_validate(base_url=address, headers=signed_in, excluded_checks=without_session)


def test_staff_finds_what_there_is(address, signed_in):
    path = "/api/v1/staff/warming-jobs"
    listed = contract[path]["GET"].Case().call_and_validate(base_url=address, headers=signed_in)
    assert listed.status_code == 200
    for job in listed.json()["results"]:
        case = contract[f"{path}/{{job_id}}"]["GET"].Case(path_parameters={"job_id": job["id"]})
        assert case.call_and_validate(base_url=address, headers=signed_in).json() == job
    case = contract[path]["POST"].Case(body={"job_type": "posts"}, media_type="application/json")
    assert case.call_and_validate(base_url=address, headers=signed_in).status_code in {200, 201}


@contract.parametrize()
def test_every_answer_is_as_the_schema_says(case, address):
    response = case.call_and_validate(base_url=address)
    assert response.headers["x-request-id"] != [""]
