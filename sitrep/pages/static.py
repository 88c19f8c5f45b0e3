"""The about and method pages, and the page for unknown addresses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sitrep.model.entries import Prose
from sitrep.pages.parts.context import PageContext
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, TextPage


def outputs(context: PageContext, about: Prose) -> Iterator[Output]:
    yield Output("about.html", "about.html", partial(text, context, "about.html", "about", about), about=("", ""))
    yield Output("method.html", "method.html", partial(text, context, "method.html", "method", Prose()), about=("", ""))
    yield Output("404.html", "404.html", partial(missing, context))


def text(context: PageContext, path: str, kind: str, prose: Prose) -> TextPage:
    title = context.say.term("menu", kind)
    return TextPage(
        path=path,
        root="",
        title=title,
        kind=kind,
        description=context.say("about.described", title=title, site=context.config.title),
        banner=context.banner(),
        canonical=context.canonical(path),
        body=context.prose(prose, ""),
    )


def missing(context: PageContext) -> TextPage:
    """404.html is served for any address, so its links are absolute where the site's address is known."""
    return TextPage(
        path="404.html",
        root=context.config.url.rstrip("/") + "/" if context.config.url else "",
        title=context.say("missing.title"),
        kind="missing",
        banner=context.banner(),
        body=EMPTY,
    )
