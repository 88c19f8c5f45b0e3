"""About, method, and the page for addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sitrep.model.entries import Prose
from sitrep.pages.parts.context import PageContext
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, TextPage


def outputs(desk: PageContext, about: Prose) -> Iterator[Output]:
    yield Output("about.html", "about.html", partial(text, desk, "about.html", "about", about), about=("", ""))
    yield Output("method.html", "method.html", partial(text, desk, "method.html", "method", Prose()), about=("", ""))
    yield Output("404.html", "404.html", partial(missing, desk))


def text(desk: PageContext, path: str, kind: str, prose: Prose) -> TextPage:
    title = desk.say.term("menu", kind)
    return TextPage(
        path=path,
        root="",
        title=title,
        kind=kind,
        description=desk.say("about.described", title=title, site=desk.config.title),
        banner=desk.banner(),
        canonical=desk.canonical(path),
        body=desk.prose(prose, ""),
    )


def missing(desk: PageContext) -> TextPage:
    """404.html is served for any address, so its links are whole where the site's own address is known."""
    return TextPage(
        path="404.html",
        root=desk.config.url.rstrip("/") + "/" if desk.config.url else "",
        title=desk.say("missing.title"),
        kind="missing",
        banner=desk.banner(),
        body=EMPTY,
    )
