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
    write_thing,
)
from sitrep.problems import Unusable
from sitrep.project import Project

CLASSES = {"individual": "person", "organization": "organization", "group": "group", "class": "group"}
MARKINGS = {
    **{id: marking for marking, id in TLP_MARKINGS.items()},
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
}
"""The ids of TLP 2.0 (FIRST) and of TLP 1 (the standard's own)."""
ORDER = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")

Object = dict[str, Any]


def stix_bundle(project: Project, path: Path) -> Result:
    """Import a bundle. Raises Unusable where it is none."""
    data, text = parsed(path)
    objects = data.get("objects") if isinstance(data, dict) else None
    if not isinstance(objects, list):
        raise Unusable(f"{path} is no STIX bundle: it has no list of objects")
    told = FileProblems(path)
    found: dict[str, Object] = {}
    for n, made in enumerate(objects, 1):
        id = made.get("id") if isinstance(made, dict) else None
        if not isinstance(id, str) or not isinstance(made.get("type"), str):
            told.skip(line_of(text, id), f"object {n} has no id or no type")
        elif id in found:
            told.skip(line_of(text, id), f"object {n} has the id of another, {line(id, 80)}")
        else:
            found[id] = made
    return _Bundle(project, found, text, told).result()


class _Bundle:
    def __init__(self, project: Project, objects: dict[str, Object], text: str, told: FileProblems) -> None:
        self.project = project
        self.objects = objects
        self.text = text
        self.told = told
        self.ids: dict[str, tuple[str, str]] = {}
        """STIX id → kind and id here."""
        self.files: list[Path] = []

    def result(self) -> Result:
        creators = {made.get("created_by_ref") for made in self.objects.values() if made["type"] == "report"}
        definitions = {m.get("created_by_ref") for m in self.objects.values() if m["type"] == "extension-definition"}
        for id, made in self.objects.items():
            if made["type"] in ("identity", "threat-actor") and id not in definitions:
                self._party(id, made, id in creators)
        self.files += write_articles(self.project, self._articles(), self.told)
        return Result(self.files, self.told.problems)

    def _line(self, made: Object) -> int:
        return line_of(self.text, made["id"])

    def _party(self, id: str, made: Object, publishes: bool) -> None:
        name = line(made.get("name"))
        own = _own(made)
        here = identifier(name, own.get("id"))
        if not name or not here:
            self.told.skip(self._line(made), f"{made['type']} {line(id, 80)} has no name that makes an id")
            return
        kind = "sources" if own.get("kind") == "sources" or (publishes and own.get("kind") != "actors") else "actors"
        aliases = made.get("aliases") or own.get("aliases")
        fields: Made = {
            "name": name,
            "aliases": [text for alias in aliases if (text := line(alias))] if isinstance(aliases, list) else [],
            "description": _plain(line(made.get("description"), 2000)),
            "marking": self._marking(made),
        }
        if kind == "actors":
            what = CLASSES.get(str(made.get("identity_class")), "")
            fields["kind"] = "group" if made["type"] == "threat-actor" else what
        self.ids[id] = (kind, here)
        if own.get("filed") is not False:
            self.files += write_thing(self.project, kind, here, fields, self._line(made), self.told)

    def _articles(self) -> Iterator[tuple[int, Incoming]]:
        for id, made in self.objects.items():
            own = _own(made)
            if made["type"] != "report" or own.get("kind") == "briefs":
                continue
            name, text = line(made.get("name")), words(made.get("description"))
            published = date(own.get("published") or made.get("published"))
            here = identifier(f"{published} {name}", own.get("id"))
            if not name or not here:
                self.told.skip(self._line(made), f"report {line(id, 80)} has no name that makes an id")
                continue
            if not text:
                self.told.skip(self._line(made), f"report {here!r} has no description, which would be its text")
                continue
            creator = self.ids.get(str(made.get("created_by_ref")), ("", ""))
            source = identifier("", own.get("source")) or (creator[1] if creator[0] == "sources" else "")
            fields = {
                "title": name,
                "source": source,
                "published": published,
                "url": self._url(made),
                "marking": self._marking(made),
                "rights": "metadata",
            }
            refs = made.get("object_refs")
            named = [self.ids[ref][1] for ref in _texts(refs) if ref in self.ids]
            actors = [{"id": id, "proposed": True} for id in dict.fromkeys(named) if id != source]
            yield self._line(made), Incoming(here, text + "\n", {k: v for k, v in fields.items() if v}, actors=actors)

    def _url(self, made: Object) -> str:
        references = made.get("external_references")
        for reference in references if isinstance(references, list) else ():
            url = line(reference.get("url"), 2000) if isinstance(reference, dict) else ""
            if url.startswith(("https://", "http://")):
                return url
        return ""

    def _marking(self, made: Object) -> str:
        """The strictest of its TLP markings; none of ours makes it withheld."""
        refs = made.get("object_marking_refs")
        found = [MARKINGS[ref] for ref in _texts(refs) if ref in MARKINGS]
        return max(found, key=ORDER.index, default="")


def _texts(values: Any) -> list[str]:
    """The texts in a list, whatever else is in it."""
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _own(made: Object) -> Object:
    """What our own export says of it, in its extension; empty for what others made."""
    extensions = made.get("extensions")
    for said in extensions.values() if isinstance(extensions, dict) else ():
        if isinstance(said, dict) and said.get("kind") in ("actors", "sources", "articles", "briefs"):
            return said
    return {}


def _plain(text: str) -> str:
    """Words of others are no links of ours."""
    return text.replace("[[", "[ [")
