"""/_changes: which pages publishing would change, and how, for whoever approves it.

The public site as it would be built now is compared with the last one built into site/. The words of pages are
compared, sentence by sentence: changes to the frame only are counted, not shown.

"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import jinja2

from sitrep.publish.output_folder import MANIFEST, digest
from sitrep.publish.search_index import FOLDER
from sitrep.serve.versions import SiteVersion

PER_PAGE = 25
"""The number of changed pages on one page of the comparison."""
LISTED = 500
"""The number of new and removed pages that are named; the rest are counted."""
MOST = 400
"""The number of sentences shown of one page's difference."""


class Frame(NamedTuple):
    """What the server's own pages share with the site's pages."""

    base: str
    title: str
    sheet: str
    generation: int


class Published(NamedTuple):
    """The last public build, according to its manifest."""

    folder: Path
    stamp: tuple[int, int] | None
    """None where there is no public build."""
    files: Mapping[str, str]


class WordRun(NamedTuple):
    """Words that are unchanged, removed (`del`) or added (`ins`)."""

    how: str
    text: str


class ChangedPages(NamedTuple):
    """Pages with the same differences (paths and titles), and the sentences that differ: each a list of runs."""

    pages: tuple[tuple[str, str], ...]
    sentences: tuple[tuple[WordRun, ...], ...]
    note: str = ""


class Comparison(NamedTuple):
    published: Published
    now: SiteVersion
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    framed: int
    """Pages in which only the names of style sheets or scripts differ."""
    others: int
    """Other files that differ; the search index is derived from pages and not counted."""


