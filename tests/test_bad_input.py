"""Bad input: one line with its place, what is wrong and what to do; the rest builds, and nothing is half published."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from projects import GOOD, HEAD, Ran, everything, sitrep, write
from sitrep.model.records import Kind
from sitrep.parse import entry as items

LINE = re.compile(r"(?P<place>[^:]+:\d+:\d+): (?P<severity>error|warning): .+ \(.+\) \[(?P<code>[a-z-]+)\]")
"""A problem with its place, its hint and its code."""
OURS = "title: Zqx\nsource: zqx-wire\npublished: 2024-01-02\nmarking: TLP:CLEAR\nstatus: reviewed\nrights: full\n"
HEADER = OURS + "topics: [zqx-topic]\nformerly: [zqx-former]\n"
"""The first eight lines of a sidecar; whatever comes of it says zqx, and so does the text."""
TEXT = "The zqx phrase stands here. Nothing else does.\n"
NAME = "content/articles/zqx-bad"
YAML, MD = f"{NAME}.yaml", f"{NAME}.md"

Files = dict[str, str | bytes]
Case = tuple[Files, str, str]


def article(sidecar: str | bytes, text: str | bytes = TEXT) -> Files:
    return {YAML: sidecar, MD: text}


def more(lines: str, code: str, place: str) -> Case:
    """A sidecar whose ninth line is bad."""
    return article(HEADER + lines), code, f"{YAML}:{place}"


def bomb(levels: int) -> str:
    """Each level names the one before nine times."""
    lines = ["a0: &a0 [zqx, zqx]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


WITHHELD: dict[str, Case] = {
    "two colons in a line": more("summary: a: b\n", "yaml", "9:11"),
    "a quote that is never closed": more('summary: "x\n', "yaml", "10:1"),
    "a list that is never closed": more("actors: [a, b\n", "yaml", "10:1"),
    "a value that begins with @": more("summary: @x\n", "yaml", "9:10"),
    "a wrong indent": more(" summary: x\n", "yaml", "9:2"),
    "a tab": more("actors:\n\t- x\n", "yaml", "10:1"),
    "a control character": more("summary: a\x01b\n", "yaml", "9:11"),
    "a second document": more("---\ntitle: x\n", "yaml", "9:1"),
    "a list for a key": more("? [a]\n: b\n", "yaml", "9:3"),
    "a duplicate key": more("title: U\n", "duplicate-key", "9:1"),
    "a duplicate key within": more("claims: [{id: a, quote: The zqx, id: b}]\n", "duplicate-key", "9:34"),
    "an unknown key": more("sumary: x\n", "unknown-key", "9:1"),
    "an unknown key within": more("claims: [{quote: The zqx, stanc: denies}]\n", "unknown-key", "9:27"),
    "an unknown key like no other": more("qqqqqq: x\n", "unknown-key", "9:1"),
    "a list for a text": more("summary: [a, b]\n", "type", "9:10"),
    "a mapping for a text": more("summary: {a: b}\n", "type", "9:10"),
    "a text for a list of mappings": more("claims: words\n", "type", "9:9"),
    "no truth value": more("actors: [{id: a, proposed: perhaps, quotes: The zqx}]\n", "type", "9:28"),
    "no whole number": more("claims: [{quote: {exact: The zqx, occurrence: two}}]\n", "type", "9:47"),
    "a list for a file": (article("- a\n- zqx\n"), "type", f"{YAML}:1:1"),
    "a text for a file": (article("zqx\n"), "type", f"{YAML}:1:1"),
    "no word of the list": more("updates: {article: good, how: amends}\n", "choice", "9:31"),
    "a month that is none": more("captured: 2024-13-45\n", "date", "9:11"),
    "a day that is none": more("captured: 2024-06-31\n", "date", "9:11"),
    "a day without its zero": more("captured: 2024-6-1\n", "date", "9:11"),
    "a date in words": more("captured: 18 June 2024\n", "date", "9:11"),
    "a date within": more("events: [{id: e, quote: The zqx, date: 2023-02-29}]\n", "date", "9:40"),
    "100,000 brackets": more("claims: " + "[" * 100_000, "too-deep", "9:32"),
    "100,000 braces": more("claims: " + "{a: " * 100_000, "too-deep", "9:101"),
    "100,000 dashes": more("claims:\n" + "- " * 100_000, "too-deep", "10:47"),
    "an alias bomb": (article(bomb(12)), "yaml-alias", f"{YAML}:1:5"),
    "a merge key": more("<<: {summary: x}\n", "yaml-alias", "9:1"),
    "a merge bomb": (
        article("a: {b: c}\n" + "<<: [{zqx: 1}, {zqx: 2}]\n" * 50_000),
        "yaml-alias",
        f"{YAML}:2:1",
    ),
    "an alias to nothing": more("summary: *zqx\n", "yaml-alias", "9:10"),
    "a tag": more("summary: !!python/object/apply:os.system [zqx]\n", "yaml-tag", "9:10"),
    "a tag with a line break": more("summary: !<a%0Ab> zqx\n", "yaml-tag", "9:10"),
    "an occurrence of 5,000 digits": more(
        f"claims: [{{quote: {{exact: The zqx, occurrence: {'9' * 5000}}}}}]\n", "type", "9:47"
    ),
    "a value of 5,000 digits": more(f"claims: [{{id: c, quote: The zqx, value: '{'9' * 5000}'}}]\n", "value", "9:41"),
    "a date of 5,000 digits": more(f"captured: {'9' * 5000}\n", "date", "9:11"),
    "a latitude out of bounds": (
        {**article(HEADER, b"\xff"), "content/events/e.yaml": "name: E\nplace: {name: zqx, lat: 91}\n"},
        "value",
        "content/events/e.yaml:2:25",
    ),
    "Latin-1 in the sidecar": (article((HEADER + "summary: caf\xe9\n").encode("latin-1")), "encoding", f"{YAML}:9:13"),
    "Latin-1 in the text": (article(HEADER, "The zqx phrase: caf\xe9.\n".encode("latin-1")), "encoding", f"{MD}:1:20"),
    "Windows-1252 quotes": (article(HEADER, "One.\n“zqx”\n".encode("cp1252")), "encoding", f"{MD}:2:1"),
    "UTF-16 in the sidecar": (article(HEADER.encode("utf-16")), "encoding", f"{YAML}:1:1"),
    "UTF-16 in the text": (article(HEADER, TEXT.encode("utf-16")), "encoding", f"{MD}:1:1"),
    "UTF-16, the other order": (article(HEADER, b"\xfe\xff" + TEXT.encode("utf-16-be")), "encoding", f"{MD}:1:1"),
    "UTF-16 without a mark": (article(HEADER, TEXT.encode("utf-16-le")), "encoding", f"{MD}:1:2"),
    "UTF-16 without a mark, the other order": (article(HEADER, TEXT.encode("utf-16-be")), "encoding", f"{MD}:1:1"),
    "UTF-16 beyond ASCII": (article(HEADER, "zqx é\n".encode("utf-16-le")), "encoding", f"{MD}:1:2"),
    "UTF-16 sidecar without a mark": (article(HEADER.encode("utf-16-le")), "encoding", f"{YAML}:1:2"),
    "UTF-16 sidecar without a mark, the other order": (
        article(HEADER.encode("utf-16-be")),
        "encoding",
        f"{YAML}:1:1",
    ),
    "UTF-32": (article(HEADER, TEXT.encode("utf-32")), "encoding", f"{MD}:1:1"),
    "half a character": (article(HEADER, TEXT.encode() + "é".encode()[:1]), "encoding", f"{MD}:2:1"),
    "a surrogate": (article(HEADER, b"zqx \xed\xa0\x80\n"), "encoding", f"{MD}:1:5"),
    "a text that is too large": (article(HEADER, "zqx " * (1 << 20) + "x"), "too-large", f"{MD}:1:1"),
    "a sidecar that is too large": (article(HEADER + "#" * (4 << 20)), "too-large", f"{YAML}:1:1"),
    "a misspelt marking": (article(HEADER.replace("TLP:CLEAR", "TLP:CLEER")), "marking", f"{YAML}:4:10"),
    "a marking without its prefix": (article(HEADER.replace("TLP:CLEAR", "CLEAR")), "marking", f"{YAML}:4:10"),
    "an id with ../": more("actors: [../zqx]\n", "id", "9:10"),
    "an absolute id": more("actors: [/etc/passwd]\n", "id", "9:10"),
    "an empty id": more("actors: ['']\n", "id", "9:10"),
    "a device": more("actors: [CON]\n", "id", "9:10"),
    "an id of 300 bytes": more(f"actors: [{'a' * 300}]\n", "id", "9:10"),
    "a decomposed id": more("actors: ['cafe\u0301']\n", "id", "9:10"),
    "an id that is markup": more("actors: ['<script>']\n", "id", "9:10"),
    "an id that is a template": more("actors: ['{{ 7*7 }}']\n", "id", "9:10"),
    "an id that is the index": more("actors: [index]\n", "id", "9:10"),
    "an old id that leads out": (
        article(HEADER.replace("zqx-former", "../../../zqx-former")),
        "id",
        f"{YAML}:8:12",
    ),
    "a text without a sidecar": ({MD: TEXT}, "no-sidecar", f"{MD}:1:1"),
    "a sidecar without a text": ({YAML: HEADER}, "no-text", f"{YAML}:1:1"),
    "a sidecar with an empty text": (article(HEADER, ""), "no-text", f"{MD}:1:1"),
    "a sidecar with a blank text": (article(HEADER, " \n\n\t\n"), "no-text", f"{MD}:1:1"),
}
"""Files that are not published; one problem each, of this code, at this place."""


def errors(ran: Ran) -> list[re.Match[str]]:
    """The errors told, each of which has its place, its hint and its code; information aside."""
    found = [(line, LINE.fullmatch(line)) for line in ran.lines if "info: " not in line]
    assert [line for line, match in found if not match] == []
    return [match for _, match in found if match and match["severity"] == "error"]


@pytest.mark.mostly_slow(16)
@pytest.mark.parametrize("name", WITHHELD)
def test_what_cannot_be_read_is_told_in_one_line_and_withheld_whole(name: str, tmp_path: Path) -> None:
    files, code, place = WITHHELD[name]
    began = time.process_time()
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build", "--quiet")
    assert time.process_time() - began < 5
    assert ran.code == 1
    assert ran.err == ""
    expected = [(place, code)]
    if b"\xff" in files.values():
        expected.insert(0, (f"{MD}:1:1", "encoding"))
    assert [(told["place"], told["code"]) for told in errors(ran)] == expected
    assert all(len(line) < 400 for line in ran.lines)
    assert (tmp_path / "site/articles/good.html").exists()
    assert "zqx" not in everything(tmp_path / "site").casefold()


def test_all_of_them_are_told_in_one_run_and_none_is_published(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    expected = set()
    for n, (files, code, place) in enumerate(WITHHELD.values()):
        if b"\xff" in files.values():
            continue
        own = {path.replace("zqx-bad", f"zqx-bad-{n}"): data for path, data in files.items()}
        if "zqx-former" in str(files):
            own = {
                path: data.replace("zqx-former", f"zqx-former-{n}") if isinstance(data, str) else data
                for path, data in own.items()
            }
        write(tmp_path, own)
        expected.add((place.replace("zqx-bad", f"zqx-bad-{n}"), code))
    built = sitrep(tmp_path, "build", "--quiet")
    assert {(told["place"], told["code"]) for told in errors(built)} == expected
    assert built.code == 1
    assert (tmp_path / "site/articles/good.html").exists()
    assert "zqx" not in everything(tmp_path / "site").casefold()
    checked = [line for line in sitrep(tmp_path, "check", "--quiet").lines if ": error: " in line]
    assert checked == [line for line in built.lines if ": error: " in line]


def test_what_was_published_goes_when_it_can_no_longer_be_read(tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, **article(HEADER)})
    assert sitrep(tmp_path, "build").code == 0
    assert (tmp_path / "site/articles/zqx-bad.html").exists()
    assert (tmp_path / "site/articles/zqx-former.html").exists()
    write(tmp_path, article(HEADER + "sumary: x\n"))
    assert sitrep(tmp_path, "build").code == 1
    assert "zqx" not in everything(tmp_path / "site").casefold()


def test_a_thing_that_cannot_be_read_is_as_if_it_had_no_file(tmp_path: Path) -> None:
    """Its name, its aliases and its words are nowhere; what others say of its id is."""
    files: Files = {
        **GOOD,
        "content/actors/geneva.yaml": "name: Zqx\naliases: [All is well]\nmarking: TLP:CLEAR\ndescripton: Zqx\n",
        "content/actors/geneva.md": "Zqx.\n",
    }
    assert sitrep(write(tmp_path, files), "build").code == 1
    told = everything(tmp_path / "site")
    assert "zqx" not in told.casefold()
    (tmp_path / "content/actors/geneva.yaml").unlink()
    (tmp_path / "content/actors/geneva.md").unlink()
    assert sitrep(tmp_path, "build").code == 0
    assert everything(tmp_path / "site") == told


@pytest.mark.parametrize("part", ["sidecar", "text", "both"])
def test_a_byte_order_mark_is_a_warning_and_no_part_of_the_text(part: str, tmp_path: Path) -> None:
    mark = "\ufeff"
    files = article((part != "text") * mark + HEAD, (part != "sidecar") * mark + TEXT)
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    assert ran.code == 0
    assert {LINE.fullmatch(line)["code"] for line in ran.lines} == {"byte-order-mark"}  # type: ignore[index]
    assert len(ran.lines) == (2 if part == "both" else 1)
    assert mark not in everything(tmp_path / "site")
    assert "The zqx phrase" in (tmp_path / "site/articles/zqx-bad.html").read_text()
    assert sitrep(tmp_path, "build", "--strict").code == 1


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_are_line_ends(end: str, tmp_path: Path) -> None:
    files = article((HEADER + "sumary: x\n").replace("\n", end), "One.\nThe zqx phrase.\n".replace("\n", end))
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    assert [told["place"] for told in errors(ran)] == [f"{YAML}:9:1"]
    write(tmp_path, article(HEADER.replace("\n", end) + "claims: [{quote: One. The zqx}]" + end))
    write(tmp_path, {MD: "One.\nThe zqx phrase.\n".replace("\n", end)})
    assert sitrep(tmp_path, "build").code == 0


@pytest.mark.parametrize("blank", ["\u2028", "\u2029", "\x85"])
def test_a_line_separator_within_a_line_leaves_the_count_of_lines_alone(blank: str, tmp_path: Path) -> None:
    ran = sitrep(write(tmp_path, article(HEADER + f'summary: "a{blank}b"\nsumary: x\n')), "check", "--quiet")
    assert [told["place"] for told in errors(ran)] == [f"{YAML}:10:1"]


def test_every_problem_of_every_file_is_told_in_one_run(tmp_path: Path) -> None:
    many = "titel: x\nmarking: TLP:GREN\npublished: 2024-6\nactors: [../a]\nclaims: [{stance: denys, quote: zzz}]\n"
    files = {**article(many), "content/actors/a.yaml": "nam: x\n", "content/events/e.yaml": "mode: visit\n"}
    ran = sitrep(write(tmp_path, files), "check", "--quiet")
    codes = [line.rpartition("[")[2].rstrip("]") for line in ran.lines]
    for code in ("unknown-key", "marking", "date", "id", "choice", "quote-gone"):
        assert code in codes
    files_told = {line.split(":")[0] for line in ran.lines if ": error: " in line}
    assert files_told == {YAML, "content/actors/a.yaml", "content/events/e.yaml"}


def test_a_problem_is_told_once_and_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    many = HEADER + "captured: 2024-6\nactors: [../a, b/c]\nsumary: x\n"
    files = {**article(many), "content/actors/a.yaml": "nam: x\n", "content/articles/b.md": "x\n"}
    ran = sitrep(write(tmp_path, files), "check", "--quiet")
    places = [told["place"] for told in errors(ran)]
    assert places == [
        "content/actors/a.yaml:1:1",
        "content/articles/b.md:1:1",
        *(f"{YAML}:{place}" for place in ("9:11", "10:10", "10:16", "11:1")),
    ]


def test_what_follows_an_item_that_cannot_be_read_is_told_at_its_own_line(tmp_path: Path) -> None:
    lines = (
        "actors:\n  - {quotes: The}\n  - {id: [a], quotes: The}\n  - {id: b, quotes: [{prefix: x}, '', nowhere]}\n"
        "claims:\n  - {quote: The zqx}\n  - 5\n"
        "  - {id: c, by: [{id: d}, [7], {document: e, id: f}], quote: Not there}\n"
        "  - [x]\n  - {id: g}\n"
    )
    ran = sitrep(write(tmp_path, article(HEADER + lines)), "build", "--quiet")
    assert [(told["place"].removeprefix(YAML), told["code"]) for told in errors(ran)] == [
        (":10:5", "missing-key"),
        (":11:10", "type"),
        (":12:22", "missing-key"),
        (":12:35", "quote-empty"),
        (":12:39", "quote-gone"),
        (":15:5", "type"),
        (":16:27", "type"),
        (":16:32", "link"),
        (":16:62", "quote-gone"),
        (":17:5", "type"),
        (":18:5", "missing-key"),
    ]


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ("sumary: x\n", "did you mean summary?"),
        ("Summary: x\n", "did you mean summary?"),
        ("claim: []\n", "did you mean claims?"),
        ("claims: [{quote: The zqx, vai: [a]}]\n", "did you mean via?"),
        ("updates: {article: a, how: correct}\n", "did you mean corrects?"),
    ],
)
def test_a_misspelt_word_gets_a_suggestion(lines: str, hint: str, tmp_path: Path) -> None:
    (line,) = sitrep(write(tmp_path, article(HEADER + lines)), "build", "--quiet").lines
    assert f"({hint})" in line


# -- ids -----------------------------------------------------------------------------------------------------------

BAD_IDS = ["../zqx", "/etc/passwd", "", "CON", "a" * 300, "cafe\u0301", "a b", "a\\\\b", "C:x", "index", "a\\0b"]
FIELDS: list[tuple[Kind, str]] = [
    ("articles", "source: ID"),
    ("articles", "via: [ID]"),
    ("articles", "via: [{article: ID}]"),
    ("articles", "copy_of: ID"),
    ("articles", "translation_of: ID"),
    ("articles", "updates: {article: ID, how: corrects}"),
    ("articles", "topics: [ID]"),
    ("articles", "formerly: [ID]"),
    ("articles", "actors: [ID]"),
    ("articles", "actors: [{id: ID}]"),
    ("articles", "events: [ID]"),
    ("articles", "events: [{id: [ID]}]"),
    ("articles", "events: [{id: e, roles: {actor: [ID]}}]"),
    ("articles", "claims: [{id: ID, quote: The}]"),
    ("articles", "claims: [{by: [ID], quote: The}]"),
    ("articles", "claims: [{via: [{unnamed: x, of: ID}], quote: The}]"),
    ("actors", "part_of: [ID]"),
    ("actors", "member_of: [{id: ID}]"),
    ("actors", "roles: [{title: x, of: ID}]"),
    ("actors", "relations: [{to: ID, how: x}]"),
    ("events", "part_of: [ID]"),
    ("events", "roles: {actor: [ID]}"),
    ("sources", "controlled_by: [ID]"),
    ("sources", "owner: [ID]"),
    ("claims", "about: {actors: [ID]}"),
    ("claims", "shares_evidence: [{origins: [ID], because: x}]"),
    ("claims", "conflicts: [{claim: ID, how: superseded}]"),
    ("briefs", "key_judgments: [{text: x, rests_on: [ID]}]"),
]


@pytest.mark.parametrize(("kind", "line"), FIELDS)
def test_no_key_takes_an_id_that_cannot_be_an_address(kind: Kind, line: str) -> None:
    for id in BAD_IDS:
        source = f"name: x\n{line}\n".replace("name: x", "language: en" if kind != "actors" else "name: x")
        source = source.replace("ID", f'"{id}"')
        path = f"content/{kind}/x.yaml"
        entry, problems = items.read(kind, "x", source.encode(), TEXT.encode(), (path, path.replace("yaml", "md")))
        assert [(told.code, told.line, told.column) for told in problems] == [("id", 2, line.index("ID") + 1)], id
        assert not entry.sound


def test_case_twins_and_reserved_names_as_files(tmp_path: Path) -> None:
    files: Files = {
        **GOOD,
        "content/actors/Zqx.yaml": "name: Zqx one\nmarking: TLP:CLEAR\n",
        "content/actors/zqx.yaml": "name: Zqx two\nmarking: TLP:CLEAR\n",
        "content/actors/con.yaml": "name: Zqx three\nmarking: TLP:CLEAR\n",
        "content/actors/index.yaml": "name: Zqx four\nmarking: TLP:CLEAR\n",
        "content/actors/spaced name.yaml": "name: Zqx five\nmarking: TLP:CLEAR\n",
        f"content/actors/{'a' * 120}.yaml": "name: Zqx six\nmarking: TLP:CLEAR\n",
        "content/actors/a..b.yaml": "name: Zqx seven\nmarking: TLP:CLEAR\n",
        "content/actors/x.yml": "name: Zqx eight\nmarking: TLP:CLEAR\n",
    }
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    codes = [line.rpartition(" ")[2] for line in ran.lines]
    assert sorted(codes) == sorted(["[twin-ids]"] * 2 + ["[id]"] * 5 + ["[stray-file]"])
    assert len(errors(ran)) == 7
    assert "zqx" not in everything(tmp_path / "site").casefold()
    assert (tmp_path / "site/articles/good.html").exists()


def test_composed_and_decomposed_file_names(tmp_path: Path) -> None:
    files: Files = {"content/actors/caf\u00e9.yaml": "name: A\n", "content/actors/cafe\u0301.yaml": "name: B\n"}
    ran = sitrep(write(tmp_path, files), "check", "--quiet")
    assert ran.code == 1
    assert [told["code"] for told in errors(ran)] == ["id"]
    assert "composed form" in ran.out


@pytest.mark.parametrize("ids", [("Zqx", "zqx"), ("ZQX-É", "zqx-é"), ("straße", "STRASSE")])
def test_case_twins_that_are_only_mentioned_are_told_where_they_stand(ids: tuple[str, str], tmp_path: Path) -> None:
    mentions = "".join(f"  - {{quotes: The, id: {id}}}\n" for id in ids)
    ran = sitrep(write(tmp_path, {**GOOD, **article(HEADER + "actors:\n" + mentions)}), "build", "--quiet")
    assert ran.code == 1
    assert [(told["place"], told["code"]) for told in errors(ran)] == [
        (f"{YAML}:10:23", "twin-ids"),
        (f"{YAML}:11:23", "twin-ids"),
    ]
    assert errors_of(sitrep(tmp_path, "check", "--quiet")) == errors_of(ran)


def errors_of(ran: Ran) -> list[str]:
    return [line for line in ran.lines if ": error: " in line]


def test_two_things_that_claim_one_page(tmp_path: Path) -> None:
    files: Files = {
        "content/actors/new.yaml": "name: New\nmarking: TLP:CLEAR\nformerly: [old]\n",
        "content/actors/old.yaml": "name: Old\nmarking: TLP:CLEAR\n",
        "content/actors/other.yaml": "name: Other\nmarking: TLP:CLEAR\nformerly: [new, gone, OLD]\n",
        "content/actors/third.yaml": "name: Third\nmarking: TLP:CLEAR\nformerly: [gone]\n",
    }
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    assert [(told["place"], told["code"]) for told in errors(ran)] == [
        ("content/actors/new.yaml:3:12", "former-id"),
        ("content/actors/other.yaml:3:12", "former-id"),
        ("content/actors/other.yaml:3:23", "former-id"),
        ("content/actors/third.yaml:3:12", "former-id"),
    ]
    assert "Old" in (tmp_path / "site/actors/old.html").read_text()
    assert "New" in (tmp_path / "site/actors/new.html").read_text()
    assert errors_of(sitrep(tmp_path, "check", "--quiet")) == errors_of(ran)


# -- quotes --------------------------------------------------------------------------------------------------------


def test_a_quote_that_is_not_there_names_the_nearest_words(tmp_path: Path) -> None:
    claims = "claims:\n  - {id: c, quote: The zqx phrase stood here}\n"
    ran = sitrep(write(tmp_path, {**GOOD, **article(HEAD + claims)}), "build", "--quiet")
    assert ran.code == 1
    assert f"{YAML}:8:20: error: the quote “The zqx phrase stood here” is not in" in ran.out
    assert "the nearest words are “The zqx phrase stands here" in ran.out
    page = (tmp_path / "site/articles/zqx-bad.html").read_text()
    assert "stood here" not in page
    assert "stands here" in page


@pytest.mark.parametrize(
    ("quote", "nearest"),
    [
        ("The treaty was ratified on 12 November", "The treaty was signed on 12 November"),
        ("treaty Was signed", "treaty was signed"),
        ("the treaty was signed", "The treaty was signed"),
        ("The treaty was sign", ""),
        ("nothing of the kind at all", ""),
    ],
)
def test_the_nearest_words_are_the_likest_or_none(quote: str, nearest: str) -> None:
    text = b"In the first place: The treaty was signed on 12 November and entered into force on 4 December.\n"
    source = f"claims:\n  - quote: {quote}\n".encode()
    _, problems = items.read("articles", "x", source, text, ("x.yaml", "x.md"))
    if quote == "The treaty was sign":
        assert problems == []
        return
    (problem,) = problems
    assert problem.code == "quote-gone"
    assert problem.hint.startswith(f"the nearest words are “{nearest}" if nearest else "copy the words from the text")


def test_a_quote_that_is_there_twice_is_ambiguous(tmp_path: Path) -> None:
    text = "One fish. Two. One fish.\n"
    ran = sitrep(write(tmp_path, article(HEAD + "claims: [{id: c, quote: One fish}]\n", text)), "check", "--quiet")
    assert "stands in 2 places" in ran.out
    assert [(told["place"], told["code"]) for told in errors(ran)] == [(f"{YAML}:7:25", "quote-ambiguous")]
    for narrowed in ("occurrence: 2", "prefix: Two. ", "suffix: . Two"):
        quote = f"claims: [{{id: c, quote: {{exact: One fish, {narrowed}}}}}]\n"
        assert sitrep(write(tmp_path, article(HEAD + quote, text)), "check").code == 0, narrowed
    third = "claims: [{id: c, quote: {exact: One fish, occurrence: 3}}]\n"
    ran = sitrep(write(tmp_path, article(HEAD + third, text)), "check", "--quiet")
    assert [told["code"] for told in errors(ran)] == ["quote-gone"]


@pytest.mark.parametrize(
    "value",
    [
        "|\n      First line\n      second line\n      third line\n",
        '"First\\e[31m\\a\\u2028 line"\n',
        '"First\\r\\n\\tline"\n',
        '"First\\u202e\\u0085line"\n',
    ],
)
def test_a_problem_is_one_line_whatever_the_words(value: str, tmp_path: Path) -> None:
    files: Files = {
        **article(HEAD + f"actors: [n]\nclaims:\n  - quote: {value}"),
        "content/actors/n.yaml": f"marking: TLP:CLEAR\nname: {value}",
    }
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    assert [line.rpartition(" ")[2] for line in ran.out.split("\n")[:-1]] == ["[name-not-in-text]", "[quote-gone]"]
    assert all(line.isprintable() for line in ran.out.split("\n"))
    github = sitrep(tmp_path, "build", "--format", "github").out
    assert github.count("\n") == 2


# -- files ---------------------------------------------------------------------------------------------------------


class Hung(BaseException):
    """It waited for something that never comes."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Hung

    former = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)


