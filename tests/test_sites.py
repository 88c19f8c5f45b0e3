"""Tiny sites and what comes of them: `sites/NAME/` is a project, `sites/NAME/expected/` what its pages say.

Of each page the words of `<main>` are kept, with where its links lead and which annotations begin where; of each
article its JSON too. `SITREP_REWRITE=1` writes them anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import html5lib
import pytest

from projects import HEAD, everything, sitrep, tree, write
from sitecheck import faults
from sitrep.parse import markdown

HERE = Path(__file__).parent / "sites"
SITES = sorted(path.name for path in HERE.iterdir())
REWRITE = bool(os.environ.get("SITREP_REWRITE"))
OURS = {"about.html", "method.html", "404.html"}
"""Pages whose words are the theme's alone."""
BLOCKS = re.compile(
    "address|article|aside|blockquote|br|d[dlt]|details|div|fig.*|footer|form|h[1-6]|header|hr|li|main|nav|[ou]l|p|pre"
    "|section|summary|table|t.*"
)
LONG = 101
"""Articles of the long list: one more than a page of the index holds."""
SILENT = ("script", "style", "svg", "template")


def project(name: str, root: Path) -> Path:
    """A copy of an example; what would be a hundred files alike is made here."""
    shutil.copytree(HERE / name, root, ignore=shutil.ignore_patterns("expected", ".sitrep"))
    if name == "paging":
        files: dict[str, str | bytes] = {}
        for n in range(LONG):
            files[f"content/articles/x{n:03}.md"] = f"Norhaven spoke for the {n:03}th time.\n"
            head = HEAD.replace("title: T", f"title: Speech {n:03}").replace("2024-01-02", f"2024-01-{n % 28 + 1:02}")
            files[f"content/articles/x{n:03}.yaml"] = head + "actors: [norhaven]\n"
        write(root, files, config="")
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The site of an example, built once for those who ask in this process."""
    made: dict[str, Path] = {}

    def build(name: str) -> Path:
        if name not in made:
            root = project(name, tmp_path_factory.mktemp(name) / name)
            ran = sitrep(root, "build", "--quiet")
            assert (ran.code, ran.out) == (0, "")
            made[name] = root / "site"
        return made[name]

    return build


def outline(page: Path) -> str:
    """What `<main>` says, a block a line: `[words](where they lead)`, `{id}` where an annotation or its note begins."""
    tree = html5lib.parse(page.read_text("utf-8"), namespaceHTMLElements=False)
    main = tree.find(".//main")
    out: list[str] = []
    _outline(main if main is not None else tree.find("body"), out)
    lines = (" ".join(line.split()) for line in "".join(out).split("\n"))
    return "\n".join(line for line in lines if line) + "\n"


def _outline(element: Any, out: list[str]) -> None:
    if not isinstance(element.tag, str) or element.tag.rpartition("}")[2] in SILENT:
        return
    block = "\n" if BLOCKS.fullmatch(element.tag) else ""
    out.append(block)
    if re.fullmatch(r"(note-)?(actor|event|claim)-\d+(-\d+)?", element.get("id") or ""):
        out.append(f"{{{element.get('id')}}}")
    linked = element.tag == "a" and element.get("href")
    out.append("[" if linked else "")
    out.append(re.sub(r"\s", " ", element.text or ""))
    for child in element:
        _outline(child, out)
        out.append(re.sub(r"\s", " ", child.tail or ""))
    out.append(f"]({element.get('href')})" if linked else "")
    out.append(block)


def golden(name: str, site: Path) -> dict[str, str]:
    """What is kept of a site: of the long one, the pages of the one actor."""
    names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    files = sorted(n for n in names if not n.startswith("theme/") and n != ".sitrep-manifest.json")
    kept = {"files.txt": "\n".join(files) + "\n"}
    for file in files:
        if name == "paging" and not file.startswith("actors/norhaven"):
            continue
        if file.endswith(".html") and file not in OURS:
            kept[f"{file.removesuffix('.html')}.txt"] = outline(site / file)
        elif re.fullmatch(r"articles/[^/]+\.json", file):
            data = json.loads((site / file).read_bytes())
            kept[file] = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    return kept


@pytest.mark.parametrize("name", SITES)
def test_a_site_says_what_is_expected(name: str, built: Callable[[str], Path]) -> None:
    made = golden(name, built(name))
    expected = HERE / name / "expected"
    if REWRITE:
        shutil.rmtree(expected, ignore_errors=True)
        for file, text in made.items():
            path = expected / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    held = {file: data.decode() for file, data in tree(expected).items()}
    assert made.keys() == held.keys()
    for file, text in made.items():
        assert text == held[file], file


@pytest.mark.parametrize("name", SITES)
def test_a_site_has_no_broken_link_and_check_no_problem(
    name: str, built: Callable[[str], Path], tmp_path: Path
) -> None:
    assert not [fault for fault in faults(built(name)) if not fault.startswith("404.html: ")]
    ran = sitrep(project(name, tmp_path / name), "check", "--strict", "--format", "json")
    told = json.loads(ran.out)["problems"]
    assert ran.code == 0
    assert {problem["severity"] for problem in told} <= {"info"}


# -- rights -----------------------------------------------------------------------------------------------------------


def said(text: str) -> str:
    """A text as a search would take it: no tags, one space between words, no case."""
    return " ".join(re.findall(r"\w+", unescape(re.sub(r"<[^>]*>", " ", text)))).casefold()


def runs(text: str, length: int = 5) -> set[str]:
    words = said(text).split()
    return {" ".join(words[n : n + length]) for n in range(len(words) - length + 1)}


SHOWN = {
    "excerpt": [
        "The minister denied that any agreement existed.",
        "Observers considered the whole journey a clumsy rehearsal for something larger.",
        "The convoy left at noon.",
    ],
    "unsaid": ["The mayor resigned on Friday."],
    "metadata": [],
}
"""What of each text may be seen: whole sentences of claims and events, in order, a quarter of the words at most."""


@pytest.mark.parametrize("id", SHOWN)
def test_what_the_rights_keep_back_is_in_no_file(id: str, built: Callable[[str], Path]) -> None:
    site = built("rights")
    text = (HERE / f"rights/content/articles/{id}.md").read_text("utf-8")
    kept_back = text
    allowed: set[str] = set()
    for sentence in SHOWN[id]:
        assert sentence in kept_back
        kept_back = kept_back.replace(sentence, " \n§ \n")
        allowed |= runs(sentence)
    hidden = {run for part in kept_back.split("§") for run in runs(part)} - allowed
    assert len(hidden) > 20
    assert sum(len(s.split()) for s in SHOWN[id]) * 4 <= len(text.split())
    for file, data in tree(site).items():
        there = runs(data.decode("utf-8", "replace"))
        assert not hidden & there, file
        assert not {run for run in hidden if run.replace(" ", "-") in file}
    seen = said(everything(site))
    assert all(said(sentence) in seen for sentence in SHOWN[id])


def test_the_full_text_is_there_and_would_be_found(built: Callable[[str], Path]) -> None:
    """The measure itself measures."""
    text = (HERE / "rights/content/articles/full.md").read_text("utf-8")
    page = (built("rights") / "articles/full.html").read_text("utf-8")
    for paragraph in text.split("\n\n"):
        assert runs(paragraph) <= runs(re.sub(r"</?(?:a|span|mark)\b[^>]*>", "", page))


@pytest.mark.parametrize("id", SHOWN)
def test_the_json_holds_no_word_that_the_page_does_not(id: str, built: Callable[[str], Path]) -> None:
    prose, _ = markdown.render((HERE / f"rights/content/articles/{id}.md").read_text("utf-8"), "f")
    assert prose is not None
    data = json.loads((built("rights") / f"articles/{id}.json").read_bytes())
    assert data["text"] is None
    open_ = "\n".join(SHOWN[id])
    for a in data["annotations"]:
        assert (a["exact"] is None) == (a["start"] is None) == (a["end"] is None)
        if a["exact"] is not None:
            assert prose.text[a["start"] : a["end"]] == a["exact"]
            assert a["exact"] in open_
    for made in data["statements"]:
        assert made["quote"] is None or made["quote"] in open_
    quotes = [made["quote"] for made in data["statements"]]
    assert len([quote for quote in quotes if quote]) == len(SHOWN[id])


# -- release ----------------------------------------------------------------------------------------------------------

WITHHELD = ("amber", "draft", "green", "red", "strict", "unmarked", "unsaid")
HIDDEN = ("actors/shadow", "claims/hidden", "topics/hidden-topic", "briefs/hidden-brief")


def without(root: Path, *things: str) -> Path:
    for thing in things:
        for ending in ("yaml", "md"):
            (root / f"content/{thing}.{ending}").unlink(missing_ok=True)
    return root


def without_theme(site: Path) -> str:
    return "\n".join(f"{n}\n{d.decode('utf-8', 'replace')}" for n, d in tree(site).items() if "theme/" not in n)


def test_what_is_withheld_might_as_well_not_exist(tmp_path: Path, built: Callable[[str], Path]) -> None:
    root = without(project("released", tmp_path / "p"), *(f"articles/{id}" for id in WITHHELD), *HIDDEN)
    assert sitrep(root, "build", "--quiet").code == 0
    assert tree(root / "site") == tree(built("released"))
    shown = without_theme(built("released")).casefold()
    for id in WITHHELD:
        assert not re.search(rf"\b(articles/{id}|xylophone-{id}|former-zuckermandel)", shown)
    for word in ("zuckermandel", "quintessence", "xylophone", "shadow", "hidden"):
        assert word not in shown


def test_what_is_withheld_is_counted_on_the_terminal(tmp_path: Path) -> None:
    out = sitrep(project("released", tmp_path / "p"), "build").out
    assert "withheld 11: " in out
    for what in ("1 article TLP:AMBER+STRICT", "1 article TLP:GREEN", "1 article TLP:RED", "1 article unmarked"):
        assert what in out
    assert "2 article draft" in out


@pytest.mark.parametrize(
    ("publish", "released"),
    [
        ("{unmarked: TLP:CLEAR}", {"unmarked"}),
        ("{unmarked: TLP:GREEN}", set()),
        ("{unmarked: TLP:GREEN, markings: [TLP:CLEAR, TLP:GREEN]}", {"unmarked", "green"}),
        ("{statuses: [draft, reviewed]}", {"draft", "unsaid"}),
        ("{unmarked: TLP:RED}", set()),
    ],
)
def test_the_configuration_says_what_leaves(publish: str, released: set[str], tmp_path: Path) -> None:
    root = project("released", tmp_path / "p")
    text = (root / "config.yaml").read_text("utf-8")
    config = text.replace("{rights: full", publish[:-1] + ", rights: full")
    for name in ("all", "deleted"):
        shutil.copytree(root, tmp_path / name)
        (tmp_path / name / "config.yaml").write_text(config, "utf-8")
    drafts = "draft" in released
    gone = [f"articles/{id}" for id in WITHHELD if id not in released]
    gone += [thing for thing in HIDDEN if not (drafts and thing in ("topics/hidden-topic", "briefs/hidden-brief"))]
    without(tmp_path / "deleted", *gone)
    ran = sitrep(tmp_path / "all", "build", "--quiet")
    assert ran.code == 0, ran.out
    assert sitrep(tmp_path / "deleted", "build", "--quiet").code == 0
    site = tmp_path / "all/site"
    assert {p.stem for p in (site / "articles").glob("*.json")} == {"public"} | released
    assert tree(site) == tree(tmp_path / "deleted/site")
    for id in released:
        assert (site / f"actors/zuckermandel-{id}.html").exists()
        assert (site / f"articles/former-zuckermandel-{id}.html").exists()


# -- links, old addresses, long lists ---------------------------------------------------------------------------------


def test_old_addresses_lead_on(built: Callable[[str], Path]) -> None:
    site = built("linked")
    for old, new in {
        "articles/erste": "../articles/first.html",
        "articles/premier": "../articles/first.html",
        "actors/old-norhaven": "../actors/norhaven.html",
        "topics/harbours": "../topics/ports.html",
    }.items():
        page = html5lib.parse((site / f"{old}.html").read_text("utf-8"), namespaceHTMLElements=False)
        (refresh,) = (e.get("content") for e in page.iter("meta") if e.get("http-equiv") == "refresh")
        assert refresh == f"0; url={new}"
        assert [link.get("href") for link in page.iter("a")] == [new]
        assert ((site / old).parent / new).resolve().is_file()
    assert "erste" not in (site / "articles/index.html").read_text("utf-8")


def test_a_correction_is_told_on_both_pages(built: Callable[[str], Path]) -> None:
    pages = {id: outline(built("linked") / f"articles/{id}.html") for id in ("first", "second", "third", "fourth")}
    assert "Corrected by [Twelve crates, not ten](../articles/second.html)." in pages["first"]
    assert "This article corrects [Ten crates landed](../articles/first.html)." in pages["second"]
    assert "Withdrawn by [Withdrawn: crates](../articles/third.html)." in pages["second"]
    assert "This article withdraws [Twelve crates, not ten](../articles/second.html)." in pages["third"]
    assert "A copy of [Ten crates landed](../articles/first.html)." in pages["fourth"]
    data = json.loads((built("linked") / "articles/second.json").read_bytes())
    assert data["notices"] == ["Withdrawn by Withdrawn: crates.", "This article corrects Ten crates landed."]


def test_prose_leads_there_and_back(built: Callable[[str], Path]) -> None:
    links = {
        path: re.findall(r"\]\(([^)]*)\)", outline(built("linked") / f"{path}.html"))
        for path in ("actors/norhaven", "topics/ports", "claims/ten-crates", "articles/first", "articles/fourth")
    }
    assert {"../claims/ten-crates.html", "../topics/ports.html"} <= set(links["actors/norhaven"])
    assert "../articles/first.html#claim-1" in links["topics/ports"]
    assert "../articles/first.html#claim-1" in links["articles/fourth"]
    for there in ("claims/ten-crates", "articles/first", "actors/norhaven"):
        assert "../topics/ports.html" in links[there]
    assert "../articles/fourth.html" in links["articles/first"]
    assert "../articles/fourth.html" in links["claims/ten-crates"]


def test_each_article_is_on_one_of_the_pages(built: Callable[[str], Path]) -> None:
    site = built("paging")
    pages = ["actors/norhaven.html", "actors/norhaven/2.html", "actors/norhaven/3.html"]
    assert sorted(p.name for p in (site / "actors/norhaven").iterdir()) == ["2.html", "3.html"]
    found: list[str] = []
    for page in pages:
        hrefs = re.findall(r"\]\(((?:\.\./)+)articles/(x\d+)\.html#actor-1\)", outline(site / page))
        assert {up for up, _ in hrefs} == {"../" * page.count("/")}
        found += dict.fromkeys(id for _, id in hrefs)
    assert sorted(found) == [f"x{n:03}" for n in range(LONG)]
    assert json.loads((site / "actors/norhaven.json").read_bytes())["pages"] == 3
    indexes = ["articles/index.html", "articles/page-2.html"]
    assert not (site / "articles/page-3.html").exists()
    listed = [id for page in indexes for id in re.findall(r"\]\(\.\./articles/(x\d+)\.html\)", outline(site / page))]
    assert sorted(listed) == [f"x{n:03}" for n in range(LONG)]
