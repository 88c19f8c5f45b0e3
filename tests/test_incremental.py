"""A build with a past is the build without one: the same files with the same bytes, and the same problems told.

Whatever was edited, renamed, deleted, put back, touched, killed midway or damaged before. `SITREP_HISTORIES` says how
many histories of `SITREP_STEPS` steps are tried; `make histories` tries thousands.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from test_noninterference import BRIEFS, CONFIGS, IDS, Made, Thing, assets, corpora, files_of, texts, things

from conftest import ROOT
from projects import HEAD, tree, write
from sitrep.build.build import build
from sitrep.build.load import load_entries
from sitrep.build.report import Report
from sitrep.build.state import BuildOptions, Session
from sitrep.corpus.link import linked_corpus
from sitrep.incremental.container import code_digest
from sitrep.model.dates import parse
from sitrep.model.entries import Prose
from sitrep.model.hashing import digested
from sitrep.model.records import KINDS
from sitrep.pages.parts.context import Handling, PageContext
from sitrep.pages.registry import plan
from sitrep.parallel.pool import each
from sitrep.project import open_project, scan, theme
from sitrep.serve.build_process import BuildRequest, BuildResult, _Worker
from words import ENGLISH

HISTORIES = int(os.environ.get("SITREP_HISTORIES", "8"))
STEPS = int(os.environ.get("SITREP_STEPS", "20"))
READ = ("content/", "templates/", "config.yaml")
"""What a build reads."""
TICK = 0.012
"""Seconds that a file system's clock may lag. The histories do not wait out the two seconds that a build allows for."""

any_thing = st.sampled_from([(kind, id) for kind in KINDS for id in IDS[kind]]).flatmap(lambda key: things(*key))
seeds = st.integers(0, 2**32 - 1)


