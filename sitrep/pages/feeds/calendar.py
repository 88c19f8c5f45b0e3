"""The calendar of events, as iCalendar (RFC 5545): events whose day is known. Dates without a day are omitted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, cast

from sitrep.i18n.words import capital
from sitrep.model.dates import OPEN_END, OPEN_START, instant, parse, zoned
from sitrep.model.records import Date, Event, EventAssertion
from sitrep.pages.feeds import feeds
from sitrep.pages.parts.context import PageContext
from sitrep.pages.parts.dated import Latest
from sitrep.views import urls
from sitrep.views.outputs import Beside, Output
from sitrep.views.pages import Link

PATH = "feeds/events.ics"
TYPE = "text/calendar"
LINE = 75
"""Octets of a line without its line break; longer lines are folded."""


def outputs(context: PageContext) -> Iterator[Output]:
    if feeds.on(context) and context.corpus.entries["events"]:
        yield Output("", "", partial(calendar, context), (Beside(PATH, folded, "calendar"),))


def links(context: PageContext, root: str) -> tuple[Link, ...]:
    """How the list of events links to the calendar."""
    if not (feeds.on(context) and context.corpus.entries["events"]):
        return ()
    return (Link(href=root + PATH, text=context.say("calendar.events", site=context.config.title), kind=TYPE),)


def calendar(context: PageContext) -> list[str]:
    """The lines of the calendar, before folding."""
    output: list[str] = []
    left = 0
    latest = Latest(context.corpus)
    for id in context.corpus.entries["events"]:
        lines = list(_event(context, id, latest))
        output += lines
        left += not lines
    out = context.say("calendar.left", n=left) if left else ""
    about = " ".join(part for part in (context.config.description, out) if part)
    return [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//sitrep//sitrep//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(context.config.title)}",
        f"X-WR-CALNAME:{_text(context.config.title)}",
        *([f"DESCRIPTION:{_text(about)}", f"X-WR-CALDESC:{_text(about)}"] if about else []),
        *output,
        "END:VCALENDAR",
    ]


def _event(context: PageContext, id: str, latest: Latest) -> Iterator[str]:
    entry = context.corpus.entries["events"][id]
    event = cast(Event, entry.record)
    when = event.date or _date_given(context, id)
    times = _times(when) if when else []
    if not when or not times:
        return
    doubts = [
        context.say(f"calendar.{word}")
        for word, so in (("about", when.approximate), ("uncertain", when.uncertain))
        if so
    ]
    summary = entry.name + (f" ({', '.join(doubts)})" if doubts else "")
    if event.phase in ("planned", "alleged"):
        phase = capital(context.say.term("phase", event.phase))
        summary = context.say("calendar.phase", phase=phase, event=summary)
    about = [context.words(event.description, "").striptags(), context.say("calendar.given", date=when.text)]
    about += [] if event.date else [context.say("calendar.reported")]
    place = event.place
    yield "BEGIN:VEVENT"
    yield f"UID:{feeds.urn(context, f'events/{id}')}"
    yield f"DTSTAMP:{_stamp(parse(latest.of(('events', id)) or when.text))}"
    yield from times
    yield f"SUMMARY:{_text(summary)}"
    yield f"DESCRIPTION:{_text(' '.join(part for part in about if part))}"
    if doubts or event.phase in ("planned", "alleged"):
        yield "STATUS:TENTATIVE"
    yield "TRANSP:TRANSPARENT"
    if place and place.name:
        yield f"LOCATION:{_text(place.name)}"
    if place and place.lat is not None and place.lon is not None:
        yield f"GEO:{place.lat:.6f};{place.lon:.6f}"
    if event.topics:
        yield f"CATEGORIES:{','.join(_text(context.link(('topics', topic), '').text) for topic in event.topics)}"
    if context.config.url:
        yield f"URL:{context.canonical(urls.page('events', id))}"
    yield "END:VEVENT"


def _date_given(context: PageContext, id: str) -> Date | None:
    """The date of the articles that give one, if they all agree."""
    dates = set()
    for ref in context.corpus.statements.get(("events", id), ()):
        assertion = context.corpus.statement(ref)
        faulty = not context.corpus.is_anchored(ref)
        if isinstance(assertion, EventAssertion) and assertion.date and not faulty:
            dates.add(assertion.date.text)
    return parse(dates.pop()) if len(dates) == 1 else None


def _times(when: Date) -> list[str]:
    """DTSTART and DTEND of a date that is a day, a moment, or a range of days; nothing for any other."""
    ends = when.text.split("/")
    if when.earliest == OPEN_START or when.latest == OPEN_END or not all(_is_day(end) for end in ends):
        return []
    if len(ends) == 1 and zoned(when):
        return [f"DTSTART:{_stamp(when)}"]
    if len(ends) == 1 and "T" in when.text:
        clock = when.text[11:].replace(":", "").ljust(6, "0")
        return [f"DTSTART:{when.earliest.replace('-', '')}T{clock}"]
    try:
        after = date.fromisoformat(when.latest) + timedelta(days=1)
    except (ValueError, OverflowError):
        return []
    return [
        f"DTSTART;VALUE=DATE:{when.earliest.replace('-', '')}",
        f"DTEND;VALUE=DATE:{after.isoformat().replace('-', '')}",
    ]


def _is_day(text: str) -> bool:
    end = parse(text)
    return end.earliest == end.latest


def _stamp(when: Date) -> str:
    return instant(when).replace("-", "").replace(":", "")


def _text(words: str) -> str:
    words = feeds.FORBIDDEN.sub("\ufffd", words)
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(lines: Any) -> bytes:
    """Lines of at most 75 octets, never broken within a character."""
    out = []
    for line in lines:
        data = line.encode()
        room = LINE
        while len(data) > room:
            cut = room
            while data[cut] & 0xC0 == 0x80:
                cut -= 1
            out.append(data[:cut])
            data = b" " + data[cut:]
        out.append(data)
    return b"\r\n".join(out) + b"\r\n"
