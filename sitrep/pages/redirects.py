"""Redirects from old ids to the entries' present pages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sitrep.corpus.corpus import Key
from sitrep.pages.parts.context import PageContext
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import RedirectPage


def outputs(context: PageContext) -> Iterator[Output]:
    for old, key in context.corpus.redirects.items():
        yield Output(urls.page(*old), "redirect.html", partial(view, context, old, key))


def view(context: PageContext, old: Key, key: Key) -> RedirectPage:
    path = urls.page(*old)
    root = urls.root(path)
    target = context.link(key, root)
    return RedirectPage(
        path=path,
        root=root,
        title=target.text,
        kind="redirect",
        banner=context.banner(key),
        canonical=context.canonical(urls.page(*key)),
        target=target,
    )
