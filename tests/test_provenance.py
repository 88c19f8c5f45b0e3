"""Distinct origins: every row of the design's table, and what makes counting go wrong elsewhere."""

from __future__ import annotations

import pytest

from corpora import corpus
from sitrep.analysis.provenance import Ledger, ledger, roll_up
from sitrep.corpus.link import linked_corpus
from sitrep.model.dates import parse

BODIES = {
    "actor__nis": "part_of: [south-korea]",
    "actor__south_korea": "kind: state",
    "actor__ukraine": "kind: state",
    "actor__nato": "member_of: []",
    "actor__north_korea": "kind: state",
    "actor__russia": "kind: state",
    "actor__kim": "part_of: [north-korea]",
    "source__kcna": "controlled_by: [north-korea]",
    "source__tass": "controlled_by: [russia]",
}


def article(source: str, claims: str, via: str = "", more: str = "") -> str:
    via_line = f"via: [{via}]\n" if via else ""
    return f"source: {source}\npublished: 2024-10-18\n{via_line}{more}claims:\n{claims}\n"


def statement(by: str = "", via: str = "", stance: str = "asserts", quote: str = "It is so.") -> str:
    parts = [f"id: c, stance: {stance}, quote: {{exact: {quote!r}}}".replace("'", '"')]
    parts += [f"by: [{by}]"] if by else []
    parts += [f"via: [{via}]"] if via else []
    return f"  - {{{', '.join(parts)}}}"


def of(**files: str) -> Ledger:
    return ledger(corpus(**{**BODIES, **files}), "c")


def counts(made: Ledger) -> tuple[int, int, int, int]:
    return made.articles, made.outlets, made.known, made.unknown


