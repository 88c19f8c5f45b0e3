"""Text in drawings: cleaned, measured, broken into lines, and written as SVG.

Nothing here knows the reader's font. Widths are those of Noto Sans, which is wider than most others, and a little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from markupsafe import Markup

from sitrep.views.pages import escape_text, markup

STANCES = ("asserts", "denies", "doubts", "withholds", "silent")
SIGNS = {"denies": "−", "doubts": "?", "withholds": "…", "silent": "○"}
"""As the style sheet has them; what asserts needs none."""
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
    """One line that may stand in XML and beside other text: no control characters, no marks that turn the direction."""
    if text.isprintable():  # then it has neither, and no white space but blanks
        return " ".join(text.split())
    kept = (c for c in text if ord(c) not in _DROPPED and (c.isspace() or unicodedata.category(c) not in ("Cc", "Cs")))
    return " ".join("".join(kept).split())


@lru_cache(maxsize=4096)
def width(text: str, size: float = 13, bold: bool = False) -> float:
    """How wide a text is at most, in the units of `size`."""
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


def lines(text: str, widest: float, size: float = 13, bold: bool = False) -> tuple[str, ...]:
    """A text in one line or two of about equal length, none wider than `widest`; what does not fit is cut off."""
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
    first = first or _taken(text, widest, size, bold)
    return (first, cut(text[len(first) :].lstrip(), widest, size, bold))


def _breaks(text: str) -> Iterator[int]:
    """Where a line may end: after a space or a hyphen, and before and after a character of a script without spaces."""
    for n in range(1, len(text) + 1):
        if n == len(text) or text[n - 1] in " -/" or _is_wide(text[n - 1]) or _is_wide(text[n]):
            yield n


def _is_wide(c: str) -> bool:
    return unicodedata.east_asian_width(c) in "WF"


def cut(text: str, widest: float, size: float = 13, bold: bool = False) -> str:
    """As much of a text as fits in one line."""
    if width(text, size, bold) <= widest:
        return text
    return _taken(text, widest - width(ELLIPSIS, size, bold), size, bold).rstrip(" ,;:.-") + ELLIPSIS


def _taken(text: str, widest: float, size: float, bold: bool) -> str:
    """As many characters as fit, at least one, and none parted from its combining marks."""
    end = 1
    while end < len(text) and width(text[: end + 1], size, bold) <= widest:
        end += 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return text[:end]


def manner(stance: str) -> str:
    """The class of a stance, whatever it is called."""
    return stance if stance in STANCES else "asserts"


# -- SVG --------------------------------------------------------------------------------------------------------------


def tag(name: str, *inside: str | Markup, **attributes: str | float | None) -> Markup:
    """An element. Text is escaped; `class_`, `stroke_width` and the like are written with hyphens; None is left out."""
    made = "<" + name
    for key, value in attributes.items():
        if value is not None:
            written = escape_text(value) if isinstance(value, str) else number(value)
            made += f' {_attribute(key)}="{written}"'
    if not inside:
        return markup(made + "/>")
    within = "".join([part if part.__class__ is Markup else escape_text(part) for part in inside])
    return markup(f"{made}>{within}</{name}>")


@lru_cache(maxsize=64)
def _attribute(key: str) -> str:
    return key if key in ("viewBox", "preserveAspectRatio") else key.rstrip("_").replace("_", "-")


def number(value: float) -> str:
    """A coordinate: two decimals at most, never an exponent, never a negative zero."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def linked(href: str, inside: Markup) -> Markup:
    """A group, and a link where there is an address that a page may lead to."""
    scheme = _SCHEME.match("".join(c for c in href if c > " "))
    if not href or (scheme and scheme[0].lower() not in ("http:", "https:", "mailto:")):
        return tag("g", inside)
    return tag("a", inside, href=clean(href))


def framed(
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
    """A whole drawing: of a size in units of its own, 16 to a rem, or of all the width there is and of this height.

    With `fills` one of a size takes the width there is. Its role is a group, not an image: the links inside an image
    would be hidden from a reader.
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
