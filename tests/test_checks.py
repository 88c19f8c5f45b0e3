"""Checks of what files say together: each finds what it is for, and leaves alone what only looks like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from corpora import corpus, entries
from sitrep.anchoring.quotes import Matchable
from sitrep.checks import attribution, circles, citations, estimates, grades, names, numbers, sign_offs, timing
from sitrep.checks.passages import blocks, own_words, passages
from sitrep.corpus.corpus import Corpus
from sitrep.corpus.link import linked_corpus
from sitrep.model.entries import Entry
from sitrep.model.records import Article, SignOff
from sitrep.parse import entry as items
from sitrep.parse import markdown, yaml, yaml_pitfalls
from sitrep.problems import Problem
from sitrep.release.sign_off import sign_off

Check = Callable[[Corpus], Iterator[Problem]]


def found(check: Check, **files: str) -> list[tuple[str, str, str]]:
    """(code, name of the file, place in its data) of each problem."""
    told = [(p.code, p.file.rpartition("/")[2], ".".join(map(str, p.at))) for p in check(corpus(**files))]
    return sorted(told)


def one(check: Check, **files: str) -> Problem:
    (problem,) = check(corpus(**files))
    return problem


HEAD = "title: T\nsource: wire\npublished: 2024-10-18\n"


def claiming(*statements: str, head: str = HEAD) -> str:
    return f"{head}claims:\n" + "".join(f"  - {{{statement}}}\n" for statement in statements)


def happening(*statements: str, head: str = HEAD) -> str:
    return f"{head}events:\n" + "".join(f"  - {{{statement}}}\n" for statement in statements)


# -- circles ----------------------------------------------------------------------------------------------------------


def test_a_chain_that_leads_back_is_told_where_it_does() -> None:
    files = {
        "article__a": claiming("id: c, by: [{article: b}], quote: It is so."),
        "article__b": claiming("id: c, via: [article:a], quote: It is so.", head=HEAD.replace("wire", "other")),
        "article__outside": claiming("id: c, via: [article:a], quote: It is so."),
    }
    told = [("chain-loop", "a.yaml", "claims.0.by.0"), ("chain-loop", "b.yaml", "claims.0.via.0")]
    assert found(circles.chain_loops, **files) == told


def test_an_article_that_relays_itself() -> None:
    assert found(circles.chain_loops, article__a=claiming("id: c, quote: It is so.", head=f"{HEAD}via: [article:a]\n"))


def test_a_chain_through_articles_in_a_circle_that_speak_of_other_claims_is_none() -> None:
    files = {
        "article__a": claiming("id: c, via: [article:b], quote: It is so."),
        "article__b": claiming("id: d, via: [article:a], quote: It is so.", "id: c, by: [nis], quote: One."),
    }
    assert found(circles.chain_loops, **files) == []


def test_a_body_that_is_part_of_itself() -> None:
    told = one(
        circles.part_of_loops,
        actor__x="part_of: [other, y]",
        actor__y="part_of: [z]",
        source__z="controlled_by: [x]",
        actor__other="part_of: [elsewhere]",
    )
    assert "x → y → z → x" in told.message
    assert (told.file, told.at) == ("content/sources/z.yaml", ("controlled_by", 0))


def test_each_circle_is_told() -> None:
    told = found(circles.part_of_loops, actor__a="part_of: [b, c]", actor__b="part_of: [a]", actor__c="part_of: [a]")
    assert told == [("part-of-loop", "b.yaml", "part_of.0"), ("part-of-loop", "c.yaml", "part_of.0")]


def test_ties_of_different_times_make_no_circle() -> None:
    early, late = "part_of: [{id: y, until: 2019}]", "part_of: [{id: x, from: 2020}]"
    assert found(circles.part_of_loops, actor__x=early, actor__y=late) == []
    assert found(circles.part_of_loops, actor__x=early.replace("2019", "2022"), actor__y=late)


def test_an_agency_and_the_body_of_its_name_are_one_and_no_circle() -> None:
    assert found(circles.part_of_loops, source__kcna="controlled_by: [actor:kcna]", actor__kcna="part_of: [dprk]") == []
    assert found(circles.part_of_loops, source__kcna="controlled_by: [kcna]")


def test_an_event_that_is_part_of_itself() -> None:
    told = found(circles.part_of_loops, event__a="part_of: [b]", event__b="part_of: [a]", event__c="part_of: [a]")
    assert told == [("part-of-loop", "b.yaml", "part_of.0")]


def test_a_long_row_of_bodies_is_no_circle() -> None:
    assert circles.core({f"n{n}": [f"n{n + 1}"] for n in range(50_000)}) == set()


# -- grades -----------------------------------------------------------------------------------------------------------

HIGH = "assessments: [{date: 2024-10-20, likelihood: likely, confidence: high, because: x}]"
ONE_ORIGIN = {
    "actor__nis": "part_of: [south-korea]",
    "actor__south_korea": "kind: state",
    "article__a": claiming("id: c, by: [nis], quote: It is so."),
    "article__b": claiming("id: c, by: [south-korea], quote: It is so."),
}
SECOND = {"article__n": claiming("id: c, by: [nato], quote: It is so.")}


def test_high_confidence_wants_more_than_one_origin() -> None:
    told = one(grades.uncorroborated, claim__c=HIGH, **ONE_ORIGIN)
    assert (told.code, told.at) == ("uncorroborated", ("assessments", 0, "confidence"))
    assert "one known origin: South Korea" in told.message
    assert found(grades.uncorroborated, claim__c=HIGH, **ONE_ORIGIN, **SECOND) == []
    assert found(grades.uncorroborated, claim__c=HIGH.replace("high", "moderate"), **ONE_ORIGIN) == []


def test_interested_parties_alone_are_no_confirmation() -> None:
    about = f"about: {{actors: [south-korea, nato]}}\n{HIGH}"
    assert "interested parties" in one(grades.uncorroborated, claim__c=about, **ONE_ORIGIN, **SECOND).message


def test_the_latest_assessment_counts() -> None:
    later = "assessments: [{date: 2024-10-20, confidence: high}, {date: 2024-10-21, confidence: low}]"
    assert found(grades.uncorroborated, claim__c=later, **ONE_ORIGIN) == []


def test_a_grade_of_one_is_confirmed_by_other_sources() -> None:
    graded = claiming('id: c, by: [nis], credibility: "1", quote: It is so.')
    files = {**ONE_ORIGIN, "article__a": graded}
    told = [("uncorroborated", "a.yaml", "claims.0.credibility")]
    assert found(grades.uncorroborated, claim__c="statement: C", **files) == told
    assert found(grades.uncorroborated, claim__c="statement: C", **files, **SECOND) == []
    denied = graded.replace("id: c,", "id: c, stance: denies,")
    assert found(grades.uncorroborated, claim__c="statement: C", article__a=denied) == []


def test_a_judgment_rests_on_all_its_claims() -> None:
    brief = "key_judgments: [{text: T, confidence: high, rests_on: [c, d]}]"
    files = {**ONE_ORIGIN, "claim__c": "statement: C", "claim__d": "statement: D", "brief__b": brief}
    assert found(grades.uncorroborated, **files) == [("uncorroborated", "b.yaml", "key_judgments.0.confidence")]
    files["article__d"] = claiming("id: d, by: [nato], quote: It is so.")
    assert found(grades.uncorroborated, **files) == []


def test_a_claim_that_articles_speak_of_wants_an_assessment() -> None:
    assert found(grades.not_assessed, claim__c="statement: C", **ONE_ORIGIN) == [("not-assessed", "c.yaml", "")]
    assert found(grades.not_assessed, claim__c=HIGH, **ONE_ORIGIN) == []
    assert found(grades.not_assessed, claim__c="statement: C") == []
    assert found(grades.not_assessed, **ONE_ORIGIN) == []


# -- attribution ------------------------------------------------------------------------------------------------------

STORY = """\
GENEVA — A day of talks.

