"""The differences between two versions of a project: claims, origins, stances, assessments and quotes.

Built sites are compared by the JSON beside their pages. For a folder or a revision the same JSON is built in memory, so
there is one comparison for all. It is symmetric: swapping the versions gives the reverse.
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
"""The content of one JSON file."""
Scalar = str | int | None


class Revision(NamedTuple):
    """One version: the data of its pages, by kind and id."""

    name: str
    entries: dict[Key, Data]
    withheld: dict[Key, str] | None
    """Why entries are withheld; None for a built site, which does not say."""
    broken: tuple[str, ...] = ()
    """Files that cannot be read completely, so that their content is missing."""


class DiffEntry(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    id: str
    name: str
    why: str | None = None
    """Why it is, or was, withheld."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A value that differs; null if one side has none."""

    name: str
    old: Scalar
    new: Scalar


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an entry that only one side has: an assertion, origin, assessment, quote or judgment."""

    what: str
    words: str


class Altered(msgspec.Struct, frozen=True, kw_only=True):
    """A part that both sides have, with its differences."""

    what: str
    where: str
    fields: list[Field]


class ChangedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that both sides have, with its differences."""

    kind: str
    id: str
    fields: list[Field]
    added: list[Part]
    removed: list[Part]
    altered: list[Altered]
    moved: int
    """How many quotes of an article have the same words in another place."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    old: str
    new: str
    added: list[DiffEntry]
    removed: list[DiffEntry]
    withheld: list[DiffEntry]
    """Shown in OLD, withheld in NEW."""
    released: list[DiffEntry]
    """Withheld in OLD, shown in NEW."""
    changed: list[ChangedEntry]

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.withheld or self.released or self.changed)

    def reversed(self) -> Difference:
        """The difference with the sides swapped."""
        return Difference(
            old=self.new,
            new=self.old,
            added=self.removed,
            removed=self.added,
            withheld=self.released,
            released=self.withheld,
            changed=[
                msgspec.structs.replace(
                    entry,
                    fields=_swapped(entry.fields),
                    added=entry.removed,
                    removed=entry.added,
                    altered=_in_order(
                        msgspec.structs.replace(part, fields=_swapped(part.fields)) for part in entry.altered
                    ),
                )
                for entry in self.changed
            ],
        )


def _swapped(fields: Iterable[Field]) -> list[Field]:
    return [Field(name=field.name, old=field.new, new=field.old) for field in fields]


# -- the two sides ----------------------------------------------------------------------------------------------------


class DiffResult(NamedTuple):
    difference: Difference
    notes: list[str]
    broken: list[str]


def compare_versions(root: Path, old: str, new: str, each: Each, *, everything: bool = False) -> DiffResult:
    """Compare two versions, each a built site, a project's folder, or a revision; an empty name means `root`.

    `everything` includes withheld content. Raises Unusable if a version cannot be read.
    """
    notes: list[str] = []
    sides = []
    folders = [Path(name) if name else root for name in (old, new) if not name or _is_folder(Path(name))]
    if len(folders) < 2 and (dirty := Git(root).uncommitted()):
        here = any(folder.resolve() == root.resolve() for folder in folders)
        comparison = "the folder is compared with these changes" if here else "they are not compared"
        more = f" and {len(dirty) - 1} more" if len(dirty) > 1 else ""
        notes.append(f"uncommitted changes: {dirty[0]}{more}; {comparison}")
    for name in (old, new):
        if not name or _is_folder(Path(name)):
            sides.append(_from_folder(Path(name) if name else root, name or "the folder", each, everything))
            continue
        with Git(root).checked_out(name) as folder:
            try:
                project = open_project(folder)[0]
            except Unusable as error:
                raise Unusable(f"{name}: {error}", error.problems) from None
            sides.append(from_project(project, name, each, everything))
    broken = [f"{side.name}: {file}" for side in sides for file in side.broken]
    return DiffResult(difference(*sides), notes, broken)


def _is_folder(path: Path) -> bool:
    """Whether the path is a folder that can be compared, and not the name of a revision."""
    return (path / CONFIG).exists() or _is_site(path)


def _is_site(path: Path) -> bool:
    return (path / MANIFEST).exists()


def _from_folder(path: Path, name: str, each: Each, everything: bool) -> Revision:
    if _is_site(path):
        return from_site(path, name, everything)
    return from_project(open_project(path)[0], name, each, everything)


def from_site(path: Path, name: str, everything: bool = False) -> Revision:
    """The JSON of a built site. Raises Unusable if there is none, or if it is a preview and not `everything`."""
    entries: dict[Key, Data] = {}
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
        if manifest["preview"] and not everything:
            raise Unusable(f"{path} is a preview, which shows withheld content: pass --all to compare it")
        for file in manifest["files"]:
            if key := _key(file):
                entries[key] = json.loads((path / file).read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Unusable(f"{path} cannot be read as a built site: build it again") from None
    if not entries:
        raise Unusable(f"{path} has no JSON to compare: set json: true in its {CONFIG} and build it again")
    return Revision(name, entries, None)


def from_project(project: Project, name: str, each: Each, everything: bool = False) -> Revision:
    """The JSON that the site of a project would have."""
    session = Session(project)
    content = load(scan(project, BuildOptions(each, preview=everything), session), session)
    released = release(content, session)
    config = msgspec.structs.replace(project.config, json=True, feeds=False, url="")
    context = PageContext(released.public.corpus, config, Handling("", preview=everything), content.words)
    outputs = [output for output in plan(context, Prose()) if any(_key(file.path) for file in output.beside)]
    data = dict(joined.from_iterable(each(_json_data, outputs)))
    all_entries = [content.entries.entry(key) for key in content.entries.rows]
    broken = tuple(entry.files[0] for entry in all_entries if entry.files and not entry.sound)
    return Revision(name, data, content.withheld, broken)


def _json_data(output: Output) -> list[tuple[Key, Data]]:
    view = output.view()
    return [
        (key, msgspec.to_builtins(file.make(view), enc_hook=str)) for file in output.beside if (key := _key(file.path))
    ]


def _key(path: str) -> Key | None:
    """The entry to which a JSON file belongs."""
    kind, _, name = path.partition("/")
    return (kind, name.removesuffix(".json")) if kind in KINDS and name.endswith(".json") else None


# -- git --------------------------------------------------------------------------------------------------------------


class Git:
    """The repository of a project, read through the git command. It and its work tree stay unchanged."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not shutil.which("git"):
            raise Unusable("git is not installed: revisions need it; two folders or two built sites do not")
        inside = self._run("rev-parse", "--is-inside-work-tree", check=False)
        if inside.stdout.strip() != b"true":
            answer = inside.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            raise Unusable(f"revisions need a git repository, and two folders or built sites do not: {answer or root}")

    def uncommitted(self) -> list[str]:
        """Files of the project with changes since the last commit."""
        out = self._run("status", "--porcelain", "-z", "--untracked-files=all", "--", "content", CONFIG).stdout
        return [part[3:].decode("utf-8", "replace") for part in out.split(b"\0") if part[2:3] == b" "]

    @contextmanager
    def checked_out(self, revision: str) -> Iterator[Path]:
        """A checkout of the project at a revision, in a temporary folder."""
        commit = self._commit(revision)
        prefix = self._run("rev-parse", "--show-prefix").stdout.decode().removesuffix("\n")
        with tempfile.TemporaryDirectory(prefix="sitrep-diff-") as folder:
            tree = Path(folder) / "tree"
            tree.mkdir()
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._run("read-tree", commit, extra=index)
            names = self._run("ls-files", "-z", "--", "content", CONFIG, extra=index).stdout
            self._run("checkout-index", "-z", "--stdin", f"--prefix={tree}/", extra=index, stdin=names)
            project = tree / prefix
            if not (project / CONFIG).exists():
                raise Unusable(f"{revision} has no {prefix}{CONFIG}: there was no project yet")
            yield project

    def _commit(self, revision: str) -> str:
        parsed = self._run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", check=False
        )
        if parsed.returncode:
            shallow = self._run("rev-parse", "--is-shallow-repository", check=False).stdout.strip() == b"true"
            hint = "; this clone is shallow: fetch its history" if shallow else ""
            raise Unusable(f"{revision!r} is neither a folder with {CONFIG}, nor a built site, nor a revision{hint}")
        return parsed.stdout.decode().strip()

    def _run(
        self, *arguments: str, check: bool = True, extra: dict[str, str] | None = None, stdin: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
        process = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**environment, **(extra or {})},
            input=stdin or b"",
            capture_output=True,
        )
        if check and process.returncode:
            lines = process.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
            raise Unusable(f"git {arguments[0]} failed: {lines[-1]}")
        return process


