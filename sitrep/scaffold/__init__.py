"""New projects and new files: commented skeletons, which never overwrite a file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sitrep.importers.files import create
from sitrep.model import ids
from sitrep.model.entries import words
from sitrep.model.records import KINDS, SINGULAR, Kind
from sitrep.parse import json_schema
from sitrep.parse.config import Config
from sitrep.problems import Unusable
from sitrep.project import Project
from sitrep.views import json

HERE = Path(__file__).parent
SCHEMA = "content/.schema"
"""The folder in which a project keeps the schemas that its files' first lines refer to."""


def schemas() -> dict[str, str]:
    """File name → JSON Schema: each kind of content, config.yaml, and the JSON beside each kind's pages."""
    files = {f"{SINGULAR[kind]}.json": json_schema.of_kind(kind) for kind in KINDS}
    files["config.json"] = json_schema.of(Config, "sitrep config.yaml")
    files |= {f"{kind}-page.json": json_schema.of_data(shape) for kind, shape in json.EVERY.items()}
    return {
        name: msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
        for name, schema in files.items()
    }


def new_project(folder: Path) -> list[Path]:
    """Create a project: configuration, a small example of each kind, and the Pages workflow. Raises Unusable."""
    template = HERE / "project"
    files = {
        folder / path.relative_to(template).as_posix().replace("dot-", "."): path.read_text(encoding="utf-8")
        for path in sorted(template.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }
    files[folder / ".github/workflows/pages.yml"] = (HERE / "pages.yml").read_text(encoding="utf-8")
    files |= {folder / SCHEMA / name: text for name, text in schemas().items()}
    create(files)
    return list(files)


def new_item(project: Project, kind: Kind, id: str) -> list[Path]:
    """Write the commented skeleton of an entry. Raises Unusable when its id is invalid or the file exists."""
    fault = ids.fault(id)
    if fault:
        raise Unusable(fault)
    folder = project.content / kind
    if folder.is_dir() and (twin := next((p for p in folder.iterdir() if p.stem.casefold() == id.casefold()), None)):
        raise Unusable(f"{twin} exists already; nothing was written")
    skeleton = (HERE / "skeletons" / f"{SINGULAR[kind]}.yaml").read_text(encoding="utf-8")
    files = {folder / f"{id}.yaml": skeleton.replace("NAME", words(id))}
    body = HERE / "skeletons" / f"{SINGULAR[kind]}.md"
    if body.exists():
        files[folder / f"{id}.md"] = body.read_text(encoding="utf-8")
    create(files)
    refresh(project)
    return list(files)


def refresh(project: Project) -> None:
    """Update the project's copies of the schemas."""
    folder = project.root / SCHEMA
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
