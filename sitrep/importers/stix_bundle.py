"""STIX 2.1: identities and threat actors become actors, reports become articles, with their TLP markings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sitrep.export.stix import TLP_MARKINGS
from sitrep.importers.drafts import (
    FileProblems,
    Incoming,
    Made,
    Result,
    date,
    identifier,
    line,
    line_of,
    parsed,
    words,
    write_articles,
    write_entry,
)
from sitrep.model.records import MARKINGS
from sitrep.problems import Unusable
from sitrep.project import Project

CLASSES = {"individual": "person", "organization": "organization", "group": "group", "class": "group"}
MARKING_OF = {
    **{id: marking for marking, id in TLP_MARKINGS.items()},
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
}
"""The ids of TLP 2.0 (FIRST) and of TLP 1 (the standard's own)."""

Object = dict[str, Any]


def stix_bundle(project: Project, path: Path) -> Result:
    """Import a bundle. Raises Unusable where it is none."""
    data, text = parsed(path)
    objects = data.get("objects") if isinstance(data, dict) else None
    if not isinstance(objects, list):
        raise Unusable(f"{path} is no STIX bundle: it has no list of objects")
    problems = FileProblems(path)
    objects_by_id: dict[str, Object] = {}
    for n, item in enumerate(objects, 1):
        id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(id, str) or not isinstance(item.get("type"), str):
            problems.skip(line_of(text, id), f"object {n} has no id or no type")
        elif id in objects_by_id:
            problems.skip(line_of(text, id), f"object {n} has the id of another, {line(id, 80)}")
        else:
            objects_by_id[id] = item
    return _Bundle(project, objects_by_id, text, problems).result()


class _Bundle:
    def __init__(self, project: Project, objects: dict[str, Object], text: str, problems: FileProblems) -> None:
        self.project = project
        self.objects = objects
        self.text = text
        self.problems = problems
        self.ids: dict[str, tuple[str, str]] = {}
        """STIX id → kind and id here."""
        self.files: list[Path] = []

    def result(self) -> Result:
        creators = {item.get("created_by_ref") for item in self.objects.values() if item["type"] == "report"}
        definitions = {m.get("created_by_ref") for m in self.objects.values() if m["type"] == "extension-definition"}
        for id, item in self.objects.items():
            if item["type"] in ("identity", "threat-actor") and id not in definitions:
                self._party(id, item, id in creators)
        self.files += write_articles(self.project, self._articles(), self.problems)
        return Result(self.files, self.problems.problems)

    def _line(self, item: Object) -> int:
        return line_of(self.text, item["id"])

    def _party(self, id: str, item: Object, publishes: bool) -> None:
        name = line(item.get("name"))
        own = _own(item)
        here = identifier(name, own.get("id"))
        if not name or not here:
            self.problems.skip(self._line(item), f"{item['type']} {line(id, 80)} has no name that makes an id")
            return
        kind = "sources" if own.get("kind") == "sources" or (publishes and own.get("kind") != "actors") else "actors"
        aliases = item.get("aliases") or own.get("aliases")
        fields: Made = {
            "name": name,
            "aliases": [text for alias in aliases if (text := line(alias))] if isinstance(aliases, list) else [],
            "description": _plain(line(item.get("description"), 2000)),
            "marking": self._marking(item),
        }
        if kind == "actors":
            what = CLASSES.get(str(item.get("identity_class")), "")
            fields["kind"] = "group" if item["type"] == "threat-actor" else what
        self.ids[id] = (kind, here)
        if own.get("filed") is not False:
            self.files += write_entry(self.project, kind, here, fields, self._line(item), self.problems)

    def _articles(self) -> Iterator[tuple[int, Incoming]]:
        for id, item in self.objects.items():
            own = _own(item)
            if item["type"] != "report" or own.get("kind") == "briefs":
                continue
            name, text = line(item.get("name")), words(item.get("description"))
            published = date(own.get("published") or item.get("published"))
            here = identifier(f"{published} {name}", own.get("id"))
            if not name or not here:
                self.problems.skip(self._line(item), f"report {line(id, 80)} has no name that makes an id")
                continue
            if not text:
                self.problems.skip(self._line(item), f"report {here!r} has no description, which would be its text")
                continue
            creator = self.ids.get(str(item.get("created_by_ref")), ("", ""))
            source = identifier("", own.get("source")) or (creator[1] if creator[0] == "sources" else "")
            fields = {
                "title": name,
                "source": source,
                "published": published,
                "url": self._url(item),
                "marking": self._marking(item),
                "rights": "metadata",
            }
            refs = item.get("object_refs")
            named = [self.ids[ref][1] for ref in _texts(refs) if ref in self.ids]
            actors = [{"id": id, "proposed": True} for id in dict.fromkeys(named) if id != source]
            yield self._line(item), Incoming(here, text + "\n", {k: v for k, v in fields.items() if v}, actors=actors)

    def _url(self, item: Object) -> str:
        references = item.get("external_references")
        for reference in references if isinstance(references, list) else ():
            url = line(reference.get("url"), 2000) if isinstance(reference, dict) else ""
            if url.startswith(("https://", "http://")):
                return url
        return ""

    def _marking(self, item: Object) -> str:
        """The strictest of its TLP markings; an unknown marking causes the file to be withheld."""
        refs = item.get("object_marking_refs")
        markings = [MARKING_OF[ref] for ref in _texts(refs) if ref in MARKING_OF]
        return max(markings, key=MARKINGS.index, default="")


def _texts(values: Any) -> list[str]:
    """The strings in a list, ignoring anything else."""
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _own(item: Object) -> Object:
    """What sitrep's own export recorded in its extension; empty for foreign objects."""
    extensions = item.get("extensions")
    for extension in extensions.values() if isinstance(extensions, dict) else ():
        if isinstance(extension, dict) and extension.get("kind") in ("actors", "sources", "articles", "briefs"):
            return extension
    return {}


def _plain(text: str) -> str:
    """Foreign text with `[[…]]` disarmed."""
    return text.replace("[[", "[ [")
