"""The ticks of axes: their positions and labels."""

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
    """A tick of a date axis: the ordinal `day` from 0001-01-01, its label, and the year if it is a new one."""

    day: int
    text: str
    year: str = ""


def ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Round numbers in steps of 1, 2 or 5 times a power of ten, from zero or `low` to at least `high`."""
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
    """The short names of months, from January."""
    return tuple(say.term("month_short", str(n)) for n in range(1, 13))


def figure(value: float, say: Words) -> str:
    """A number with thousands separators and at most two decimals; from a million up in words, with three decimals."""
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
    """The ordinal of an ISO day; None for the open end of an interval, or if it is not a day."""
    try:
        return date.fromisoformat(iso).toordinal()
    except ValueError:
        return None


def dates(first: int, last: int, say: Words, most: int = 5) -> tuple[Tick, ...]:
    """Days, months or years from `first` to `last` in the finest step that gives at most `most` ticks."""
    for step in _DAYS:
        if (last - first) // step < most:
            return tuple(_labelled(range(first, last + 1, step), say, days=True))
    for step in _MONTHS:
        numbers = _month_starts(first, last, step)
        if len(numbers) <= most:
            starts = [date(n // 12, n % 12 + 1, 1).toordinal() for n in numbers]
            return tuple(_labelled(starts, say, days=False))
    for step in _YEARS:
        years = range(ceil(_first_year(first) / step) * step, date.fromordinal(last).year + 1, step)
        if len(years) <= most:
            break
    return tuple(Tick(date(max(year, 1), 1, 1).toordinal(), str(year)) for year in years if year)


def _month_starts(first: int, last: int, step: int) -> range:
    """Every `step`-th month that begins from `first` to `last`, as the number of months since January of year 0."""
    begin, end = date.fromordinal(first), date.fromordinal(last)
    month = begin.year * 12 + begin.month - 1 + (begin.day > 1)
    return range(ceil(month / step) * step, end.year * 12 + end.month, step)


def _first_year(first: int) -> int:
    """The first year that begins on or after this day."""
    begin = date.fromordinal(first)
    return begin.year if (begin.month, begin.day) == (1, 1) else begin.year + 1


def _labelled(numbers: list[int] | range, say: Words, days: bool) -> Iterator[Tick]:
    before = 0
    for number in numbers:
        at = date.fromordinal(number)
        name = say.term("month_short", str(at.month))
        yield Tick(
            number, say("axis.day", day=at.day, month=name) if days else name, str(at.year) if at.year != before else ""
        )
        before = at.year
