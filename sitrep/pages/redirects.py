"""Old ids lead to the pages that bear them no more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sitrep import urls
from sitrep.corpus import Key
from sitrep.outputs import Output
from sitrep.pages.desk import Desk
from sitrep.views import RedirectPage


def outputs(desk: Desk) -> Iterator[Output]:
    for old, key in desk.corpus.former.items():
        yield Output(urls.page(*old), "redirect.html", partial(view, desk, old, key))


def view(desk: Desk, old: Key, key: Key) -> RedirectPage:
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
