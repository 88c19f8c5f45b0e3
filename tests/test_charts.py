"""Drawings: well-formed, the same every time, nothing on top of anything, whatever they are given."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import Path as File
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markupsafe import Markup

from sitrep.charts import chains, scale, track
from sitrep.charts.chains import ChainNode, ChainOrigin, Path
from sitrep.charts.layers import Box, layout
from sitrep.charts.lettering import clean, link_group, tag, truncate, width, wrap
from sitrep.charts.track import NARROW, Point
from words import ENGLISH

ROOT = File(__file__).resolve().parent.parent
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>\" onload='x' &amp; \x00\x08\ud800 \u202etxt ]]> {{ x }}"


class Area(NamedTuple):
    """Where a text stands, by the widths of its characters."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def over(self, other: Area) -> bool:
        apart = 0.5
        return (
            self.left + apart < other.right
            and other.left + apart < self.right
            and self.top + apart < other.bottom
            and other.top + apart < self.bottom
        )


def parsed(svg: Markup) -> Any:
    return etree.fromstring(str(svg))


def share(value: str, whole: float) -> float:
    return float(value[:-1]) / 100 * whole if value.endswith("%") else float(value)


def texts(root: Any, whole: float = 0) -> Iterator[Area]:
    """Every line of text; `whole` is the width in units of a drawing that has no width of its own."""
    for text in root.iter(f"{SVG}text"):
        classes = (text.get("class") or "").split()
        bold = bool({"group", "value"} & set(classes))
        size = 11.5 if {"aside", "on"} & set(classes) else 12.5 if "value" in classes else 13.0
        spans = [span for span in text.iter(f"{SVG}tspan") if span.get("x")]
        shift, down = 0.0, 0.0
        for above in text.iterancestors():
            if above.tag == f"{SVG}svg" and above is not root:
                shift += share(above.get("x", "0"), whole)
            if moved := re.fullmatch(r"translate\((\S+) (\S+)\)", above.get("transform", "")):
                shift, down = shift + float(moved[1]), down + float(moved[2])
        for line in spans or [text]:
            said = "".join(line.itertext())
            aside = "".join("".join(part.itertext()) for part in line if part.get("class") == "aside")
            across = width(said.removesuffix(aside), size, bold) + width(aside, 11.5)
            x = shift + float(line.get("x", "0"))
            y = down + float(line.get("y"))
            left = {None: x, "middle": x - across / 2, "end": x - across}[text.get("text-anchor")]
            yield Area(said, left, left + across, y - size * 0.78, y + size * 0.22)


def overlaps(root: Any, whole: float = 0) -> list[tuple[str, str]]:
    return [(a.text, b.text) for a, b in combinations(list(texts(root, whole)), 2) if a.over(b)]


def sound(svg: Markup, ident: str, widths: Sequence[float] = (0.0,)) -> Any:
    """A drawing parsed, after what must hold of every one."""
    root = parsed(svg)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert all(id.startswith(ident) for id in ids)
    assert {root.get("aria-labelledby"), root.get("aria-describedby")} == set(ids)
    assert not root.xpath("//@style")
    assert not root.xpath("//*[local-name()='style' or local-name()='script']")
    assert not [name for name in root.xpath("//@*") if name.attrname.startswith("on")]
    assert not re.search(r"\b(nan|inf)\b|\de[+-]?\d+[ \"]", re.sub(r">[^<]*<", "><", svg))
    for whole in widths:
        assert overlaps(root, whole) == []
    return root


def chart(paths: Sequence[Path], ident: str = "c") -> Markup:
    return chains.draw(paths, "Chains", "Who said it.", ident, ENGLISH)


def named(text: str, **more: Any) -> ChainNode:
    return ChainNode(text=text, href=f"../actors/{text.casefold()}.html", **more)


