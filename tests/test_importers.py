"""What others have annotated comes in as proposals; what is broken is named and skipped; nothing is replaced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects import CONFIG, HEAD, sitrep, tree, write
from sitrep.anchoring import quotes
from sitrep.anchoring.quotes import Matchable
from sitrep.build.load import read
from sitrep.importers.drafts import quoted
from sitrep.incremental.entry_store import EntryStore
from sitrep.model.entries import Entry
from sitrep.model.records import Article, Quote
from sitrep.parallel.pool import each
from sitrep.project import open_project, scan

TEXT = "Kim met the envoy. The envoy of Seoul met Kim again, Kim said.\nThey spoke.\n"
ANN = """\
T1\tPerson 0 3\tKim
T2\tMeet 4 7\tmet
T3\tPER 8 17\tthe envoy
T4\tPerson 42 45\tKim
T5\tGPE 32 37\tSeoul
T6\tThing 0 3;42 45\tKim Kim
E1\tMeet:T2 Agent:T1 Other:T3 Cause:E9
A1\tNegation E1
R1\tPartOf Arg1:T3 Arg2:T5
#1\tAnnotatorNotes T5\tIs it? [[kim]]
N1\tReference T1 Wikipedia:123\tKim
*\tEquiv T1 T4
"""
BROKEN = """\
T1\tPerson 0 3\tKim
T1\tPerson 0 3\tKim
T2\tPerson 0 9999\tKim
T3\tPerson 0 x\tKim
T4\tPerson 0 3\tTim
T5
E1\tMeet:T77
E2\tMeet
A1\tNegation T88
nonsense
T6\tPerson 99999999999999999999999 3\tKim
#2\t
"""


def entries(root: Path) -> dict[str, Entry]:
    """What a project holds now, by `KIND/ID`, read without an error."""
    project, _ = open_project(root)
    entries = EntryStore()
    problems = read(project, scan(project)[0], each(1), entries)
    found = [entries.entry(key) for key in entries.rows]
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    return {f"{entry.kind}/{entry.id}": entry for entry in found}


def article(root: Path, id: str) -> Article:
    record = entries(root)[f"articles/{id}"].record
    assert isinstance(record, Article)
    return record


def words(root: Path, id: str, kind: str, n: int) -> list[str]:
    entry = entries(root)[f"articles/{id}"]
    return [entry.prose.text[a.start : a.end] for a in entry.quotes if (a.kind, a.n) == (kind, n)]


# -- brat -------------------------------------------------------------------------------------------------------------


def test_brat(tmp_path: Path) -> None:
    write(tmp_path, {"in/sub/doc.txt": TEXT, "in/sub/doc.ann": ANN, "content/actors/dear-leader.yaml": "name: Kim\n"})
    ran = sitrep(tmp_path, "import", "--from", "brat", str(tmp_path / "in"))
    assert ran.code == 0, ran.out
    made = article(tmp_path, "sub-doc")
    assert [mention.id for mention in made.actors] == ["dear-leader", "the-envoy", "seoul", "kim-kim"]
    assert [mention.kind for mention in made.actors] == ["person", "person", "state", None]
    assert all(annotation.proposed for annotation in (*made.actors, *made.events))
    assert [quote.occurrence for quote in made.actors[0].quotes] == [1, 2]
    assert "Wikipedia:123 Kim" in made.actors[0].note
    assert made.actors[1].note == "PartOf → “Seoul”"
    (event,) = made.events
    assert event.roles == {"agent": ("dear-leader",), "other": ("the-envoy",)}
    assert event.note == "cause: E9; Negation"
    entry = entries(tmp_path)["articles/sub-doc"]
    assert [(a.start, a.end) for a in entry.quotes if a.kind == "event"] == [(4, 7)]
    assert [(a.start, a.end) for a in entry.quotes if (a.kind, a.n) == ("actor", 1)] == [(0, 3), (42, 45)]
    assert (tmp_path / "content/articles/sub-doc.md").read_text() == TEXT


def test_broken_lines_of_brat_are_named_and_the_rest_is_imported(tmp_path: Path) -> None:
    write(tmp_path, {"in/doc.txt": TEXT, "in/doc.ann": BROKEN, "in/more.txt": TEXT, "in/bad.txt": b"\xff\xfe\xff"})
    ran = sitrep(tmp_path, "import", "--from", "brat", str(tmp_path / "in"))
    assert ran.code == 1
    told = [line for line in ran.lines if "doc.ann:" in line]
    assert sorted(int(line.split("doc.ann:")[1].split(":")[0]) for line in told) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert any("Kim" in line and "Tim" in line for line in told)
    assert [mention.id for mention in article(tmp_path, "doc").actors] == ["kim"]
    assert {"articles/doc", "articles/more"} == entries(tmp_path).keys()
    assert "bad.txt" in ran.out


def test_brat_replaces_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"in/good.txt": TEXT, "in/good.ann": ANN, "content/articles/GOOD.md": "Mine.\n"})
    ran = sitrep(tmp_path, "import", "--from", "brat", str(tmp_path / "in"))
    assert "exists already" in ran.out
    assert [path.name for path in (tmp_path / "content/articles").iterdir()] == ["GOOD.md"]


@pytest.mark.parametrize("what", ["brat", "webannotation", "stix", "csv"])
def test_what_is_not_there_is_one_line(what: str, tmp_path: Path) -> None:
    write(tmp_path, {})
    ran = sitrep(tmp_path, "import", "--from", what, str(tmp_path / "nowhere"))
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1


@given(st.text('ab \u0301\n“"', min_size=1, max_size=30), st.data())
def test_a_quote_means_the_stretch_it_was_made_for(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    ready = Matchable(text)
    made = quoted(ready, start, end)
    if made:
        span = quotes.find(ready, Quote(**made))
        assert not isinstance(span, quotes.AnchorFault)
        assert text[slice(*span)] == text[start:end].strip()


# -- Web Annotation, Hypothesis ---------------------------------------------------------------------------------------

PROJECT: dict[str, str | bytes] = {
    "content/articles/held.md": "# Head\n\nThe *plan* is ready. The plan is old.\n",
    "content/articles/held.yaml": HEAD + "url: https://example.org/a/  # where it was\nclaims:\n"
    "  - {id: plan, quote: is ready}   # mine\n",
    "content/articles/flow.md": "All is well.\n",
    "content/articles/flow.yaml": HEAD + "url: https://example.org/flow\nclaims: [{quote: well}]\n",
}


def hypothesis_row(uri: str, exact: Any, **rest: Any) -> dict[str, Any]:
    target = {"source": uri, "selector": [{"type": "TextQuoteSelector", "exact": exact, **rest.pop("around", {})}]}
    return {"id": f"row-{exact}", "uri": uri, "user": "acct:x@hypothes.is", "target": [target], **rest}


def test_hypothesis(tmp_path: Path) -> None:
    rows = [
        hypothesis_row("https://example.org/a#x", "plan", around={"prefix": "The ", "suffix": " is old"}, text="Why?"),
        hypothesis_row("https://example.org/a", "The plan is ready", tags=["event:launch", "denies", "odd"], text=""),
        hypothesis_row("https://example.org/a", "plan"),
        hypothesis_row("https://example.org/nowhere", "plan"),
        hypothesis_row("https://example.org/a", "not there"),
        hypothesis_row("https://example.org/flow", "All"),
        hypothesis_row("https://example.org/a", 7),
        "nonsense",
    ]
    write(tmp_path, {**PROJECT, "rows.json": json.dumps({"total": 8, "rows": rows}, indent=1)})
    before = (tmp_path / "content/articles/held.yaml").read_text()
    flow = (tmp_path / "content/articles/flow.yaml").read_text()
    ran = sitrep(tmp_path, "import", "--from", "webannotation", str(tmp_path / "rows.json"))
    assert ran.code == 1
    for said in ("stands in 2 places", "no article here has", "is not in the text", "brackets", "is no mapping"):
        assert said in ran.out
    after = (tmp_path / "content/articles/held.yaml").read_text()
    assert [line for line in after.splitlines() if line in before.splitlines()] == before.splitlines()
    assert (tmp_path / "content/articles/flow.yaml").read_text() == flow
    made = article(tmp_path, "held")
    assert [(claim.id, claim.note, claim.proposed) for claim in made.claims] == [
        (("plan",), "", False),
        ((), "Why?", True),
    ]
    (event,) = made.events
    assert (event.id, event.stance, event.note) == (("launch",), "denies", "odd")
    assert words(tmp_path, "held", "claim", 2) == ["plan"]
    assert words(tmp_path, "held", "event", 1) == ["The plan is ready"]


def test_our_own_annotations_come_back(tmp_path: Path) -> None:
    """What the export of an article says of its words, the import has again."""
    first = write(
        tmp_path / "first",
        {
            "content/articles/doc.md": TEXT,
            "content/articles/doc.yaml": HEAD + "format: text\nactors: [{id: kim, quotes: [Kim]}]\n"
            "events: [{id: met, quote: {exact: met, occurrence: 1}}]\n"
            "claims:\n  - {id: [peace, talks], stance: denies, quote: [The envoy, They spoke], note: Oh}\n"
            "  - {quote: of Seoul}\n",
        },
        config="title: T\n",
    )
    assert sitrep(first, "export", "annotations", "--output", str(tmp_path / "out")).code == 0
    second = write(tmp_path / "second", {})
    ran = sitrep(second, "import", "--from", "webannotation", str(tmp_path / "out" / "doc.json"))
    assert ran.code == 0, ran.out + ran.err
    old, new = entries(first)["articles/doc"], entries(second)["articles/doc"]
    assert new.prose.text == old.prose.text
    assert [(a.kind, a.n, a.start, a.end) for a in new.anchors] == [(a.kind, a.n, a.start, a.end) for a in old.anchors]
    before, after = article(first, "doc"), article(second, "doc")
    assert [(m.id, m.stance) for m in (*after.events, *after.claims)] == [
        (m.id, m.stance) for m in (*before.events, *before.claims)
    ]
    assert after.claims[0].note.endswith("Oh")


# -- STIX -------------------------------------------------------------------------------------------------------------

CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
AMBER_1 = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
BUNDLE: list[Any] = [
    {"type": "identity", "id": "identity--1", "name": "The Desk", "object_marking_refs": [CLEAR]},
    {"type": "identity", "id": "identity--2", "name": "Kim [[x]]", "identity_class": "individual"},
    {"type": "threat-actor", "id": "threat-actor--3", "name": "Bad Bear", "aliases": ["Bear", 7], "description": "It."},
    {
        "type": "report",
        "id": "report--4",
        "name": "What they did",
        "description": "Kim and Bad Bear met.",
        "published": "2024-06-18T10:00:00.000Z",
        "created_by_ref": "identity--1",
        "object_refs": ["identity--2", "threat-actor--3", "malware--5"],
        "external_references": [{"source_name": "x", "url": "https://example.org/r"}],
        "object_marking_refs": [CLEAR, AMBER_1],
    },
    {"type": "report", "id": "report--6", "name": "Empty", "published": "2024-06-18T10:00:00.000Z"},
    {"type": "identity", "id": "identity--7"},
    {"type": "malware", "id": "malware--5", "name": "m"},
    7,
    {"type": "identity", "id": "identity--2", "name": "again"},
]


def test_stix(tmp_path: Path) -> None:
    write(tmp_path, {"b.json": json.dumps({"type": "bundle", "id": "bundle--1", "objects": BUNDLE}, indent=1)})
    ran = sitrep(tmp_path, "import", "--from", "stix", str(tmp_path / "b.json"))
    assert ran.code == 1
    for said in ("object 8", "object 9", "no description", "no name"):
        assert said in ran.out, said
    found = entries(tmp_path)
    assert found.keys() == {
        "sources/the-desk",
        "actors/kim-x",
        "actors/bad-bear",
        "articles/2024-06-18-what-they-did",
    }
    made = article(tmp_path, "2024-06-18-what-they-did")
    assert (made.source, made.url, made.marking) == ("the-desk", "https://example.org/r", "TLP:AMBER")
    assert made.published
    assert made.published.text == "2024-06-18"
    assert [(mention.id, mention.proposed) for mention in made.actors] == [("kim-x", True), ("bad-bear", True)]
    bear: Any = found["actors/bad-bear"].record
    assert (bear.kind, bear.aliases, bear.marking) == ("group", ("Bear",), None)
    assert found["sources/the-desk"].record.marking == "TLP:CLEAR"
    before = tree(tmp_path / "content")
    assert "exists already" in sitrep(tmp_path, "import", "--from", "stix", str(tmp_path / "b.json")).out
    assert tree(tmp_path / "content") == before


def test_our_own_bundle_comes_back(tmp_path: Path) -> None:
    first = write(
        tmp_path / "first",
        {
            "content/articles/doc.md": TEXT,
            "content/articles/doc.yaml": HEAD.replace("2024-01-02", "2024-06") + "summary: Kim met.\nactors: [kim]\n",
            "content/actors/kim.yaml": "name: Kim\nkind: person\naliases: [Ким]\nmarking: TLP:CLEAR\n",
            "content/sources/wire.yaml": "name: The Wire\nmarking: TLP:CLEAR\n",
        },
    )
    assert sitrep(first, "export", "stix", "--output", str(tmp_path / "b.json")).code == 0
    second = write(tmp_path / "second", {})
    ran = sitrep(second, "import", "--from", "stix", str(tmp_path / "b.json"))
    assert ran.code == 0, ran.out + ran.err
    old, new = entries(first), entries(second)
    assert new.keys() == old.keys()
    assert new["actors/kim"].record == old["actors/kim"].record
    assert new["sources/wire"].record == old["sources/wire"].record
    made = article(second, "doc")
    assert made.published == article(first, "doc").published
    assert made.marking == "TLP:CLEAR"
    assert made.source == "wire"


# -- CSV --------------------------------------------------------------------------------------------------------------


def test_csv(tmp_path: Path) -> None:
    rows = (
        "Title,text,source,published,marking,file,id,rights,strange\r\n"
        '\'=First,"Some words,\nover lines.",The Wire,2024-06,TLP:CLEAR,,,full,x\r\n'
        "Second,,wire,18 June,TLP:PINK,part/two.txt,second,,\r\n"
        "Third,,,,,../secret.txt,third,,\r\n"
        "Fourth,text\r\n"
        ",,,,,,,,\r\n"
        "Fifth,Text of five.,,,,,../five,,\r\n"
        "Sixth,Text of six.,,,,,second,,\r\n"
        "Seventh,,,,,/etc/passwd,seven,,\r\n"
    )
    write(tmp_path, {"in/t.csv": "\ufeff" + rows, "in/part/two.txt": "Two.\n", "secret.txt": "Secret.\n"})
    ran = sitrep(tmp_path, "import", "--from", "csv", str(tmp_path / "in" / "t.csv"))
    assert ran.code == 1
    lines = sorted({int(line.split("t.csv:")[1].split(":")[0]) for line in ran.lines if "t.csv:" in line})
    assert lines == [4, 5, 6, 7, 8, 9, 10]
    found = entries(tmp_path)
    assert found.keys() == {"articles/2024-06-first", "articles/second"}
    first = article(tmp_path, "2024-06-first")
    assert (first.title, first.source, first.marking, first.rights) == ("=First", "the-wire", "TLP:CLEAR", "full")
    assert found["articles/2024-06-first"].prose.text == "Some words,\nover lines."
    second = article(tmp_path, "second")
    assert (second.marking, second.published) == (None, None)
    assert "Secret" not in "".join(map(str, tree(tmp_path / "content").values()))


def test_our_own_table_comes_back(tmp_path: Path) -> None:
    first = write(
        tmp_path / "first",
        {"content/articles/doc.md": TEXT, "content/articles/doc.yaml": HEAD.replace("title: T", "title: '@T'")},
    )
    assert sitrep(first, "export", "csv", "--output", str(tmp_path / "out")).code == 0
    second = write(tmp_path / "second", {})
    ran = sitrep(second, "import", "--from", "csv", str(tmp_path / "out" / "articles.csv"))
    assert ran.code == 0, ran.out
    old, new = article(first, "doc"), article(second, "doc")
    assert (new.title, new.published, new.source, new.rights) == (old.title, old.published, old.source, old.rights)


def test_a_table_without_a_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"t.csv": "title,body\nA,B\n"})
    ran = sitrep(tmp_path, "import", "--from", "csv", str(tmp_path / "t.csv"))
    assert ran.code == 2
    assert "t.csv:1:" in ran.err


# -- hostile input ----------------------------------------------------------------------------------------------------

HOSTILE: list[bytes] = [
    b"",
    b"{",
    b"[" * 100_000,
    b'{"objects": ' + b"[" * 100_000,
    b'{"objects": NaN}',
    b'[{"id": ' + b"9" * 5000 + b"}]",
    b"\xff\xfe[\x00",
    b'"text"',
    b"null",
    b'{"objects": {}}',
    b'[{"target": {"source": "\\ud800", "selector": {"type": "TextQuoteSelector", "exact": "\\ud800"}}}]',
    b'{"objects": [{"type": "identity", "id": "identity--1", "name": "\\ud800../../x"}]}',
    b'{"objects": [{"type": "identity", "id": "identity--1", "name": "../../../etc/passwd"}]}',
    b'{"objects": [{"type": "report", "id": "r", "name": "x", "description": "\\u0000", "published": 1e999}]}',
    b'{"objects": [{"type": "report", "id": "r", "name": "x", "description": "d", "object_refs": [[], {}],'
    b' "object_marking_refs": {"a": 1}, "external_references": [7], "extensions": [1]}]}',
    b'[{"target": {"source": "../../../etc/passwd.txt"}}, {"target": [[[]]]}, {"target": null, "body": 7}]',
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("what", ["webannotation", "stix", "csv"])
def test_hostile_files_are_told_in_lines(what: str, data: bytes, tmp_path: Path) -> None:
    write(tmp_path, {**PROJECT, "in/x.json": data})
    before = tree(tmp_path / "content")
    ran = sitrep(tmp_path, "import", "--from", what, str(tmp_path / "in" / "x.json"))
    assert ran.code in (0, 1, 2)
    assert ran.code == 0 or ran.out + ran.err
    after = tree(tmp_path / "content")
    assert {name: after[name] for name in before} == before
    assert {Path(name).parts[0] for name in after} <= {"articles", "actors", "sources", ".schema"}
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("content", "in", "config.yaml")] == []
    entries(tmp_path)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "target", "source", "selector", "exact", "body", "value", "name", "object_refs"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(json_values, max_size=4), st.sampled_from(["webannotation", "stix"]))
def test_any_json_is_told_in_lines(tmp_path_factory: pytest.TempPathFactory, made: list[Any], what: str) -> None:
    root = write(
        tmp_path_factory.mktemp("any"), {"x.json": json.dumps({"items": made, "objects": made})}, config=CONFIG
    )
    ran = sitrep(root, "import", "--from", what, str(root / "x.json"))
    assert ran.code in (0, 1, 2)
    assert not (root / "content").exists() or entries(root) is not None


def test_options_of_a_report_are_refused_for_the_rest(tmp_path: Path) -> None:
    write(tmp_path, {})
    ran = sitrep(tmp_path, "import", "--from", "csv", "--id", "x", str(tmp_path / "t.csv"))
    assert ran.code == 2
    assert "--from csv takes no other option" in ran.err
