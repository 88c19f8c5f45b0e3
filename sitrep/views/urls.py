"""Paths of pages and files on the site (`ID.html`, not `ID/index.html`), and relative links to them."""

from __future__ import annotations

from urllib.parse import quote

from sitrep.model.records import Kind


def page(kind: Kind, id: str, number: int = 1) -> str:
    """The path of an entry's page, or of one of its further pages, from the site's root."""
    return f"{kind}/{id}.html" if number == 1 else f"{kind}/{id}/{number}.html"


def data(kind: Kind, id: str) -> str:
    """The path of an entry's JSON."""
    return f"{kind}/{id}.json"


def index(kind: Kind, number: int = 1) -> str:
    """The path of a kind's list, or of one of its further pages."""
    return f"{kind}/index.html" if number == 1 else f"{kind}/page-{number}.html"


def feed(kind: Kind | None, id: str, form: str) -> str:
    """The path of an entry's feed or, without a kind, of a feed of the site. `form`: its format."""
    return f"feeds/{kind}/{id}.{form}" if kind else f"feeds/{id}.{form}"


def digest(period: str, topic: str = "") -> str:
    """The path of the automatic summary of a period, or of a topic in it."""
    return f"briefs/{period}/{topic}.html" if topic else f"briefs/{period}.html"


def cover(brief: str) -> str:
    """The path of the social image of a brief or of an automatic summary."""
    return f"briefs/{brief}.png"


def map_page(number: int = 1) -> str:
    """The path of the map, or of a further page of its places."""
    return "map.html" if number == 1 else f"map/{number}.html"


def root(path: str) -> str:
    """The relative link from a page to the site's root: `""`, `"../"`, `"../../"`."""
    return "../" * path.count("/")


def href(path: str, fragment: str = "") -> str:
    """A path from the site's root, percent-encoded; prefix it with `root(page)` for a link."""
    encoded = path if path.isascii() and "%" not in path else quote(path, safe="/#-_.~")
    return f"{encoded}#{fragment}" if fragment else encoded
