"""People and groups: staff cannot raise itself."""

import pytest
from django.contrib.auth.models import Group

from torg.accounts.models import User

pytestmark = pytest.mark.django_db

USERS = "/backoffice/accounts/user/"
ALL_OF_USERS = ("accounts.view_user", "accounts.add_user", "accounts.change_user", "accounts.delete_user")


def form_of(user, **changes):
    return {
        "username": user.username,
        "email": user.email,
        "first_name": "",
        "last_name": "",
        "is_active": "on",
    } | changes


def test_a_superuser_adds_somebody_to_the_staff(owner):
    fields = {"username": "sue", "email": "Sue@example.com", "usable_password": "true"}
    fields |= {"password1": "a-long-password", "password2": "a-long-password"}
    assert owner.post(f"{USERS}add/", fields).status_code == 302
    sue = User.objects.get(username="sue")
    assert sue.check_password("a-long-password")
    group = Group.objects.create(name="Editors")
    answer = owner.post(f"{USERS}{sue.pk}/change/", form_of(sue, is_staff="on", groups=[str(group.pk)]))
    assert answer.status_code == 302
    sue.refresh_from_db()
    assert (sue.is_staff, list(sue.groups.all())) == (True, [group])


def test_an_address_is_not_given_twice_whatever_its_case(owner):
    fields = {"username": "sue", "email": "OWNER@example.com", "usable_password": "true"}
    fields |= {"password1": "a-long-password", "password2": "a-long-password"}
    page = owner.post(f"{USERS}add/", fields)
    told = page.context["adminform"].form.errors
    assert told == {"__all__": ["Somebody with this e-mail address is already known."]}
    assert not User.objects.filter(username="sue").exists()


def test_staff_cannot_give_powers(staff):
    browser = staff(*ALL_OF_USERS)
    ann = User.objects.create_user("ann", "ann@example.com")
    answer = browser.post(
        f"{USERS}{ann.pk}/change/", form_of(ann, first_name="Ann", is_staff="on", is_superuser="on")
    )
    assert answer.status_code == 302
    ann.refresh_from_db()
    assert (ann.first_name, ann.is_staff, ann.is_superuser) == ("Ann", False, False)


def test_staff_cannot_change_staff(staff):
    browser = staff(*ALL_OF_USERS)
    boss = User.objects.create_superuser("boss", "boss@example.com", "a-long-password")
    new = {"password1": "another-password", "password2": "another-password", "usable_password": "true"}
    assert browser.post(f"{USERS}{boss.pk}/change/", form_of(boss, username="me")).status_code == 403
    assert browser.post(f"{USERS}{boss.pk}/password/", new).status_code == 403
    assert browser.post(f"{USERS}{boss.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(boss.pk)], "post": "yes"}
    assert browser.post(USERS, chosen).status_code == 403
    boss.refresh_from_db()
    assert boss.username == "boss"
    assert boss.check_password("a-long-password")


def test_staff_cannot_change_what_a_group_may_do(staff):
    browser = staff("auth.view_group", "auth.add_group", "auth.change_group", "auth.delete_group")
    group = Group.objects.create(name="Editors")
    page = f"/backoffice/auth/group/{group.pk}/"
    assert browser.get(f"{page}change/").status_code == 200
    assert browser.post(f"{page}change/", {"name": "Owners"}).status_code == 403
    assert browser.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert browser.post("/backoffice/auth/group/add/", {"name": "Owners"}).status_code == 403
    assert list(Group.objects.values_list("name", flat=True)) == ["Editors"]
