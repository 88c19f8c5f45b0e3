"""A corpus that is updated is the same as one linked from all entries."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_noninterference import Made, Thing, corpora, files_of, things

from projects import write
from sitrep.build.load import read
from sitrep.corpus.corpus import INDEXES, Corpus, Fingerprints
from sitrep.corpus.link import linked_corpus
from sitrep.corpus.update import RebuildRequired, revise
from sitrep.incremental.entry_store import EntryStore
from sitrep.incremental.invalidation import invalidation
from sitrep.model.records import KINDS
from sitrep.model.tracking import Memoised, Recorder, TrackedMapping
from sitrep.parallel.pool import each
from sitrep.problems import Problem
from sitrep.project import open_project, scan

EXAMPLES = int(os.environ.get("SITREP_REVISIONS", "60"))


class Desk:
    """A project, its things as they were read last, and the corpus that is made of them."""

    def __init__(self, root: Path, files: dict[str, str | bytes]) -> None:
        self.root = write(root, files)
        self.things = EntryStore()
        self.problems = self.read()
        self.corpus = self.anew()
        self.fingerprints = self.corpus.fingerprints()

    def anew(self) -> Corpus:
        return linked_corpus(map(self.things.entry, self.things.rows))

    def read(self) -> list[Problem]:
        project, _ = open_project(self.root)
        return read(project, scan(project).tasks, each(1), self.things)

    def change(self, files: dict[str, str | bytes], *, restored: bool = False) -> Fingerprints:
        """Write files, and have the corpus tell of them; `restored` is one of which little was looked at yet.

        Returns the marks of before. Raises Anew, and then the corpus is made anew.
        """
        corpus, before = self.corpus, self.fingerprints
        if restored:
            unfiled = {
                e.digests[0]: e for kind in KINDS for e in corpus.entries[kind].values() if e.digests and not e.files
            }
            corpus = Corpus.restored(
                before, lambda kind, id, facts: unfiled.get(facts) or self.things.entry((kind, id))
            )
        write(self.root, files)
        self.read()
        marks = dict(before)
        known = [key for key in self.things.rows if key[1] in marks[f"{key[0]}/"]]
        try:
            filed = sum(bool(entry.files) for kind in KINDS for entry in self.corpus.entries[kind].values())
            if not len(known) == len(self.things.rows) == filed:
                raise RebuildRequired
            revise(corpus, marks, map(self.things.entry, known), self.things.former)
        except RebuildRequired:
            self.corpus = self.anew()
            self.fingerprints = self.corpus.fingerprints()
            raise
        self.corpus, self.fingerprints = corpus, marks
        return before

    def compare(self) -> None:
        """What is there is what would be made anew, but for keys that hold nothing and the order of keys."""
        fresh = self.anew()
        assert facts(self.fingerprints) == facts(fresh.fingerprints())
        assert self.corpus.mention_places == fresh.mention_places
        for kind in KINDS:
            mine, theirs = self.corpus.entries[kind], fresh.entries[kind]
            assert list(mine) == list(theirs)
            for id, entry in mine.items():
                assert entry.facts == theirs[id].facts
                assert entry.named == theirs[id].named
        assert facts(self.corpus.fingerprints()) == facts(fresh.fingerprints())  # now that all of it was looked at


def facts(marks: Fingerprints) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, held in marks.items():
        unpacked = {key: INDEXES[name][0](mark) if name in INDEXES else mark for key, mark in held.items()}
        found[name] = {key: value for key, value in unpacked.items() if value or name not in INDEXES}
    return found


@st.composite
def edits(draw: st.DrawFn) -> tuple[Made, list[Thing]]:
    """Things, and some of them with one of their keys as it might be in another of the kind, or without it."""
    made = draw(corpora())
    now = {(thing.kind, thing.id): thing for thing in made.things}
    edited: list[Thing] = []
    for _ in range(draw(st.integers(1, 6)) if now else 0):
        thing = now[draw(st.sampled_from(sorted(now)))]
        other = draw(things(thing.kind, thing.id))
        data = dict(thing.data or {})
        key = draw(st.sampled_from(sorted({*data, *(other.data or {})}) or ["status"]))
        data.pop(key, None)
        if other.data and key in other.data:
            data[key] = other.data[key]
        text = other.text if draw(st.integers(0, 3)) == 0 else thing.text
        now[thing.kind, thing.id] = thing._replace(data=data, text=text)
        edited.append(now[thing.kind, thing.id])
    return made, edited


# Not shrunk: that takes minutes.
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
@given(edits(), st.booleans())
def test_a_corpus_that_is_made_over_is_the_one_made_anew(edited: tuple[Made, list[Thing]], restored: bool) -> None:
    made, changes = edited
    with tempfile.TemporaryDirectory() as folder:
        context = Desk(Path(folder), {**files_of(made.things)})
        for thing in changes:
            try:
                context.change({**thing.files()}, restored=restored)
            except RebuildRequired:
                continue
            context.compare()


HEAD = "marking: TLP:CLEAR\nstatus: reviewed\n"
FILES: dict[str, str | bytes] = {
    "content/actors/anna.yaml": "name: Anna Berg\n" + HEAD,
    "content/actors/berg.yaml": "name: Berg\n" + HEAD,
    "content/actors/board.yaml": "name: Port Board\n" + HEAD,
    "content/sources/post.yaml": "name: Evening Post\n" + HEAD,
    "content/sources/wire.yaml": "name: Wire\n" + HEAD,
    "content/events/fire.yaml": "name: Fire\ndate: 2024-01-02\n" + HEAD,
    "content/claims/safe.yaml": "statement: The quay is safe.\n" + HEAD,
    "content/topics/ports.yaml": "name: Ports\n" + HEAD,
    "content/articles/a.md": "Anna Berg met the Port Board. Berg said that the quay was safe. The board left.\n",
    "content/articles/b.md": "The Port Board said that the quay was safe, and Anna Berg heard of a fire.\n",
    "content/articles/a.yaml": HEAD + "title: One\npublished: 2024-01-05\nsource: post\nactors: [anna, berg, board]\n"
    "claims: [{id: safe, by: [berg], quote: the quay was safe}]\n",
    "content/articles/b.yaml": HEAD + "title: Two\npublished: 2024-01-03\nsource: post\nactors: [board]\n",
}


def changed(name: str, *pairs: tuple[str, str]) -> dict[str, str | bytes]:
    text = str(FILES[name])
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return {name: text}


A, B = "content/articles/a.yaml", "content/articles/b.yaml"
USUAL: dict[str, tuple[dict[str, str | bytes], set[str]]] = {
    "a summary": (changed(A, ("source: post", "source: post\nsummary: New")), {"articles/a: its data"}),
    "another claim by somebody": (
        changed(B, ("actors: [board]", "actors: [board]\nclaims: [{id: safe, by: [board], quote: the quay was safe}]")),
        {
            "articles/b: its data",
            "articles/b: its text",
            "statements about claims/safe",
            "statements by actors/board",
            "which statements by … there are, or their order",
        },
    ),
    "somebody more is mentioned": (
        changed(B, ("[board]", "[board, anna]")),
        {
            "articles/b: its data",
            "articles/b: its text",
            "articles/b: where names stand in its text",
            "mentions of actors/anna",
            "where texts name actors/anna",
            "who is named in b",
            "names looked for in b",
        },
    ),
    "somebody less is mentioned": (
        changed(A, ("[anna, berg, board]", "[anna, berg]")),
        {
            "articles/a: its data",
            "articles/a: its text",
            "articles/a: where names stand in its text",
            "mentions of actors/board",
            "where texts name actors/board",
            "who is named in a",
            "names looked for in a",
        },
    ),
    "another name": (
        {"content/actors/berg.yaml": "name: Bergs\n" + HEAD},
        {
            "actors/berg: its data",
            "articles/a: where names stand in its text",
            "names looked for in a",
            "where texts name actors/berg",
        },
    ),
    "another source": (
        changed(B, ("source: post", "source: wire")),
        {
            "articles/b: its data",
            "articles published by post",
            "articles published by wire",
            "which articles published by … there are, or their order",
        },
    ),
    "a topic": (
        changed("content/claims/safe.yaml", ("statement:", "topics: [ports]\nstatement:")),
        {"claims/safe: its data", "things on ports", "which things on … there are, or their order"},
    ),
    "a text": ({"content/articles/b.md": "The Port Board said so.\n"}, set()),
}


@pytest.mark.parametrize("restored", [False, True])
@pytest.mark.parametrize("edit", USUAL)
def test_what_is_usual_is_made_over_and_little_is_otherwise(edit: str, restored: bool, tmp_path: Path) -> None:
    files, expected = USUAL[edit]
    context = Desk(tmp_path, FILES)
    assert not [*context.problems, *context.read()]
    before = context.change(files, restored=restored)
    context.compare()
    how = invalidation(before, context.fingerprints)
    if expected:
        assert set(map(how.describe, how.changed)) == expected
    context.change({name: FILES[name] for name in files}, restored=restored)
    context.compare()


OTHER: dict[str, dict[str, str | bytes]] = {
    "somebody without a file": changed(B, ("[board]", "[board, jane]")),
    "a place without a file less": {"content/articles/b.yaml": HEAD + "source: post\nactors: [board]\n"},
    "a name that stands elsewhere": {"content/actors/anna.yaml": "name: Zoe\n" + HEAD},
    "a date that stands elsewhere": changed(B, ("2024-01-03", "2024-01-09")),
    "an old id": {"content/actors/anna.yaml": "name: Anna Berg\nformerly: [ann]\n" + HEAD},
    "another thing": {"content/actors/zoe.yaml": "name: Zoe\n" + HEAD},
}


@pytest.mark.parametrize("edit", OTHER)
def test_where_things_are_or_stand_otherwise_all_is_made_anew(edit: str, tmp_path: Path) -> None:
    context = Desk(tmp_path, FILES)
    with pytest.raises(RebuildRequired):
        context.change(OTHER[edit])


def test_a_thing_of_an_articles_id_is_marked_as_what_it_is(tmp_path: Path) -> None:
    context = Desk(tmp_path, FILES | {"content/events/a.yaml": "name: Alarm\ndate: 2024-01-02\n" + HEAD})
    context.change({"content/events/a.yaml": "name: Alarm\ndate: 2024-01-04\n" + HEAD})
    context.compare()


def test_what_is_repeated_tells_pairs_in_another_order_apart() -> None:
    """Among ties that are equally close the first are taken, so that their order counts."""
    repeated, asked = Memoised(), []

    def make(given: tuple[tuple[str, int], ...]) -> int:
        asked.append(given)
        return len(asked)

    pairs = (("a", 1), ("b", 1))
    again = (*pairs[:1], *pairs[1:])
    assert [repeated.get(make, given) for given in (pairs, again, pairs[::-1])] == [1, 1, 2]


def test_a_dependency_is_the_same_whatever_other_keys_there_are() -> None:
    recorder = Recorder()
    index: TrackedMapping[str, int] = TrackedMapping(recorder, "index", {"a": 1, "b": 2})
    other: TrackedMapping[str, int] = TrackedMapping(Recorder(), "index", {"z": 0, "b": 2})
    _, seen = recorder.record(lambda: (index["b"], index.get("absent"), "a" in index))
    assert seen == {other.dependency("b"), other.dependency("absent"), other.dependency("a")}
    assert len(seen) == 3
    assert recorder.record(lambda: list(index))[1].isdisjoint(seen)
    index.put("c", 3)
    assert (index["c"], index.position("c"), list(index)) == (3, 2, ["a", "b", "c"])
