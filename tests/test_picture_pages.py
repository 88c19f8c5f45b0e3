"""The pages that carry pictures: every event, tie and place is on one of them, however many there are."""

from __future__ import annotations

import re
from pathlib import Path

import lxml.html
import pytest

from projects import GOOD, HEAD, sitrep, write
from sitecheck import faults

MANY = 170
"""Events: more than one page of the timeline holds, at more places than one page of the map does."""
CLEAR = "marking: TLP:CLEAR\n"
LARGEST = 90_000
"""Bytes of the largest page of pictures."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of many events at many places, and of three circles of people who are named together."""
    files: dict[str, str | bytes] = dict(GOOD)
    for n in range(MANY):
        date = f"20{20 + n % 4}-{n % 12 + 1:02}-{n % 28 + 1:02}"
        place = f"place: {{name: Village {n}, lat: {n % 120 - 60}, lon: {n * 2 % 360 - 180}}}\n" if n % 2 == 0 else ""
        files[f"content/events/e{n:03}.yaml"] = f"name: Event {n:03}\ndate: {date}\n{place}{CLEAR}"
    for n in range(60):
        ids = ", ".join(f"p{n % 3}-{m}" for m in range(n % 5, n % 5 + 20))
        names = ", ".join(f"P{n % 3} {m}" for m in range(n % 5, n % 5 + 20))
        files[f"content/articles/a{n:02}.md"] = f"They met: {names}.\n"
        files[f"content/articles/a{n:02}.yaml"] = HEAD + f"actors: [{ids}]\n"
    root = write(tmp_path_factory.mktemp("large"), files)
    ran = sitrep(root, "build", "--quiet")
    assert (ran.code, ran.out) == (0, "")
    return root / "site"


def page(path: Path) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(path.read_bytes())


def links(path: Path, under: str) -> list[str]:
    """The ids that a page's main part links to under a folder."""
    found = page(path).xpath("//main//a/@href")
    return [m[1] for href in found if (m := re.search(rf"(?:^|/){under}/([^/]+)\.html$", str(href)))]


def test_each_event_is_on_the_page_of_its_year_in_order(large: Path) -> None:
    years = sorted((large / "timeline").glob("*.html"))
    assert [year.stem for year in years] == ["2020", "2021", "2022", "2023"]
    found = [id for year in years for id in links(year, "events")]
    assert sorted(found) == [f"e{n:03}" for n in range(MANY)]
    for year in years:
        dates = [row.xpath("string(td[1])") for row in page(year).xpath("//figure[@class='time']//tbody/tr")]
        assert dates == sorted(dates)
        assert {date[:4] for date in dates} == {year.stem}
    front = page(large / "timeline.html")
    assert [a.get("href") for a in front.xpath("//ul[@class='inventory']//a")] == [
        f"timeline/{y}.html" for y in range(2020, 2024)
    ]
    assert front.xpath("//p[@class='kind']")[0].text_content().startswith(f"{MANY} events")


def test_each_place_is_in_the_table_once_and_its_dot_leads_there(large: Path) -> None:
    pages = [large / "map.html", large / "map/2.html"]
    assert not (large / "map/3.html").exists()
    rows = [row for path in pages for row in page(path).xpath("//table[@class='places']/tbody/tr")]
    assert len({row.get("id") for row in rows}) == len(rows) == MANY // 2
    assert sorted(id for path in pages for id in links(path, "events")) == [f"e{n:03}" for n in range(0, MANY, 2)]
    dots = page(pages[0]).xpath("//*[local-name()='svg'][contains(@class, 'map')]//a/@href")
    assert len(dots) == MANY // 2
    assert {dot.partition("#")[0] for dot in dots} == {"", "map/2.html"}


def test_an_event_leads_to_its_part_of_the_map(large: Path) -> None:
    (href,) = page(large / "events/e000.html").xpath("//a[starts-with(@href, '../map.html#')]/@href")
    assert page(large / "map.html").xpath(f"//*[@id='{href.partition('#')[2]}']")
    assert not page(large / "events/e001.html").xpath("//a[starts-with(@href, '../map.html#')]")


def test_each_of_many_actors_is_in_one_community_with_those_it_is_named_with(large: Path) -> None:
    pages = sorted((large / "network").glob("*.html"))
    assert len(pages) == 3
    members = [set(links(path, "actors")) for path in pages]
    assert {id for group in members for id in group} == {f"p{n}-{m}" for n in range(3) for m in range(24)}
    for group in members:
        assert len({id.partition("-")[0] for id in group}) == 1
    front = page(large / "network.html")
    assert sorted(a.get("href") for a in front.xpath("//dl[contains(@class, 'communities')]/div/dt/a")) == [
        f"network/{path.name}" for path in pages
    ]


def test_nothing_leads_nowhere_and_no_page_is_large(large: Path) -> None:
    assert not [fault for fault in faults(large) if not fault.startswith("404.html: ")]
    for path in (
        *large.glob("*.html"),
        *large.glob("timeline/*.html"),
        *large.glob("map/*"),
        *large.glob("network/**/*.html"),
    ):
        assert path.stat().st_size < LARGEST, path


def test_every_drawing_has_a_title_a_description_and_a_table(demo_site: Path) -> None:
    seen = 0
    for path in sorted(demo_site.rglob("*.html")):
        tree = page(path)
        for drawing in tree.xpath("//*[local-name()='svg'][contains(@class, 'chart')]"):
            seen += 1
            for attribute in ("aria-labelledby", "aria-describedby"):
                (named,) = tree.xpath(f"//*[@id='{drawing.get(attribute)}']")
                assert named.text_content().strip()
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids)), path
    assert seen > 100
    for name in ("timeline", "network", "map"):
        assert page(demo_site / f"{name}.html").xpath("//table/caption"), name