NIS, KIRBY, PUTIN = named("National Intelligence Service"), named("John Kirby"), named("Vladimir Putin")
YONHAP, REUTERS, SHAKTI = (named(name, kind="outlet") for name in ("Yonhap", "Reuters", "BharatShakti"))
NOBODY = ChainNode(text="", kind="unattributed")
SEOUL = ChainOrigin(id="south-korea", text="South Korea", href="../actors/south-korea.html")
WASHINGTON = ChainOrigin(id="united-states", text="United States", interested=True)
STORY = [
    Path(steps=(NIS, YONHAP), group=SEOUL, count=2),
    Path(steps=(NIS, YONHAP, REUTERS), group=SEOUL),
    Path(steps=(named("Shin Won-sik"), REUTERS), group=SEOUL),
    Path(steps=(KIRBY, REUTERS), group=WASHINGTON),
    Path(steps=(NOBODY, REUTERS, SHAKTI), group=ChainOrigin(id="unknown-1", known=False)),
    Path(steps=(ChainNode(text="a South Korean news outlet", kind="unnamed"), YONHAP)),
    Path(steps=(PUTIN, REUTERS), stance="denies"),
]


def many(count: int, seed: int = 1) -> list[Path]:
    chance = random.Random(seed)
    speakers = [named(f"Speaker {n} of the {'ministry of foreign affairs' if n % 3 else 'council'}") for n in range(30)]
    relays = [named(name, kind="outlet") for name in ("AFP", "Associated Press", "Xinhua", "TASS", "NHK")]
    outlets = [named(f"Evening Standard of Town {n}", kind="outlet") for n in range(30)]
    made = []
    for n in range(count):
        speaker = chance.randrange(30)
        steps = (speakers[speaker], *chance.sample(relays, chance.randrange(3)), chance.choice(outlets))
        stance = chance.choice(("asserts", "asserts", "denies", "silent"))
        group = ChainOrigin(id=f"g{speaker // 4}", text=f"Body {speaker // 4}") if stance == "asserts" else None
        made.append(Path(steps=steps if n % 9 else (NOBODY, *steps[1:]), stance=stance, group=group))
    return made


# -- chains -----------------------------------------------------------------------------------------------------------


def words(root: Any) -> list[str]:
    return [" ".join("".join(part) for part in _lines(text)) for text in root.iter(f"{SVG}text")]


def _lines(text: Any) -> list[Any]:
    return [span.itertext() for span in text.iter(f"{SVG}tspan")] or [text.itertext()]


def test_a_story_is_drawn() -> None:
    root = sound(chart(STORY), "c")
    said = words(root)
    assert {"South Korea", "United States", "John Kirby", "nobody named", "“a South Korean news outlet”"} <= set(said)
    assert said.count("Reuters") == said.count("Yonhap") == 1
    assert {"‡ interested party", "− denies", "×3", "Goes back to", "Passed on by"} <= set(said)
    assert [link.get("href") for link in root.iter(f"{SVG}a")].count("../actors/reuters.html") == 1
    assert len(root.xpath("//*[@class='hatch']")) == 3  # two names and the key
    titles = ["".join(title.itertext()) for title in root.iter(f"{SVG}title")]
    assert "National Intelligence Service → Yonhap: asserts, 3 statements" in titles
    assert "Vladimir Putin → Reuters: denies, 1 statement" in titles


def test_who_speaks_for_itself_is_not_named_twice() -> None:
    nato = named("NATO")
    alone = Path(steps=(nato, REUTERS), group=ChainOrigin(id="nato", text="NATO", href=nato.href, interested=True))
    said = words(sound(chart([alone]), "c"))
    assert said.count("NATO") == 1
    assert "Goes back to" not in said
    assert "‡ interested party" in said


def test_two_nobodies_are_two_where_lineage_is_lost_in_two_places() -> None:
    paths = [Path(steps=(NOBODY, REUTERS)), Path(steps=(NOBODY, YONHAP)), Path(steps=(NOBODY, REUTERS, SHAKTI))]
    assert words(sound(chart(paths), "c")).count("nobody named") == 2


def test_a_chain_that_leads_back_is_drawn_with_an_arrow() -> None:
    root = sound(chart([Path(steps=(NOBODY, YONHAP, REUTERS)), Path(steps=(NOBODY, REUTERS, YONHAP))]), "c")
    back = root.xpath("//*[local-name()='title'][.='Reuters → Yonhap: asserts, 1 statement']/../*/@d")
    assert back
    assert back[0].endswith("l6 4")


