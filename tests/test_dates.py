"""EDTF dates (ISO 8601-2, Library of Congress): each form with its days; all else refused, never crashed on."""

from __future__ import annotations

import calendar
import re
import time
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sitrep.model.dates import OPEN_END, OPEN_START, DateError, parse
from sitrep.model.records import Date

EXAMPLES = settings(max_examples=200, deadline=None)
QUALIFIERS = {"": (False, False), "?": (True, False), "~": (False, True), "%": (True, True)}

FORMS = {
    "2024": ("2024-01-01", "2024-12-31"),
    "2024-06": ("2024-06-01", "2024-06-30"),
    "2024-02": ("2024-02-01", "2024-02-29"),
    "2023-02": ("2023-02-01", "2023-02-28"),
    "2024-06-18": ("2024-06-18", "2024-06-18"),
    "2024-02-29": ("2024-02-29", "2024-02-29"),
    "0001": ("0001-01-01", "0001-12-31"),
    "9999-12-31": ("9999-12-31", "9999-12-31"),
    "2024-06-18/2024-06-19": ("2024-06-18", "2024-06-19"),
    "2024-06/2024-07-15": ("2024-06-01", "2024-07-15"),
    "2024-06-18T10:00:00Z": ("2024-06-18", "2024-06-18"),
    "2024-06-18T10:00:00+09:00": ("2024-06-18", "2024-06-18"),
    "2024-06-18T23:59": ("2024-06-18", "2024-06-18"),
    "2024-06-XX": ("2024-06-01", "2024-06-30"),
    "2024-XX-XX": ("2024-01-01", "2024-12-31"),
    "2024-XX": ("2024-01-01", "2024-12-31"),
    "202X": ("2020-01-01", "2029-12-31"),
    "20XX": ("2000-01-01", "2099-12-31"),
    "2024-21": ("2024-03-01", "2024-05-31"),
    "2024-22": ("2024-06-01", "2024-08-31"),
    "2024-23": ("2024-09-01", "2024-11-30"),
    "2024-21/2024-23": ("2024-03-01", "2024-11-30"),
    "2024-06-18/..": ("2024-06-18", OPEN_END),
    "2024-06-18/": ("2024-06-18", OPEN_END),
    "../2024-06-18": (OPEN_START, "2024-06-18"),
    "/2024-06-18": (OPEN_START, "2024-06-18"),
    "202X/..": ("2020-01-01", OPEN_END),
}


@pytest.mark.parametrize("text", FORMS)
def test_a_form_covers_its_days(text: str) -> None:
    assert parse(text) == Date(text=text, earliest=FORMS[text][0], latest=FORMS[text][1])


def test_winter_begins_in_december() -> None:
    winter = parse("2024-24")
    assert winter.earliest == "2024-12-01"
    assert winter.latest >= "2024-12-31"


@pytest.mark.parametrize("sign", QUALIFIERS)
@pytest.mark.parametrize("text", ["2024", "2024-06", "2024-06-18"])
def test_a_qualifier_says_how_sure_and_leaves_the_days_alone(text: str, sign: str) -> None:
    plain, qualified = parse(text), parse(text + sign)
    assert (qualified.earliest, qualified.latest) == (plain.earliest, plain.latest)
    assert (qualified.uncertain, qualified.approximate) == QUALIFIERS[sign]


@pytest.mark.parametrize(
    ("text", "uncertain", "approximate"),
    [
        ("2024-06-18?/2024-06-19", True, False),
        ("2024-06-18/2024-06-19~", False, True),
        ("../2024%", True, True),
        ("2024/..", False, False),
    ],
)
def test_an_interval_is_as_sure_as_its_ends(text: str, uncertain: bool, approximate: bool) -> None:
    assert (parse(text).uncertain, parse(text).approximate) == (uncertain, approximate)


