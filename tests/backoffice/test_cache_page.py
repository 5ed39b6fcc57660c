"""The page "Cache" shows staff how it does, and lets those who may have documents built anew."""

import re
import time

import pytest
from django.test import Client

from tests.shop import add_category
from torg.caching import redis, tallies
from torg.caching.keys import key
from torg.caching.models import Change, WarmingJob
from torg.caching.redis import using

PAGE = "/backoffice/cache/"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient_redis")]


@pytest.fixture(autouse=True)
def nothing_counted(db, patient_redis):
    for name in using(lambda connected: connected.run("KEYS", key("stats:*"))):
        using(lambda connected, name=name: connected.run("DEL", name))


def text_of(response):
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_it_shows_the_figures_of_the_last_hour(staff):
    now = time.time()
    figures = {
        "read:product:memory": 900, "read:product:redis": 75, "read:product:built": 25, "built:product": 25,
        "build_microseconds:product": 50_000, "marks_raised": 17,
    }  # fmt: skip
    tallies.add(tallies.Batch(figures, {}, at=now))
    tallies.add(tallies.Batch({"read:products:bypass": 250}, {}, at=now - 600))
    response = staff("caching.view_cache").get(PAGE)
    shown = text_of(response)
    assert "Hits 78.0 %" in shown
    assert "Reads 1,250" in shown
    assert "Time of a build 2.0 ms" in shown
    assert "product 97.5 % 900 75 25 0 0 25 2.0 ms" in shown
    assert "in the last hour 17 raised" in shown
    page = response.content.decode()
    assert page.count("<rect") == 3 * 60 + 2
    assert re.search(r"\d\d:\d\d: 975 hits, 25 misses", page)
    assert re.search(r"\d\d:\d\d: 0 hits, 250 misses", page)
    # The highest minute reaches the top: 975 and 25 of 1,000; the other is a quarter of it.
    assert 'y="2.5" width="8" height="97.5"' in page
    assert 'y="0.0" width="8" height="2.5"' in page
    assert 'y="75.0" width="8" height="25.0"' in page


def test_it_needs_nothing_from_elsewhere(staff):
    page = staff("caching.view_cache").get(PAGE).content.decode()
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_it_is_in_the_sidebar_of_those_who_may_see_it(staff):
    assert f'href="{PAGE}"' in staff("caching.view_cache").get("/backoffice/").content.decode()


def test_others_neither_see_nor_are_led_to_it(staff):
    clerk = staff("catalogue.view_product", "caching.view_warmingjob")
    assert f'href="{PAGE}"' not in clerk.get("/backoffice/").content.decode()
    assert clerk.get(PAGE).status_code == 403
    assert Client(headers={"host": "localhost"}).get(PAGE).status_code == 302


def test_documents_are_built_anew_by_tag(staff):
    add_category("Kitchen")
    shopper = Client(headers={"host": "localhost"})
    tree = "/api/v1/categories/tree"
    shopper.get(tree)
    assert shopper.get(tree).headers["X-Cache"] == "hit"
    manager = staff("caching.view_cache", "caching.invalidate_cache")
    response = manager.post(PAGE, {"tags": " categories  product:1 categories "}, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "What depends on categories, product:1 is built anew when it is asked for." in text_of(response)
    assert shopper.get(tree).headers["X-Cache"] == "miss"


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ("  ", "This field is required."),
        ("categories a,b", "cannot be a tag"),
        ("x" * 201, "cannot be a tag"),
    ],
)
def test_what_cannot_be_a_tag_is_refused_beside_the_field_and_nothing_is_done(staff, tags, reason):
    manager = staff("caching.view_cache", "caching.invalidate_cache")
    before = Change.objects.count()
    response = manager.post(PAGE, {"tags": tags})
    assert reason in text_of(response)
    assert Change.objects.count() == before


def test_who_may_only_look_cannot_have_anything_built_anew(staff):
    onlooker = staff("caching.view_cache")
    assert "Build anew" not in text_of(onlooker.get(PAGE))
    before = Change.objects.count()
    assert onlooker.post(PAGE, {"tags": "categories"}).status_code == 403
    assert Change.objects.count() == before


def test_another_site_cannot_have_it_done(staff):
    manager = staff("caching.view_cache", "caching.invalidate_cache")
    forged = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    forged.cookies = manager.cookies
    before = Change.objects.count()
    assert forged.post(PAGE, {"tags": "categories"}).status_code == 403
    assert Change.objects.count() == before


def test_a_button_warms_a_group(staff):
    manager = staff("caching.view_cache", "caching.add_warmingjob", "caching.view_warmingjob")
    page = manager.get(PAGE).content.decode()
    (action,) = set(re.findall(r'action="([^"]+warming[^"]+)"', page))
    assert 'name="job_type" value="products"' in page
    assert manager.post(action, {"job_type": "products"}).status_code == 302
    assert WarmingJob.objects.get().job_type == "products"


def test_it_says_so_when_redis_is_away(staff, settings):
    manager = staff("caching.view_cache")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis.forget_connections()
    try:
        assert "Redis is away" in text_of(manager.get(PAGE))
    finally:
        redis.forget_connections()