The bridge is open. Traffic has begun.

The ministry gave no reason. Snow fell in the night.

North Harbour spoke first. It was late. It added a word. The tunnel is closed.

The report gives two facts:

- the first is old;
- the second is new;
- the third is denied.

Nothing more is known of the matter. It rained.

Another paragraph stands here. It says little.

Team Courier

(With inputs from Northwire)
"""
HARBOUR = {"actor__harbour": "name: North Harbour\naliases: [the Port]", "article__a__md": STORY}


def said_by(quote: str, by: str = "harbour", *, key: str = "by", more: str = "") -> str:
    return f"{HEAD}{more}claims:\n  - {{id: c, {key}: [{by}], quote: {quote}}}\n"


@pytest.mark.parametrize(
    ("quote", "near"),
    [
        ("The bridge is open", False),
        ("Snow fell in the night", True),  # the sentence after names it
        ("North Harbour spoke first", True),
        ("The tunnel is closed", True),  # far off, but in its paragraph
        ("The report gives two facts", True),  # the sentence before its paragraph belongs to one that names it not
        ("the third is denied", False),
    ],
)
def test_a_speaker_is_named_near_the_quote(quote: str, near: bool) -> None:
    told = found(attribution.unnamed_parties, article__a=said_by(quote), **HARBOUR)
    if quote == "The report gives two facts":
        near = False
    assert told == ([] if near else [("attribution-not-in-text", "a.yaml", "claims.0.by.0")])


def test_a_list_is_one_with_the_sentence_that_opens_it() -> None:
    text = STORY.replace("The report gives", "North Harbour gives")
    files = {**HARBOUR, "article__a__md": text, "article__a": said_by("the third is denied")}
    assert found(attribution.unnamed_parties, **files) == []


def test_a_line_of_a_wrapped_paragraph_is_no_sentence() -> None:
    text = "North Harbour\nspoke\nof\nmany\nthings and said that\nthe bridge is open.\n\nA.\n\nB.\n\nC.\n\nD.\n"
    files = {**HARBOUR, "article__a__md": text, "article__a": said_by("the bridge is open")}
    assert found(attribution.unnamed_parties, **files) == []


@pytest.mark.parametrize("by", ["courier", "northwire", "geneva"])
def test_the_byline_is_the_first_line_and_the_last_two(by: str) -> None:
    assert found(attribution.unnamed_parties, article__a=said_by("The bridge is open", by), **HARBOUR) == []


def test_an_alias_will_do_in_any_case_and_part_of_a_word_will_not() -> None:
    files = {**HARBOUR, "article__a": said_by("The bridge is open")}
    files["article__a__md"] = STORY.replace("Traffic has begun", "THE PORT has opened it")
    assert found(attribution.unnamed_parties, **files) == []
    files["article__a__md"] = STORY.replace("Traffic has begun", "North Harbourmasters have opened it")
    assert found(attribution.unnamed_parties, **files)


def test_words_annotated_as_the_speaker_will_do() -> None:
    mention = "actors: [{id: harbour, quotes: [Traffic]}]\n"
    assert found(attribution.unnamed_parties, article__a=said_by("The bridge is open", more=mention), **HARBOUR) == []


def test_who_publishes_and_from_whom_the_article_has_it_need_no_naming() -> None:
    for by in ("wire", "context", "article:own"):
        files = {
            **HARBOUR,
            "article__own": HEAD,
            "article__a": said_by("The bridge is open", by, more="via: [context]\n"),
        }
        assert found(attribution.unnamed_parties, **files) == [], by


def test_an_article_in_a_chain_goes_by_its_source() -> None:
    files = {**HARBOUR, "article__other": HEAD.replace("wire", "gazette")}
    told = one(
        attribution.unnamed_parties, article__a=said_by("The bridge is open", "article:other", key="via"), **files
    )
    assert "Gazette, which published other," in told.message
    assert told.at == ("claims", 0, "via", 0)
    files["article__a__md"] = STORY.replace("Traffic has begun", "So wrote the Gazette")
    assert found(attribution.unnamed_parties, article__a=said_by("The bridge is open", "article:other"), **files) == []


def test_documents_and_unnamed_speakers_are_not_looked_for() -> None:
    for by in ("{document: A paper}", "{unnamed: somebody, of: harbour}"):
        assert found(attribution.unnamed_parties, article__a=said_by("The bridge is open", by), **HARBOUR) == []


def test_the_words_for_an_unnamed_speaker_are_the_articles() -> None:
    files = {**HARBOUR, "article__a": said_by("The bridge is open", "{unnamed: A senior official}")}
    assert found(attribution.unnamed_words, **files) == [("unnamed-not-in-text", "a.yaml", "claims.0.by.0")]
    files["article__a__md"] = STORY.replace("Traffic has", "So said a  senior\nofficial. Traffic has")
    assert found(attribution.unnamed_words, **files) == []
    files["article__a"] = f"{HEAD}via: [{{unnamed: local media}}]\n"
    assert found(attribution.unnamed_words, **files) == [("unnamed-not-in-text", "a.yaml", "via.0")]


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Andrei Belousov", "Andrey Belousov"),
        ("Andrei Belousov", "Belousov, Andrei"),
        ("Andrei Belousov", "ANDREI BELOUSOV"),
        ("Andrei Belousov", "Andrei Beluosov"),
        ("Jose Alvarez", "José Álvarez"),
        ("Cho Tae-yul", "Cho Taeyul"),
        ("Rustem Umerov", "Umierov Rustem"),
        ("General Staff", "General Staffs"),
        ("NATO", "Nato"),
        ("Михаил Мишустин", "Михайл Мишустин"),
    ],
)
def test_names_that_may_be_one(first: str, second: str) -> None:
    told = one(names.alike_names, actor__a=f"name: {first!r}", actor__b=f"name: {second!r}")
    assert (told.code, told.file, told.at) == ("near-duplicate", "content/actors/b.yaml", ("name",))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("North Korea", "South Korea"),
        ("Kim Jong Un", "Kim Jong Il"),
        ("Resolution 1718", "Resolution 1719"),
        ("Directorate A", "Directorate B"),
        ("Austria", "Austrie"),  # too short to say
        ("US", "Us"),
        ("中国人民解放军第一军", "中国人民解放军第二军"),
        ("Committee on Foreign Affairs", "Committee on Defence"),
    ],
)
def test_names_that_are_two(first: str, second: str) -> None:
    assert found(names.alike_names, actor__a=f"name: {first!r}", actor__b=f"name: {second!r}") == []


def test_an_id_that_is_only_mentioned_is_told_where_it_is() -> None:
    slip = f"{HEAD}actors: [geneva, vladmir-putin]\n"
    told = found(names.alike_names, actor__vladimir_putin="name: Vladimir Putin", article__a=slip)
    assert told == [("near-duplicate", "a.yaml", "actors.1")]


def test_things_of_which_one_refers_to_the_other_are_two() -> None:
    wife = "name: Ivan Petrova\nrelations: [{to: petrov, how: married to}]"
    assert found(names.alike_names, actor__petrov="name: Ivan Petrov", actor__petrova=wife) == []


def test_an_actor_and_a_source_may_share_a_name() -> None:
    assert found(names.alike_names, actor__kcna="name: KCNA", source__kcna="name: KCNA") == []
    assert found(names.alike_names, source__a="name: Daily Courier", source__b="name: Dayly Courier")


def test_an_alias_means_one_actor() -> None:
    files = {"actor__a": "name: Rustem Umerov\naliases: [Umerov, the minister]"}
    told = one(names.alike_names, actor__b="name: Shin Won-sik\naliases: [Shin, the minister]", **files)
    assert (told.code, told.file, told.at) == ("ambiguous-alias", "content/actors/b.yaml", ("aliases", 1))
    told = one(names.alike_names, actor__b="name: Umerov", **files)
    assert (told.code, told.file, told.at) == ("ambiguous-alias", "content/actors/a.yaml", ("aliases", 0))
    assert found(names.alike_names, actor__b="name: Shin\naliases: [Shin]", **files) == []


def test_names_that_differ_in_a_number_alone_are_two() -> None:
    made = [
        entry.replaced(id=f"a{n}", record=msgspec.structs.replace(entry.record, name=f"Unit {n} of the Guard"))
        for n in range(4000)
        for entry in entries(actor__a="kind: group")[:1]
    ]
    whole = linked_corpus(made)
    assert list(names.alike_names(whole)) == []


# -- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1500", "1,500 troops"),
        ("1500", "1 500 troops"),
        ("1500", "1\u00a0500 troops"),
        ("1500", "1.500 troops"),
        ("1500", "1'500 troops"),
        ("1500", "some 1500 troops"),
        ("1500", "1.5k troops"),
        ("1500", "fifteen hundred troops"),
        ("1500", "one thousand five hundred troops"),
        ("1.5", "1.5 per cent"),
        ("1500000", "1.5 million shells"),
        ("500000", "half a million shells"),
        ("12000", "12,000-strong"),
        ("12000", "a 12-thousand-strong force"),
        ("12000", "twelve thousand"),
        ("12000", "12k"),
        (">10000", "more than ten thousand"),
        (">10000", "tens of thousands"),
        (">100000", "hundreds of thousands of shells"),
        (">1000", "thousands of containers"),
        ("24", "two dozen"),
        ("124", "one hundred and twenty-four"),
        ("0", "no soldiers"),
        ("500", "in 2024 500 men"),
        ("10000..12000", "between 10,000 and 12,000"),
        ("10000..12000", "10,000–12,000 soldiers"),
        ("10000..12000", "10-12,000 soldiers"),
        ("10000..12000", "10 to 12 thousand soldiers"),
        ("10000..12000", "ten to twelve thousand"),
        ("10000..12000", "between ten and twelve thousand"),
        ("3000", "第一批3,000人"),
    ],
)
def test_numbers_are_read_as_they_are_written(value: str, words: str) -> None:
    files = {
        "article__a": claiming(f"id: c, value: '{value}', quote: \"{words}\""),
        "article__a__md": f"It said: {words}.\n",
    }
    assert found(numbers.value_not_quoted, **files) == []


@pytest.mark.parametrize(
    ("value", "words", "missing"),
    [
        ("30000", "at least 3,000 soldiers", "30,000"),
        ("12000", "on 12 October", "12,000"),
        ("10000..12000", "about 12,000", "10,000"),
        ("1000", "12 thousand", "1,000"),
        ("10000..12000", "several", "10,000 and 12,000"),
        ("1.25", "two", "1.25"),
    ],
)
def test_a_number_that_is_not_in_the_quote(value: str, words: str, missing: str) -> None:
    text = {"article__a__md": f"It said: {words}.\n"}
    told = one(numbers.value_not_quoted, article__a=claiming(f"id: c, value: '{value}', quote: \"{words}\""), **text)
    assert told.at == ("claims", 0, "value")
    assert f"do not hold {missing}:" in told.message


@pytest.mark.parametrize(
    ("words", "holds"),
    [("1만 2천명", True), ("12 тысяч", True), ("zwölftausend", True), ("3천명", False), ("am 13. Oktober", False)],
)
def test_numbers_in_other_languages(words: str, holds: bool) -> None:
    head = f"{HEAD}language: ko\n"
    files = {
        "article__a": claiming(f"id: c, value: 12000, quote: {words}", head=head),
        "article__a__md": f"- {words}.\n",
    }
    assert (found(numbers.value_not_quoted, **files) == []) is holds
    translated = claiming(f"id: c, value: 12000, translation: twelve thousand, quote: {words}", head=head)
    assert found(numbers.value_not_quoted, **{**files, "article__a": translated}) == []


def track(*values: tuple[str, str]) -> dict[str, str]:
    made = {
        f"article__a{n}": claiming(f"id: c, said: {said}, value: '{value}', quote: It is so.")
        for n, (said, value) in enumerate(values)
    }
    return {"claim__c": "measure: troops, total", **made}


def test_a_total_that_falls() -> None:
    told = found(
        numbers.total_falls, **track(("2024-10-01", ">10000"), ("2024-10-02", "3000"), ("2024-10-03", ">12000"))
    )
    assert told == [("total-falls", "a1.yaml", "claims.0.value")]


@pytest.mark.parametrize(
    "values",
    [
        (("2024-10-01", "1500"), ("2024-10-02", ">3000"), ("2024-10-03", ">10000")),
        (("2024-10-01", "~10000"), ("2024-10-02", "3000")),
        (("2024-10-01", ">10000"), ("2024-10-02", "~3000")),
        (("2024-10-01", ">10000"), ("2024-10-01", "3000")),
        (("2024-10", ">10000"), ("2024-10-20", "3000")),
    ],
)
def test_totals_that_do_not_fall(values: tuple[tuple[str, str], ...]) -> None:
    assert found(numbers.total_falls, **track(*values)) == []


def test_numbers_of_a_claim_without_a_measure_are_not_compared() -> None:
    files = {**track(("2024-10-01", "10000"), ("2024-10-02", "3000")), "claim__c": "statement: C"}
    assert found(numbers.total_falls, **files) == []


# -- dates ------------------------------------------------------------------------------------------------------------

SIGNED = {
    "article__a__md": "The treaty was signed in Pyongyang. It will enter into force. The signature on the 20th.\n"
}


def test_an_event_that_is_reported_as_done_before_it_happened() -> None:
    dated = happening("id: e, date: 2024-10-20, quote: The treaty was signed")
    assert found(timing.event_after_report, article__a=dated, **SIGNED) == [
        ("event-after-report", "a.yaml", "events.0.date")
    ]
    undated = happening("id: e, quote: The treaty was signed")
    told = one(timing.event_after_report, article__a=undated, event__e="date: 2024-11", **SIGNED)
    assert told.at == ("events", 0)
    assert "the date in the file of e" in told.message


@pytest.mark.parametrize(
    ("statement", "event"),
    [
        ("id: e, date: 2024-10-18, quote: The treaty was signed", "date: 2024-10-18"),
        ("id: e, date: 2024-10, quote: The treaty was signed", "date: 2024-10-20"),
        ("id: e, date: 2024-10-20?, quote: The treaty was signed", "date: 2024-10-20"),
        ("id: e, date: 2024-10-20, quote: The treaty was signed", "phase: planned"),
        ("id: e, date: 2024-10-20, quote: The treaty was signed, stance: denies", "date: 2024-10-20"),
        ("id: e, date: 2024-10-20, quote: It will enter into force", "date: 2024-10-20"),
        ("id: e, date: 2024-10-20, quote: The signature on the 20th", "date: 2024-10-20"),
    ],
)
def test_events_that_need_not_have_happened_yet(statement: str, event: str) -> None:
    assert found(timing.event_after_report, article__a=happening(statement), event__e=event, **SIGNED) == []


def dated(**dates: str) -> dict[str, str]:
    return {f"article__{id}": happening(f"id: e, date: {date}, quote: It is so.") for id, date in dates.items()}


def test_dates_that_exclude_each_other() -> None:
    files = dated(a="2024-06-18", b="2024-06-19", c="2024-06")
    assert found(timing.dates_differ, **files) == [
        ("dates-differ", "a.yaml", "events.0.date"),
        ("dates-differ", "b.yaml", "events.0.date"),
    ]
    told = one(timing.dates_differ, event__e="date: 2024-06-18", **files)
    assert "its own file has 2024-06-18" in told.message
    assert told.file == "content/articles/b.yaml"


def test_dates_that_agree() -> None:
    assert found(timing.dates_differ, event__e="date: 2024", **dated(a="2024-06", b="2024-06-19", c="2024-07~")) == []


@pytest.mark.parametrize("key", ["part_of", "member_of"])
def test_a_tie_that_ends_before_it_begins(key: str) -> None:
    told = found(timing.reversed_dates, actor__a=f"{key}: [b, {{id: c, from: 2023-09, until: 2020}}]")
    assert told == [("reversed-dates", "a.yaml", f"{key}.1.until")]
    assert found(timing.reversed_dates, actor__a=f"{key}: [{{id: c, from: 2020-05, until: 2020}}]") == []


def test_offices_relations_and_control_that_end_before_they_begin() -> None:
    actor = "roles: [{title: T, from: 2, until: 1}]\nrelations: [{to: b, how: h, from: 2, until: 1}]"
    actor = actor.replace("2,", "2002,").replace("1}", "2001}")
    source = "owner: [{id: b, from: 2002, until: 2001}]\ncontrolled_by: [{id: b, from: 2002, until: 2001}]"
    told = {at for _, _, at in found(timing.reversed_dates, actor__a=actor, source__s=source)}
    assert told == {"roles.0.until", "relations.0.until", "owner.0.until", "controlled_by.0.until"}


# -- estimates --------------------------------------------------------------------------------------------------------


def assessed(because: str, likelihood: str = "likely", **more: str) -> str:
    keys = {"date": "2024-10-20", "likelihood": likelihood, "because": because, **more}
    return "assessments:\n  - {" + ", ".join(f'{key}: "{value}"' for key, value in keys.items()) + "}\n"


def brief(prose: str = "", data: str = "title: B") -> dict[str, str]:
    return {"brief__b": data, "brief__b__md": prose or "Nothing.\n"}


def test_terms_of_both_rows() -> None:
    two = assessed("x") + assessed("y", "highly probable").partition("\n")[2]
    told = one(estimates.mixed_likelihood, claim__c=two)
    assert told.at == ("assessments", 1, "likelihood")
    assert "very likely" in told.hint
    assert found(estimates.mixed_likelihood, claim__c=assessed("It is probably so."))
    assert (
        found(estimates.mixed_likelihood, claim__c=assessed("x") + assessed("y", "unlikely").partition("\n")[2]) == []
    )


@pytest.mark.parametrize(
    ("prose", "instead"),
    [
        ("It is improbable.", "unlikely"),
        ("It is nearly certain.", "almost certain"),
        ("There is a remote chance of it.", "almost no chance"),
        ("Probably so.", "likely"),
    ],
)
def test_a_brief_is_read_with_its_prose(prose: str, instead: str) -> None:
    data = "key_judgments: [{text: T, likelihood: likely}, {text: T, likelihood: unlikely}]"
    told = one(estimates.mixed_likelihood, **brief(prose, data))
    assert (told.file, told.hint) == ("content/briefs/b.md", f"keep to one row: write “{instead}”")


@pytest.mark.parametrize(
    "prose",
    [
        "He said that it was “highly probable”.",
        "A remote island.",
        "> It is probable.",
        "## Likelihood scale\n\nprobable is likely",
        "It is likelier.",
        "[[claim:probable|so it is]]",
    ],
)
def test_words_that_mix_no_rows(prose: str) -> None:
    assert found(estimates.mixed_likelihood, **brief(prose, "key_judgments: [{text: T, likelihood: likely}]")) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "We judge with low confidence that it is likely.",
        "It is very unlikely, and our confidence in this is high.",
        "It is almost certain (moderate-to-high confidence).",
        "We are highly confident that it is probable.",
    ],
)
def test_likelihood_and_confidence_in_one_sentence(sentence: str) -> None:
    assert found(estimates.likelihood_with_confidence, claim__c=assessed(sentence))
    assert found(estimates.likelihood_with_confidence, claim__c=assessed("x", would_change=sentence))
    assert found(estimates.likelihood_with_confidence, **brief(f"Here.\n\n- {sentence}\n"))


@pytest.mark.parametrize(
    "text",
    [
        "It is likely. Our confidence is low.",
        "Confidence in the currency is more likely to fall than to rise.",
        "They said that it was “likely, with high confidence”.",
        "We raise the likelihood and leave our confidence where it was.",
        "- It is likely\n- Confidence is low",
    ],
)
def test_likelihood_and_confidence_apart(text: str) -> None:
    assert found(estimates.likelihood_with_confidence, **brief(text)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Russia may invoke it.",
        "Russia might invoke it.",
        "It could be invoked.",
        "Possibly so.",
        "It is reportedly so.",
        "It is possible that they will.",
        "We cannot rule out that they will.",
        "Perhaps.",
    ],
)
def test_words_that_do_not_say_how_likely(sentence: str) -> None:
    assert found(estimates.vague_estimates, claim__c=assessed(sentence)) == [
        ("vague-estimate", "c.yaml", "assessments.0.because")
    ]
    data = f'title: B\nkey_judgments: [{{text: "{sentence}"}}]'
    assert found(estimates.vague_estimates, **brief("", data)) == [("vague-estimate", "b.yaml", "key_judgments.0.text")]


@pytest.mark.parametrize(
    "sentence",
    [
        "It was so in May 2024.",
        "He said that Seoul “may reconsider”.",
        "It is likely ([[claim:may-be|the claim]]).",
        "The report could not be verified.",
        "Military might is no argument.",
    ],
)
def test_words_that_are_no_estimates_of_ours(sentence: str) -> None:
    assert found(estimates.vague_estimates, claim__c=assessed(sentence)) == []


def test_prose_and_what_would_change_our_mind_may_be_open() -> None:
    assert found(estimates.vague_estimates, **brief("It could be otherwise.")) == []
    assert found(estimates.vague_estimates, claim__c=assessed("x", would_change="What may come.")) == []


def test_products_in_other_languages_are_not_read_as_english() -> None:
    data = 'language: de\ntitle: "Die Lage: may, probable, likely"'
    assert found(estimates.vague_estimates, **brief("", data)) == []
    assert found(estimates.mixed_likelihood, **brief("", data)) == []


# -- citations --------------------------------------------------------------------------------------------------------


def test_a_judgment_that_rests_on_nothing() -> None:
    data = "title: B\nkey_judgments: [{text: T}, {text: T, rests_on: [c]}, {text: T, because: 'See [[claim:c]].'}]"
    told = found(citations.uncited, claim__c="statement: C", brief__b=data)
    assert told == [("uncited", "b.yaml", "key_judgments.0")]


BODY = """\
## Scope

