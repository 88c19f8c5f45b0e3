"""Real news, really annotated: every span of 24 articles anchors to exactly its own place, and is on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import html5lib
import lxml.html
import pytest

from projects import sitrep, write
from sitrep.build.load import load_entries
from sitrep.corpus.link import linked_corpus
from sitrep.importers.report import known
from sitrep.model.entries import Entry
from sitrep.model.ids import slug
from sitrep.model.records import Actor
from sitrep.parallel.pool import each
from sitrep.project import open_project, scan


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _sidecar(article: dict, ids: dict[str, str]) -> str:
    """Mentions by their entity, in the order of their first place; each quote by its ordinal."""

    def quote(span: dict, words: str) -> str:
        occurrence = article["text"].count(words, 0, span["start"] + len(words) - 1)
        before = article["text"][: span["start"]].count(words) + 1
        assert before >= occurrence
        return f"{{exact: {_quoted(words)}, occurrence: {before}}}"

    lines = [f"title: {_quoted(article['title'])}", "source: wikinews", f"published: {article['date']}"]
    lines += ["marking: TLP:CLEAR", "status: reviewed", "rights: full", "format: text", "actors:"]
    by_entity: dict[str, list[dict]] = {}
    for mention in article["mentions"]:
        by_entity.setdefault(mention["entity"], []).append(mention)
    for entity, mentions in by_entity.items():
        key = entity if not entity.startswith("local:") else f"{article['id']}-{entity}"
        base = slug(re.sub(r"^(wiki|local):", "", key)) or "x"
        id = ids.setdefault(key, base if base not in ids.values() else f"{base}-{len(ids)}")
        lines += [f"  - id: {id}", "    quotes:", *(f"      - {quote(m, m['quote'])}" for m in mentions)]
    lines += ["events:"] if article["events"] else []
    for event in article["events"]:
        name = f"{slug(article['id'])}-{event['id'].lower()}"
        lines += [f"  - id: {name}", f"    quote: {quote(event, event['trigger'])}"]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def gum(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    shared: Path = request.getfixturevalue("shared")
    articles = [json.loads(line) for line in (shared / "samples/gum-news.jsonl").read_text("utf-8").splitlines()]
    ids: dict[str, str] = {}
    files: dict[str, str | bytes] = {}
    for article in articles:
        files[f"content/articles/{article['id']}.md"] = article["text"]
        files[f"content/articles/{article['id']}.yaml"] = _sidecar(article, ids)
    root = write(tmp_path_factory.mktemp("gum"), files)
    ran = sitrep(root, "build", "--quiet")
    assert ran.code == 0, ran.out[:2000]
    return root, articles


def test_every_span_anchors_to_its_own_place_and_is_in_the_page(gum: tuple[Path, list[dict]]) -> None:
    root, articles = gum
    spans = 0
    for article in articles:
        data = json.loads((root / f"site/articles/{article['id']}.json").read_text("utf-8"))
        assert data["text"] == article["text"]
        found = {(a["kind"], a["start"], a["end"]): a["fragment"] for a in data["annotations"]}
        page = lxml.html.parse(str(root / f"site/articles/{article['id']}.html")).getroot()
        fragments = {element.get("id") for element in page.iter() if element.get("id")}
        for a in data["annotations"]:
            assert article["text"][a["start"] : a["end"]] == a["exact"]
            assert a["fragment"] in fragments
        places = {("actor", m["start"], m["end"]) for m in article["mentions"]}
        places |= {("event", e["start"], e["end"]) for e in article["events"]}
        assert places <= found.keys()
        spans += len(article["mentions"]) + len(article["events"])
        body = page.xpath('//div[contains(concat(" ", @class, " "), " body ")]')[0]
        assert body.text_content().strip() == article["text"].strip()
    assert spans == 5_018 + 511


def test_known_names_never_begin_or_end_inside_a_word(gum: tuple[Path, list[dict]]) -> None:
    _, articles = gum
    names = sorted({m["quote"] for article in articles for m in article["mentions"] if len(m["quote"]) < 40})[::7]
    entries = [
        Entry.of(kind="actors", id=f"a{n}", record=Actor(name=name), files=("x.yaml",)) for n, name in enumerate(names)
    ]
    corpus = linked_corpus(entries)
    hits = 0
    for article in articles:
        text = article["text"]
        for spans in known(corpus, text).values():
            for start, end in spans:
                hits += 1
                assert not (start and (text[start - 1] + text[start]).isalnum())
                assert not (end < len(text) and (text[end - 1] + text[end]).isalnum())
    assert hits > 500


def test_no_error_is_told_and_each_entity_has_one_id_in_all_its_places(gum: tuple[Path, list[dict]]) -> None:
    root, articles = gum
    told = json.loads(sitrep(root, "check", "--format", "json").out)["problems"]
    assert not [problem for problem in told if problem["severity"] == "error"]
    entities: dict[str, set[str]] = {}
    for article in articles:
        data = json.loads((root / f"site/articles/{article['id']}.json").read_text("utf-8"))
        at: dict[tuple[str, int, int], set[str]] = {}
        for a in data["annotations"]:
            at.setdefault((a["kind"], a["start"], a["end"]), set()).add(a["id"])
        for event in article["events"]:
            own = f"{slug(article['id'])}-{event['id'].lower()}"
            assert own in at["event", event["start"], event["end"]]
        for mention in article["mentions"]:
            key = mention["entity"] if mention["entity"].startswith("wiki:") else f"{article['id']} {mention['entity']}"
            found = at["actor", mention["start"], mention["end"]]
            entities[key] = entities.get(key, found) & found
    assert len(entities) > 1_000
    assert all(entities.values()), [key for key, ids in entities.items() if not ids]


def test_every_page_is_well_formed_and_its_body_is_the_text(gum: tuple[Path, list[dict]]) -> None:
    root, articles = gum
    for article in articles:
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        page = parser.parse((root / f"site/articles/{article['id']}.html").read_text("utf-8"))
        assert not parser.errors, (article["id"], parser.errors[:3])
        body = next(e for e in page.iter("div") if e.get("class") == "body")
        assert "".join(body.itertext()) == f"\n{article['text']}\n"
        assert not [link for link in page.iter("a") for inner in link.iter("a") if inner is not link]


def test_the_names_of_the_built_project_are_whole_words_of_every_text(gum: tuple[Path, list[dict]]) -> None:
    root, articles = gum
    project, _ = open_project(root)
    entries = load_entries(project, scan(project)[0], each(1))
    corpus = linked_corpus(entries)
    hits = 0
    for article in articles:
        text = article["text"]
        words = {at for m in re.finditer(r"\w+", text) for at in range(m.start() + 1, m.end())}
        for spans in known(corpus, text).values():
            hits += len(spans)
            assert not [span for span in spans if words & set(span)]
    assert hits > 500
