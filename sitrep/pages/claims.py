"""Claim pages: how we assess a claim, who asserts it, and how many independent origins that amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import cast

import msgspec
from markupsafe import Markup, escape

from sitrep.analysis import provenance
from sitrep.analysis.phrasing import sentence
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key, day
from sitrep.model.records import Article, Assertion, Claim, ClaimAssertion, Date, Quantity, Stance
from sitrep.pages import timelines
from sitrep.pages.entry import Lists, common, pages
from sitrep.pages.feeds import feeds, json
from sitrep.pages.parts import positions, summary
from sitrep.pages.parts.context import PageContext, written
from sitrep.pages.parts.diagrams import diagram
from sitrep.pages.parts.diagrams import numbers as drawn_numbers
from sitrep.views.outputs import Output
from sitrep.views.pages import (
    EMPTY,
    Backing,
    ClaimPage,
    Html,
    Ledger,
    Link,
    Measured,
    Origin,
    Shared,
    StanceChange,
    Statement,
)

FOR: tuple[Stance, ...] = ("asserts",)
AGAINST: tuple[Stance, ...] = ("denies", "doubts")
NUMBERS = 60
"""The number of statements that a claim's page lists one by one."""


def outputs(context: PageContext, ids: Iterable[str]) -> Iterator[Output]:
    yield from pages(context, "claims", ids, lists, view, json.claim)


def lists(corpus: Corpus, key: Key) -> Lists:
    return {"statements": corpus.statements.get(key, ())}


def view(context: PageContext, key: Key, number: int = 1) -> ClaimPage:
    shown = lists(context.corpus, key)
    shared = common(context, key, number, shown)
    root = shared["root"]
    record = context.corpus.entries["claims"][key[1]].record
    claim = record if isinstance(record, Claim) else Claim()
    first = number == 1
    ledger = provenance.ledger(context.corpus, key[1]) if first else provenance.NOTHING
    ledger_view = _ledger(context, claim, ledger, root)
    refs = [ref for ref in shown["statements"] if context.corpus.is_anchored(ref)] if first else []
    gone = {ref.article for ref, _ in ledger.uncounted}
    counted = [ref for ref in refs if ref.article not in gone]
    measured = tuple(_measured(context, refs, claim, root)) if first else ()
    lines = tuple(_in_runs([line for _, line in measured]))
    turns = tuple(_turns(context, refs, root)) if first else ()
    return ClaimPage(
        **shared,
        feed=feeds.of_thing(context, key, shared, feeds.ledger_notes(context, ledger_view, turns)) if first else None,
        answer=summary.claim(context, claim, ledger, counted, root) if first else EMPTY,
        timeline=timelines.of_claim(context, claim, turns) if first else None,
        ledger=ledger_view,
        conflicts=tuple((context.named(c.claim, ("claims",), root), c.how) for c in claim.conflicts),
        best_for=best(context, counted, FOR, ledger, root) if first else None,
        best_against=best(context, counted, AGAINST, ledger, root) if first else None,
        sides=tuple(positions.sides([turn for turn in turns if turn.statement.id not in gone])),
        unheard=positions.unheard(context, claim, counted, root),
        number=next((m for _, m in reversed(measured) if m.stance == "asserts" and m.statement.id not in gone), None),
        changed=positions.changed(context, claim, ledger, refs, root) if first else (),
        turns=turns,
        open=tuple(_open(context, key, claim, ledger, refs, root)) if first else (),
        measure=claim.measure,
        measured=lines,
        unlisted=_unlisted(lines),
        track=drawn_numbers(context, claim, measured, f"track-{key[1]}"),
        diagram=diagram(context, refs, f"chains-{key[1]}", root, ledger=ledger_view) if first else EMPTY,
    )


# -- the ledger -------------------------------------------------------------------------------------------------------


def _ledger(context: PageContext, claim: Claim, ledger: provenance.Ledger, root: str) -> Ledger:
    return Ledger(
        line=sentence(context.say, ledger),
        articles=ledger.articles,
        outlets=ledger.outlets,
        known=ledger.known,
        unknown=ledger.unknown,
        stances=tuple(ledger.stances.items()),
        origins=tuple(_origin(context, origin, root) for origin in ledger.origins),
        shared=tuple(
            Shared(
                origins=tuple(context.named(id, ("actors", "sources"), root) for id in shared.origins),
                because=context.words(shared.because, root),
            )
            for shared in claim.shares_evidence
        ),
        uncounted=tuple((_to(context, ref, root), why) for ref, why in ledger.uncounted),
    )