def test_nothing_is_drawn_of_nothing_and_a_lone_source_is() -> None:
    assert chart([]) == chart([Path(steps=())]) == ""
    assert words(sound(chart([Path(steps=(YONHAP,))]), "c")) == ["Said and published by", "Yonhap"]


@pytest.mark.parametrize("count", [1, 12, 40, 400])
def test_many_chains_stay_apart(count: int) -> None:
    svg = chart(many(count))
    root = sound(svg, "c")
    left, top, across, down = map(float, root.get("viewBox").split())
    for box in texts(root):
        assert left <= box.left < box.right <= across, box
        assert top <= box.top < box.bottom <= down, box
    assert len(svg) < 60_000
    more = [text for text in words(root) if text.startswith("and ")]
    assert bool(more) == (count > 40)
    assert not more or more[0] in root.find(f"{SVG}desc").text


def test_a_lone_denial_is_not_lost_among_many() -> None:
    crowd = [Path(steps=(named(f"Speaker {n}"), REUTERS), count=5) for n in range(60)]
    assert "− denies" in words(parsed(chart([*crowd, STORY[-1]])))


def test_lines_pass_between_names() -> None:
    """No line runs through a column at the height of a name that stands there."""
    for seed in range(6):
        root = parsed(chart(many(40, seed)))
        names = [area for area in texts(root) if "×" not in area.text]
        for left, right, y in level_runs(root):
            crossed = [a.text for a in names if left < a.left < right - 1 and a.top + 1 < y < a.bottom - 1]
            assert crossed == [], (seed, left, y)


def level_runs(root: Any) -> Iterator[tuple[float, float, float]]:
    """Where the lines between names run level: from x to x, at y."""
    for d in root.xpath("//*[starts-with(@class, 'way')]/descendant-or-self::*/@d"):
        at = [0.0, 0.0]
        for letter, rest in re.findall(r"([MLCH])([^A-Za-z]*)", d):
            values = [float(n) for n in rest.split()]
            if letter == "H":
                yield min(at[0], values[0]), max(at[0], values[0]), at[1]
            at = [values[0], at[1]] if letter == "H" else values[-2:]


def test_hostile_words_are_words() -> None:
    step = ChainNode(text=HOSTILE, href="javascript:alert(1)", kind="unnamed")
    group = ChainOrigin(id="g", text=HOSTILE, note=HOSTILE, href="java\nscript:alert(1)")
    svg = chains.draw(
        [Path(steps=(step, REUTERS), stance=HOSTILE, group=group)], HOSTILE, HOSTILE, f"a b{HOSTILE}", ENGLISH
    )
    root = parsed(svg)
    assert root.find(f"{SVG}title").text.startswith("</title><script>")
    assert not root.xpath("//*[local-name()='script']")
    assert "javascript" not in "".join(root.xpath("//@href"))
    assert not any(id.split() != [id] for id in root.xpath("//@id"))


def test_a_drawing_depends_on_its_input_alone() -> None:
    assert chart(many(40)) == chart(many(40))
    assert str(chart(STORY, "c")).replace('"c-', '"d-') == chart(STORY, "d")


NAMES = st.text(max_size=60) | st.sampled_from(
    ["Reuters", "聯合通訊社 聯合通訊社 聯合通訊社", "وكالة الأنباء المركزية", "W" * 90]
)
STEPS = st.builds(
    ChainNode,
    text=NAMES,
    href=st.sampled_from(["", "a.html", "b.html", "https://example.org/?a=1&b"]),
    kind=st.sampled_from(["named", "unnamed", "unattributed", "document", "article", "outlet"]),
    interested=st.booleans(),
)
PATHS = st.builds(
    Path,
    steps=st.lists(STEPS, max_size=12).map(tuple),
    stance=st.sampled_from(["asserts", "denies", "doubts", "withholds", "silent", "shouts"]),
    group=st.none() | st.builds(ChainOrigin, id=st.sampled_from("abc"), text=NAMES, known=st.booleans(), note=NAMES),
    count=st.integers(1, 10**9),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PATHS, max_size=14))
