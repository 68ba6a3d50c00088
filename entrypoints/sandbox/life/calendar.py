"""Days and instants as a Norwegian bank counts them. Instants are epoch milliseconds."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
SATURDAY = 5


def midnight_ms(day: date) -> int:
    return round(datetime.combine(day, time(), OSLO).timestamp()) * 1000


def local_day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, OSLO).date()


def instant(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def after_working_days(day: date, count: int) -> date:
    for _ in range(count):
        day = working_day(day + timedelta(days=1))
    return day
