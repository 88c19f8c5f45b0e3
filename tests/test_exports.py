"""Exports say what may be said, in a form that others read: each is read back by a library that is not ours."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import NO_FTM, ROOT, absent
from projects import HEAD, everything, sitrep, tree, write
from sitrep.build.state import BuildOptions
from sitrep.commands import export
from sitrep.commands.export import prepare
from sitrep.export.context import ExportContext
from sitrep.export.formats import FORMATS
from sitrep.export.spreadsheet import escape_formula, unescape_formula
from sitrep.export.stix import TLP_MARKINGS
from sitrep.export.tables import TABLES
from sitrep.model.records import KINDS
from sitrep.parallel.pool import each
from sitrep.parse.config import Export
from sitrep.project import open_project
from sitrep.publish.leak_guard import Guard, WithheldPhrase
from words import ENGLISH

EVERY = get_args(Export)
CONFIG = f"title: Watch & ward\njson: true\nurl: https://example.org/watch/\nexports: [{', '.join(EVERY)}]\n"
SECRET = "Nobody may read about the hidden harbour of Norhaven."
FILES: dict[str, str | bytes] = {
    "content/articles/full.md": "# The deal\n\nThe *Minister* said:  =SUM(1) is  “the &amp; plan”.\n\n"
    "조선 says <b>nothing</b>. The Minister met Kim in Norhaven.\n",
    "content/articles/full.yaml": (
        "title: '=cmd|calc <Deal> & {more}'\nsource: wire\npublished: 2024-06\ncaptured: 2024-06-20\n"
        "marking: TLP:CLEAR\nstatus: reviewed\nrights: full\nlanguage: en-GB\nurl: https://Example.org/a?b={c}&d\n"
        "summary: 'As [[minister]] says, {50%} of_it.'\ntopics: [trade]\n"
        "actors: [minister, {id: 조선, kind: state, quotes: [조선]}, {id: norhaven, kind: place}]\n"
        "events:\n"
        "  - {id: met, date: 2024-06-18/2024-06-19, by: [wire], said: '2024-06-19?', quote: met Kim,\n"
        "     roles: {actor: [minister], place: [norhaven]}}\n"
        "claims:\n"
        "  - {id: [plan, other], by: [minister], via: [{unnamed: The Minister}], quote: ['=SUM(1)', the & plan],\n"
        "     value: '>10000', credibility: '2', translation: '@plan'}\n"
        "  - {id: plan, stance: silent, by: [조선], quote: says <b>nothing</b>}\n"
        "  - {id: plan, stance: denies, by: [{unnamed: somebody else, of: 조선}, wire], quote: 조선 says}\n"
        "  - {quote: met Kim in Norhaven}\n"
        "  - {id: gone, quote: these words are not there}\n"
    ),
    "content/articles/part.md": "One sentence is quoted here. " + "Nothing else of it may ever be seen. " * 8 + "\n",
    "content/articles/part.yaml": HEAD.replace("rights: full", "rights: excerpt").replace("title: T", "title: Part")
    + "actors: [{id: kim, quotes: [else]}]\nupdates: {article: full, how: corrects}\n"
    "claims: [{id: plan, by: [{unnamed: may ever be seen}], quote: is quoted}]\n",
    "content/articles/none.md": "Never shown at all, said Kim.\n",
    "content/articles/none.yaml": HEAD.replace("rights: full", "rights: metadata").replace("title: T", "title: None")
    + "actors: [{id: kim, quotes: [Kim]}]\n"
    "claims: [{id: plan, stance: doubts, by: [kim], quote: Never shown, translation: 'Never, really'}]\n",
    "content/articles/held.md": f"{SECRET}\n",
    "content/articles/held.yaml": HEAD.replace("TLP:CLEAR", "TLP:RED").replace("title: T", "title: A withheld report")
    + "claims: [{id: plan, by: [kim], quote: Nobody may read}]\n",
    "content/actors/kim.yaml": "name: Kim\nkind: person\nmarking: TLP:CLEAR\naliases: ['-Kim', Ким]\n"
    "part_of: [{id: 조선, from: 2011-12}]\nroles: [{title: Chairman, of: 조선, from: 2016, until: 2021-01}]\n"
    "relations: [{to: minister, how: rival of}]\nidentifiers: {wikidata: Q1, iso3166: KP}\nurl: https://example.org\n",
    "content/actors/minister.yaml": "name: The Minister\naliases: [Minister]\nkind: person\nmarking: TLP:CLEAR\n",
    "content/sources/wire.yaml": "name: The Wire\nkind: agency\nmarking: TLP:CLEAR\ncontrolled_by: [minister]\n"
    "reliability: B\ncountry: GB\n",
    "content/events/met.yaml": "name: They met\nmarking: TLP:CLEAR\ndate: 2024-06-18/2024-06-19\nclass: CONSULT\n"
    "place: {name: Norhaven, lat: 1.5, lon: -2.25}\nroles: {actor: [minister, kim]}\ntopics: [trade]\n",
    "content/events/later.yaml": "name: Some day\nmarking: TLP:CLEAR\ndate: 2025-21~\npart_of: [met]\n",
    "content/claims/plan.yaml": "statement: There is a plan.\nmarking: TLP:CLEAR\n"
    "about: {actors: [kim], events: [met]}\n"
    "assessments: [{date: 2024-07, likelihood: likely, confidence: low, because: '+see [[article:full]]'}]\n"
    "conflicts: [{claim: other, how: incompatible}]\nshares_evidence: [{origins: [wire, minister], because: Same.}]\n",
    "content/topics/trade.yaml": "name: Trade\nmarking: TLP:CLEAR\n",
    "content/briefs/weekly.yaml": "title: The plan stands\nmarking: TLP:CLEAR\nstatus: reviewed\ndate: 2024-07-01\n"
    "summary: 'It is [[claim:plan|the plan]]. [[claim:a-secret-claim]]'\nkey_judgments:\n"
    "  - {text: A plan is likely, likelihood: likely, confidence: low, because: 'See [[article:full]].',\n"
    "     rests_on: [plan]}\n",
    "content/briefs/weekly.md": "## Scope\n\nWhat *is* [[event:met]] and\n`code`.\n\n- one [[claim:plan]]\n- two\n\n"
    "1. first\n2. [site](https://example.org/)\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nas  it is\n```\n",
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site of everything that formats stumble over, with all exports."""
    root = write(tmp_path_factory.mktemp("odd"), FILES, config=CONFIG)
    ran = sitrep(root, "build")
    assert " 0 files" not in ran.out
    assert "quote-gone" in ran.out
    return root


