"""Rewrites every reference to an entry to another id: in sidecars, in other data, and in the `[[…]]` of prose.

The corpus resolves each reference before and after: only references to this entry change, and one that would become
ambiguous gets its kind (`source:x`). The result is read changed and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from sitrep.build.load import load_entries
from sitrep.corpus.corpus import Corpus, Key
from sitrep.corpus.link import linked_corpus
from sitrep.edit.changeset import FileChange
from sitrep.edit.yaml_edit import CannotEdit, Draft, Edit, apply_edits, apply_to_bytes
from sitrep.model.entries import Entry
from sitrep.model.records import KINDS, PLURAL, SINGULAR, Kind
from sitrep.parallel.pool import Each
from sitrep.parse import entry as items
from sitrep.parse import markdown, references
from sitrep.parse.text import decode
from sitrep.problems import ERROR, Path, Unusable
from sitrep.project import ABOUT, Project, SourceFiles, scan


class ProjectContent(NamedTuple):
    """The content of a project: its files, and the corpus of its entries (articles without their texts)."""

    project: Project
    tasks: dict[Key, SourceFiles]
    corpus: Corpus
    unreadable: list[str]
    """Files that cannot be read completely, so that their references are unknown."""

    def bytes(self, file: str) -> bytes:
        try:
            return (self.project.root / file).read_bytes()
        except OSError as error:
            raise Unusable(f"{file} cannot be read: {error.strerror}; nothing was changed") from None


def read_project(project: Project, each: Each) -> ProjectContent:
    """Read every file that may contain references. Texts of articles contain none: they are other people's words."""
    tasks, problems, _ = scan(project)
    brief = [
        task._replace(md="", stamps=task.stamps[:1]) if task.kind == "articles" and task.yaml else task
        for task in tasks
    ]
    loaded = load_entries(project, brief, each)
    files = {(task.kind, task.id): task.files for task in tasks}
    entries = [entry.replaced(files=files[entry.kind, entry.id]) for entry in loaded]
    unreadable = [problem.file for problem in problems if problem.severity == ERROR]
    unreadable += [file for entry in entries if not entry.sound for file in entry.files]
    return ProjectContent(project, {(t.kind, t.id): t for t in tasks}, linked_corpus(entries), unreadable)