class Histories(RuleBasedStateMachine):
    """One project, its site, and what happens to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name) / "project"
        self.root.mkdir()
        self.past: list[dict[str, bytes]] = []
        self.resident: Session | None = None
        self.server = _Worker(self.root, 1)
        self.read: dict[str, bytes] = {}
        self.racy = [
            mock.patch(f"sitrep.{name}.RACY", int(TICK * 0.8e9)) for name in ("incremental.entry_store", "build.scan")
        ]
        self.racy.append(
            mock.patch("sitrep.incremental.entry_store.MUCH", 4)
        )  # some builds write what they read before they make
        for patch in self.racy:
            patch.start()

    def teardown(self) -> None:
        for patch in self.racy:
            patch.stop()
        self.folder.cleanup()

    @initialize(made=corpora())
    def begin(self, made: Made) -> None:
        self.put({**assets(), **{name: text.encode() for name, text in files_of(made.things).items()}})
        self.configure(made.config)
        self.build()

    # -- what people do -----------------------------------------------------------------------------------------------

    @rule(thing=any_thing)
    def write(self, thing: Thing) -> None:
        self.remove(f"content/{thing.kind}/{thing.id}")
        self.put({name: text.encode() for name, text in thing.files().items()})

    @rule(text=texts(), seed=seeds)
    def rewrite_a_text(self, text: str, seed: int) -> None:
        if found := self.files("content/*/*.md"):
            self.put({random.Random(seed).choice(found): text.encode()})

    @rule(seed=seeds)
    def edit_keeping_size_and_time(self, seed: int) -> None:
        if found := self.files("content/*/*.md"):
            path = self.root / random.Random(seed).choice(found)
            before = path.stat()
            data = path.read_bytes()
            path.write_bytes(data.swapcase())
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(seed=seeds)
    def touch(self, seed: int) -> None:
        for name in self.files("content/*/*.*")[seed % 3 :: 3]:
            os.utime(self.root / name, (seed, seed))

    @rule(seed=seeds)
    def delete(self, seed: int) -> None:
        if found := self.files("content/*/*.*"):
            (self.root / random.Random(seed).choice(found)).unlink()

    @rule(seed=seeds)
    def rename(self, seed: int) -> None:
        chance = random.Random(seed)
        if found := [name for kind in KINDS for name in self.files(f"content/{kind}/*.*")]:
            stem = chance.choice(found).rpartition(".")[0]
            kind = stem.split("/")[1]
            new = f"content/{kind}/{chance.choice(IDS[kind])}"  # type: ignore[index]
            for name in self.files(f"{stem}.*"):
                (self.root / name).replace(self.root / (new + name[len(stem) :]))

    @rule(seed=seeds)
    def put_back(self, seed: int) -> None:
        """All as it was at some time before."""
        if self.past:
            state = random.Random(seed).choice(self.past)
            for name in self.files("content/**/*"):
                if name not in state:
                    (self.root / name).unlink()
            self.put({name: data for name, data in state.items() if not self.holds(name, data)})

    @rule(
        config=st.sampled_from(CONFIGS),
        briefs=st.sampled_from(BRIEFS),
        title=st.sampled_from(["Watch", "The watch"]),
        json=st.booleans(),
    )
    def configure_anew(self, config: dict[str, Any], briefs: dict[str, Any], title: str, json: bool) -> None:
        self.configure({"title": title, "json": json, **config, **briefs})

    @rule(words=st.sampled_from(["", "We watch.\n", "See [[kim-jong-un]] and ![](assets/map.png)\n"]))
    def say_about(self, words: str) -> None:
        self.put({"content/about.md": words.encode()})

    @rule(name=st.sampled_from(sorted(assets())), seed=seeds)
    def change_an_asset(self, name: str, seed: int) -> None:
        chance = random.Random(seed)
        self.put({name: chance.choice([*assets().values(), b"other", b""])})

    @rule(
        words=st.sampled_from(["", "claim: {claim: Allegation}\n", "menu: {claims: Allegations}\nclaim: {open: ''}\n"])
    )
    def say_it_otherwise(self, words: str) -> None:
        self.put({"templates/languages/en.yaml": words.encode()})

    @rule(name=st.sampled_from(["claim.html", "base.html", "macros.html", "assets/style.css"]), mark=st.integers(0, 2))
    def change_the_theme(self, name: str, mark: int) -> None:
        own = self.root / "templates" / name
        if mark:
            data = (theme() / name).read_text()
            words = f"/* {mark} */" if name.endswith(".css") else f"<!-- {mark} -->"
            self.put({f"templates/{name}": (data + (words if mark == 2 else f"{{# {words} #}}")).encode()})
        elif own.exists():
            own.unlink()

    # -- what befalls them --------------------------------------------------------------------------------------------

    @rule(seed=seeds)
    def damage_the_cache(self, seed: int) -> None:
        chance = random.Random(seed)
        for path in sorted(p for p in (self.root / ".sitrep").glob("[st]*") if p.is_file()):
            data = bytearray(path.read_bytes())
            what = chance.randrange(4)
            if what == 0:
                path.unlink()
            elif what == 1:
                path.write_bytes(data[: chance.randrange(len(data) + 1)])
            elif what == 2 and data:
                for _ in range(chance.choice([1, 1, 9])):
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                path.write_bytes(data)

    @rule(seed=seeds)
    def tamper_with_the_site(self, seed: int) -> None:
        chance = random.Random(seed)
        found = [path for path in sorted((self.root / "site").rglob("*.*")) if not path.name.startswith(".")]
        for path in chance.sample(found, min(2, len(found))):
            if chance.random() < 0.5:
                path.unlink()
            else:
                path.write_bytes(b"something else")

    @rule(after=st.integers(0, 60))
    def kill_a_build(self, after: int) -> None:
        """The process of a build is gone at one of the moments in which it changes something on the disk."""
        child = os.fork()
        if child == 0:
            left = [after]

            def counted(function: Any) -> Any:
                def call(*arguments: Any, **options: Any) -> Any:
                    left[0] -= 1
                    if left[0] < 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return function(*arguments, **options)

                return call

            try:
                for name in ("replace", "open", "unlink", "mkdir", "write"):
                    setattr(os, name, counted(getattr(os, name)))
                project, _ = open_project(self.root)
                build(project, BuildOptions(each(1), self.root / "site"))
            finally:
                os._exit(0)
        os.waitpid(child, 0)

    # -- the build ----------------------------------------------------------------------------------------------------

    @rule(jobs=st.sampled_from([1, 1, 1, 2]), few=st.sampled_from([1, 200]))
    def build(self, jobs: int = 1, few: int = 200) -> None:
        with mock.patch("sitrep.parallel.pool.FEW", few):
            self.compare(self.made(self.root, "site", jobs=jobs), "site")

    @rule()
    def build_with_a_cache_in_memory(self) -> None:
        project, _ = open_project(self.root)
        self.resident = self.resident or Session(project, self.root / "site", persist=False)
        self.compare(self.made(self.root, "site", cache=self.resident), "site")

    @rule()
    def build_a_preview(self) -> None:
        self.compare(self.made(self.root, "preview", preview=True), "preview", preview=True)

    @rule(preview=st.booleans())
    def build_what_is_served(self, preview: bool) -> None:
        """The process of `sitrep serve` is told what has changed, and looks at nothing else."""
        time.sleep(TICK)
        read = {name: (self.root / name).read_bytes() for name in self.files("**/*") if name.startswith(READ)}
        heard = {name for name in read.keys() | self.read.keys() if read.get(name) != self.read.get(name)}
        self.read = read
        output = f".sitrep/serve/{'preview' if preview else 'public'}"
        wanted = BuildRequest(
            self.root / output, preview, changed_files=frozenset(str(self.root / name) for name in heard)
        )
        self.compare(self.server.build(wanted, lambda: False), output, preview=preview)

    @precondition(lambda self: self.past)
    @rule()
    def build_once_more(self) -> None:
        self.made(self.root, "site")
        again = self.made(self.root, "site")
        assert (again.written, again.deleted) == (0, 0)

    # ------------------------------------------------------------------------------------------------------------------

    def made(self, root: Path, output: str, *, jobs: int = 1, preview: bool = False, cache: Any = None) -> Report:
        time.sleep(TICK)
        project, _ = open_project(root)
        return build(project, BuildOptions(each(jobs), root / output, preview=preview), cache)

    def compare(self, report: Report | BuildResult, output: str, **options: bool) -> None:
        self.past.append({name: (self.root / name).read_bytes() for name in self.files("content/**/*")})
        with tempfile.TemporaryDirectory() as folder:
            clean = Path(folder) / "project"
            shutil.copytree(self.root, clean, ignore=shutil.ignore_patterns(".sitrep", "site", "preview"))
            expected = self.made(clean, output, **options)
            assert [str(p) for p in report.problems] == [str(p) for p in expected.problems]
            assert (report.withheld_files, report.pages) == (expected.withheld_files, expected.pages)
            if isinstance(report, Report):
                assert report.withheld == expected.withheld
            if expected.output is None:
                return  # something would have leaked: the former site stands
            site, wanted = tree(self.root / output), tree(clean / output)
            assert site.keys() == wanted.keys()
            assert [name for name in site if site[name] != wanted[name]] == []
            if isinstance(report, Report):
                assert report.digests == expected.digests

    def put(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def configure(self, config: dict[str, Any]) -> None:
        self.resident = None  # it belongs to a project with one configuration
        self.put({"config.yaml": json.dumps(config).encode()})

    def remove(self, stem: str) -> None:
        for name in self.files(f"{stem}.*"):
            (self.root / name).unlink()

    def files(self, pattern: str) -> list[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.glob(pattern) if p.is_file())

    def holds(self, name: str, data: bytes) -> bool:
        path = self.root / name
        return path.is_file() and path.read_bytes() == data


# Not shrunk: that takes minutes. The steps are printed as they were.
TestHistories = pytest.mark.proof(Histories.TestCase)
TestHistories.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),
    print_blob=True,
)


def test_every_output_says_what_it_is_given(tmp_path: Path) -> None:
    """A view is a function at the top of its module with plain arguments: nothing it depends on is out of sight."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    shutil.copy(ROOT / "config.yaml", tmp_path)
    project, _ = open_project(tmp_path)
    corpus = linked_corpus(load_entries(project, scan(project)[0], each(1)))
    outputs = list(plan(PageContext(corpus, project.config, Handling("TLP:CLEAR"), ENGLISH), Prose()))
    assert outputs
    for output in outputs:
        assert isinstance(output.view, partial)
        assert not output.view.keywords
        found = getattr(sys.modules[output.view.func.__module__], output.view.func.__qualname__)
        assert found is output.view.func
        assert digested(output.inputs) == digested(output.inputs)