def published(folder: Path) -> Published:
    """The last public build in a folder."""
    try:
        status = (folder / MANIFEST).stat()
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["preview"]:
            return Published(folder, None, {})
        return Published(
            folder, (status.st_mtime_ns, status.st_size), {str(k): str(v) for k, v in manifest["files"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Published(folder, None, {})


def compare(published: Published, now: SiteVersion) -> Comparison:
    """Which files differ, by digest."""
    old, new = published.files, now.files
    differ = sorted((path for path in old.keys() & new.keys() if old[path] != new[path]), key=_order)
    pages = [path for path in differ if path.endswith(".html")]
    changed = [path for path in pages if _unframed(_old(published, path)) != _unframed(now.read(path))]
    added, removed = sorted(new.keys() - old.keys(), key=_order), sorted(old.keys() - new.keys(), key=_order)
    return Comparison(
        published=published,
        now=now,
        added=tuple(path for path in added if path.endswith(".html")),
        removed=tuple(path for path in removed if path.endswith(".html")),
        changed=tuple(changed),
        framed=len(pages) - len(changed),
        others=sum(not path.endswith(".html") and not path.startswith(FOLDER) for path in (*differ, *added, *removed)),
    )


_KINDS: tuple[str, ...] = ("briefs", "articles", "claims", "events", "actors", "sources", "topics")


def _order(path: str) -> tuple[int, bool, str]:
    """Articles and briefs first, then what draws on them; lists after the pages that they list."""
    folder, _, name = path.partition("/")
    return (_KINDS.index(folder) if folder in _KINDS else len(_KINDS), name.startswith(("index.", "page-")), path)


def _old(published: Published, path: str) -> bytes | None:
    """A published page, if it is still as the build wrote it."""
    try:
        handle = os.open(published.folder / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with open(handle, "rb") as file:
            data = file.read()
    except OSError:
        return None
    return data if digest(data) == published.files[path] else None


_THEME = re.compile(rb"(theme/[\w./-]+)\.[0-9a-f]{10}(\.\w+)")


def _unframed(data: bytes | None) -> bytes | None:
    """A page without the digests in the names of theme files."""
    return data and _THEME.sub(rb"\1\2", data)


# -- words ------------------------------------------------------------------------------------------------------------

BLOCKS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "caption",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "figcaption",
        ),
        *(
            "figure",
            "footer",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "main",
            "nav",
            "ol",
            "p",
            "pre",
        ),
        *("section", "summary", "table", "tbody", "td", "text", "tfoot", "th", "thead", "title", "tr", "ul"),
    )
)
SILENT = frozenset(("script", "style", "head", "template"))
_END = re.compile(r"(?<=[.!?…。！？])[”’\"')\]]*\s+(?=\S)")


class _MainText(HTMLParser):
    """The text of a page's main part, one line for each block."""

    def __init__(self, whole: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.inside = whole
        self.silent = 0
        self.lines: list[str] = [""]
        self.title = ""
        self._in_title = False
        self._titled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h1" and self.inside and not self._titled:
            self._in_title = self._titled = True
        if tag == "main":
            self.inside = True
        self.silent += tag in SILENT
        if tag in BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._in_title = False
        if tag == "main":
            self.inside = False
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        if tag in BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if self.inside and not self.silent:
            self.lines[-1] += data


def words(data: bytes) -> tuple[str, list[str]]:
    """A page's heading and its sentences; of the whole page, where it has no main part."""
    text = data.decode("utf-8", "replace")
    parser = _MainText(whole="<main" not in text)
    parser.feed(text)
    parser.close()
    lines = (" ".join(line.split()) for line in parser.lines)
    return " ".join(parser.title.split()), [part for line in lines if line for part in _END.split(line) if part]


def differences(old: list[str], new: list[str]) -> Iterator[tuple[WordRun, ...]]:
    """The sentences that differ; for altered sentences, the words removed and added."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes() if len(old) * len(new) < 4_000_000 else _coarse(old, new):
        if tag == "equal":
            continue
        gone, come = old[a:b], new[c:d]
        paired = min(len(gone), len(come)) if tag == "replace" else 0
        for before, after in zip(gone[:paired], come[:paired], strict=True):
            yield from _altered(before, after)
        yield from ((WordRun("del", text),) for text in gone[paired:])
        yield from ((WordRun("ins", text),) for text in come[paired:])


def _coarse(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """The same for pages so long that comparing every pair would take too long: only the common beginning and end are
    matched."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return [("replace", head, len(old) - tail, head, len(new) - tail)]


def _altered(before: str, after: str) -> Iterator[tuple[WordRun, ...]]:
    old, new = re.findall(r"\s+|\w+|[^\w\s]", before), re.findall(r"\s+|\w+|[^\w\s]", after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if len(old) * len(new) > 1_000_000 or matcher.ratio() < 0.4:
        yield (WordRun("del", before),)
        yield (WordRun("ins", after),)
        return
    pieces: list[WordRun] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(WordRun("", "".join(old[a:b])))
            continue
        pieces += [WordRun(how, "".join(part)) for how, part in (("del", old[a:b]), ("ins", new[c:d])) if part]
    yield tuple(pieces)


def changed(comparison: Comparison, path: str) -> ChangedPages:
    """How one page differs."""
    before, after = _old(comparison.published, path), comparison.now.read(path)
    if before is None or after is None:
        return ChangedPages(
            ((path, path),), (), "It cannot be compared: the file in site/ is not as the build wrote it."
        )
    title, new = words(after)
    passages = tuple(dict.fromkeys(differences(words(before)[1], new)))
    note = "" if passages else "Its words are the same; links or structure differ."
    if len(passages) > MOST:
        note = f"{len(passages) - MOST} more sentences differ."
    return ChangedPages(((path, title or path),), passages[:MOST], note)


def together(groups: Iterable[ChangedPages]) -> list[ChangedPages]:
    """Pages that differ in the same sentences are shown once, together."""
    same: dict[tuple[object, ...], ChangedPages] = {}
    for one in groups:
        key = (frozenset(one.sentences), one.note)
        before = same.get(key)
        same[key] = before._replace(pages=before.pages + one.pages) if before else one
    return list(same.values())


# -- the page ---------------------------------------------------------------------------------------------------------


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(files("sitrep.serve").joinpath("changes.html").read_text(encoding="utf-8"))


def page(comparison: Comparison | None, frame: Frame, message: str, number: int) -> bytes:
    """The comparison page, or the reason why there is none yet."""
    shown: list[ChangedPages] = []
    pages = 1
    if comparison is not None:
        pages = max(1, -(-len(comparison.changed) // PER_PAGE))
        number = min(max(1, number), pages)
        at = (number - 1) * PER_PAGE
        shown = together(changed(comparison, path) for path in comparison.changed[at : at + PER_PAGE])
    return (
        _template()
        .render(
            comparison=comparison,
            frame=frame,
            message=message,
            shown=shown,
            number=number,
            pages=pages,
            listed=LISTED,
            quote=quote,
        )
        .encode()
    )
