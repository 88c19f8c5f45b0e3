"""What differs between two states of a project, in its own words: claims, origins, stances, assessments, quotes.

Two built sites are compared by the JSON beside their pages. A folder or a revision is made the same shapes in memory,
so that there is one comparison. The comparison is even-handed: the other way round it says the reverse.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import chain as joined
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from sitrep.build.load import load
from sitrep.build.release import release
from sitrep.build.scan import scan
from sitrep.build.state import BuildOptions, Session
from sitrep.corpus.corpus import Key
from sitrep.model.dates import DateError, parse
from sitrep.model.entries import Prose
from sitrep.model.records import KINDS, PLURAL, SINGULAR, Kind
from sitrep.pages.parts.context import Handling, PageContext
from sitrep.pages.registry import plan
from sitrep.parallel.pool import Each
from sitrep.problems import Unusable
from sitrep.project import CONFIG, Project, open_project
from sitrep.publish.output_folder import MANIFEST
from sitrep.views.outputs import Output

Data = dict[str, Any]
"""What one JSON file holds."""
Scalar = str | int | None


class Revision(NamedTuple):
    """One state: what its pages say, by kind and id."""

    name: str
    things: dict[Key, Data]
    held: dict[Key, str] | None
    """Why things are withheld; None: a built site does not say."""
    broken: tuple[str, ...] = ()
    """Files that cannot be read whole, so that what they hold is missing."""


class DiffEntry(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    id: str
    name: str
    why: str | None = None
    """Why it is, or was, withheld."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A value that differs; null where one side has none."""

    name: str
    old: Scalar
    new: Scalar


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a thing, on one side alone: an assertion, an origin, an assessment, a quote, a judgment."""

    what: str
    words: str


class Altered(msgspec.Struct, frozen=True, kw_only=True):
    """A part that both sides have, and what of it differs."""

    what: str
    where: str
    fields: list[Field]


class ChangedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that both sides have, and what of it differs."""

    kind: str
    id: str
    fields: list[Field]
    added: list[Part]
    removed: list[Part]
    altered: list[Altered]
    moved: int
    """Quotes of an article that stand elsewhere, with the same words."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    old: str
    new: str
    added: list[DiffEntry]
    removed: list[DiffEntry]
    withheld: list[DiffEntry]
    """What was shown in OLD, and is withheld in NEW."""
    released: list[DiffEntry]
    """What was withheld in OLD, and is shown in NEW."""
    changed: list[ChangedEntry]

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.withheld or self.released or self.changed)

    def reversed(self) -> Difference:
        """The same, told from the other end."""
        return Difference(
            old=self.new,
            new=self.old,
            added=self.removed,
            removed=self.added,
            withheld=self.released,
            released=self.withheld,
            changed=[
                msgspec.structs.replace(
                    made,
                    fields=_turned(made.fields),
                    added=made.removed,
                    removed=made.added,
                    altered=_in_order(
                        msgspec.structs.replace(part, fields=_turned(part.fields)) for part in made.altered
                    ),
                )
                for made in self.changed
            ],
        )


def _turned(fields: Iterable[Field]) -> list[Field]:
    return [Field(name=field.name, old=field.new, new=field.old) for field in fields]


# -- the two sides ----------------------------------------------------------------------------------------------------


class Compared(NamedTuple):
    difference: Difference
    notes: list[str]
    broken: list[str]


def compared(root: Path, old: str, new: str, each: Each, *, everything: bool = False) -> Compared:
    """Compare two states, each a built site, a project's folder, or a revision; no NEW is the folder as it stands.

    Raises Unusable when one of them cannot be had. `everything`: what is withheld too.
    """
    notes: list[str] = []
    sides = []
    folders = [Path(name) if name else root for name in (old, new) if not name or _is_folder(Path(name))]
    if len(folders) < 2 and (dirty := Git(root).uncommitted()):
        here = any(folder.resolve() == root.resolve() for folder in folders)
        told = "the folder is compared as it stands" if here else "that is not compared"
        more = f" and {len(dirty) - 1} more" if len(dirty) > 1 else ""
        notes.append(f"not committed as it stands: {dirty[0]}{more}; {told}")
    for name in (old, new):
        if not name or _is_folder(Path(name)):
            sides.append(_of_folder(Path(name) if name else root, name or "the folder", each, everything))
            continue
        with Git(root).laid_out(name) as folder:
            try:
                project = open_project(folder)[0]
            except Unusable as error:
                raise Unusable(f"{name}: {error}", error.problems) from None
            sides.append(of_project(project, name, each, everything))
    broken = [f"{side.name}: {file}" for side in sides for file in side.broken]
    return Compared(difference(*sides), notes, broken)


def _is_folder(path: Path) -> bool:
    """Whether a name means a folder that can be compared, rather than a revision."""
    return (path / CONFIG).exists() or _site(path)


def _site(path: Path) -> bool:
    return (path / MANIFEST).exists()


def _of_folder(path: Path, name: str, each: Each, everything: bool) -> Revision:
    if _site(path):
        return of_site(path, name, everything)
    return of_project(open_project(path)[0], name, each, everything)


def of_site(path: Path, name: str, everything: bool = False) -> Revision:
    """What the JSON of a built site says."""
    things: dict[Key, Data] = {}
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
        if manifest["preview"] and not everything:
            raise Unusable(f"{path} is a preview, which shows what is withheld: say --all to compare it")
        for file in manifest["files"]:
            if key := _key(file):
                things[key] = json.loads((path / file).read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Unusable(f"{path} cannot be read as a built site: build it anew") from None
    if not things:
        raise Unusable(f"{path} has no JSON to compare: set json: true in its {CONFIG} and build it anew")
    return Revision(name, things, None)


def of_project(project: Project, name: str, each: Each, everything: bool = False) -> Revision:
    """What the JSON of a project's site would say."""
    session = Session(project)
    content = load(scan(project, BuildOptions(each, preview=everything), session), session)
    released = release(content, session)
    config = msgspec.structs.replace(project.config, json=True, feeds=False, url="")
    context = PageContext(released.public.corpus, config, Handling("", preview=everything), content.words)
    outputs = [output for output in plan(context, Prose()) if any(_key(file.path) for file in output.beside)]
    things = dict(joined.from_iterable(each(_shapes, outputs)))
    entries = [content.entries.entry(key) for key in content.entries.rows]
    broken = tuple(entry.files[0] for entry in entries if entry.files and not entry.sound)
    return Revision(name, things, content.withheld, broken)


