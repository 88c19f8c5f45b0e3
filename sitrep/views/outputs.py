"""What is to be written: where, and what makes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

Media = Literal["html", "xml", "feed", "calendar", "data"]
"""What a file is, for the leak guard: in HTML and XML a sentence may be broken by tags, in a feed (Atom or JSON) by
escaped tags, in a calendar by folded lines. Data is searched as it is."""


class Beside(NamedTuple):
    """A file without a template: JSON, a feed, a calendar."""

    path: str
    make: Callable[[Any], Any]
    """View → the file: bytes or text as they are, anything else as JSON; None: there is none."""
    media: Media


class Output(NamedTuple):
    """What is made of one view: a page and the files beside it, or such files alone (then `path` is empty).

    `view` is a function at the top of its module, bound to its arguments by `partial`: a context or what stands for it,
    then plain values (or such functions) that say which page it is. What it makes is kept by those values and by what
    it looks at in the corpus, so it may depend on nothing else. Whoever calls it may be another process.
    """

    path: str
    template: str
    view: Callable[[], Any]
    beside: tuple[Beside, ...] = ()
    about: tuple[str, str] | None = None
    """For the sitemap: kind and id of the thing whose page it is, or the kind that it lists. None: it is not in it."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file it makes."""
        own = (self.path,) if self.path else ()
        return (*own, *(file.path for file in self.beside))

    @property
    def given(self) -> tuple[Any, ...]:
        """What decides what is made, apart from the corpus: functions by name, and plain values."""
        made = [(file.path, _name(file.make)) for file in self.beside]
        arguments = self.view.args[1:] if isinstance(self.view, partial) else ()
        plain = [_name(given) if callable(given) else given for given in arguments]
        function = self.view.func if isinstance(self.view, partial) else self.view
        return (self.path, self.template, _name(function), plain, made)


def _name(function: Any) -> list[Any]:
    """A function by the name it is found by, and the plain values it is given beforehand."""
    if isinstance(function, partial):
        return [*_name(function.func), function.args, function.keywords]
    return [function.__module__, function.__qualname__]


def asset_media(path: str) -> Media:
    """What a file of a theme or of content/assets/ is, by its name: both come from outside."""
    return "xml" if path.endswith((".svg", ".xml", ".html")) else "data"