BAD = {
    "2024-13-45": "there is no month 13",
    "2024-13": "there is no month 13",
    "2024-00": "there is no month 00",
    "2024-20": "there is no month 20",
    "2024-42": "there is no month 42",
    "2024-06-31": "that month has 30 days",
    "2024-06-00": "that month has 30 days",
    "2023-02-29": "that month has 28 days",
    "1900-02-29": "that month has 28 days",
    "2024-06-31T10:00:00Z": "that month has 30 days",
    "2024-06-31/2024-07-01": "that month has 30 days",
    "0000": "there is no year 0",
    "2024-6": "lacks a leading zero",
    "2024-6-1": "lacks a leading zero",
    "2024-06-19/2024-06-18": "ends before it begins",
    "../..": "open at both ends",
    "../": "open at both ends",
    "/..": "open at both ends",
    "/": "open at both ends",
    "2024/2025/2026": "is not a date",
    "2024-06-18T25:00:00Z": "is not a date",
    "2024-06-18T10:61:00Z": "is not a date",
    "2024-06-18T10:00:00+25:00": "is not a date",
    "2024-06-18 10:00": "is not a date",
    "18.06.2024": "is not a date",
    "06/18/2024": "is not a date",
    "18 June 2024": "is not a date",
    "24-06-18": "is not a date",
    "20240618": "is not a date",
    "Y170000002": "is not a date",
    "-0044": "outside the years",
    "today": "is not a date",
    "": "is not a date",
    "..": "is not a date",
    "٢٠٢٤": "is not a date",
    "２０２４-06-18": "is not a date",
    "2024-06-18\x00": "is not a date",
    "9" * 5000: "is too long",
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:24]))
def test_what_is_no_date_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(DateError) as raised:
        parse(text)
    assert re.search(BAD[text], f"{raised.value} ({raised.value.hint})")
    assert len(str(raised.value)) < 120


@pytest.mark.parametrize(
    ("text", "hint"),
    [("2024-6-1", "write 2024-06-01"), ("2024-6", "write 2024-06"), ("2024-06-19/2024-06-18", "swap the two dates?")],
)
def test_a_reason_comes_with_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(DateError) as raised:
        parse(text)
    assert raised.value.hint == hint


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:24]))
def test_every_refusal_has_a_hint(text: str) -> None:
    with pytest.raises(DateError) as raised:
        parse(text)
    assert raised.value.hint


DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))


@EXAMPLES
@given(DAYS, st.sampled_from(list(QUALIFIERS)))
def test_a_day_of_the_calendar_is_itself(day: date, sign: str) -> None:
    found = parse(day.isoformat() + sign)
    assert found.earliest == found.latest == day.isoformat()


@EXAMPLES
@given(st.integers(1, 9999), st.integers(0, 99), st.integers(0, 99))
def test_a_day_that_the_calendar_lacks_is_refused(year: int, month: int, day: int) -> None:
    assume(not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]))
    with pytest.raises(DateError):
        parse(f"{year:04d}-{month:02d}-{day:02d}")


@EXAMPLES
@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_month_ends_with_its_last_day(year: int, month: int) -> None:
    found = parse(f"{year:04d}-{month:02d}")
    assert found.earliest == date(year, month, 1).isoformat()
    assert found.latest == date(year, month, calendar.monthrange(year, month)[1]).isoformat()


@EXAMPLES
@given(DAYS, DAYS)
def test_days_sort_and_compare_as_text(one: date, other: date) -> None:
    assert parse(one.isoformat()).surely_before(parse(other.isoformat())) == (one < other)


PIECES = st.sampled_from(
    [*"0123456789-/?~%XuT:.+[]{}, \n", "2024", "-06", "-18", "..", "/..", "202X", "Y1E3", "S2", "T10:00:00Z", "−", "\0"]
)


@EXAMPLES
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=24).map("".join), st.from_regex(r"\d{4}[-/].{0,12}")))
def test_any_text_is_a_date_or_a_date_error(text: str) -> None:
    try:
        found = parse(text)
    except DateError as refused:
        assert "\n" not in f"{refused} {refused.hint}"
        return
    assert OPEN_START <= found.earliest <= found.latest <= OPEN_END
    for end in (found.earliest, found.latest):
        assert end in (OPEN_START, OPEN_END) or date.fromisoformat(end)


@pytest.mark.parametrize("text", ["[" * 64, "{" * 64, "[1," * 21, "2024-" * 12, "X" * 64, "?" * 64, "[..{" * 16])
def test_no_short_text_takes_long(text: str) -> None:
    began = time.process_time()
    with pytest.raises(DateError):
        parse(text)
    assert time.process_time() - began < 2
