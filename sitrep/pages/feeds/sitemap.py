"""The sitemap (sitemaps.org): every page that should be indexed, with the latest day of its content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from typing import cast

from sitrep.model.records import Kind
from sitrep.pages.feeds.feeds import xml
from sitrep.pages.parts.context import PageContext
from sitrep.pages.parts.dated import Latest
from sitrep.views.outputs import Beside, Output

MOST = 50_000
"""Addresses in one file."""
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
Page = tuple[str, str]
"""Address and latest day."""
Listed = tuple[str, tuple[str, str]]
"""Path, and the entry that the page is about."""


def outputs(context: PageContext, pages: Iterable[Output], most: int = MOST) -> Iterator[Output]:
    """One file, or an index and as many files as needed. A preview has none."""
    if not context.config.url or context.handling.preview:
        return
    addresses = [(page.path, page.about) for page in pages if page.about is not None]
    parts = [addresses[start : start + most] for start in range(0, len(addresses), most)]
    if len(parts) == 1:
        yield Output("", "", partial(days, context, parts[0]), (Beside("sitemap.xml", of_pages, "xml"),))
        return
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    yield Output("", "", partial(index, context, names, parts), (Beside("sitemap.xml", of_files, "xml"),))
    for name, part in zip(names, parts, strict=True):
        yield Output("", "", partial(days, context, part), (Beside(name, of_pages, "xml"),))


def days(context: PageContext, pages: Sequence[Listed]) -> list[Page]:
    """Each page with its latest day. The pages of a long list count as one, since new items shift the others."""
    latest = Latest(context.corpus)

    @cache
    def of(kind: str, id: str) -> str:
        if kind and id:
            return latest.of((cast(Kind, kind), id))
        return latest.of_kind(*([kind] if kind else [])) if kind or id else ""

    return [(_address(context, path), of(*about)) for path, about in pages]


def index(context: PageContext, names: Sequence[str], parts: Sequence[Sequence[Listed]]) -> list[Page]:
    latest = [max(day for _, day in days(context, part)) for part in parts]
    return [(_address(context, name), day) for name, day in zip(names, latest, strict=True)]


def _address(context: PageContext, path: str) -> str:
    return context.canonical("" if path == "index.html" else path)


def of_pages(pages: Sequence[Page]) -> str:
    return _file("urlset", "url", pages)


def of_files(files: Sequence[Page]) -> str:
    return _file("sitemapindex", "sitemap", files)


def _file(element: str, item: str, entries: Sequence[Page]) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{element} xmlns="{NAMESPACE}">']
    for address, day in entries:
        changed = f"<lastmod>{day}</lastmod>" if day else ""
        lines.append(f"<{item}><loc>{xml(address)}</loc>{changed}</{item}>")
    return "\n".join([*lines, f"</{element}>", ""])
