"""Feeds, the calendar and the sitemap: valid for those who read them, complete, and the same for ever."""

from __future__ import annotations

import functools
import json
import re
import warnings
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import feedparser
import icalendar
import lxml.etree as etree
import lxml.html
import pytest

from conftest import ROOT
from projects import HEAD, sitrep, tree, write
from sitrep.model.dates import instant, parse, precise
from sitrep.pages.feeds import feeds, sitemap

URL = "https://watch.example/r%C3%A9po/"
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CLEAR = "marking: TLP:CLEAR\n"

# -- schemas, written after RFC 4287 and sitemaps.org -----------------------------------------------------------------

GRAMMAR = """<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom"
  datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="feed"><optional><attribute name="xml:lang"><text/></attribute></optional><interleave>
  <ref name="head"/><optional><element name="subtitle"><text/></element></optional>
  <oneOrMore><ref name="author"/></oneOrMore><zeroOrMore><ref name="link"/></zeroOrMore>
  <optional><element name="rights"><text/></element></optional>
  <zeroOrMore><element name="entry"><interleave>
    <ref name="head"/><optional><element name="published"><ref name="moment"/></element></optional>
    <zeroOrMore><ref name="author"/></zeroOrMore><oneOrMore><ref name="link"/></oneOrMore>
    <zeroOrMore><element name="category"><attribute name="term"><data type="token"/></attribute></element></zeroOrMore>
    <element name="content"><attribute name="type"><value>html</value></attribute><text/></element>
  </interleave></element></zeroOrMore>
</interleave></element></start>
<define name="head"><interleave><element name="id"><data type="anyURI"><param name="pattern">[a-z]+:.+</param></data>
  </element><element name="title"><text/></element><element name="updated"><ref name="moment"/></element>
  </interleave></define>
<define name="author"><element name="author"><element name="name"><text/></element></element></define>
<define name="link"><element name="link"><attribute name="rel"><choice><value>self</value><value>alternate</value>
  </choice></attribute><attribute name="type"><data type="string"><param name="pattern">.+/.+</param></data></attribute>
  <attribute name="href"><data type="anyURI"/></attribute></element></define>
<define name="moment"><data type="dateTime"><param name="pattern">.+T.+(Z|[+\\-]..:..)</param></data></define>
</grammar>"""

SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
  targetNamespace="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<xs:simpleType name="loc"><xs:restriction base="xs:anyURI"><xs:minLength value="12"/><xs:maxLength value="2048"/>
  <xs:pattern value="https?://[!-~]+"/></xs:restriction></xs:simpleType>
<xs:simpleType name="day"><xs:union memberTypes="xs:date xs:dateTime xs:gYear xs:gYearMonth"/></xs:simpleType>
<xs:complexType name="item"><xs:sequence><xs:element name="loc" type="loc"/>
  <xs:element name="lastmod" type="day" minOccurs="0"/></xs:sequence></xs:complexType>
<xs:element name="urlset"><xs:complexType><xs:sequence>
  <xs:element name="url" type="item" maxOccurs="50000"/></xs:sequence></xs:complexType></xs:element>
<xs:element name="sitemapindex"><xs:complexType><xs:sequence>
  <xs:element name="sitemap" type="item" maxOccurs="50000"/></xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


@functools.cache
def atom_schema() -> Any:
    return etree.RelaxNG(etree.fromstring(GRAMMAR))


@functools.cache
def sitemap_schema() -> Any:
    return etree.XMLSchema(etree.fromstring(SCHEMA))