def test_all_of_the_demonstration_is_listed_beside_the_drawings(demo_site: Path) -> None:
    events = {path.stem for path in (demo_site / "events").glob("*.html")} - {"index"}
    assert set(links(demo_site / "timeline.html", "events")) == events
    placed = {
        e for e in events if page(demo_site / f"events/{e}.html").xpath("//a[starts-with(@href, '../map.html#')]")
    }
    assert set(links(demo_site / "map.html", "events")) == placed
    assert len(placed) > 10


# -- home -------------------------------------------------------------------------------------------------------------

STORY: dict[str, str | bytes] = {
    "content/articles/one.md": "The bridge is open, the mayor said. The ferry will sail.\n",
    "content/articles/one.yaml": HEAD
    + "claims: [{id: bridge-open, by: [mayor], quote: The bridge is open}]\n"
    + "events: [{id: sailing, quote: The ferry will sail}]\n",
    "content/articles/two.md": "The bridge is shut, the mayor said.\n",
    "content/articles/two.yaml": HEAD.replace("2024-01-02", "2024-03-04")
    + "claims: [{id: bridge-open, by: [mayor], stance: denies, quote: The bridge is shut}]\n",
    "content/articles/three.md": "The bridge is open, the mayor said.\n",
    "content/articles/three.yaml": HEAD + "claims: [{id: bridge-open, by: [mayor], quote: The bridge is open}]\n",
    "content/claims/bridge-open.yaml": "statement: The bridge is open.\nmarking: TLP:CLEAR\nassessments:\n"
    "  - {date: 2024-01-05, likelihood: likely, confidence: low}\n  - {date: 2024-03-05, likelihood: unlikely}\n",
    "content/events/sailing.yaml": "name: The ferry sails\ndate: 2024-02-01\nphase: planned\nmarking: TLP:CLEAR\n",
    "content/events/feast.yaml": "name: The feast\ndate: 2024-05-01\nphase: planned\nmarking: TLP:CLEAR\n",
    "content/events/storm.yaml": "name: The storm\ndate: 2024-01-01\nmarking: TLP:CLEAR\n",
}


def sections(path: Path) -> dict[str, str]:
    """The words under each heading of a page."""
    return {
        section.xpath("string(h2)"): " ".join(section.text_content().split())
        for section in page(path).xpath("//section[h2]")
    }


def test_home_says_what_changed_what_is_contested_what_rests_on_one_origin_and_what_is_coming(tmp_path: Path) -> None:
    root = write(tmp_path, STORY)
    assert sitrep(root, "build", "--quiet").code == 0
    said = sections(root / "site/index.html")
    assert "From likely to unlikely: The bridge is open." in said["What’s new"]
    assert "Mayor now denies what it asserted before: The bridge is open." in said["What’s new"]
    assert said["What’s new"].index("From likely") < said["What’s new"].index("Mayor now denies")
    assert "The bridge is open." in said["Contested"]
    assert "2 articles · 1 outlet · 1 named origin in these reports" in said["On one named origin, or none"]
    assert "The feast" in said["Coming"]
    assert "The ferry sails" not in said["Coming"]
    assert "The ferry sails" in said["Planned; not yet reported as done"]
    assert "The storm" in said["What happened"]


def test_a_page_says_first_what_is_known(tmp_path: Path) -> None:
    root = write(tmp_path, STORY)
    assert sitrep(root, "build", "--quiet").code == 0

    def answer(name: str) -> str:
        (line,) = page(root / f"site/{name}.html").xpath("//p[@class='answer']")
        return " ".join(line.text_content().split())

    claim = answer("claims/bridge-open")
    assert claim == (
        "Unlikely, we assessed on 2024-03-05. 1 named origin asserts it in these reports; all chains are traced. "
        "Mayor denies it."
    )
    assert answer("actors/mayor") == "Origin of 3 statements: 2 assert, 1 denies."
    assert answer("events/sailing") == "Planned · 2024-02-01 · 1 article mentions it: 1 asserts"
    assert answer("events/storm") == "2024-01-01 · no article here mentions it"


def test_what_is_due_is_told_by_what_is_known_and_not_by_the_clock(tmp_path: Path) -> None:
    """Without the later report, the sailing is still to come."""
    root = write(tmp_path, {name: text for name, text in STORY.items() if "/two." not in name})
    assert sitrep(root, "build", "--quiet").code == 0
    said = sections(root / "site/index.html")
    assert "The ferry sails" in said["Coming"]
    assert "Planned; not yet reported as done" not in said


def test_what_is_due_is_due_on_the_day_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    vote = {"content/events/vote.yaml": "name: The vote\nmarking: TLP:CLEAR\nphase: planned\ndate: 2024-01-20\n"}
    root = write(tmp_path, {**GOOD, **vote})
    asked = ("Coming", "Planned; not yet reported as done")

    def headings(*options: str) -> list[str]:
        assert sitrep(root, "build", "--quiet", *options).code == 0
        return [heading for heading in asked if heading in (root / "site/index.html").read_text("utf-8")]

    assert headings() == [asked[0]]  # the latest report is of 2 January
    assert headings("--as-of", "2024-01-31") == [asked[1]]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1706659200")  # 31 January
    assert headings() == [asked[1]]