class ReferenceRewriter:
    """The edits that rewrite every reference from `old` to `new`, file by file."""

    def __init__(self, content: ProjectContent, old: Key, new: Key, entry: Entry) -> None:
        """`entry` is the entry that will have the id `new`."""
        self.content = content
        self.old, self.new = old, new
        self.before = content.corpus
        self.after = _with_renamed(content.corpus, old, entry.replaced(id=new[1]))
        self.drafts: dict[str, Draft] = {}
        self.prose: dict[str, list[Edit]] = {}
        self.data: dict[str, bytes] = {}
        self.count = 0
        self.touched: set[str] = set()
        """Files in which references were rewritten."""

    def run(self, without: tuple[str, ...] = ()) -> None:
        """Plan the edits of all files except `without`. Raises Unusable if a reference cannot be rewritten."""
        self._refuse_unreadable()
        for kind in KINDS:
            for entry in self.before.entries[kind].values():
                for file in entry.files:
                    if file not in without:
                        self._rewrite_file(entry, file)
        if (self.content.project.root / ABOUT).is_file():
            self._rewrite_prose(ABOUT)

    def draft(self, file: str) -> Draft:
        """The draft of a YAML file, empty if the file does not exist yet."""
        if file not in self.drafts:
            exists = (self.content.project.root / file).exists()
            self.data[file] = self.content.bytes(file) if exists else b""
            text, _ = decode(self.data[file], file)
            try:
                self.drafts[file] = Draft(text or "")
            except CannotEdit as error:
                raise Unusable(f"{file}: {error}; nothing was changed") from None
        return self.drafts[file]

    def change(self, file: str, to: str) -> FileChange:
        """The change of one file. Raises Unusable if its edits cannot be made safely."""
        data = self.data.get(file)
        edits = self.prose.get(file, [])
        try:
            if file in self.drafts:
                self.drafts[file].finish()
                edits = self.drafts[file].edits
            old = self.content.bytes(file) if data is None else data
            return FileChange(file, old, to, apply_to_bytes(old, edits))
        except CannotEdit as error:
            raise Unusable(f"{file}: {error}: change it by hand; nothing was changed") from None

    def renamed(self, key: Key) -> Key:
        return self.new if key == self.old else key

    # -- one file -----------------------------------------------------------------------------------------------------

    def _refuse_unreadable(self) -> None:
        word = re.compile(rb"(?<![\w.-])" + re.escape(self.old[1].encode()) + rb"(?![\w-])")
        for file in dict.fromkeys(self.content.unreadable):
            path = self.content.project.root / file
            if path.is_file() and word.search(self.content.bytes(file)):
                message = (
                    f"{file} cannot be read completely, and contains {self.old[1]!r}: correct it first (sitrep check)"
                )
                raise Unusable(f"{message}; nothing was changed")

    def _rewrite_file(self, entry: Entry, file: str) -> None:
        if file.endswith(".md"):
            if entry.kind != "articles":
                self._rewrite_prose(file)
        elif entry.sound:
            try:
                self._rewrite_record(entry, file)
            except CannotEdit as error:
                raise Unusable(f"{file}: {error}: change it by hand; nothing was changed") from None

    def _rewrite_record(self, entry: Entry, file: str) -> None:
        worded: dict[Path, None] = {}
        ids: list[tuple[Path, str, str, Key]] = []
        for at, raw, kinds in references.of(entry.record):
            if not kinds:
                if self._rewritten_target(raw, file) != raw:
                    worded[at] = None
            elif key := self.before.resolve(raw, kinds):
                ids.append((at, raw, self._rewritten_id(raw, kinds, key), key))
        if not worded and all(raw == new for _, raw, new, _ in ids):
            return
        draft = self.draft(file)
        self.touched.add(file)
        for at in worded:
            place = draft.place(at)
            value = str(draft.value(place))
            self.count += sum(self._rewritten_target(raw, file) != raw for raw in markdown.references(value))
            draft.edit_words(
                place,
                self._with_rewritten_links(value, file, markdown.WIKI),
                lambda text: self._with_rewritten_links(text, file, _RAW),
            )
        dropped = self._drop_duplicates(entry, draft, [(draft.place(at), key) for at, _, _, key in ids])
        for at, raw, new, _ in ids:
            place = draft.place(at)
            if raw != new:
                self.count += 1
                if place not in dropped:
                    value = str(draft.value(place))
                    draft.set_scalar(place, value[: len(value) - len(raw)] + new)

    def _drop_duplicates(self, entry: Entry, draft: Draft, ids: list[tuple[Path, Key]]) -> set[Path]:
        """Remove bare ids that become duplicates within a list, unless a comment or a link depends on them."""
        lists: dict[Path, dict[int, Key]] = {}
        for place, key in ids:
            if place and isinstance(place[-1], int) and isinstance(draft.value(place), str):
                lists.setdefault(place[:-1], {})[place[-1]] = key
        dropped: set[Path] = set()
        for path, members in lists.items():
            old = [n for n, key in members.items() if key == self.old]
            if not old or self.new not in members.values() or self._order_matters(entry, path):
                continue
            spare = {n for n in old if not draft.has_comment((*path, n))}
            try:
                draft.remove_items(path, spare)
            except CannotEdit:
                continue
            dropped |= {(*path, n) for n in spare}
        return dropped

    def _order_matters(self, entry: Entry, path: Path) -> bool:
        """Whether a link depends on the order of this list: `[[article:x#actor-3]]`."""
        if entry.kind != "articles" or len(path) != 1:
            return False
        start = f"{str(path[0])[:-1]}-"
        return any(
            key == ("articles", entry.id) and fragment.startswith(start)
            for raw in self._all_links()
            for key, fragment in (self.before.target(raw),)
        )

    def _all_links(self) -> Iterable[str]:
        for kind in KINDS:
            for entry in self.before.entries[kind].values():
                yield from entry.linked
                yield from entry.prose.refs
        about = self.content.project.root / ABOUT
        if about.is_file():
            yield from markdown.references(decode(self.content.bytes(ABOUT), ABOUT)[0] or "")

    # -- one reference ------------------------------------------------------------------------------------------------

    def _rewritten_id(self, raw: str, kinds: tuple[Kind, ...], key: Key) -> str:
        """A rewritten reference: the plain id as before, or with its kind if two entries share the new id."""
        target = self.renamed(key)
        has_kind = PLURAL.get(raw.partition(":")[0]) in kinds and ":" in raw
        shared = self.before.resolve(raw, kinds[::-1]) != key
        for written in [*([] if has_kind else [target[1]]), f"{SINGULAR[target[0]]}:{target[1]}"]:
            means, reverse = (self.after.resolve(written, order) for order in (kinds, kinds[::-1]))
            if means == target and (reverse == target or shared):
                return written
        raise CannotEdit(f"{raw!r} cannot be written so that it means the {SINGULAR[target[0]]} {target[1]!r}")

    def _rewritten_target(self, raw: str, file: str) -> str:
        """The rewritten target of a `[[…]]`."""
        key, _ = self.before.target(raw)
        address, mark, fragment = raw.partition("#")
        if key is None:
            if address == self.old[1]:
                message = f"{file}: [[{raw}]] may mean several entries, {self.old[1]!r} among them"
                raise Unusable(f"{message}: say which first (sitrep check); nothing was changed")
            return raw
        renamed = self.renamed(key)
        has_kind = ":" in address and address.partition(":")[0] in PLURAL
        for written in [*([] if has_kind else [renamed[1]]), f"{SINGULAR[renamed[0]]}:{renamed[1]}"]:
            if self.after.target(written)[0] == renamed:
                return f"{written}{mark}{fragment}"
        raise CannotEdit(f"[[{raw}]] cannot be written so that it means the {SINGULAR[renamed[0]]} {renamed[1]!r}")

    def _with_rewritten_links(self, text: str, file: str, links: re.Pattern[str]) -> str:
        """The text with the target of each `[[…]]` rewritten."""

        def write(match: re.Match[str]) -> str:
            target = match[1].strip()
            start = match.start(1) - match.start() + match[1].index(target)
            return match[0][:start] + self._rewritten_target(target, file) + match[0][start + len(target) :]

        return links.sub(write, text)

    # -- prose --------------------------------------------------------------------------------------------------------

    def _rewrite_prose(self, file: str) -> None:
        data = self.content.bytes(file)
        text, _ = decode(data, file)
        if text is None or "[[" not in text:
            return
        edits = self._prose_edits(text, file)
        if edits:
            self.data[file] = data
            self.prose[file] = edits
            self.touched.add(file)
            self.count += len(edits)

    def _prose_edits(self, text: str, file: str) -> list[Edit]:
        """Edits of real links: in code, or escaped, `[[…]]` is just words."""
        candidates = []
        for match in markdown.WIKI.finditer(text):
            target = match[1].strip()
            if target and (new := self._safe_target(target, file)) != target:
                start = match.start(1) + match[1].index(target)
                candidates.append(Edit(start, start + len(target), new))
        if not candidates:
            return []
        stem = "sitrep-link"
        while stem in text:
            stem += "-"
        marked = [edit._replace(new=f"{stem}{n}") for n, edit in enumerate(candidates)]
        prose, _ = markdown.render(apply_edits(text, marked), file, links=True)
        live = set(prose.refs) if prose else set()
        edits = [edit for edit, mark in zip(candidates, marked, strict=True) if mark.new in live]
        before, now = (markdown.render(t, file, links=True)[0] for t in (text, apply_edits(text, edits)))
        if (
            not before
            or not now
            or now.refs != tuple(dict.fromkeys(self._safe_target(raw, file) for raw in before.refs))
        ):
            raise Unusable(f"{file}: its links cannot be rewritten safely: change them by hand; nothing was changed")
        return edits

    def _safe_target(self, raw: str, file: str) -> str:
        try:
            return self._rewritten_target(raw, file)
        except CannotEdit as error:
            raise Unusable(f"{file}: {error}; nothing was changed") from None

    # -- verification -------------------------------------------------------------------------------------------------

    def verify(self, changes: Iterable[FileChange]) -> None:
        """Read the planned files as a build would, and compare: the same entries, and the same references.

        Raises Unusable if they differ.
        """
        new = {change.to: change.new for change in changes if change.to}
        gone = {change.path for change in changes if change.path and change.path != change.to}
        entries = []
        pairs: list[tuple[Entry, Entry]] = []
        for kind in KINDS:
            for entry in self.before.entries[kind].values():
                files = tuple(file for file in entry.files if file not in gone)
                if (kind, entry.id) == self.old or not files:
                    continue
                changed = self._reread(entry.kind, entry.id, files, new) if any(f in new for f in files) else entry
                entries.append(changed)
                pairs.append((entry, changed))
        own = tuple(f for f in new if f.startswith(f"content/{self.new[0]}/") and _stem(f) == self.new[1])
        here = [entry for entry in entries if (entry.kind, entry.id) == self.new]
        if own and not here:
            changed = self._reread(*self.new, tuple(sorted(own, reverse=True)), new)
            entries.append(changed)
            pairs.append((self.before.entries[self.old[0]][self.old[1]], changed))
        after = linked_corpus(entries)
        expected = {self.renamed((kind, id)) for kind in KINDS for id in self.before.entries[kind]}
        if expected != {(kind, id) for kind in KINDS for id in after.entries[kind]}:
            raise Unusable("the references cannot be rewritten safely: the entries would not be the same afterwards")
        for entry, changed in pairs:
            before = {self.renamed(key) for key in _referenced(entry, self.before)}
            if not before <= set(_referenced(changed, after)) or changed.sound < entry.sound:
                raise Unusable(f"{changed.files[0]}: its references cannot be rewritten safely; nothing was changed")

    def _reread(self, kind: Kind, id: str, files: tuple[str, ...], new: dict[str, bytes]) -> Entry:
        read = {file: new[file] if file in new else self.content.bytes(file) for file in files}
        data = next((read[f] for f in files if f.endswith(".yaml")), None)
        text = next((read[f] for f in files if f.endswith(".md") and (kind != "articles" or data is None)), None)
        return items.read(kind, id, data, text, files)[0]


_RAW = re.compile(r"\[\[([^\[\]|\n]{1,200})(?=[|\]])")
"""The beginning of a `[[…]]` in the source of a YAML scalar, where its words may span lines."""


def _with_renamed(corpus: Corpus, old: Key, entry: Entry) -> Corpus:
    """A corpus in which an entry has another id; it can resolve references, and nothing else."""
    after = Corpus()
    entries = {kind: dict(members) for kind, members in corpus.entries.items()}
    del entries[old[0]][old[1]]
    entries[entry.kind][entry.id] = entry
    after.entries = dict(entries)
    return after


def _referenced(entry: Entry, corpus: Corpus) -> Iterable[Key]:
    """The entries to which an entry refers."""
    for _, raw, kinds in references.of(entry.record):
        key = corpus.resolve(raw, kinds) if kinds else corpus.target(raw)[0]
        if key:
            yield key
    if entry.kind != "articles":
        for raw in entry.prose.refs:
            if key := corpus.target(raw)[0]:
                yield key


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]
