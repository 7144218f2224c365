"""A visitor claims a discount on the pages; one request does it all."""

import base64
import re
import threading
import zlib
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from subgraphs.monolith.model import Customer, DiscountClaim, Voucher
from tests.workers.notifications.mail_server import MailServer

RIGHT = {"customer": "ada@example.org", "purchase_number": "P-2001", "article": "MUG-BLUE"}


def claimed(browser: Client, **changed: str) -> Any:
    return browser.post("/discounts/", RIGHT | changed, follow=True)


def letters(post: MailServer) -> list[EmailMessage]:
    return [message_from_bytes(taken, policy=policy.default) for taken in post.taken]  # type: ignore[misc]


def text_of(pdf: bytes) -> str:
    pages = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return b"".join(zlib.decompress(base64.a85decode(page.strip().removesuffix(b"~>"))) for page in pages).decode()


def test_a_purchase_becomes_a_voucher_on_the_page_and_in_the_letter(browser: Client, post: MailServer) -> None:
    page = claimed(browser)

    assert page.status_code == 200
    voucher = Voucher.objects.get()
    assert voucher.code in page.content.decode()
    assert "EUR 2.49" in page.content.decode()  # 5 % and 5 % for loyalty of EUR 24.90
    (letter,) = letters(post)
    assert letter["To"] == "ada@example.org"
    assert letter["Message-ID"] == f"<{voucher.pk}@doorstep.example>"
    assert voucher.code in letter.get_body().get_content()  # type: ignore[union-attr]
    (attached,) = letter.iter_attachments()
    assert attached.get_content() == bytes(voucher.pdf)
    assert voucher.code in text_of(bytes(voucher.pdf))
    assert "EUR 2.49" in text_of(bytes(voucher.pdf))
    assert "have sent it" in page.content.decode()


def test_the_link_on_the_page_gives_the_file(browser: Client, post: MailServer) -> None:
    page = claimed(browser).content.decode()

    found = re.search(r'href="http://127.0.0.1:8008(/downloads/[^"]+)"', page)
    assert found
    answer = Client().get(found[1])
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content == bytes(Voucher.objects.get().pdf)
    assert answer["Cache-Control"] == "private, no-store"
    assert Client().get("/downloads/made-up/voucher.pdf").status_code == 403


def test_a_link_ends(browser: Client, post: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    page = claimed(browser).content.decode()
    found = re.search(r'href="http://127.0.0.1:8008(/downloads/[^"]+)"', page)

    monkeypatch.setattr(settings, "DOWNLOAD_SECONDS", -1)
    assert found
    assert Client().get(found[1]).status_code == 410


def test_the_number_of_the_customer_will_do_and_case_does_not_matter(browser: Client, post: MailServer) -> None:
    page = claimed(browser, customer=" c-1001 ", purchase_number="p-2002", article="armchair")

    assert "EUR 50.00" in page.content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"purchase_number": "P-2003", "article": "POSTCARD"}, "too small"),
        ({"customer": "C-1002", "purchase_number": "P-2005", "article": "RUG"}, "too long ago"),
    ],
)
def test_a_refusal_says_why_and_is_kept(browser: Client, post: MailServer, changed: dict[str, str], said: str) -> None:
    page = claimed(browser, **changed)

    assert said in page.content.decode()
    assert DiscountClaim.objects.get().status == "REFUSED"
    assert not Voucher.objects.exists()
    assert not post.taken


def test_a_second_claim_of_the_same_purchase_gets_nothing(browser: Client, post: MailServer) -> None:
    claimed(browser)
    page = claimed(browser)

    assert "was issued for this purchase already" in page.content.decode()
    assert Voucher.objects.count() == len(post.taken) == 1


