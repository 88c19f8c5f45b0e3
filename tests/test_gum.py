"""Real news, really annotated: every span of 24 articles anchors to exactly its own place, and is on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import lxml.html
import pytest
from projects import sitrep, write

from sitrep.corpus import Corpus
from sitrep.importers.report import known
from sitrep.read.ids import slug
from sitrep.records import Actor, Entry


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
        Entry(kind="actors", id=f"a{n}", record=Actor(name=name), files=("x.yaml",)) for n, name in enumerate(names)
    ]
    corpus = Corpus.of(entries)
    hits = 0
    for article in articles:
        text = article["text"]
        for spans in known(corpus, text).values():
            for start, end in spans:
                hits += 1
                assert not (start and (text[start - 1] + text[start]).isalnum())
                assert not (end < len(text) and (text[end - 1] + text[end]).isalnum())
    assert hits > 500
