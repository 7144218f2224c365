"""The admin pages change the register by the same use cases: with a fact, and not over what somebody else wrote."""

import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

TEXTS = {"name": "", "address": "1 Main St", "postal_code": "", "city": "Springfield", "region": "", "country": "us"}


@pytest.fixture
def admin(db, monkeypatch) -> Client:
    """Somebody who is logged in, made by the usual command."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")
    call_command("createsuperuser", interactive=False, username="ada", email="ada@example.org", verbosity=0)
    client = Client()
    assert client.login(username="ada", password="correct horse battery staple")
    return client


def _told(db: Any) -> list[tuple[str, int]]:
    facts = [fact for document in db["outbox"].find() for fact in document["unsent"]]
    return [(change["change"], change["version"]) for fact in facts for change in fact["data"]["addresses"]]


def test_nobody_enters_without_logging_in(db) -> None:
    response = Client().get("/admin/addresses/address/")

    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")
    assert Client().get("/admin/login/").status_code == 200


def test_its_static_files_are_served(db) -> None:
    page = Client().get("/admin/login/").content.decode()
    (style, *_) = re.findall(r'href="(/static/[^"]+\.css)"', page)

    response = Client().get(style)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/css")


def test_an_address_is_added(admin, db) -> None:
    response = admin.post("/admin/addresses/address/add/", {"source": "manual", "reference": "", **TEXTS})

    assert response.status_code == 302, _errors(response)
    stored = db["addresses"].find_one()
    assert (stored["address"], stored["country"], stored["version"]) == ("1 Main St", "US", 1)
    assert stored["searchText"] == ["1", "main", "springfield", "st"]
    assert stored["name"] is None
    assert _told(db) == [("added", 1)]
    assert db["django_admin_log"].count_documents({}) == 1


def test_an_address_is_corrected(admin, db, known) -> None:
    (id,) = known({"city": "Ruen"})
    page = admin.get(f"/admin/addresses/address/{id}/change/")
    (seen,) = re.findall(r'name="seen_version" value="(\d+)"', page.content.decode())

    response = admin.post(
        f"/admin/addresses/address/{id}/change/", {**TEXTS, "city": "Rouen", "country": "FR", "seen_version": seen}
    )

    assert response.status_code == 302, _errors(response)
    stored = db["addresses"].find_one({"_id": id})
    assert (stored["city"], stored["version"]) == ("Rouen", 2)
    assert _told(db) == [("changed", 2)]


def test_nobody_overwrites_what_he_has_not_seen(admin, db, known) -> None:
    (id,) = known({"version": 3})

    response = admin.post(f"/admin/addresses/address/{id}/change/", {**TEXTS, "seen_version": "2"})

    assert response.status_code == 200
    assert "somebody changed it meanwhile" in response.content.decode()
    assert db["addresses"].find_one({"_id": id})["version"] == 3
    assert _told(db) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"country": "Freedonia"}, "must be a code of two letters"),
        ({"address": ""}, "This field is required"),
        ({"address": "x" * 501}, "at most 500 characters"),
        ({"source": "a:b"}, "source must be"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_in_the_form(admin, db, wrong: dict[str, str], said: str) -> None:
    response = admin.post("/admin/addresses/address/add/", {"source": "manual", "reference": "", **TEXTS, **wrong})

    assert response.status_code == 200
    assert said in response.content.decode().replace("&#x27;", "'")
    assert db["addresses"].count_documents({}) == 0


def test_the_list_is_searched_by_words(admin, known) -> None:
    known({"city": "Évreux"}, {"city": "Caen"})

    page = admin.get("/admin/addresses/address/?q=lil+evr").content.decode()

    assert "Évreux" in page
    assert "Caen" not in page
    assert admin.get("/admin/addresses/address/?o=3").status_code == 200


def test_addresses_are_taken_out_of_use_and_never_deleted(admin, db, known) -> None:
    ids = known({}, {})
    wanted = {"action": "take_out_of_use", "_selected_action": ids}

    admin.post("/admin/addresses/address/", wanted)

    assert {it["status"] for it in db["addresses"].find()} == {"REMOVED"}
    assert _told(db) == [("removed", 2)] * 2
    assert admin.post(f"/admin/addresses/address/{ids[0]}/delete/", {"post": "yes"}).status_code == 403
    assert "seen_version" not in admin.get(f"/admin/addresses/address/{ids[0]}/change/").content.decode()


def test_imports_can_be_looked_at(admin, db) -> None:
    assert admin.get("/admin/addresses/addressimport/").status_code == 200
    assert admin.get("/admin/addresses/addressimport/add/").status_code == 403


async def test_users_are_kept_in_mongodb(admin, db) -> None:
    assert db["auth_user"].find_one()["username"] == "ada"
    assert await sync_to_async(get_user_model().objects.count)() == 1


def _errors(response: Any) -> str:
    return " ".join(re.findall(r"errorlist[^>]*>(.*?)</ul>", response.content.decode(), re.DOTALL))
