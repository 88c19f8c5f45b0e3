"""Time, ties and places drawn: as exact as what is known, the same every time, whatever they are given."""

from __future__ import annotations

import random
import re
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markupsafe import Markup

from corpora import corpus
from sitrep.analysis import network, places
from sitrep.charts import arcs, matrix, strips, world
from sitrep.charts.lettering import width
from sitrep.charts.strips import Mark, Span
from sitrep.charts.world import Spot
from sitrep.corpus.corpus import Key
from sitrep.model.dates import parse
from words import ENGLISH

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>\" onload='x' &amp; \x00\x08\ud800 \u202etxt ]]> {{ x }}"


def parsed(svg: Markup) -> Any:
    """A drawing, after what must hold of every one."""
    namespaced = str(svg) if "xmlns" in svg[:200] else str(svg).replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1)
    root = etree.fromstring(namespaced)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not root.xpath("//@style")
    assert not root.xpath("//*[local-name()='style' or local-name()='script']")
    assert not [name for name in root.xpath("//@*") if name.attrname.startswith("on")]
    assert not re.search(r"\b(nan|inf)\b|\de[+-]?\d+[ \"]", re.sub(r">[^<]*<", "><", svg))
    return root


def told(root: Any) -> None:
    """A drawing on its own has a title and a description."""
    ids = root.xpath("//@id")
    assert root.get("aria-labelledby") in ids
    assert root.get("aria-describedby") in ids
    assert all("".join(root.find(f"{SVG}{name}").itertext()).strip() for name in ("title", "desc"))


# -- time -------------------------------------------------------------------------------------------------------------


def mark(edtf: str, **more: Any) -> Mark:
    date = parse(edtf)
    return Mark(
        earliest=date.earliest,
        latest=date.latest,
        approximate=date.approximate,
        uncertain=date.uncertain,
        **more,
    )


YEAR = strips.span_of([mark("2024-01-01"), mark("2024-12-31")])
assert YEAR


def at(day: str) -> float:
    found = strips.span_of([mark(day)])
    assert found
    assert YEAR
    return YEAR.share(found.first)


def percent(value: str) -> float:
    assert value.endswith("%")
    return float(value[:-1])


def bars(edtf: str, **more: Any) -> list[tuple[float, float, str]]:
    """Start, end and fill of each bar in the strip of a date."""
    assert YEAR
    root = parsed(strips.strip([mark(edtf, **more)], YEAR, "t"))
    return [
        (percent(bar.get("x")), percent(bar.get("x")) + percent(bar.get("width")), bar.get("fill") or "")
        for bar in root.iter(f"{SVG}rect")
    ]


def dots(edtf: str, **more: Any) -> list[float]:
    assert YEAR
    root = parsed(strips.strip([mark(edtf, **more)], YEAR, "t"))
    return [percent(dot.get("x")) for dot in root.iter(f"{SVG}use") if dot.get("href") == "#t-dot"]


def test_a_day_is_a_dot_and_a_month_a_bar_from_its_first_day_to_its_last() -> None:
    assert (bars("2024-06-18"), dots("2024-06-18")) == ([], [pytest.approx(at("2024-06-18"), abs=0.01)])
    assert dots("2024-06") == []
    ((start, end, fill),) = bars("2024-06")
    assert (start, end) == (pytest.approx(at("2024-06-01"), abs=0.02), pytest.approx(at("2024-06-30"), abs=0.02))
    assert fill == ""
    ((start, end, _),) = bars("2024-03-01/2024-09-30")
    assert (start, end) == (pytest.approx(at("2024-03-01"), abs=0.02), pytest.approx(at("2024-09-30"), abs=0.02))


def test_an_approximate_date_fades_and_reaches_further_than_it_says() -> None:
    ((start, end, fill),) = bars("2024-06~")
    assert fill == "url(#t-both)"
    assert start < at("2024-06-01") < at("2024-06-30") < end
    ((start, end, fill),) = bars("2024-06-18~")
    assert fill == "url(#t-both)"
    assert start < at("2024-06-18") < end