_HOOK_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")
"""Variables that a hook of git sets for its own repository."""


# -- comparing --------------------------------------------------------------------------------------------------------


def difference(old: Revision, new: Revision) -> Difference:
    withheld_old, withheld_new = (
        (old.withheld, new.withheld) if old.withheld is not None and new.withheld is not None else ({}, {})
    )
    now_withheld = {key for key in withheld_new if key in old.entries and key not in withheld_old}
    now_released = {key for key in withheld_old if key in new.entries and key not in withheld_new}

    def listed(side: Revision, keys: Iterable[Key], reasons: dict[Key, str] | None = None) -> list[DiffEntry]:
        return [
            DiffEntry(
                kind=SINGULAR[key[0]], id=key[1], name=_title(side.entries[key]), why=reasons[key] if reasons else None
            )
            for key in sorted(keys, key=_order)
        ]

    statements_old, statements_new = _statements(old), _statements(new)
    changed = []
    for key in sorted(old.entries.keys() & new.entries.keys(), key=_order):
        entry = _compare_entries(
            key, old.entries[key], new.entries[key], statements_old.get(key, []), statements_new.get(key, [])
        )
        if entry.fields or entry.added or entry.removed or entry.altered or entry.moved:
            changed.append(entry)
    return Difference(
        old=old.name,
        new=new.name,
        added=listed(new, new.entries.keys() - old.entries.keys() - now_released),
        removed=listed(old, old.entries.keys() - new.entries.keys() - now_withheld),
        withheld=listed(old, now_withheld, withheld_new),
        released=listed(new, now_released, withheld_old),
        changed=changed,
    )


