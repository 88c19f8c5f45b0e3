"""The files of content/assets/ that pages show, and their problems."""

from __future__ import annotations

from pathlib import Path

from sitrep.corpus.corpus import Corpus
from sitrep.incremental.entry_store import EntryStore
from sitrep.model.entries import Entry, Prose
from sitrep.model.records import Article
from sitrep.problems import ERROR, Problem
from sitrep.project import ABOUT, Project, unreadable


def assets(
    project: Project, entries: EntryStore, corpus: Corpus, about: Prose
) -> tuple[dict[str, bytes], list[Problem]]:
    """The files of content/assets/ that a page of this corpus shows, as published; and their problems."""
    texts = [(ABOUT, True, about.assets)]
    for (kind, id), row in entries.rows.items():
        if row.assets and id in corpus.entries[kind]:
            entry = corpus.entries[kind][id]
            if entry.files:
                file = next(f for f in entry.files if f.endswith(".md"))
                texts.append((file, _whole(project, entry), row.assets))
    if not any(shown for *_, shown in texts):
        return {}, []
    from sitrep.publish.image_metadata import (  # imported here: it loads slowly, and most builds show no image
        UnfitImage,
        may_run,
        published,
    )

    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for file, whole, shown in texts:
        for name in shown:
            path = project.content / "assets" / name
            asset = f"content/assets/{name}"
            if not _is_file(path):
                message = f"there is no {asset}"
                problems.append(
                    Problem(code="no-asset", severity=ERROR, file=file, message=message, hint="add the file")
                )
            elif whole and may_run(name):
                message = "this file is not published: its content might run in a reader's browser"
                hint = "attach it as PDF, as text (.txt) or in a .zip"
                problems.append(Problem(code="asset", severity=ERROR, file=asset, message=message, hint=hint))
            elif whole and f"assets/{name}" not in files:
                try:
                    files[f"assets/{name}"] = published(name, path.read_bytes())
                except UnfitImage as unfit:
                    message = f"this image is not published: it {unfit}"
                    problems.append(Problem(code="image", severity=ERROR, file=asset, message=message, hint=unfit.hint))
                except OSError as error:
                    problems.append(unreadable(asset, error))
    return files, problems


def _whole(project: Project, entry: Entry) -> bool:
    """Whether a page shows the text with its images: an excerpt has none."""
    record = entry.record
    return not isinstance(record, Article) or (record.rights or project.config.publish.rights) == "full"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # for example a name that is too long
        return False
