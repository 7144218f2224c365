"""The voucher as a page to print."""

import secrets
from datetime import date
from io import BytesIO

from reportlab.lib.pagesizes import A5, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

CURRENCY = "EUR"

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""none that is taken for another when it is read from paper"""
_GROUPS, _IN_A_GROUP = 4, 4


def new_code() -> str:
    """A code that nobody guesses, such as ``K7QM-2WXA-9DTR-HN4C``."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def money(cents: int) -> str:
    """An amount as people read it."""
    return f"{CURRENCY} {cents // 100:,}.{cents % 100:02}"


def voucher_pdf(*, code: str, amount_cents: int, purchase_number: str, article: str, valid_until: date) -> bytes:
    """The same voucher is the same file, byte for byte, however often it is made."""
    width, height = landscape(A5)
    file = BytesIO()
    page = Canvas(file, pagesize=(width, height), invariant=1, lang="en")
    page.setTitle(f"Discount voucher {code}")
    page.setAuthor("Doorstep")
    page.setFont("Helvetica-Bold", 22)
    page.drawCentredString(width / 2, height - 28 * mm, "Discount voucher")
    page.setFont("Helvetica-Bold", 40)
    page.drawCentredString(width / 2, height - 56 * mm, money(amount_cents))
    page.setFont("Courier-Bold", 24)
    page.drawCentredString(width / 2, height - 78 * mm, code)
    page.setFont("Helvetica", 12)
    page.drawCentredString(width / 2, height - 98 * mm, f"For your purchase {purchase_number} of {article}")
    page.drawCentredString(width / 2, height - 106 * mm, f"Valid until {valid_until:%d %B %Y}")
    page.showPage()
    page.save()
    return file.getvalue()
