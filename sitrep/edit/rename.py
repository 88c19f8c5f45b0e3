"""Changes the id of an entry, or merges two. The old address redirects, and every reference is rewritten."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sitrep.anchoring import quotes
from sitrep.anchoring.quotes import Matchable
from sitrep.corpus.corpus import Key
from sitrep.corpus.link import linked_corpus
from sitrep.edit.changeset import FileChange
from sitrep.edit.references import ProjectContent, ReferenceRewriter, read_project
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
    """The changes of files, and the messages once they are made."""

    changes: tuple[FileChange, ...]
    outcome: str
    notes: tuple[str, ...]


def rename(project: Project, each: Each, kind: Kind, old: str, new: str) -> Plan:
    """Plan a new id for an entry. Raises Unusable if the id is not available."""
    if fault := ids.fault(new):
        raise Unusable(fault)
    content = read_project(project, each)
    entry = _entry(content, kind, old)
    word = SINGULAR[kind]
    if old == new:
        raise Unusable(f"the {word} already has the id {old!r}")
    if existing := content.corpus.get((kind, new)):
        state = "exists already" if existing.files else "is already mentioned"
        raise Unusable(f"the {word} {new!r} {state}: sitrep merge {word} {old} {new} merges them")
    _require_free(content, kind, old, new)
    rewriter = ReferenceRewriter(content, (kind, old), (kind, new), entry)
    rewriter.run()
    redirect = _fold(old) != _fold(new)
    notes = []
    if entry.files:
        former = [id for id in entry.record.formerly if _fold(id) != _fold(new) and id != old]
        _set_list(rewriter, _sidecar(content, (kind, old), new), "formerly", [*former, old] if redirect else former)
    else:
        notes.append(f"it has no file that could redirect from its old address: sitrep new {word} {new}")
    if kind in ("actors", "sources") and not getattr(entry.record, "name", ""):
        notes.append(f"it has no name: texts are now searched for “{words(new)}”, and no longer for “{words(old)}”")
    if not redirect:
        notes.append("the ids differ only in case, so no redirect is needed")
    changes = _changes(rewriter, _moves(content, (kind, old), new))
    outcome = f"the {word} {old} is now {new}: {_counts(rewriter, entry.files)}"
    return Plan(changes, outcome, (*notes, *_sign_off_notes(content, changes)))


def merge(project: Project, each: Each, kind: Kind, old: str, into: str) -> Plan:
    """Plan to merge `old` into `into`. Raises Unusable, with what to do by hand, if they cannot be merged."""
    content = read_project(project, each)
    old_entry, target = _entry(content, kind, old), _entry(content, kind, into)
    word = SINGULAR[kind]
    if old == into:
        raise Unusable(f"{old!r} and {into!r} are the same {word}")
    if old_entry.files and target.files:
        _require_same_release(word, old_entry, target)
    elif target.files:
        _require_no_exposure(content, word, old_entry, target)
    if old_entry.files and target.files:
        _require_no_loss(content, kind, old_entry, target)
    rewriter = ReferenceRewriter(content, (kind, old), (kind, into), target if target.files else old_entry)
    rewriter.run(without=old_entry.files if target.files else ())
    if target.files:
        moves, notes = (
            dict.fromkeys(old_entry.files, ""),
            _absorb(rewriter, content, old_entry, target, (kind, into), into),
        )
    elif old_entry.files:
        moves, notes = (
            _moves(content, (kind, old), into),
            _absorb(rewriter, content, target, old_entry, (kind, old), into),
        )
    else:
        moves, notes = {}, ["neither has a file that could redirect from the old address"]
    changes = _changes(rewriter, moves)
    outcome = f"the {word} {old} is now part of {into}: {_counts(rewriter, old_entry.files)}"
    return Plan(changes, outcome, (*notes, *_sign_off_notes(content, changes)))


def _absorb(
    rewriter: ReferenceRewriter, content: ProjectContent, gone: Entry, keeper: Entry, key: Key, into: str
) -> list[str]:
    """Add the names and former ids of `gone` to the file of `keeper`, which is that of `key`. Returns notes."""
    file = _sidecar(content, key, into)
    former = [*keeper.record.formerly, *gone.record.formerly, rewriter.old[1]]
    _set_list(rewriter, file, "formerly", [id for id in dict.fromkeys(former) if _fold(id) != _fold(into)])
    if isinstance(keeper.record, (Actor, Source)):
        if new := _names(content, (gone, keeper), keeper.record, into):
            _set_list(rewriter, file, "aliases", [*keeper.record.aliases, *new])
        kind = getattr(gone.record, "kind", None)
        if gone.files and kind and not keeper.record.kind:
            rewriter.draft(file).add_key((), "kind", kind, kind)
        return [f"new among its aliases: {', '.join(f'“{name}”' for name in new)}"] if new else []
    if gone.files and gone.name != keeper.name:
        return [f"its name is lost, since only actors and sources have aliases: “{gone.name}”"]
    return []


# -- preconditions ----------------------------------------------------------------------------------------------------


def _fold(id: str) -> str:
    return unicodedata.normalize("NFC", id).casefold()


def _entries(content: ProjectContent) -> Iterator[Entry]:
    for entries in content.corpus.entries.values():
        yield from entries.values()


def _entry(content: ProjectContent, kind: Kind, id: str) -> Entry:
    entry = content.corpus.get((kind, id))
    if entry is None:
        others = [k for k in content.corpus.entries if id in content.corpus.entries[k]]
        near = nearest(id, content.corpus.entries[kind])
        hint = f"; there is the {SINGULAR[others[0]]} {id!r}" if others else (f": {near}" if near else "")
        raise Unusable(f"there is no {SINGULAR[kind]} {id!r}{hint}")
    if not entry.sound:
        raise Unusable(f"{entry.files[0]} cannot be read completely: correct it first (sitrep check)")
    return entry


def _require_free(content: ProjectContent, kind: Kind, old: str, new: str) -> None:
    """Raise Unusable if anything else has the address of the new id."""
    folder = content.project.content / kind
    twins = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    taken = [name for name in twins if name.endswith((".yaml", ".md")) and name.rpartition(".")[0] != old]
    taken = [name for name in taken if _fold(name.rpartition(".")[0]) == _fold(new)]
    others = (id for id in content.corpus.entries[kind] if id != old)
    taken += [f"the {SINGULAR[kind]} {id!r}" for id in others if _fold(id) == _fold(new)]
    if taken:
        raise Unusable(f"{taken[0]} has the address of {new!r} already")
    for other in content.corpus.entries[kind].values():
        if other.id != old and any(_fold(id) == _fold(new) for id in other.record.formerly):
            message = f"{new!r} is a former id of the {SINGULAR[kind]} {other.id!r}, and redirects there"
            raise Unusable(f"{message}: delete it from its ‘formerly’ first")


def _require_same_release(word: str, old_entry: Entry, target: Entry) -> None:
    """Raise Unusable unless both entries are released alike: merging must not release anything silently."""
    for key, a, b in (
        ("marking", old_entry.record.marking or "none", target.record.marking or "none"),
        ("status", status(old_entry), status(target)),
    ):
        if a != b:
            message = f"the {word} {old_entry.id!r} has the {key} {a}, {target.id!r} has {b}"
            raise Unusable(f"{message}: decide who may see both, make them equal, then merge")


def _require_no_exposure(content: ProjectContent, word: str, old_entry: Entry, target: Entry) -> None:
    """Raise Unusable if released files would then name an entry that is withheld."""
    publish = content.project.config.publish
    why = withheld_entry(target, publish)
    if not why:
        return
    files = (entry for entry in _entries(content) if entry.files)
    if linked_corpus(released(files, publish)).get((old_entry.kind, old_entry.id)):
        message = f"the {word} {target.id!r} is withheld ({why}), and released files mention {old_entry.id!r}"
        raise Unusable(f"{message}: they would name {target.id!r} in public; decide that first")


def _require_no_loss(content: ProjectContent, kind: Kind, old_entry: Entry, target: Entry) -> None:
    """Raise Unusable if the files of `old_entry` say anything, apart from names, that those of `target` do not."""
    a, b = (_data(content, (kind, entry.id)) for entry in (old_entry, target))
    missing = [key for key, value in a.items() if not _is_kept(key, value, b)]
    prose, text = _prose(content, (kind, old_entry.id)), _prose(content, (kind, target.id))
    missing += [f"the text of {content.tasks[kind, old_entry.id].md}"] if prose.strip() and prose != text else []
    if missing:
        referrer = content.tasks[kind, old_entry.id].yaml or content.tasks[kind, old_entry.id].md
        keys = ", ".join(missing)
        raise Unusable(
            f"{referrer} has content that {target.id!r} lacks: move or delete it by hand, then merge: {keys}"
        )
    for _, raw, kinds in references.of(target.record):
        if kinds and content.corpus.resolve(raw, kinds) == (kind, old_entry.id):
            referrer = content.tasks[kind, target.id].yaml
            raise Unusable(f"{referrer} refers to {old_entry.id!r}, and would refer to itself: delete that first")


def _is_kept(key: str, value: Any, other: dict[str, Any]) -> bool:
    """Whether merging keeps all of a key's value."""
    if value is None or key in ("name", "aliases", "marking", "status", "reviewed", "formerly"):
        return True
    if key == "kind":
        return other.get(key) in (None, value)
    theirs = other.get(key)
    if theirs is None:
        return False
    return value == theirs or all(item in _as_list(theirs) for item in _as_list(value))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _data(content: ProjectContent, key: Key) -> dict[str, Any]:
    file = content.tasks[key].yaml
    text = decode(content.bytes(file), file)[0] if file else None
    data = yaml.load(text, file)[0] if text else None
    return data if isinstance(data, dict) else {}


