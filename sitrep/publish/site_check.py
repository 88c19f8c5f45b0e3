"""Checks a built site from outside before it is published: `sitrep check --site DIR`.

Every file of the manifest must exist with the bytes that the build wrote, and nothing else; the site is no preview; it
contains nothing that GitHub Pages refuses; and every link of its pages and style sheets leads to an existing target,
letter for letter.

"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from functools import partial
from html import unescape
from pathlib import Path
from posixpath import normpath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sitrep.parallel.pool import Each
from sitrep.problems import ERROR, Problem, Unusable, in_order
from sitrep.project import Project, printable_name
from sitrep.publish.output_folder import MANIFEST, PREVIEW, digest

LARGEST = 1_000_000_000
"""The size limit of GitHub Pages, in bytes."""
READABLE = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
ENTERED = READABLE | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


class _Looked(NamedTuple):
    """The result of reading one file of the site."""

    file: str
    digest: str
    problems: list[Problem]
    ids: frozenset[str]
    wanted: list[tuple[str, str, int, int]]
    """(file, fragment, line, column) of each link to a place in a page."""


def check_site(project: Project, site: Path, each: Each) -> list[Problem]:
    """Every reason not to publish a folder. Raises Unusable if the folder does not exist."""
    if not site.is_dir():
        raise Unusable(f"there is no folder {site}")
    try:
        above = site.relative_to(project.root).as_posix() + "/"
    except ValueError:
        above = f"{site.as_posix()}/"
    files, problems = _walked(site)
    manifest = _manifest(site, problems)
    files_read: dict[str, _Looked] = {}
    base = project.config.url.rstrip("/") + "/" if project.config.url else ""
    names = frozenset(files)
    folded = {name.casefold(): name for name in files}
    for looked in each(partial(_look, site, names, folded, base), sorted(names - {MANIFEST})):
        files_read[looked.file] = looked
        known = any(p.code == "site-preview" for p in problems)  # reported once, not for each of its pages
        problems += [p for p in looked.problems if not (known and p.code == "site-preview")]
    problems += _fragments(files_read)
    if manifest is not None:
        problems += _compared(manifest, files_read)
    if sum(files.values()) > LARGEST:
        message = f"the site has {sum(files.values()) / 1e6:,.0f} MB; GitHub Pages takes {LARGEST / 1e6:,.0f}"
        problems.append(_problem("", "site-size", message, "publish fewer or smaller images"))
    return in_order(_under(above, problem) for problem in problems)


def _under(above: str, problem: Problem) -> Problem:
    import msgspec

    return msgspec.structs.replace(problem, file=above + problem.file if problem.file else "")


def _problem(file: str, code: str, message: str, hint: str = "", line: int = 0, column: int = 0) -> Problem:
    return Problem(code=code, severity=ERROR, file=file, message=message, hint=hint, line=line, column=column)


# -- files ------------------------------------------------------------------------------------------------------------


def _walked(site: Path) -> tuple[dict[str, int], list[Problem]]:
    """Path → size of every regular file, and everything that is not a regular file or not readable by all."""
    files: dict[str, int] = {}
    problems: list[Problem] = []

    def refuse(file: str, message: str, hint: str) -> None:
        problems.append(_problem(file, "site-file", message, hint))

    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(site / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            mode = (site / folder).stat().st_mode
        except OSError as error:
            refuse(printable_name(folder) or ".", f"cannot be read: {error.strerror}", "chmod -R a+rX")
            continue
        if mode & ENTERED != ENTERED:
            refuse(printable_name(folder) or ".", "not everyone may read this folder", "chmod -R a+rX")
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            there = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(there.st_mode):
                waiting.append(name)
            elif stat.S_ISLNK(there.st_mode):
                refuse(printable_name(name), "is a symbolic link", "put the file itself there")
            elif not stat.S_ISREG(there.st_mode):
                refuse(printable_name(name), "is no plain file", "delete it")
            else:
                files[name] = there.st_size
                if there.st_nlink > 1:
                    refuse(printable_name(name), "is a hard link: it has another name", "put a copy there")
                if there.st_mode & READABLE != READABLE:
                    refuse(printable_name(name), "not everyone may read this file", "chmod -R a+rX")
    return files, problems


def _manifest(site: Path, problems: list[Problem]) -> dict[str, str] | None:
    try:
        manifest = json.loads((site / MANIFEST).read_bytes())
        files = {str(name): str(value) for name, value in manifest["files"].items()}
        preview = bool(manifest["preview"])
    except FileNotFoundError:
        problems.append(_problem(MANIFEST, "site-missing", "the manifest is missing", "build the site again"))
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        problems.append(_problem(MANIFEST, "site-changed", "the manifest cannot be read", "build the site again"))
        return None
    if preview:
        problems.append(_problem(MANIFEST, "site-preview", "this is a preview", "run: sitrep build"))
    return files


def _compared(manifest: dict[str, str], files: dict[str, _Looked]) -> Iterator[Problem]:
    for name in sorted(manifest.keys() - files.keys()):
        yield _problem(
            printable_name(name),
            "site-missing",
            "the build wrote this file, but it is missing",
            "build the site again",
        )
    for name, looked in files.items():
        if name not in manifest:
            yield _problem(printable_name(name), "site-unknown", "the build did not write this file", "delete it")
        elif manifest[name] != looked.digest:
            message = (
                "this file is not as the build wrote it" if manifest[name] else "the build of this file did not end"
            )
            yield _problem(printable_name(name), "site-changed", message, "build the site again")


# -- links ------------------------------------------------------------------------------------------------------------

_OPAQUE = re.compile(r"<!--.*?-->|(<(script|style)\b[^>]*>)(.*?)</\2\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"""<([a-zA-Z][^\s/>]*)([^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_CSS_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)|@import\s+["']([^"']*)["']""")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_REFRESH = re.compile(r"^\s*[\d.]+\s*[;,]?\s*(?:url\s*=\s*)?[\"']?(.*?)[\"']?\s*$", re.IGNORECASE | re.DOTALL)
_ADDRESSES = {"href", "src", "srcset", "imagesrcset", "poster", "data", "action", "formaction", "cite", "xlink:href"}
_NAMING = {"alternate", "author", "canonical", "help", "license", "me", "next", "prev", "search", "up"}
"""`rel` values of a `link` that only name an address; with any other the browser fetches it."""
_LEADING = {"a", "area", "form", "blockquote", "q", "ins", "del"}
_RIBBON = re.compile(r"""class\s*=\s*["']?[^"'>]*\bribbon\b""")


class _Link(NamedTuple):
    target: str
    at: int
    loads: bool
    """Whether the browser fetches it by itself."""
    own: bool = False
    """An absolute address of this site."""


def _look(site: Path, names: frozenset[str], folded: dict[str, str], base: str, name: str) -> _Looked:
    """Read one file: its digest and, for a page or a style sheet, its links."""
    try:
        data = (site / name).read_bytes()
    except OSError as error:
        problem = _problem(printable_name(name), "site-file", f"cannot be read: {error.strerror}", "chmod -R a+rX")
        return _Looked(name, "", [problem], frozenset(), [])
    problems: list[Problem] = []
    wanted: list[tuple[str, str, int, int]] = []
    ids: frozenset[str] = frozenset()
    if name == PREVIEW:
        problems.append(_problem(name, "site-preview", "this is a preview", "run: sitrep build"))
    if name.endswith((".html", ".htm", ".css", ".svg")):
        text = data.decode("utf-8", "replace")
        links: Iterable[_Link]
        if name.endswith(".css"):
            links = _of_css(text, 0)
        else:
            page_text, links, ribbon = _of_page(text)
            ids = frozenset(page_text)
            if ribbon >= 0:
                line, column = _position(text, ribbon)
                problems.append(
                    _problem(
                        name, "site-preview", "this page says that it is a preview", "run: sitrep build", line, column
                    )
                )
        reported: set[str] = set()
        for link in links:
            if link.target in reported:
                continue
            reported.add(link.target)
            fault, file, fragment = _followed(name, link, names, folded, base)
            if fault:
                line, column = _position(text, link.at)
                where = link.target if len(link.target) <= 100 else link.target[:99] + "…"
                problems.append(_problem(printable_name(name), "site-link", f"“{where}” {fault}", "", line, column))
            elif fragment:
                wanted.append((file, fragment, *_position(text, link.at)))
    return _Looked(name, digest(data), problems, ids, wanted)


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _of_page(text: str) -> tuple[list[str], list[_Link], int]:
    """Its ids, its links, and the position at which it says that it is a preview (-1: it does not)."""
    ids: list[str] = []
    links: list[_Link] = []
    ribbon = -1
    if "<!--" in text or "<s" in text:
        for match in _OPAQUE.finditer(text):
            if (match[2] or "").lower() == "style":
                links += _of_css(match[3], match.start(3))
        text = _OPAQUE.sub(lambda m: (m[1] or "").ljust(len(m[0])), text)
    for tag in _TAG.finditer(text):
        attributes = tag[2]
        if "=" not in attributes:
            continue
        element = tag[1].lower()
        values = {m[1].lower(): (m.start(), m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(attributes)}
        if "id" in values:
            ids.append(unescape(values["id"][1]))
        if element == "a" and "name" in values:
            ids.append(unescape(values["name"][1]))
        if ribbon < 0 and "ribbon" in attributes and _RIBBON.search(attributes):
            ribbon = tag.start()
        if "style" in values:
            links += _of_css(unescape(values["style"][1]), tag.start(), inner=False)
        if element == "meta" and values.get("http-equiv", (0, ""))[1].lower() == "refresh":
            refresh = _REFRESH.match(unescape(values.get("content", (0, ""))[1]))
            links += [_Link(refresh[1], tag.start(), False)] if refresh and refresh[1] else []
        for key, (at, raw) in values.items():
            if key not in _ADDRESSES:
                continue
            value = unescape(raw).strip()
            loads = element not in _LEADING and key != "cite"
            rel = set(values.get("rel", (0, ""))[1].lower().split()) if element == "link" else set()
            loads = not rel <= _NAMING if element == "link" else loads
            many = [part.split()[0] for part in value.split(",") if part.strip()] if "srcset" in key else [value]
            if "srcset" in key and value.startswith("data:"):
                many = []
            links += [_Link(target, tag.start(2) + at, loads, "canonical" in rel) for target in many]
    return ids, links, ribbon


def _of_css(css: str, start: int, *, inner: bool = True) -> list[_Link]:
    """The addresses in a style sheet that begins at `start` of its file; without `inner`, all at `start` itself."""
    blank = _CSS_COMMENT.sub(lambda m: " " * len(m[0]), css)
    addresses = ((next(filter(None, m.groups()), "").strip(), m.start()) for m in _CSS_URL.finditer(blank))
    return [_Link(target, start + at if inner else start, True) for target, at in addresses]


def _followed(file: str, link: _Link, names: frozenset[str], folded: dict[str, str], base: str) -> tuple[str, str, str]:
    """What is wrong with a link, or the file it leads to and the fragment that must exist.

    404.html is served at any address: its links are absolute, or begin at the server's root.

    """
    target = link.target
    anywhere = file == "404.html"
    if base and (anywhere or link.own) and target.startswith(base):
        file, target = "index.html", target[len(base) :] or "index.html"
    elif base and anywhere and target.startswith("/") and not target.startswith("//"):
        path = urlsplit(base).path
        if not target.startswith(path):
            return f"does not begin with {path}, where the site will stand", "", ""
        file, target = "index.html", target[len(path) :] or "index.html"
    elif base and anywhere and _RELATIVE.match(target):
        return "is relative, and this page is shown at any address", "", ""
    try:
        url = urlsplit(target)
    except ValueError:
        return "is no address", "", ""
    if url.scheme == "data" and link.loads:
        return "", "", ""
    if url.scheme or url.netloc:
        if link.loads:
            return "is loaded from elsewhere", "", ""
        if url.scheme not in ("http", "https", "mailto"):
            return "leads out by another way than http, https or mailto", "", ""
        return ("" if url.netloc or url.scheme == "mailto" else "names no host"), "", ""
    if "\\" in target:
        return "holds a backslash", "", ""
    path = unquote(url.path)
    if path.startswith("/"):
        return "is absolute: it breaks below a folder, and with no server", "", ""
    if not target and link.loads:
        return "is empty", "", ""
    aim = normpath(f"{file.rpartition('/')[0]}/{path}".lstrip("/")) if path else file
    fault = _missing(aim, path, names, folded)
    fragment = url.fragment.split(":~:")[0] if aim.endswith((".html", ".htm", ".svg")) else ""
    return fault, aim, "" if fragment == "top" else fragment


_RELATIVE = re.compile(r"(?![a-zA-Z][a-zA-Z0-9+.-]*:|[/#?]|$)")


def _missing(aim: str, path: str, names: frozenset[str], folded: dict[str, str]) -> str:
    if aim == ".." or aim.startswith("../"):
        return "leads out of the site"
    if path.endswith("/") or aim == ".":
        return "leads to a folder: name its index.html"
    if aim in names:
        return ""
    if any(name.startswith(f"{aim}/") for name in names):
        return "leads to a folder: name its index.html"
    other = folded.get(aim.casefold())
    return f"leads nowhere: the file is spelt {other}" if other else "leads nowhere"


def _fragments(files: dict[str, _Looked]) -> Iterator[Problem]:
    for name, looked in files.items():
        for file, fragment, line, column in looked.wanted:
            ids = files[file].ids if file in files else frozenset()
            if fragment not in ids and unquote(fragment) not in ids:
                message = f"“#{fragment}” leads nowhere in {printable_name(file)}"
                yield _problem(printable_name(name), "site-link", message, "", line, column)
