"""The time as documents keep it."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment in UTC, to the millisecond: MongoDB keeps no more, and what is told must be what is stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