def _prose(content: ProjectContent, key: Key) -> str:
    file = content.tasks[key].md
    return (decode(content.bytes(file), file)[0] or "") if file else ""


# -- the files of the entry -------------------------------------------------------------------------------------------


def _sidecar(content: ProjectContent, key: Key, new: str) -> str:
    """The entry's YAML file, or the one to create."""
    return content.tasks[key].yaml or f"content/{key[0]}/{new}.yaml"


def _set_list(rewriter: ReferenceRewriter, file: str, key: str, values: Sequence[str]) -> None:
    try:
        rewriter.draft(file).set_list((), key, values)
    except CannotEdit as error:
        raise Unusable(f"{file}: {error}: change its ‘{key}’ by hand; nothing was changed") from None


def _moves(content: ProjectContent, key: Key, new: str) -> dict[str, str]:
    """The new paths of the entry's files."""
    task = content.tasks.get(key)
    files = task.files if task else ()
    return {file: f"content/{key[0]}/{new}.{file.rpartition('.')[2]}" for file in files}


def _names(content: ProjectContent, both: Sequence[Entry], keeper_record: Actor | Source, into: str) -> list[str]:
    """Names of both entries for which texts were searched, and which `keeper_record` does not have yet."""
    searched: list[str] = []
    for entry in both:
        record = entry.record
        if isinstance(record, (Actor, Source)) and entry.files:
            searched += [record.name or words(entry.id), *record.aliases]
        else:
            plain = words(entry.id)
            searched += [name for name in (plain, plain.upper()) if _occurs(content, entry, name)]
    known = {quotes.normal(name) for name in (keeper_record.name or words(into), *keeper_record.aliases)}
    return [name for name in dict.fromkeys(searched) if quotes.normal(name) not in known]


