"""Plain data becomes records: each type as its key takes it, each fault at its place, all of them in one reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitrep.checks.every import check
from sitrep.corpus.link import linked_corpus
from sitrep.model.entries import Entry
from sitrep.model.records import (
    KINDS,
    RECORD,
    SINGULAR,
    Actor,
    Article,
    Claim,
    Event,
    Kind,
    Link,
    Mention,
    Quantity,
    Quote,
    Record,
    Source,
    Tie,
    Topic,
)
from sitrep.parse import entry as items
from sitrep.parse import json_schema, references, schema
from sitrep.parse.config import Config, parse
from sitrep.problems import CODES, ERROR

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(cls: type[Record], data: Any) -> tuple[Any, list[tuple[str, tuple[Any, ...]]]]:
    """The record, and (code, place) of each problem."""
    sink = schema.Sink("f.yaml")
    made = schema.record(cls, data, sink)
    return made, [(problem.code, problem.at) for problem in sink.problems]


def sound(cls: type[Record], data: Any) -> Any:
    made, problems = read(cls, data)
    assert problems == []
    return made


def told(cls: type[Record], data: Any) -> list[str]:
    sink = schema.Sink("f.yaml")
    schema.record(cls, data, sink)
    return [str(problem) for problem in sink.problems]


def test_nothing_is_a_record_of_defaults() -> None:
    for cls in RECORD.values():
        assert sound(cls, None) == cls() == sound(cls, {})


def test_a_bare_value_is_a_list_of_one() -> None:
    assert sound(Actor, {"aliases": "A"}).aliases == ("A",)
    assert sound(Actor, {"aliases": ["A", "B"]}).aliases == ("A", "B")
    assert sound(Actor, {"aliases": []}).aliases == ()


def test_an_empty_value_is_the_default() -> None:
    assert sound(Article, {"title": None, "marking": None, "claims": None, "published": None}) == Article()


def test_a_bare_value_stands_for_the_field_that_matters() -> None:
    article = sound(
        Article,
        {
            "actors": ["kcna", {"id": "x", "quotes": "words"}],
            "events": ["treaty"],
            "via": ["reuters", "article:other", "source:x", {"unnamed": "an official", "of": "us"}],
        },
    )
    assert article.actors == (Mention(id="kcna"), Mention(id="x", quotes=(Quote(exact="words", bare=True),)))
    assert article.events[0].id == ("treaty",)
    assert article.via == (
        Link(id="reuters"),
        Link(article="other"),
        Link(id="source:x"),
        Link(unnamed="an official", of="us"),
    )
    assert sound(Actor, {"part_of": ["ukraine"]}).part_of == (Tie(id="ukraine"),)


def test_a_quote_that_is_a_mapping_is_not_bare() -> None:
    article = sound(Article, {"actors": [{"id": "x", "quotes": [{"exact": "words", "occurrence": "2"}]}]})
    assert article.actors[0].quotes == (Quote(exact="words", occurrence=2),)


@pytest.mark.parametrize(
    ("written", "form", "low", "high"),
    [
        ("1500", "exact", 1500, 1500),
        ("1.5", "exact", 1.5, 1.5),
        (">10000", "at least", 10000, 10000),
        ("< 500", "at most", 500, 500),
        ("~3000", "about", 3000, 3000),
        ("10000..12000", "range", 10000, 12000),
        ("10000 .. 12000", "range", 10000, 12000),
    ],
)
def test_a_quantity_is_read_as_a_text_gives_it(written: str, form: Any, low: float, high: float) -> None:
    (claim,) = sound(Article, {"claims": [{"value": written}]}).claims
    assert claim.value == Quantity(text=written, form=form, low=low, high=high)


@pytest.mark.parametrize("written", ["", "many", "10,000", "1e5", "-5", "1..", "..5", ">1..2", "9" * 5000, "٣", "5..1"])
def test_what_is_no_quantity_is_refused(written: str) -> None:
    assert read(Article, {"claims": [{"value": written}]})[1] == [("value", ("claims", 0, "value"))]


@pytest.mark.parametrize(
    ("cls", "data", "code", "at"),
    [
        (Article, {"title": ["a"]}, "type", ("title",)),
        (Article, {"title": {"a": "b"}}, "type", ("title",)),
        (Article, {"claims": "words"}, "type", ("claims",)),
        (Article, {"claims": ["words"]}, "type", ("claims", 0)),
        (Article, {"claims": [{"quote": {"exact": "a", "occurrence": "two"}}]}, "type", None),
        (Article, {"claims": [{"quote": {"exact": "a", "occurrence": "0"}}]}, "value", None),
        (Article, {"claims": [{"quote": {"exact": "a", "occurrence": "9" * 5000}}]}, "type", None),
        (Article, {"claims": [{"quote": {"prefix": "a"}}]}, "missing-key", ("claims", 0, "quote")),
        (Article, {"claims": [{"proposed": "maybe"}]}, "type", ("claims", 0, "proposed")),
        (Article, {"claims": [{"stance": "agrees"}]}, "choice", ("claims", 0, "stance")),
        (Article, {"claims": [{"id": ["a", "../b"]}]}, "id", ("claims", 0, "id", 1)),
        (Article, {"claims": [{"by": [{"id": "a/b"}]}]}, "id", ("claims", 0, "by", 0, "id")),
        (Article, {"claims": [{"bare": "true"}]}, "unknown-key", ("claims", 0, "bare")),
        (Article, {"events": [{"roles": ["a"]}]}, "type", ("events", 0, "roles")),
        (Article, {"events": [{"roles": {"actor": ["a b"]}}]}, "id", ("events", 0, "roles", "actor", 0)),
        (Article, {"actors": [{"kind": "person"}]}, "missing-key", ("actors", 0)),
        (Article, {"actors": [None]}, "type", ("actors", 0)),
        (Article, {"published": "2024-06-31"}, "date", ("published",)),
        (Article, {"marking": "TLP:CLEER"}, "marking", ("marking",)),
        (Article, {"marking": ["TLP:CLEAR"]}, "type", ("marking",)),
        (Article, {"language": "english language"}, "value", ("language",)),
        (Article, {"updates": {"article": "a", "how": "amends"}}, "choice", ("updates", "how")),
        (Article, {"source": "x:y"}, "id", ("source",)),
        (Article, {"formerly": ["../../evil"]}, "id", ("formerly", 0)),
        (Actor, {"identifiers": {"wikidata": "42"}}, "value", ("identifiers", "wikidata")),
        (Actor, {"part_of": [{"id": "a", "form": "2020"}]}, "unknown-key", ("part_of", 0, "form")),
        (Event, {"place": {"lat": "1"}}, "missing-key", ("place",)),
        (Event, {"place": {"name": "a", "lat": "91"}}, "value", ("place", "lat")),
        (Event, {"place": {"name": "a", "lat": "nan"}}, "type", ("place", "lat")),
        (Event, {"class_": "CONSULT"}, "unknown-key", ("class_",)),
        (Source, {"reliability": "G"}, "choice", ("reliability",)),
        (Claim, {"assessments": [{"likelihood": "likely"}]}, "missing-key", ("assessments", 0)),
        (Claim, {"conflicts": [{"claim": "a", "how": "b"}]}, "choice", ("conflicts", 0, "how")),
        (Topic, {"nam": "a"}, "unknown-key", ("nam",)),
        (Config, {"publish": {"markings": ["TLP:GREN"]}, "title": "a"}, "marking", ("publish", "markings", 0)),
    ],
)
def test_a_fault_is_told_once_at_its_place(cls: type[Record], data: Any, code: str, at: tuple[Any, ...] | None) -> None:
    _, problems = read(cls, data)
    at = at or ("claims", 0, "quote", "occurrence")
    assert problems == [(code, at)]


def test_every_fault_is_told_and_what_is_sound_stands() -> None:
    data = {"name": "A", "kind": "persn", "aliases": ["a", ["b"], "c"], "nme": "x", "part_of": ["a", "b c"]}
    actor, problems = read(Actor, data)
    assert sorted(code for code, _ in problems) == ["choice", "id", "type", "unknown-key"]
    assert (actor.name, actor.kind, actor.aliases, actor.part_of) == ("A", None, ("a", "c"), (Tie(id="a"),))


@pytest.mark.parametrize(
    ("cls", "data", "hint"),
    [
        (Article, {"sumary": "x"}, "did you mean summary?"),
        (Article, {"claim": []}, "did you mean claims?"),
        (Article, {"marking": "tlp:clear"}, "did you mean TLP:CLEAR?"),
        (Article, {"marking": "CLEAR"}, "did you mean TLP:CLEAR?"),
        (Article, {"marking": "secret"}, "one of: TLP:CLEAR"),
        (Article, {"status": "Reviewed"}, "did you mean reviewed?"),
        (Article, {"rights": "none"}, "one of: full, excerpt, metadata"),
        (Actor, {"kind": "persn"}, "did you mean person?"),
        (Event, {"class": "Consult"}, "did you mean CONSULT?"),
        (Claim, {"assessments": [{"date": "2024", "likelihood": "very likly"}]}, "did you mean very likely?"),
        (Article, {"title": ["a"]}, 'put it in "quotes"'),
        (Event, {"place": {"name": "a", "lon": "181"}}, "it should be -180 to 180"),
    ],
)
def test_a_fault_comes_with_what_to_do(cls: type[Record], data: Any, hint: str) -> None:
    (line,) = told(cls, data)
    assert f"({hint}" in line


@pytest.mark.parametrize(("word", "meant"), [("TLP:WHITE", "TLP:CLEAR"), ("TLP:CLEAR", "TLP:CLEAR")])
def test_the_old_name_of_clear_is_read_as_clear(word: str, meant: str) -> None:
    assert sound(Article, {"marking": word}).marking == meant


def test_a_long_value_is_not_told_whole() -> None:
    (line,) = told(Event, {"place": {"name": "a", "lat": "x" * 100_000}})
    assert len(line) < 300


# -- whatever the data --------------------------------------------------------------------------------------------


def keys_of(cls: Any, seen: set[Any]) -> set[str]:
    """Every key that a record, or a record in it, takes."""
    from typing import get_args

    if isinstance(cls, type) and issubclass(cls, Record):
        if cls in seen:
            return set()
        seen.add(cls)
        fields = schema.fields(cls)
        return set(fields).union(*(keys_of(field.type, seen) for field in fields.values()))
    return set().union(*(keys_of(part, seen) for part in get_args(cls)))


SAID = """
a b actor:a source:a article:x TLP:CLEAR reviewed draft asserts silent person state CONSULT visit A 1 5 -1 2024-06-18
2024 2024-06-18/.. >10 9..1 1-3 9-5 Q1 KP en text full true false [[a]] [[actor:a#b]] index ../a high likely replaces
incompatible so not
"""
KEYS = sorted(set().union(*(keys_of(cls, set()) for cls in RECORD.values())))
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.text(max_size=6),
        st.sampled_from(SAID.split()),
        st.sampled_from(["It is so", "It is so. It", "", "\u200b", "e\u0301", "very likely"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
DATA = st.sampled_from(KINDS).flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.dictionaries(st.sampled_from(list(schema.fields(RECORD[kind]))), VALUES, max_size=8)
    )
)
TEXTS = st.sampled_from([None, b"", b"It is so. It is not so.\n", b"[[a]] and [[actor:a#b|c]]\n\n* d\n"])


@EXAMPLES
@given(st.sampled_from(KINDS), VALUES)
def test_any_data_gives_a_record_and_places_that_it_holds(kind: Kind, data: Any) -> None:
    sink = schema.Sink("f.yaml")
    made = schema.record(RECORD[kind], data, sink)
    assert isinstance(made, RECORD[kind])
    list(references.of(made))
    for problem in sink.problems:
        assert problem.code in CODES
        assert problem.severity == ERROR
        here = data
        for step in problem.at:
            assert isinstance(here, (dict, list))
            here = here[step]


@EXAMPLES
@given(
    st.sampled_from(KINDS),
    st.none() | st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.none() | st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
def test_any_bytes_give_an_entry(kind: Kind, data: bytes | None, text: bytes | None) -> None:
    files = tuple(f"content/{kind}/x.{end}" for end, part in (("yaml", data), ("md", text)) if part is not None)
    entry, problems = items.read(kind, "x", data, text, files)
    assert isinstance(entry.record, RECORD[kind])
    data = items.packed(entry)
    assert (items.facts_of(data.facts), items.body_of(data.body)) == (entry.facts, entry.body)
    for problem in problems:
        assert problem.file in files
        assert len(str(problem).splitlines()) == 1


class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@EXAMPLES
@given(st.lists(st.tuples(DATA, st.sampled_from("xya"), TEXTS), min_size=1, max_size=4))
def test_whatever_files_say_together_can_be_checked(files: list[tuple[tuple[Kind, Any], str, bytes | None]]) -> None:
    entries: list[Entry] = []
    for (kind, data), id, text in files:
        source = yaml.dump(data, Dumper=Dumper, allow_unicode=True).encode()
        paths = (f"content/{kind}/{id}.yaml", *((f"content/{kind}/{id}.md",) if text is not None else ()))
        entries.append(items.read(kind, id, source, text, paths)[0])
    for problem in check(linked_corpus(entries)):
        assert problem.code in CODES
        assert len(str(problem).splitlines()) == 1


# -- what editors are given ---------------------------------------------------------------------------------------


class JsonLoader(yaml.SafeLoader):
    """YAML as editors type it: 1.2's core schema, which knows no dates."""


JsonLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def typed(text: str) -> Any:
    return yaml.load(text, Loader=JsonLoader)


def validator(kind: Kind) -> jsonschema.Draft202012Validator:
    made = json_schema.of_kind(kind)
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schema_accepts_what_is_read_without_a_problem(kind: Kind) -> None:
    files = sorted((ROOT / "content" / kind).glob("*.yaml"))
    assert files
    for path in files:
        assert [error.message for error in validator(kind).iter_errors(typed(path.read_text()))] == [], path


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("articles", "sumary: x\n"),
        ("articles", "claims: [{stance: denys, quote: x}]\n"),
        ("articles", "marking: TLP:CLEER\n"),
        ("articles", "claims: [{quote: {prefix: x}}]\n"),
        ("articles", "claims: [{quote: {exact: x, occurrence: 0}}]\n"),
        ("actors", "kind: persn\n"),
        ("actors", "identifiers: {wikidata: '42'}\n"),
        ("events", "place: {name: x, lat: 91}\n"),
        ("events", "class: VISIT\n"),
        ("claims", "assessments: [{likelihood: likely}]\n"),
        ("sources", "country: Korea\n"),
        ("briefs", "key_judgments: [{txt: x}]\n"),
        ("topics", "- a\n"),
    ],
)
def test_the_published_schema_refuses_what_is_told(kind: Kind, text: str) -> None:
    assert list(validator(kind).iter_errors(typed(text)))
    assert items.read(kind, "x", text.encode(), None, (f"content/{kind}/x.yaml",))[1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schema_knows_the_keys_that_are_read(kind: Kind) -> None:
    made = json_schema.of_kind(kind)
    assert set(made["properties"]) == set(schema.fields(RECORD[kind]))
    assert made["additionalProperties"] is False
    assert made["title"] == f"sitrep {SINGULAR[kind]}"


def test_the_smallest_configuration_is_a_title() -> None:
    config, problems = parse(b"title: T\n", "config.yaml")
    assert problems == []
    assert config == Config(title="T")
    assert config.publish.markings == ("TLP:CLEAR",)
