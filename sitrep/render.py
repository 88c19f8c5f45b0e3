"""Views become files: Jinja templates with `page` and `site`, and nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import re
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import msgspec

from sitrep.outputs import Output
from sitrep.templating import Environment
from sitrep.views import Site
from sitrep.words import Words

ASSETS = "assets"
"""The folder of a theme whose files are published, under `theme/`, named by their content."""
OURS = "theme"
"""A template of this program, whatever the project has of that name: `{% extends "theme/article.html" %}`."""
STYLE, OWN = "style.css", "own.css"
"""The style sheet, and what a project's own theme adds to it: a page loads one."""


class TemplateFault(Exception):
    """A template that cannot be used: where, and why."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(message)
        self.file, self.line, self.message = file, line, message


class Renderer:
    """Templates of one theme (the project's own overriding it file by file) and the frame they share.

    The last of `themes` is this program's.
    """

    def __init__(self, themes: list[Path], site: Site, words: Words, environment: Environment | None = None) -> None:
        self.themes = themes
        self.environment = environment or Environment(
            words,
            loader=jinja2.ChoiceLoader(
                [
                    jinja2.PrefixLoader({OURS: jinja2.FileSystemLoader(str(themes[-1]))}),
                    jinja2.FileSystemLoader([str(path) for path in themes]),
                ]
            ),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self.site = site

    def ready(self) -> None:
        """Compile the templates that there are; one that cannot be is told of where it is used."""
        for name in self.environment.list_templates(["html"]):
            with contextlib.suppress(jinja2.TemplateError, UnicodeDecodeError):
                self.environment.get_template(name)

    def files(self, output: Output) -> list[tuple[str, bytes]]:
        """The page, where there is one, and the files beside it. Raises TemplateFault."""
        view = output.view()
        made = []
        if output.path:
            try:
                template = self.environment.get_template(output.template)
                page = template.render(page=view, site=self.site)
            except jinja2.TemplateError as error:
                raise self._fault(output, error) from error
            made.append((output.path, page.encode()))
        contents = ((file.path, file.make(view)) for file in output.beside)
        return made + [(path, encoded(content)) for path, content in contents if content is not None]

    def _fault(self, output: Output, error: jinja2.TemplateError) -> TemplateFault:
        if isinstance(error, jinja2.TemplateSyntaxError):
            return TemplateFault(self._relative(error.filename or error.name or ""), error.lineno, str(error.message))
        if isinstance(error, jinja2.TemplateNotFound):
            return TemplateFault(f"templates/{output.template}", 1, f"there is no template {error.name!r}")
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith((".html", ".xml"))]
        file, line = (frames[-1].filename, frames[-1].lineno or 1) if frames else (output.template, 1)
        return TemplateFault(self._relative(file), line, f"{error.message} (on {output.path})")

    def _relative(self, file: str) -> str:
        for theme in self.themes:
            if file.startswith(str(theme)):
                return "templates" + file[len(str(theme)) :].replace("\\", "/")
        return f"templates/{file}"


class Theme(NamedTuple):
    """The files of one theme, the project's own winning over ours file by file, as they were when it was read."""

    digest: bytes
    """Of all of it."""
    assets: dict[str, tuple[str, bytes]]
    """Name → path on the site, and bytes. The path holds a digest of the content, so that a changed style sheet is
    never taken from a browser's cache."""
    templates: dict[str, bytes]
    """Name → digest of the template and of every template that it may draw on."""

    @classmethod
    def of(cls, themes: list[Path], words: Words) -> Theme:
        assets: dict[str, bytes] = {}
        templates: dict[str, bytes] = {}
        ours: dict[str, bytes] = {}
        for theme in reversed(themes):
            for path in sorted(theme.rglob("*")):
                name = path.relative_to(theme).as_posix()
                if not path.is_file() or any(part.startswith(".") for part in name.split("/")):
                    continue
                if name.startswith(f"{ASSETS}/"):
                    assets[name[len(ASSETS) + 1 :]] = path.read_bytes()
                else:
                    templates[name] = path.read_bytes()
                    if theme == themes[-1]:
                        ours[f"{OURS}/{name}"] = templates[name]
        templates |= ours
        if OWN in assets:
            assets[STYLE] = assets.get(STYLE, b"") + b"\n" + assets.pop(OWN)
        whole = hashlib.blake2b(digest_size=16)
        for name, data in sorted({**templates, **{f"{ASSETS}/{name}": data for name, data in assets.items()}}.items()):
            whole.update(f"{name}\0{len(data)}\0".encode())
            whole.update(data)
        closures = {name: _closure(name, templates) for name in templates}
        said = {name: _said(data, words) if name.endswith(".js") else data for name, data in assets.items()}
        return cls(whole.digest(), _named(said), closures)


_DRAWS = re.compile(rb"""{%-?\s*(?:extends|include|import|from)\s+(?:["']([^"']+)["'])?""")


def _closure(name: str, templates: dict[str, bytes]) -> bytes:
    """The digest of a template and of all that it names; where one is not named plainly, of all there are."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here in found or here not in templates:
            continue
        found[here] = None
        for match in _DRAWS.finditer(templates[here]):
            waiting += [match[1].decode("utf-8", "replace")] if match[1] else templates
    made = hashlib.blake2b(digest_size=16)
    for one in sorted(found):
        made.update(f"{one}\0{len(templates[one])}\0".encode())
        made.update(templates[one])
    return made.digest()


_SAYS = re.compile(rb'"words:([a-z_]+)"')


def _said(script: bytes, words: Words) -> bytes:
    """A script with the words of the catalogue: `"words:GROUP"` in it is that group, as JSON."""
    return _SAYS.sub(lambda match: words.script(match[1].decode()).encode(), script)


def _named(found: dict[str, bytes]) -> dict[str, tuple[str, bytes]]:
    named = {}
    for name, data in sorted(found.items()):
        digest = hashlib.blake2b(data, digest_size=5).hexdigest()
        stem, dot, ending = name.rpartition(".")
        named[name] = (f"theme/{stem}.{digest}.{ending}" if dot else f"theme/{name}.{digest}", data)
    return _pointed(named)


_URL = re.compile(rb"""url\(["']?([\w./-]+)["']?\)""")


def _pointed(named: dict[str, tuple[str, bytes]]) -> dict[str, tuple[str, bytes]]:
    """Style sheets name other assets by what they are called in the theme; make that what they are called here."""

    def swap(match: re.Match[bytes]) -> bytes:
        target = named.get(match[1].decode())
        return b"url(" + target[0].removeprefix("theme/").encode() + b")" if target else match[0]

    return {
        name: (path, _URL.sub(swap, data) if name.endswith(".css") else data) for name, (path, data) in named.items()
    }


def encoded(value: Any) -> bytes:
    """Bytes and text as they are; else JSON for people and machines: indented, in the order of its keys."""
    if isinstance(value, (bytes, str)):
        return value.encode() if isinstance(value, str) else value
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=1) + b"\n"