def _occurs(content: ProjectContent, entry: Entry, name: str) -> bool:
    """Whether a name occurs in the text of an article that mentions the entry."""
    for id in dict.fromkeys(ref.article for ref in content.corpus.mentions.get((entry.kind, entry.id), ())):
        article = content.corpus.article(id).record
        file = content.tasks["articles", id].md
        text = decode(content.bytes(file), file)[0] if file else None
        assert isinstance(article, Article)
        prose, _ = markdown.render(text or "", file, form=article.format, base=article.url)
        if prose and quotes.whole_words(Matchable(prose.text), [name]):
            return True
    return False


# -- the plan ---------------------------------------------------------------------------------------------------------


def _changes(rewriter: ReferenceRewriter, moves: dict[str, str]) -> tuple[FileChange, ...]:
    """All changes, verified."""
    planned = []
    for file in sorted({*rewriter.drafts, *rewriter.prose, *moves}):
        to = moves.get(file, file)
        if not to:
            planned.append(FileChange(file, rewriter.content.bytes(file), "", b""))
            continue
        change = rewriter.change(file, to)
        if not (rewriter.content.project.root / file).exists():
            change = change._replace(path="")
        planned.append(change)
    changes = tuple(change for change in planned if not change.is_empty)
    rewriter.verify(changes)
    return changes


def _counts(rewriter: ReferenceRewriter, files: Sequence[str]) -> str:
    n, m = rewriter.count, len(rewriter.touched)
    parts = [f"{n} reference{'s' * (n != 1)} in {m} file{'s' * (m != 1)} rewritten"]
    parts += [f"{len(files)} file{'s' * (len(files) != 1)} of its own moved or merged"] if files else []
    return ", ".join(parts)


def _sign_off_notes(content: ProjectContent, changes: Sequence[FileChange]) -> list[str]:
    """Notes about signed-off files that this changes. Only a reviewer may sign them again."""
    by_path = {change.path: change for change in changes if change.path and change.to}
    lapsed, unsealed = [], []
    for entry in _entries(content):
        signed = entry.record.reviewed
        if not signed or not by_path.keys() & set(entry.files):
            continue
        before, after = (_digest(content, entry, now) for now in ({}, by_path))
        name = f"{SINGULAR[entry.kind]} {after[0]}" + (f" ({signed.by})" if signed.by else "")
        digest = (signed.digest or "").strip().lower()
        if digest == before[1] != after[1] and entry.record.status != "draft":
            lapsed.append(name)
        elif not digest and before[1] != after[1]:
            unsealed.append(name)
    notes = []
    if lapsed:
        effect = "they count as drafts now" if len(lapsed) > 1 else "it counts as a draft now"
        consequence = "" if releases_drafts(content.project.config.publish) else ", and the site does without"
        notes.append(f"signed off before this change: {', '.join(lapsed)}: {effect}{consequence}")
        notes.append("to sign again: review the change, and write the digest that sitrep check gives for each")
    if unsealed:
        notes.append(f"signed off without a digest, so the sign-off stays valid: {', '.join(unsealed)}")
    return notes


def _digest(content: ProjectContent, entry: Entry, by_path: dict[str, FileChange]) -> tuple[str, str]:
    """The id and the digest of an entry after these changes."""
    files = {by_path[file].to if file in by_path else file: file for file in entry.files}
    data: dict[str, bytes] = {}
    for to, file in files.items():
        data[to.rpartition(".")[2]] = by_path[file].new if file in by_path else content.bytes(file)
    stem = next(iter(files)).rpartition("/")[2].rpartition(".")[0]
    changed, _ = items.read(entry.kind, stem, data.get("yaml"), data.get("md"), tuple(files))
    return stem, sign_off(changed)