def test_any_chains_make_a_sound_drawing(paths: list[Path]) -> None:
    svg = chart(paths)
    assert svg == chart(paths)
    if svg:
        sound(svg, "c")


# -- layers -----------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)))))
def test_any_graph_is_laid_out_apart_and_forwards(edges: list[tuple[int, int]]) -> None:
    boxes = [Box(20, 8)] * 12
    found = layout(boxes, edges)
    for way in found.routes.values():
        assert all(found.rank[b] == found.rank[a] + 1 for a, b in pairwise(way))
    for rank in set(found.rank):
        column = sorted(n for n in range(12) if found.rank[n] == rank)
        heights = sorted(found.y[n] for n in column)
        assert all(b - a >= 28 for a, b in pairwise(heights))


def test_lines_that_need_not_cross_do_not() -> None:
    found = layout([Box(20, 8)] * 6, [(0, 5), (1, 4), (2, 3)])
    assert [sorted((0, 1, 2), key=found.y.__getitem__)] == [
        sorted((0, 1, 2), key=lambda n: found.y[{0: 5, 1: 4, 2: 3}[n]])
    ]


# -- tracks -----------------------------------------------------------------------------------------------------------


def point(date: str, form: track.Form, low: float, high: float | None = None, **more: Any) -> Point:
    first, _, last = date.partition("/")
    return Point(
        earliest=first,
        latest=last or first,
        date=date,
        form=form,
        low=low,
        high=low if high is None else high,
        **{"href": "../articles/a.html#claim-1", "by": "Pentagon", "article": "A report", "outlet": "Reuters"} | more,
    )


TROOPS = [
    point("2024-10-18", "exact", 1500, by="National Intelligence Service"),
    point("2024-10-23", "at least", 3000, by="John Kirby"),
    point("2024-10-28", "about", 10000),
    *(point("2024-12-05", "at least", 10000, by=by) for by in ("Ukraine", "South Korea", "NATO")),
]
WIDTHS = (NARROW, 450.0, 660.0)


def numbers(points: Sequence[Point], ident: str = "t") -> Markup:
    return track.draw(points, "DPRK troops in Russia, total", ident, ENGLISH)


def test_a_track_is_drawn() -> None:
    root = sound(numbers(TROOPS), "t", WIDTHS)
    said = words(root)
    assert {"0", "2,000", "10,000", "18 Oct", "2024", "exact", "at least", "about"} <= set(said)
    labels = ["".join(text.itertext()).replace("\u00a0", " ") for text in root.xpath("//*[@class='value']")]
    assert {"1,500 National Intelligence Ser…", "3,000+ John Kirby", "10,000+ Ukraine and 2 more"} <= set(labels)
    assert len(root.xpath("//*[@class='ring']")) == 2  # the mark and the key
    assert len(list(root.iter(f"{SVG}a"))) == len(TROOPS)
    assert root.find(f"{SVG}title").text == "DPRK troops in Russia, total"
    assert "1,500 (2024-10-18) … 10,000+ (2024-12-05)." in root.find(f"{SVG}desc").text


def test_marks_stay_in_the_drawing_and_side_by_side() -> None:
    root = parsed(numbers([*TROOPS, *TROOPS[3:], *TROOPS[3:]]))
    places = []
    for dot in root.xpath("//*[local-name()='a']//*[local-name()='circle']"):
        (at,) = [above.get("x") for above in dot.iterancestors(f"{SVG}svg") if above.get("x")]
        places.append((share(at, NARROW) + float(dot.get("cx")), dot.get("cy")))
        assert 0 < places[-1][0] + float(dot.get("r")) < NARROW
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("points", [[], TROOPS[:1], [TROOPS[0], point("0000-00-00/9999-99-99", "exact", 5)]])
def test_less_than_two_numbers_are_no_track(points: list[Point]) -> None:
    assert numbers(points) == ""


