"""`sitrep rename` and `sitrep merge`: every reference follows, nothing else changes, and it is all or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from projects import sitrep
from sitrep.model.records import PLURAL

CLEAR = "marking: TLP:CLEAR\n"
ARTICLE = "title: T\nsource: s\npublished: 2024-12-05\nmarking: TLP:CLEAR\nstatus: reviewed\nformat: text\n"


def project(root: Path, files: dict[str, str]) -> Path:
    """`{"actors/a.yaml": …}` under content/."""
    (root / "config.yaml").write_text("title: T\n")
    (root / "content").mkdir()
    for name, text in files.items():
        path = root / "content" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    return root


def content(root: Path) -> dict[str, str]:
    folder = root / "content"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


STORY = {
    "actors/old.yaml": "# who\nname: Old Name   # as the press writes it\n" + CLEAR + "part_of:\n  - other\n",
    "actors/old.md": "About [[old]] itself, and `[[old]]` in code.\n",
    "actors/other.yaml": "name: Other\n" + CLEAR + "relations: [{to: old, how: 'ally of'}, {to: third, how: x}]\n",
    "actors/third.yaml": (
        "name: Third\ndescription: >-\n  Not [[older]], but [[old|the\n  old one]], [[actor:old]],\n  [[ old ]].\n"
        + CLEAR
        + "roles: [{title: Head, of: 'old'}]\n"
    ),
    "actors/older.yaml": "name: Older\n" + CLEAR,
    "sources/s.yaml": "name: S\n" + CLEAR + 'controlled_by: ["old"]   # the state\nowner: {id: old, from: 2020}\n',
    "events/e.yaml": "name: E\n" + CLEAR + "roles:\n  actor: old\n  place: [third, old]\n",
    "claims/c.yaml": (
        "statement: It is so.\n" + CLEAR + "about: {actors: [ old , third ]}\n"
        "shares_evidence:\n- origins:\n  - actor:old\n  - third\n  because: of [[old]]\n"
        "assessments: [{date: 2024, likelihood: likely}]\n"
    ),
    "articles/x.yaml": (
        ARTICLE + "via: old\nactors:\n  - old                # bare\n  - {id: third, note: 'see [[old]], it''s so'}\n"
        "events:\n  - {id: e, by: [actor:old], roles: {actor: [old]}, quote: Old Name came}\n"
        "claims:\n  - id: c\n    by: old\n    via: [{unnamed: an old man, of: old}]\n"
        '    note: "\\u201c[[old]]\\u201d \\\n'
        '      and so on"\n    quote: He was old\n'
    ),
    "articles/x.md": "Old Name came. He was old, said Third, an old man, [[old]].\n",
    "briefs/b.yaml": 'title: "The [old]"\n' + CLEAR + "status: reviewed\nsummary: '[[old]]'\n",
    "briefs/b.md": (
        "| a | b |\n|---|---|\n| [[old]] | ![[actor:old|words]] |\n\n"
        "\\[[old]] and [[actor:old|x]] and [[older]].\n\n    [[old]]\n"
    ),
    "about.md": "We follow [[old|one\u00a0actor]].",
}


def test_a_rename_reaches_every_reference_and_nothing_else(tmp_path: Path) -> None:
    root = project(tmp_path, STORY)
    sitrep(root, "build")
    before = (root / "site/actors/other.html").read_text()
    code, out, err = sitrep(root, "rename", "actor", "old", "new-one")
    assert (code, err) == (0, "")
    assert out.startswith("the actor old is now new-one: ")
    after = content(root)
    expected = {name.replace("actors/old.", "actors/new-one."): text for name, text in STORY.items()}
    for name, changes in {
        "actors/new-one.yaml": [("  - other\n", "  - other\nformerly: [old]\n")],
        "actors/new-one.md": [("About [[old]]", "About [[new-one]]")],
        "actors/other.yaml": [("to: old,", "to: new-one,")],
        "actors/third.yaml": [
            ("[[old|the", "[[new-one|the"),
            ("actor:old", "actor:new-one"),
            ("[[ old ]]", "[[ new-one ]]"),
            ("of: 'old'", "of: 'new-one'"),
        ],
        "sources/s.yaml": [('["old"]', '["new-one"]'), ("{id: old", "{id: new-one")],
        "events/e.yaml": [("actor: old\n", "actor: new-one\n"), ("third, old]", "third, new-one]")],
        "claims/c.yaml": [("[ old ,", "[ new-one ,"), ("actor:old", "actor:new-one"), ("[[old]]", "[[new-one]]")],
        "articles/x.yaml": [
            ("via: old", "via: new-one"),
            ("- old  ", "- new-one  "),
            ("see [[old]]", "see [[new-one]]"),
            ("actor:old", "actor:new-one"),
            ("{actor: [old]}", "{actor: [new-one]}"),
            ("by: old", "by: new-one"),
            ("of: old", "of: new-one"),
            ("201c[[old]]", "201c[[new-one]]"),
        ],
        "briefs/b.yaml": [("'[[old]]'", "'[[new-one]]'")],
        "briefs/b.md": [("| [[old]] |", "| [[new-one]] |"), ("[[actor:old|x]]", "[[actor:new-one|x]]")],
        "about.md": [("[[old|", "[[new-one|")],
    }.items():
        for old, new in changes:
            assert expected[name].count(old) == 1, (name, old)
            expected[name] = expected[name].replace(old, new)
    assert after == expected
    code, out, _ = sitrep(root, "build")
    assert code == 0, out
    assert (root / "site/actors/other.html").read_text() == before.replace("old.html", "new-one.html")
    assert "new-one.html" in (root / "site/actors/old.html").read_text()


def test_a_dry_run_shows_the_changes_and_makes_none(tmp_path: Path) -> None:
    root = project(tmp_path, STORY)
    code, out, _ = sitrep(root, "rename", "actor", "old", "new-one", "--dry-run")
    assert (code, content(root)) == (0, dict(sorted(STORY.items())))
    assert "rename from content/actors/old.yaml\nrename to content/actors/new-one.yaml\n" in out
    assert "\n-  - old                # bare\n" in out
    assert "\n+  - new-one                # bare\n" in out
    assert "-We follow [[old|one\u00a0actor]].\n\\ No newline at end of file\n+We follow" in out


def test_back_again_is_what_it_was(tmp_path: Path) -> None:
    root = project(tmp_path, STORY)
    told = sitrep(root, "check", "--quiet")
    assert sitrep(root, "rename", "actor", "old", "new-one")[0] == 0
    assert sitrep(root, "rename", "actor", "new-one", "old")[0] == 0
    expected = {**STORY, "actors/old.yaml": STORY["actors/old.yaml"] + "formerly: [new-one]\n"}
    assert content(root) == dict(sorted(expected.items()))
    assert sitrep(root, "check", "--quiet") == told


def test_only_the_kind_that_is_meant(tmp_path: Path) -> None:
    files = {
        "actors/x.yaml": "name: Actor X\n" + CLEAR,
        "sources/x.yaml": "name: Source X\n" + CLEAR,
        "sources/s.yaml": CLEAR,
        "articles/a.yaml": ARTICLE + "actors: [x, 'source:x']\nclaims: [{by: [x, 'actor:x'], quote: It is so}]\n",
        "articles/a.md": "It is so. Actor X, Source X.\n",
        "actors/y.yaml": CLEAR + "part_of: [x]\ndescription: '[[actor:x]] [[source:x]]'\n",
    }
    root = project(tmp_path, files)
    assert sitrep(root, "rename", "source", "x", "z")[0] == 0
    after = content(root)
    assert "actors: [x, 'source:z']\nclaims: [{by: [z, 'actor:x']" in after["articles/a.yaml"]
    assert "part_of: [z]\ndescription: '[[actor:x]] [[source:z]]'" in after["actors/y.yaml"]
    assert "actors/x.yaml" in after
    assert "formerly: [x]" in after["sources/z.yaml"]


def test_where_the_new_id_means_another_thing_the_kind_is_said(tmp_path: Path) -> None:
    files = {
        "actors/x.yaml": "name: Actor X\n" + CLEAR,
        "sources/kcna.yaml": "name: KCNA\n" + CLEAR,
        "articles/a.yaml": ARTICLE + "actors: [kcna, x]\nclaims: [{by: [x, kcna], via: kcna, quote: It is so}]\n",
        "articles/a.md": "It is so, says Actor X to KCNA.\n",
        "briefs/b.md": "[[kcna]] and [[x]] and [[x|the x]].\n",
    }
    root = project(tmp_path, files)
    assert sitrep(root, "rename", "actor", "x", "kcna")[0] == 0
    after = content(root)
    assert "actors: [source:kcna, actor:kcna]" in after["articles/a.yaml"]
    assert "by: [actor:kcna, source:kcna], via: source:kcna" in after["articles/a.yaml"]
    assert after["briefs/b.md"] == "[[source:kcna]] and [[actor:kcna]] and [[actor:kcna|the x]].\n"


def test_an_id_that_is_only_mentioned(tmp_path: Path) -> None:
    files = {
        "articles/a.yaml": ARTICLE
        + "topics: [war]\nactors: [vladmir-putin]\nclaims: [{id: c, by: [x], quote: It is}]\n",
        "articles/a.md": "It is, says Vladimir Putin.\n",
        "briefs/b.md": "[[vladmir-putin]], [[topic:war]], [[claim:c]]\n",
    }
    root = project(tmp_path, files)
    code, out, _ = sitrep(root, "rename", "actor", "vladmir-putin", "vladimir-putin")
    assert code == 0
    assert "it has no file that could redirect" in out
    assert "texts are now searched for “Vladimir Putin”" in out
    assert sitrep(root, "rename", "topic", "war", "the-war")[0] == 0
    assert sitrep(root, "rename", "claim", "c", "d")[0] == 0
    assert sitrep(root, "rename", "source", "s", "s2")[0] == 0
    after = content(root)
    assert after["briefs/b.md"] == "[[vladimir-putin]], [[topic:the-war]], [[claim:d]]\n"
    assert "source: s2\n" in after["articles/a.yaml"]
    assert "topics: [the-war]\nactors: [vladimir-putin]\nclaims: [{id: d, by: [x]" in after["articles/a.yaml"]
    assert len(after) == len(files)


def test_an_article_is_renamed_with_its_text(tmp_path: Path) -> None:
    files = {
        "articles/a.yaml": ARTICLE + "claims: [{id: c, quote: It is so}]\n",
        "articles/a.md": "It is so, [[article:a]].\r\n",
        "articles/b.yaml": ARTICLE
        + "copy_of: a\nvia: [article:a]\nclaims: [{id: c, via: [{article: a}], quote: It is so}]\n"
        "updates: {article: a, how: corrects}\n",
        "articles/b.md": "It is so.\n",
        "briefs/b.md": "[[a]], [[article:a#claim-1|so]], [[article:b#claim-1]]\n",
    }
    root = project(tmp_path, files)
    assert sitrep(root, "rename", "article", "a", "2024-12-05-a")[0] == 0
    after = content(root)
    assert after["articles/2024-12-05-a.md"] == files["articles/a.md"]
    assert after["articles/2024-12-05-a.yaml"] == files["articles/a.yaml"] + "formerly: [a]\n"
    assert after["briefs/b.md"] == "[[2024-12-05-a]], [[article:2024-12-05-a#claim-1|so]], [[article:b#claim-1]]\n"
    assert after["articles/b.yaml"].count("2024-12-05-a") == 4
    assert "copy_of: a" not in after["articles/b.yaml"]


def test_a_thing_of_prose_alone_gets_a_file_that_redirects(tmp_path: Path) -> None:
    root = project(tmp_path, {"topics/war.md": "The war.\n"})
    assert sitrep(root, "rename", "topic", "war", "the-war")[0] == 0
    assert content(root) == {"topics/the-war.md": "The war.\n", "topics/the-war.yaml": "formerly: [war]\n"}


@pytest.mark.parametrize(
    ("formerly", "after"),
    [
        ("formerly: [a, b]   # two\n", "formerly: [a, b, old]   # two\n"),
        ("formerly: []\n", "formerly: [old]\n"),
        ("formerly:   # none\n", "formerly: [old]   # none\n"),
        ("formerly: a\n", "formerly: [a, old]\n"),
        ("formerly: 'a'\n", "formerly: ['a', old]\n"),
        ("formerly:\n- a   # one\n- b\n\n# end\n", "formerly:\n- a   # one\n- b\n- old\n\n# end\n"),
        ("formerly:\n    - a   # one\n    - new\n", "formerly:\n    - a   # one\n    - old\n"),
        ("formerly: [new]", "formerly: [old]"),
        ("formerly: [\n  a, # one\n  b,\n]\n", "formerly: [\n  a, # one\n  b, old,\n]\n"),
        ("description: |\n  x\n\n\n# end", "description: |\n  x\nformerly: [old]\n\n\n# end"),
        ("description: |+\n  x\n\n", "description: |+\n  x\n\nformerly: [old]\n"),
        (
            "part_of:\n  - id: x\n    from: 2020 # since\n",
            "part_of:\n  - id: x\n    from: 2020 # since\nformerly: [old]\n",
        ),
    ],
)
def test_old_ids_are_noted_where_they_stand(tmp_path: Path, formerly: str, after: str) -> None:
    root = project(tmp_path, {"actors/old.yaml": CLEAR + formerly})
    assert sitrep(root, "rename", "actor", "old", "new")[0] == 0
    assert content(root)["actors/new.yaml"] == CLEAR + after


def test_a_change_of_case_redirects_nothing(tmp_path: Path) -> None:
    root = project(tmp_path, {"actors/kim.yaml": CLEAR, "briefs/b.md": "[[kim]]\n"})
    assert sitrep(root, "rename", "actor", "kim", "Kim")[0] == 0
    assert content(root) == {"actors/Kim.yaml": CLEAR, "briefs/b.md": "[[Kim]]\n"}


REFUSALS: dict[str, tuple[dict[str, str], list[str], str]] = {
    "no such thing": ({}, ["rename", "actor", "old", "new"], "there is no actor 'old'"),
    "another kind": (
        {"sources/old.yaml": CLEAR},
        ["rename", "actor", "old", "new"],
        "there is no actor 'old'; there is the source 'old'",
    ),
    "no id": ({"actors/old.yaml": CLEAR}, ["rename", "actor", "old", "a b"], "holds ' '"),
    "reserved": ({"actors/old.yaml": CLEAR}, ["rename", "actor", "old", "index"], "reserved"),
    "no change": ({"actors/old.yaml": CLEAR}, ["rename", "actor", "old", "old"], "already"),
    "there already": (
        {"actors/old.yaml": CLEAR, "actors/new.md": "x"},
        ["rename", "actor", "old", "new"],
        "exists already: sitrep merge actor old new",
    ),
    "differs in case": (
        {"actors/old.yaml": CLEAR, "actors/New.yaml": CLEAR},
        ["rename", "actor", "old", "new"],
        "has the address of 'new' already",
    ),
    "redirects elsewhere": (
        {"actors/old.yaml": CLEAR, "actors/a.yaml": CLEAR + "formerly: [new]\n"},
        ["rename", "actor", "old", "new"],
        "is a former id of the actor 'a'",
    ),
    "unreadable": ({"actors/old.yaml": "naem: x\n"}, ["rename", "actor", "old", "new"], "cannot be read completely"),
    "unreadable elsewhere": (
        {"actors/old.yaml": CLEAR, "actors/a.yaml": "part_of: [old\n"},
        ["rename", "actor", "old", "new"],
        "content/actors/a.yaml cannot be read completely, and contains 'old'",
    ),
    "may mean several": (
        {"actors/old.yaml": CLEAR, "sources/old.yaml": CLEAR, "briefs/b.md": "[[old]]"},
        ["rename", "actor", "old", "new"],
        "content/briefs/b.md: [[old]] may mean several entries",
    ),
    "merge with nothing": ({"actors/old.yaml": CLEAR}, ["merge", "actor", "old", "new"], "there is no actor 'new'"),
    "merge with itself": ({"actors/old.yaml": CLEAR}, ["merge", "actor", "old", "old"], "are the same actor"),
    "other marking": (
        {"actors/old.yaml": "marking: TLP:RED\n", "actors/new.yaml": CLEAR},
        ["merge", "actor", "old", "new"],
        "the actor 'old' has the marking TLP:RED, 'new' has TLP:CLEAR",
    ),
    "other status": (
        {"actors/old.yaml": CLEAR + "status: draft\n", "actors/new.yaml": CLEAR},
        ["merge", "actor", "old", "new"],
        "the actor 'old' has the status draft, 'new' has reviewed",
    ),
    "withheld": (
        {
            "articles/a.yaml": ARTICLE + "actors: [old]\n",
            "articles/a.md": "Old.\n",
            "actors/new.yaml": "status: draft\n",
        },
        ["merge", "actor", "old", "new"],
        "the actor 'new' is withheld (unmarked), and released files mention 'old'",
    ),
    "more to keep": (
        {
            "actors/old.yaml": CLEAR + "description: d\naliases: [a]\nurl: u\npart_of: [x, y]\n",
            "actors/old.md": "Prose.",
            "actors/new.yaml": CLEAR + "part_of: [x]\ndescription: other\n",
        },
        ["merge", "actor", "old", "new"],
        "then merge: description, url, part_of, the text of content/actors/old.md",
    ),
    "another kind of actor": (
        {"actors/old.yaml": CLEAR + "kind: person\n", "actors/new.yaml": CLEAR + "kind: state\n"},
        ["merge", "actor", "old", "new"],
        "then merge: kind",
    ),
    "refers to itself": (
        {"actors/old.yaml": CLEAR, "actors/new.yaml": CLEAR + "part_of: [old]\n"},
        ["merge", "actor", "old", "new"],
        "would refer to itself",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_is_refused_and_nothing_changes(tmp_path: Path, case: str) -> None:
    files, command, message = REFUSALS[case]
    root = project(tmp_path, files)
    code, out, err = sitrep(root, *command)
    assert (code, out) == (2, "")
    assert message in err
    assert content(root) == dict(sorted(files.items()))


def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path, STORY)
    replace, unlink = Path.replace, Path.unlink
    calls = 0
    fail_at = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Path, *given: Any, **named: Any) -> Any:
            nonlocal calls
            if named.get("missing_ok") is None:
                calls += 1
                if calls == fail_at:
                    raise OSError(28, "No space left on device", str(path))
            return real(path, *given, **named)

        return call

    monkeypatch.setattr(Path, "replace", counted(replace))
    monkeypatch.setattr(Path, "unlink", counted(unlink))
    for fail_at in (1, 2, 7, 11, 12, 13):
        calls = 0
        code, _, err = sitrep(root, "rename", "actor", "old", "new-one")
        assert (code, calls) == (2, fail_at)
        assert "No space left on device; nothing was changed" in err
        assert content(root) == dict(sorted(STORY.items()))
    fail_at = 0
    assert sitrep(root, "rename", "actor", "old", "new-one")[0] == 0


def test_modes_and_links_are_kept(tmp_path: Path) -> None:
    root = project(tmp_path, {"actors/old.yaml": CLEAR, "actors/a.yaml": CLEAR + "part_of: [old]\n"})
    elsewhere = tmp_path / "elsewhere.yaml"
    linked = root / "content/actors/a.yaml"
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)
    elsewhere.chmod(0o600)
    assert sitrep(root, "rename", "actor", "old", "new")[0] == 0
    assert linked.is_symlink()
    assert elsewhere.read_text() == CLEAR + "part_of: [new]\n"
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    code, _, err = sitrep(root, "rename", "actor", "a", "b")
    assert (code, "symbolic link" in err) == (2, True)


# -- merge ------------------------------------------------------------------------------------------------------------

TWO = {
    "actors/umerov.yaml": "name: Rustem Umierov\naliases: [Umierov, Umerov]\nkind: person\nformerly: [u]\n"
    "topics: [war]\n" + CLEAR,
    "actors/rustem-umerov.yaml": "name: Rustem Umerov   # ours\n"
    + CLEAR
    + "topics: [war, arms]\naliases:\n  - Umerov\n",
    "actors/ukraine.yaml": "name: Ukraine\n" + CLEAR + "relations: [{to: umerov, how: led by}]\n",
    "articles/a.yaml": ARTICLE + "actors:\n  - rustem-umerov\n  - ukraine\n  - umerov\n"
    "claims:\n  - {by: [umerov, rustem-umerov, ukraine], quote: It is so}\n  - {by: umerov, quote: It was}\n",
    "articles/a.md": "It is so, said Umierov. It was, said Rustem Umerov of Ukraine.\n",
    "articles/b.yaml": ARTICLE + "actors:\n  - umerov # the minister\n  - {id: rustem-umerov, quotes: [it]}\n",
    "articles/b.md": "Umerov has it.\n",
    "briefs/b.md": "[[umerov]] [[rustem-umerov]] [[umerov|u]]\n",
}


def test_a_merge_takes_names_references_and_address(tmp_path: Path) -> None:
    root = project(tmp_path, TWO)
    code, out, err = sitrep(root, "merge", "actor", "umerov", "rustem-umerov")
    assert (code, err) == (0, "")
    assert "new among its aliases: “Rustem Umierov”, “Umierov”" in out
    after = content(root)
    assert "actors/umerov.yaml" not in after
    assert after["actors/rustem-umerov.yaml"] == (
        "name: Rustem Umerov   # ours\n" + CLEAR + "topics: [war, arms]\naliases:\n  - Umerov\n"
        "  - Rustem Umierov\n  - Umierov\nformerly: [u, umerov]\nkind: person\n"
    )
    assert after["articles/a.yaml"] == ARTICLE + (
        "actors:\n  - rustem-umerov\n  - ukraine\n"
        "claims:\n  - {by: [rustem-umerov, ukraine], quote: It is so}\n  - {by: rustem-umerov, quote: It was}\n"
    )
    assert after["articles/b.yaml"] == TWO["articles/b.yaml"].replace("- umerov #", "- rustem-umerov #")
    assert after["briefs/b.md"] == "[[rustem-umerov]] [[rustem-umerov]] [[rustem-umerov|u]]\n"
    assert "{to: rustem-umerov, how: led by}" in after["actors/ukraine.yaml"]
    assert sitrep(root, "build")[0] == 0
    for old in ("u", "umerov"):
        assert "rustem-umerov.html" in (root / f"site/actors/{old}.html").read_text()


@pytest.mark.parametrize(
    ("actors", "after"),
    [
        ("[old, new]", "[new]"),
        ("[new, old]", "[new]"),
        ("[a, old, b, new]", "[a, b, new]"),
        ("[ old,\n  new ]", "[ new ]"),
        ("\n- old\n- new\n- a", "\n- new\n- a"),
        ("\n- new\n- a\n- old", "\n- new\n- a"),
        ("\n- old # first\n- new", "\n- new # first\n- new"),
        ("\n- {id: old}\n- new", "\n- {id: new}\n- new"),
        ("[old, old, new]", "[new]"),
    ],
)
def test_of_two_bare_mentions_one_is_left(tmp_path: Path, actors: str, after: str) -> None:
    files = {
        "articles/a.yaml": ARTICLE + f"actors: {actors}\n",
        "articles/a.md": "Old new a b.\n",
        "actors/new.yaml": CLEAR,
        "actors/old.yaml": CLEAR,
    }
    root = project(tmp_path, files)
    assert sitrep(root, "merge", "actor", "old", "new")[0] == 0
    assert content(root)["articles/a.yaml"] == ARTICLE + f"actors: {after}\n"


def test_mentions_that_links_count_on_stay_in_their_places(tmp_path: Path) -> None:
    files = {
        "articles/a.yaml": ARTICLE + "actors: [old, new, third]\n",
        "articles/a.md": "Old, New, Third.\n",
        "actors/new.yaml": CLEAR,
        "actors/old.yaml": CLEAR,
        "briefs/b.md": "[[article:a#actor-3]]",
    }
    root = project(tmp_path, files)
    assert sitrep(root, "merge", "actor", "old", "new")[0] == 0
    assert content(root)["articles/a.yaml"] == ARTICLE + "actors: [new, new, third]\n"
    assert sitrep(root, "check")[0] == 0


def test_what_is_only_mentioned_is_merged_with_its_name(tmp_path: Path) -> None:
    files = {
        "articles/a.yaml": ARTICLE + "actors: [nis]\nclaims: [{by: [nis], quote: It is so}]\n",
        "articles/a.md": "It is so, says the NIS.\n",
        "actors/intelligence.yaml": "name: National Intelligence Service\n" + CLEAR,
    }
    root = project(tmp_path, files)
    assert sitrep(root, "merge", "actor", "nis", "intelligence")[0] == 0
    after = content(root)
    assert after["actors/intelligence.yaml"] == files["actors/intelligence.yaml"] + "formerly: [nis]\naliases: [NIS]\n"
    assert "actors: [intelligence]\nclaims: [{by: [intelligence]" in after["articles/a.yaml"]
    assert sitrep(root, "check", "--strict", "--quiet")[1].count("name-not-in-text") == 0


def test_a_file_moves_to_an_id_that_is_only_mentioned(tmp_path: Path) -> None:
    files = {
        "articles/a.yaml": ARTICLE + "actors: [kcna, korean-central]\n",
        "articles/a.md": "KCNA, the Korean Central.\n",
        "sources/s.yaml": CLEAR,
        "actors/korean-central.yaml": "name: The Agency\nformerly: [kc]\n" + CLEAR,
        "actors/korean-central.md": "Of [[korean-central]].\n",
    }
    root = project(tmp_path, files)
    assert sitrep(root, "merge", "actor", "korean-central", "kcna")[0] == 0
    after = content(root)
    assert after["articles/a.yaml"] == ARTICLE + "actors: [kcna]\n"
    assert after["actors/kcna.yaml"] == (
        "name: The Agency\nformerly: [kc, korean-central]\n" + CLEAR + "aliases: [KCNA]\n"
    )
    assert after["actors/kcna.md"] == "Of [[kcna]].\n"
    assert "actors/korean-central.yaml" not in after


def test_claims_merge_once_their_statements_are_one(tmp_path: Path) -> None:
    claim = "statement: It is so.\n" + CLEAR
    files = {
        "claims/a.yaml": "statement: It is so indeed.\n" + CLEAR,
        "claims/b.yaml": claim,
        "articles/x.yaml": ARTICLE + "claims: [{id: [a, b], quote: It is so}, {id: a, quote: Yes}]\n",
        "articles/x.md": "It is so. Yes.\n",
    }
    root = project(tmp_path, files)
    code, _, err = sitrep(root, "merge", "claim", "a", "b")
    assert (code, "then merge: statement" in err) == (2, True)
    (root / "content/claims/a.yaml").write_text(claim)
    assert sitrep(root, "merge", "claim", "a", "b")[0] == 0
    after = content(root)
    assert "claims: [{id: [b], quote: It is so}, {id: b, quote: Yes}]" in after["articles/x.yaml"]
    assert after["claims/b.yaml"] == claim + "formerly: [a]\n"


# -- by chance --------------------------------------------------------------------------------------------------------

IDS = ("kim", "un", "x.y", "z_1")
NEW = ("kim", "un", "x.y", "z_1", "new")
KINDS = ("actor", "source", "claim", "event", "topic")
Thing = tuple[str, str]
Write = Callable[[Thing, tuple[str, ...], int], str]


class Story:
    """Files that refer to each other at random; a reference is a thing, a list of kinds, and how it is written."""

    def __init__(self, data: st.DataObject) -> None:
        pick = st.sets(st.sampled_from(IDS), max_size=3)
        self.things = {kind: sorted(data.draw(pick)) for kind in KINDS}
        self.all: list[Thing] = [(kind, id) for kind in KINDS for id in self.things[kind]]
        self.links = {thing: self._some(data, KINDS) for thing in self.all}
        self.ties = {thing: self._some(data, ("source", "actor")) for thing in self.all}
        self.spoken = [
            (self._some(data, ("source", "actor")), self._some(data, ("source", "actor")), self._some(data, ("claim",)))
            for _ in range(data.draw(st.integers(0, 3)))
        ]
        self.mentions = self._some(data, ("actor", "source"))
        self.topics = self._some(data, ("topic",))
        self.style = data.draw(st.integers(0, 5))

    def _some(self, data: st.DataObject, kinds: tuple[str, ...]) -> list[Thing]:
        held = [thing for thing in self.all if thing[0] in kinds]
        return data.draw(st.lists(st.sampled_from(held), max_size=3, unique=True)) if held else []

    def files(self, write: Write, link: Callable[[Thing, int], str], name: Callable[[Thing], str]) -> Iterator[Any]:
        style = self.style

        def several(things: list[Thing], kinds: tuple[str, ...]) -> str:
            return "[" + ", ".join(write(t, kinds, style + n) for n, t in enumerate(things)) + "]"

        for thing in self.all:
            kind = thing[0]
            what = "statement" if kind == "claim" else "name"
            links = " and ".join(link(t, style + n) for n, t in enumerate(self.links[thing]))
            text = f'{what}: "{kind} {thing[1].upper()}"  # remark\n{CLEAR}description: "{links}"\n'
            if kind == "actor":
                text += f"part_of: {several(self.ties[thing], ('source', 'actor'))}\n"
            if kind == "claim":
                about = [t for t in self.ties[thing] if t[0] == "actor"]
                text += f"about: {{actors: {several(about, ('actor',))}}}\n"
            yield thing, f"{PLURAL[kind]}/{name(thing)}.yaml", text
            yield thing, f"{PLURAL[kind]}/{name(thing)}.md", f"See {links}.\n"
        text = (
            ARTICLE
            + f"topics: {several(self.topics, ('topic',))}\nactors: {several(self.mentions, ('actor', 'source'))}\n"
        )
        text += "claims:\n" * bool(self.spoken)
        for by, via, claims in self.spoken:
            text += f"  - by: {several(by, ('source', 'actor'))}\n    via: {several(via, ('source', 'actor'))}\n"
            text += f"    id: {several(claims, ('claim',))}\n    quote: It is so\n"
        yield None, "articles/a.yaml", text
        yield None, "articles/a.md", "It is so: " + ", ".join(f"{k} {i.upper()}" for k, i in self.all) + ".\n"

    def bare(self, thing: Thing, kinds: tuple[str, ...]) -> bool:
        """Whether its id alone means this thing, where a thing of these kinds may stand."""
        holders = [kind for kind in kinds if thing[1] in self.things[kind]]
        return holders == [thing[0]]

    def alone(self, thing: Thing) -> bool:
        return sum(thing[1] in self.things[kind] for kind in KINDS) == 1 and thing[1] != "a"


QUOTES = ("{}", "'{}'", '"{}"')
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # each example is two builds
SETTINGS = settings(max_examples=30, deadline=None, phases=UNSHRUNK, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(st.data())
def test_a_renamed_project_builds_as_one_renamed_by_hand(data: st.DataObject) -> None:
    story = Story(data)
    if not story.all:
        return
    old = data.draw(st.sampled_from(story.all))
    free = [id for id in NEW if id not in story.things[old[0]]]
    new = data.draw(st.sampled_from(free))

    def as_it_comes(thing: Thing, kinds: tuple[str, ...], n: int) -> str:
        short = story.bare(thing, kinds) and n % 2 == 0
        return QUOTES[n % 3].format(thing[1] if short else ":".join(thing))

    def linked(thing: Thing, n: int) -> str:
        return f"[[{thing[1] if story.alone(thing) and n % 2 else ':'.join(thing)}{'|words' * (n % 3 == 0)}]]"

    def by_hand(thing: Thing) -> str:
        return new if thing == old else thing[1]

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        ours = project(Path(first), {name: text for _, name, text in story.files(as_it_comes, linked, lambda t: t[1])})
        renamed = {
            name: text + f"formerly: [{old[1]}]\n" * (thing == old and name.endswith(".yaml"))
            for thing, name, text in story.files(
                lambda thing, kinds, n: f'"{thing[0]}:{by_hand(thing)}"',
                lambda thing, n: f"[[{thing[0]}:{by_hand(thing)}{'|words' * (n % 3 == 0)}]]",
                by_hand,
            )
        }
        theirs = project(Path(second), renamed)
        code, _, err = sitrep(ours, "rename", old[0], old[1], new)
        assert code == 0, err
        assert not differing(site(ours), site(theirs))
        remarks = [text.count("# remark") for text in content(ours).values()]
        assert sum(remarks) == len(story.all)


def differing(ours: dict[str, bytes], theirs: dict[str, bytes]) -> list[str]:
    return [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]


def site(root: Path) -> dict[str, bytes]:
    ran = sitrep(root, "build")
    assert ran.code in (0, 1), ran.err
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in (root / "site").rglob("*") if p.is_file()}


# -- sign-offs --------------------------------------------------------------------------------------------------------

UNSIGNED = "title: {}\nsource: s\npublished: 2024-12-05\nmarking: TLP:CLEAR\nstatus: reviewed\nactors: [{}]\n"


def signed(root: Path, article: str, by: str) -> None:
    """Sign an article off, with the digest that check gives."""
    path = root / f"content/articles/{article}.yaml"
    text = path.read_text().partition("reviewed: {")[0]
    path.write_text(text + f"reviewed: {{by: {by}, on: 2024-12-06, digest: {'0' * 64}}}\n")
    lines = [line for line in sitrep(root, "check").lines if line.endswith("[stale-sign-off]")]
    (told,) = [line for line in lines if line.startswith(f"content/articles/{article}.yaml:")]
    digest = told.partition("write digest: ")[2].partition(")")[0]
    path.write_text(path.read_text().replace("0" * 64, digest))


@pytest.mark.parametrize("command", ["rename", "merge"])
def test_who_signed_what_is_rewritten_is_named_and_not_signed_for(command: str, tmp_path: Path) -> None:
    files = {f"articles/{name}.yaml": UNSIGNED.format(name, "old") for name in ("first", "second", "third")}
    files |= {f"articles/{name}.md": "Old Name came.\n" for name in ("first", "second", "third", "fourth")}
    files["articles/third.yaml"] += "reviewed: {by: C. Reader, on: 2024-12-06}\n"
    files["articles/fourth.yaml"] = UNSIGNED.format("fourth", "other").replace("[other]", "[{id: other, quotes: Old}]")
    files |= {f"actors/{id}.yaml": f"name: {name}\n{CLEAR}" for id, name in (("old", "Old Name"), ("other", "Other"))}
    root = project(tmp_path, files)
    for article, by in (("first", "A. Reader"), ("second", "B. Reader"), ("fourth", "D. Reader")):
        signed(root, article, by)
    assert "[stale-sign-off]" not in sitrep(root, "check").out
    arguments = (command, "actor", "old", "new" if command == "rename" else "other")
    notes = [
        "signed off before this change: article first (A. Reader), article second (B. Reader): "
        "they count as drafts now, and the site does without",
        "to sign again: review the change, and write the digest that sitrep check gives for each",
        "signed off without a digest, so the sign-off stays valid: article third (C. Reader)",
    ]
    assert sitrep(root, *arguments, "--dry-run").err.splitlines()[-3:] == notes
    assert sitrep(root, *arguments).lines[-3:] == notes
    stale = [line for line in sitrep(root, "build").lines if line.endswith("[stale-sign-off]")]
    assert [line.partition(":")[0] for line in stale] == ["content/articles/first.yaml", "content/articles/second.yaml"]
    assert not (root / "site/articles/first.html").exists()
    assert (root / "site/articles/third.html").exists()
    assert (root / "site/articles/fourth.html").exists()
    signed(root, "first", "A. Reader")
    signed(root, "second", "B. Reader")
    assert "[stale-sign-off]" not in sitrep(root, "build").out
    assert (root / "site/articles/first.html").exists()


def test_a_signed_thing_of_another_id_is_named_too(tmp_path: Path) -> None:
    """Its old id joins its own file, which is a change of what was signed."""
    files = {"articles/old.yaml": UNSIGNED.format("Old", "a"), "articles/old.md": "A came.\n"}
    root = project(tmp_path, files)
    signed(root, "old", "A. Reader")
    said = "signed off before this change: article new (A. Reader): it counts as a draft now, and the site does without"
    assert said in sitrep(root, "rename", "article", "old", "new").lines
    (root / "config.yaml").write_text("title: T\npublish: {statuses: [draft, reviewed]}\n")
    signed(root, "new", "A. Reader")
    said = "signed off before this change: article newer (A. Reader): it counts as a draft now"
    assert said in sitrep(root, "rename", "article", "new", "newer").lines
