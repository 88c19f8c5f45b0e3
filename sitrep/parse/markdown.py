"""Markdown, or plain lines, become safe HTML and the plain text that readers see on the page.

The text is exactly the HTML's text content, as a browser's `textContent` gives it. Quotes are searched for in it, and
spans of it are marked in the HTML. Articles are other people's words, so raw HTML is shown as text, only allowed tags
and link targets remain (`nh3` parses the result as a browser would), and the time for one document is bounded.

"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape, unescape
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import markdown
import nh3
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, ETX, INLINE_PLACEHOLDER_PREFIX, STX

from sitrep.model.entries import Prose
from sitrep.parse import markdown_fast
from sitrep.parse.text import printable
from sitrep.problems import ERROR, WARNING, Problem

SECONDS = 4.0
"""Processor time (user, in seconds) that one document may take; ordinary ones take a thousandth of it."""
MAX_CHARACTERS = 1_000_000
EXTENSIONS = (TableExtension, FencedCodeExtension, SaneListExtension, FootnoteExtension)
"""Extensions as objects: given by name, the metadata of all installed packages would be searched."""
WIKI = re.compile(r"\[\[([^\[\]|\n]{1,200})(?:\|([^\[\]\n]{1,400}))?\]\]")
"""`[[id]]`, `[[kind:id]]`, `[[kind:id#fragment]]`, `[[id|words]]`."""
TAG = re.compile(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>|&[^;\s]{1,32};""")
_MARKUP = re.compile(r"""<[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*>""")
_ENTITY = re.compile(r"&[^;\s]{1,32};")
ASSET = re.compile(r'(?:(?<= src=)|(?<= href=))"asset:([^"]*)"')
"""An address in `content/assets/` inside a tag; the same characters in a text are plain words."""
REFERENCE = re.compile(r'<a data-ref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)

_ESCAPED = re.compile(f"{STX}([0-9]+){ETX}")
"""Python-Markdown's placeholder for an escaped character."""
_LOST = re.compile(f"{STX}?(?:{INLINE_PLACEHOLDER_PREFIX[1:]})?[0-9]*{ETX}|{STX}")
"""Python-Markdown's placeholder for stashed markup, left in the output where it failed to restore it (3.11 and before).
"""

_TAGS = {
    *("a", "blockquote", "br", "code", "del", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol"),
    *("p", "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title", "data-ref", "class"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
    "li": {"id"},
    "sup": {"id"},
    "div": {"class"},
}
_SCHEMES = {"http", "https", "mailto", "asset"}


class _TooSlow(Exception):
    pass


def render(
    source: str, file: str, *, form: str = "markdown", links: bool = False, base: str = ""
) -> tuple[Prose | None, list[Problem]]:
    """Render one document. `links` turns on `[[…]]`; `base` is what relative addresses in the text are relative to.

    Returns None, and says why, for a document that cannot be rendered in bounded time.
    """
    source = printable(source)
    if form == "text":
        return _lines(source), []
    if len(source) > MAX_CHARACTERS:
        message = f"the text has {len(source)} characters; the limit is {MAX_CHARACTERS}"
        return None, [Problem(code="too-large", severity=ERROR, file=file, message=message, hint="split it")]
    try:
        with _bounded(SECONDS):
            html = _convert(source, links, base)
    except (_TooSlow, RecursionError) as error:
        _CONVERTERS.clear()  # an interrupted converter keeps state
        why = f"takes longer than {SECONDS:g} s to render" if isinstance(error, _TooSlow) else "nests too deeply"
        hint = "look for long runs of [ < * ` or >; or say format: text in the sidecar"
        return None, [Problem(code="too-slow", severity=ERROR, file=file, message=f"the text {why}", hint=hint)]
    if (STX in html or ETX in html) and (lost := _LOST.search(html)):
        message = f"rendering loses words of the text, after “{text_of(html[: lost.start()])[-40:].strip()}”"
        hint = "put a space between the signs that meet there, or say format: text in the sidecar"
        return None, [Problem(code="lost-words", severity=ERROR, file=file, message=message, hint=hint)]
    refs = tuple(dict.fromkeys(unescape(m[1]) for m in REFERENCE.finditer(html))) if links else ()
    tags = TAG.findall(html) if "asset:" in html else ()
    assets = tuple(dict.fromkeys(unescape(m[1]) for tag in tags for m in ASSET.finditer(tag)))
    problems = []
    if "remote-image" in (seen := _md(links).sitrep["seen"]):
        message = "an image on another host is shown as a link: no page loads anything from elsewhere"
        hint = "put it in content/assets/ and write ![…](assets/NAME)"
        problems.append(Problem(code="remote-image", severity=WARNING, file=file, message=message, hint=hint))
    if "relative-link" in seen:
        message = "a relative link leads nowhere on the site and is shown as text"
        hint = "write [[kind:id]] for a page of ours" if links else "give the article its url"
        problems.append(Problem(code="relative-link", severity=WARNING, file=file, message=message, hint=hint))
    return Prose(html=html, text=text_of(html), refs=refs, assets=assets), problems


def inline(text: str) -> str:
    """One line of the project's own prose as HTML: escaped, with its `[[…]]` as references."""
    out, end = [], 0
    for match in WIKI.finditer(text):
        words = escape(match[2] or "", quote=False)
        out += [escape(text[end : match.start()], quote=False), f'<a data-ref="{escape(match[1].strip())}">{words}</a>']
        end = match.end()
    return "".join([*out, escape(text[end:], quote=False)])


def references(text: str) -> list[str]:
    """The targets of the `[[…]]` in a line of prose."""
    return [match[1].strip() for match in WIKI.finditer(text)] if "[[" in text else []


def text_of(html: str) -> str:
    """The text content of HTML as this module makes it."""
    text = _MARKUP.sub(
        "", html
    )  # in two steps: no function is called for a tag, and each pattern begins with a literal
    return _ENTITY.sub(lambda m: unescape(m[0]), text) if "&" in text else text


def unescape_pieces(html: str, tag: Any) -> str:
    return TAG.sub(lambda m: unescape(m[0]) if m[0][0] == "&" else tag(m[0]), html)


def _lines(source: str) -> Prose:
    """Each line becomes a paragraph; blank lines stay as the white space between, so that the text is the file."""
    html = "\n".join(f"<p>{escape(line, quote=False)}</p>" if line.strip() else line for line in source.split("\n"))
    return Prose(html=html, text=source)


def _convert(source: str, links: bool, base: str) -> str:
    md = _md(links)
    md.sitrep.update(source=source, base=base, seen=set())
    md.reset()
    return _CLEANER.clean(md.convert(source))


_CLEANER = nh3.Cleaner(tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None, strip_comments=True)
"""Built once: building the lists anew costs more than cleaning a short text."""
_CONVERTERS: dict[tuple[bool, int], Any] = {}


def _md(links: bool) -> Any:
    key = (links, threading.get_ident())
    if key not in _CONVERTERS:
        _CONVERTERS[key] = markdown_fast.hastened(converter(links))
    return _CONVERTERS[key]


def converter(links: bool) -> markdown.Markdown:
    """Python-Markdown configured for sitrep, without the fast paths of `markdown_fast`."""
    md = markdown.Markdown(extensions=[extension() for extension in EXTENSIONS], output_format="html")
    md.preprocessors.deregister("html_block")  # raw HTML is text
    md.inlinePatterns.deregister("html")
    md.treeprocessors.register(_Addresses(md), "addresses", 15)  # after inline (20), before serialising
    if links:
        md.inlinePatterns.register(_Wiki(WIKI.pattern, md), "wiki", 175)
    md.sitrep = {"source": "", "base": "", "seen": set()}  # type: ignore[attr-defined]
    return md


class _Wiki(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802
        link = Element("a", {"data-ref": self.unescape(m[1]).strip()})
        link.text = markdown.util.AtomicString(self.unescape(m[2] or ""))
        return link, m.start(0), m.end(0)


class _Addresses(Treeprocessor):
    """Moves headings below the page's own and makes each address site-relative, absolute, or plain text."""

    def run(self, root: Element) -> None:
        state = self.md.sitrep  # type: ignore[attr-defined]
        down = 1 if next(root.iter("h1"), None) is not None else 0
        for element in list(root.iter()):
            tag = element.tag
            if tag == "a" and "data-ref" not in element.attrib:
                self._point(element, "href", state)
            elif tag == "img":
                self._point(element, "src", state)
                if not element.get("src", "").startswith("asset:"):
                    state["seen"].add("remote-image")
                    element.tag = "a" if element.get("src") else "span"
                    element.text = markdown.util.AtomicString(element.get("alt") or "image")
                    if element.get("src"):
                        element.set("href", element.attrib.pop("src"))
            elif tag in ("h1", "h2", "h3", "h4", "h5"):
                element.tag = f"h{int(tag[1]) + down}"

    @staticmethod
    def _point(element: Element, name: str, state: dict[str, Any]) -> None:
        address = element.get(name, "").replace(AMP_SUBSTITUTE, "&")  # as Python-Markdown obfuscates e-mail addresses
        address = unescape(_ESCAPED.sub(lambda m: chr(int(m[1])), address)).strip()
        own = re.fullmatch(r"(?:\.\./|\./|/)?(?:content/)?assets/([^?#]+)", address)
        if own and not any(part in ("", ".", "..") for part in own[1].split("/")):
            element.set(name, f"asset:{own[1]}")
            return
        if element.get("class") in ("footnote-ref", "footnote-backref"):  # so that no article can contain this marker
            return
        try:
            scheme = urlsplit(address).scheme.lower()
            if not scheme and state["base"] and not address.startswith("#"):
                address = urljoin(state["base"], address)
                scheme = urlsplit(address).scheme.lower()
        except ValueError:
            scheme = ""
        if scheme in ("http", "https", "mailto"):
            element.set(name, address)
            return
        element.attrib.pop(name, None)
        if address and not scheme:
            state["seen"].add("relative-link")


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Raise _TooSlow inside the block once it has used that much processor time.

    Effective only where signals are delivered: in the main thread, on systems that have timers (builds and their
    workers run there).

    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise _TooSlow

    former = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)
