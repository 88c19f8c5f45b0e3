"""Small corpora made of text, for tests of what files say together."""

from __future__ import annotations

from textwrap import dedent

from sitrep.anchoring import names
from sitrep.corpus.corpus import Corpus
from sitrep.corpus.link import linked_corpus
from sitrep.model.entries import Entry
from sitrep.model.records import PLURAL
from sitrep.parse import entry as items


def entries(**files: str) -> list[Entry]:
    """`actor__nis="part_of: [south-korea]"` → entries; an article's text is `TEXT` unless `article__x__md` gives it."""
    texts = {name: text for name, text in files.items() if name.endswith("__md")}
    made: list[Entry] = []
    for name, data in sorted(files.items(), key=lambda item: item[0].startswith("article")):
        if name in texts:
            continue
        kind, _, id = name.partition("__")
        id = id.replace("_", "-")
        folder = PLURAL[kind]
        text = texts.get(f"{name}__md", TEXT if kind == "article" else "")
        paths = (f"content/{folder}/{id}.yaml", f"content/{folder}/{id}.md")
        body = text.encode() if text else None
        head = "marking: TLP:CLEAR\nstatus: reviewed\n"
        entry, problems = items.read(
            folder, id, (head + dedent(data)).encode(), body, paths if text else paths[:1], names.table(made)
        )
        assert not problems, [str(problem) for problem in problems]
        made.append(entry)
    return made


def corpus(**files: str) -> Corpus:
    return linked_corpus(entries(**files))


TEXT = "It is so. It is not so. Nobody spoke. One. Two. Three. Four. Five. Six.\n"