@pytest.mark.parametrize(
    "points",
    [
        [point("2024-12-05", "exact", n) for n in (1, 1, 2, 500)],
        [point("1950-06-25", "exact", 5), point("2024-01-01", "about", 7.5)],
        [point("0001-01-01", "exact", 0), point("9999-12-31", "exact", 0)],
        [point("2024-01-01", "exact", 1e15), point("2024-02-01", "exact", 3e17)],
        [point("2024-01-01/2024-01-31", "range", 10, 12), point("0000-00-00/2024-02-01", "at most", 3, by="")],
        [point("2024-01-01/9999-99-99", "exact", -5), point("2024-02-01", "about", 5, flags=("lower",))],
        [point("2024-01-01", "at least", 5, float("inf")), point("2024-02-01", "at most", float("-inf"), 9)],
    ],
)
def test_odd_numbers_and_dates(points: list[Point]) -> None:
    sound(numbers(points), "t", WIDTHS)


def test_a_denied_number_and_an_odd_one_are_marked_by_more_than_colour() -> None:
    points = [
        *TROOPS[:3],
        point("2024-11-20", "exact", 5000, stance="denies", flags=("lower than a number before it",)),
    ]
    root = sound(numbers(points), "t", WIDTHS)
    assert "− 5,000 †\u00a0Pentagon" in ["".join(text.itertext()) for text in root.xpath("//*[@class='value']")]
    (title,) = root.xpath("//*[contains(@class, 'denies')]//*[local-name()='title']/text()")
    assert title.startswith("denies: 5,000 · Pentagon · 2024-11-20")
    assert title.endswith("lower than a number before it")


def test_four_hundred_numbers_are_thinned_and_it_says_so() -> None:
    points = [point(f"20{n // 20:02d}-{n % 12 + 1:02d}-01", "exact", 100 * n) for n in range(400)]
    svg = numbers(points)
    root = sound(svg, "t", WIDTHS)
    assert any(re.fullmatch(r"\d+ of 400 drawn", text) for text in words(root))
    assert len(svg) < 60_000


def test_hostile_words_in_a_track() -> None:
    evil = [
        point(
            "2024-01-01", "exact", n, by=HOSTILE, article=HOSTILE, value=HOSTILE, href="javascript:x", flags=(HOSTILE,)
        )
        for n in (1, 2)
    ]
    root = parsed(track.draw(evil, HOSTILE, HOSTILE, ENGLISH, description=HOSTILE))
    assert not root.xpath("//*[local-name()='script' or local-name()='a']")


DAYS = st.dates().map(str) | st.sampled_from(["0000-00-00", "9999-99-99", "2024-13-45", ""])
POINTS = st.builds(
    Point,
    earliest=DAYS,
    latest=DAYS,
    date=st.text(max_size=12),
    form=st.sampled_from(track.FORMS),
    low=st.floats() | st.integers(0, 20000),
    high=st.floats() | st.integers(0, 20000),
    by=NAMES,
    stance=st.sampled_from(["asserts", "denies", "silent", "shouts"]),
    flags=st.just(()) | st.tuples(st.text(max_size=9)),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(POINTS, max_size=12))
def test_any_numbers_make_a_sound_track(points: list[Point]) -> None:
    svg = numbers(points)
    assert svg == numbers(points)
    if svg:
        sound(svg, "t", WIDTHS)


# -- scales -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1500, 10000, (0, 2000, 4000, 6000, 8000, 10000)),
        (3, 4.2, (0, 1, 2, 3, 4, 5)),
        (0, 0, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (-40, 90, (-50, 0, 50, 100)),
        (9, 11_001, (0, 5000, 10000, 15000)),
    ],
)
def test_ticks_are_round_and_hold_zero(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert scale.ticks(low, high) == pytest.approx(expected)


@given(st.floats(-1e290, 1e290), st.floats(-1e290, 1e290))
def test_ticks_enclose_what_they_are_for(a: float, b: float) -> None:
    found = scale.ticks(min(a, b), max(a, b))
    slack = (found[-1] - found[0]) * 1e-6
    assert found[0] <= min(a, b, 0) + slack
    assert max(a, b, 0) - slack <= found[-1]
    assert 2 <= len(found) <= 6
    assert 0 in found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1500, "1,500"),
        (0.25, "0.25"),
        (-3, "−3"),
        (1_000_000, "1 million"),
        (12_345_678, "12.346 million"),
        (3e9, "3 billion"),
        (2e12, "2 trillion"),
        (5e17, "5e+17"),
        (-0.001, "0"),
    ],
)
def test_figures(value: float, expected: str) -> None:
    assert scale.figure(value, ENGLISH) == expected