This brief is about the treaty and nothing else.

## Background

They signed it last year in the capital.

### Earlier

They met before, as [[claim:c|is known]].

## Discussion

**The treaty is in force.** Both say so ([[claim:c]]).

There are two facts to tell:

- the first of them is [[claim:c]]
- the second of them is known to all

> A quotation of what somebody has said.

So somebody told us.[^1] And so it is.

None.

## Outlook

We wait for what comes of it.

[^1]: See [[claim:c]].
"""


def test_paragraphs_and_items_that_cite_nothing() -> None:
    told = [p.message for p in citations.uncited(corpus(claim__c="statement: C", **brief(BODY)))]
    assert len(told) == 2
    assert "paragraph under Background cites nothing: “They signed it" in told[0]
    assert "item under Discussion cites nothing: “the second" in told[1]


def test_a_brief_without_headings_is_all_discussion() -> None:
    assert len(found(citations.uncited, **brief("They signed it last year.\n\nThat is all we know.\n"))) == 2


# -- sign-offs --------------------------------------------------------------------------------------------------------


def signed(entry: Entry, **changes: object) -> Entry:
    sign = SignOff(by="A. Reader", digest=sign_off(entry))
    return entry.replaced(record=msgspec.structs.replace(entry.record, reviewed=sign, **changes))


def test_a_sign_off_holds_until_the_file_is_edited() -> None:
    (entry,) = entries(article__a=claiming("id: c, by: [nis], quote: It is so."))
    assert list(sign_offs.stale_sign_offs(linked_corpus([signed(entry)]))) == []
    (told,) = sign_offs.stale_sign_offs(linked_corpus([signed(entry, title="Another")]))
    assert (told.code, told.severity, told.at) == ("stale-sign-off", "error", ("reviewed", "digest"))
    assert "A. Reader" in told.message
    assert list(sign_offs.stale_sign_offs(linked_corpus([signed(entry, title="Another", status="draft")]))) == []


def reread(sidecar: str, text: str = "It is so. [Here](https://a.example/).\n") -> str:
    paths = ("content/articles/a.yaml", "content/articles/a.md")
    return sign_off(items.read("articles", "a", sidecar.encode(), text.encode(), paths)[0])


def test_what_a_sign_off_covers() -> None:
    plain = claiming("id: c, said: 2024-10-01, value: 5, quote: It is so.")
    digest = reread(plain)
    same = (
        f"# a remark\nreviewed: {{by: A, digest: x}}\nstatus: reviewed\ntext_sha256: x\n{plain}",
        plain.replace("quote: It is so.", 'quote: "It is so.", at: [0-9]'),
        plain.replace("title: T\n", "") + "title: T\n",
    )
    assert {reread(other) for other in same} == {digest}
    assert reread(plain, "It *is* so. [Here](https://a.example/).\r\n") == digest
    other = (
        plain.replace("title: T", "title: U"),
        plain.replace("value: 5", "value: 6"),
        plain.replace("2024-10-01", "2024-10-02"),
        f"marking: TLP:CLEAR\n{plain}",
    )
    digests = {reread(changed) for changed in other}
    digests |= {reread(plain, "It is so. [Here](https://b.example/).\n"), reread(plain, "It is so. Here.\n")}
    assert len(digests) == 6
    assert digest not in digests


def test_where_a_brief_links_to_is_signed_for() -> None:
    (one_way,), (other_way,) = (entries(**brief(f"It is [[claim:{id}|so]].\n")) for id in ("c", "d"))
    assert one_way.prose.text == other_way.prose.text
    assert sign_off(one_way) != sign_off(other_way)


def test_a_digest_is_the_same_tomorrow() -> None:
    """A change here makes every sign-off stale that anybody has made."""
    assert reread(claiming("id: c, said: 2024-10, quote: It is so.")) == DIGEST


DIGEST = "1098511fafd4da00037d002813d9778ddc258279a913f19a1e4841899fe82286"


# -- prose ------------------------------------------------------------------------------------------------------------


def test_blocks_are_where_they_stand_in_the_text() -> None:
    prose, _ = markdown.render("A & b\n\n- c\n- d <e>\n\n> f\n\n---\n\n| g | h |\n|---|---|\n| i | j |\n", "f")
    assert prose
    assert [prose.text[start:end].split() for start, end in blocks(prose.html)] == [
        ["A", "&", "b"],
        ["c", "d", "<e>"],
        ["f"],
        ["g", "h", "i", "j"],
    ]


def test_passages_know_their_headings() -> None:
    prose, _ = markdown.render("a\n\n## B\n\nc\n\n### D\n\n- e\n- f\n\n## G\n\n> h\n", "f", links=True)
    assert prose
    assert [(p.text, p.headings, p.quoted) for p in passages(prose.html) if p.tag[:1] != "h"] == [
        ("a", (), False),
        ("c", ("B",), False),
        ("e", ("B", "D"), False),
        ("f", ("B", "D"), False),
        ("h", ("G",), True),
    ]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("He said “it may be.” We doubt it.", "He said “.” We doubt it."),
        ('A "b" c', "A “” c"),
        ("Seoul’s word is ‘may’ and Kyiv’s", "Seoul’s word is “” and Kyiv’s"),
        ("See [[claim:may-be]] and\n[[x|the claim]].", "See and the claim."),
    ],
)
def test_our_own_words(text: str, own: str) -> None:
    assert own_words(text) == own


# -- traps of YAML ----------------------------------------------------------------------------------------------------


def trapped(sidecar: str, text: str) -> list[tuple[str | int, ...]]:
    """Where the traps of a sidecar are, told with a line."""
    entry, _ = items.read("articles", "a", sidecar.encode(), text.encode(), ("a.yaml", "a.md"))
    assert isinstance(entry.record, Article)
    found = yaml_pitfalls.traps(sidecar, entry.record, Matchable(entry.prose.text), "a.yaml")
    places = yaml.places(sidecar)
    assert all(yaml.located(problem, places) != (1, 1) for problem in found)
    return [problem.at for problem in found]


POINT = "They agreed on point #4 of the plan. They left.\n"


@pytest.mark.parametrize(
    ("sidecar", "at"),
    [
        ("claims:\n  - quote: They agreed on point #4 of the plan\n", ("claims", 0, "quote")),
        ("claims:\n  - quote: They agreed\n      on point #4 of the plan\n", ("claims", 0, "quote")),
        ("claims:\n  - quote:\n      - They agreed on point #4\n", ("claims", 0, "quote", 0)),
        ("claims:\n  - quote: {exact: on point #4\n      }\n", ("claims", 0, "quote", "exact")),
        ("events:\n  - id: e\n    quote: agreed on point   #4\n", ("events", 0, "quote")),
        ("actors:\n  - id: plan\n    quotes:\n      - plan\n      - point #4\n", ("actors", 0, "quotes", 1)),
    ],
)
def test_a_comment_that_cuts_a_quote(sidecar: str, at: tuple[str | int, ...]) -> None:
    assert trapped(sidecar, POINT) == [at]


@pytest.mark.parametrize(
    "sidecar",
    [
        "claims:\n  - quote: They agreed on point # the fourth\n",
        "claims:\n  - quote: They agreed on point\n# 4\n",
        'claims:\n  - quote: "They agreed on point" #4\n',
        "claims:\n  - quote: They left #4\n",
        "claims:\n  - quote: |-\n      They agreed on point #4\n",
    ],
)
def test_comments_that_cut_nothing(sidecar: str) -> None:
    assert trapped(sidecar, POINT) == []


LEADER = "In Seoul, a delegation led by Rustem Umerov, the minister, met Shin. Umerov left, the minister stayed.\n"


@pytest.mark.parametrize(
    ("sidecar", "at"),
    [
        ("claims:\n  - quote: [In Seoul, a delegation]\n", ("claims", 0, "quote", 0)),
        ("claims:\n  - {quote: [led by, Rustem Umerov, the minister]}\n", ("claims", 0, "quote", 1)),
        ("actors:\n  - {id: umerov, quotes: [In Seoul, a delegation]}\n", ("actors", 0, "quotes", 0)),
    ],
)
def test_a_comma_that_splits_a_quote(sidecar: str, at: tuple[str | int, ...]) -> None:
    assert trapped(sidecar, LEADER) == [at]


@pytest.mark.parametrize(
    "sidecar",
    [
        "claims:\n  - quote: [In Seoul, met Shin]\n",
        "claims:\n  - quote:\n      - In Seoul\n      - a delegation\n",
        'claims:\n  - quote: ["In Seoul", "a delegation"]\n',
        "claims:\n  - quote: [{exact: In Seoul}, a delegation]\n",
        "actors:\n  - {id: umerov, quotes: [Rustem Umerov, the minister]}\n",
    ],
)
def test_commas_between_quotes_that_are_two(sidecar: str) -> None:
    assert trapped(sidecar, LEADER) == []
