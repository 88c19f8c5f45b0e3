"""Text in charts: cleaned, measured, wrapped and truncated; and the SVG elements that all charts are written with.

The reader's font is unknown. Widths are those of Noto Sans, which is wider than most fonts, plus a margin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from markupsafe import Markup

from sitrep.model.records import STANCES
from sitrep.views.pages import escape_text, markup

SIGNS = {"denies": "−", "doubts": "?", "withholds": "…", "silent": "○"}
"""The signs that the style sheet uses; assertions have none."""
WIDER = 1.03
BOLDER = 1.08
ELLIPSIS = "…"
_WIDTHS = {
    c: share / 100
    for share, letters in {
        27: " \u00a0!',.:;J`ijl·‘’",
        33: "-I[]()f",
        39: '/\\t{}"?r“”',
        48: "_csz–",
        54: "*FLSkvxy|",
        58: "0123456789$+<=>ETYZ^ae~−×",
        63: "#ABCKPRVXbdghnopqu†‡",
        76: "&DGHNOQUw",
        82: "%…",
        92: "@MWm—→",
    }.items()
    for c in letters
}
_DROPPED = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF, 0xFFFE, 0xFFFF}
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """The text in one line, without control characters (which XML forbids) and without marks that change direction."""
    if text.isprintable():  # then it has neither, and no white space except blanks
        return " ".join(text.split())
    legal = (c for c in text if ord(c) not in _DROPPED and (c.isspace() or unicodedata.category(c) not in ("Cc", "Cs")))
    return " ".join("".join(legal).split())


@lru_cache(maxsize=4096)
def width(text: str, size: float = 13, bold: bool = False) -> float:
    """An upper bound of the width of a text, in the units of `size`."""
    return sum(map(_share, text)) * size * WIDER * (BOLDER if bold else 1)


@lru_cache(maxsize=4096)
def _share(c: str) -> float:
    if c in _WIDTHS:
        return _WIDTHS[c]
    if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Cf"):
        return 0
    if unicodedata.east_asian_width(c) in "WF" or ord(c) > 0xFFFF:
        return 1.05
    return 0.66 if c.islower() else 0.8


def wrap(text: str, widest: float, size: float = 13, bold: bool = False) -> tuple[str, ...]:
    """A text in one line, or in two of about equal length, none wider than `widest`; truncated if it does not fit."""
    if width(text, size, bold) <= widest:
        return (text,)
    first = ""
    best: tuple[float, tuple[str, str]] | None = None
    for end in _breaks(text):
        halves = (text[:end].rstrip(), text[end:].lstrip())
        longer = max(width(half, size, bold) for half in halves)
        if longer <= widest and all(halves) and (best is None or longer < best[0]):
            best = (longer, halves)
        if width(halves[0], size, bold) > widest:
            break
        first = halves[0]
    if best:
        return best[1]
    first = first or _prefix(text, widest, size, bold)
    return (first, truncate(text[len(first) :].lstrip(), widest, size, bold))


def _breaks(text: str) -> Iterator[int]:
    """Where a line may end: after a space, a hyphen or a slash, and beside a character of a script without spaces."""
    for n in range(1, len(text) + 1):
        if n == len(text) or text[n - 1] in " -/" or _is_wide(text[n - 1]) or _is_wide(text[n]):
            yield n


def _is_wide(c: str) -> bool:
    return unicodedata.east_asian_width(c) in "WF"


def truncate(text: str, widest: float, size: float = 13, bold: bool = False) -> str:
    """A text in one line, with an ellipsis if it is too wide."""
    if width(text, size, bold) <= widest:
        return text
    return _prefix(text, widest - width(ELLIPSIS, size, bold), size, bold).rstrip(" ,;:.-") + ELLIPSIS


def _prefix(text: str, widest: float, size: float, bold: bool) -> str:
    """As many characters as fit, at least one, each with its combining marks."""
    end = 1
    while end < len(text) and width(text[: end + 1], size, bold) <= widest:
        end += 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return text[:end]


def stance_class(stance: str) -> str:
    """The CSS class of a stance; that of assertions for an unknown stance."""
    return stance if stance in STANCES else "asserts"


# -- SVG --------------------------------------------------------------------------------------------------------------


def tag(name: str, *inside: str | Markup, **attributes: str | float | None) -> Markup:
    """An element. Text is escaped; underscores in attribute names become hyphens; None omits an attribute."""
    start = "<" + name
    for key, value in attributes.items():
        if value is not None:
            text = escape_text(value) if isinstance(value, str) else number(value)
            start += f' {_attribute(key)}="{text}"'
    if not inside:
        return markup(start + "/>")
    content = "".join([part if part.__class__ is Markup else escape_text(part) for part in inside])
    return markup(f"{start}>{content}</{name}>")


@lru_cache(maxsize=64)
def _attribute(key: str) -> str:
    return key if key in ("viewBox", "preserveAspectRatio") else key.rstrip("_").replace("_", "-")


def number(value: float) -> str:
    """A coordinate with at most two decimals, without an exponent or a negative zero."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent(share: float) -> str:
    return f"{number(share)}%"


def link_group(href: str, inside: Markup) -> Markup:
    """A link if there is an address with a scheme that pages may link to; otherwise a plain group."""
    scheme = _SCHEME.match("".join(c for c in href if c > " "))
    if not href or (scheme and scheme[0].lower() not in ("http:", "https:", "mailto:")):
        return tag("g", inside)
    return tag("a", inside, href=clean(href))


def svg_chart(
    inside: Markup,
    ident: str,
    title: str,
    description: str,
    *,
    size: tuple[float, float] | None = None,
    fills: bool = False,
    height: str = "",
    kind: str = "",
) -> Markup:
    """A whole chart: of a fixed `size` in units of 1/16 rem, or as wide as its container and of this CSS `height`.

    With `fills`, a chart of a fixed size is scaled to the width of its container. The role is `group`, not `img`:
    assistive technology hides the links inside an image.
    """
    across, down = (number(side) for side in size) if size else ("", "")
    rems = [f"{number(side / 16)}rem" for side in size] if size and not fills else None
    ident = "-".join(clean(ident).split()) or "drawing"
    return tag(
        "svg",
        tag("title", clean(title), id=f"{ident}-title"),
        tag("desc", clean(description), id=f"{ident}-desc"),
        inside,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"chart {kind}".strip(),
        role="group",
        aria_labelledby=f"{ident}-title",
        aria_describedby=f"{ident}-desc",
        direction="ltr",
        paint_order="stroke",
        width=rems[0] if rems else None if size else "100%",
        height=rems[1] if rems else height or None,
        viewBox=f"0 0 {across} {down}" if size else None,
    )