def ticked(first: str, last: str) -> list[str]:
    a, b = scale.day(first), scale.day(last)
    assert a is not None
    assert b is not None
    return [f"{tick.text} {tick.year}".strip() for tick in scale.dates(a, b, ENGLISH)]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-10-18", "2024-10-18", ["18 Oct 2024"]),
        ("2024-12-30", "2025-01-02", ["30 Dec 2024", "31 Dec", "1 Jan 2025", "2 Jan"]),
        ("2024-10-18", "2024-12-05", ["18 Oct 2024", "1 Nov", "15 Nov", "29 Nov"]),
        ("2023-09-13", "2024-12-05", ["Oct 2023", "Jan 2024", "Apr", "Jul", "Oct"]),
        ("1994-07-01", "2024-12-05", ["2000", "2010", "2020"]),
        ("0001-01-01", "9999-12-31", ["2000", "4000", "6000", "8000"]),
    ],
)
def test_dates_of_an_axis(first: str, last: str, expected: list[str]) -> None:
    assert ticked(first, last) == expected


@settings(deadline=None)
@given(st.dates(), st.dates())
def test_any_stretch_of_time_has_ticks_within_it(a: Any, b: Any) -> None:
    first, last = sorted((a.toordinal(), b.toordinal()))
    found = scale.dates(first, last, ENGLISH)
    assert 1 <= len(found) <= 5
    assert all(first <= tick.day <= last for tick in found)


# -- lettering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Reuters", ("Reuters",)),
        ("National Intelligence Service", ("National", "Intelligence Service")),
        ("Kirby " * 20, ("Kirby Kirby Kirby Kirby", "Kirby Kirby Kirby Kirb…")),
        ("聯合通訊社聯合通訊社", ("聯合通訊社", "聯合通訊社")),
    ],
)
def test_lines(text: str, expected: tuple[str, ...]) -> None:
    found = wrap(clean(text), 150 if "Kirby" in text else 130)
    assert found == expected


@given(st.text(max_size=80).map(clean), st.floats(30, 300))
def test_lines_fit(text: str, widest: float) -> None:
    for line in (*wrap(text, widest), truncate(text, widest)):
        assert width(line) <= widest or len(line) <= 2


@given(st.text())
def test_clean_text_can_stand_in_xml(text: str) -> None:
    assert etree.fromstring(str(tag("text", clean(text), x=clean(text)))) is not None


def test_only_addresses_that_a_page_may_lead_to_are_links() -> None:
    for href in ("../actors/a.html", "https://example.org", "#claim-1"):
        assert link_group(href, Markup("x")) == f'<a href="{href}">x</a>'
    for href in ("", "javascript:x", " JavaScript:x", "java\tscript:x", "data:text/html,x"):
        assert link_group(href, Markup("x")) == "<g>x</g>"


# -- as it is seen ----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("across", [352, 640])
def test_no_text_is_over_another_in_a_browser(chromium_page: Any, tmp_path: File, across: int) -> None:
    style = (ROOT / "templates/assets/style.css").read_text(encoding="utf-8")
    drawings = [chart(STORY, "a"), chart(many(40), "b"), numbers(TROOPS, "c")]
    body = "".join(f"<figure>{drawing}</figure>" for drawing in drawings)
    file = tmp_path / "drawings.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{body}", encoding="utf-8")
    chromium_page.set_viewport_size({"width": across, "height": 900})
    chromium_page.goto(file.as_uri())
    boxes = chromium_page.evaluate(
        """() => [...document.querySelectorAll('.chart text')].map(text => {
            const box = text.getBoundingClientRect(), chart = text.closest('.chart').querySelector('title').id
            return [chart, text.textContent, box.left, box.right, box.top + 3, box.bottom - 3]
        })"""
    )
    assert len(boxes) > 50
    for a, b in combinations(boxes, 2):
        assert a[0] != b[0] or not Area(*a[1:]).over(Area(*b[1:])), (a, b)