def _origin(context: PageContext, origin: provenance.Origin, root: str) -> Origin:
    return Origin(
        id=origin.id,
        link=context.link(origin.key, root) if origin.key else Link(href="", text=origin.words),
        known=origin.known,
        interested=origin.interested,
        shares=tuple(_party(context, id, root) for id in origin.shares),
        backing=tuple(_backing(context, support, root) for support in origin.supports),
    )


def _backing(context: PageContext, support: provenance.Support, root: str) -> Backing:
    article = cast(Article, context.corpus.article(support.ref.article).record)
    speaker = support.speaker
    if speaker is None:
        link = Link(href="", text=context.say("statement.nobody"))
    else:
        link = context.step(context.corpus.article(support.ref.article), speaker, root)
    return Backing(
        speaker=link,
        unnamed=speaker is None or speaker.unnamed,
        through=tuple(_party(context, id, root) for id in support.through),
        statement=_to(context, support.ref, root),
        source=context.link(("sources", article.source), root) if article.source else None,
        published=written(article.published),
        article=support.ref.article,
        number=support.ref.n,
    )


def _party(context: PageContext, id: str, root: str) -> Link:
    if id.startswith("article:"):
        return context.named(id, ("articles",), root)
    return context.named(id, ("actors", "sources"), root)


def _to(context: PageContext, ref: AnnotationRef, root: str) -> Link:
    """A link to a statement's words, named after the article."""
    statement = context.statement(ref, root)
    article = context.link(("articles", ref.article), root)
    return Link(href=statement.href if statement else article.href, text=article.text, kind="article", id=ref.article)


# -- where who stood --------------------------------------------------------------------------------------------------


def moment(context: PageContext, ref: AnnotationRef) -> Date | None:
    """When a statement was made: as its annotation says, else when its article was published."""
    return provenance.moment(context.corpus, ref)


def speakers(context: PageContext, ref: AnnotationRef, root: str) -> list[tuple[Link, bool]]:
    """Who makes a statement, and whether that is an unnamed source."""
    statement = context.statement(ref, root)
    if statement is None:
        return []
    starts = [
        (chain.steps[0].link, chain.steps[0].unnamed) for chain in statement.chains if chain.start != "unattributed"
    ]
    return starts or [(Link(href="", text=context.say("statement.nobody")), True)]


def _turns(context: PageContext, refs: Sequence[AnnotationRef], root: str) -> Iterator[StanceChange]:
    """Each speaker's stances over time, latest first; a statement that repeats the speaker's stance is not `moved`."""
    stood: dict[str, str] = {}
    turns = []
    for ref in sorted(refs, key=lambda ref: (day(moment(context, ref)), ref.article, ref.n)):
        statement = cast(Statement, context.statement(ref, root))
        for speaker, unnamed in speakers(context, ref, root):
            name = speaker.id or f"{ref.article}:{speaker.text}"
            moved = stood.get(name) != statement.stance
            stood[name] = statement.stance
            turns.append(
                StanceChange(
                    date=written(moment(context, ref)),
                    speaker=speaker,
                    unnamed=unnamed,
                    stance=statement.stance,
                    moved=moved,
                    value=statement.value,
                    statement=_to(context, ref, root),
                    source=statement.source,
                )
            )
    yield from reversed(turns)


def best(
    context: PageContext,
    refs: Sequence[AnnotationRef],
    stances: tuple[Stance, ...],
    ledger: provenance.Ledger | None,
    root: str,
) -> Statement | None:
    """The quotation that leads most directly to a named origin: known origins first, fewest links, earliest."""
    origins = ledger.origins if ledger else ()
    known = {support.ref for origin in origins if origin.known for support in origin.supports}
    quotes = []
    for ref in refs:
        statement = context.statement(ref, root)
        if statement and statement.stance in stances and statement.quote:
            length = min(len(chain.steps) for chain in statement.chains)
            named = ref in known or any(chain.start == "named" for chain in statement.chains)
            rank = (stances.index(statement.stance), not named, length, day(moment(context, ref)), ref)
            quotes.append((rank, statement))
    return min(quotes, key=lambda pair: pair[0])[1] if quotes else None