def _shapes(output: Output) -> list[tuple[Key, Data]]:
    view = output.view()
    return [
        (key, msgspec.to_builtins(file.make(view), enc_hook=str)) for file in output.beside if (key := _key(file.path))
    ]


def _key(path: str) -> Key | None:
    """The thing whose JSON a path is."""
    kind, _, name = path.partition("/")
    return (kind, name.removesuffix(".json")) if kind in KINDS and name.endswith(".json") else None


# -- git --------------------------------------------------------------------------------------------------------------


class Git:
    """The repository of a project, asked through the git command. Nothing in it is changed, nor in the work tree."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not shutil.which("git"):
            raise Unusable("git is not installed: revisions need it; two folders or two built sites do not")
        inside = self._run("rev-parse", "--is-inside-work-tree", check=False)
        if inside.stdout.strip() != b"true":
            said = inside.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            raise Unusable(f"revisions need a git repository, and two folders or built sites do not: {said or root}")

    def uncommitted(self) -> list[str]:
        """Files of the project that are not as the last commit has them."""
        out = self._run("status", "--porcelain", "-z", "--untracked-files=all", "--", "content", CONFIG).stdout
        return [part[3:].decode("utf-8", "replace") for part in out.split(b"\0") if part[2:3] == b" "]

    @contextmanager
    def laid_out(self, revision: str) -> Iterator[Path]:
        """The project as a revision has it, in a folder of its own that goes afterwards."""
        commit = self._commit(revision)
        prefix = self._run("rev-parse", "--show-prefix").stdout.decode().removesuffix("\n")
        with tempfile.TemporaryDirectory(prefix="sitrep-diff-") as folder:
            tree = Path(folder) / "tree"
            tree.mkdir()
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._run("read-tree", commit, more=index)
            names = self._run("ls-files", "-z", "--", "content", CONFIG, more=index).stdout
            self._run("checkout-index", "-z", "--stdin", f"--prefix={tree}/", more=index, given=names)
            project = tree / prefix
            if not (project / CONFIG).exists():
                raise Unusable(f"{revision} has no {prefix}{CONFIG}: there was no project yet")
            yield project

    def _commit(self, revision: str) -> str:
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", check=False)
        if found.returncode:
            shallow = self._run("rev-parse", "--is-shallow-repository", check=False).stdout.strip() == b"true"
            hint = "; this clone is shallow: fetch its history" if shallow else ""
            raise Unusable(f"{revision!r} is neither a folder with {CONFIG}, nor a built site, nor a revision{hint}")
        return found.stdout.decode().strip()

    def _run(
        self, *arguments: str, check: bool = True, more: dict[str, str] | None = None, given: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        kept = {name: value for name, value in os.environ.items() if name not in _LOCAL}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env={**kept, **(more or {})}, input=given or b"", capture_output=True
        )
        if check and done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            raise Unusable(f"git {arguments[0]} failed: {said[-1]}")
        return done


_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")
"""What a hook sets for its own repository."""


# -- comparing --------------------------------------------------------------------------------------------------------


def difference(old: Revision, new: Revision) -> Difference:
    held_old, held_new = (old.held, new.held) if old.held is not None and new.held is not None else ({}, {})
    kept_back = {key for key in held_new if key in old.things and key not in held_old}
    let_out = {key for key in held_old if key in new.things and key not in held_new}

    def listed(side: Revision, keys: Iterable[Key], held: dict[Key, str] | None = None) -> list[DiffEntry]:
        return [
            DiffEntry(kind=SINGULAR[key[0]], id=key[1], name=_title(side.things[key]), why=held[key] if held else None)
            for key in sorted(keys, key=_order)
        ]

    said_old, said_new = _said(old), _said(new)
    changed = []
    for key in sorted(old.things.keys() & new.things.keys(), key=_order):
        one = _thing(key, old.things[key], new.things[key], said_old.get(key, []), said_new.get(key, []))
        if one.fields or one.added or one.removed or one.altered or one.moved:
            changed.append(one)
    return Difference(
        old=old.name,
        new=new.name,
        added=listed(new, new.things.keys() - old.things.keys() - let_out),
        removed=listed(old, old.things.keys() - new.things.keys() - kept_back),
        withheld=listed(old, kept_back, held_new),
        released=listed(new, let_out, held_old),
        changed=changed,
    )


def _order(key: Key) -> tuple[int, str]:
    return _FIRST.index(key[0]), key[1]


_FIRST: tuple[Kind, ...] = ("claims", "briefs", "articles", "events", "actors", "sources", "topics")


def _title(data: Data) -> str:
    return str(data.get("title") or data.get("name") or data["id"])


def _said(side: Revision) -> dict[Key, list[Data]]:
    """Claim or event → the statements about it, from the articles' JSON: a claim's own has those of its first page."""
    found: dict[Key, list[Data]] = {}
    for kind, id in sorted(side.things):
        if kind == "articles":
            for made in side.things[kind, id]["statements"]:
                for about in made["about"]:
                    found.setdefault((PLURAL[about["kind"]], about["id"]), []).append(made)
    return found


def _thing(key: Key, old: Data, new: Data, said_old: list[Data], said_new: list[Data]) -> ChangedEntry:
    kind = key[0]
    one, other = _values(kind, old, said_old), _values(kind, new, said_new)
    fields = [
        Field(name=name, old=one.get(name), new=other.get(name))
        for name in {**one, **other}
        if one.get(name) != other.get(name)
    ]
    fields.sort(key=lambda field: (field.name != "title", _RANK.get(field.name, 99), field.name))
    parts = _Parts()
    if kind in ("claims", "events"):
        keys = (_whole, _but_quote, _by_quote, _by_place)
        parts.compare("assertion", said_old, said_new, keys, _assertion, _asserted)
    if kind == "claims":
        was, now = ([made for made in side["origins"] if made["lineage"] == "known"] for side in (old, new))
        parts.compare("origin", was, now, (_by_id,), lambda made: str(made["name"]), lambda made: {})
        dated = (lambda made: msgspec.json.encode(made), lambda made: made["date"])
        parts.compare("assessment", old["assessments"], new["assessments"], dated, _assessed, _judged)
        parts.compare("conflict", old["conflicts"], new["conflicts"], (_by_claim,), _by_claim, lambda made: made)
    elif kind == "briefs":
        parts.compare("judgment", old["judgments"], new["judgments"], (lambda made: made["text"],), _judgment, _judged)
    elif kind == "articles":
        parts.compare("quote", _quotes(old), _quotes(new), (_same_words, _same_about), lambda q: q.words, _Quote.data)
    return ChangedEntry(
        kind=SINGULAR[kind],
        id=key[1],
        fields=fields,
        added=parts.added,
        removed=parts.removed,
        altered=parts.altered,
        moved=parts.moved,
    )


_RANK = {name: n for n, name in enumerate(("distinct origins", "of unknown lineage", "articles", "outlets"))}


class _Parts:
    """What comparing the parts of two things finds."""

    def __init__(self) -> None:
        self.added: list[Part] = []
        self.removed: list[Part] = []
        self.altered: list[Altered] = []
        self.moved = 0

    def compare(
        self,
        what: str,
        old: Sequence[Any],
        new: Sequence[Any],
        keys: Sequence[Callable[[Any], Hashable]],
        words: Callable[[Any], str],
        data: Callable[[Any], Data],
    ) -> None:
        """Pair parts by each key in turn, in order; what has no counterpart was added or removed."""
        left, right = list(old), list(new)
        for key in keys:
            pairs, left, right = _paired(left, right, key)
            for one, other in pairs:
                before, after = data(one), data(other)
                if isinstance(one, _Quote) and one.start != other.start and before == after:
                    self.moved += 1
                fields = [
                    Field(name=name, old=before.get(name), new=after.get(name))
                    for name in sorted(before.keys() | after.keys())
                    if before.get(name) != after.get(name)
                ]
                if fields:
                    # What both sides can be called by, whichever comes first.
                    where = min(_where(one), _where(other))
                    self.altered.append(Altered(what=what, where=where, fields=fields))
        self.removed += sorted((Part(what=what, words=words(part)) for part in left), key=lambda part: part.words)
        self.added += sorted((Part(what=what, words=words(part)) for part in right), key=lambda part: part.words)
        self.altered = _in_order(self.altered)


def _in_order(altered: Iterable[Altered]) -> list[Altered]:
    return sorted(altered, key=lambda part: (part.what, part.where, str(part.fields)))


def _paired(old: list[Any], new: list[Any], key: Callable[[Any], Hashable]) -> tuple[list[Any], list[Any], list[Any]]:
    waiting: dict[Hashable, list[Any]] = {}
    for part in old:
        waiting.setdefault(key(part), []).append(part)
    pairs, right = [], []
    for part in new:
        others = waiting.get(key(part))
        if others:
            pairs.append((others.pop(0), part))
        else:
            right.append(part)
    taken = {id(one) for one, _ in pairs}
    return pairs, [part for part in old if id(part) not in taken], right


def _where(part: Any) -> str:
    if isinstance(part, _Quote):
        return part.about
    return str(part.get("article") or part.get("date") or part.get("text") or part.get("claim") or "")


# -- what is compared -------------------------------------------------------------------------------------------------


def _values(kind: Kind, data: Data, said: Sequence[Data]) -> dict[str, Scalar]:
    """The single values of a thing by name, those that are absent left out."""
    found: dict[str, Scalar] = {"title": _title(data)}
    if kind == "articles":
        for name in ("published", "captured", "url", "archived", "language", "marking", "rights", "summary"):
            found[name] = data[name]
        found["source"] = _called(data["source"]) if data["source"] else None
        found["via"] = ", ".join(map(_called, data["via"])) or None
        found["text"] = _digest(data["text"])
    elif kind == "briefs":
        for name in ("date", "period", "marking", "summary"):
            found[name] = data[name]
        found["text"] = _digest(data["text"])
    else:
        found |= {"kind": data["what"], "description": data["description"]}
        found["has a file"] = "yes" if data["filed"] else None
        found["marking"] = data["marking"] if data["filed"] else None
        for fact in data["facts"]:
            found[fact["label"].casefold()] = ", ".join(map(_called, fact["values"]))
    if kind == "claims":
        ledger = data["ledger"]
        found |= {"articles": ledger["articles"], "outlets": ledger["outlets"]}
        found |= {"distinct origins": ledger["origins"]["known"], "of unknown lineage": ledger["origins"]["unknown"]}
        found |= ledger["stances"]
        found["latest number"] = _latest(said)
    if kind in ("articles", "briefs"):
        found["topics"] = ", ".join(map(_called, data["topics"])) or None
    return {name: value for name, value in found.items() if value is not None}


def _called(ref: Data) -> str:
    """A thing by its id, which stays when it is renamed; else the words."""
    return str(ref["id"] or ref["name"])


def _digest(text: str | None) -> str | None:
    return blake2b(text.encode(), digest_size=6).hexdigest() if text is not None else None


def _latest(said: Iterable[Data]) -> str | None:
    """The number that was said last; of several on a day, that of the last article by id."""
    found = [(day, made["article"], made["value"]) for made in said if made["value"] and (day := _day(made))]
    return max(found)[2] if found else None


def _day(made: Data) -> str:
    try:
        return parse(made["said"] or made["published"] or "").earliest
    except DateError:
        return ""


def _chains(made: Data, called: Callable[[Data], str]) -> str:
    return "; ".join(
        " → ".join([*(["no origin given"] if not _spoken(chain) else []), *map(called, chain)])
        for chain in made["chains"]
    )


def _spoken(chain: Sequence[Data]) -> bool:
    return bool(chain) and chain[0]["role"] in ("speaker", "unnamed speaker", "document")


def _assertion(made: Data) -> str:
    value = f" ({made['value']})" if made["value"] else ""
    chains = _chains(made, lambda link: str(link["name"]))
    return f"{made['stance']} in {made['article']}: {chains}{value}"


def _asserted(made: Data) -> Data:
    """What may differ between two forms of one assertion. Its quote is told with its article."""
    found = {name: made[name] for name in ("stance", "said", "happened", "value", "credibility")}
    return {**found, "chain": _chains(made, _called)}


def _whole(made: Data) -> Hashable:
    return (*_but_quote(made), made["quote"])


def _but_quote(made: Data) -> tuple[Hashable, ...]:
    return (made["article"], *_asserted(made).values())


def _by_quote(made: Data) -> Hashable:
    return made["article"], made["quote"] or made["annotation"]


def _by_place(made: Data) -> Hashable:
    return made["article"], made["annotation"]


def _by_id(made: Data) -> Hashable:
    return str(made["id"])


def _by_claim(made: Data) -> str:
    return str(made["claim"])


def _judged(made: Data) -> Data:
    return {name: made[name] for name in ("likelihood", "confidence", "because", "would_change") if name in made}


def _assessed(made: Data) -> str:
    return ", ".join(part for part in (made["date"], made["likelihood"], made["confidence"]) if part)


def _judgment(made: Data) -> str:
    return str(made["text"])


class _Quote(NamedTuple):
    """The words of one event or claim annotation of an article, in one place."""

    about: str
    words: str
    start: int

    def data(self) -> Data:
        return {"words": self.words}


def _same_words(quote: _Quote) -> Hashable:
    return quote.about, quote.words


def _same_about(quote: _Quote) -> Hashable:
    return quote.about


def _quotes(data: Data) -> list[_Quote]:
    """Quotes of events and claims, as far as the rights let their words be known, in reading order."""
    about: dict[tuple[str, str, int], list[str]] = {}
    for made in data["annotations"]:
        if made["kind"] != "actor" and made["exact"] is not None:
            about.setdefault((made["fragment"], made["exact"], made["start"]), []).append(made["id"] or "its own")
    quotes = [_Quote(" ".join(sorted(ids)), words, start) for (_, words, start), ids in about.items()]
    return sorted(quotes, key=lambda quote: (quote.start, quote.about, quote.words))


# -- telling ----------------------------------------------------------------------------------------------------------

MOST, MOST_OF_ONE = 100, 20
"""Lines of one list in Markdown, and of those on one thing: what GitHub shows is short."""


def summary(made: Difference) -> str:
    """In one line."""
    parts = []
    for word, things in (("added", made.added), ("removed", made.removed)):
        for kind in _FIRST:
            count = sum(thing.kind == SINGULAR[kind] for thing in things)
            parts += [f"{count} {kind if count > 1 else SINGULAR[kind]} {word}"] if count else []
    altered = sum(part.what == "quote" for one in made.changed for part in one.altered)
    for word, count in (("altered", altered), ("moved", sum(one.moved for one in made.changed))):
        parts += [f"{count} quote{'s' * (count > 1)} {word}"] if count else []
    retitled = sum(any(field.name == "title" for field in one.fields) for one in made.changed)
    parts += [f"{retitled} retitled"] if retitled else []
    parts += [f"{len(made.changed)} changed"] if made.changed else []
    parts += [f"{len(made.withheld)} became withheld"] if made.withheld else []
    parts += [f"{len(made.released)} released"] if made.released else []
    return ", ".join(parts) if parts else "no differences"


def text(made: Difference) -> str:
    """For a terminal."""
    lines = [f"{made.old} → {made.new}: {summary(made)}"]
    for title, things in _lists(made):
        lines += ["", title, *(f"  {thing.kind} {thing.id}: {thing.why or thing.name}" for thing in things)]
    lines += ["", "Changed"] if made.changed else []
    for one in made.changed:
        lines += [f"  {one.kind} {one.id}", *(f"    {line}" for line in _told(one, str))]
    return "\n".join(lines) + "\n"


def markdown(made: Difference) -> str:
    """For a comment on a pull request: words of the content are escaped, and name nobody."""
    lines = [f"### {_code(made.old)} → {_code(made.new)}", "", f"{summary(made).capitalize()}."]
    for title, things in _lists(made):
        told = [f"- {thing.kind} {_code(thing.id)}: {_escaped(thing.why or thing.name)}" for thing in things]
        lines += ["", f"#### {title}", "", *_few(told)]
    told = []
    for one in made.changed:
        inner = "".join(f"\n  - {line}" for line in _few(list(_told(one, _escaped)), MOST_OF_ONE, ""))
        told.append(f"- {one.kind} {_code(one.id)}{inner}")
    lines += ["", "#### Changed", "", *_few(told)] if told else []
    return "\n".join(lines) + "\n"


def _lists(made: Difference) -> Iterator[tuple[str, list[DiffEntry]]]:
    for title, things in (
        ("Added", made.added),
        ("Removed", made.removed),
        ("Became withheld", made.withheld),
        ("Released", made.released),
    ):
        if things:
            yield title, things


def _told(one: ChangedEntry, shown: Callable[[str], str]) -> Iterator[str]:
    for field in one.fields:
        if field.name == "text" and field.old is not None and field.new is not None:
            yield "the text has changed"
        else:
            yield f"{shown(field.name)}: {_value(field.old, shown)} → {_value(field.new, shown)}"
    for sign, parts in (("added", one.added), ("removed", one.removed)):
        yield from (f"{part.what} {sign}: {shown(part.words)}" for part in parts)
    for part in one.altered:
        fields = [f"{shown(f.name)} {_value(f.old, shown)} → {_value(f.new, shown)}" for f in part.fields]
        yield f"{part.what} altered ({shown(part.where)}): {', '.join(fields)}"
    if one.moved:
        yield f"{one.moved} quote{'s' * (one.moved > 1)} moved"


def _value(value: Scalar, shown: Callable[[str], str]) -> str:
    return "none" if value is None else str(value) if isinstance(value, int) else f"“{shown(value)}”"


def _few(lines: list[str], most: int = MOST, sign: str = "- ") -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"{sign}and {len(lines) - most} more"]


def _code(words: str) -> str:
    return f"`{' '.join(words.replace('`', '’').split())}`"


def _escaped(words: str) -> str:
    words = "".join(f"\\{c}" if c in _MARKS else c for c in " ".join(words.split()))
    return words.replace("@", "@\u2060").replace("://", ":\u2060//")


_MARKS = "\\`*_{}[]<>()#+-.!|~&$"