def parsed(data: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(data)


def check_atom(data: bytes) -> Any:
    """The feed as a reader has it; every rule that a schema cannot say is held here."""
    schema = atom_schema()
    root = etree.fromstring(data)
    assert schema.validate(root), schema.error_log
    read = parsed(data)
    assert not read.bozo, read.get("bozo_exception")
    ids = [entry.id for entry in read.entries]
    assert ids
    assert len(set(ids)) == len(ids)
    assert read.feed.id not in ids
    assert read.feed.updated == max(entry.updated for entry in read.entries)
    updated = [entry.updated for entry in read.entries]
    assert updated == sorted(updated, reverse=True)
    return read


def check_json(data: bytes) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(data)
    assert made["version"] == "https://jsonfeed.org/version/1.1"
    assert made["title"]
    known = {"id", "url", "title", "content_html", "date_published", "date_modified", "authors", "tags"}
    for item in made["items"]:
        assert {"id", "url", "title", "content_html", "date_modified"} <= item.keys() <= known
        assert isinstance(item["id"], str)
        for name in ("date_published", "date_modified"):
            if name in item:
                assert datetime.fromisoformat(item[name]).tzinfo
    return made


def built(root: Path, files: dict[str, str | bytes], config: str = "") -> dict[str, bytes]:
    write(root, files, config=f"title: Test & <b>\njson: true\n{config or f'url: {URL}'}\n")
    ran = sitrep(root, "build", "--quiet")
    assert ran.code == 0, ran.out + ran.err
    return tree(root / "site")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The demonstration, with an address of its own."""
    root = tmp_path_factory.mktemp("whole")
    for path in (ROOT / "content").rglob("*"):
        if path.is_file():
            target = root / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    config = (ROOT / "config.yaml").read_text("utf-8")
    (root / "config.yaml").write_text(f"{config}url: {URL}\n", "utf-8")
    assert sitrep(root, "build", "--quiet").code == 0
    return tree(root / "site")


def of(site: dict[str, bytes], ending: str) -> dict[str, bytes]:
    return {name: data for name, data in site.items() if name.startswith("feeds/") and name.endswith(ending)}


# -- the demonstration ------------------------------------------------------------------------------------------------


def test_every_feed_is_valid_and_both_forms_say_the_same(demo_site: Path, whole: dict[str, bytes]) -> None:
    for site in (tree(demo_site), whole):
        atoms = of(site, ".atom")
        assert len(atoms) > 70
        for name, data in atoms.items():
            read = check_atom(data)
            twin = check_json(site[name.replace(".atom", ".json")])
            assert [e.id for e in read.entries] == [item["id"] for item in twin["items"]]
            assert [e.updated for e in read.entries] == [item["date_modified"] for item in twin["items"]]
            assert twin["_sitrep"]["id"] == read.feed.id
            for element, item in zip(etree.fromstring(data).iter(f"{ATOM}entry"), twin["items"], strict=True):
                assert element.findtext(f"{ATOM}content") == item["content_html"]
                assert element.find(f"{ATOM}link").get("href") == item["url"]


def test_each_thing_that_has_dated_reports_has_a_feed_and_its_pages_say_so(demo_site: Path) -> None:
    for kind in ("actors", "events", "topics", "sources", "claims"):
        for page in sorted((demo_site / kind).glob("*.html")):
            head = lxml.html.document_fromstring(page.read_bytes())
            found = {link.get("type"): link.get("href") for link in head.iter("link") if link.get("rel") == "alternate"}
            feed = f"feeds/{kind}/{page.stem}"
            if page.stem != "index" and (demo_site / f"{feed}.atom").exists():
                assert found["application/atom+xml"] == f"../{feed}.atom"
                assert found["application/feed+json"] == f"../{feed}.json"
            else:
                assert "application/atom+xml" not in found, page
    home = (demo_site / "index.html").read_text("utf-8")
    assert 'type="application/atom+xml" title="DPRK–Russia watch" href="feeds/index.atom"' in home
    assert 'type="text/calendar"' in (demo_site / "events/index.html").read_text("utf-8")
    claims = {page.stem for page in (demo_site / "claims").glob("*.json")}
    assert claims == {feed.stem for feed in (demo_site / "feeds/claims").glob("*.atom")}


def addresses(name: str, data: bytes) -> set[str]:
    made = json.loads(data)
    html = [made.get("home_page_url", ""), made.get("feed_url", ""), *(item["url"] for item in made["items"])]
    inside = [a for item in made["items"] for a in re.findall(r'href="([^"]*)"', item["content_html"])]
    return {unescape(address) for address in (*html, *inside) if address}


def test_links_lead_to_what_is_there(demo_site: Path, whole: dict[str, bytes]) -> None:
    ids: dict[str, set[str]] = {}
    for site, base in ((tree(demo_site), "https://anywhere.example/x/"), (whole, URL)):
        for name, data in of(site, ".json").items():
            for address in addresses(name, data):
                assert site is not whole or address.startswith("https://"), address
                aim = urljoin(base + name, address)
                if not aim.startswith(base):
                    assert address.startswith("https://")
                    continue
                path, _, fragment = unquote(aim.removeprefix(base)).partition("#")
                assert path in site, (name, address)
                if path not in ids:
                    ids[path] = set(re.findall(r'\bid="([^"]*)"', site[path].decode()))
                assert not fragment or fragment in ids[path], (name, address)


def test_addresses_are_whole_where_the_site_has_one(whole: dict[str, bytes]) -> None:
    for name, data in of(whole, ".atom").items():
        root = etree.fromstring(data)
        (own,) = (link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self")
        assert own == URL + name
        assert all(link.get("href").startswith(URL) for link in root.iter(f"{ATOM}link"))
        assert json.loads(whole[name.replace(".atom", ".json")])["feed_url"] == URL + name.replace(".atom", ".json")


# -- what a feed tells ------------------------------------------------------------------------------------------------

TEXT = (
    "The office said that 3000 troops are there, as the ministry did. "
    "Troops are not there, said Norhaven. Nobody has spoken of it.\n"
)
ARTICLES = {
    "one": "captured: 2024-01-05\nclaims: [{id: troops, by: [ministry], quote: 3000 troops are there}]\n",
    "two": "captured: 2024-01-03\nclaims: [{id: troops, by: [norhaven], stance: silent, quote: Nobody has spoken}]\n",
    "three": "captured: 2024-01-07\nclaims:\n"
    "  - {id: troops, by: [office], value: 3000, quote: 3000 troops are there}\n"
    "  - {id: troops, by: [norhaven], stance: denies, quote: Troops are not there, said: 2024-01-06}\n",
    "four": "captured: 2024-01-09\nupdates: {article: one, how: withdraws}\n",
    "five": "captured: 2024-01-08\nclaims: [{id: troops, quote: 3000 troops are there}]\n",
}
LEDGER: dict[str, str | bytes] = {
    **{f"content/articles/{id}.md": TEXT for id in ARTICLES},
    **{
        f"content/articles/{id}.yaml": HEAD.replace("title: T", f"title: {id.title()}", 1) + r
        for id, r in ARTICLES.items()
    },
    "content/actors/office.yaml": CLEAR + "name: Office\npart_of: [state]\n",
    "content/actors/state.yaml": CLEAR + "name: State\n",
    "content/claims/troops.yaml": CLEAR + "statement: Troops are there.\nassessments:\n"
    "  - {date: 2024-01-06, likelihood: likely, confidence: low, because: 'See [[article:one]].'}\n"
    "  - {date: 2024-01-06, likelihood: very likely}\n",
}


def test_a_claims_feed_reports_its_changes(tmp_path: Path) -> None:
    site = built(tmp_path, LEDGER)
    made = check_json(site["feeds/claims/troops.json"])
    check_atom(site["feeds/claims/troops.atom"])
    told = {item["title"]: item for item in made["items"]}
    assert list(told) == [
        "Withdrawn: One",
        "asserts: Five",
        "asserts, denies: Three",
        "Assessed: Troops are there.",
        "asserts: One",
        "silent: Two",
    ]
    assert len(made["items"]) == 7  # two assessments of one day
    text = {title: re.sub(r"<[^>]*>", " ", item["content_html"]) for title, item in told.items()}
    assert "Not counted: withdrawn." in text["asserts: One"]
    assert re.search(r"Adds an origin:\s+State \s*\(named origins 0 → 1\)", text["asserts, denies: Three"])
    assert re.search(r"Norhaven \s*: before “silent”, now “denies”", text["asserts, denies: Three"])
    assert "figure given: 3000" in text["asserts, denies: Three"]
    assert re.search(r"Adds a chain that cannot be traced; the last named link is\s+Wire", text["asserts: Five"])
    assert re.search(r"Four\s+withdraws\s+One \.", text["Withdrawn: One"])
    assert told["asserts: Five"]["date_modified"] == "2024-01-08T00:00:00Z"
    assert told["asserts: Five"]["date_published"] == "2024-01-02T00:00:00Z"
    assert told["asserts: Five"]["url"] == f"{URL}articles/five.html#claim-1"
    assert [item["content_html"] for item in made["items"] if item["title"].startswith("Assessed")] == [
        "<p>Likelihood: very likely</p>",
        "<p>Likelihood: likely</p>\n<p>Confidence: low</p>\n"
        f'<p>See <a class="article" href="{URL}articles/one.html">One</a>.</p>',
    ]


def test_ids_last(tmp_path: Path) -> None:
    """What is added later, corrected or moved to another address leaves the ids of what is there as they are."""
    few = {name: data for name, data in LEDGER.items() if "four" not in name and "five" not in name}
    ids = {}
    for name, files, config in (
        ("few", few, f"url: {URL}\nid: the-watch"),
        ("all", LEDGER, f"url: {URL}\nid: the-watch"),
        ("moved", LEDGER, "url: https://elsewhere.example/\nid: the-watch"),
        ("unplaced", LEDGER, "feeds: true\nid: the-watch"),
        ("other", LEDGER, f"url: {URL}"),
    ):
        made = check_json(built(tmp_path / name, files, config)["feeds/claims/troops.json"])
        ids[name] = {made["_sitrep"]["id"], *(item["id"] for item in made["items"])}
        assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", id) for id in ids[name])
    assert ids["few"] < ids["all"] == ids["moved"] == ids["unplaced"]
    assert not ids["all"] & ids["other"]


def test_a_feed_is_the_latest_by_when_it_came_to_be_known(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for n in range(60):
        files[f"content/articles/a{n:02}.md"] = "All is well in Geneva.\n"
        files[f"content/articles/a{n:02}.yaml"] = (
            HEAD.replace("2024-01-02", f"2023-{n % 12 + 1:02}-01") + f"captured: 2024-02-{n % 28 + 1:02}\n"
            f"actors: [geneva]\ntopics: [towns]\nevents: [{{id: fair, quote: All is well}}]\n"
        )
    days = sorted((n % 28 + 1 for n in range(60)), reverse=True)[: feeds.LATEST]
    site = built(tmp_path, files)
    for name in ("actors/geneva", "sources/wire", "topics/towns", "events/fair", "index"):
        made = check_json(site[f"feeds/{name}.json"])
        assert [int(item["date_modified"][8:10]) for item in made["items"]] == days, name


def test_what_bears_no_date_is_in_no_feed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "content/articles/old.md": TEXT,
        "content/articles/old.yaml": HEAD.replace("published: 2024-01-02\n", "") + "actors: [norhaven]\n",
        "content/articles/open.md": TEXT,
        "content/articles/open.yaml": HEAD.replace("2024-01-02", "../2024-01-02") + "actors: [norhaven]\n",
    }
    site = built(tmp_path, files)
    assert not of(site, ".atom")
    assert "feeds/" not in site["index.html"].decode() + site["actors/norhaven.html"].decode()
    urls = {e.findtext(f"{SITEMAP}loc"): e.findtext(f"{SITEMAP}lastmod") for e in etree.fromstring(site["sitemap.xml"])}
    assert urls[f"{URL}articles/old.html"] is None


def test_old_addresses_of_feeds_go_on(tmp_path: Path) -> None:
    site = built(tmp_path, {**LEDGER, "content/actors/office.yaml": CLEAR + "name: Office\nformerly: [bureau]\n"})
    for form in ("atom", "json"):
        assert site[f"feeds/actors/bureau.{form}"] == site[f"feeds/actors/office.{form}"]


@pytest.mark.parametrize(
    ("config", "there"),
    [("json: false", False), (f"url: {URL}", True), (f"url: {URL}\nfeeds: false", False), ("feeds: true", True)],
)
def test_the_configuration_says_whether_there_are_feeds(tmp_path: Path, config: str, there: bool) -> None:
    config = config.replace("json: false", "search: true")
    site = built(tmp_path, LEDGER, config)
    assert bool(of(site, "")) is there
    assert ("feeds/" in site["index.html"].decode()) is there
    assert ("sitemap.xml" in site) is ("url" in config)


def test_a_preview_has_neither_feeds_nor_a_sitemap(tmp_path: Path) -> None:
    write(tmp_path, LEDGER, config=f"title: Test\nurl: {URL}\n")
    assert sitrep(tmp_path, "build", "--preview", "--quiet").code == 0
    names = tree(tmp_path / "preview")
    assert not [name for name in names if name.startswith("feeds/") or "sitemap" in name]
    assert b"feeds/" not in names["index.html"]


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    words = 'A ]]> & <script>alert(1)</script> <a href="../x">y</a> \U0001f600'
    files: dict[str, str | bytes] = {
        "content/articles/x.md": f"{words}: he said so. And went.\n",
        "content/articles/x.yaml": HEAD.replace("title: T", f"title: {json.dumps(words, ensure_ascii=False)}")
        + "claims:\n  - id: so\n    quote: he said so\n",
    }
    site = built(tmp_path, files)
    check_atom(site["feeds/claims/so.atom"])
    assert etree.fromstring(site["feeds/claims/so.atom"]).findtext(f"{ATOM}entry/{ATOM}title") == f"asserts: {words}"
    content = etree.fromstring(site["feeds/claims/so.atom"]).findtext(f"{ATOM}entry/{ATOM}content")
    fragment = lxml.html.fromstring(f"<div>{content}</div>")
    assert not list(fragment.iter("script"))
    assert '<script>alert(1)</script> <a href="../x">y</a>' in fragment.text_content()


# -- rights -----------------------------------------------------------------------------------------------------------


def test_a_feed_shows_of_a_text_what_its_rights_allow(tmp_path: Path) -> None:
    text = "The convoy left at noon. " + "Then a very long story about the weather was told by the driver. " * 4
    for rights in ("full", "excerpt", "metadata"):
        site = built(
            tmp_path / rights,
            {
                "content/articles/x.md": text,
                "content/articles/x.yaml": HEAD.replace("rights: full", f"rights: {rights}")
                + "actors: [{id: driver, quotes: [driver]}]\n"
                "claims: [{id: left, quote: convoy left, translation: Der Konvoi fuhr ab}]\n",
            },
        )
        all_of_it = "\n".join(data.decode() for data in of(site, "").values())
        assert ("The convoy left at noon." in all_of_it) is (rights != "metadata")
        assert ("Konvoi" in all_of_it) is (rights != "metadata")
        assert ("the weather was told by the driver" in all_of_it) is (rights == "full")


# -- the calendar -----------------------------------------------------------------------------------------------------

DATES = {
    "day": ("2024-06-19", date(2024, 6, 19), date(2024, 6, 20)),
    "days": ("2024-06-18/2024-06-19", date(2024, 6, 18), date(2024, 6, 20)),
    "leap": ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
    "doubtful": ("2024-06-19?", date(2024, 6, 19), date(2024, 6, 20)),
    "about": ("2024-06-19~", date(2024, 6, 19), date(2024, 6, 20)),
    "moment": ("2024-06-19T10:30:00+09:00", datetime(2024, 6, 19, 1, 30, tzinfo=UTC), None),
    "local": ("2024-06-19T10:30", datetime(2024, 6, 19, 10, 30), None),
    "month": ("2024-06", None, None),
    "year": ("2024", None, None),
    "season": ("2024-21", None, None),
    "months": ("2024-06/2024-08", None, None),
    "open": ("2024-06-19/..", None, None),
    "unspecified": ("2024-06-XX", None, None),
    "last": ("9999-12-31", None, None),
}


def test_the_calendar_holds_the_events_whose_day_is_known(tmp_path: Path) -> None:
    files = {
        f"content/events/{id}.yaml": f"{CLEAR}name: 'The {id}; it, \\ \"é\" {'long ' * 20}'\ndate: {when}\n"
        for id, (when, _, _) in DATES.items()
    }
    site = built(tmp_path, dict(files))
    raw = site["feeds/events.ics"]
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert raw.endswith(b"END:VCALENDAR\r\n")
    calendar = icalendar.Calendar.from_ical(raw)
    events = {str(e["SUMMARY"]).split(";")[0].removeprefix("The "): e for e in calendar.walk("VEVENT")}
    assert events.keys() == {id for id, (_, start, _) in DATES.items() if start}
    for id, event in events.items():
        assert not event.errors
        _, start, end = DATES[id]
        assert event["DTSTART"].dt == start
        assert (event["DTEND"].dt if "DTEND" in event else None) == end
        assert f'it, \\ "é" {"long " * 20}'.strip() in str(event["SUMMARY"])
        assert str(event["URL"]) == f"{URL}events/{id}.html"
        assert ("STATUS" in event) is (id in ("doubtful", "about"))
    assert str(events["doubtful"]["SUMMARY"]).endswith("(date uncertain)")
    assert str(events["about"]["SUMMARY"]).endswith("(about)")
    left = sum(start is None for _, start, _ in DATES.values())
    assert f"{left} without an exact day are left out" in str(calendar["DESCRIPTION"])
    assert len({str(e["UID"]) for e in events.values()}) == len(events)


def test_an_event_without_a_file_has_the_date_that_all_articles_give(tmp_path: Path) -> None:
    def article(date: str) -> str:
        return HEAD + f"events: [{{id: fair, date: {date}, quote: All is well}}]\n"

    files: dict[str, str | bytes] = {f"content/articles/{id}.md": "All is well.\n" for id in "ab"}
    for second, count in (("2024-06-19", 1), ("2024-06-20", 0)):
        files |= {"content/articles/a.yaml": article("2024-06-19"), "content/articles/b.yaml": article(second)}
        calendar = icalendar.Calendar.from_ical(built(tmp_path / second, files)["feeds/events.ics"])
        assert len(calendar.walk("VEVENT")) == count


def test_planned_and_alleged_are_said(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"content/events/{phase}.yaml": f"{CLEAR}name: It\ndate: 2024-06-19\nphase: {phase}\n"
        for phase in ("planned", "alleged", "occurred")
    }
    calendar = icalendar.Calendar.from_ical(built(tmp_path, files)["feeds/events.ics"])
    found = {(str(e["SUMMARY"]), str(e.get("STATUS", ""))) for e in calendar.walk("VEVENT")}
    assert found == {("Planned: It", "TENTATIVE"), ("Alleged: It", "TENTATIVE"), ("It", "")}


# -- the sitemap ------------------------------------------------------------------------------------------------------


def test_the_sitemap_is_valid_and_lists_each_page_once(whole: dict[str, bytes]) -> None:
    root = etree.fromstring(whole["sitemap.xml"])
    assert sitemap_schema().validate(root), sitemap_schema().error_log
    listed = [e.findtext(f"{SITEMAP}loc") for e in root]
    canonical = []
    for name, data in whole.items():
        if name.endswith(".html") and b'http-equiv="refresh"' not in data and name != "404.html":
            canonical += re.findall(r'<link rel="canonical" href="([^"]*)"', data.decode())
    assert sorted(listed) == sorted(unescape(address) for address in canonical)
    assert len(set(listed)) == len(listed)


def test_last_modified_is_the_latest_day_on_the_page(tmp_path: Path) -> None:
    files = {**LEDGER, "content/articles/six.md": TEXT, "content/articles/six.yaml": HEAD + "captured: 2024-03\n"}
    root = etree.fromstring(built(tmp_path, files)["sitemap.xml"])
    days = {e.findtext(f"{SITEMAP}loc").removeprefix(URL): e.findtext(f"{SITEMAP}lastmod") for e in root}
    assert days["articles/one.html"] == "2024-01-09"  # withdrawn then, and its page says so
    assert days["articles/two.html"] == "2024-01-03"
    assert days["articles/six.html"] == "2024-03"
    assert days["claims/troops.html"] == "2024-01-08"
    assert days["actors/norhaven.html"] == "2024-01-07"
    assert days["articles/index.html"] == days[""] == "2024-03"
    assert days["about.html"] is None


def test_a_large_sitemap_is_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap.outputs, "__defaults__", (7,))
    site = built(tmp_path, LEDGER)
    index = etree.fromstring(site["sitemap.xml"])
    assert index.tag == f"{SITEMAP}sitemapindex"
    assert sitemap_schema().validate(index), sitemap_schema().error_log
    found = []
    for item in index:
        part = etree.fromstring(site[item.findtext(f"{SITEMAP}loc").removeprefix(URL)])
        assert sitemap_schema().validate(part)
        days = [day for e in part if (day := e.findtext(f"{SITEMAP}lastmod"))]
        assert (item.findtext(f"{SITEMAP}lastmod") or "") == max(days, default="")
        assert len(part) <= 7
        found += [e.findtext(f"{SITEMAP}loc") for e in part]
    assert len(found) == len(set(found)) > 14


# -- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment", "day"),
    [
        ("2024-06-19", "2024-06-19T00:00:00Z", "2024-06-19"),
        ("2024-06", "2024-06-01T00:00:00Z", "2024-06"),
        ("2024", "2024-01-01T00:00:00Z", "2024"),
        ("0987~", "0987-01-01T00:00:00Z", "0987"),
        ("2024-06-18/2024-06-19", "2024-06-18T00:00:00Z", "2024-06"),
        ("2023/2024", "2023-01-01T00:00:00Z", ""),
        ("../2024", "", ""),
        ("2024-06-19T23:30-02:00", "2024-06-20T01:30:00Z", "2024-06-19"),
        ("2024-06-19T10:30:05Z", "2024-06-19T10:30:05Z", "2024-06-19"),
        ("2024-06-19T10:30", "2024-06-19T00:00:00Z", "2024-06-19"),
        ("0001-01-01T00:30+09:00", "0001-01-01T00:00:00Z", "0001-01-01"),
    ],
)
def test_dates(text: str, moment: str, day: str) -> None:
    assert (instant(parse(text)), precise(parse(text))) == (moment, day)
