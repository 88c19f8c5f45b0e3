"""The outputs of a site: the path of each file, and the functions that make it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

Media = Literal["html", "xml", "feed", "calendar", "data"]
"""How the leak guard searches a file: tags may interrupt a sentence in HTML and XML, escaped tags in a feed (Atom or
JSON), folded lines in a calendar. Data is searched unchanged."""


class Beside(NamedTuple):
    """A file without a template: JSON, a feed, a calendar."""

    path: str
    make: Callable[[Any], Any]
    """The view → the content: bytes or text, or an object to encode as JSON; None for no file."""
    media: Media


class Output(NamedTuple):
    """The files made from one view: a page and files beside it, or only such files (then `path` is empty).

    `view` is a top-level function, bound to its arguments by `partial`: a context, then plain values (or such
    functions) that identify the page. Its result is cached by these values and by its lookups in the corpus, so it must
    not depend on anything else. It may run in another process.
    """

    path: str
    template: str
    view: Callable[[], Any]
    beside: tuple[Beside, ...] = ()
    about: tuple[str, str] | None = None
    """For the sitemap: kind and id of the page's entry, or the kind that it lists. None: not in the sitemap."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all its files."""
        own = (self.path,) if self.path else ()
        return (*own, *(file.path for file in self.beside))

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The inputs of its files apart from the corpus: functions by name, and plain values."""
        beside = [(file.path, _name(file.make)) for file in self.beside]
        arguments = self.view.args[1:] if isinstance(self.view, partial) else ()
        plain = [_name(argument) if callable(argument) else argument for argument in arguments]
        function = self.view.func if isinstance(self.view, partial) else self.view
        return (self.path, self.template, _name(function), plain, beside)


def _name(function: Any) -> list[Any]:
    """The qualified name of a function, with the arguments that are bound to it."""
    if isinstance(function, partial):
        return [*_name(function.func), function.args, function.keywords]
    return [function.__module__, function.__qualname__]


def asset_media(path: str) -> Media:
    """The kind of a file of a theme or of content/assets/, by its suffix, since its content is not ours."""
    return "xml" if path.endswith((".svg", ".xml", ".html")) else "data"
