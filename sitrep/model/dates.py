"""EDTF dates (ISO 8601-2, Library of Congress), levels 0 and 1.

Days, months, years, their qualifiers and intervals are parsed here; everything else (unspecified digits, seasons, sets)
by the `edtf` library, whose import alone costs more than parsing a thousand plain dates.

"""

from __future__ import annotations

import contextlib
import io
import re
from calendar import monthrange
from datetime import UTC, datetime
from functools import lru_cache

from sitrep.model.records import Date

OPEN_START, OPEN_END = "0000-00-00", "9999-99-99"
_SIMPLE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([?~%]?)", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
_DIGITS = re.compile(r"\d+")


class DateError(ValueError):
    """An invalid date; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@lru_cache(maxsize=65536)
def parse(text: str) -> Date:
    """Read an EDTF date. Raises DateError with a message for an analyst."""
    if len(text) > 64:
        raise DateError(f"{text[:20]!r}… is too long for a date", "write it as 2024-06-18, 2024-06 or 2024")
    plain = _one(text)
    if plain:
        return plain
    if text.count("/") == 1:
        return _interval(text)
    return _rare(text)


def _one(text: str) -> Date | None:
    """A day, month, year or moment, with its qualifier; None when it is of another form."""
    match = _SIMPLE.fullmatch(text) or _MOMENT.fullmatch(text)
    if not match:
        return None
    year, month, day = match[1], match[2], match[3]
    if year == "0000":
        raise DateError(f"there is no year 0 in {text!r}", "years are 0001 to 9999")
    if month and not 1 <= int(month) <= 12:
        if match.re is _SIMPLE and not day and 21 <= int(month) <= 24:
            return None  # a season
        raise DateError(f"there is no month {month} in {text!r}", "dates are year-month-day")
    first, last = f"{year}-{month or '01'}-{day or '01'}", f"{year}-{month or '12'}-{day or '31'}"
    days = monthrange(int(year), int(month))[1] if month else 31
    if day and not 1 <= int(day) <= days:
        raise DateError(f"there is no day {text!r}", f"that month has {days} days")
    if month and not day:
        last = f"{year}-{month}-{days:02d}"
    qualifier = match[4] if match.re is _SIMPLE else ""
    return Date(
        text=text,
        earliest=first,
        latest=last,
        uncertain=qualifier in ("?", "%") and bool(qualifier),
        approximate=qualifier in ("~", "%") and bool(qualifier),
    )


def _interval(text: str) -> Date:
    start, _, end = text.partition("/")
    if start in ("", "..") and end in ("", ".."):
        raise DateError(f"{text!r} is open at both ends", "give the date it begins or ends")
    ends = [None if part in ("", "..") else parse(part) for part in (start, end)]
    first, last = ends
    if first and last and first.earliest > last.latest:
        raise DateError(f"{text!r} ends before it begins", "swap the two dates?")
    return Date(
        text=text,
        earliest=first.earliest if first else OPEN_START,
        latest=last.latest if last else OPEN_END,
        uncertain=any(e is not None and e.uncertain for e in ends),
        approximate=any(e is not None and e.approximate for e in ends),
    )


def _rare(text: str) -> Date:
    from edtf import parse_edtf

    hint = "write it as 2024-06-18, 2024-06 or 2024 (EDTF)"
    if not text.isascii() or any(len(run) > 4 for run in _DIGITS.findall(text)):
        raise DateError(f"{text!r} is not a date", hint)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            value = parse_edtf(text)
            low, high = value.lower_strict(), value.upper_strict()
        if not (1 <= low[0] <= 9999 and 1 <= high[0] <= 9999):
            raise DateError(f"{text!r} lies outside the years 1 to 9999", hint)
        first, last = (f"{t[0]:04d}-{t[1]:02d}-{t[2]:02d}" for t in (low, high))
    except DateError:
        raise
    except Exception as error:  # the library raises many kinds, TypeError among them
        if re.fullmatch(r"\d{4}-\d{1,2}(-\d{1,2})?", text):
            parts = text.split("-")
            better = "-".join(p.zfill(2) for p in parts)
            raise DateError(f"{text!r} lacks a leading zero", f"write {better}") from error
        raise DateError(f"{text!r} is not a date", hint) from error
    return Date(
        text=text,
        earliest=first,
        latest=last,
        uncertain="?" in text or "%" in text,
        approximate="~" in text or "%" in text,
    )


# -- as others write them ---------------------------------------------------------------------------------------------


def instant(date: Date | None) -> str:
    """A date as RFC 3339 has it, which knows no precision: the first moment it may mean. Empty where there is none."""
    if date is None or date.earliest == OPEN_START:
        return ""
    if moment := zoned(date):
        return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    return f"{date.earliest}T00:00:00Z"


def zoned(date: Date) -> datetime | None:
    """The moment that a date with a time and a zone is, in UTC."""
    if len(date.text) < 17 or date.text[10] != "T":
        return None
    try:
        moment = datetime.fromisoformat(date.text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def precise(date: Date) -> str:
    """A date as W3C Date and Time Formats have it: a day, a month or a year; empty where it is none of these."""
    first, last = date.earliest, date.latest
    if first == OPEN_START or last == OPEN_END:
        return ""
    for length in (10, 7, 4):
        if first[:length] == last[:length]:
            return first[:length]
    return ""


def iso(date: Date | None) -> tuple[str, str]:
    """Begin and end of a date in plain ISO parts, as precise as the date: `2024-06`, `2024-06`. An open end is empty.

    For formats that know no EDTF: qualifiers are left out, and what is no day, month or year becomes its days.
    """
    if date is None:
        return "", ""
    start, slash, end = date.text.partition("/")
    return (_plain(start)[0], _plain(end)[1]) if slash else _plain(date.text)


def _plain(text: str) -> tuple[str, str]:
    if text in ("", ".."):
        return "", ""
    if (match := _SIMPLE.fullmatch(text)) and (not match[2] or match[2] <= "12"):
        bare = text.rstrip("?~%")
        return bare, bare
    try:
        date = parse(text)
    except DateError:
        return "", ""
    return date.earliest, date.latest
