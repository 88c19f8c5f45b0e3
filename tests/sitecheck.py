"""Checks the links of a built site: `faults(site)` tells each one that does not hold.

The site must work from any folder and with no server, so a link is relative and names a file, letter for
letter as the disk spells it; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

import lxml.html

WEB = ("http", "https", "mailto")
NAMING = frozenset(("alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search", "up"))
"""`rel` words of a `link` that only name an address. Any other makes the browser fetch it, or call it."""

SOURCED = ("audio", "embed", "iframe", "img", "input", "script", "source", "track", "video")
LOADS = (
    *((tag, "src") for tag in SOURCED),
    ("video", "poster"),
    ("object", "data"),
    *((tag, name) for tag in ("image", "use") for name in ("href", "xlink:href")),
)
LINKS = (
    *((tag, name) for tag in ("a", "area") for name in ("href", "xlink:href")),
    ("form", "action"),
    *((tag, "cite") for tag in ("blockquote", "del", "ins", "q")),
)
SRCSETS = (("img", "srcset"), ("source", "srcset"), ("link", "imagesrcset"))
CSS_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)|@import\s+["']([^"']*)["']""")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
REFRESH = re.compile(r"^\s*[\d.]+\s*[;,]?\s*(?:url\s*=\s*)?[\"']?(.*?)[\"']?\s*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Reference:
    file: str
    where: str
    """`a href`, say, or `url()`."""
    target: str
    loads: bool
    """The browser fetches it by itself."""


def faults(site: Path) -> list[str]:
    """Each reference of the site's HTML and CSS that does not hold: `file: where "target": what is wrong`."""
    files = frozenset(_files(site))
    ids: dict[str, frozenset[str]] = {}
    references: list[Reference] = []
    for file in sorted(files):
        if file.endswith(".html"):
            tree = lxml.html.document_fromstring(
                (site / file).read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8")
            )
            ids[file] = frozenset(tree.xpath("//@id")) | frozenset(tree.xpath("//a/@name"))
            references += _of_html(file, tree)
        elif file.endswith(".css"):
            references += _of_css(file, (site / file).read_text(encoding="utf-8"))
    found = ((r, _fault(r, files, ids)) for r in references)
    return [f'{r.file}: {r.where} "{r.target}": {fault}' for r, fault in found if fault]


def _files(site: Path) -> Iterator[str]:
    """What the listings of the folders say, so that letter case counts on every disk."""
    for folder, _, names in os.walk(site):
        for name in names:
            yield (Path(folder) / name).relative_to(site).as_posix()


def _of_html(file: str, tree: lxml.html.HtmlElement) -> Iterator[Reference]:
    for names, loads in ((LOADS, True), (LINKS, False)):
        for tag, name in names:
            for element in tree.iter(tag):
                if name in element.attrib:
                    yield Reference(file, f"{tag} {name}", element.attrib[name], loads)
    for element in tree.iter("link"):
        rel = frozenset(element.get("rel", "").lower().split())
        yield Reference(file, f"link rel={element.get('rel')}", element.get("href", ""), not rel <= NAMING)
    for element in tree.iter("base"):
        yield Reference(file, "base href", element.get("href", ""), loads=False)
    for tag, name in SRCSETS:
        for element in tree.iter(tag):
            for candidate in filter(None, map(str.strip, re.split(r",\s", element.get(name, "")))):
                yield Reference(file, f"{tag} {name}", candidate.split()[0].rstrip(","), loads=True)
    for element in tree.iter("meta"):
        refresh = REFRESH.match(element.get("content", ""))
        if element.get("http-equiv", "").lower() == "refresh" and refresh and refresh[1]:
            yield Reference(file, "meta refresh", refresh[1], loads=False)
    for element in tree.iter("style"):
        yield from _of_css(file, element.text or "")
    for style in tree.xpath("//@style"):
        yield from _of_css(file, style)


def _of_css(file: str, css: str) -> Iterator[Reference]:
    for match in CSS_URL.finditer(CSS_COMMENT.sub("", css)):
        yield Reference(file, "url()", next(filter(None, match.groups()), "").strip(), loads=True)


def _fault(reference: Reference, files: frozenset[str], ids: dict[str, frozenset[str]]) -> str:
    """What is wrong with one reference, or the empty string."""
    target = reference.target.strip()
    if reference.where == "base href":
        return "a base moves every link of the page"
    try:
        url = urlsplit(target)
    except ValueError as error:
        return f"is no address: {error}"
    if url.scheme == "data" and reference.loads:
        return ""
    if url.scheme or url.netloc:
        if reference.loads:
            return "is loaded from elsewhere"
        if url.scheme not in WEB:
            return f"only {', '.join(WEB)} may lead out"
        return "" if url.netloc or url.scheme == "mailto" else "names no host"
    if "\\" in target:
        return "holds a backslash"
    if target.startswith("/"):
        return "is absolute: it breaks below a folder, and with no server"
    if not target and reference.where != "a href":
        return "is empty"
    return _inner_fault(reference.file, unquote(url.path), url.fragment, files, ids)


def _inner_fault(file: str, path: str, fragment: str, files: frozenset[str], ids: dict[str, frozenset[str]]) -> str:
    aim = normpath(join(dirname(file), path)) if path else file
    if aim.split("/")[0] == "..":
        return "leads out of the site"
    if aim not in files or path.endswith("/"):
        return _missing(aim, files)
    fragment = fragment.split(":~:")[0]
    if aim not in ids or fragment in ("", "top") or fragment in ids[aim] or unquote(fragment) in ids[aim]:
        return ""
    return f"no element of {aim} has this id"


def _missing(aim: str, files: frozenset[str]) -> str:
    if any(file.startswith(f"{aim}/") for file in files) or aim == ".":
        return "is a folder: name its index.html"
    if aim in files:
        return "is a file: no slash follows it"
    other = next((file for file in sorted(files) if file.casefold() == aim.casefold()), None)
    return f"the disk spells it {other}" if other else "there is no such file"
