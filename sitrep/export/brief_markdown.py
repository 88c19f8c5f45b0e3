"""A brief as plain Markdown, for a terminal, an e-mail or another document, with numbered references at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import cast

from sitrep.analysis.citations import Target, target
from sitrep.export.context import ExportContext, web_address
from sitrep.i18n.words import Words
from sitrep.model.entries import Entry
from sitrep.model.records import SINGULAR, Article, Brief, Claim, Event
from sitrep.parse import markdown

QUOTED = ("“", '"', "«", "„", "‘")
"""The start of a text with quotation marks of its own."""


def render(context: ExportContext, entry: Entry) -> str:
    """The whole brief. Citations are `[1]`, numbered in the order of their first use."""
    record, say = cast(Brief, entry.record), context.say
    mark = f"**{context.marking(entry)}**"
    citations = Citations(context)
    parts = [header(context, mark), f"# {one_line(entry.name)}"]
    dated = [(say("brief.date"), record.date), (say("brief.period"), record.period)]
    parts += ["  \n".join(say("text.label", label=label, text=date.text) for label, date in dated if date)]
    parts += [citations.line(record.summary)]
    if record.key_judgments:
        parts.append(f"## {say('brief.judgments')}")
    for n, judgment in enumerate(record.key_judgments, 1):
        lines = [f"{n}. {citations.line(judgment.text)}"]
        # Likelihood and confidence never share a sentence (ICD 203).
        lines += [_sentence(say, "likelihood", judgment.likelihood)] if judgment.likelihood else []
        lines += [_sentence(say, "confidence", judgment.confidence)] if judgment.confidence else []
        lines += [citations.line(judgment.because)] if judgment.because else []
        keys = [(id, context.corpus.resolve(id, ("claims",))) for id in judgment.rests_on]
        claims = [citations.number(Target(key, raw="" if key else f"claim:{id}")) for id, key in keys]
        lines += [say("text.rests_on", references=", ".join(claims))] if claims else []
        parts.append("\n   ".join(lines))
    parts.append(citations.document(entry.prose.html))
    if citations.numbers:
        parts += [f"## {say('brief.references')}", citations.references()]
    parts.append(mark)
    return "\n\n".join(part for part in parts if part) + "\n"


def _sentence(say: Words, group: str, term: str) -> str:
    return say("text.label", label=say(f"judged.{group}"), text=say.term(group, term)) + "."


def header(context: ExportContext, mark: str) -> str:
    """The marking as the first line, in a preview below a line that says so."""
    return f"{context.say('text.preview')}\n\n{mark}" if context.preview else mark


class Citations:
    """The citations of a brief, numbered as on its page. Links that are not evidence become their words."""

    def __init__(self, context: ExportContext) -> None:
        self.context = context
        self.numbers: dict[Target, int] = {}

    def number(self, target: Target) -> str:
        return f"[{self.numbers.setdefault(target, len(self.numbers) + 1)}]"

    def line(self, text: str) -> str:
        return one_line(markdown.WIKI.sub(lambda m: self._link(m[1].strip(), m[2] or ""), text))

    def _link(self, raw: str, words: str) -> str:
        key, fragment = self.context.corpus.target(raw)
        cited = target(self.context.corpus, raw, key, fragment)
        if cited is None:
            return words or self.context.called(raw)
        return f"{words} {self.number(cited)}" if words else self.number(cited)

    def document(self, html: str) -> str:
        """HTML, as rendered from our Markdown, as Markdown again."""
        writer = _Writer(self._link)
        writer.feed(html)
        writer.close()
        return writer.text()

    def references(self) -> str:
        return "\n".join(f"{n}. {self._reference(cited)}" for cited, n in self.numbers.items())

    def _reference(self, cited: Target) -> str:
        """A reference: kind and name, the words that are cited, date, and addresses."""
        if cited.key is None:
            return self.context.say("brief.absent")
        context, (kind, id) = self.context, cited.key
        entry = context.corpus.entries[kind][id]
        record = entry.record
        word = SINGULAR[kind]
        ref = [
            context.say("entry.described", kind=context.say(f"{word}.{word}"), name=one_line(entry.name).rstrip("."))
        ]
        fragment = ""
        if isinstance(record, Article):
            statements = [s for s in context.statements(entry) if s.ref == cited.ref] if cited.ref else []
            for statement in statements:
                fragment = statement.fragment
                ref += [*quoted(statement.quote), "; ".join(statement.chain_texts)]
            if not statements:
                ref += [context.name(("sources", record.source))] if record.source else []
            ref += [record.published.text] if record.published else []
            ref += [f"<{web_address(record.url)}>"] if web_address(record.url) else []
        elif isinstance(record, Event):
            ref += [record.date.text] if record.date else []
        elif isinstance(record, Claim):
            articles = dict.fromkeys(statement.article for statement in context.corpus.statements.get(cited.key, ()))
            ref += [context.say("count.articles", n=len(articles))] if articles else []
        address = context.address(cited.key, fragment)
        return ", ".join([*ref, *([f"<{address}>"] if address else [])])


class _Writer(HTMLParser):
    """Converts HTML to blocks of Markdown; rows of tables become lines with ` | ` between cells."""

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
        attributes = dict(attrs)
        if tag in self.INLINE and not self.plain:
            self.words.append(self.INLINE[tag])
        elif tag == "a":
            self.anchors.append((attributes.get("data-ref") or "", attributes.get("href") or "", len(self.words)))
        elif tag == "br":
            self.words.append("  \n")
        elif tag == "img":
            self.words.append(f"[{attributes.get('alt') or 'picture'}]")
        elif tag == "hr":
            self._end()
            self.blocks.append("---")
        elif tag in ("ul", "ol"):
            self._end()
            self.lists.append(None if tag == "ul" else int(attributes.get("start") or 1))
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
                self.words.append(f"[{inside}]({href})" if web_address(href) else inside)
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


def quoted(text: str) -> list[str]:
    """The text in one line with quotation marks; empty without text."""
    words = one_line(text)
    return [words if words[:1] in QUOTED else f"“{words}”"] if words else []
