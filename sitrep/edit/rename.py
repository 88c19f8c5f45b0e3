"""A thing gets another id, or two things become one. The old address redirects; every reference is rewritten."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from sitrep.anchoring import quotes
from sitrep.anchoring.quotes import Matchable
from sitrep.corpus.corpus import Key
from sitrep.corpus.link import linked_corpus
from sitrep.edit.changeset import FileChange
from sitrep.edit.references import Read, Rewriting, read
from sitrep.edit.yaml_edit import CannotEdit
from sitrep.model import ids
from sitrep.model.entries import Entry, words
from sitrep.model.records import SINGULAR, Actor, Article, Kind, Source
from sitrep.parallel.pool import Each
from sitrep.parse import entry as items
from sitrep.parse import markdown, references, yaml
from sitrep.parse.schema import nearest
from sitrep.parse.text import decode
from sitrep.problems import Unusable
from sitrep.project import Project
from sitrep.release.policy import released, releases_drafts, status, withheld_entry
from sitrep.release.sign_off import sign_off


class Plan(NamedTuple):
    """What is to be done, and what is to be said about it."""

    changes: tuple[FileChange, ...]
    done: str
    notes: tuple[str, ...]


def rename(project: Project, each: Each, kind: Kind, old: str, new: str) -> Plan:
    """Plan a new id for a thing. Raises Unusable when it cannot have it."""
    if fault := ids.fault(new):
        raise Unusable(fault)
    held = read(project, each)
    entry = _known(held, kind, old)
    what = SINGULAR[kind]
    if old == new:
        raise Unusable(f"the {what} is called {old!r} already")
    if there := held.corpus.get((kind, new)):
        how = "exists already" if there.files else "is mentioned already"
        raise Unusable(f"the {what} {new!r} {how}: sitrep merge {what} {old} {new} makes one of the two")
    _free(held, kind, old, new)
    work = Rewriting(held, (kind, old), (kind, new), entry)
    work.run()
    redirect = _fold(old) != _fold(new)
    notes = []
    if entry.files:
        former = [id for id in entry.record.formerly if _fold(id) != _fold(new) and id != old]
        _relist(work, _sidecar(held, (kind, old), new), "formerly", [*former, old] if redirect else former)
    else:
        notes.append(f"it has no file that could redirect from its old address: sitrep new {what} {new}")
    if kind in ("actors", "sources") and not getattr(entry.record, "name", ""):
        notes.append(f"it has no name: texts are searched for “{words(new)}” now, no more for “{words(old)}”")
    if not redirect:
        notes.append("the ids differ in case alone, so there is nothing to redirect")
    changes = _changes(work, _moves(held, (kind, old), new))
    done = f"the {what} {old} is now {new}: {_counted(work, entry.files)}"
    return Plan(changes, done, (*notes, *_signed(held, changes)))


def merge(project: Project, each: Each, kind: Kind, old: str, into: str) -> Plan:
    """Plan that one thing is taken up in another. Raises Unusable, saying what to do by hand, when it cannot be."""
    held = read(project, each)
    mine, other = _known(held, kind, old), _known(held, kind, into)
    what = SINGULAR[kind]
    if old == into:
        raise Unusable(f"{old!r} and {into!r} are one {what} already")
    if mine.files and other.files:
        _same_guard(what, mine, other)
    elif other.files:
        _not_shown(held, what, mine, other)
    if mine.files and other.files:
        _nothing_left(held, kind, mine, other)
    work = Rewriting(held, (kind, old), (kind, into), other if other.files else mine)
    work.run(without=mine.files if other.files else ())
    if other.files:
        moves, notes = dict.fromkeys(mine.files, ""), _take_up(work, held, mine, other, (kind, into), into)
    elif mine.files:
        moves, notes = _moves(held, (kind, old), into), _take_up(work, held, other, mine, (kind, old), into)
    else:
        moves, notes = {}, ["neither has a file that could redirect from the old address"]
    changes = _changes(work, moves)
    done = f"the {what} {old} is now part of {into}: {_counted(work, mine.files)}"
    return Plan(changes, done, (*notes, *_signed(held, changes)))


def _take_up(work: Rewriting, held: Read, gone: Entry, keeper: Entry, key: Key, into: str) -> list[str]:
    """Give the file that stays what the other is known by; `key` is whose file it is now. Returns what to say of it."""
    file = _sidecar(held, key, into)
    former = [*keeper.record.formerly, *gone.record.formerly, work.old[1]]
    _relist(work, file, "formerly", [id for id in dict.fromkeys(former) if _fold(id) != _fold(into)])
    if isinstance(keeper.record, (Actor, Source)):
        if new := _names(held, (gone, keeper), keeper.record, into):
            _relist(work, file, "aliases", [*keeper.record.aliases, *new])
        kind = getattr(gone.record, "kind", None)
        if gone.files and kind and not keeper.record.kind:
            work.draft(file).put((), "kind", kind, kind)
        return [f"new among its aliases: {', '.join(f'“{name}”' for name in new)}"] if new else []
    if gone.files and gone.name != keeper.name:
        return [f"its name is not kept, as only actors and sources have aliases: “{gone.name}”"]
    return []


# -- may it be --------------------------------------------------------------------------------------------------------


def _fold(id: str) -> str:
    return unicodedata.normalize("NFC", id).casefold()


def _known(held: Read, kind: Kind, id: str) -> Entry:
    entry = held.corpus.get((kind, id))
    if entry is None:
        others = [k for k in held.corpus.entries if id in held.corpus.entries[k]]
        near = nearest(id, held.corpus.entries[kind])
        hint = f"; there is the {SINGULAR[others[0]]} {id!r}" if others else (f": {near}" if near else "")
        raise Unusable(f"there is no {SINGULAR[kind]} {id!r}{hint}")
    if not entry.sound:
        raise Unusable(f"{entry.files[0]} cannot be read whole: correct it first (sitrep check)")
    return entry


def _free(held: Read, kind: Kind, old: str, new: str) -> None:
    """Whether nothing else claims the address of the new id."""
    folder = held.project.content / kind
    twins = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    taken = [name for name in twins if name.endswith((".yaml", ".md")) and name.rpartition(".")[0] != old]
    taken = [name for name in taken if _fold(name.rpartition(".")[0]) == _fold(new)]
    others = (id for id in held.corpus.entries[kind] if id != old)
    taken += [f"the {SINGULAR[kind]} {id!r}" for id in others if _fold(id) == _fold(new)]
    if taken:
        raise Unusable(f"{taken[0]} has the address of {new!r} already")
    for other in held.corpus.entries[kind].values():
        if other.id != old and any(_fold(id) == _fold(new) for id in other.record.formerly):
            message = f"{new!r} is a former id of the {SINGULAR[kind]} {other.id!r}, and redirects there"
            raise Unusable(f"{message}: delete it from its ‘formerly’ first")


def _same_guard(what: str, mine: Entry, other: Entry) -> None:
    """The release guard decides for whole files: what is kept apart may not be made one in passing."""
    for key, a, b in (
        ("marking", mine.record.marking or "none", other.record.marking or "none"),
        ("status", status(mine), status(other)),
    ):
        if a != b:
            message = f"the {what} {mine.id!r} has the {key} {a}, {other.id!r} has {b}"
            raise Unusable(f"{message}: decide who may see both, make the two the same, then merge")


def _not_shown(held: Read, what: str, mine: Entry, other: Entry) -> None:
    """What is released may not come to name a thing that is withheld."""
    publish = held.project.config.publish
    why = withheld_entry(other, publish)
    if not why:
        return
    entries = (entry for kind in held.corpus.entries for entry in held.corpus.entries[kind].values() if entry.files)
    if linked_corpus(released(entries, publish)).get((mine.kind, mine.id)):
        message = f"the {what} {other.id!r} is withheld ({why}), and what is released mentions {mine.id!r}"
        raise Unusable(f"{message}: it would name {other.id!r} in public; decide that first")


def _nothing_left(held: Read, kind: Kind, mine: Entry, other: Entry) -> None:
    """Whether all that one file says, names aside, the other says too."""
    a, b = (_data(held, (kind, entry.id)) for entry in (mine, other))
    left = [key for key, value in a.items() if not _held(key, value, b)]
    prose, text = _prose(held, (kind, mine.id)), _prose(held, (kind, other.id))
    left += [f"the text of {held.tasks[kind, mine.id].md}"] if prose.strip() and prose != text else []
    if left:
        where = held.tasks[kind, mine.id].yaml or held.tasks[kind, mine.id].md
        keys = ", ".join(left)
        raise Unusable(f"{where} says what {other.id!r} does not: move or delete by hand, then merge: {keys}")
    for _, raw, kinds in references.of(other.record):
        if kinds and held.corpus.resolve(raw, kinds) == (kind, mine.id):
            file = held.tasks[kind, other.id].yaml
            raise Unusable(f"{file} refers to {mine.id!r}, and would refer to itself: delete that first")


def _held(key: str, value: Any, other: dict[str, Any]) -> bool:
    """Whether merging loses nothing of a key's value."""
    if value is None or key in ("name", "aliases", "marking", "status", "reviewed", "formerly"):
        return True
    if key == "kind":
        return other.get(key) in (None, value)
    there = other.get(key)
    if there is None:
        return False
    return value == there or all(item in _listed(there) for item in _listed(value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _data(held: Read, key: Key) -> dict[str, Any]:
    file = held.tasks[key].yaml
    text = decode(held.bytes(file), file)[0] if file else None
    data = yaml.load(text, file)[0] if text else None
    return data if isinstance(data, dict) else {}


def _prose(held: Read, key: Key) -> str:
    file = held.tasks[key].md
    return (decode(held.bytes(file), file)[0] or "") if file else ""


# -- the thing's own files --------------------------------------------------------------------------------------------


def _sidecar(held: Read, key: Key, new: str) -> str:
    """Its YAML file, or the one to be made."""
    return held.tasks[key].yaml or f"content/{key[0]}/{new}.yaml"


def _relist(work: Rewriting, file: str, key: str, values: Sequence[str]) -> None:
    try:
        work.draft(file).relist((), key, values)
    except CannotEdit as error:
        raise Unusable(f"{file}: {error}: change its ‘{key}’ by hand; nothing was changed") from None


def _moves(held: Read, key: Key, new: str) -> dict[str, str]:
    """Where its files go."""
    task = held.tasks.get(key)
    files = task.files if task else ()
    return {file: f"content/{key[0]}/{new}.{file.rpartition('.')[2]}" for file in files}


def _names(held: Read, both: Sequence[Entry], kept: Actor | Source, into: str) -> list[str]:
    """The names by which texts were searched for the two, and would no more be."""
    given: list[str] = []
    for entry in both:
        record = entry.record
        if isinstance(record, (Actor, Source)) and entry.files:
            given += [record.name or words(entry.id), *record.aliases]
        else:
            plain = words(entry.id)
            given += [name for name in (plain, plain.upper()) if _stands(held, entry, name)]
    known = {quotes.normal(name) for name in (kept.name or words(into), *kept.aliases)}
    return [name for name in dict.fromkeys(given) if quotes.normal(name) not in known]


def _stands(held: Read, entry: Entry, name: str) -> bool:
    """Whether a name stands in the text of an article that mentions a thing."""
    for id in dict.fromkeys(ref.article for ref in held.corpus.mentions.get((entry.kind, entry.id), ())):
        article = held.corpus.article(id).record
        file = held.tasks["articles", id].md
        text = decode(held.bytes(file), file)[0] if file else None
        assert isinstance(article, Article)
        prose, _ = markdown.render(text or "", file, form=article.format, base=article.url)
        if prose and quotes.whole_words(Matchable(prose.text), [name]):
            return True
    return False


# -- the plan ---------------------------------------------------------------------------------------------------------


def _changes(work: Rewriting, moves: dict[str, str]) -> tuple[FileChange, ...]:
    """All changes, proved. Files that are made or replaced come first, those that go last."""
    made = []
    for file in sorted({*work.drafts, *work.prose, *moves}):
        to = moves.get(file, file)
        if not to:
            made.append(FileChange(file, work.held.bytes(file), "", b""))
            continue
        change = work.change(file, to)
        if not (work.held.project.root / file).exists():
            change = change._replace(path="")
        made.append(change)
    changes = tuple(change for change in made if not change.nothing)
    work.prove(changes)
    return changes


def _counted(work: Rewriting, files: Sequence[str]) -> str:
    n, m = work.count, len(work.touched)
    parts = [f"{n} reference{'s' * (n != 1)} in {m} file{'s' * (m != 1)} rewritten"]
    parts += [f"{len(files)} file{'s' * (len(files) != 1)} of its own moved or merged"] if files else []
    return ", ".join(parts)


def _signed(held: Read, changes: Sequence[FileChange]) -> list[str]:
    """What was signed off and has been changed now. Nobody is signed for: that is a reviewer's to do."""
    made = {change.path: change for change in changes if change.path and change.to}
    lapsed, unsealed = [], []
    for entry in (entry for kind in held.corpus.entries for entry in held.corpus.entries[kind].values()):
        signed = entry.record.reviewed
        if not signed or not made.keys() & set(entry.files):
            continue
        before, after = (_digest(held, entry, now) for now in ({}, made))
        name = f"{SINGULAR[entry.kind]} {after[0]}" + (f" ({signed.by})" if signed.by else "")
        digest = (signed.digest or "").strip().lower()
        if digest == before[1] != after[1] and entry.record.status != "draft":
            lapsed.append(name)
        elif not digest and before[1] != after[1]:
            unsealed.append(name)
    notes = []
    if lapsed:
        what = "they count as drafts now" if len(lapsed) > 1 else "it counts as a draft now"
        kept = "" if releases_drafts(held.project.config.publish) else ", and the site does without"
        notes.append(f"signed off before this change: {', '.join(lapsed)}: {what}{kept}")
        notes.append("to sign again: read the change, and write the digest that sitrep check gives for each")
    if unsealed:
        notes.append(f"signed off without a digest, so that no change is noticed: {', '.join(unsealed)}")
    return notes


def _digest(held: Read, entry: Entry, made: dict[str, FileChange]) -> tuple[str, str]:
    """The id and the digest of a thing with these changes made."""
    files = {made[file].to if file in made else file: file for file in entry.files}
    data: dict[str, bytes] = {}
    for to, file in files.items():
        data[to.rpartition(".")[2]] = made[file].new if file in made else held.bytes(file)
    stem = next(iter(files)).rpartition("/")[2].rpartition(".")[0]
    again, _ = items.read(entry.kind, stem, data.get("yaml"), data.get("md"), tuple(files))
    return stem, sign_off(again)
