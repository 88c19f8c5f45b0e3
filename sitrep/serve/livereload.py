"""Serves a page as built, with the additions of the preview server: problems, and the script that keeps it up to
date."""

from __future__ import annotations

import hashlib
import re
from html import escape, unescape
from posixpath import dirname, join, normpath
from urllib.parse import quote, unquote

from sitrep.problems import Problem
from sitrep.serve.versions import SiteVersion

LIVE = "/_live.js"
STYLE = "/_live.css"
MISSING = "404.html"

_SHEET = re.compile(rb"""(<link\b[^>]*\brel="stylesheet"[^>]*\bhref=")([^"]*)("[^>]*>)""")
_LOADED = re.compile(rb"""\ssrc="([^":]+)\"""")
_MAIN = re.compile(rb"<main\b[^>]*>")
_BODY = re.compile(rb"<body\b[^>]*>")
_RELATIVE = re.compile(rb"""(\s(?:href|src)=")(?![a-z][a-z0-9+.-]*:|[/#"])""", re.IGNORECASE)


def served(generation: SiteVersion, path: str, data: bytes, *, problems: bool) -> bytes:
    """The page with its problems and the script that keeps it up to date.

    Where `path` is no page of the site, `data` is 404.html.

    """
    problems_here = generation.problems.get(path, ()) if problems else ()
    if path not in generation.files or path == MISSING:
        data = _anywhere(generation, data)
    shape, _ = looks(generation, path, data, problems_here)
    tag = f'<script defer src="{LIVE}" data-path="{escape(path)}" data-shape="{shape}"></script>\n'.encode()
    if problems_here:
        tag = f'<link rel="stylesheet" href="{STYLE}">'.encode() + tag
        place = _MAIN.search(data) or _BODY.search(data)
        at = place.end() if place else 0
        data = data[:at] + _box(problems_here).encode() + data[at:]
    end = data.rfind(b"</head>")
    return data[:end] + tag + data[end:] if end >= 0 else data + tag


def seen(generation: SiteVersion, path: str, *, problems: bool) -> tuple[str, list[str]]:
    """The result of `looks` for the present state of a page, or of the 404 page in its place."""
    place = file_of(generation, path)
    data = generation.read(place)
    if data is None:
        return "", []
    if place == MISSING:
        data = _anywhere(generation, data)
    return looks(generation, path, data, generation.problems.get(path, ()) if problems else ())


def file_of(generation: SiteVersion, path: str) -> str:
    """The file served for a path of the site."""
    return path if path in generation.files else MISSING


def looks(generation: SiteVersion, path: str, data: bytes, problems: tuple[Problem, ...]) -> tuple[str, list[str]]:
    """A digest of everything visible in a page except its style sheets, and the addresses of those.

    Files that the page loads count: an image may change behind an unchanged address.
    """
    sheets = [unescape(match[2].decode()) for match in _SHEET.finditer(data)]
    shape = hashlib.blake2b(_SHEET.sub(rb"\1\3", data), digest_size=12)
    for match in _LOADED.finditer(data):
        address = unquote(unescape(match[1].decode()))
        shape.update(generation.files.get(normpath(join(dirname(path), address)), "").encode())
    for problem in problems:
        shape.update(str(problem).encode())
    return shape.hexdigest(), sheets


def _anywhere(generation: SiteVersion, data: bytes) -> bytes:
    """404.html is served for any address: its links must work from there, and on this server."""
    base = quote(generation.base).encode()
    if generation.url:
        data = data.replace(b'="' + escape(generation.url.rstrip("/") + "/").encode(), b'="' + base)
    return _RELATIVE.sub(lambda match: match[1] + base, data)


def _box(problems: tuple[Problem, ...]) -> str:
    lines = "".join(line(problem) for problem in problems)
    count = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
    return f'<aside class="sitrep-problems" aria-label="Problems"><p>{count} here</p><ul>{lines}</ul></aside>'


def line(problem: Problem) -> str:
    """A problem as an item of a list."""
    hint = f" <span>({escape(problem.hint)})</span>" if problem.hint else ""
    where = f"<code>{escape(problem.place)}</code> " if problem.file else ""
    what = f"<b>{problem.severity}</b> {escape(problem.message)}"
    return f'<li data-severity="{problem.severity}">{where}{what}{hint} <i>[{escape(problem.code)}]</i></li>'


def waiting(message: str, problems: list[Problem]) -> bytes:
    """The page shown before there is a site."""
    lines = "".join(line(problem) for problem in problems)
    listed = f'<div class="sitrep-problems"><ul>{lines}</ul></div>' if lines else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>sitrep</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{STYLE}">'
        f'<script defer src="{LIVE}" data-path="" data-shape=""></script></head>'
        f'<body class="sitrep-waiting"><main><h1>{escape(message)}</h1>{listed}</main></body></html>'
    ).encode()
