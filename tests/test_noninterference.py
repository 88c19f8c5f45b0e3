"""A withheld file might as well not exist: the public site is the same, byte for byte, as if it had been deleted.

Made for corpora that nobody would write: every kind of thing, referring to each other in every way there is, some of
them withheld. `SITREP_EXAMPLES` says how many are tried.
"""

from __future__ import annotations

import functools
import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args
from unittest import mock

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from projects import tree, write
from sitrep.build import build as building
from sitrep.build import emit
from sitrep.build.state import BuildOptions
from sitrep.model.records import KINDS, RECORD, SINGULAR, Kind
from sitrep.parallel.pool import each
from sitrep.parse import schema
from sitrep.parse.config import Export
from sitrep.project import open_project
from sitrep.render import renderer

EXAMPLES = int(os.environ.get("SITREP_EXAMPLES", "25"))

IDS: dict[Kind, list[str]] = {
    "articles": ["first-report", "second-report", "third-report", "fourth-report"],
    "actors": ["kim-jong-un", "north-korea", "moscow", "kcna", "un"],
    "sources": ["kcna", "tass", "un", "the-wire"],
    "events": ["treaty-signed", "summit", "un"],
    "claims": ["troops-in-russia", "arms-to-russia"],
    "topics": ["war", "north-korea"],
    "briefs": ["weekly-brief", "long-brief", "2024-W25"],
}
NAMES = [
    "Kim Jong Un",
    "Kim",
    "North Korea",
    "Korea",
    "KCNA",
    "Moscow",
    "the envoy",
    "UN",
    "Korean Central News Agency",
]
OLD = ["dprk", "old-name", "kim-jong-un", "un", "first-report", "summit"]
DATES = ["2024-06-19", "2024-06", "2024-10-18", "2023~", "2024-06-18/2024-06-19", "2024-10/..", "2022?"]
SENTENCES = [
    "Kim Jong Un met the envoy of Moscow in North Korea.",
    "KCNA said that the treaty was signed by Kim.",
    "The UN and Moscow refused to speak about 10,000 troops.",
    "Korean Central News Agency denied that arms went to Moscow.",
    "Nobody in Korea confirmed it, said an unnamed official.",
    "Kim Jong Un & the <b>envoy</b> said “nothing”.",
]
QUOTES = ["the treaty was signed", "10,000 troops", "arms went to Moscow", "Kim", "refused to speak", "not in any text"]
IMAGES = ["map.png", "photo.jpg", "plan.svg", "notes.txt", "not-there.png"]

# -- the parts of files -----------------------------------------------------------------------------------------------


def few(items: st.SearchStrategy[Any] | list[Any], most: int = 2) -> st.SearchStrategy[list[Any]]:
    found = st.sampled_from(items) if isinstance(items, list) else items
    return st.lists(found, max_size=most)


def ids(*kinds: Kind) -> st.SearchStrategy[str]:
    plain = [id for kind in kinds for id in IDS[kind]]
    said = [f"{SINGULAR[kind]}:{id}" for kind in kinds for id in IDS[kind]] if len(kinds) > 1 else []
    return st.sampled_from([*plain, *plain, *said, "only-mentioned"])


@st.composite
def wikilinks(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(KINDS))
    target = draw(st.sampled_from(IDS[kind]))
    target = draw(st.sampled_from([target, f"{SINGULAR[kind]}:{target}", "article:first-report#claim-1"]))
    return draw(st.sampled_from([f"[[{target}]]", f"[[{target}|some words]]"]))