@pytest.mark.parametrize("how", ["released", "withheld", "known later"])
def test_pages_that_plans_count_follow_what_is_shown(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown becomes all there is, or less again: the former results are of what was shown then."""
    monkeypatch.setattr("sitrep.pages.networks.WHOLE", 0)
    monkeypatch.setattr("sitrep.pages.maps.PLACES", 1)
    ties = "".join(f"  - {{to: a{n}, how: ally of}}\n" for n in range(4))
    head = "marking: TLP:CLEAR\n"
    files: dict[str, str | bytes] = {f"content/actors/a{n}.yaml": f"name: Actor {n}\n{head}" for n in range(4)}
    files |= {
        f"content/events/e{n}.yaml": f"name: E{n}\n{head}place: {{name: P{n}, lat: {n}, lon: 1}}\n" for n in (1, 2)
    }
    text = f"name: Z\n{head}relations:\n{ties}"
    files["content/actors/z.yaml"] = text
    drafted = {
        "content/actors/z.yaml": f"{text}status: draft\n",
        "content/events/e2.yaml": f"name: E2\n{head}status: draft\n",
    }
    later = drafted if how == "withheld" else files
    first: dict[str, str | bytes] = {"released": drafted, "withheld": {}, "known later": {}}[how]
    root = write(tmp_path / "project", {**files, **first})
    project, _ = open_project(root)
    build(project, BuildOptions(each(1), root / "site", as_of=parse("2020-01-01") if how == "known later" else None))
    write(root, {**files, **later})
    report = build(project, BuildOptions(each(1), root / "site"))
    clean = build(
        project, BuildOptions(each(1), tmp_path / "clean"), Session(project, tmp_path / "clean", persist=False)
    )
    assert [problem.code for problem in report.problems] == [problem.code for problem in clean.problems]
    assert tree(root / "site") == tree(tmp_path / "clean")


def test_the_code_that_results_depend_on_is_the_same_however_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of the places that Python looks in depends on the command: what lies there is none of our libraries."""
    found = code_digest.__wrapped__  # not what it said before
    before = found()
    (tmp_path / "markdown-it").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert found() == before
    (tmp_path / "jinja2-99.0.dist-info").mkdir()
    assert found() != before


NAMES: dict[str, str | bytes] = {
    "content/articles/a.md": "Anna Berg met the Port Board. Berg said that the quay was safe. The board left.\n",
    "content/articles/a.yaml": HEAD + "actors: [anna, berg, board]\n"
    "claims: [{id: safe, by: [berg], quote: the quay was safe}]\n",
    "content/actors/anna.yaml": "name: Anna Berg\nmarking: TLP:CLEAR\n",
    "content/actors/berg.yaml": "name: Berg\nmarking: TLP:CLEAR\n",
    "content/actors/board.yaml": "name: Port Board\nmarking: TLP:CLEAR\n",
}


def test_an_edited_text_in_a_process_that_stays_does_not_have_all_be_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan of the last build is reused, where nothing that it looked at has changed."""
    config = "title: Test\nurl: https://example.org/\njson: true\nsearch: false\n"
    project, _ = open_project(write(tmp_path / "project", NAMES, config=config))
    site = project.root / "site"
    session = Session(project, site, persist=False)
    build(project, BuildOptions(each(1), site), session)
    monkeypatch.setattr("sitrep.build.plan._outputs", None)
    text = str(NAMES["content/articles/a.md"]).replace("The board left.", "Berg stayed.")
    write(project.root, {"content/articles/a.md": text}, config="")
    changed = frozenset({str(project.root / "content/articles/a.md")})
    build(project, BuildOptions(each(1), site, changed_files=changed), session)
    monkeypatch.undo()
    clean = tmp_path / "clean"
    build(project, BuildOptions(each(1), clean), Session(project, clean, persist=False))
    assert tree(site) == tree(clean)
    assert b"Berg</a> stayed" in (site / "articles/a.html").read_bytes()


class TestNames:
    """What a name changes: where it stands, where others stand whose names it overlaps, and nothing else."""

    def built(self, tmp_path: Path, **files: str) -> tuple[dict[str, tuple[str, ...]], dict[str, bytes]]:
        """Why pages were made after these changes, and what is there."""
        project, _ = open_project(write(tmp_path / "project", NAMES))
        session = Session(project, project.root / "site", persist=False)
        build(project, BuildOptions(each(1), project.root / "site"), session)
        write(project.root, {f"content/{path.replace('_', '/')}": text for path, text in files.items()})
        session.cache.head = None
        build(project, BuildOptions(each(1), project.root / "site"), session)
        build(project, BuildOptions(each(1), tmp_path / "clean"), Session(project, tmp_path / "clean", persist=False))
        found = tree(project.root / "site")
        assert found == tree(tmp_path / "clean")
        return dict(session.cache.results.why), found

    def renamed(self, tmp_path: Path, id: str, name: str) -> tuple[dict[str, tuple[str, ...]], dict[str, bytes]]:
        return self.built(tmp_path, **{f"actors_{id}.yaml": f"name: {name}\nmarking: TLP:CLEAR\n"})

    def test_whoever_quotes_another_sentence_is_left_alone(self, tmp_path: Path) -> None:
        why, found = self.renamed(tmp_path, "board", "The board")
        assert b'id="actor-3"' in found["articles/a.html"]
        assert {"articles/a.html", "actors/board.html"} <= why.keys()
        assert "claims/safe.html" not in why

    @pytest.mark.parametrize(("name", "places"), [("Anna", 2), ("Anna Berg", 1), ("Berg said", 1), ("Nobody", 2)])
    def test_a_name_that_gives_way_to_another_stands_again_where_that_is_gone(
        self, name: str, places: int, tmp_path: Path
    ) -> None:
        _, found = self.renamed(tmp_path, "anna", name)
        page = found["articles/a.html"].decode()
        assert [n for n in (1, 2) if f'id="actor-2{"" if n == 1 else f"-{n}"}"' in page] == [1, 2][:places]

    def test_a_text_that_is_edited_moves_names(self, tmp_path: Path) -> None:
        text = "The Port Board was there. Berg and Anna Berg said that the quay was safe.\n"
        why, found = self.built(tmp_path, **{"articles_a.md": text})
        assert {"actors/anna.html", "actors/berg.html", "actors/board.html", "claims/safe.html"} <= why.keys()
        assert b"The Port Board was there" in found["actors/board.html"] or b"was there" in found["actors/board.html"]

    def test_one_edit_after_another(self, tmp_path: Path) -> None:
        """What marks a text that was edited is also what the next build compares with."""
        project, _ = open_project(write(tmp_path / "project", NAMES))
        output = project.root / "site"
        steps: list[dict[str, str | bytes]] = [
            {"content/articles/a.md": "Berg met Anna Berg and the Port Board. He said that the quay was safe.\n"},
            {"content/actors/anna.yaml": "name: Anna\nmarking: TLP:CLEAR\n"},
            {"content/articles/a.md": "Anna Berg said that the quay was safe, and Berg. The Port Board.\n"},
            {"content/actors/anna.yaml": "name: Anna Berg\nmarking: TLP:CLEAR\n"},
            {"content/actors/anna.yaml": "name: Anna\nmarking: TLP:CLEAR\naliases: [Berg and]\n"},
        ]
        for n, step in enumerate(steps):
            write(project.root, step)
            build(project, BuildOptions(each(1), output))
            build(
                project,
                BuildOptions(each(1), tmp_path / f"clean{n}"),
                Session(project, tmp_path / f"clean{n}", persist=False),
            )
            assert tree(output) == tree(tmp_path / f"clean{n}"), n
