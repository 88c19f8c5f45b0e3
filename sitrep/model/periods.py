"""Days, ISO weeks and months: the periods of automatic digests."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple

Every = Literal["day", "week", "month"]
FORMS: dict[Every, re.Pattern[str]] = {
    "day": re.compile(r"\d{4}-\d\d-\d\d"),
    "week": re.compile(r"\d{4}-w\d\d"),
    "month": re.compile(r"\d{4}-\d\d"),
}
"""Ids of periods, in lower case."""


class Period(NamedTuple):
    """A run of days. `number` counts periods of its kind, so that neighbours differ by one."""

    id: str
    """`2024-12-05`, `2024-12`, or `2024-W49` by ISO 8601: weeks begin on Monday, the first contains the first Thursday.
    """
    first: str
    last: str
    number: int


def period(day: str, every: Every) -> Period | None:
    """The period that contains a day; None where the date is not a calendar day (open, undated)."""
    try:
        at = date.fromisoformat(day)
    except ValueError:
        return None
    if every == "day":
        return Period(day, day, day, at.toordinal())
    if every == "month":
        after = date(at.year + at.month // 12, at.month % 12 + 1, 1) if at.year < 9999 or at.month < 12 else None
        last = after - timedelta(days=1) if after else date.max
        return Period(day[:7], f"{day[:7]}-01", last.isoformat(), at.year * 12 + at.month)
    year, week, weekday = at.isocalendar()
    first = at.toordinal() - weekday + 1
    ends = [date.fromordinal(min(max(n, 1), date.max.toordinal())).isoformat() for n in (first, first + 6)]
    return Period(f"{year:04}-W{week:02}", ends[0], ends[1], (first - 1) // 7)
