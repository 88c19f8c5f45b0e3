"""A brief as plain Markdown: for a terminal, an e-mail, another document. What it cites is numbered and listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import cast

from sitrep.analysis.citations import Target, target
from sitrep.export.holding import ExportContext, web
from sitrep.i18n.words import Words
from sitrep.model.entries import Entry
from sitrep.model.records import SINGULAR, Article, Brief, Claim, Event
from sitrep.parse import markdown

QUOTED = ("“", '"', "«", "„", "‘")
"""How words begin that have quotation marks of their own."""


def brief(h: ExportContext, entry: Entry) -> str:
    """The whole brief. Citations are `[1]`, in the order in which they come, and the list of them stands at the end."""
    record, say = cast(Brief, entry.record), h.say
    mark = f"**{h.marking(entry)}**"
    cited = Cited(h)
    parts = [headed(h, mark), f"# {one_line(entry.name)}"]
    dated = [(say("brief.date"), record.date), (say("brief.period"), record.period)]
    parts += ["  \n".join(say("text.label", label=label, text=date.text) for label, date in dated if date)]
    parts += [cited.line(record.summary)]
    if record.key_judgments:
        parts.append(f"## {say('brief.judgments')}")
    for n, made in enumerate(record.key_judgments, 1):
        lines = [f"{n}. {cited.line(made.text)}"]
        # Likelihood and confidence never share a sentence (ICD 203).
        lines += [_sentence(say, "likelihood", made.likelihood)] if made.likelihood else []
        lines += [_sentence(say, "confidence", made.confidence)] if made.confidence else []
        lines += [cited.line(made.because)] if made.because else []
        keys = [(id, h.corpus.resolve(id, ("claims",))) for id in made.rests_on]
        claims = [cited.number(Target(key, raw="" if key else f"claim:{id}")) for id, key in keys]
        lines += [say("text.rests_on", references=", ".join(claims))] if claims else []
        parts.append("\n   ".join(lines))
    parts.append(cited.document(entry.prose.html))
    if cited.numbers:
        parts += [f"## {say('brief.references')}", cited.references()]
    parts.append(mark)
    return "\n\n".join(part for part in parts if part) + "\n"


def _sentence(say: Words, group: str, term: str) -> str:
    return say("text.label", label=say(f"judged.{group}"), text=say.term(group, term)) + "."


def headed(h: ExportContext, mark: str) -> str:
    """A marking as the first line; above it, of a preview, that it is one."""
    return f"{h.say('text.preview')}\n\n{mark}" if h.preview else mark


class Cited:
    """What a brief leads to, numbered as on its page: evidence has numbers, other links are their words."""

    def __init__(self, h: ExportContext) -> None:
        self.h = h
        self.numbers: dict[Target, int] = {}

    def number(self, cited: Target) -> str:
        return f"[{self.numbers.setdefault(cited, len(self.numbers) + 1)}]"

    def line(self, text: str) -> str:
        return one_line(markdown.WIKI.sub(lambda m: self._link(m[1].strip(), m[2] or ""), text))

    def _link(self, raw: str, words: str) -> str:
        key, fragment = self.h.corpus.target(raw)
        cited = target(self.h.corpus, raw, key, fragment)
        if cited is None:
            return words or self.h.called(raw)
        return f"{words} {self.number(cited)}" if words else self.number(cited)

    def document(self, html: str) -> str:
        """HTML, as our Markdown makes it, as Markdown again."""
        writer = _Writer(self._link)
        writer.feed(html)
        writer.close()
        return writer.text()

    def references(self) -> str:
        return "\n".join(f"{n}. {self._reference(cited)}" for cited, n in self.numbers.items())

    def _reference(self, cited: Target) -> str:
        """What it is, the words that are cited, when, and where."""
        if cited.key is None:
            return self.h.say("brief.absent")
        h, (kind, id) = self.h, cited.key
        entry = h.corpus.entries[kind][id]
        record = entry.record
        word = SINGULAR[kind]
        ref = [h.say("thing.described", kind=h.say(f"{word}.{word}"), name=one_line(entry.name).rstrip("."))]
        fragment = ""
        if isinstance(record, Article):
            found = [s for s in h.statements(entry) if s.ref == cited.ref] if cited.ref else []
            for made in found:
                fragment = f"note-{made.ref.list}-{made.ref.n}"
                words = one_line(made.quote)
                ref += [words if words[:1] in QUOTED else f"“{words}”"] if words else []
                ref += ["; ".join(" → ".join(step.words for step in chain) for chain in made.chains)]
            if not found:
                ref += [h.name(("sources", record.source))] if record.source else []
            ref += [record.published.text] if record.published else []
            ref += [f"<{web(record.url)}>"] if web(record.url) else []
        elif isinstance(record, Event):
            ref += [record.date.text] if record.date else []
        elif isinstance(record, Claim):
            articles = dict.fromkeys(made.article for made in h.corpus.statements.get(cited.key, ()))
            ref += [h.say("count.articles", n=len(articles))] if articles else []
        address = h.address(cited.key, fragment)
        return ", ".join([*ref, *([f"<{address}>"] if address else [])])


class _Writer(HTMLParser):
    """Headings, paragraphs, lists, quotations, code, tables as lines; emphasis and links as Markdown has them."""

    INLINE: dict[str, str] = {"em": "*", "strong": "**", "code": "`", "del": "~~"}  # noqa: RUF012

    def __init__(self, link: Callable[[str, str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.link = link
        self.blocks: list[str] = []
        self.words: list[str] = []
        self.lists: list[int | None] = []
        self.prefix = ""
        self.quoted = 0
        self.plain = 0
        self.anchors: list[tuple[str, str, int]] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in self.INLINE and not self.plain:
            self.words.append(self.INLINE[tag])
        elif tag == "a":
            self.anchors.append((given.get("data-ref") or "", given.get("href") or "", len(self.words)))
        elif tag == "br":
            self.words.append("  \n")
        elif tag == "img":
            self.words.append(f"[{given.get('alt') or 'picture'}]")
        elif tag == "hr":
            self._end()
            self.blocks.append("---")
        elif tag in ("ul", "ol"):
            self._end()
            self.lists.append(None if tag == "ul" else int(given.get("start") or 1))
        elif tag == "li":
            self._end()
            indent = "   " * (len(self.lists) - 1)
            at = self.lists[-1] if self.lists else None
            self.prefix = f"{indent}- " if at is None else f"{indent}{at}. "
            if self.lists and at is not None:
                self.lists[-1] = at + 1
        elif tag == "blockquote":
            self._end()
            self.quoted += 1
        elif tag == "pre":
            self._end()
            self.plain += 1
        elif tag in ("p", "div", "table", "tr") or re.fullmatch("h[2-6]", tag):
            self._end()
            if tag[0] == "h":
                self.prefix = "#" * int(tag[1]) + " "

    def handle_endtag(self, tag: str) -> None:
        if tag in self.INLINE and not self.plain:
            self.words.append(self.INLINE[tag])
        elif tag == "a" and self.anchors:
            raw, href, at = self.anchors.pop()
            inside = "".join(self.words[at:])
            del self.words[at:]
            if raw:
                self.words.append(self.link(raw, inside))
            else:
                self.words.append(f"[{inside}]({href})" if web(href) else inside)
        elif tag in ("td", "th"):
            self.cells.append(one_line("".join(self.words)))
            self.words.clear()
        elif tag == "tr":
            self.words.append(" | ".join(self.cells))
            self.cells.clear()
            self._end()
        elif tag == "pre":
            block = "\n".join(f"    {line}" for line in "".join(self.words).rstrip("\n").split("\n"))
            self.words.clear()
            self.blocks.append(block)
            self.plain -= 1
        elif tag in ("ul", "ol"):
            self._end()
            if self.lists:
                self.lists.pop()
        elif tag == "blockquote":
            self._end()
            self.quoted -= 1
        elif tag in ("p", "div", "table", "li") or re.fullmatch("h[2-6]", tag):
            self._end()

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _end(self) -> None:
        words = "".join(self.words)
        text = "\n".join(one_line(line) for line in words.split("  \n")) if not self.plain else words
        self.words.clear()
        if text.strip():
            self.blocks.append("> " * self.quoted + self.prefix + text.strip())
            self.prefix = ""

    def text(self) -> str:
        self._end()
        return "\n\n".join(self.blocks)


def one_line(text: str) -> str:
    return " ".join(text.split())