def _open(
    context: PageContext, key: Key, claim: Claim, ledger: provenance.Ledger, refs: Sequence[AnnotationRef], root: str
) -> Iterator[Html]:
    """Open questions: silence, untraced chains, a single origin, conflicts, an assessment older than the latest
    reports."""
    silent: dict[str, Link] = {}
    spoken: set[str] = set()
    for ref in refs:
        stance = context.corpus.statement(ref).stance
        for speaker, unnamed in speakers(context, ref, root):
            if not unnamed and stance in ("silent", "withholds"):
                silent.setdefault(speaker.id, speaker)
            elif not unnamed:
                spoken.add(speaker.id)
    names = [Markup(escape(link.text)) for id, link in silent.items() if id not in spoken]
    if names:
        yield context.say.html("claim.not_said", n=len(names), who=context.say.listed(names))
    if ledger.known == 1:
        yield context.say.html("claim.one_origin")
    if ledger.origins and all(origin.interested for origin in ledger.origins if origin.known) and ledger.known:
        yield context.say.html("claim.all_interested")
    if ledger.unknown:
        yield context.say.html("claim.lineages", n=ledger.unknown)
    if not claim.assessments:
        yield context.say.html("claim.we_have_not")
        return
    latest = max(assessment.date.latest for assessment in claim.assessments)
    since = [ref for ref in refs if (when := moment(context, ref)) and when.earliest > latest]
    if since:
        yield context.say.html("claim.since_then", n=len(since))


# -- numbers ----------------------------------------------------------------------------------------------------------


def numbers(context: PageContext, refs: Sequence[AnnotationRef]) -> list[tuple[AnnotationRef, Quantity, Date]]:
    """The dated numbers of a claim, the earliest first."""
    measured = []
    for ref in refs:
        assertion = context.corpus.statement(ref)
        when = moment(context, ref)
        if isinstance(assertion, ClaimAssertion) and assertion.value and when:
            measured.append((ref, assertion.value, when))
    return sorted(measured, key=lambda item: (item[2].earliest, item[0]))


def _unlisted(lines: Sequence[Measured]) -> int:
    """How many of the earliest numbers to omit, so that about `NUMBERS` remain: days stay whole."""
    most = max(0, len(lines) - NUMBERS)
    return next((n for n in range(most, len(lines)) if lines[n].lines), most)


def _measured(
    context: PageContext, refs: Sequence[AnnotationRef], claim: Claim, root: str
) -> Iterator[tuple[Quantity, Measured]]:
    highest = 0.0
    for ref, value, when in numbers(context, refs):
        assertion: Assertion = context.corpus.statement(ref)
        statement = cast(Statement, context.statement(ref, root))
        flags = []
        if value.high < highest and value.form != "at least":
            flags.append("lower than a number before it")
        if assertion.quote and not quoted(value, " ".join(quote.exact for quote in assertion.quote)):
            flags.append("not in the quoted words")
        highest = max(highest, value.low)
        for speaker, unnamed in speakers(context, ref, root)[:1]:
            line = Measured(
                date=when.text,
                value=value.text,
                form=value.form,
                stance=statement.stance,
                speaker=speaker,
                unnamed=unnamed,
                statement=_to(context, ref, root),
                source=statement.source,
                flags=tuple(flags),
            )
            yield value, line


def _in_runs(lines: Sequence[Measured]) -> Iterator[Measured]:
    """The lines, with each run of one number by one speaker on one day counted at its first."""
    for _, run in groupby(lines, key=lambda line: (line.date, line.value, line.speaker, line.unnamed)):
        first, *more = run
        yield msgspec.structs.replace(first, lines=1 + len(more))
        yield from (msgspec.structs.replace(line, lines=0) for line in more)


def quoted(value: Quantity, words: str) -> bool:
    """Whether each number of a value occurs in the words: in digits, with any thousands separator, or as a word."""
    plain = words.casefold()
    digits = "".join(c for c in plain if c not in ",. \u00a0\u202f'’")
    for number in {value.low, value.high}:
        spellings = {f"{number:g}" if number != int(number) else str(int(number))}
        for size, name in ((1_000, "thousand"), (1_000_000, "million"), (1_000_000_000, "billion")):
            if number >= size:
                spellings |= {f"{number / size:g}{name}", f"{number / size:g}{name[0]}"}
                word = _WORDS.get(number / size)
                spellings |= {f"{word}{name}"} if word else set()
        if number in _WORDS:
            spellings.add(_WORDS[number])
        if not any(spelling.replace(".", "") in digits for spelling in spellings):
            return False
    return True


_WORDS: dict[float, str] = {
    **{
        float(n): word
        for n, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
        )
    },
    20.0: "twenty",
    30.0: "thirty",
    40.0: "forty",
    50.0: "fifty",
    100.0: "hundred",
}
