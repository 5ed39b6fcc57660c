"""Staff starts to warm and looks on, over the API; nobody else does."""

import json
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from torg.accounts.models import User
from torg.caching.models import WarmingJob
from torg.caching.warming.start import start_warming
from torg.lib.keyset import Cursor

pytestmark = pytest.mark.django_db

JOBS = "/api/v1/staff/warming-jobs"


@pytest.fixture
def signed_in():
    def sign_in(*permissions: str, is_staff: bool = True, checks_csrf: bool = False) -> Client:
        user = User.objects.create(username="sue", email="sue@example.com", is_staff=is_staff)
        for codename in permissions:
            user.user_permissions.add(Permission.objects.get(codename=codename))
        client = Client(enforce_csrf_checks=checks_csrf, headers={"host": "localhost"})
        client.force_login(user)
        return client

    return sign_in


def start(client: Client, body: object = None, **headers: str):
    sent = json.dumps({"job_type": "products"} if body is None else body)
    return client.post(JOBS, sent, content_type="application/json", headers=headers)


def refusal(response) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_a_job_is_started_and_looked_at(signed_in):
    client = signed_in("add_warmingjob", "view_warmingjob")
    response = start(client)
    assert response.status_code == 201
    job = WarmingJob.objects.get()
    assert response["Location"] == f"{JOBS}/{job.pk}"
    assert response.json() == {
        "id": str(job.pk),
        "job_type": "products",
        "status": "pending",
        "created_at": job.created_at.isoformat().replace("+00:00", "Z"),
        "started_at": None,
        "completed_at": None,
        "duration": None,
        "done": 0,
        "total": 0,
        "error_message": "",
    }
    assert client.get(response["Location"]).json() == response.json()


def test_a_job_that_waits_is_joined(signed_in):
    client = signed_in("add_warmingjob")
    first, second = start(client), start(client)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert WarmingJob.objects.count() == 1


def test_a_job_that_failed_says_how(signed_in):
    job = start_warming("homepage")
    job.mark_as_running()
    job.done, job.total = 2, 3
    job.mark_as_completed("featured:?limit=8: ValueError: no")
    answer = signed_in("view_warmingjob").get(f"{JOBS}/{job.pk}").json()
    assert (answer["status"], answer["done"], answer["total"]) == ("completed", 2, 3)
    assert answer["error_message"] == "featured:?limit=8: ValueError: no"
    assert answer["duration"] >= 0


def test_the_newest_come_first_a_page_at_a_time(signed_in):
    client = signed_in("view_warmingjob")
    for _ in range(5):
        start_warming("posts").mark_as_failed("for a test")
    newest = [
        str(pk) for pk in WarmingJob.objects.order_by("-created_at", "-id").values_list("pk", flat=True)
    ]
    first = client.get(f"{JOBS}?page_size=2").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    found = [job["id"] for page in (first, second, third) for job in page["results"]]
    assert found == newest
    assert (first["count"], first["count_is_exact"], first["previous"], third["next"]) == (
        5,
        True,
        None,
        None,
    )
    assert client.get(third["previous"]).json()["results"] == second["results"]


@pytest.mark.parametrize(
    ("query", "field"), [("?page_size=0", "page_size"), ("?cursor=x", "cursor"), ("?sort=x", "sort")]
)
def test_a_wrong_parameter_is_named(signed_in, query, field):
    response = signed_in("view_warmingjob").get(JOBS + query)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_cursor_of_another_list_is_refused(signed_in):
    response = signed_in("view_warmingjob").get(f"{JOBS}?cursor={Cursor('price', ('1.00', 'x')).encoded()}")
    assert refusal(response)[0] == 400


@pytest.mark.parametrize(
    "body", [{"job_type": "everything"}, {"job_type": 7}, {}, [], {"job_type": "all", "x": 1}]
)
def test_a_wrong_type_is_refused_and_nothing_started(signed_in, body):
    response = start(signed_in("add_warmingjob"), body)
    assert refusal(response) == (400, "invalid_input")
    assert response.json()["errors"][0]["field"] == "job_type"
    assert WarmingJob.objects.count() == 0


def test_a_wrong_type_is_told_what_is_right(signed_in):
    response = start(signed_in("add_warmingjob"), {"job_type": "everything"})
    assert response.json()["errors"][0]["detail"] == (
        "'everything' cannot be warmed. Use one of products, categories, navigation, homepage, posts, all."
    )


def test_strangers_are_asked_to_sign_in():
    client = Client(headers={"host": "localhost"})
    for response in (client.get(JOBS), client.get(f"{JOBS}/{uuid4()}"), start(client)):
        assert refusal(response) == (401, "not_authenticated")
        assert response["WWW-Authenticate"] == 'Session realm="staff"'
    assert WarmingJob.objects.count() == 0


@pytest.mark.parametrize(
    ("permissions", "is_staff", "may_look", "may_start"),
    [
        ([], True, 403, 403),
        (["view_warmingjob"], True, 200, 403),
        (["add_warmingjob"], True, 403, 201),
        (["view_warmingjob", "add_warmingjob"], False, 403, 403),
    ],
)
def test_permissions_say_who_may_what(signed_in, permissions, is_staff, may_look, may_start):
    client = signed_in(*permissions, is_staff=is_staff)
    looked, started = client.get(JOBS), start(client)
    assert (looked.status_code, started.status_code) == (may_look, may_start)
    for response in (looked, started):
        if response.status_code == 403:
            assert refusal(response) == (403, "permission_denied")
    assert WarmingJob.objects.count() == (may_start == 201)


def test_another_site_cannot_have_a_browser_start_a_job(signed_in):
    client = signed_in("add_warmingjob", checks_csrf=True)
    assert refusal(start(client)) == (403, "csrf_failed")
    client.get("/backoffice/password_change/")  # any page with a form gives the token
    token = client.cookies["csrftoken"].value
    assert start(client, X_CSRFToken=token).status_code == 201


def test_what_there_is_not_is_not_found(signed_in):
    client = signed_in("view_warmingjob")
    assert refusal(client.get(f"{JOBS}/{uuid4()}")) == (404, "not_found")
    assert refusal(client.delete(JOBS)) == (405, "method_not_allowed")
    assert client.delete(JOBS)["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_an_answer_that_is_known_is_not_sent_again_and_kept_by_nobody_else(signed_in):
    client = signed_in("view_warmingjob")
    first = client.get(JOBS)
    assert first["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first["Vary"]
    again = client.get(JOBS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
