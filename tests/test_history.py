"""What moved: the history of a claim, carried on from period to period, is what a site as of each day would say."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import corpus, entries
from sitrep.analysis import history, provenance
from sitrep.corpus.as_of import as_known
from sitrep.corpus.link import linked_corpus
from sitrep.model.dates import parse
from sitrep.model.periods import FORMS, Every, period

# -- periods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "every", "id", "first", "last"),
    [
        ("2024-12-05", "day", "2024-12-05", "2024-12-05", "2024-12-05"),
        ("2024-12-05", "week", "2024-W49", "2024-12-02", "2024-12-08"),
        ("2024-12-30", "week", "2025-W01", "2024-12-30", "2025-01-05"),
        ("2021-01-03", "week", "2020-W53", "2020-12-28", "2021-01-03"),
        ("2024-02-29", "month", "2024-02", "2024-02-01", "2024-02-29"),
        ("2024-12-31", "month", "2024-12", "2024-12-01", "2024-12-31"),
        ("9999-12-31", "month", "9999-12", "9999-12-01", "9999-12-31"),
        ("9999-12-31", "week", "9999-W52", "9999-12-27", "9999-12-31"),
        ("0001-01-01", "week", "0001-W01", "0001-01-01", "0001-01-07"),
    ],
)
def test_periods(day: str, every: Every, id: str, first: str, last: str) -> None:
    made = period(day, every)
    assert made is not None
    assert (made.id, made.first, made.last) == (id, first, last)
    assert FORMS[every].fullmatch(made.id.lower())


@given(st.dates(min_value=date(1, 1, 2), max_value=date(9999, 12, 1)), st.sampled_from(["day", "week", "month"]))
def test_periods_follow_each_other(day: date, every: Every) -> None:
    made = period(day.isoformat(), every)
    assert made is not None
    assert made.first <= day.isoformat() <= made.last
    after = period((date.fromisoformat(made.last) + timedelta(days=1)).isoformat(), every)
    assert after is not None
    assert after.number == made.number + 1
    assert period(made.first, every) == made


@pytest.mark.parametrize("day", ["never", "9999-99-99", "0000-00-00", ""])
def test_what_is_no_day_lies_in_no_period(day: str) -> None:
    assert period(day, "week") is None


# -- what moved -------------------------------------------------------------------------------------------------------

ONE = "title: A\nsource: wire\ncaptured: {day}\nclaims: [{{id: c, {said}, quote: 'It is so.'}}]\n"


def one(day: str, said: str) -> str:
    return ONE.format(day=day, said=said)


def test_origins_grow_and_a_withdrawal_takes_them_back() -> None:
    made = corpus(
        claim__c="statement: It is so.\nassessments: [{date: 2024-01-16, likelihood: likely, confidence: low}]\n",
        article__a=one("2024-01-01", "by: [north], value: 10"),
        article__b=one("2024-01-09", "by: [south], value: '>20'"),
        article__c=one("2024-01-10", "by: [south], stance: denies"),
        article__d="title: D\nsource: wire\ncaptured: 2024-01-29\nupdates: {article: b, how: withdraws}\n",
    )
    found = history.digests(made, "week")
    assert [d.period.id for d in found] == ["2024-W01", "2024-W02", "2024-W03", "2024-W05"]
    moved = [d.claims[0] for d in found]
    assert moved[0].before is None
    assert [m.after.known for m in moved] == [1, 2, 2, 1]
    assert [m.after.origin for m in moved] == ["north", "", "", "north"]
    assert [(m.after.low, m.after.high) for m in moved] == [("10", "10"), ("10", ">20"), ("10", ">20"), ("10", "10")]
    assert moved[1].after.stances == (("asserts", 2), ("denies", 1))
    assert [m.assessed for m in moved] == [False, False, True, False]
    assert [m.after.assessment is None for m in moved] == [True, True, False, False]
    assert moved[3].updates == (history.ArticleUpdate("d", "withdraws", "b"),)
    assert all(later.before == earlier.after for earlier, later in itertools.pairwise(moved))


def test_what_is_due_is_what_was_known_and_still_to_come() -> None:
    made = corpus(
        event__vote="name: Vote\ndate: 2024-01-20\n",
        event__talks="name: Talks\nphase: planned\n",
        event__past="name: Past\ndate: 2024-01-02\n",
        article__a="title: A\nsource: wire\ncaptured: 2024-01-05\nevents: [{id: [vote, past], quote: One.}]\n",
        article__b="title: B\nsource: wire\ncaptured: 2024-01-25\nevents: [{id: vote, quote: One.}]\n",
    )
    first, second = history.digests(made, "week")
    assert (first.due, second.due) == (("vote", "talks"), ("talks",))
    assert [id for id, _ in first.events] == ["past", "vote"]
    assert second.events == ()


def test_a_thing_with_topics_goes_by_them_and_one_without_by_the_articles() -> None:
    made = corpus(
        claim__own="statement: O.\ntopics: [war]\n",
        claim__bare="statement: B.\n",
        article__a="title: A\nsource: w\ncaptured: 2024-01-05\ntopics: [war, peace]\n"
        "claims: [{id: [own, bare], quote: One.}]\n",
    )
    (digest,) = history.digests(made, "month")
    assert history.topics_of(made, digest) == ["peace", "war"]
    parts = {topic: [m.id for m in history.of_topic(made, digest, topic).claims] for topic in ("war", "peace")}
    assert parts == {"war": ["bare", "own"], "peace": ["bare"]}


NAMES = ["north", "south", "minister", "agency", "wire"]
ARTICLES = [f"a{n}" for n in range(6)]
LINKS = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(ARTICLES).map(lambda id: {"article": id}),
    st.sampled_from([{"unnamed": "somebody"}, {"unnamed": "an official", "of": "south"}, {"document": "Annex"}]),
)
DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


@st.composite
def articles(draw: st.DrawFn, id: str) -> dict[str, Any]:
    """An article with statements about one claim, through whom you like."""
    made: dict[str, Any] = {"title": id, "source": draw(st.sampled_from(["wire", "agency", "post"]))}
    made["captured"] = draw(st.sampled_from([*DAYS, *DAYS, "2024-01-05/..", "2024-01"]))
    if draw(st.integers(0, 4)) == 0:
        made["copy_of"] = draw(st.sampled_from(ARTICLES))
    if draw(st.integers(0, 3)) == 0:
        how = draw(st.sampled_from(["corrects", "replaces", "withdraws"]))
        made["updates"] = {"article": draw(st.sampled_from(ARTICLES)), "how": how}
    made["via"] = draw(st.lists(LINKS, max_size=1))
    made["claims"] = [
        {
            "id": "c",
            "quote": "It is so.",
            "by": draw(st.lists(LINKS, max_size=2)),
            "via": draw(st.lists(LINKS, max_size=1)),
            "stance": draw(st.sampled_from(["asserts", "asserts", "asserts", "denies", "silent"])),
        }
        for _ in range(draw(st.integers(0, 2)))
    ]
    return made


def lines(data: dict[str, Any]) -> str:
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in data.items())


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(["day", "week", "month"]))
def test_each_state_is_the_ledger_of_that_day(data: st.DataObject, every: Every) -> None:
    shared = data.draw(st.sampled_from(["", "shares_evidence: [{origins: [south, wire], because: same}]\n"]))
    files = {f"article__{id}": lines(data.draw(articles(id))) for id in ARTICLES}
    made = entries(
        claim__c=f"statement: It is so.\n{shared}",
        actor__minister="part_of: [north, {id: south, from: 2024-01-10}]\n",
        source__agency="controlled_by: [north]\n",
        actor__north="name: North\n",
        actor__south="name: South\n",
        **files,
    )
    corpus_ = linked_corpus(made)
    for digest in history.digests(corpus_, every):
        then = linked_corpus(as_known(made, parse(digest.period.last)))
        for moved in digest.claims:
            there = provenance.ledger(then, "c")
            known = tuple(origin.id for origin in there.origins if origin.known)
            state = moved.after
            assert (state.articles, state.outlets) == (there.articles, there.outlets)
            assert (state.known, state.unknown) == (there.known, there.unknown)
            assert state.origin == (known[0] if len(known) == 1 else "")
            assert dict(state.stances) == there.stances
            ours = provenance.ledger(corpus_, "c", digest.period.last)
            assert (ours.known, ours.unknown, ours.stances) == (there.known, there.unknown, there.stances)
