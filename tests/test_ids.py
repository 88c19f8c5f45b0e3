"""Ids: what they may hold, so that each is one file's stem and one address everywhere."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sitrep.model.ids import MAX_BYTES, fault, slug
from sitrep.model.records import KINDS
from sitrep.views import urls

EXAMPLES = settings(max_examples=300, deadline=None)
LETTERS = st.text(st.characters(categories=["L", "N", "M"], include_characters="-_."), min_size=1, max_size=20)
ANYTHING = st.one_of(st.text(max_size=40), LETTERS, st.text("aZ09-_.", min_size=1, max_size=12))
FORBIDDEN = "/\\:*?\"<>|#%&'`$!{}[]();,=+@^~ \t\n\r\0\x1b\x7f\x85\xa0\u2028\u200b\u202e\ufeff\ue000\ud800"


@pytest.mark.parametrize(
    "id",
    [
        "kim-jong-un",
        "a",
        "KCNA",
        "2024-12-05-treaty-in-force",
        "v1.2",
        "snake_case",
        "김정은",
        "café",
        "コンゴ",
        "console",
        "page-two",
        "indexes",
        "é" * (MAX_BYTES // 2),
        "a" * MAX_BYTES,
    ],
)
def test_an_id_of_letters_digits_and_hyphens_is_sound(id: str) -> None:
    assert fault(id) == ""


FAULTY = {
    "": "empty",
    "..": "dot",
    ".": "dot",
    ".hidden": "dot",
    "ends.": "dot",
    "a..b": "dot",
    "../secret": "dot",
    "/etc/passwd": "holds '/'",
    "a/b": "holds '/'",
    "a\\b": r"holds '\\\\'",
    "C:a": "holds ':'",
    "two words": "holds ' '",
    "a%2e": "holds '%'",
    "a#b": "holds '#'",
    "<script>": "holds '<'",
    "a\nb": r"holds '\\n'",
    "a\0": r"holds '\\x00'",
    "a\u200bb": r"U\+200B",
    "a\u202eb": r"U\+202E",
    "a\u2028b": "holds",
    "\ud800": r"U\+D800",
    "cafe\u0301": "composed form",
    "\u212b": "composed form",
    "CON": "device",
    "con": "device",
    "nul.txt": "device",
    "Lpt9": "device",
    "aux.a.b": "device",
    "index": "reserved",
    "INDEX": "reserved",
    "page-2": "reserved",
    "Page-12": "reserved",
    "a" * 300: "longer than 100 bytes",
    "é" * 51: "longer than 100 bytes",
}


@pytest.mark.parametrize("id", FAULTY, ids=lambda id: repr(id[:20]))
def test_a_faulty_id_is_told_by_what_is_wrong_with_it(id: str) -> None:
    found = fault(id)
    assert re.search(FAULTY[id], found)
    assert len(found) < 200
    assert found.isprintable()


@EXAMPLES
@given(ANYTHING, st.sampled_from(FORBIDDEN), ANYTHING)
def test_no_id_holds_a_separator_a_control_or_what_urls_and_shells_read(before: str, sign: str, after: str) -> None:
    assert fault(before + sign + after)


@EXAMPLES
@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Z"]), min_size=1, max_size=3), LETTERS)
def test_no_id_holds_what_cannot_be_seen(invisible: str, letters: str) -> None:
    assert fault(letters + invisible)


@settings(EXAMPLES, suppress_health_check=[HealthCheck.filter_too_much])
@given(ANYTHING)
def test_a_sound_id_is_one_file_and_one_address_everywhere(id: str) -> None:
    assume(not fault(id))
    assert unicodedata.is_normalized("NFC", id)
    assert PurePosixPath(id).parts == PureWindowsPath(id).parts == (id,)
    assert not PureWindowsPath(id).is_absolute()
    assert len(f"{id}.yaml".encode()) <= 255
    for kind in KINDS:
        path = urls.page(kind, id)
        href = urls.href(path)
        assert href.isascii()
        assert unquote(href) == path
        assert urlsplit(href)[:2] == ("", "")
        assert unquote(urlsplit(urljoin("http://h/x/y.html", "../" + href)).path) == f"/{path}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(LETTERS.filter(lambda id: not fault(id)), min_size=1, max_size=5, unique_by=str.casefold))
def test_sound_ids_can_be_files(tmp_path_factory: pytest.TempPathFactory, ids: list[str]) -> None:
    folder: Path = tmp_path_factory.mktemp("ids")
    for id in ids:
        (folder / f"{id}.yaml").write_text(id, encoding="utf-8")
    assert {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {id: id for id in ids}


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("[Treaty between Pyongyang and Moscow]", "treaty-between-pyongyang-and-moscow"),
        ("  Élan  vital! ", "elan-vital"),
        ("snake_case", "snake-case"),
        ("김정은 방러", "김정은-방러"),
        ("50 % – 60 %", "50-60"),
        ("…", ""),
        ("", ""),
    ],
)
def test_a_slug_is_made_of_words(words: str, made: str) -> None:
    assert slug(words) == made


@EXAMPLES
@given(st.text(max_size=120), st.integers(4, 80))
def test_a_slug_is_short_and_an_id_unless_it_is_empty_or_reserved(words: str, limit: int) -> None:
    made = slug(words, limit)
    assert len(made.encode()) <= limit
    assert not made or not fault(made) or "device" in fault(made) or "reserved" in fault(made)
    assert slug(made, limit) == made
