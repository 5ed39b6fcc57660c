"""The back office shows what was warmed, and starts to warm."""

import re

import pytest

from torg.caching.models import WarmingJob
from torg.caching.warming.start import start_warming

pytestmark = pytest.mark.django_db

LIST = "/backoffice/caching/warmingjob/"


def test_staff_sees_jobs_and_what_went_wrong(staff):
    job = start_warming("homepage")
    job.mark_as_running()
    job.done, job.total = 2, 3
    job.mark_as_completed("featured:?limit=8: ValueError: no")
    browser = staff("caching.view_warmingjob")
    listed = browser.get(LIST).content.decode()
    for text in ("homepage", "completed", "2 of 3", "featured:?limit=8: ValueError: no"):
        assert text in listed
    page = browser.get(f"{LIST}{job.pk}/change/").content.decode()
    assert "featured:?limit=8: ValueError: no" in page
    assert f'href="{LIST}"' in browser.get("/backoffice/").content.decode()


def test_a_button_starts_each_type(staff):
    browser = staff("caching.view_warmingjob", "caching.add_warmingjob")
    buttons = re.findall(r'name="job_type" value="(\w+)"', browser.get(LIST).content.decode())
    assert buttons == ["products", "categories", "navigation", "homepage", "posts", "all"]
    for button in buttons:
        answer = browser.post(f"{LIST}start/", {"job_type": button}, follow=True)
        assert f"A worker will warm {button}." in answer.content.decode()
    assert sorted(WarmingJob.objects.values_list("job_type", flat=True)) == sorted(buttons)
    again = browser.post(f"{LIST}start/", {"job_type": "all"}, follow=True).content.decode()
    assert "A job that does this waits already for all." in again
    assert WarmingJob.objects.count() == len(buttons)


def test_whoever_may_only_look_starts_nothing(staff):
    browser = staff("caching.view_warmingjob")
    assert 'name="job_type"' not in browser.get(LIST).content.decode()
    assert browser.post(f"{LIST}start/", {"job_type": "all"}).status_code == 403
    assert WarmingJob.objects.count() == 0


def test_whoever_may_not_look_finds_nothing(staff):
    browser = staff("catalogue.view_product")
    assert browser.get(LIST).status_code == 403
    assert f'href="{LIST}"' not in browser.get("/backoffice/").content.decode()


def test_a_link_starts_nothing_and_a_wrong_type_is_refused(owner):
    assert owner.get(f"{LIST}start/?job_type=all").status_code == 405
    page = owner.post(f"{LIST}start/", {"job_type": "everything"}, follow=True).content.decode()
    assert "cannot be warmed. Use one of products" in page
    assert WarmingJob.objects.count() == 0


def test_nobody_fills_in_changes_or_deletes_jobs(owner):
    job = start_warming("all")
    assert owner.get(f"{LIST}add/").status_code == 403
    assert owner.post(f"{LIST}{job.pk}/change/", {"status": "completed"}).status_code == 403
    assert owner.post(f"{LIST}{job.pk}/delete/", {"post": "yes"}).status_code == 403
    job.refresh_from_db()
    assert job.status == "pending"
