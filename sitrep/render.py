"""Views become files: Jinja templates with `page` and `site`, and nothing else."""

from __future__ import annotations

import hashlib
import re
import traceback
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from sitrep.outputs import Output
from sitrep.views import Site

ASSETS = "assets"
"""The folder of a theme whose files are published, under `theme/`, named by their content."""


class TemplateFault(Exception):
    """A template that cannot be used: where, and why."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(message)
        self.file, self.line, self.message = file, line, message


class Renderer:
    """Templates of one theme (the project's own overriding it file by file) and the frame they share."""

    def __init__(self, themes: list[Path], site: Site) -> None:
        self.themes = themes
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader([str(path) for path in themes]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self.site = site

    def files(self, output: Output) -> list[tuple[str, bytes]]:
        """The page and, where there is one, its JSON. Raises TemplateFault."""
        view = output.view()
        try:
            template = self.environment.get_template(output.template)
            page = template.render(page=view, site=self.site)
        except jinja2.TemplateError as error:
            raise self._fault(output, error) from error
        made = [(output.path, page.encode())]
        if output.data_path and output.data:
            made.append((output.data_path, encoded(output.data(view))))
        return made

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


def theme_assets(themes: list[Path]) -> dict[str, tuple[str, bytes]]:
    """Name → (path on the site, bytes) of the theme's assets; a project's own file wins over the theme's.

    The path holds a digest of the content, so that a changed style sheet is never taken from a browser's cache.
    """
    found: dict[str, bytes] = {}
    for theme in reversed(themes):
        folder = theme / ASSETS
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
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
    """JSON for people and machines: indented, in the order of its keys, one newline at the end."""
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=1) + b"\n"