@st.composite
def prose(draw: st.DrawFn) -> str:
    """A line of ours."""
    return " ".join(draw(st.lists(st.one_of(st.sampled_from(SENTENCES), wikilinks()), max_size=3)))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A document: sentences, links, images."""
    parts = draw(st.lists(st.one_of(st.sampled_from(SENTENCES), wikilinks(), images()), max_size=5))
    return draw(st.sampled_from([" ", "\n\n", "\n"])).join([draw(st.sampled_from(SENTENCES)), *parts]) + "\n"


def images() -> st.SearchStrategy[str]:
    return st.sampled_from([f"![shown](assets/{name})" for name in IMAGES] + ["[notes](assets/notes.txt)"])


dates = st.sampled_from(DATES)
parties = ids("sources", "actors")
links = st.one_of(
    parties,
    ids("articles").map(lambda id: {"article": id}),
    st.just({"document": "the annual report"}),
    parties.map(lambda id: {"unnamed": "an unnamed official", "of": id}),
    st.just({"unnamed": "an unnamed official"}),
)
ties = st.one_of(parties, st.builds(lambda id, day: {"id": id, "from": day}, parties, dates))
mentions = st.one_of(
    ids("actors", "sources"),
    st.builds(lambda id, quote: {"id": id, "quotes": [quote]}, ids("actors", "sources"), st.sampled_from(NAMES)),
)


def mapping(required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required or {}, optional=optional)


assertion = {
    "stance": st.sampled_from(["asserts", "denies", "doubts", "withholds", "silent"]),
    "by": few(links),
    "via": few(links, 1),
    "said": dates,
    "note": prose(),
    "credibility": st.sampled_from(["1", "6"]),
}
roles = st.dictionaries(st.sampled_from(["actor", "place"]), few(ids("actors")), max_size=2)
address = st.sampled_from(["https://example.org/a", "https://example.org/b"])
FIELDS: dict[Kind, dict[str, Any]] = {
    "articles": {
        "via": few(links, 1),
        "url": address,
        "archived": address,
        "translation_of": ids("articles"),
        "copy_of": ids("articles"),
        "updates": mapping({"article": ids("articles"), "how": st.sampled_from(["corrects", "replaces", "withdraws"])}),
        "captured": dates,
        "rights": st.sampled_from(["full", "full", "excerpt", "metadata"]),
        "format": st.sampled_from(["markdown", "text"]),
        "summary": prose(),
        "text_sha256": st.just("0" * 64),
        "actors": st.lists(mentions, min_size=1, max_size=4),
        "events": few(
            mapping(
                {"id": st.lists(ids("events"), min_size=1, max_size=2)},
                quote=st.sampled_from(QUOTES),
                date=dates,
                roles=roles,
                **assertion,
            ),
            2,
        ),
        "claims": few(
            mapping(
                {"id": few(ids("claims")), "quote": st.sampled_from(QUOTES)},
                value=st.sampled_from([">10000", "3000", "10..12"]),
                **assertion,
            ),
            3,
        ),
    },
    "actors": {
        "name": st.sampled_from(NAMES),
        "aliases": few(NAMES),
        "kind": st.sampled_from(["person", "state"]),
        "description": prose(),
        "part_of": few(ties, 1),
        "member_of": few(ties, 1),
        "roles": few(mapping({"title": st.just("Envoy")}, of=parties), 1),
        "relations": few(
            mapping({"to": ids("actors"), "how": st.sampled_from(["ally of", "at war with"])}, **{"from": dates}), 2
        ),
        "position": st.sampled_from([{"lat": "39.0", "lon": "125.7"}, {"lat": "37.5", "lon": "127", "radius": "40"}]),
        "identifiers": st.just({"wikidata": "Q423"}),
        "url": address,
    },
    "events": {
        "name": st.sampled_from(["The treaty is signed", "The summit"]),
        "date": dates,
        "place": st.sampled_from(
            [
                "Pyongyang",
                {"name": "Vostochny", "lat": "51.8", "lon": "128.3"},
                {"name": "Vostochny", "lat": "51.8", "lon": "128.3", "uncertain": "true"},
                {"name": "the region", "lat": "-33", "lon": "-179.5", "radius": "300"},
            ]
        ),
        "class": st.sampled_from(["AGREE", "CONSULT"]),
        "mode": st.just("visit"),
        "roles": roles,
        "part_of": few(ids("events"), 1),
        "related": few(ids("events"), 1),
        "phase": st.sampled_from(["planned", "occurred", "alleged"]),
        "description": prose(),
    },
    "sources": {
        "name": st.sampled_from(NAMES),
        "aliases": few(NAMES),
        "kind": st.sampled_from(["agency", "ministry"]),
        "country": st.just("KP"),
        "owner": few(ties, 1),
        "controlled_by": few(ties, 1),
        "reliability": st.sampled_from(["A", "F"]),
        "url": address,
        "description": prose(),
    },
    "claims": {
        "statement": st.sampled_from(SENTENCES),
        "about": mapping({}, actors=few(ids("actors")), events=few(ids("events"))),
        "measure": st.just("troops"),
        "shares_evidence": few(mapping({"origins": st.lists(parties, min_size=2, max_size=3), "because": prose()}), 1),
        "assessments": few(mapping({"date": st.just("2024-06-20"), "likelihood": st.just("likely")}, because=prose())),
        "conflicts": few(mapping({"claim": ids("claims"), "how": st.just("incompatible")}), 1),
        "description": prose(),
    },
    "topics": {"name": st.sampled_from(NAMES), "description": prose()},
    "briefs": {
        "title": st.sampled_from(SENTENCES),
        "date": dates,
        "period": st.just("2024-06-10/2024-06-16"),
        "summary": prose(),
        "key_judgments": few(mapping({"text": prose()}, rests_on=few(ids("claims")), because=prose())),
    },
}
COMMON = {
    "topics": few(ids("topics")),
    "formerly": st.lists(st.sampled_from(OLD), max_size=1),
    "language": st.just("ko"),
    "reviewed": st.just({"by": "An editor", "on": "2024-06-20"}),
}
OFTEN: dict[Kind, tuple[str, ...]] = {
    "articles": ("actors", "claims"),
    "actors": ("name", "aliases"),
    "sources": ("name", "aliases"),
}
"""Keys that most files have: what one file says of names changes what is marked in the text of another."""
HEAD = {"marking", "status", "title", "published", "source"}
"""What is decided apart."""
MARKINGS = ["TLP:CLEAR"] * 5 + ["TLP:WHITE", "TLP:GREEN", "TLP:AMBER+STRICT", "TLP:RED", "TLP:RED", "TLP:CLAER", None]
STATUSES = [None, "reviewed", "reviewed", "draft"]
EXPORTS = list(get_args(Export))
CONFIGS: list[dict[str, Any]] = [
    {},
    {"publish": {"rights": "full"}},
    {"url": "https://example.org/watch/", "covers": True, "exports": EXPORTS},
    {"publish": {"unmarked": "TLP:CLEAR", "rights": "full"}},
    {"publish": {"markings": ["TLP:CLEAR", "TLP:GREEN"], "unmarked": "TLP:GREEN"}},
    {"publish": {"statuses": ["reviewed", "draft"], "unmarked": "TLP:RED"}, "exports": EXPORTS},
]
BRIEFS: list[dict[str, Any]] = [{}, *({"briefs": {"every": every}} for every in ("day", "week", "month"))]


class Thing(NamedTuple):
    """One thing as it is written, and what the rules of release say of it."""

    kind: Kind
    id: str
    data: dict[str, Any] | None
    text: str | None

    def files(self) -> dict[str, str]:
        stem = f"content/{self.kind}/{self.id}"
        found = {} if self.data is None else {f"{stem}.yaml": json.dumps(self.data, ensure_ascii=False)}
        return found if self.text is None else {**found, f"{stem}.md": self.text}

    def leaves(self, publish: dict[str, Any]) -> bool:
        """By the documents, not by the code."""
        data = self.data or {}
        marking = data.get("marking") or publish.get("unmarked", "withhold")
        marking = "TLP:CLEAR" if marking == "TLP:WHITE" else marking
        status = data.get("status") or ("draft" if self.kind in ("articles", "briefs") else "reviewed")
        if self.kind == "articles" and self.text is None:
            return False
        return marking in publish.get("markings", ["TLP:CLEAR"]) and status in publish.get("statuses", ["reviewed"])

    def red(self) -> Thing:
        return self._replace(data={**(self.data or {}), "marking": "TLP:RED"})


class Made(NamedTuple):
    config: dict[str, Any]
    things: list[Thing]
    turns_red: list[bool]


@st.composite
def things(draw: st.DrawFn, kind: Kind, id: str) -> Thing:
    head = {"marking": draw(st.sampled_from(MARKINGS)), "status": draw(st.sampled_from(STATUSES))}
    if kind == "articles":
        head |= {"title": draw(st.sampled_from(SENTENCES)), "published": draw(dates), "source": draw(ids("sources"))}
        head["status"] = draw(st.sampled_from(["reviewed", head["status"]]))
    optional = {**FIELDS[kind], **COMMON}
    least = draw(st.integers(0, min(8, len(optional))))
    keys = draw(st.lists(st.sampled_from(sorted(optional)), min_size=least, max_size=10, unique=True))
    data = {key: value for key, value in head.items() if value}
    keys += [key for key in OFTEN.get(kind, ()) if key not in keys and draw(st.integers(0, 3))]
    data |= {key: draw(optional[key]) for key in keys}
    if "mode" in data:
        data["class"] = "CONSULT"  # the only one here that has it
    text = draw(texts()) if kind == "articles" or draw(st.booleans()) else None
    if kind == "articles":
        return Thing(kind, id, data, text if draw(st.integers(0, 9)) else None)
    return Thing(kind, id, data if text is None or draw(st.integers(0, 9)) else None, text)


@st.composite
def corpora(draw: st.DrawFn) -> Made:
    config = {
        "title": "Watch",
        "json": draw(st.booleans()),
        "feeds": draw(st.booleans()),
        **draw(st.sampled_from(CONFIGS)),
    }
    config |= draw(st.sampled_from(BRIEFS))
    made = []
    for kind in KINDS:
        least = 0 if draw(st.booleans()) else 2
        for id in draw(st.lists(st.sampled_from(IDS[kind]), unique=True, min_size=least, max_size=4)):
            made.append(draw(things(kind, id)))
    return Made(config, made, draw(st.lists(st.booleans(), min_size=len(made), max_size=len(made))))


# -- the test ---------------------------------------------------------------------------------------------------------


@functools.cache
def assets() -> dict[str, bytes]:
    png, jpeg = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(png, "PNG")
    Image.new("RGB", (4, 4), "red").save(jpeg, "JPEG", comment="The summit")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><title>Plan</title><script>1</script></svg>'
    made = {"map.png": png.getvalue(), "photo.jpg": jpeg.getvalue(), "plan.svg": svg, "notes.txt": b"Notes.\n"}
    return {f"content/assets/{name}": data for name, data in made.items()}


class Renderer(renderer.Renderer):
    """The templates are compiled once: nothing else of one build is left in the next."""

    compiled: Any = None

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        Renderer.compiled = self.environment = Renderer.compiled or self.environment


def built(root: Path, output: str, config: dict[str, Any], files: dict[str, str]) -> tuple[dict[str, bytes], list[str]]:
    """Lay out a project anew, build it, and say what the site holds and what was withheld."""
    content = root / "content"
    for path in sorted(content.rglob("*.*")) if content.is_dir() else ():
        if path.relative_to(root).as_posix() not in files and path.parent.name != "assets":
            path.unlink()
    write(root, {**assets(), **files, "config.yaml": json.dumps(config)}, config="")
    project, problems = open_project(root)
    assert not problems
    with mock.patch.object(emit, "Renderer", Renderer):
        report = building.build(project, BuildOptions(each(1), root / output))
    assert [str(problem) for problem in report.problems if problem.code in ("leak", "template", "twin-outputs")] == []
    return tree(root / output), sorted(file for file, _ in report.withheld_files)


def files_of(found: list[Thing]) -> dict[str, str]:
    return {file: text for thing in found for file, text in thing.files().items()}


# Not shrunk: that takes minutes. Where one fails, delete its files one by one.
@pytest.mark.proof
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),
    print_blob=True,
)
@given(corpora())
def test_a_withheld_file_might_as_well_not_exist(made: Made) -> None:
    publish = made.config.get("publish", {})
    shown = [thing for thing in made.things if thing.leaves(publish)]
    with tempfile.TemporaryDirectory() as folder:
        whole, cut = Path(folder) / "whole", Path(folder) / "cut"
        site, withheld = built(whole, "site", made.config, files_of(made.things))
        assert withheld == sorted(files_of(made.things).keys() - files_of(shown).keys())
        first, none = built(cut, "site", made.config, files_of(shown))
        assert none == []
        same(site, first)
        # Something public becomes RED, and the site is built into the folder where it stood.
        later = [thing.red() if red else thing for thing, red in zip(made.things, made.turns_red, strict=True)]
        site, _ = built(whole, "site", made.config, files_of(later))
        clean, _ = built(cut, "anew", made.config, files_of([thing for thing in later if thing.leaves(publish)]))
        same(site, clean)
        # And public again: nothing of the time between is left.
        site, _ = built(whole, "site", made.config, files_of(made.things))
        same(site, first)


def same(site: dict[str, bytes], clean: dict[str, bytes]) -> None:
    assert site.keys() == clean.keys()
    differing = [name for name in site if site[name] != clean[name]]
    assert not differing, "\n".join(differences(site, clean, differing))


def differences(site: dict[str, bytes], clean: dict[str, bytes], names: list[str]) -> Iterator[str]:
    for name in names:
        for one, other in zip(site[name].split(b"\n"), clean[name].split(b"\n"), strict=False):
            if one != other:
                yield f"{name}: {one[:300]!r} is {other[:300]!r} without what is withheld"
                break


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_tried(kind: Kind) -> None:
    """A key that a kind takes is one that may give something away: it belongs into the strategy."""
    keys = schema.fields(RECORD[kind]).keys()
    assert keys - HEAD == {*FIELDS[kind], *COMMON} - HEAD


@pytest.mark.slow
def test_the_corpora_are_rich() -> None:
    """Over a number of them, every key of every kind is in a file that is released, and in one that is withheld."""
    seen: set[tuple[bool, Kind, str]] = set()

    @hypothesis.seed(1)
    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(corpora())
    def collect(made: Made) -> None:
        for thing in made.things:
            leaves = thing.leaves(made.config.get("publish", {}))
            seen.update((leaves, thing.kind, key) for key in thing.data or {})

    collect()
    wanted = {(leaves, kind, key) for kind in KINDS for key in (*FIELDS[kind], *COMMON) for leaves in (True, False)}
    assert wanted - seen == set()
