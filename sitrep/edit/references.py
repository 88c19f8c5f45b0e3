"""Every reference to a thing, rewritten to another id: in sidecars, in other data, and in the `[[…]]` of prose.

What a reference means is asked of the corpus, before and after: only what resolves to the thing is changed, and what
would come to mean something else by the new id is given its kind (`source:x`). The result is read again and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from sitrep.build.load import load_entries
from sitrep.corpus.corpus import Corpus, Key
from sitrep.corpus.link import linked_corpus
from sitrep.edit.changeset import FileChange
from sitrep.edit.yaml_edit import CannotEdit, Draft, Edit, rewritten, spliced
from sitrep.model.entries import Entry
from sitrep.model.records import KINDS, PLURAL, SINGULAR, Kind
from sitrep.parallel.pool import Each
from sitrep.parse import entry as items
from sitrep.parse import markdown, references
from sitrep.parse.text import decode
from sitrep.problems import ERROR, Path, Unusable
from sitrep.project import ABOUT, Project, SourceFiles, scan


class Read(NamedTuple):
    """The project as it is: its tasks, its entries (articles without their texts) and what they say together."""

    project: Project
    tasks: dict[Key, SourceFiles]
    corpus: Corpus
    unread: list[str]
    """Files that cannot be read whole: what they refer to is not known."""

    def bytes(self, file: str) -> bytes:
        try:
            return (self.project.root / file).read_bytes()
        except OSError as error:
            raise Unusable(f"{file} cannot be read: {error.strerror}; nothing was changed") from None


def read(project: Project, each: Each) -> Read:
    """Read what may hold references. Texts of articles hold none: they are other people's words."""
    tasks, problems, _ = scan(project)
    brief = [
        task._replace(md="", stamps=task.stamps[:1]) if task.kind == "articles" and task.yaml else task
        for task in tasks
    ]
    loaded = load_entries(project, brief, each)
    files = {(task.kind, task.id): task.files for task in tasks}
    entries = [entry.replaced(files=files[entry.kind, entry.id]) for entry in loaded]
    unread = [problem.file for problem in problems if problem.severity == ERROR]
    unread += [file for entry in entries if not entry.sound for file in entry.files]
    return Read(project, {(t.kind, t.id): t for t in tasks}, linked_corpus(entries), unread)


