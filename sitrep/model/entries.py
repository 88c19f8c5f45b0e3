"""A thing as it was read: its record, its prose, and where in that what is annotated stands.

What is kept of it lies in two parts, since the text is most of it and seldom needed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from sitrep.model.records import Content, Kind
from sitrep.model.tracking import Recorder


class Anchor(msgspec.Struct, frozen=True, array_like=True):
    """Where an annotation stands in the text: half open, in code points.

    `n` is its position among its kind in the sidecar, from 1; `k` counts its places in reading order, from 1.
    """

    kind: Literal["actor", "event", "claim"]
    n: int
    k: int
    start: int
    end: int

    @property
    def fragment(self) -> str:
        return f"{self.kind}-{self.n}" if self.k == 1 else f"{self.kind}-{self.n}-{self.k}"


class Prose(msgspec.Struct, frozen=True, omit_defaults=True):
    """A document as it will be shown; `text` is the text content of `html`, character for character.

    `html` holds `<a data-ref="target">words</a>` for links to our own things (listed in `refs`) and `asset:`
    addresses for files of `content/assets/` (listed in `assets`); both become real links when the page is known.
    """

    html: str = ""
    text: str = ""
    refs: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thing apart from its text: what other things, lists and the corpus need of it."""

    kind: Kind
    id: str
    record: Content
    refs: tuple[str, ...] = ()
    """What its prose links to."""
    linked: tuple[str, ...] = ()
    """What the words in its data link to (`[[…]]`)."""
    assets: tuple[str, ...] = ()
    """Files of `content/assets/` that its prose shows."""
    unanchored: tuple[tuple[str, int], ...] = ()
    """Annotations (list, n) whose quote has no anchor: they are told, and not shown."""
    sound: bool = True
    """Read without an error; what was not is withheld whole."""
    files: tuple[str, ...] = ()


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thing's prose, and where in it what is annotated stands."""

    prose: Prose = Prose()
    quotes: tuple[Anchor, ...] = ()
    """Anchors of the quotes written in the sidecar."""
    anchors: tuple[Anchor, ...] = ()
    """All of them, those of names included, numbered in reading order. They change with names: see `Entry.named`."""
    names: tuple[tuple[str, ...], ...] = ()
    """What each of the article's mentions was looked for as, in the order of the sidecar."""
    sentences: tuple[int, ...] = (0,)


FACTS, TEXT, PLACES, FILED = range(4)
"""The parts of an entry that a dependency tells apart: its data, its text, where names stand in that, whether it has a
file."""


class Entry:
    """One thing: its record, its prose, and the files it was read from (none, when it is only mentioned).

    Immutable. The text is most of it and seldom needed: it may be fetched when it is first asked for, and a trace is
    told by `number` whenever it is; and by the next number whenever it is asked where names stand in it.
    """

    __slots__ = (
        *(
            "_reanchor",
            "_dependency",
            "_fetch",
            "_recorder",
            "_text",
            "assets",
            "digests",
            "facts",
            "unanchored",
            "files",
            "id",
        ),
        *("kind", "linked", "places", "record", "refs", "sound"),
    )

    def __init__(
        self,
        facts: Facts,
        text: Body | None = None,
        fetch: Callable[[], Body] | None = None,
        digests: tuple[bytes, bytes] | None = None,
        recorder: Recorder | None = None,
        dependency: int = 0,
        places: bytes = b"",
        reanchor: Callable[[Body], Body] | None = None,
    ) -> None:
        self.facts = facts
        self.kind: Kind = facts.kind
        self.id: str = facts.id
        self.record: Content = facts.record
        self.refs: tuple[str, ...] = facts.refs
        self.linked: tuple[str, ...] = facts.linked
        self.assets: tuple[str, ...] = facts.assets
        self.unanchored: tuple[tuple[str, int], ...] = facts.unanchored
        self.sound: bool = facts.sound
        self.files: tuple[str, ...] = facts.files
        self.digests = digests
        """Of its facts and of its text, where they are known."""
        self.places = places
        """Where its mentions stand by the names it was read with (`names.places`), where that is known."""
        self._text, self._fetch, self._recorder, self._dependency = text, fetch, recorder, dependency
        self._reanchor = reanchor
        """Gives the body with the names in it anchored that are looked for now."""

    @classmethod
    def of(cls, *, prose: Prose = Prose(), **fields: Any) -> Entry:  # noqa: B008  (immutable)
        """An entry of these fields of `Facts` and `Body`; what the prose links to and shows is the prose's."""
        text = {name: fields.pop(name) for name in Body.__struct_fields__ if name in fields}
        facts = Facts(**{"refs": prose.refs, "assets": prose.assets, **fields})
        return cls(facts, Body(prose=prose, **text))

    def replaced(self, **fields: Any) -> Entry:
        """The same with other values for some fields."""
        text = {name: value for name, value in fields.items() if name in Body.__struct_fields__}
        facts = {name: value for name, value in fields.items() if name not in text}
        return Entry(
            msgspec.structs.replace(self.facts, **facts) if facts else self.facts,
            msgspec.structs.replace(self.body, **text) if text else self._text,
            self._fetch,
        )

    def renew(self, text: Entry) -> None:
        """Take the text of an entry with the same facts: whoever holds this one reads that from now on."""
        self.digests, self.places, self._text, self._fetch = text.digests, text.places, text._text, text._fetch
        self._reanchor = text._reanchor

    def unpacked(self) -> Body:
        """The body, for one who keeps it: it is not kept here."""
        if self._text is None:
            assert self._fetch
            return self._fetch()
        return self._text

    @property
    def body(self) -> Body:
        """The body, for one who does not ask where names stand in it: they may have been others when it was read."""
        if self._recorder and self._recorder.seen is not None:
            self._recorder.seen.add(self._dependency + TEXT)
        text = self._text
        if text is None:
            text = self._text = self.unpacked()
            _FETCHED.append(self)
            if len(_FETCHED) > TEXTS:
                _FETCHED.popleft()._text = None
        return text

    @property
    def prose(self) -> Prose:
        return self.body.prose

    @property
    def quotes(self) -> tuple[Anchor, ...]:
        return self.body.quotes

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        return self.named.anchors

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        return self.named.names

    @property
    def named(self) -> Body:
        """The body, for one who asks where names stand in it."""
        if self._recorder and self._recorder.seen is not None:
            self._recorder.seen.add(self._dependency + PLACES)
        return self.anchored()

    def anchored(self) -> Body:
        """The same, for one who tells the trace which names it is about."""
        body = self.body
        if self._reanchor:
            named = self._reanchor(body)
            if named is not body and self._text is body:
                self._text = named
            return named
        return body

    @property
    def sentences(self) -> tuple[int, ...]:
        return self.body.sentences

    @property
    def name(self) -> str:
        """What to call it on a page: its name, title or statement, else its id in words."""
        return getattr(self.record, self.record.label, "") or words(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and self.facts == other.facts and self.body == other.body

    def __hash__(self) -> int:
        return hash((self.kind, self.id))

    def __repr__(self) -> str:
        return f"Entry({self.facts!r}, {self._text!r})"


TEXTS = 200
"""Texts that were fetched and are kept at hand: all those of a large site would not fit."""
_FETCHED: deque[Entry] = deque()


def words(id: str) -> str:
    """A name to show for an id that has none: `vladimir-putin` → `Vladimir Putin`."""
    return " ".join(w[:1].upper() + w[1:] for w in id.replace("_", "-").split("-") if w) or id
