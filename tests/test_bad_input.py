"""Bad input: one line with its place, what is wrong and what to do; the rest builds, and nothing is half published."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from projects import GOOD, HEAD, everything, sitrep, write

LINE = re.compile(r"^(\S[^:]*):(\d+):(\d+): (error|warning): .+ \[([a-z-]+)\]$")
TEXT = "The secretive phrase stands here. Nothing else does.\n"

Case = tuple[dict[str, str | bytes], str, str]


def article(sidecar: str | bytes, text: str | bytes = TEXT) -> dict[str, str | bytes]:
    return {"content/articles/bad.yaml": sidecar, "content/articles/bad.md": text}


UNREADABLE: dict[str, Case] = {
    "invalid YAML": (article(HEAD + "summary: a: b\n"), "yaml", "content/articles/bad.yaml:7:11"),
    "a quote that is never closed": (article(HEAD + 'summary: "x\n'), "yaml", "content/articles/bad.yaml"),
    "a duplicate key": (article(HEAD + "title: U\n"), "duplicate-key", "content/articles/bad.yaml:7:1"),
    "an unknown key": (article(HEAD + "sumary: x\n"), "unknown-key", "content/articles/bad.yaml:7:1"),
    "a wrong type": (article(HEAD + "summary: [a, b]\n"), "type", "content/articles/bad.yaml:7:10"),
    "a month that is none": (article(HEAD + "captured: 2024-13-45\n"), "date", "content/articles/bad.yaml:7:11"),
    "a day that is none": (article(HEAD + "captured: 2024-06-31\n"), "date", "content/articles/bad.yaml:7:11"),
    "100,000 brackets": (article(HEAD + "claims: " + "[" * 100_000), "too-deep", "content/articles/bad.yaml:7:"),
    "an alias bomb": (
        article("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
        "yaml-alias",
        "content/articles/bad.yaml:1:4",
    ),
    "a merge key": (article(HEAD + "<<: {summary: x}\n"), "yaml-alias", "content/articles/bad.yaml:7:1"),
    "a tag": (article(HEAD + "summary: !!python/object:os.system x\n"), "yaml-tag", "content/articles/bad.yaml:7:10"),
    "a number of 5,000 digits": (
        article(HEAD + f"claims: [{{quote: {{exact: The secretive phrase, occurrence: {'9' * 5000}}}}}]\n"),
        "type",
        "content/articles/bad.yaml:7:",
    ),
    "a value of 5,000 digits": (
        article(HEAD + f"claims: [{{id: c, quote: The secretive phrase, value: '{'9' * 5000}'}}]\n"),
        "value",
        "content/articles/bad.yaml:7:",
    ),
    "Latin-1 in the sidecar": (
        article((HEAD + "summary: caf\xe9\n").encode("latin-1")),
        "encoding",
        "content/articles/bad.yaml:7:13",
    ),
    "Latin-1 in the text": (
        article(HEAD, "The secretive phrase: caf\xe9.\n".encode("latin-1")),
        "encoding",
        "content/articles/bad.md:1:26",
    ),
    "UTF-16 with a mark": (article((HEAD).encode("utf-16")), "encoding", "content/articles/bad.yaml:1:1"),
    "UTF-16 text without a mark": (
        article(HEAD, "The secretive phrase, é.\n".encode("utf-16-le")),
        "encoding",
        "content/articles/bad.md",
    ),
    "a tab": (article(HEAD + "actors:\n\t- x\n"), "yaml", "content/articles/bad.yaml:8:1"),
    "a control character": (article(HEAD + "summary: a\x01b\n"), "yaml", "content/articles/bad.yaml:7:11"),
    "a misspelt marking": (
        article(HEAD.replace("TLP:CLEAR", "TLP:CLEER")),
        "marking",
        "content/articles/bad.yaml:4:10",
    ),
    "a second document": (article(HEAD + "---\ntitle: x\n"), "yaml", "content/articles/bad.yaml:7:1"),
    "a list": (article("- a\n- b\n"), "type", "content/articles/bad.yaml:1:1"),
    "an id with ../": (article(HEAD + "actors: [../secret]\n"), "id", "content/articles/bad.yaml:7:10"),
    "an absolute id": (article(HEAD + "actors: [/etc/passwd]\n"), "id", "content/articles/bad.yaml:7:10"),
    "an empty id": (article(HEAD + "actors: ['']\n"), "id", "content/articles/bad.yaml:7:10"),
    "a device": (article(HEAD + "actors: [CON]\n"), "id", "content/articles/bad.yaml:7:10"),
    "an id of 300 bytes": (article(HEAD + f"actors: [{'a' * 300}]\n"), "id", "content/articles/bad.yaml:7:10"),
    "a decomposed id": (article(HEAD + "actors: ['cafe\u0301']\n"), "id", "content/articles/bad.yaml:7:10"),
    "an id that is markup": (article(HEAD + "actors: ['<script>']\n"), "id", "content/articles/bad.yaml:7:10"),
    "an empty sidecar's text": (article("", TEXT), "", ""),
    "a file that is too large": (article(HEAD, "x" * (4 * 1024 * 1024 + 1)), "too-large", "content/articles/bad.md"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_told_in_one_line_and_withheld_whole(name: str, tmp_path: Path) -> None:
    files, code, place = UNREADABLE[name]
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build")
    told = [line for line in ran.lines if LINE.match(line)]
    assert "Traceback" not in ran.out + ran.err
    if code:
        assert ran.code == 1
        assert any(line.startswith(place) and line.endswith(f"[{code}]") for line in told), ran.out
    assert (tmp_path / "site/articles/good.html").exists()
    assert not (tmp_path / "site/articles/bad.html").exists()
    assert "secretive phrase" not in everything(tmp_path / "site")


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_a_warning_and_no_part_of_the_text(start: bytes, tmp_path: Path) -> None:
    write(tmp_path, article(start + HEAD.encode(), start + TEXT.encode()))
    ran = sitrep(tmp_path, "build", "--quiet")
    assert ran.code == 0
    assert [line.rpartition(" ")[2] for line in ran.lines] == ["[byte-order-mark]"] * 2
    assert "\ufeff" not in everything(tmp_path / "site")
    assert sitrep(tmp_path, "build", "--strict").code == 1


def test_an_unknown_key_gets_a_suggestion(tmp_path: Path) -> None:
    ran = sitrep(write(tmp_path, article(HEAD + "sumary: x\n")), "check")
    assert "(did you mean summary?)" in ran.out


def test_every_problem_of_every_file_is_told_in_one_run(tmp_path: Path) -> None:
    many = "titel: x\nmarking: TLP:GREN\npublished: 2024-6\nactors: [../a]\nclaims: [{stance: denys, quote: zzz}]\n"
    files = {**article(many), "content/actors/a.yaml": "nam: x\n", "content/events/e.yaml": "mode: visit\n"}
    ran = sitrep(write(tmp_path, files), "check", "--quiet")
    codes = [line.rpartition("[")[2].rstrip("]") for line in ran.lines]
    for code in ("unknown-key", "marking", "date", "id", "choice", "quote-gone"):
        assert code in codes
    assert {line.split(":")[0] for line in ran.lines} == {
        "content/articles/bad.yaml",
        "content/actors/a.yaml",
        "content/events/e.yaml",
    }


def test_a_quote_that_is_not_there_names_the_nearest_words(tmp_path: Path) -> None:
    claims = "claims:\n  - {id: c, quote: The secretive phrase stood here}\n"
    ran = sitrep(write(tmp_path, {**GOOD, **article(HEAD + claims)}), "build", "--quiet")
    assert ran.code == 1
    assert "content/articles/bad.yaml:8:20: error: the quote “The secretive phrase stood here” is not in" in ran.out
    assert "the nearest words are “The secretive phrase stands here" in ran.out
    page = (tmp_path / "site/articles/bad.html").read_text()
    assert "stood here" not in page


def test_a_quote_that_is_there_twice_is_ambiguous(tmp_path: Path) -> None:
    files = article(HEAD + "claims: [{id: c, quote: One fish}]\n", "One fish. Two. One fish.\n")
    ran = sitrep(write(tmp_path, files), "check", "--quiet")
    assert "stands in 2 places" in ran.out
    assert "[quote-ambiguous]" in ran.out
    assert sitrep(write(tmp_path, article(
        HEAD + "claims: [{id: c, quote: {exact: One fish, occurrence: 2}}]\n", "One fish. Two. One fish.\n"
    )), "check").code == 0  # fmt: skip


def test_case_twins_and_reserved_names_as_files(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **GOOD,
        "content/actors/Twin.yaml": "name: One\nmarking: TLP:CLEAR\n",
        "content/actors/twin.yaml": "name: Two\nmarking: TLP:CLEAR\n",
        "content/actors/con.yaml": "name: Three\n",
        "content/actors/index.yaml": "name: Four\n",
        "content/actors/spaced name.yaml": "name: Five\n",
        "content/actors/x.yml": "name: Six\n",
    }
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    codes = [line.rpartition(" ")[2] for line in ran.lines]
    assert codes.count("[twin-ids]") == 2
    assert codes.count("[id]") == 3
    assert codes.count("[stray-file]") == 1
    assert not (tmp_path / "site/actors/twin.html").exists()
    assert (tmp_path / "site/articles/good.html").exists()


def test_composed_and_decomposed_file_names(tmp_path: Path) -> None:
    write(tmp_path, {"content/actors/caf\u00e9.yaml": "name: A\n", "content/actors/cafe\u0301.yaml": "name: B\n"})
    ran = sitrep(tmp_path, "check", "--quiet")
    assert ran.code == 1
    assert "composed form" in ran.out


def test_two_things_that_claim_one_page(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "content/actors/new.yaml": "name: New\nmarking: TLP:CLEAR\nformerly: [old]\n",
        "content/actors/old.yaml": "name: Old\nmarking: TLP:CLEAR\n",
        "content/actors/other.yaml": "name: Other\nmarking: TLP:CLEAR\nformerly: [new]\n",
    }
    ran = sitrep(write(tmp_path, files), "build", "--quiet")
    assert [line.rpartition(" ")[2] for line in ran.lines] == ["[former-id]"] * 2
    assert "Old" in (tmp_path / "site/actors/old.html").read_text()


def test_text_without_sidecar_and_sidecar_without_text(tmp_path: Path) -> None:
    write(tmp_path, {"content/articles/a.md": "x\n", "content/articles/b.yaml": HEAD})
    ran = sitrep(tmp_path, "build", "--quiet")
    assert "content/articles/a.md:1:1: error: this text has no sidecar" in ran.out
    assert "content/articles/b.yaml:1:1: error: this sidecar has no text" in ran.out
    assert not list((tmp_path / "site/articles").glob("[ab].html"))


def test_what_is_no_plain_file_is_told_and_never_waited_for(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "content/articles/dangling.md").symlink_to("nowhere")
    (tmp_path / "content/actors/folder.yaml").mkdir(parents=True)
    os.mkfifo(tmp_path / "content/actors/pipe.yaml")
    began = time.monotonic()
    ran = sitrep(tmp_path, "build", "--quiet")
    assert time.monotonic() - began < 20
    assert ran.code == 1
    assert "content/articles/dangling.md:1:1: error: cannot be read" in ran.out
    assert ran.out.count("[stray-file]") == 2


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("", "there is no config.yaml"),
        ("title: [a\n", "config.yaml cannot be used"),
        ("titel: x\n", "‘title’ is missing"),
        ("title: x\npublish: {markings: [TLP:CLEA]}\n", "did you mean TLP:CLEAR?"),
        ("title: x\nurl: ftp://x\n", "‘url’"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_exit_2(config: str, words: str, tmp_path: Path) -> None:
    ran = sitrep(write(tmp_path, GOOD, config=config), "build")
    assert ran.code == 2
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "site").exists()


def test_problems_as_json_and_for_github(tmp_path: Path) -> None:
    import json

    write(tmp_path, article(HEAD + "summary: 'a, b: c'\nclaims: [{id: c, quote: gone}]\n"))
    told = json.loads(sitrep(tmp_path, "check", "--format", "json").out)["problems"]
    (error,) = [problem for problem in told if problem["severity"] == "error"]
    assert error.keys() == {"code", "severity", "file", "line", "column", "message", "hint"}
    assert (error["code"], error["file"], error["line"]) == ("quote-gone", "content/articles/bad.yaml", 8)
    github = sitrep(tmp_path, "check", "--format", "github").out
    assert "::error file=content/articles/bad.yaml,line=8,col=25,title=quote-gone::" in github
