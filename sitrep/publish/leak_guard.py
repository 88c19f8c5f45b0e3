"""The leak guard: the second wall behind the release step.

Pages are a function of released files alone, so nothing withheld can be in them. The guard does not rely on that: in a
public build it searches every file to be written, and its name, for ids, names and sentences of withheld files that no
released file, template or module of ours contains. A hit is a problem, and nothing of that build is kept.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import escape, unescape
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec
from ahocorasick_rs import AhoCorasick

from sitrep.anchoring import quotes
from sitrep.corpus.corpus import Corpus
from sitrep.export import sqlite
from sitrep.model.entries import Entry, Prose
from sitrep.model.records import KINDS, Actor, Article, Date, Event, Quantity, Record, Source
from sitrep.pages.parts.context import unnumbered
from sitrep.parallel.pool import Each
from sitrep.parse import markdown, references
from sitrep.problems import ERROR, Problem
from sitrep.project import Project, SkippedFile
from sitrep.release.rights import WORD
from sitrep.views.outputs import Media

SHORTEST = 8
"""Characters of the shortest id or name that is sought."""
WORDS = 5
"""Words of the shortest sentence."""
LONGEST = 120
"""Characters of a sentence that are compared: its first ones."""
ANCHOR = 40
"""Characters that the automaton seeks; the rest is compared where they occur. This keeps the automaton small."""
PART = 1 << 20
"""Bytes of a large file that are searched at once, to bound memory."""
OVERLAP = 1 << 14
"""Bytes that a part shares with the next: more than a name or a sentence has."""
ROWS = 1000
"""Rows of a database that are searched at once."""
DATABASE = b"SQLite format 3\0"
CODED = 12
"""Like ANCHOR for base64, where a character carries less."""


class WithheldPhrase(NamedTuple):
    """A phrase of a withheld file, which must not be published."""

    text: str
    """Folded."""
    words: str
    """As in the file."""
    file: str
    sentence: bool
    """Found across markup too; an id or a name is not, since neighbours in a list would form one by chance."""


class Guard:
    """Finds withheld phrases. It is made once, before pages are rendered, and used by every process that renders."""

    def __init__(self, phrases: Sequence[WithheldPhrase] = ()) -> None:
        self.phrases = phrases
        starts: dict[str, list[int]] = {}
        coded: dict[str, None] = {}
        for n, phrase in enumerate(phrases):
            starts.setdefault(phrase.text[:ANCHOR], []).append(n)
            for form in {phrase.words, phrase.words.casefold(), phrase.text}:
                coded.update(dict.fromkeys(_coded(form)))
        self._groups = list(starts.values())
        patterns = [*starts, *(code for code in coded if code not in starts)]
        self._automaton = AhoCorasick(patterns, store_patterns=False) if patterns else None

    def search(self, path: str, data: bytes, media: Media) -> list[int]:
        """Which phrases, by number, a file to be written has in its name or its content."""
        if self._automaton is None:
            return []
        if data.startswith(DATABASE):
            with tempfile.TemporaryDirectory(prefix="sitrep-") as folder:
                file = Path(folder) / "data.sqlite"
                file.write_bytes(data)
                return self.search_database(path, file)
        if len(data) <= PART + OVERLAP:
            return sorted(self._hits(path, data, media))
        parts = (data[start : start + PART + OVERLAP] for start in range(0, len(data), PART))
        return sorted({n for part in parts for n in self._hits(path, part, media)})

    def search_database(self, path: str, file: Path) -> list[int]:
        """The same for a database, by its rows: the pages of its file break within words."""
        if self._automaton is None:
            return []
        hits: set[int] = set()
        rows = sqlite.texts(file)
        while some := sqlite.APART.join(islice(rows, ROWS)):
            hits |= self._hits(path, some.encode("utf-8", "replace"), "data")
        return sorted(hits)

    def _hits(self, path: str, data: bytes, media: Media) -> set[int]:
        text = data.decode("utf-8", "replace")
        text, marked = _opened(media, text), media != "data"
        plain = unescaped(f"{path}\n{_text_first(text) if marked else text}")
        hits, coded = self._search(fold(plain))
        if marked and not all(self.phrases[n].sentence for n in hits):
            whole = fold(unescaped(f"{path}\n{text}"))
            hits = {n for n in hits if self.phrases[n].sentence or self.phrases[n].text in whole}
        if coded:
            for inner in _decoded(plain):
                hits |= self._search(fold(unescaped(inner)))[0]
        if b"\0" in data:
            for start in (0, 1):  # UTF-16 of either byte order, as in the metadata of images
                hits |= self._search(fold((data[start:] + b"\0").decode("utf-16-le", "replace")))[0]
        return hits

    def phrases_in(self, text: str) -> set[int]:
        """Which phrases occur in a text."""
        return self._search(fold(unescaped(text)))[0]

    def _search(self, text: str) -> tuple[set[int], bool]:
        """Which phrases occur in a folded text, and whether one may occur in base64."""
        hits: set[int] = set()
        coded = False
        places = self._automaton.find_matches_as_indexes(text, overlapping=True) if self._automaton else ()
        for pattern, start, _ in places:
            if pattern < len(self._groups):
                hits.update(n for n in self._groups[pattern] if text.startswith(self.phrases[n].text, start))
            else:
                coded = True
        return hits, coded

    def leaks(self, hits: Mapping[str, Iterable[int]]) -> Iterator[Problem]:
        """A problem for each withheld file that files on the site (path → phrases in it) would have shown."""
        files: dict[str, dict[str, list[WithheldPhrase]]] = {}
        for path, numbers in sorted(hits.items()):
            for n in numbers:
                phrase = self.phrases[n]
                files.setdefault(phrase.file, {}).setdefault(path, []).append(phrase)
        for file, pages in sorted(files.items()):
            first, phrases = next(iter(pages.items()))
            words = max((phrase.words for phrase in phrases), key=len)
            words = words if len(words) <= 60 else words[:59] + "…"
            more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
            message = f"“{words}”, of this withheld file, would stand in {first}{more}"
            hint = "nothing was written: take the words out, or release the file"
            yield Problem(code="leak", severity=ERROR, file=file, message=message, hint=hint)


def leak_guard(
    project: Project,
    withheld: Iterable[Entry],
    skipped: Iterable[SkippedFile],
    corpus: Corpus,
    about: Prose,
    composed: Iterable[str],
    each: Each,
) -> Guard:
    """The guard of a build: phrases of withheld files that neither a released file nor a template nor our code has.

    `skipped` are files that were not read because of their names, and so are withheld like the others.
    `composed` are names that the site composes of released files.
    """
    phrases: dict[str, WithheldPhrase] = {}
    for entry in withheld:
        for phrase in _entry_phrases(project.root, entry):
            phrases.setdefault(phrase.text, phrase)
    for file in skipped:
        for phrase in _skipped_phrases(project.root, file):
            phrases.setdefault(phrase.text, phrase)
    first = Guard(list(phrases.values()))
    public: set[int] = set()
    released = [entry for kind in KINDS for entry in corpus.entries[kind].values() if entry.files]
    for numbers in each(partial(_known, first, corpus), released):
        public |= numbers
    for text in (msgspec.json.encode(project.config).decode(), about.html, about.text, *composed, *_ours(project)):
        public |= first.phrases_in(text)
    return Guard([phrase for n, phrase in enumerate(first.phrases) if n not in public])


# -- phrases of withheld files ----------------------------------------------------------------------------------------


def _entry_phrases(root: Path, entry: Entry) -> Iterator[WithheldPhrase]:
    names, texts = [*_ids(entry), *_names(entry)], list(_texts(entry))
    if not entry.sound:
        for path in entry.files:
            raw = _raw(root / path)
            names += _labelled(raw)
            texts.append(raw)
    yield from _sought(names, texts, entry.files[0])


def _skipped_phrases(root: Path, skipped: SkippedFile) -> Iterator[WithheldPhrase]:
    raw = _raw(root / os.fsdecode(skipped.path))
    stem = skipped.file.rpartition("/")[2].rpartition(".")[0]
    yield from _sought([stem, *_labelled(raw)], [raw], skipped.file)


def _sought(names: Iterable[str], texts: Iterable[str], file: str) -> Iterator[WithheldPhrase]:
    sentences = [(part, True) for text in texts for part in _sentences(text)]
    for words, sentence in (*((name, False) for name in names), *sentences):
        words = words.strip(_ENDS) if sentence else words.strip()
        text = fold(unescaped(words.encode("utf-8", "replace").decode()))
        text = text[:LONGEST] if sentence else text
        if len(text) >= SHORTEST:
            yield WithheldPhrase(text, words, file, sentence)


_ENDS = " \n\t.!?…,;:'\"“”‘’«»()[]。！？「」『』"
_LABELLED = re.compile(r"^(?:name|title|statement|- ?|aliases):?\s*[\"']?([^\n\"']+)", re.MULTILINE)
"""What is likely a name in a sidecar that is not valid YAML."""


def _labelled(raw: str) -> list[str]:
    return [match[1] for match in _LABELLED.finditer(raw)]


def _ids(entry: Entry) -> Iterator[str]:
    """Its own ids, and those it mentions: an entry that only withheld files mention has no page."""
    yield from (entry.id, *entry.record.formerly)
    raw = [id for _, id, _ in references.of(entry.record)] + list(entry.prose.refs)
    yield from (id.partition("#")[0].rpartition(":")[2] for id in raw)


def _names(entry: Entry) -> Iterator[str]:
    record = entry.record
    yield getattr(record, record.label, "")
    yield from (name.rpartition("/")[2] for name in entry.prose.assets)
    if isinstance(record, (Actor, Source)):
        yield from (*record.aliases, record.url)
    elif isinstance(record, Event):
        yield record.place.name if record.place else ""
    elif isinstance(record, Article):
        yield from (record.url, record.archived)
        for assertion in (*record.events, *record.claims):
            yield from (link.document or "" for link in (*assertion.by, *assertion.via))


def _texts(entry: Entry) -> Iterator[str]:
    """All its words, broken at each `[[link]]` for which the site inserts a name."""
    for text in _strings(entry.record):
        yield markdown.WIKI.sub(lambda m: m[2] or "\n", text)
    prose = entry.prose
    if not prose.refs:
        yield prose.text
    else:
        yield markdown.text_of(markdown.REFERENCE.sub(lambda m: m[2] or "\n", prose.html))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Record) and not isinstance(value, (Date, Quantity)):
        for name in value.__struct_fields__:
            yield from _strings(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


def _sentences(text: str) -> Iterator[str]:
    starts = quotes.sentences(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if len(WORD.findall(text, start, end)) >= WORDS:
            yield text[start:end]


def _raw(path: Path) -> str:
    try:
        return path.read_bytes()[: 1 << 20].decode("utf-8", "replace")
    except OSError:
        return ""


# -- phrases that are public -------------------------------------------------------------------------------------------


def _known(guard: Guard, corpus: Corpus, entry: Entry) -> set[int]:
    """Which phrases a released file has: in its data, in its text, or where a `[[link]]` inserts a name."""
    data = msgspec.json.encode(entry.record).decode()
    texts = [entry.id, data, entry.prose.text, *entry.prose.refs, *entry.prose.assets]
    texts += _SAYING.findall(entry.prose.html)
    if "[[" in data:

        def named(match: re.Match[str]) -> str:
            return match[2] or _name(corpus, match[1].strip())

        def without(match: re.Match[str]) -> str:
            """As in a list of summaries: a citation without words of its own is left out."""
            raw, words = match[1].strip(), match[2] or ""
            return words if unnumbered(raw, *corpus.target(raw), words) == "" else named(match)

        for text in (text for text in _strings(entry.record) if "[[" in text):
            texts += [markdown.WIKI.sub(named, text), markdown.WIKI.sub(without, text)]
    if entry.prose.refs:

        def linked(match: re.Match[str]) -> str:
            return match[2] or escape(_name(corpus, unescape(match[1])), quote=False)

        texts.append(markdown.text_of(markdown.REFERENCE.sub(linked, entry.prose.html)))
    return guard.phrases_in("\n".join(texts))


def _name(corpus: Corpus, raw: str) -> str:
    """The name that a `[[…]]` without words of its own shows."""
    key, _ = corpus.target(raw)
    entry = corpus.get(key) if key else None
    return entry.name if entry else raw.partition("#")[0].rpartition(":")[2]


def _ours(project: Project) -> Iterator[str]:
    """The words of the themes and of this program."""
    for folder, pattern in (*((theme, "*") for theme in project.themes), (Path(__file__).parent.parent, "*.py")):
        for path in sorted(folder.rglob(pattern)):
            if path.is_file():
                yield _raw(path)


# -- search ---------------------------------------------------------------------------------------------------------

_INLINE = re.compile(r"(</?(?:a|abbr|b|cite|code|del|em|i|ins|mark|q|s|small|span|strong|su[bp]|tspan|u)(?:\s[^>]*)?>)")
_SAYING = re.compile(r"<[^>=]*=[^>]*>")
_ESCAPES = re.compile(r'(?:\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt]))+')
_RUN = re.compile(r"[A-Za-z0-9+/]{10,}")


def fold(text: str) -> str:
    """A text for comparison: case-folded, white space collapsed, `kim-jong-un` equal to `Kim Jong Un`."""
    text = " ".join(text.casefold().split())
    return text.replace("-", " ").replace("_", " ").replace("+", " ").replace("/", " ")


def unescaped(text: str) -> str:
    """A text without JSON escapes, HTML entities and percent-encoding, nested ones too."""
    for _ in range(3):
        before = text
        if "\\" in text:
            text = _ESCAPES.sub(_plain, text)
        if "&" in text:
            text = unescape(text)
        if "%" in text:
            text = unquote(text)
        if text == before:
            break
    return text


def _plain(match: re.Match[str]) -> str:
    words: str = json.loads(f'"{match[0]}"')
    return words.encode("utf-8", "replace").decode()


def _opened(media: Media, text: str) -> str:
    """A feed with its escaped markup as markup, a calendar with its lines unfolded: as they will be read."""
    if media == "feed":
        return unescape(text.replace('\\"', '"'))
    if media == "calendar":
        return _ESCAPED.sub(r"\1", text.replace("\r\n ", ""))
    return text


_ESCAPED = re.compile(r"\\([\\,;])")


def _text_first(markup: str) -> str:
    """The text without inline tags, so that a sentence with marks in it is whole; then those tags."""
    parts = _INLINE.split(markup)
    return "".join(parts[::2]) + "\n" + "\n".join(parts[1::2])


def _coded(form: str) -> Iterator[str]:
    """The beginning of words in base64, for each of the three alignments, without characters that neighbours change."""
    data = form.encode("utf-8", "replace")[:CODED]
    for shift, skip in enumerate((0, 2, 3)):
        code = base64.b64encode(b"\0" * shift + data).decode()
        code = fold(code[skip : (shift + len(data)) * 8 // 6][:CODED])
        if len(code.strip()) >= SHORTEST:
            yield code


def _decoded(text: str) -> Iterator[str]:
    """Whatever may be base64 in a text, decoded from each of the first four characters."""
    runs = _RUN.findall("".join(text.split()).replace("-", "+").replace("_", "/"))
    for start in range(4):
        yield "\n".join(_bytes(run[start:]).decode("utf-8", "replace") for run in runs)


def _bytes(code: str) -> bytes:
    """Base64, with or without padding, decoded."""
    odd = len(code) % 4
    return binascii.a2b_base64(code[:-1] if odd == 1 else code + "=" * (-odd % 4))