def test_a_text_without_a_sidecar_names_the_file_to_write(tmp_path: Path) -> None:
    ran = sitrep(write(tmp_path, {"content/articles/a.md": "x\n", "content/articles/b.yaml": HEAD}), "build", "--quiet")
    assert "content/articles/a.md:1:1: error: this text has no sidecar (write content/articles/a.yaml" in ran.out
    assert "content/articles/b.yaml:1:1: error: this sidecar has no text (put the captured text into" in ran.out
    assert not list((tmp_path / "site/articles").glob("[ab].html"))


Make = Callable[[Path], object]
ODD: dict[str, tuple[str, Make, str, str]] = {
    "a link to nothing": (YAML, lambda p: p.symlink_to("nowhere"), "error", "unreadable"),
    "a link to nothing for a text": (MD, lambda p: p.symlink_to("nowhere"), "error", "unreadable"),
    "a link to itself": ("content/actors/a.yaml", lambda p: p.symlink_to("a.yaml"), "error", "unreadable"),
    "a folder": ("content/actors/a.yaml", lambda p: p.mkdir(), "warning", "stray-file"),
    "a pipe": ("content/actors/a.yaml", os.mkfifo, "warning", "stray-file"),
    "another ending": ("content/actors/a.yml", lambda p: p.write_text("name: Zqx\n"), "warning", "stray-file"),
    "no ending": ("content/actors/a", lambda p: p.write_text("name: Zqx\n"), "warning", "stray-file"),
    "a file for a folder": ("content/events", lambda p: p.write_text("Zqx\n"), "error", "unreadable"),
    "a folder that is unknown": ("content/actor", lambda p: p.mkdir(), "warning", "stray-file"),
    "a pipe for the words about the site": ("content/about.md", os.mkfifo, "error", "unreadable"),
    "a folder for the words about the site": ("content/about.md", lambda p: p.mkdir(), "error", "unreadable"),
    "a link to nothing for the words about the site": (
        "content/about.md",
        lambda p: p.symlink_to("nowhere"),
        "error",
        "unreadable",
    ),
    "Latin-1 for the words about the site": (
        "content/about.md",
        lambda p: p.write_bytes(b"Zqx caf\xe9\n"),
        "error",
        "encoding",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_plain_file_is_told_and_never_waited_for(name: str, tmp_path: Path) -> None:
    file, make, severity, code = ODD[name]
    write(tmp_path, {**GOOD, "content/actors/zurich.yaml": "name: Zurich\nmarking: TLP:CLEAR\n"})
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    make(tmp_path / file)
    with within(20):
        ran = sitrep(tmp_path, "build", "--quiet")
    errors(ran)
    told = [match for line in ran.lines if (match := LINE.fullmatch(line))]
    assert len({match["place"] for match in told}) == len(told)
    assert (severity, code) in {(match["severity"], match["code"]) for match in told}
    assert all(match["place"].startswith(file) for match in told)
    assert ran.code == (1 if severity == "error" else 0)
    assert (tmp_path / "site/articles/good.html").exists()
    assert "zqx" not in everything(tmp_path / "site").casefold()


@pytest.mark.parametrize("file", [YAML, MD])
def test_half_an_article_that_is_no_plain_file_withholds_the_whole(file: str, tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, **article(HEADER)})
    (tmp_path / file).unlink()
    os.mkfifo(tmp_path / file)
    with within(20):
        ran = sitrep(tmp_path, "build", "--quiet")
    assert ran.code == 1
    assert "zqx" not in everything(tmp_path / "site").casefold()


@pytest.mark.parametrize("name", ["a" * 300 + ".png", "pipe.png", "folder", "no/such.png"])
def test_an_image_that_cannot_be_read_is_told_and_never_waited_for(name: str, tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n", "content/assets/x": "x"})
    write(tmp_path, {"content/topics/t.md": f"![Zurich](assets/{name})\n"})
    os.mkfifo(tmp_path / "content/assets/pipe.png")
    (tmp_path / "content/assets/folder").mkdir()
    with within(20):
        ran = sitrep(tmp_path, "build", "--quiet")
    assert [told["code"] for told in errors(ran)] == ["no-asset"]
    assert (tmp_path / "site/articles/good.html").exists()


def test_the_words_about_the_site_are_checked_like_others(tmp_path: Path) -> None:
    write(
        tmp_path, {**GOOD, "content/about.md": "[[nothing]], [[geneva]], [there](else/where), [[nothing|once more]].\n"}
    )
    for command in ("build", "check"):
        told = [line for line in sitrep(tmp_path, command, "--quiet").lines if "info: " not in line]
        assert [line.rpartition(" ")[2] for line in told] == ["[dangling]", "[relative-link]"]
        assert told[0].startswith("content/about.md:1:1: error: [[nothing]] leads nowhere (")


def test_file_names_that_cannot_be_printed_are_told_in_one_line(tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, "content/actors/a\nb\x1b[31m.txt": "x", "content/actors/a\nb\x1b[31m.yaml": "name: Zqx\n"})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/content/actors/\xff.yaml")).write_text("name: Zqx\n")
    ran = sitrep(tmp_path, "build", "--quiet")
    assert sorted(line.rpartition(" ")[2] for line in ran.out.split("\n")[:-1]) == ["[id]", "[id]", "[stray-file]"]
    assert all(line.isprintable() for line in ran.out.split("\n"))
    assert "zqx" not in everything(tmp_path / "site").casefold()


def test_hidden_files_and_those_of_editors_are_passed_over(tmp_path: Path) -> None:
    names = (".a.yaml", "a.yaml~", ".DS_Store", ".a.md.swp")
    ran = sitrep(write(tmp_path, {**GOOD, **{f"content/actors/{name}": "name: Zqx\n" for name in names}}), "build")
    assert ran.code == 0
    assert ran.lines[-1] == "no problems"
    assert "zqx" not in everything(tmp_path / "site").casefold()


def test_empty_files_are_withheld_and_harm_nothing(tmp_path: Path) -> None:
    kinds = ("actors", "events", "sources", "claims", "briefs", "topics")
    files: Files = {f"content/{kind}/zqx.{end}": "" for kind in kinds for end in ("yaml", "md")}
    ran = sitrep(write(tmp_path, {**GOOD, **files, **article("", "")}), "build")
    assert "Traceback" not in ran.out + ran.err
    assert "withheld 7: " in ran.out
    assert "zqx" not in everything(tmp_path / "site").casefold()
    assert (tmp_path / "site/articles/good.html").exists()


# -- config.yaml ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (b"", "there is no config.yaml"),
        (b"\n", "config.yaml:1:1: error: ‘title’ is missing"),
        (b"# nothing\n", "config.yaml:1:1: error: ‘title’ is missing"),
        (b"title: [a\n", "config.yaml:2:1: error: "),
        (b"- title\n", "config.yaml:1:1: error: the configuration should be a mapping"),
        (b"titel: x\n", "(did you mean title?) [unknown-key]"),
        (b"title: x\nserch: false\n", "config.yaml:2:1: error: unknown key 'serch' (did you mean search?)"),
        (b"title: x\ntitle: y\n", "config.yaml:2:1: error: the key 'title' stands twice"),
        (b"title: x\npublish: {markings: [TLP:CLEA]}\n", "config.yaml:2:22: error: "),
        (b"title: x\npublish: {markings: [TLP:CLEA]}\n", "did you mean TLP:CLEAR?"),
        (b"title: x\npublish: {unmarked: maybe}\n", "config.yaml:2:21: error: "),
        (b"title: x\nurl: ftp://x\n", "config.yaml:2:6: error: "),
        (b"title: x\nurl: javascript:alert(1)\n", "config.yaml:2:6: error: "),
        (b"title: x\nlanguage: '\"><script>'\n", "config.yaml:2:11: error: "),
        (b"title: x\njson: perhaps\n", "config.yaml:2:7: error: "),
        (b"title: caf\xe9\n", "config.yaml:1:11: error: byte 0xE9 is no"),
        ("title: x\n".encode("utf-16"), "config.yaml:1:1: error: the file is UTF-16"),
        (b"title: &a x\ndescription: *a\n", "config.yaml:1:8: error: the anchor &a"),
        (b"title: " + b"[" * 100_000, "[too-deep]"),
        (b"title: !!str x\n", "[yaml-tag]"),
        (b"a" * (5 << 20), "[too-large]"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_exit_2(config: bytes, words: str, tmp_path: Path) -> None:
    write(tmp_path, GOOD, config="")
    if config:
        (tmp_path / "config.yaml").write_bytes(config)
    for command in ("build", "check"):
        ran = sitrep(tmp_path, command)
        assert ran.code == 2
        assert ran.out == ""
        assert words in ran.err
        assert "Traceback" not in ran.err
        assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda p: p.symlink_to("config.yaml")])