def _order(key: Key) -> tuple[int, str]:
    return _KIND_ORDER.index(key[0]), key[1]


_KIND_ORDER: tuple[Kind, ...] = ("claims", "briefs", "articles", "events", "actors", "sources", "topics")


def _title(data: Data) -> str:
    return str(data.get("title") or data.get("name") or data["id"])


def _statements(side: Revision) -> dict[Key, list[Data]]:
    """Claim or event → the statements about it, from the JSON of articles: that of a claim has only its first page."""
    statements: dict[Key, list[Data]] = {}
    for kind, id in sorted(side.entries):
        if kind == "articles":
            for statement in side.entries[kind, id]["statements"]:
                for about in statement["about"]:
                    statements.setdefault((PLURAL[about["kind"]], about["id"]), []).append(statement)
    return statements


def _compare_entries(
    key: Key, old: Data, new: Data, statements_old: list[Data], statements_new: list[Data]
) -> ChangedEntry:
    kind = key[0]
    before, after = _values(kind, old, statements_old), _values(kind, new, statements_new)
    fields = [
        Field(name=name, old=before.get(name), new=after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]
    fields.sort(key=lambda field: (field.name != "title", _FIELD_ORDER.get(field.name, 99), field.name))
    parts = _Parts()
    if kind in ("claims", "events"):
        keys = (_all_values, _values_without_quote, _by_quote, _by_annotation)
        parts.compare("assertion", statements_old, statements_new, keys, _assertion, _assertion_values)
    if kind == "claims":
        old_origins, new_origins = (
            [origin for origin in side["origins"] if origin["lineage"] == "known"] for side in (old, new)
        )
        parts.compare(
            "origin", old_origins, new_origins, (_by_id,), lambda origin: str(origin["name"]), lambda origin: {}
        )
        dated = (msgspec.json.encode, lambda part: part["date"])
        parts.compare("assessment", old["assessments"], new["assessments"], dated, _assessment, _judgment_values)
        parts.compare("conflict", old["conflicts"], new["conflicts"], (_by_claim,), _by_claim, dict)
    elif kind == "briefs":
        parts.compare("judgment", old["judgments"], new["judgments"], (_judgment,), _judgment, _judgment_values)
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


_FIELD_ORDER = {name: n for n, name in enumerate(("named origins", "untraced chains", "articles", "outlets"))}


class _Parts:
    """The differences between the parts of two entries."""

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
        """Pair parts by each key in turn, in order. Parts without a counterpart were added or removed."""
        removed, added = list(old), list(new)
        for key in keys:
            pairs, removed, added = _paired(removed, added, key)
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
                    where = min(_label(one), _label(other))
                    self.altered.append(Altered(what=what, where=where, fields=fields))
        self.removed += sorted((Part(what=what, words=words(part)) for part in removed), key=lambda part: part.words)
        self.added += sorted((Part(what=what, words=words(part)) for part in added), key=lambda part: part.words)
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


def _label(part: Any) -> str:
    if isinstance(part, _Quote):
        return part.about
    return str(part.get("article") or part.get("date") or part.get("text") or part.get("claim") or "")


# -- values -----------------------------------------------------------------------------------------------------------


def _values(kind: Kind, data: Data, statements: Sequence[Data]) -> dict[str, Scalar]:
    """The values of an entry that are not lists, by name."""
    values: dict[str, Scalar] = {"title": _title(data)}
    if kind == "articles":
        for name in ("published", "captured", "url", "archived", "language", "marking", "rights", "summary"):
            values[name] = data[name]
        values["source"] = _id_or_name(data["source"]) if data["source"] else None
        values["via"] = ", ".join(map(_id_or_name, data["via"])) or None
        values["text"] = _digest(data["text"])
    elif kind == "briefs":
        for name in ("date", "period", "marking", "summary"):
            values[name] = data[name]
        values["text"] = _digest(data["text"])
    else:
        values |= {"kind": data["what"], "description": data["description"]}
        values["has a file"] = "yes" if data["filed"] else None
        values["marking"] = data["marking"] if data["filed"] else None
        for fact in data["facts"]:
            values[fact["label"].casefold()] = ", ".join(map(_id_or_name, fact["values"]))
    if kind == "claims":
        ledger = data["ledger"]
        values |= {"articles": ledger["articles"], "outlets": ledger["outlets"]}
        values |= {"named origins": ledger["origins"]["known"], "untraced chains": ledger["origins"]["unknown"]}
        values |= ledger["stances"]
        values["latest number"] = _latest(statements)
    if kind in ("articles", "briefs"):
        values["topics"] = ", ".join(map(_id_or_name, data["topics"])) or None
    return {name: value for name, value in values.items() if value is not None}


def _id_or_name(ref: Data) -> str:
    """The id, which stays when the name changes, or else the name."""
    return str(ref["id"] or ref["name"])


def _digest(text: str | None) -> str | None:
    return blake2b(text.encode(), digest_size=6).hexdigest() if text is not None else None


def _latest(statements: Iterable[Data]) -> str | None:
    """The latest number; of several on one day, that of the last article by id."""
    dated = [
        (day, statement["article"], statement["value"])
        for statement in statements
        if statement["value"] and (day := _day(statement))
    ]
    return max(dated)[2] if dated else None


def _day(statement: Data) -> str:
    try:
        return parse(statement["said"] or statement["published"] or "").earliest
    except DateError:
        return ""


def _chains(statement: Data, called: Callable[[Data], str]) -> str:
    return "; ".join(
        " → ".join([*(["no origin given"] if not _has_speaker(chain) else []), *map(called, chain)])
        for chain in statement["chains"]
    )


def _has_speaker(chain: Sequence[Data]) -> bool:
    return bool(chain) and chain[0]["role"] in ("speaker", "unnamed speaker", "document")


def _assertion(statement: Data) -> str:
    value = f" ({statement['value']})" if statement["value"] else ""
    chains = _chains(statement, lambda link: str(link["name"]))
    return f"{statement['stance']} in {statement['article']}: {chains}{value}"


def _assertion_values(statement: Data) -> Data:
    """The values in which two versions of an assertion may differ. Its quote belongs to its article."""
    values = {name: statement[name] for name in ("stance", "said", "happened", "value", "credibility")}
    return {**values, "chain": _chains(statement, _id_or_name)}


def _all_values(statement: Data) -> Hashable:
    return (*_values_without_quote(statement), statement["quote"])


def _values_without_quote(statement: Data) -> tuple[Hashable, ...]:
    return (statement["article"], *_assertion_values(statement).values())


def _by_quote(statement: Data) -> Hashable:
    return statement["article"], statement["quote"] or statement["annotation"]


def _by_annotation(statement: Data) -> Hashable:
    return statement["article"], statement["annotation"]


def _by_id(part: Data) -> Hashable:
    return str(part["id"])


def _by_claim(conflict: Data) -> str:
    return str(conflict["claim"])


def _judgment_values(assessment: Data) -> Data:
    return {
        name: assessment[name] for name in ("likelihood", "confidence", "because", "would_change") if name in assessment
    }


def _assessment(assessment: Data) -> str:
    return ", ".join(part for part in (assessment["date"], assessment["likelihood"], assessment["confidence"]) if part)


def _judgment(judgment: Data) -> str:
    return str(judgment["text"])


class _Quote(NamedTuple):
    """One place in an article that events or claims quote."""

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
    """Quotes of events and claims that rights allow to show, in reading order."""
    ids_of: dict[tuple[str, str, int], list[str]] = {}
    for annotation in data["annotations"]:
        if annotation["kind"] != "actor" and annotation["exact"] is not None:
            ids_of.setdefault((annotation["fragment"], annotation["exact"], annotation["start"]), []).append(
                annotation["id"] or "its own"
            )
    quotes = [_Quote(" ".join(sorted(ids)), words, start) for (_, words, start), ids in ids_of.items()]
    return sorted(quotes, key=lambda quote: (quote.start, quote.about, quote.words))


# -- output -----------------------------------------------------------------------------------------------------------

MOST, MOST_OF_ONE = 100, 20
"""The most lines of one list in Markdown, and of those about one entry, since GitHub truncates long comments."""


def summary(difference: Difference) -> str:
    """The difference in one line."""
    parts = []
    for word, entries in (("added", difference.added), ("removed", difference.removed)):
        for kind in _KIND_ORDER:
            count = sum(listed.kind == SINGULAR[kind] for listed in entries)
            parts += [f"{count} {kind if count > 1 else SINGULAR[kind]} {word}"] if count else []
    altered = sum(part.what == "quote" for entry in difference.changed for part in entry.altered)
    for word, count in (("altered", altered), ("moved", sum(entry.moved for entry in difference.changed))):
        parts += [f"{count} quote{'s' * (count > 1)} {word}"] if count else []
    retitled = sum(any(field.name == "title" for field in entry.fields) for entry in difference.changed)
    parts += [f"{retitled} retitled"] if retitled else []
    parts += [f"{len(difference.changed)} changed"] if difference.changed else []
    parts += [f"{len(difference.withheld)} became withheld"] if difference.withheld else []
    parts += [f"{len(difference.released)} released"] if difference.released else []
    return ", ".join(parts) if parts else "no differences"


def text(difference: Difference) -> str:
    """The difference for a terminal."""
    lines = [f"{difference.old} → {difference.new}: {summary(difference)}"]
    for title, entries in _lists(difference):
        lines += ["", title, *(f"  {listed.kind} {listed.id}: {listed.why or listed.name}" for listed in entries)]
    lines += ["", "Changed"] if difference.changed else []
    for entry in difference.changed:
        lines += [f"  {entry.kind} {entry.id}", *(f"    {line}" for line in _change_lines(entry, str))]
    return "\n".join(lines) + "\n"


def markdown(difference: Difference) -> str:
    """The difference for a comment on a pull request: words of the content are escaped and mention no users."""
    lines = [f"### {_code(difference.old)} → {_code(difference.new)}", "", f"{summary(difference).capitalize()}."]
    for title, entries in _lists(difference):
        lines_of_entries = [
            f"- {listed.kind} {_code(listed.id)}: {_escaped(listed.why or listed.name)}" for listed in entries
        ]
        lines += ["", f"#### {title}", "", *_shortened(lines_of_entries)]
    lines_of_entries = []
    for entry in difference.changed:
        inner = "".join(f"\n  - {line}" for line in _shortened(list(_change_lines(entry, _escaped)), MOST_OF_ONE, ""))
        lines_of_entries.append(f"- {entry.kind} {_code(entry.id)}{inner}")
    lines += ["", "#### Changed", "", *_shortened(lines_of_entries)] if lines_of_entries else []
    return "\n".join(lines) + "\n"


def _lists(difference: Difference) -> Iterator[tuple[str, list[DiffEntry]]]:
    for title, entries in (
        ("Added", difference.added),
        ("Removed", difference.removed),
        ("Became withheld", difference.withheld),
        ("Released", difference.released),
    ):
        if entries:
            yield title, entries


def _change_lines(entry: ChangedEntry, shown: Callable[[str], str]) -> Iterator[str]:
    for field in entry.fields:
        if field.name == "text" and field.old is not None and field.new is not None:
            yield "the text has changed"
        else:
            yield f"{shown(field.name)}: {_value(field.old, shown)} → {_value(field.new, shown)}"
    for sign, parts in (("added", entry.added), ("removed", entry.removed)):
        yield from (f"{part.what} {sign}: {shown(part.words)}" for part in parts)
    for part in entry.altered:
        fields = [f"{shown(f.name)} {_value(f.old, shown)} → {_value(f.new, shown)}" for f in part.fields]
        yield f"{part.what} altered ({shown(part.where)}): {', '.join(fields)}"
    if entry.moved:
        yield f"{entry.moved} quote{'s' * (entry.moved > 1)} moved"


def _value(value: Scalar, shown: Callable[[str], str]) -> str:
    return "none" if value is None else str(value) if isinstance(value, int) else f"“{shown(value)}”"


def _shortened(lines: list[str], most: int = MOST, sign: str = "- ") -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"{sign}and {len(lines) - most} more"]


def _code(words: str) -> str:
    return f"`{' '.join(words.replace('`', '’').split())}`"


def _escaped(words: str) -> str:
    words = "".join(f"\\{c}" if c in _MARKS else c for c in " ".join(words.split()))
    return words.replace("@", "@\u2060").replace("://", ":\u2060//")


_MARKS = "\\`*_{}[]<>()#+-.!|~&$"