@pytest.fixture(scope="module", params=["demonstration", "odd"])
def site(request: pytest.FixtureRequest) -> Path:
    """The folder `data/` of a site."""
    if request.param == "odd":
        odd: Path = request.getfixturevalue("odd")
        return odd / "site" / "data"
    demo: Path = request.getfixturevalue("demo_site")
    return demo / "data"


@pytest.fixture(scope="module")
def holding(site: Path) -> ExportContext:
    """What the exports were made from."""
    return holding_of(site.parent.parent)


def holding_of(root: Path, *, preview: bool = False) -> ExportContext:
    project, _ = open_project(root)
    return prepare(project, BuildOptions(each(1), preview=preview))[0]


def rows(site: Path, table: str) -> list[dict[str, str]]:
    """A table of the CSV export, as a spreadsheet's reader has it."""
    with (site / "csv" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


# -- STIX -------------------------------------------------------------------------------------------------------------


@pytest.mark.mostly_slow(1)
def test_stix_is_valid(site: Path) -> None:
    from stix2validator import ValidationOptions, validate_file

    # Best practice that is left: 103 asks for random ids, where the same thing shall have the same id in every run;
    # 202 for the relationships it suggests; 302 for a hash of every page that is linked.
    options = ValidationOptions(version="2.1", strict=True, enforce_refs=True, disabled="103,202,302")
    found = validate_file(str(site / "stix.json"), options)
    told = [str(error) for made in found.object_results for error in made.errors]
    assert not told
    assert found.is_valid


def test_stix_refers_to_nothing_that_is_not_there_and_marks_everything(site: Path) -> None:
    objects = stix(site / "stix.json")
    ids = [made["id"] for made in objects]
    assert len(ids) == len(set(ids))
    for made in objects:
        for name, value in made.items():
            if name.endswith(("_ref", "_refs")):
                assert set([value] if isinstance(value, str) else value) <= set(ids), (made, name)
        if made["type"] != "marking-definition":
            assert made["object_marking_refs"] == [TLP_MARKINGS["TLP:CLEAR"]]
        assert made.get("modified", made["created"]) >= made["created"]


def test_stix_holds_every_thing_with_its_id_and_dates(site: Path, holding: ExportContext) -> None:
    kept = [next(iter(made["extensions"].values())) for made in stix(site / "stix.json") if "extensions" in made]
    found = {(said["kind"], said["id"]): said for said in kept if said.get("kind") in KINDS}
    assert found.keys() == {(entry.kind, entry.id) for entry in holding.entries()}
    for entry, record in holding.corpus.articles:
        assert found["articles", entry.id].get("published") == (record.published and record.published.text)
    for entry in holding.entries("events"):
        assert found["events", entry.id].get("date") == (entry.record.date and entry.record.date.text)  # type: ignore[union-attr]
    statements = {said["id"] for said in kept if said.get("kind") == "statements"}
    assert statements == {said.id for entry in holding.entries("articles") for said in holding.statements(entry)}


def stix(path: Path) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = json.loads(path.read_bytes())["objects"]
    return objects


# -- FollowTheMoney ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Any:
    try:
        from followthemoney import model
    except ImportError:
        absent("followthemoney", NO_FTM)
    return model


def test_followthemoney_loads_the_entities_and_has_them_whole(site: Path, model: Any, holding: ExportContext) -> None:
    loaded: dict[str, Any] = {}
    for line in (site / "entities.ftm.json").read_text("utf-8").splitlines():
        data = json.loads(line)
        model.get(data["schema"]).validate(data)
        proxy = model.get_proxy(data, cleaned=False)
        assert data["id"] not in loaded
        loaded[data["id"]] = proxy
        again = proxy.to_dict()
        assert {name: set(values) for name, values in again["properties"].items()} == {
            name: set(values) for name, values in data["properties"].items()
        }
    for proxy in loaded.values():
        for prop, value in proxy.itervalues():
            if prop.type.name == "entity":
                assert loaded[value].schema.is_a(prop.range), (proxy, prop, value)
    schemata = Counter(proxy.schema.name for proxy in loaded.values())
    entries = holding.corpus.entries
    assert schemata["Article"] == len(entries["articles"]) + len(entries["briefs"])
    assert schemata["Event"] == len(entries["events"])
    assert schemata["Note"] == len(entries["claims"])
    for entry, record in holding.corpus.articles:
        if record.published and record.published.text[:4].isdigit() and len(record.published.text) <= 10:
            assert loaded[f"article.{entry.id}"].get("publishedAt") == [record.published.text]


# -- Web Annotation ---------------------------------------------------------------------------------------------------


def test_both_selectors_select_the_same_words(site: Path, holding: ExportContext) -> None:
    folder = site / "annotations"
    assert {path.stem for path in folder.glob("*.json")} == set(holding.corpus.entries["articles"])
    for entry in holding.entries("articles"):
        made = json.loads((folder / f"{entry.id}.json").read_bytes())
        items = made["first"]["items"]
        assert made["total"] == len(items)
        text = entry.prose.text
        if (folder / f"{entry.id}.txt").exists():
            assert (folder / f"{entry.id}.txt").read_bytes().decode() == text
        for target in (target for item in items for target in item["target"]):
            quote, position = target["selector"]
            words = text[position["start"] : position["end"]]
            assert quote["exact"] == words
            around = quote["prefix"] + words + quote["suffix"]
            assert text.startswith(around, position["start"] - len(quote["prefix"]))


def test_annotations_are_those_of_the_page(site: Path, holding: ExportContext) -> None:
    for entry in holding.entries("articles"):
        items = json.loads((site / "annotations" / f"{entry.id}.json").read_bytes())["first"]["items"]
        places = sorted(
            (made["selector"][1]["start"], made["selector"][1]["end"]) for item in items for made in item["target"]
        )
        page = json.loads((site.parent / "articles" / f"{entry.id}.json").read_bytes())
        told = {(a["kind"], a["fragment"], a["start"], a["end"]) for a in page["annotations"] if a["start"] is not None}
        assert places == sorted((start, end) for _, _, start, end in told)


# -- references -------------------------------------------------------------------------------------------------------


def test_csl_json_is_read(site: Path, holding: ExportContext) -> None:
    from citeproc.source.json import CiteProcJSON

    items = json.loads((site / "references.csl.json").read_bytes())
    read = CiteProcJSON(items)
    entries = holding.corpus.entries
    assert len(read) == len(items) == len(entries["articles"]) + len(entries["briefs"])
    for entry, record in holding.corpus.articles:
        item = read[entry.id.lower()]
        assert "".join(map(str, item.title)) == entry.name
        if record.published and re.fullmatch(r"[\d-]{4,10}", record.published.text):
            parts = [item.issued.get(part) for part in ("year", "month", "day")]
            assert [part for part in parts if part] == [int(part) for part in record.published.text.split("-")]


def test_bibtex_is_read(site: Path, holding: ExportContext) -> None:
    import bibtexparser
    from bibtexparser.middlewares import LatexDecodingMiddleware

    read = bibtexparser.parse_file(str(site / "references.bib"), append_middleware=[LatexDecodingMiddleware()])
    assert not read.failed_blocks
    entries = holding.corpus.entries
    assert len(read.entries) == len(entries["articles"]) + len(entries["briefs"])
    for entry, record in holding.corpus.articles:
        fields = {field.key: field.value for field in read.entries_dict[entry.id].fields}
        assert fields["title"].strip("{}") == entry.name.strip("{}") or "{" in entry.name
        if record.published:
            assert fields["date"] == record.published.text


# -- tables -----------------------------------------------------------------------------------------------------------


def test_csv_holds_every_row_and_no_formula(site: Path, holding: ExportContext) -> None:
    assert {path.stem for path in (site / "csv").iterdir()} == {table.name for table in TABLES}
    for table in TABLES:
        found = rows(site, table.name)
        names = [column.name for column in table.columns]
        expected = [["" if cell is None else str(cell) for cell in row] for row in table.rows(holding)]
        assert [[unescape_formula(row[name]) for name in names] for row in found] == expected
        kinds = {column.name: column.type for column in table.columns}
        for row in found:
            for name, cell in row.items():
                assert kinds[name] != "text" or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    for kind in KINDS:
        assert {row["id"] for row in rows(site, kind)} == set(holding.corpus.entries[kind])


@given(st.text() | st.text("'=+-@\t\r＝ ab"))
def test_a_neutral_cell_can_be_undone_and_is_no_formula(text: str) -> None:
    made = escape_formula(text)
    assert isinstance(made, str)
    assert unescape_formula(made) == text
    assert made[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_sqlite_has_the_same_rows_and_keys_that_hold(site: Path, holding: ExportContext) -> None:
    with closing(sqlite3.connect(f"{(site / 'sitrep.sqlite').as_uri()}?mode=ro", uri=True)) as opened:
        assert opened.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert opened.execute("pragma foreign_key_check").fetchall() == []
        for table in TABLES:
            assert opened.execute(f"select * from {table.name}").fetchall() == list(table.rows(holding))
            keys = {row[3] for row in opened.execute(f"pragma foreign_key_list({table.name})")}
            assert keys == {column.name for column in table.columns if column.references}


def test_sqlite_is_searched_by_words(odd: Path) -> None:
    with closing(sqlite3.connect(odd / "site" / "data" / "sitrep.sqlite")) as opened:

        def found(table: str, words: str) -> list[str]:
            line = f"select id from {table} where rowid in (select rowid from {table}_fts where {table}_fts match ?)"
            return [id for (id,) in opened.execute(line, [words])]

        assert found("articles", "norhaven") == ["full"]
        assert found("articles", "quoted") == ["part"]
        assert found("articles", "nothing") == ["full"]  # of the other, the rights keep it back
        assert found("articles", "never") == found("statements", "never") == []
        assert found("claims", "plan") == ["plan"]
        assert found("statements", "SUM") == ["full#note-claim-1"]


@pytest.mark.mostly_slow(1)
def test_datasette_opens_the_database(site: Path) -> None:
    def got(address: str) -> Any:
        command = [sys.executable, "-m", "datasette", str(site / "sitrep.sqlite"), "--get", address]
        done = subprocess.run(command, capture_output=True, timeout=300, check=True)
        return json.loads(done.stdout)

    ids = {row["id"] for row in got("/sitrep/articles.json?_shape=array")}
    assert ids == {row["id"] for row in rows(site, "articles")}
    assert 0 < got("/sitrep/articles.json?_search=kim")["filtered_table_rows_count"] <= len(ids)


# -- GraphML ----------------------------------------------------------------------------------------------------------


def test_graphml_loads(site: Path, holding: ExportContext) -> None:
    import networkx

    graph = networkx.read_graphml(site / "graph.graphml")
    assert graph.is_directed()
    assert {(data["kind"], data["id"]) for _, data in graph.nodes(data=True)} == {
        (entry.kind, entry.id) for entry in holding.entries()
    }
    stated = Counter(data["how"] for *_, data in graph.edges(data=True))
    assert stated["states"] == sum(len(s.about) for e in holding.entries("articles") for s in holding.statements(e))
    dates = {data["id"]: data.get("date") for _, data in graph.nodes(data=True) if data["kind"] == "articles"}
    assert dates == {e.id: record.published and record.published.text for e, record in holding.corpus.articles}


# -- briefs as text ---------------------------------------------------------------------------------------------------


def test_a_brief_as_text(odd: Path) -> None:
    text = (odd / "site" / "data" / "briefs" / "weekly.md").read_text("utf-8")
    assert text.splitlines()[:3] == ["**TLP:CLEAR**", "", "# The plan stands"]
    for line in (
        "It is the plan [1]. [2]",
        "1. A plan is likely",
        "   Likelihood: likely.",
        "   Confidence: low.",
        "   Rests on [1].",
        "## Scope",
        "What *is* [4] and `code`.",
        "- one [1]",
        "2. [site](https://example.org/)",
        "> said",
        "1 | 2",
        "    as  it is",
        "1. Claim: There is a plan, 3 articles, <https://example.org/watch/claims/plan.html>",
        "2. not published here",
    ):
        assert line in text.splitlines(), text


def test_a_brief_as_text_is_numbered_as_its_page(odd: Path, demo_site: Path) -> None:
    for folder in (odd / "site", demo_site):
        for path in sorted((folder / "data" / "briefs").glob("*.md")):
            text = path.read_text("utf-8").partition("\n## References\n")
            if ENGLISH("digest.lead") in text[0]:
                continue  # assembled: its page has links where this has numbers
            page = (folder / "briefs" / f"{path.stem}.html").read_text("utf-8")
            on_page = {int(n) for n in re.findall(r'href="#ref-(\d+)"', page)}
            assert {int(n) for n in re.findall(r"\[(\d+)\]", text[0])} == on_page
            assert [int(n) for n in re.findall(r"^(\d+)\. ", text[2], re.MULTILINE)] == sorted(on_page)


def test_an_assembled_brief_as_text_says_what_its_page_says(demo_site: Path) -> None:
    """Section by section: the same headings, the same counts, each quotation, each thing's name."""
    folder = demo_site / "data" / "briefs"
    texts = [path for path in sorted(folder.rglob("*.md")) if ENGLISH("digest.lead") in path.read_text("utf-8")]
    pages = [
        path
        for path in sorted((demo_site / "briefs").rglob("*.html"))
        if ENGLISH("digest.lead") in path.read_text("utf-8")
    ]
    assert [path.relative_to(folder).with_suffix("") for path in texts] == [
        path.relative_to(demo_site / "briefs").with_suffix("") for path in pages
    ]
    assert any(path.parent != folder for path in texts)
    for path, page in zip(texts, pages, strict=True):
        text = path.read_text("utf-8")
        main = lxml.html.fromstring(page.read_text("utf-8")).get_element_by_id("content")
        headings = [heading.text_content() for heading in main.iter("h2")]
        assert re.findall(r"^## (.*)$", text, re.MULTILINE)[: len(headings)] == headings
        flat = " ".join(text.split())
        for one in (*main.iter("h1"), *main.find_class("counts")[:1], *main.iter("mark")):
            assert " ".join(one.text_content().split()) in flat, path
        for linked in main.xpath(".//p[@class='head']/a"):
            assert " ".join(linked.text_content().split()) in flat, path
        numbers = {int(n) for n in re.findall(r"\[(\d+)\]", text.partition("\n## References\n")[0])}
        assert numbers == {int(n) for n in re.findall(r"^(\d+)\. Article: ", text, re.MULTILINE)}


def test_an_assembled_brief_as_text(tmp_path: Path) -> None:
    write(tmp_path, FILES, config="title: Watch\nurl: https://example.org/watch/\nbriefs: {every: month}\n")
    sitrep(tmp_path, "export", "text", "--output", str(tmp_path / "out"))
    assert {"weekly.md", "2024-06.md", "2024-06/trade.md", "2024-01.md"} <= tree(tmp_path / "out").keys()
    text = (tmp_path / "out" / "2024-06" / "trade.md").read_text("utf-8")
    assert text.splitlines()[:6] == [
        "**TLP:CLEAR**",
        "",
        "# June 2024: Trade",
        "",
        "Period: 2024-06-01/2024-06-30  ",
        "Topic: Trade",
    ]
    for line in (
        "- corrected: There is a plan.",
        "  - denies: 0 → 1",
        "- They met, 2024-06-18/2024-06-19",
        "  - asserts: “met Kim” The Wire [1]",
        "  - asserts: “=SUM(1) … the & plan” (@plan) The Minister → The Minister → The Wire [1]",
        "- 조선: 1 silent",
        "- Other",
        "  - silent: “says <b>nothing</b>” 조선 → The Wire [1]",
        "1. Article: =cmd|calc <Deal> & {more}, The Wire, 2024-06, <https://Example.org/a?b=%7Bc%7D&d>, "
        "<https://example.org/watch/articles/full.html>",
    ):
        assert line in text.splitlines(), text


def test_the_name_of_a_period_gives_no_withheld_thing_away(tmp_path: Path) -> None:
    files = {**FILES, "content/topics/june.yaml": "name: June 2024\nmarking: TLP:RED\n"}
    write(tmp_path, files, config="title: Watch\nbriefs: {every: month}\n")
    ran = sitrep(tmp_path, "export", "text", "--output", str(tmp_path / "out"))
    assert "[leak]" not in ran.err
    assert (tmp_path / "out" / "2024-06.md").exists()


def test_a_long_list_of_an_assembled_brief_is_cut_as_on_its_page(tmp_path: Path) -> None:
    claims = "".join(
        f"  - {{id: c{n:03}, by: [wire], quote: {{exact: word, occurrence: {n}}}}}\n" for n in range(1, 41)
    )
    files = {"content/articles/a.md": "word " * 40, "content/articles/a.yaml": f"{HEAD}claims:\n{claims}"}
    write(tmp_path, files, config="title: Watch\nexports: [text]\nbriefs: {every: week}\n")
    sitrep(tmp_path, "build")
    text = (tmp_path / "site" / "data" / "briefs" / "2024-W01.md").read_text("utf-8")
    assert text.count("\nand 15 more\n") == 3  # what moved, new claims, what rests on one origin
    assert "  - and 37 more\n" in text  # claims of the one who spoke


# -- JSON-LD ----------------------------------------------------------------------------------------------------------


def test_every_page_says_what_it_is_about(odd: Path, demo_site: Path) -> None:
    for folder in (odd / "site", demo_site):
        for page in sorted(folder.rglob("*.html")):
            found = re.findall(r"ld\+json\">(.*?)</script>", page.read_text("utf-8"), re.DOTALL)
            assert len(found) == (page.name != "404.html"), page
            for text in found:
                made = json.loads(text)
                assert made["@context"] == "https://schema.org"
                assert made["@type"] in ("WebSite", "WebPage", "CollectionPage", "AboutPage")


def test_json_ld_of_things(odd: Path) -> None:
    def about(page: str) -> dict[str, Any]:
        text = (odd / "site" / page).read_text("utf-8")
        made: dict[str, Any] = json.loads(re.findall(r"ld\+json\">(.*?)</script>", text, re.DOTALL)[0])
        return made

    article = about("articles/full.html")
    assert article["url"] == "https://example.org/watch/articles/full.html"
    entity = article["mainEntity"]
    assert entity["@type"] == "NewsArticle"
    assert entity["headline"] == "=cmd|calc <Deal> & {more}"
    assert entity["datePublished"] == "2024-06"
    assert entity["publisher"]["@type"] == "NewsMediaOrganization"
    assert {made["name"] for made in entity["mentions"]} == {"The Minister", "조선", "Norhaven"}
    event = about("events/met.html")["mainEntity"]
    assert (event["startDate"], event["endDate"]) == ("2024-06-18", "2024-06-19")
    assert event["location"]["geo"]["longitude"] == -2.25
    assert about("actors/kim.html")["mainEntity"]["alternateName"] == ["-Kim", "Ким"]
    assert about("claims/plan.html")["mainEntity"]["text"] == "There is a plan."
    assert about("briefs/weekly.html")["mainEntity"]["@type"] == "Report"
    assert about("index.html")["@type"] == "WebSite"


# -- what may be shown ------------------------------------------------------------------------------------------------


def test_exports_show_no_more_than_pages(odd: Path) -> None:
    """Of an excerpt its excerpt, of metadata nothing, of what is withheld nothing: in no format."""
    site = odd / "site"
    text = everything(site / "data") + "\n".join(readable(site / "data" / "sitrep.sqlite"))
    kept_back = ["Nothing else of it", "may ever be seen", "Never shown", "Never, really", "hidden harbour", "withheld"]
    kept_back.append("a-secret-claim")  # what a brief cites and is not here: its page says "not published here"
    assert [words for words in kept_back if words in text] == []
    assert "held" not in {row["id"] for row in rows(site / "data", "articles")}
    assert "an unnamed speaker" in text
    assert "these words are not there" not in text


def readable(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as opened:
        yield from opened.iterdump()


@pytest.mark.mostly_slow(2)
@pytest.mark.parametrize("name", EVERY)
def test_what_is_withheld_might_as_well_not_exist(name: str, odd: Path, tmp_path: Path) -> None:
    files = {file: text for file, text in FILES.items() if "held" not in file}
    write(tmp_path, files, config=CONFIG)
    sitrep(tmp_path, "build")
    one, other = tree(odd / "site" / "data"), tree(tmp_path / "site" / "data")
    path = FORMATS[name].path  # type: ignore[index]
    mine = {file for file in one if file == path or file.startswith(f"{path}/")}
    assert mine
    assert {file: one[file] for file in mine} == {file: other.get(file) for file in mine}


@pytest.mark.parametrize("name", EVERY)
def test_an_article_that_says_nothing_of_itself_is_exported(name: Export, tmp_path: Path) -> None:
    bare = {"content/articles/bare.yaml": "marking: TLP:CLEAR\nstatus: reviewed\n", "content/articles/bare.md": "A.\n"}
    ran = sitrep(write(tmp_path, bare, config=f"title: T\nexports: [{name}]\n"), "build", "--quiet")
    assert ran.code == 0
    assert ran.err == ""


@pytest.mark.parametrize("name", EVERY)
def test_the_guard_looks_into_every_format(name: Export, tmp_path: Path) -> None:
    """What a preview exports holds what is withheld: the guard of a public build finds it, in the database too."""
    files = {**FILES, "content/briefs/held.md": f"{SECRET}\n", "content/briefs/held.yaml": HELD_BRIEF}
    write(tmp_path, files, config=CONFIG)
    project, _ = open_project(tmp_path)
    _, guard, _ = prepare(project, BuildOptions(each(1)))
    found: set[int] = set()
    everything_ = holding_of(tmp_path, preview=True)
    for file in FORMATS[name].files(everything_):
        found |= set(
            guard.search(
                file.name or FORMATS[name].path, b"".join(FORMATS[name].make(everything_, file)), FORMATS[name].media
            )
        )
    words = " ".join(guard.phrases[n].words for n in found)
    assert "hidden harbour" in words or "withheld" in words


def test_cells_side_by_side_are_no_sentence(tmp_path: Path) -> None:
    """Of a withheld sentence one cell may hold the beginning and the next the end: that gives nothing away."""
    path = tmp_path / "x.sqlite"
    needle = WithheldPhrase("some words kim jong un met the envoy", "Some words Kim Jong Un met the envoy", "x", True)
    with closing(sqlite3.connect(path)) as made:
        made.execute("create table t (a, b)")
        made.execute("insert into t values ('some words', 'Kim Jong Un met the envoy')")
        made.execute("insert into t values (null, 'some words')")
        made.execute("insert into t values ('Kim Jong Un met the envoy', null)")
        made.commit()
        assert Guard([needle]).search("x.sqlite", path.read_bytes(), "data") == []
        made.execute("insert into t values ('then some words Kim Jong Un met the envoy said', null)")
        made.commit()
    assert Guard([needle]).search("x.sqlite", path.read_bytes(), "data") == [0]


def test_a_leak_keeps_an_export_back(odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the rules of release to let a withheld report through, nothing would be written, in any format."""
    project, _ = open_project(odd)
    _, guard, problems = prepare(project, BuildOptions(each(1)))
    everything_ = holding_of(odd, preview=True)
    monkeypatch.setattr(export, "prepare", lambda *arguments, **options: (everything_, guard, problems))
    for name in ("stix", "sqlite", "csv"):
        ran = sitrep(odd, "export", name, "--output", str(tmp_path / name))
        assert ran.code == 1
        assert "[leak]" in ran.err
    assert list(tmp_path.iterdir()) == []


HELD_BRIEF = "title: A withheld brief of ours\nmarking: TLP:RED\nstatus: reviewed\ndate: 2024-07-01\n"


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_the_command_writes_what_the_site_has(name: str, odd: Path, tmp_path: Path) -> None:
    form = FORMATS[name]  # type: ignore[index]
    ran = sitrep(odd, "export", name, "--output", str(tmp_path / "out"), "--jobs", "1")
    assert ran.code == 1  # a quote that is gone
    assert "quote-gone" in ran.err
    there = odd / "site" / "data" / form.path
    if form.several:
        assert tree(tmp_path / "out") == tree(there)
    else:
        assert (tmp_path / "out").read_bytes() == there.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "sitrep", "--root", str(root), "export", *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize("name", ["stix", "sqlite"])
def test_one_file_goes_to_the_standard_output(name: str, odd: Path) -> None:
    done = run(odd, name)
    assert done.stdout == (odd / "site" / "data" / FORMATS[name].path).read_bytes()  # type: ignore[index]
    assert b"quote-gone" in done.stderr


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("seed", ["1", "2"])
def test_exports_are_the_same_in_every_run(seed: str, odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    monkeypatch.setenv("TZ", "Asia/Pyongyang")
    monkeypatch.setenv("LC_ALL", "C")
    for name in ("stix", "ftm", "graphml", "sqlite", "bibtex"):
        assert run(odd, name).stdout == (odd / "site" / "data" / FORMATS[name].path).read_bytes()


def test_several_files_need_a_folder(odd: Path) -> None:
    ran = sitrep(odd, "export", "csv")
    assert (ran.code, ran.err) == (2, "sitrep: csv consists of several files: pass --output FOLDER\n")


def test_nothing_is_overwritten_unless_one_says_so(odd: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    ran = sitrep(odd, "export", "csl", "--output", str(tmp_path / "out"))
    assert ran.code == 2
    assert "--force" in ran.err
    assert (tmp_path / "out").read_text() == "mine"
    assert sitrep(odd, "export", "csl", "--output", str(tmp_path / "out"), "--force").code == 1
    assert json.loads((tmp_path / "out").read_bytes())
    assert sitrep(odd, "export", "csv", "--output", str(tmp_path / "out"), "--force").code == 2
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    assert sitrep(odd, "export", "csv", "--output", str(tmp_path / "folder")).code == 2
    assert sitrep(odd, "export", "csv", "--output", str(tmp_path / "folder"), "--force").code == 1
    assert (tmp_path / "folder" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("place", ["content/articles/full.md", "content/new.json", "config.yaml", ".git/x", "content"])
def test_no_export_goes_into_what_is_read(place: str, odd: Path) -> None:
    before = tree(odd / "content")
    ran = sitrep(odd, "export", "stix", "--output", str(odd / place), "--force")
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert tree(odd / "content") == before
    assert (odd / "config.yaml").read_text() == CONFIG


def test_a_place_that_cannot_be_written_is_one_line(odd: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = sitrep(odd, "export", "stix", "--output", str(tmp_path / "file" / "below.json"))
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1


def test_a_preview_says_so_in_its_name_and_in_itself(odd: Path, tmp_path: Path) -> None:
    assert sitrep(odd, "export", "stix", "--preview").code == 2
    for name in EVERY:
        sitrep(odd, "export", name, "--preview", "--output", str(tmp_path / name))
        made = tmp_path / f"NOT-FOR-RELEASE-{name}"
        assert made.exists()
        text = everything(made) if made.is_dir() else made.read_bytes().decode("utf-8", "replace")
        assert "NOT FOR RELEASE" in text or name == "csl", name
        assert "TLP:RED" in text or name in ("text", "graphml", "stix") or "withheld" not in text
    objects = stix(tmp_path / "NOT-FOR-RELEASE-stix")
    report = next(made for made in objects if made.get("name") == "A withheld report")
    assert report["object_marking_refs"] == [TLP_MARKINGS["TLP:RED"]]
    about = [made for made in objects if report["id"] in made.get("object_refs", ())]
    assert all(made["object_marking_refs"] for made in about)


def test_a_preview_of_the_site_marks_its_exports(odd: Path, tmp_path: Path) -> None:
    sitrep(odd, "build", "--preview", "--output", str(tmp_path / "preview"))
    about = dict(row.values() for row in rows(tmp_path / "preview" / "data", "about"))
    assert about["release"].startswith("NOT FOR RELEASE")
    assert {row["id"]: row["marking"] for row in rows(tmp_path / "preview" / "data", "articles")}["held"] == "TLP:RED"


def test_as_of(odd: Path, tmp_path: Path) -> None:
    sitrep(odd, "export", "csv", "--as-of", "2024-05-01", "--output", str(tmp_path / "then"))
    with (tmp_path / "then" / "articles.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert {row["id"] for row in csv.DictReader(handle)} == {"part", "none"}


def test_a_format_that_is_turned_off_is_deleted(tmp_path: Path) -> None:
    write(tmp_path, FILES, config="title: Watch\nexports: [csl]\n")
    sitrep(tmp_path, "build")
    assert [path.name for path in (tmp_path / "site" / "data").iterdir()] == ["references.csl.json"]
    (tmp_path / "config.yaml").write_text("title: Watch\n")
    sitrep(tmp_path, "build")
    assert not (tmp_path / "site" / "data").exists()


def test_an_unknown_format_in_the_configuration_is_told(tmp_path: Path) -> None:
    write(tmp_path, FILES, config="title: Watch\nexports: [stixx]\n")
    ran = sitrep(tmp_path, "build")
    assert ran.code == 2
    assert "stix" in ran.out + ran.err


def test_every_format_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "exports.md").read_text("utf-8")
    assert set(re.findall(r"^## .*\(`([a-z]+)`\)$", guide, re.MULTILINE)) == set(EVERY)
    for table in TABLES:
        assert f"`{table.name}`" in guide


def test_no_preview_goes_into_the_site(odd: Path) -> None:
    ran = sitrep(odd, "export", "stix", "--preview", "--output", str(odd / "site" / "bundle.json"))
    assert ran.code == 2
    assert "preview" in ran.err
    assert not list((odd / "site").glob("*bundle*"))
