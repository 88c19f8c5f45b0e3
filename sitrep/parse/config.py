"""Reads config.yaml: one file, in which only the site's title is required."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from sitrep.model.periods import Every
from sitrep.model.records import Marking, Record, Rights, Status, Text
from sitrep.parse import schema, yaml
from sitrep.parse.text import decode
from sitrep.problems import ERROR, Problem

Export = Literal["stix", "ftm", "annotations", "csl", "bibtex", "csv", "graphml", "sqlite", "text"]
"""The formats of `sitrep.export`."""


class Publish(Record, frozen=True, kw_only=True):
    """What may be published. A file is released when its marking and its status are both listed here."""

    markings: tuple[Marking, ...] = ("TLP:CLEAR",)
    statuses: tuple[Status, ...] = ("reviewed",)
    unmarked: Literal["withhold", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"] = "withhold"
    rights: Annotated[Rights, Meta(description="of an article that does not say")] = "excerpt"
    repository: Annotated[
        Literal["public", "private"],
        Meta(description="who sees the content files themselves; warned of unless private"),
    ] = "public"


class Briefs(Record, frozen=True, kw_only=True):
    every: Annotated[Every | None, Meta(description="period of automatic summaries")] = None


class Config(Record, frozen=True, kw_only=True):
    title: Annotated[Text, Meta(description="the site's name")]
    description: Annotated[Text, Meta(description="one line for readers and search engines")] = ""
    url: Annotated[
        str, Meta(description="where the site will stand, with a closing /", pattern=r"^https?://[^\s]+$")
    ] = ""
    language: Annotated[str, Meta(description="BCP 47", pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] = "en"
    publish: Publish = field(default_factory=Publish)
    briefs: Briefs = field(default_factory=Briefs)
    exports: Annotated[tuple[Export, ...], Meta(description="formats to write below data/ on the site")] = ()
    json: Annotated[bool, Meta(description="write each page's JSON beside it")] = False
    feeds: Annotated[bool | None, Meta(description="feeds and a calendar; where url is set unless said")] = None
    covers: Annotated[bool, Meta(description="an image for each brief, for whoever links to it; needs url")] = False
    id: Annotated[Text, Meta(description="a name that never changes, for the ids in feeds; the url unless said")] = ""
    search: Annotated[bool, Meta(description="full-text search")] = True


def parse(data: bytes, file: str) -> tuple[Config | None, list[Problem]]:
    """The configuration; None when it cannot be used."""
    text, problems = decode(data, file)
    if text is None:
        return None, problems
    values, problems_of_yaml = yaml.load(text, file)
    problems += problems_of_yaml
    if values is not None and not isinstance(values, dict):
        message = "the configuration should be a mapping (key: value)"
        hint = "write a key: value on each line, title: … first"
        problems.append(Problem(code="type", severity=ERROR, file=file, line=1, column=1, message=message, hint=hint))
    sink = schema.Sink(file)
    config = schema.reader(Config)(values if isinstance(values, dict) else {}, (), sink)
    if not any(p.severity == ERROR for p in problems):
        found_at = yaml.places(text)
        problems += [yaml.with_line(p, found_at) for p in sink.problems]
    usable = config is not schema.INVALID and not any(p.severity == ERROR for p in problems)
    return (config if usable else None), problems
