"""The files of a theme: their names on the site, and what each template depends on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sitrep.model.hashing import digested, short

if TYPE_CHECKING:  # a build without changes prints nothing
    from sitrep.i18n.words import Words

ASSETS = "assets"
"""The folder of a theme whose files are published under `theme/`, named by their content."""
OURS = "theme"
"""A template of sitrep's own theme, whatever the project has under that name: `{% extends "theme/article.html" %}`."""
STYLE, OWN = "style.css", "own.css"
"""The style sheet, and what a project's theme adds to it: a page loads both as one."""


class Theme(NamedTuple):
    """The files of one theme, the project's overriding sitrep's file by file, as they were when read."""

    digest: bytes
    """Of all of it."""
    assets: dict[str, tuple[str, bytes]]
    """Name → path on the site, and bytes. The path holds a digest of the content, so that a changed style sheet is
    never taken from a browser's cache."""
    templates: dict[str, bytes]
    """Name → digest of the template and of every template that it may include or extend."""

    @classmethod
    def of(cls, themes: list[Path], words: Words) -> Theme:
        assets: dict[str, bytes] = {}
        templates: dict[str, bytes] = {}
        ours: dict[str, bytes] = {}
        for theme, name, data in _files(themes):
            if name.startswith(f"{ASSETS}/"):
                assets[name[len(ASSETS) + 1 :]] = data
            else:
                templates[name] = data
                if theme == themes[-1]:
                    ours[f"{OURS}/{name}"] = data
        templates |= ours
        if OWN in assets:
            assets[STYLE] = assets.get(STYLE, b"") + b"\n" + assets.pop(OWN)
        whole = hashlib.blake2b(digest_size=16)
        for name, data in sorted({**templates, **{f"{ASSETS}/{name}": data for name, data in assets.items()}}.items()):
            whole.update(f"{name}\0{len(data)}\0".encode())
            whole.update(data)
        closures = {name: _closure(name, templates) for name in templates}
        worded = {name: _with_words(name, data, words) for name, data in assets.items()}
        return cls(whole.digest(), _named(worded), closures)


def mark(themes: Sequence[Path]) -> bytes:
    """The digest of all files of these themes, including their languages."""
    return digested([(themes.index(theme), name, short(data)) for theme, name, data in _files(themes)])


def _files(themes: Sequence[Path]) -> Iterator[tuple[Path, str, bytes]]:
    """The files of themes, the last theme first: theme, name in it, bytes."""
    for theme in reversed(themes):
        for path in sorted(theme.rglob("*")):
            name = path.relative_to(theme).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                yield theme, name, path.read_bytes()


_DRAWS = re.compile(rb"""{%-?\s*(?:extends|include|import|from)\s+(?:["']([^"']+)["'])?""")


def _closure(name: str, templates: dict[str, bytes]) -> bytes:
    """The digest of a template and of all that it names; where a name is not literal, of all templates."""
    names: dict[str, None] = {}
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here in names or here not in templates:
            continue
        names[here] = None
        for match in _DRAWS.finditer(templates[here]):
            waiting += [match[1].decode("utf-8", "replace")] if match[1] else templates
    digest = hashlib.blake2b(digest_size=16)
    for one in sorted(names):
        digest.update(f"{one}\0{len(templates[one])}\0".encode())
        digest.update(templates[one])
    return digest.digest()


_GROUP, _WORD = re.compile(rb'"words:([a-z_]+)"'), re.compile(rb'"words:([a-z_]+\.[a-z_]+)"')


def _with_words(name: str, data: bytes, words: Words) -> bytes:
    """A file with words of the catalogue: in a script `"words:GROUP"` is that group, as JSON, and in a style sheet
    `"words:GROUP.KEY"` that word. What the catalogue does not have stays as it is written."""

    def group(match: re.Match[bytes]) -> bytes:
        name = match[1].decode()
        return words.script(name).encode() if name in words.groups else match[0]

    def word(match: re.Match[bytes]) -> bytes:
        replacement = words.word(*match[1].decode().split(".", 1))
        return _quoted(replacement) if isinstance(replacement, str) else match[0]

    return _GROUP.sub(group, data) if name.endswith(".js") else _WORD.sub(word, data) if name.endswith(".css") else data


def _quoted(text: str) -> bytes:
    """A text as a CSS string."""
    return ('"' + re.sub(r'["\\\n]', lambda match: f"\\{ord(match[0]):x} ", text) + '"').encode()


def _named(assets: dict[str, bytes]) -> dict[str, tuple[str, bytes]]:
    named = {}
    for name, data in sorted(assets.items()):
        digest = hashlib.blake2b(data, digest_size=5).hexdigest()
        stem, dot, ending = name.rpartition(".")
        named[name] = (f"theme/{stem}.{digest}.{ending}" if dot else f"theme/{name}.{digest}", data)
    return _pointed(named)


_URL = re.compile(rb"""url\(["']?([\w./-]+)["']?\)""")


def _pointed(named: dict[str, tuple[str, bytes]]) -> dict[str, tuple[str, bytes]]:
    """Style sheets refer to other assets by their names in the theme; replace these by the published names."""

    def swap(match: re.Match[bytes]) -> bytes:
        target = named.get(match[1].decode())
        return b"url(" + target[0].removeprefix("theme/").encode() + b")" if target else match[0]

    return {
        name: (path, _URL.sub(swap, data) if name.endswith(".css") else data) for name, (path, data) in named.items()
    }
