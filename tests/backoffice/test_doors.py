"""Who gets in, and what they find there."""

import re

import pytest
from django.test import Client

from torg.accounts.models import User

pytestmark = pytest.mark.django_db


def test_a_stranger_is_sent_to_the_login_page():
    answer = Client(headers={"host": "localhost"}).get("/backoffice/")
    assert (answer.status_code, answer["Location"]) == (302, "/backoffice/login/?next=/backoffice/")


def test_the_login_page_wears_the_brand_and_loads_nothing_from_elsewhere():
    page = Client(headers={"host": "localhost"}).get("/backoffice/login/").content.decode()
    assert "Torg" in page
    assert "/static/backoffice/icon.svg" in page
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']*""", page)


def test_staff_signs_in_and_a_shopper_does_not():
    User.objects.create_user("sue", "sue@example.com", "a-long-password", is_staff=True)
    User.objects.create_user("ann", "ann@example.com", "a-long-password")
    for username, status in (("sue", 302), ("ann", 200)):
        browser = Client(headers={"host": "localhost"})
        form = {"username": username, "password": "a-long-password", "next": "/backoffice/"}
        assert browser.post("/backoffice/login/", form).status_code == status
        assert ("_auth_user_id" in browser.session) == (status == 302)


def test_staff_sees_what_its_permissions_say(staff):
    browser = staff("inventory.view_stock")
    page = browser.get("/backoffice/").content.decode()
    assert "Variants out of stock" in page
    assert "Active products" not in page
    assert browser.get("/backoffice/inventory/stock/").status_code == 200
    assert browser.get("/backoffice/catalogue/product/").status_code == 403
    assert browser.get("/backoffice/catalogue/product/export/").status_code == 403


def test_every_page_opens_for_a_superuser(owner):
    for page in (
        "",
        "catalogue/product/",
        "catalogue/product/add/",
        "catalogue/category/",
        "catalogue/category/add/",
        "inventory/stock/",
        "accounts/user/",
        "accounts/user/add/",
        "auth/group/",
        "auth/group/add/",
        "caching/warmingjob/",
        "password_change/",
    ):
        assert owner.get(f"/backoffice/{page}").status_code == 200, page