TABLE = {
    "one service through three outlets, the last without a speaker": (
        {
            "article__a": article("yonhap", statement("nis")),
            "article__b": article("reuters", statement("nis", "yonhap")),
            "article__c": article("bharatshakti", statement(), via="reuters"),
        },
        (3, 3, 1, 1),
    ),
    "an unnamed official, relayed through the article that had him": (
        {
            "article__a": article("yonhap", statement("{unnamed: an official}")),
            "article__b": article("reuters", statement("{unnamed: the official}", "article:a")),
        },
        (2, 2, 0, 1),
    ),
    "two names in one article": ({"article__a": article("reuters", statement("ukraine, nato"))}, (1, 1, 2, 0)),
    "an agency and a leader of one state": (
        {
            "article__a": article("kcna", statement("kcna")),
            "article__b": article("tass", statement("kim")),
        },
        (2, 2, 1, 0),
    ),
    "two articles that lead to each other": (
        {
            "article__a": article("outlet-a", statement("{article: b}")),
            "article__b": article("outlet-b", statement("{article: a}")),
        },
        (2, 2, 0, 1),
    ),
    "a denial is tallied apart": (
        {
            "article__a": article("reuters", statement("ukraine")),
            "article__b": article("tass", statement("russia", stance="denies")),
            "article__c": article("yonhap", statement("{unnamed: a source}")),
        },
        (2, 2, 1, 1),
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_the_table_of_the_design(case: str) -> None:
    files, expected = TABLE[case]
    assert counts(of(**files)) == expected


def test_denials_and_silences_are_counted_by_stance() -> None:
    made = of(**TABLE["a denial is tallied apart"][0])
    assert made.stances == {"asserts": 2, "denies": 1}


def test_a_loop_is_told_with_its_statements() -> None:
    made = of(**TABLE["two articles that lead to each other"][0])
    assert {said.article for said in made.loops} == {"a", "b"}


def test_an_alliance_does_not_lift() -> None:
    files = {"actor__britain": "member_of: [nato]", "article__a": article("reuters", statement("britain, nato"))}
    assert counts(of(**files)) == (1, 1, 2, 0)


def test_a_circle_of_bodies_is_one_origin() -> None:
    files = {
        "actor__x": "part_of: [y]",
        "actor__y": "part_of: [z]",
        "actor__z": "part_of: [x]",
        "article__a": article("reuters", statement("x, y, z")),
    }
    assert counts(of(**files)) == (1, 1, 1, 0)


def test_a_lift_that_ended_before_it_was_said_does_not_count() -> None:
    tie = "part_of: [{id: south-korea, until: 2020}]"
    files = {"actor__envoy": tie, "article__a": article("reuters", statement("envoy, south-korea"))}
    assert counts(of(**files)) == (1, 1, 2, 0)
    files["actor__envoy"] = "part_of: [{id: south-korea, from: 2020}]"
    assert counts(of(**files)) == (1, 1, 1, 0)


def test_a_lift_that_may_have_held_counts() -> None:
    made = corpus(actor__x="part_of: [{id: y, until: 2024-10}]", actor__y="kind: state")
    assert roll_up(made, "x", parse("2024"))[0] == ("y",)
    assert roll_up(made, "x", parse("2024-11"))[0] == ("x",)


def test_what_belongs_to_two_bodies_adds_no_third() -> None:
    files = {"actor__joint": "part_of: [russia, north-korea]"}
    files["article__a"] = article("reuters", statement("joint, russia"))
    assert counts(of(**files)) == (1, 1, 1, 0)
    files["article__a"] = article("reuters", statement("joint, russia, north-korea"))
    assert counts(of(**files)) == (1, 1, 2, 0)
    files["article__a"] = article("reuters", statement("joint"))
    assert counts(of(**files)) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("more", "later"),
    [
        ("copy_of: a\n", ""),
        ("", "updates: {article: b, how: replaces}\n"),
        ("", "updates: {article: b, how: withdraws}\n"),
    ],
)
def test_copies_replaced_and_withdrawn_articles_count_nothing(more: str, later: str) -> None:
    files = {
        "article__a": article("yonhap", statement("nis"), more=later),
        "article__b": article("reuters", statement("ukraine"), more=more),
    }
    made = of(**files)
    assert counts(made) == (1, 1, 1, 0)
    assert [said.article for said, _ in made.uncounted] == ["b"]


def test_a_corrected_article_counts() -> None:
    files = {
        "article__a": article("yonhap", statement("nis"), more="updates: {article: b, how: corrects}\n"),
        "article__b": article("reuters", statement("ukraine")),
    }
    assert counts(of(**files)) == (2, 2, 2, 0)


def test_a_named_speaker_through_somebody_unnamed_is_of_unknown_lineage() -> None:
    files = {"article__a": article("reuters", statement("ukraine", "{unnamed: an outlet}"))}
    assert counts(of(**files)) == (1, 1, 0, 1)


def test_an_unnamed_speaker_of_a_known_body_is_that_body() -> None:
    files = {
        "article__a": article("reuters", statement("{unnamed: an official, of: nis}")),
        "article__b": article("yonhap", statement("south-korea")),
    }
    assert counts(of(**files)) == (2, 2, 1, 0)


def test_unknowns_with_one_nearest_link_are_one_and_others_are_not() -> None:
    files = {
        "article__a": article("outlet-a", statement(), via="reuters"),
        "article__b": article("outlet-b", statement("{unnamed: a source}"), via="reuters"),
        "article__c": article("outlet-c", statement("{unnamed: a source}")),
    }
    assert counts(of(**files)) == (3, 3, 0, 2)


def test_the_same_unnamed_words_in_one_article_are_one() -> None:
    two = "\n".join(
        [
            statement("{unnamed: a source}", "yonhap"),
            statement("{unnamed: a source}", "reuters", quote="It is not so."),
        ]
    )
    assert counts(of(article__a=article("outlet", two))) == (1, 1, 0, 1)


def test_shared_evidence_lowers_the_count_and_nothing_raises_it() -> None:
    files = {"article__a": article("reuters", statement("nis, nato, ukraine"))}
    assert counts(of(**files)) == (1, 1, 3, 0)
    files["claim__c"] = "statement: C.\nshares_evidence: [{origins: [nato, south-korea], because: They were briefed.}]"
    made = of(**files)
    assert counts(made) == (1, 1, 2, 0)
    assert {origin.id: origin.shares for origin in made.origins} == {"nato": ("south-korea",), "ukraine": ()}


SHARED = {"claim__c": "statement: C.\nshares_evidence: [{origins: [nato, ukraine, south-korea], because: Briefed.}]"}


def heading(**files: str) -> tuple[str, tuple[str, ...]]:
    (origin,) = of(**SHARED, **files).origins
    return origin.id, origin.shares


def test_merged_origins_are_headed_by_the_one_that_most_statements_start_from() -> None:
    """Not by the first of the alphabet, nor by one that says nothing at all."""
    one = article("reuters", statement("nato"))
    two = article("yonhap", f"{statement('nis')}\n{statement('south-korea')}")
    assert heading(article__a=one, article__b=two) == ("south-korea", ("nato",))
    assert heading(article__b=two) == ("south-korea", ())
    most = article("afp", f"{statement('nato')}\n{statement('nato')}")
    assert heading(article__a=one, article__b=two, article__c=most) == ("nato", ("south-korea",))


def test_a_tie_of_merged_origins_goes_to_who_spoke_first_and_then_by_name() -> None:
    early = article("afp", statement("ukraine")).replace("2024-10-18", "2024-10-13")
    rest = article("reuters", statement("south-korea, nato"))
    assert heading(article__a=rest, article__b=early) == ("ukraine", ("nato", "south-korea"))
    assert heading(article__a=rest) == ("nato", ("south-korea",))
    named = {"actor__nato": "name: The Alliance", "actor__south_korea": "name: Seoul"}
    (origin,) = ledger(corpus(**{**BODIES, **named, **SHARED, "article__a": rest}), "c").origins
    assert (origin.id, origin.shares) == ("south-korea", ("nato",))


def test_a_statement_by_two_voices_of_one_body_is_one_statement() -> None:
    rest = article("reuters", statement("nis, south-korea"))
    other = article("afp", f"{statement('nato')}\n{statement('nato')}")
    assert heading(article__a=rest, article__b=other) == ("nato", ("south-korea",))


def test_who_is_what_the_claim_is_about_is_an_interested_party() -> None:
    files = {
        "claim__c": "statement: C.\nabout: {actors: [north-korea]}",
        "article__a": article("reuters", statement("kim, ukraine")),
    }
    assert {origin.id: origin.interested for origin in of(**files).origins} == {"north-korea": True, "ukraine": False}


def test_a_chain_goes_on_in_an_article_we_hold() -> None:
    files = {
        "article__a": article("yonhap", statement("nis")),
        "article__b": article("reuters", statement("{article: a}")),
        "article__c": article("outlet", statement("", "article:b")),
    }
    assert counts(of(**files)) == (3, 3, 1, 0)


def test_a_named_speaker_through_an_article_has_the_lineage_that_the_article_gives() -> None:
    files = {
        "article__a": article("outlet", statement("ukraine", "{unnamed: without naming its source}")),
        "article__b": article("reuters", statement("ukraine", "article:a")),
    }
    assert counts(of(**files)) == (2, 2, 0, 1)
    files["article__a"] = article("outlet", statement("ukraine, nato"))
    assert counts(of(**files)) == (2, 2, 2, 0)
    assert [len(origin.supports) for origin in of(**files).origins] == [2, 1]
    files["article__a"] = "source: outlet\npublished: 2024-10-18\n"
    assert counts(of(**files)) == (1, 1, 1, 0)


def test_an_article_without_the_claim_is_the_nearest_link() -> None:
    files = {
        "article__a": "source: yonhap\npublished: 2024-10-18\n",
        "article__b": article("reuters", statement("{article: a}")),
        "article__c": article("outlet", statement(), via="yonhap"),
    }
    assert counts(of(**files)) == (2, 2, 0, 1)


def test_a_document_is_an_origin_of_its_own() -> None:
    files = {
        "article__a": article("reuters", statement("{document: The Treaty}")),
        "article__b": article("tass", statement("{document: the treaty}")),
    }
    assert counts(of(**files)) == (2, 2, 1, 0)


def test_counting_does_not_depend_on_the_order_of_files() -> None:
    from corpora import entries

    made = entries(**{**BODIES, **TABLE["one service through three outlets, the last without a speaker"][0]})
    assert ledger(linked_corpus(made), "c") == ledger(linked_corpus(reversed(made)), "c")
