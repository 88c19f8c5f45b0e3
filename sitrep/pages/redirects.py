"""Old ids lead to the pages that bear them no more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sitrep.corpus.corpus import Key
from sitrep.pages.parts.context import PageContext
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import RedirectPage


def outputs(desk: PageContext) -> Iterator[Output]:
    for old, key in desk.corpus.former.items():
        yield Output(urls.page(*old), "redirect.html", partial(view, desk, old, key))


def view(desk: PageContext, old: Key, key: Key) -> RedirectPage:
    path = urls.page(*old)
    root = urls.root(path)
    target = desk.link(key, root)
    return RedirectPage(
        path=path,
        root=root,
        title=target.text,
        kind="redirect",
        banner=desk.banner(key),
        canonical=desk.canonical(urls.page(*key)),
        target=target,
    )
