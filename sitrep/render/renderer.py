"""Renders views to files, with Jinja templates that see only `page` and `site`."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import msgspec

from sitrep.i18n.words import Words
from sitrep.render.jinja import Compiled, Environment
from sitrep.render.theme import OURS
from sitrep.views.outputs import Media, Output
from sitrep.views.pages import Site


class TemplateFault(Exception):
    """An error in a template, with its place."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(message)
        self.file, self.line, self.message = file, line, message


class RenderedFile(NamedTuple):
    path: str
    data: bytes
    media: Media


class Renderer:
    """Templates of one theme (the project's own overriding it file by file) and the frame they share.

    The last of `themes` is sitrep's own.
    """

    def __init__(
        self,
        themes: list[Path],
        site: Site,
        words: Words,
        environment: Environment | None = None,
        compiled: Compiled | None = None,
    ) -> None:
        self.themes = themes
        self.environment = environment or Environment(
            words,
            compiled,
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
        self._arguments = (themes, site, words, None, compiled)

    def __reduce__(self) -> tuple[type[Renderer], tuple[Any, ...]]:
        """Another process loads its own templates."""
        return Renderer, self._arguments

    def ready(self) -> None:
        """Compile all templates; one that cannot be compiled is reported when it is used."""
        for name in self.environment.list_templates(["html"]):
            with contextlib.suppress(jinja2.TemplateError, UnicodeDecodeError):
                self.environment.get_template(name)

    def files(self, output: Output) -> list[RenderedFile]:
        """The page, if the output has one, and the files beside it. Raises TemplateFault."""
        view = output.view()
        files = []
        if output.path:
            try:
                template = self.environment.get_template(output.template)
                page = template.render(page=view, site=self.site)
            except jinja2.TemplateError as error:
                raise self._fault(output, error) from error
            files.append(RenderedFile(output.path, page.encode(), "html"))
        for file in output.beside:
            if (content := file.make(view)) is not None:
                files.append(RenderedFile(file.path, encoded(content), file.media))
        return files

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


def encoded(value: Any) -> bytes:
    """Bytes and text unchanged; anything else as indented JSON in the order of its keys."""
    if isinstance(value, (bytes, str)):
        return value.encode() if isinstance(value, str) else value
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=1) + b"\n"
