"""The letter with the voucher: one try, now."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from subgraphs.chassis.text_fields import tidy
from subgraphs.monolith.model import Voucher
from subgraphs.monolith.voucher_pdf import money

log = structlog.get_logger("letters")


def send_voucher(voucher: Voucher) -> bool:
    """
    Send the letter; say whether the mail server took it.

    When it did not, the page says so and shows the voucher; somebody of the staff can send it again. Should the process end
    between the server's answer and ours to the database, the letter was sent and nobody here knows.
    """
    customer, purchase = voucher.claim.purchase.customer, voucher.claim.purchase
    letter = EmailMessage(
        subject="Your discount voucher",
        body=(
            f"Dear {tidy(customer.name)},\n\n"
            f"thank you for your purchase {purchase.number}. Here is your voucher:\n\n"
            f"    {money(voucher.amount_cents)}\n    {voucher.code}\n    valid until {voucher.valid_until:%d %B %Y}\n\n"
            "It is attached as a page to print.\n\nKind regards,\nDoorstep\n"
        ),
        from_email=settings.LETTERS_FROM,
        to=[customer.email],
        headers={"Message-ID": f"<{voucher.pk}@{settings.LETTERS_DOMAIN}>", "Auto-Submitted": "auto-generated"},
        attachments=[("voucher.pdf", bytes(voucher.pdf), "application/pdf")],
    )
    try:
        letter.send()
    except (OSError, smtplib.SMTPException) as problem:
        log.error("letter failed", claim_id=voucher.pk, problem=repr(problem))
        return False
    voucher.sent_at = timezone.now()
    voucher.save(update_fields=["sent_at"])
    log.info("letter sent", claim_id=voucher.pk)
    return True