def test_of_many_at_once_one_gets_the_voucher(post: MailServer) -> None:
    pages: list[str] = []
    threads = [threading.Thread(target=lambda: pages.append(claimed(Client()).content.decode())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(pages) == 6
    assert Voucher.objects.count() == len(post.taken) == 1
    assert sum("Your voucher" in page for page in pages) == 1


@pytest.mark.parametrize(
    "changed", [{"customer": "grace@example.org"}, {"purchase_number": "P-9999"}, {"article": "MUG-RED"}]
)
def test_nobody_learns_which_part_is_wrong(browser: Client, changed: dict[str, str]) -> None:
    page = claimed(browser, **changed)

    assert page.status_code == 422
    assert "We find no such purchase of yours" in page.content.decode()
    assert not DiscountClaim.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"article": ""}, "This field is required"),
        ({"purchase_number": "P 2001; DROP"}, "Use letters, digits and hyphens"),
        ({"customer": "x" * 321}, "at most 320 characters"),
        ({"customer": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_right_is_said_beside_its_field(browser: Client, changed: dict[str, str], said: str) -> None:
    page = claimed(browser, **changed)

    assert page.status_code == 422
    (field,) = changed
    assert said in page.content.decode()
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page.content.decode())


def test_a_mail_server_that_does_not_answer_costs_nobody_the_voucher(browser: Client, post: MailServer) -> None:
    post.answers["RCPT"] = ["450 later"]
    page = claimed(browser)

    voucher = Voucher.objects.get()
    assert voucher.code in page.content.decode()
    assert "did not take the letter" in page.content.decode()
    assert voucher.sent_at is None


def test_no_header_of_a_letter_can_be_added_by_a_name(browser: Client, post: MailServer) -> None:
    Customer.objects.filter(pk="C-1001").update(name="Ada\r\nBcc: eve@example.org")
    claimed(browser)

    (letter,) = letters(post)
    assert letter["Bcc"] is None
    assert "Dear Ada Bcc: eve@example.org," in letter.get_body().get_content()  # type: ignore[union-attr]


def test_a_form_of_elsewhere_is_refused() -> None:
    assert Client(enforce_csrf_checks=True).post("/discounts/", RIGHT).status_code == 403


def test_claims_are_listed_for_the_customer_who_claimed_in_this_browser(browser: Client, post: MailServer) -> None:
    claimed(browser)
    claimed(browser, purchase_number="P-2003", article="POSTCARD")
    other = Client()
    claimed(other, customer="C-1002", purchase_number="P-2004", article="LAMP")
    claim = DiscountClaim.objects.get(purchase_id="P-2001")

    page = browser.get("/discounts/claims/").content.decode()
    assert "Voucher of EUR 2.49" in page
    assert "P-2003" in page
    assert "P-2004" not in page
    assert other.get(f"/discounts/claims/{claim.pk}/").status_code == 404
    assert Client().get(f"/discounts/claims/{claim.pk}/").status_code == 404
    assert "nobody has claimed" in Client().get("/discounts/claims/").content.decode()


def test_pages_are_kept_by_nobody_and_run_nothing_of_elsewhere(browser: Client) -> None:
    page = browser.get("/discounts/")

    assert "no-store" in page["Cache-Control"]
    assert page["Content-Security-Policy"].startswith("default-src 'none'")
    assert page["X-Frame-Options"] == "DENY"
    assert "<script" not in page.content.decode()
    assert browser.get("/static/monolith/page.css").status_code == 200


def test_one_address_cannot_try_numbers_for_ever(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CLAIMS_PER_MINUTE", 3)
    monkeypatch.setattr("subgraphs.monolith.claim_limit.time", SimpleNamespace(time=lambda: 600.0))
    statuses = [claimed(browser, purchase_number=f"P-{number}").status_code for number in range(5)]

    assert statuses == [422, 422, 422, 429, 429]


def test_a_form_that_is_closed_takes_nothing(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CLAIMS_OPEN", False)

    assert browser.get("/discounts/").status_code == 410
    assert claimed(browser).status_code == 410
    assert not DiscountClaim.objects.exists()


def test_the_staff_sees_claims_and_sends_a_letter_again(browser: Client, post: MailServer) -> None:
    from django.contrib.auth.models import User

    User.objects.filter(username="staff").delete()
    staff = Client()
    staff.force_login(User.objects.create_superuser("staff"))
    post.answers["RCPT"] = ["450 later"]
    claimed(browser)
    voucher = Voucher.objects.get()

    assert "P-2001" in staff.get("/admin/monolith/discountclaim/").content.decode()
    assert staff.get(f"/admin/monolith/discountclaim/{voucher.pk}/change/").status_code == 200
    assert staff.get("/admin/monolith/discountclaim/add/").status_code == 403
    chosen = {"action": "send_again", "_selected_action": [voucher.pk]}
    assert "1 of 1 letters sent" in staff.post("/admin/monolith/voucher/", chosen, follow=True).content.decode()
    assert len(post.taken) == 1
    assert Client().get("/admin/monolith/voucher/").status_code == 302
