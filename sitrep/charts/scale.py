"""Axes: where their ticks stand and what is written at them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from math import ceil, floor, log10
from typing import NamedTuple

from sitrep.i18n.words import Words

NAMES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_DAYS, _MONTHS = (1, 2, 4, 7, 14), (1, 2, 3, 6)
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class Tick(NamedTuple):
    """A place on an axis of dates: `day` from 0001-01-01, the day, month or year, and the year where it is new."""

    day: int
    text: str
    year: str = ""


def ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Round numbers in steps of 1, 2 or 5 times a power of ten that enclose zero, `low` and `high`."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = 1.0
    high = max(high, low + 0.1)
    power = 10.0 ** floor(log10((high - low) / most))
    for step in (power, 2 * power, 5 * power, 10 * power, 20 * power):
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        if last - first <= most:
            break
    return tuple(n * step for n in range(first, last + 1))


def months(say: Words) -> tuple[str, ...]:
    """Their names, short, from January."""
    return tuple(say.term("month_short", str(n)) for n in range(1, 13))


def figure(value: float, say: Words) -> str:
    """A number with thousands separators and at most two decimals; from a million on in words, with three."""
    size = abs(value)
    if size >= 1e15:
        return f"{value:.3g}"
    for unit, name in NAMES:
        if size >= unit:
            return say(f"number.{name}", number=_plain(value / unit, 3, say))
    return _plain(value, 2, say)


def _plain(value: float, decimals: int, say: Words) -> str:
    text = f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
    signs = {",": say("number.thousands"), ".": say("number.decimal"), "-": "−"}
    return "0" if text == "-0" else "".join(signs.get(c, c) for c in text)


@lru_cache(maxsize=1 << 15)
def day(iso: str) -> int | None:
    """The number of a day; None for an open end of an interval, or what is no day."""
    try:
        return date.fromisoformat(iso).toordinal()
    except ValueError:
        return None


def dates(first: int, last: int, say: Words, most: int = 5) -> tuple[Tick, ...]:
    """Days, first days of months or of years from `first` to `last`: of the finest step that gives `most` or fewer."""
    for step in _DAYS:
        if (last - first) // step < most:
            return tuple(_named(range(first, last + 1, step), say, days=True))
    for step in _MONTHS:
        found = _starts(first, last, step)
        if len(found) <= most:
            starts = [date(n // 12, n % 12 + 1, 1).toordinal() for n in found]
            return tuple(_named(starts, say, days=False))
    for step in _YEARS:
        years = range(ceil(_year(first) / step) * step, date.fromordinal(last).year + 1, step)
        if len(years) <= most:
            break
    return tuple(Tick(date(max(year, 1), 1, 1).toordinal(), str(year)) for year in years if year)


def _starts(first: int, last: int, step: int) -> range:
    """Every `step`th month that begins from `first` to `last`, counted from January of the year 0."""
    begin, end = date.fromordinal(first), date.fromordinal(last)
    month = begin.year * 12 + begin.month - 1 + (begin.day > 1)
    return range(ceil(month / step) * step, end.year * 12 + end.month, step)


def _year(first: int) -> int:
    """The first year that begins on this day or later."""
    begin = date.fromordinal(first)
    return begin.year if (begin.month, begin.day) == (1, 1) else begin.year + 1


def _named(numbers: list[int] | range, say: Words, days: bool) -> Iterator[Tick]:
    before = 0
    for number in numbers:
        at = date.fromordinal(number)
        name = say.term("month_short", str(at.month))
        yield Tick(
            number, say("axis.day", day=at.day, month=name) if days else name, str(at.year) if at.year != before else ""
        )
        before = at.year