def test_a_configuration_that_is_no_file_is_exit_2(make: Make, tmp_path: Path) -> None:
    write(tmp_path, GOOD, config="")
    make(tmp_path / "config.yaml")
    with within(20):
        ran = sitrep(tmp_path, "build")
    assert ran.code == 2
    assert re.fullmatch(r"sitrep: \S+config\.yaml .*(?!None)\w+\n", ran.err)
    assert not (tmp_path / "site").exists()


def test_a_former_site_stands_when_the_configuration_cannot_be_used(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert sitrep(tmp_path, "build").code == 0
    before = everything(tmp_path / "site")
    (tmp_path / "config.yaml").write_text("titel: x\n")
    assert sitrep(tmp_path, "build").code == 2
    assert everything(tmp_path / "site") == before


def test_problems_as_json_and_for_github(tmp_path: Path) -> None:
    write(tmp_path, article(HEAD + "summary: 'a, b: c'\nclaims: [{id: c, quote: gone}]\n"))
    told = json.loads(sitrep(tmp_path, "check", "--format", "json").out)["problems"]
    (error,) = [problem for problem in told if problem["severity"] == "error"]
    assert error.keys() == {"code", "severity", "file", "line", "column", "message", "hint"}
    assert (error["code"], error["file"], error["line"]) == ("quote-gone", YAML, 8)
    github = sitrep(tmp_path, "check", "--format", "github").out
    assert f"::error file={YAML},line=8,col=25,title=quote-gone::" in github