class Rewriting:
    """The edits by which every reference to `old` comes to mean `new`, file by file."""

    def __init__(self, held: Read, old: Key, new: Key, entry: Entry) -> None:
        """`entry` is the thing that `new` will be."""
        self.held = held
        self.old, self.new = old, new
        self.before = held.corpus
        self.after = _replaced(held.corpus, old, entry.replaced(id=new[1]))
        self.drafts: dict[str, Draft] = {}
        self.prose: dict[str, list[Edit]] = {}
        self.data: dict[str, bytes] = {}
        self.count = 0
        self.touched: set[str] = set()
        """Files in which references were rewritten."""

    def run(self, without: tuple[str, ...] = ()) -> None:
        """Plan the edits of all files but these. Raises Unusable when some reference cannot be rewritten."""
        self._refuse_unread()
        for kind in KINDS:
            for entry in self.before.entries[kind].values():
                for file in entry.files:
                    if file not in without:
                        self._file(entry, file)
        if (self.held.project.root / ABOUT).is_file():
            self._prose(ABOUT)

    def draft(self, file: str) -> Draft:
        """The draft of a YAML file; of an empty one, where there is none yet."""
        if file not in self.drafts:
            exists = (self.held.project.root / file).exists()
            self.data[file] = self.held.bytes(file) if exists else b""
            text, _ = decode(self.data[file], file)
            try:
                self.drafts[file] = Draft(text or "")
            except CannotEdit as error:
                raise Unusable(f"{file}: {error}; nothing was changed") from None
        return self.drafts[file]

    def change(self, file: str, to: str) -> FileChange:
        """What becomes of one file. Raises Unusable when its edits do not read as meant."""
        data = self.data.get(file)
        edits = self.prose.get(file, [])
        try:
            if file in self.drafts:
                self.drafts[file].done()
                edits = self.drafts[file].edits
            old = self.held.bytes(file) if data is None else data
            return FileChange(file, old, to, rewritten(old, edits))
        except CannotEdit as error:
            raise Unusable(f"{file}: {error}: change it by hand; nothing was changed") from None

    def moved(self, key: Key) -> Key:
        return self.new if key == self.old else key

    # -- one file ---------------------------------------------------------------------------------------------------

    def _refuse_unread(self) -> None:
        word = re.compile(rb"(?<![\w.-])" + re.escape(self.old[1].encode()) + rb"(?![\w-])")
        for file in dict.fromkeys(self.held.unread):
            path = self.held.project.root / file
            if path.is_file() and word.search(self.held.bytes(file)):
                message = f"{file} cannot be read whole, and holds {self.old[1]!r}: correct it first (sitrep check)"
                raise Unusable(f"{message}; nothing was changed")

    def _file(self, entry: Entry, file: str) -> None:
        if file.endswith(".md"):
            if entry.kind != "articles":
                self._prose(file)
        elif entry.sound:
            try:
                self._record(entry, file)
            except CannotEdit as error:
                raise Unusable(f"{file}: {error}: change it by hand; nothing was changed") from None

    def _record(self, entry: Entry, file: str) -> None:
        worded: dict[Path, None] = {}
        ids: list[tuple[Path, str, str, Key]] = []
        for at, raw, kinds in references.of(entry.record):
            if not kinds:
                if self._target(raw, file) != raw:
                    worded[at] = None
            elif key := self.before.resolve(raw, kinds):
                ids.append((at, raw, self._id(raw, kinds, key), key))
        if not worded and all(raw == new for _, raw, new, _ in ids):
            return
        draft = self.draft(file)
        self.touched.add(file)
        for at in worded:
            place = draft.place(at)
            value = str(draft.value(place))
            self.count += sum(self._target(raw, file) != raw for raw in markdown.references(value))
            draft.reword(place, self._linked(value, file, markdown.WIKI), lambda text: self._linked(text, file, _RAW))
        dropped = self._doubles(entry, draft, [(draft.place(at), key) for at, _, _, key in ids])
        for at, raw, new, _ in ids:
            place = draft.place(at)
            if raw != new:
                self.count += 1
                if place not in dropped:
                    value = str(draft.value(place))
                    draft.write(place, value[: len(value) - len(raw)] + new)

    def _doubles(self, entry: Entry, draft: Draft, ids: list[tuple[Path, Key]]) -> set[Path]:
        """Of bare ids in one list that come to mean the same, take the second away, unless something hangs on it."""
        lists: dict[Path, dict[int, Key]] = {}
        for place, key in ids:
            if place and isinstance(place[-1], int) and isinstance(draft.value(place), str):
                lists.setdefault(place[:-1], {})[place[-1]] = key
        dropped: set[Path] = set()
        for path, members in lists.items():
            old = [n for n, key in members.items() if key == self.old]
            if not old or self.new not in members.values() or self._pointed_at(entry, path):
                continue
            spare = {n for n in old if not draft.remarked((*path, n))}
            try:
                draft.drop(path, spare)
            except CannotEdit:
                continue
            dropped |= {(*path, n) for n in spare}
        return dropped

    def _pointed_at(self, entry: Entry, path: Path) -> bool:
        """Whether a link counts on the order of this list: `[[article:x#actor-3]]`."""
        if entry.kind != "articles" or len(path) != 1:
            return False
        start = f"{str(path[0])[:-1]}-"
        return any(
            key == ("articles", entry.id) and fragment.startswith(start)
            for raw in self._links()
            for key, fragment in (self.before.target(raw),)
        )

    def _links(self) -> Iterable[str]:
        for kind in KINDS:
            for entry in self.before.entries[kind].values():
                yield from entry.linked
                yield from entry.prose.refs
        about = self.held.project.root / ABOUT
        if about.is_file():
            yield from markdown.references(decode(self.held.bytes(ABOUT), ABOUT)[0] or "")

    # -- one reference ----------------------------------------------------------------------------------------------

    def _id(self, raw: str, kinds: tuple[Kind, ...], key: Key) -> str:
        """How a reference is written afterwards: as before, or with its kind where the id comes to be two things'."""
        want = self.moved(key)
        given = PLURAL.get(raw.partition(":")[0]) in kinds and ":" in raw
        shared = self.before.resolve(raw, kinds[::-1]) != key
        for written in [*([] if given else [want[1]]), f"{SINGULAR[want[0]]}:{want[1]}"]:
            means, also = (self.after.resolve(written, order) for order in (kinds, kinds[::-1]))
            if means == want and (also == want or shared):
                return written
        raise CannotEdit(f"{raw!r} cannot be written so that it means the {SINGULAR[want[0]]} {want[1]!r}")

    def _target(self, raw: str, file: str) -> str:
        """How the target of a `[[…]]` is written afterwards."""
        key, _ = self.before.target(raw)
        address, mark, fragment = raw.partition("#")
        if key is None:
            if address == self.old[1]:
                message = f"{file}: [[{raw}]] may mean several things, {self.old[1]!r} among them"
                raise Unusable(f"{message}: say which first (sitrep check); nothing was changed")
            return raw
        want = self.moved(key)
        given = ":" in address and address.partition(":")[0] in PLURAL
        for written in [*([] if given else [want[1]]), f"{SINGULAR[want[0]]}:{want[1]}"]:
            if self.after.target(written)[0] == want:
                return f"{written}{mark}{fragment}"
        raise CannotEdit(f"[[{raw}]] cannot be written so that it means the {SINGULAR[want[0]]} {want[1]!r}")

    def _linked(self, text: str, file: str, links: re.Pattern[str]) -> str:
        """The text with the target of each `[[…]]` rewritten."""

        def write(match: re.Match[str]) -> str:
            target = match[1].strip()
            start = match.start(1) - match.start() + match[1].index(target)
            return match[0][:start] + self._target(target, file) + match[0][start + len(target) :]

        return links.sub(write, text)

    # -- prose ------------------------------------------------------------------------------------------------------

    def _prose(self, file: str) -> None:
        data = self.held.bytes(file)
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
        """Edits of those links that are links: what stands in code, or is escaped, is words."""
        found = []
        for match in markdown.WIKI.finditer(text):
            target = match[1].strip()
            if target and (new := self._live_target(target, file)) != target:
                start = match.start(1) + match[1].index(target)
                found.append(Edit(start, start + len(target), new))
        if not found:
            return []
        stem = "sitrep-link"
        while stem in text:
            stem += "-"
        marked = [edit._replace(new=f"{stem}{n}") for n, edit in enumerate(found)]
        prose, _ = markdown.render(spliced(text, marked), file, links=True)
        live = set(prose.refs) if prose else set()
        edits = [edit for edit, mark in zip(found, marked, strict=True) if mark.new in live]
        was, now = (markdown.render(t, file, links=True)[0] for t in (text, spliced(text, edits)))
        if not was or not now or now.refs != tuple(dict.fromkeys(self._live_target(raw, file) for raw in was.refs)):
            raise Unusable(f"{file}: its links cannot be rewritten safely: change them by hand; nothing was changed")
        return edits

    def _live_target(self, raw: str, file: str) -> str:
        try:
            return self._target(raw, file)
        except CannotEdit as error:
            raise Unusable(f"{file}: {error}; nothing was changed") from None

    # -- proof ------------------------------------------------------------------------------------------------------

    def prove(self, changes: Iterable[FileChange]) -> None:
        """Read the planned files as a build would: the same things, and each reference to what it meant before."""
        new = {change.to: change.new for change in changes if change.to}
        gone = {change.path for change in changes if change.path and change.path != change.to}
        entries = []
        pairs: list[tuple[Entry, Entry]] = []
        for kind in KINDS:
            for entry in self.before.entries[kind].values():
                files = tuple(file for file in entry.files if file not in gone)
                if (kind, entry.id) == self.old or not files:
                    continue
                again = self._again(entry.kind, entry.id, files, new) if any(f in new for f in files) else entry
                entries.append(again)
                pairs.append((entry, again))
        own = tuple(f for f in new if f.startswith(f"content/{self.new[0]}/") and _stem(f) == self.new[1])
        here = [entry for entry in entries if (entry.kind, entry.id) == self.new]
        if own and not here:
            again = self._again(*self.new, tuple(sorted(own, reverse=True)), new)
            entries.append(again)
            pairs.append((self.before.entries[self.old[0]][self.old[1]], again))
        after = linked_corpus(entries)
        things = {self.moved((kind, id)) for kind in KINDS for id in self.before.entries[kind]}
        if things != {(kind, id) for kind in KINDS for id in after.entries[kind]}:
            raise Unusable("the references cannot be rewritten safely: the things would not be the same afterwards")
        for entry, again in pairs:
            was = {self.moved(key) for key in _means(entry, self.before)}
            if not was <= set(_means(again, after)) or again.sound < entry.sound:
                raise Unusable(f"{again.files[0]}: its references cannot be rewritten safely; nothing was changed")

    def _again(self, kind: Kind, id: str, files: tuple[str, ...], new: dict[str, bytes]) -> Entry:
        read = {file: new[file] if file in new else self.held.bytes(file) for file in files}
        data = next((read[f] for f in files if f.endswith(".yaml")), None)
        text = next((read[f] for f in files if f.endswith(".md") and (kind != "articles" or data is None)), None)
        return items.read(kind, id, data, text, files)[0]


_RAW = re.compile(r"\[\[([^\[\]|\n]{1,200})(?=[|\]])")
"""The beginning of a `[[…]]` in a YAML scalar as written, where its words may go over lines."""


def _replaced(corpus: Corpus, old: Key, entry: Entry) -> Corpus:
    """What ids will mean when a thing is there by another id: enough of a corpus to resolve them."""
    after = Corpus()
    entries = {kind: dict(held) for kind, held in corpus.entries.items()}
    del entries[old[0]][old[1]]
    entries[entry.kind][entry.id] = entry
    after.entries = dict(entries)
    return after


def _means(entry: Entry, corpus: Corpus) -> Iterable[Key]:
    """What an entry refers to."""
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