def test_an_open_date_fades_where_it_is_open_and_begins_where_it_is_not() -> None:
    ((start, end, fill),) = bars("2024-10-01/..")
    assert (start, end, fill) == (pytest.approx(at("2024-10-01"), abs=0.02), 100, "url(#t-end)")
    assert dots("2024-10-01/..") == [pytest.approx(at("2024-10-01"), abs=0.02)]
    ((start, end, fill),) = bars("../2024-03-01")
    assert (start, end, fill) == (0, pytest.approx(at("2024-03-01"), abs=0.02), "url(#t-start)")


def test_an_uncertain_date_says_so_and_a_phase_and_a_stance_have_their_manner() -> None:
    assert YEAR

    def manner(edtf: str, **more: Any) -> str:
        root = parsed(strips.strip([mark(edtf, **more)], YEAR, "t"))
        return " ".join(str(group.get("class")) for group in root.iter(f"{SVG}g"))

    assert manner("2024-06-18") == manner("2024-06-18", stance="asserts") == ""
    assert manner("2024-06-18?") == "unsure"
    assert manner("2024-06-18", phase="alleged") == "alleged"
    assert manner("2024-06-18?", phase="planned") == "planned unsure"
    assert manner("2024-06-18", stance="denies") == "denies"


def test_of_very_many_marks_each_is_a_stroke() -> None:
    assert YEAR
    marks = [mark(f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}", stance="denies" if n % 3 else "asserts") for n in range(200)]
    root = parsed(strips.strip(marks, YEAR, "t"))
    assert [made.get("href") for made in root.iter(f"{SVG}use")] == ["#t-grid"]
    strokes = {path.get("class"): len(re.findall("M", path.get("d"))) for path in root.iter(f"{SVG}path")}
    days = {stance: len({made.earliest for made in marks if made.stance == stance}) for stance in ("asserts", "denies")}
    assert strokes == days


edtf = st.sampled_from(
    [
        "2024-06-18",
        "2024-06",
        "2024",
        "2024-06~",
        "2024-06-18?",
        "2024-10/..",
        "../2024",
        "1987-02-03/2031",
        "0001-01-01",
    ]
)


@settings(deadline=None)
@given(st.lists(edtf, min_size=1, max_size=8))
def test_every_strip_stays_within_its_width_and_later_is_further_right(dates: list[str]) -> None:
    marks = [mark(date) for date in dates]
    over = strips.span_of(marks)
    assert over
    for made in marks:
        root = parsed(strips.strip([made], over, "t"))
        for bar in root.iter(f"{SVG}rect"):
            assert percent(bar.get("x")) >= 0
            assert percent(bar.get("x")) + percent(bar.get("width")) <= 100.01
        for dot in root.iter(f"{SVG}use"):
            assert 0 <= percent(dot.get("x", "0%")) <= 100
    shares = [over.share(day) for day in range(over.first, over.last + 1, max(1, (over.last - over.first) // 9))]
    assert shares == sorted(shares)
    axis = parsed(strips.axis(over, HOSTILE, HOSTILE, "t", ENGLISH))
    told(axis)
    assert list(axis.iter(f"{SVG}text"))


@pytest.mark.parametrize("least", [strips.PAGE, strips.COLUMN, strips.CELL])
@pytest.mark.parametrize("last", ["2024-01-03", "2024-03-01", "2024-12-31", "2031-01-01", "2999-01-01"])
def test_what_an_axis_says_keeps_apart_at_the_least_width(last: str, least: float) -> None:
    over = strips.span_of([mark("2024-01-01"), mark(last)])
    assert over
    spans = []
    for text in parsed(strips.axis(over, "t", "d", "t", ENGLISH, least)).iter(f"{SVG}text"):
        x, across = percent(text.get("x")) / 100 * least, width("".join(text.itertext()), 11.5)
        left = x - {"end": across, "middle": across / 2, None: 0}[text.get("text-anchor")]
        spans.append((left, left + across))
    assert spans
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_sparks_share_one_scale() -> None:
    over = Span(100, 100 + strips.BINS * 2 - 1)
    few, many = [100, 101, 159], [100] * 10
    most = strips.peak_count([few, many], over)
    assert most == 10
    heights = [[int(h) for h in re.findall(r"v-(\d+)", strips.sparkline(days, over, most))] for days in (few, many)]
    assert heights == [[round(2 / 10 * (strips.HIGH - 1)), 2], [strips.HIGH - 1]]
    for days in (few, many, []):
        parsed(strips.sparkline(days, over, most))


def test_columns_are_as_high_as_what_they_count() -> None:
    found = [strips.Bar(text=str(n), count=n, href=f"{n}.html", label=str(n)) for n in range(4)]
    root = parsed(strips.column_chart(found, "Years", "By year.", "years", ENGLISH))
    told(root)
    heights = [percent(bar.get("height")) for bar in root.iter(f"{SVG}rect") if bar.get("class") == "column"]
    assert heights[0] == 0
    assert heights[2] == pytest.approx(2 * heights[1], abs=0.1)
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["0.html", "1.html", "2.html", "3.html"]


# -- ties -------------------------------------------------------------------------------------------------------------


def node(name: str, **more: Any) -> arcs.ArcNode:
    return arcs.ArcNode(id=name, text=name, href=f"{name}.html", **more)


def test_an_arrow_stands_where_a_tie_leads() -> None:
    nodes = [node("a", centre=True), node("b", aside=("→ part of",)), node("c")]
    drawn = [arcs.Arc(start="a", end="c", tooltip="a: part of c"), arcs.Arc(start="c", end="b", tooltip="c: ally of b")]
    root = parsed(arcs.draw(nodes, drawn, "Ties of a", "All.", "ties"))
    told(root)
    height = dict(zip("abc", (float(dot.get("cy")) for dot in root.iter(f"{SVG}circle")), strict=True))
    for arc in (g for g in root.iter(f"{SVG}g") if g.get("class") == "arc"):
        said = "".join(arc.find(f"{SVG}title").itertext())
        tip = float(arc.find(f"{SVG}polygon").get("points").split()[0].split(",")[1])
        assert tip == pytest.approx(height[said[-1]], abs=4)
        assert arc.find(f"{SVG}path").get("d").startswith(f"M{arcs.DEEP:g} {height[said[0]]:g}C")


def test_a_tie_without_direction_has_no_arrow_and_nothing_is_drawn_of_nothing() -> None:
    both = [arcs.Arc(start="a", end="b", tooltip="a and b", manner="named", both=True)]
    assert "polygon" not in arcs.draw([node("a"), node("b")], both, "t", "d", "ties")
    assert arcs.draw([node("a"), node("b")], [], "t", "d", "ties") == ""
    assert arcs.draw([node("a")], both, "t", "d", "ties") == ""


@pytest.mark.parametrize("count", [2, 13, 60, 400])
def test_arcs_fit_a_phone_and_names_stand_apart(count: int) -> None:
    chance = random.Random(count)
    nodes = [
        node(f"Ministry {n} of the {HOSTILE if n % 7 == 3 else 'council'}", aside=("→ a",) * (n % 3))
        for n in range(count)
    ]
    drawn = [
        arcs.Arc(start=a.id, end=b.id, tooltip=HOSTILE) for a, b in (chance.sample(nodes, 2) for _ in range(count * 2))
    ]
    drawn.append(arcs.Arc(start=nodes[0].id, end=nodes[1].id, tooltip="x"))
    root = parsed(arcs.draw(nodes, drawn, HOSTILE, HOSTILE, "ties"))
    told(root)
    _, _, across, down = map(float, root.get("viewBox").split())
    assert across <= 350
    lines = sorted(float(text.get("y")) for text in root.iter(f"{SVG}text"))
    assert all(after - before >= 12 for before, after in pairwise(lines))
    assert lines[-1] < down
    for path in root.iter(f"{SVG}path"):
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path.get("d"))]
        assert min(numbers[0::2]) > -arcs.DEEP / 2  # handles may lie outside, the curve does not
    assert len(list(root.iter(f"{SVG}circle"))) == min(count, arcs.MOST)


def test_a_square_stands_in_its_row_and_column() -> None:
    names = [matrix.Name(id=name, text=name, href=f"{name}.html", group=n // 2) for n, name in enumerate("abcd")]
    cells = [
        matrix.Cell(start="a", end="c", weight=4),
        matrix.Cell(start="c", end="a", weight=1),
        matrix.Cell(start="b", end="d", declared="part of"),
    ]
    root = parsed(matrix.draw(names, cells, "Who with whom", "All.", "matrix"))
    told(root)
    (room,) = (box for box in root.iter(f"{SVG}rect") if box.get("class") == "room")
    left, top = float(room.get("x")), float(room.get("y"))
    found = [
        (float(path.get("stroke-width")), int((float(y) - top) // matrix.CELL), int((float(x) - left) // matrix.CELL))
        for path in root.iter(f"{SVG}path")
        if path.get("class") == "named"
        for x, y in re.findall(r"M(\S+) (\S+?)h0", path.get("d"))
    ]
    assert found == [(5, 2, 0), (10, 0, 2)]  # four times the articles, four times the area
    (frame,) = (g for g in root.iter(f"{SVG}g") if g.get("class") == "tie")
    assert "".join(frame.find(f"{SVG}title").itertext()) == "b: part of d"
    box = frame.find(f"{SVG}rect")
    assert (int((float(box.get("y")) - top) // matrix.CELL), int((float(box.get("x")) - left) // matrix.CELL)) == (1, 3)
    assert len([box for box in root.iter(f"{SVG}rect") if box.get("class") == "group"]) == 2


def test_a_matrix_of_five_hundred_shows_as_many_as_can_be_read() -> None:
    names = [matrix.Name(id=str(n), text=f"Somebody {n}") for n in range(500)]
    cells = [matrix.Cell(start=str(n), end=str(n // 2), weight=n) for n in range(1, 500)]
    svg = matrix.draw(names, cells, "t", "d", "matrix")
    root = parsed(svg)
    assert len([text for text in root.iter(f"{SVG}text") if text.get("class") is None]) == matrix.MOST
    assert len(svg) < 60_000


# -- who is tied to whom ----------------------------------------------------------------------------------------------


def keys(*names: str) -> list[Key]:
    return [("actors", name) for name in names]


def test_two_circles_of_friends_are_two_communities() -> None:
    one, two = keys(*"abcd"), keys(*"vwxyz")
    weights = {pair: 3.0 for group in (one, two) for pair in combinations(group, 2)}
    weights[one[0], two[0]] = 1.0
    assert network.communities([*one, *two], weights) == [two, one]


@settings(deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 20), st.integers(0, 20)), st.integers(1, 9), max_size=60), st.randoms())
def test_communities_part_all_and_do_not_depend_on_order(pairs: dict[tuple[int, int], int], chance: Any) -> None:
    weights = {(("actors", str(a)), ("actors", str(b))): float(n) for (a, b), n in pairs.items() if a < b}
    nodes: list[Key] = [("actors", str(n)) for n in range(21)]
    made = network.communities(nodes, weights)
    assert sorted(key for group in made for key in group) == sorted(nodes)
    shuffled = list(weights.items())
    chance.shuffle(shuffled)
    chance.shuffle(nodes)
    assert network.communities(nodes, dict(shuffled)) == made


def test_ties_read_from_one_to_the_other_and_are_the_same_from_both_ends() -> None:
    made = corpus(
        actor__north_korea="relations: [{to: russia, how: ally of, from: 2024-12-04}]",
        actor__russia="member_of: [un]",
        actor__putin="part_of: [russia]\nroles: [{title: President, of: russia}]",
        actor__un="",
        source__tass="controlled_by: [russia]\nowner: [russia]",
    )
    russia: Key = ("actors", "russia")
    said = {(tie.start[1], tie.how, tie.end[1]) for tie in network.ties(made, russia)}
    assert said == {
        ("north-korea", "ally of", "russia"),
        ("russia", "member of", "un"),
        ("putin", "part of", "russia"),
        ("putin", "President", "russia"),
        ("tass", "controlled by", "russia"),
        ("tass", "owned by", "russia"),
    }
    every = network.all_ties(made)
    assert len(every) == len(set(every)) == 6
    for kind in ("actors", "sources"):
        for id in made.entries[kind]:
            key: Key = (kind, id)
            assert set(network.ties(made, key)) == {tie for tie in every if key in (tie.start, tie.end)}


def test_who_is_named_together_is_counted_by_articles() -> None:
    made = corpus(
        article__a="actors: [kim, putin, kim]", article__b="actors: [putin, kim]", article__c="actors: [kim, un]"
    )
    kim, putin, un = keys("kim", "putin", "un")
    assert network.together(made) == {(kim, putin): 2, (kim, un): 1}


def test_roles_in_events_come_from_files_and_articles() -> None:
    made = corpus(
        actor__kim="",
        event__summit="roles: {host: [kim]}",
        article__a="events: [{id: summit, roles: {guest: [putin]}}, {id: war, roles: {party: [putin]}}]",
    )
    kim, putin = keys("kim", "putin")
    assert network.present(made, "summit") == (kim, putin)
    assert network.roles(made, kim) == {"summit": "host"}
    assert network.roles(made, putin) == {"summit": "guest", "war": "party"}


# -- places -----------------------------------------------------------------------------------------------------------

PYONGYANG, SEOUL = Spot(text="Pyongyang", lat=39.03, lon=125.75), Spot(text="Seoul", lat=37.57, lon=126.98)
LANDS = {
    "Moscow": (55.76, 37.62),
    "Brasília": (-15.8, -47.9),
    "Alice Springs": (-23.7, 133.9),
    "Kinshasa": (-4.3, 15.3),
    "Denver": (39.7, -105.0),
    "Chukotka, beyond the 180th meridian": (66.5, -173.0),
    "Vanua Levu": (-16.6, 179.2),
    "the South Pole": (-89.5, 10.0),
}
SEAS = {
    "Pacific": (0.0, -150.0),
    "Atlantic": (30.0, -40.0),
    "Indian Ocean": (-20.0, 80.0),
    "Sea of Japan": (40.0, 134.0),
    "Arctic": (86.0, 20.0),
}


def within(svg: Markup, x: float, y: float) -> bool:
    """Whether a point lies in the land of a drawing, by the rule of odd crossings."""
    (d,) = (path.get("d") for path in parsed(svg).iter(f"{SVG}path") if path.get("class") == "land")
    inside = False
    for line in filter(None, d.split("M")):
        start, _, rest = line.rstrip("z").partition("l")
        points = [tuple(map(float, start.split()))]
        numbers = [float(n) for n in re.findall(r"-?\d+", rest)]
        for dx, dy in zip(numbers[0::2], numbers[1::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
            if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
                inside = not inside
    return inside


def drawn_at(svg: Markup) -> list[tuple[float, float]]:
    found = [
        re.fullmatch(r"M(\S+) (\S+)h0", path.get("d"))
        for path in parsed(svg).iter(f"{SVG}path")
        if path.get("class") == "dot"
    ]
    return [(float(match[1]), float(match[2])) for match in found if match]


@pytest.mark.parametrize(
    ("name", "where", "land"),
    [
        *((name, where, True) for name, where in LANDS.items()),
        *((name, where, False) for name, where in SEAS.items()),
    ],
)
@pytest.mark.parametrize("elsewhere", [None, (48.0, 2.0), (-33.0, 151.0), (21.0, -157.0)])
def test_land_is_land_and_sea_is_sea_whatever_the_window(
    name: str, where: tuple[float, float], land: bool, elsewhere: tuple[float, float] | None
) -> None:
    spots = [Spot(text=name, lat=where[0], lon=where[1])]
    if elsewhere:
        spots.append(Spot(text="Elsewhere", lat=elsewhere[0], lon=elsewhere[1]))
    svg = world.draw(spots, "Map", "Places.", "map")
    at = [spot for spot in parsed(svg).iter(f"{SVG}g") if spot.get("class") == "spot"]
    (place,) = (g for g in at if "".join(g.iter(f"{SVG}title").__next__().itertext()) == name)
    match = re.fullmatch(r"M(\S+) (\S+)h0", place.find(f".//{SVG}path").get("d"))
    assert match
    assert within(svg, float(match[1]), float(match[2])) == land


def test_a_map_shows_what_lies_on_both_sides_of_the_180th_meridian_as_near() -> None:
    fiji, samoa = Spot(text="Fiji", lat=-17.8, lon=178.0), Spot(text="Samoa", lat=-13.8, lon=-171.8)
    (fiji_at, samoa_at) = sorted(drawn_at(world.draw([fiji, samoa], "Map", "Places.", "map")))
    assert 0 < fiji_at[0] < samoa_at[0] < world.ACROSS
    assert samoa_at[0] - fiji_at[0] > world.ACROSS / 3


def test_what_is_known_no_more_exactly_is_an_area_of_its_size() -> None:
    region = Spot(text="Kursk region", lat=51.7, lon=36.2, radius=100)
    root = parsed(world.draw([region, Spot(text="Moscow", lat=55.76, lon=37.62)], "Map", "Places.", "map"))
    (area,) = root.iter(f"{SVG}polygon")
    points = [tuple(map(float, point.split(","))) for point in area.get("points").split()]
    across = max(x for x, _ in points) - min(x for x, _ in points)
    (kursk, moscow) = sorted(drawn_at(world.draw([region, Spot(text="Moscow", lat=55.76, lon=37.62)], "M", "P", "map")))
    apart = ((kursk[0] - moscow[0]) ** 2 + (kursk[1] - moscow[1]) ** 2) ** 0.5
    assert across / apart == pytest.approx(200 / 460, rel=0.05)  # Kursk lies 460 km from Moscow
    assert [g.get("class") for g in root.iter(f"{SVG}g") if (g.get("class") or "").startswith("spot")] == [
        "spot",
        "spot vague",
    ]


def test_an_uncertain_place_says_so() -> None:
    svg = world.draw([Spot(text="x", lat=1, lon=1, uncertain=True)], "Map", "Places.", "map")
    assert 'class="spot unsure"' in svg


spots = st.builds(
    Spot,
    text=st.sampled_from(["Seoul", "Nizhny Novgorod", HOSTILE, "서울특별시", ""]),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    radius=st.sampled_from([0, 0, 50, 5000]),
    uncertain=st.booleans(),
    count=st.integers(1, 500),
    href=st.just("#place-1"),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(spots, min_size=1, max_size=40))
def test_any_places_are_drawn_within_the_frame_and_names_stand_apart(found: list[Spot]) -> None:
    svg = world.draw(found, HOSTILE, HOSTILE, "map")
    assert svg == world.draw(list(reversed(found)), HOSTILE, HOSTILE, "map")
    root = parsed(svg)
    told(root)
    _, _, across, down = map(float, root.get("viewBox").split())
    assert across == world.ACROSS
    for x, y in drawn_at(svg):
        assert -1 <= x <= across + 1
        assert -1 <= y <= down + 1
    for size, shown in ((world.LARGE, lambda text: text.get("class") is None), (world.SMALL, lambda text: True)):
        boxes = []
        for text in (text for text in root.iter(f"{SVG}text") if shown(text)):
            wide = width("".join(text.itertext()), size)
            x = float(text.get("x")) + float(text.get("dx")[:-2]) * size
            y = float(text.get("y")) + float(text.get("dy")[:-2]) * size
            left = {None: x, "end": x - wide, "middle": x - wide / 2}[text.get("text-anchor")]
            boxes.append((left, y - 0.8 * size, left + wide, y + 0.2 * size))
        for a, b in combinations(boxes, 2):
            assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1


def test_an_event_is_where_its_file_says_else_where_its_place_is() -> None:
    made = corpus(
        actor__pyongyang="kind: place\nposition: {lat: 39.03, lon: 125.75, radius: 20}",
        event__own="place: {name: Kursk region, lat: 51.7, lon: 36.2, radius: 100, uncertain: true}",
        event__file="roles: {place: [pyongyang]}",
        event__named="place: Pyongyang",
        article__a="events: [{id: told, roles: {place: [pyongyang]}}, {id: named}]",
    )
    kursk = places.Location("Kursk region", 51.7, 36.2, 100, True)
    pyongyang = places.Location("Pyongyang", 39.03, 125.75, 20, False, ("actors", "pyongyang"))
    assert places.sites(made) == {pyongyang: ["file", "told"], kursk: ["own"]}
    assert places.site(made, "named") is None


@pytest.mark.parametrize(
    ("lat", "lon", "name"),
    [
        (39.03, 125.75, "n35e125"),
        (-0.1, -0.1, "s05w005"),
        (0, 0, "n00e000"),
        (90, 180, "n90e180"),
        (-90, -180, "s90w180"),
    ],
)
def test_a_part_of_the_world_has_a_name(lat: float, lon: float, name: str) -> None:
    assert places.square(lat, lon) == name


def test_nobody_is_tied_to_anybody_in_a_corpus_of_nothing() -> None:
    empty = corpus()
    assert (network.all_ties(empty), places.sites(empty), network.together(empty)) == ([], {}, {})
