"""`sitrep serve`, as a process, over HTTP: what is shown, and what happens to it when files change."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from projects import CONFIG, GOOD, HEAD, sitrep, tree, write
from served import LIMIT, Served, serving, wait
from sitrep.publish.output_folder import digest
from sitrep.serve.build_process import BuildRequest, BuildResult, Early
from sitrep.serve.server import Server
from sitrep.serve.versions import SiteVersions

URL = "url: https://user.example/reports/watch/\n"
FILES = GOOD | {
    "content/articles/draft.md": "The treaty is not signed. Nobody has seen it.\n",
    "content/articles/draft.yaml": "title: Unready\nsource: wire\npublished: 2024-01-03\nmarking: TLP:AMBER\n"
    "claims:\n  - id: unsigned\n    quote: The treaty is not signed.\n",
    "content/actors/geneva.yaml": "name: Geneva\nmarking: TLP:CLEAR\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path.resolve(), FILES, config=CONFIG + URL)


def save(root: Path, name: str, text: str) -> None:
    (root / name).write_text(text, encoding="utf-8")


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_everything_is_shown_under_its_address_and_withheld_files_say_why(project: Path) -> None:
    with serving(project) as served:
        assert served.base == "/reports/watch/"
        for path in ("/", "/reports/watch"):
            answer = served.get(path)
            assert (answer.status, answer.headers["location"]) == (302, "/reports/watch/")
        assert served.get("/reports/watch/articles").headers["location"] == "/reports/watch/articles/"
        assert served.get("/reports/watch/articles/").body == served.get("/reports/watch/articles/index.html").body
        home = served.get("/reports/watch/")
        assert (home.status, home.headers["content-type"]) == (200, "text/html; charset=utf-8")
        draft = served.get("/reports/watch/articles/draft.html").text
        ribbon = re.findall(r'<p class="ribbon">(.*?)</p>', draft)
        assert len(ribbon) == 1
        assert "TLP:AMBER" in ribbon[0]
        assert (
            served.get("/reports/watch/articles/good.json").headers["content-type"] == "application/json; charset=utf-8"
        )
        assert served.get("/articles/good.html").status == 404
        sheet = re.findall(r'href="\.\./(theme/style[^"]*)"', draft)[0]
        answer = served.get(f"/reports/watch/{sheet}")
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        for path in ("/", "/reports/watch/", f"/reports/watch/{sheet}", "/_live.js", "/_state", "/nowhere", "//"):
            assert served.get(path).headers["cache-control"] == "no-store"
        assert served.get("/reports/watch/", "HEAD").body == b""


def test_public_shows_what_would_be_released_byte_for_byte(project: Path) -> None:
    with serving(project, "--public") as served:
        home = served.get(served.base).text
        assert "ribbon" not in home
        assert "nready" not in home
        assert served.get(f"{served.base}articles/draft.html").status == 404
        assert sitrep(project, "build").code == 0
        for path, data in tree(project / "site").items():
            if not path.startswith("."):
                shown = served.get(served.base + path).body
                if path != "404.html":
                    assert re.sub(rb'<script defer src="/_live.js"[^>]*></script>\n', b"", shown) == data


def test_the_files_that_are_built_hold_nothing_of_the_server(project: Path) -> None:
    with serving(project) as served:
        served.get("/_changes")
        built = tree(project / ".sitrep/serve")
    assert not (project / "site").exists()
    assert not (project / "preview").exists()
    assert any(path.endswith("articles/draft.html") for path in built)
    assert all(b"_live" not in data and b"sitrep-problems" not in data for data in built.values())


def test_an_address_that_leads_nowhere_shows_the_sites_own_page(project: Path) -> None:
    with serving(project) as served:
        answer = served.get("/reports/watch/actors/deep/nobody.html")
        assert answer.status == 404
        assert "There is no page at this address" in answer.text
        assert 'href="/reports/watch/index.html"' in answer.text
        assert "user.example" not in answer.text
        for address in re.findall(r'(?:href|src)="(/reports/[^"]+)"', answer.text):
            assert served.get(address).status == 200, address
    save(project, "config.yaml", CONFIG)
    with serving(project) as served:
        answer = served.get("/actors/deep/nobody.html")
        assert answer.status == 404
        for address in re.findall(r'(?:href|src)="([^"#]+)"', answer.text):
            assert address.startswith("/"), address
            assert served.get(address).status == 200, address


def test_the_problems_of_a_page_are_on_it(project: Path) -> None:
    with serving(project) as served:
        page = served.base + "articles/good.html"
        assert "sitrep-problems" not in served.get(page).text
        save(
            project,
            "content/articles/good.yaml",
            FILES["content/articles/good.yaml"] + "claims: [{quote: Not <b>there}]\n",
        )
        served.until(lambda s: "sitrep-problems" in s.get(page).text)
        text = served.get(page).text
        assert "<code>content/articles/good.yaml:8:18</code>" in text
        assert "Not &lt;b&gt;there" in text
        assert "sitrep-problems" not in served.get(served.base + "articles/draft.html").text
        assert served.state()["message"] == ""
        save(project, "content/articles/good.yaml", FILES["content/articles/good.yaml"])
        served.until(lambda s: "sitrep-problems" not in s.get(page).text)


# -- rebuilding -------------------------------------------------------------------------------------------------------


def test_a_save_is_shown_and_builds_once(project: Path) -> None:
    with serving(project) as served:
        before = served.settled()
        save(project, "content/articles/good.md", "All is different in Geneva.\n")
        served.shows("articles/good.html", "All is different")
        assert served.settled() == before + 1
        save(project, "content/articles/good.md", "All is different in Geneva.\n")
        (project / "content/articles/good.md").touch()
        assert served.settled() == before + 1
        told = [line for line in served.lines if line.startswith("content/articles/good.md: ")]
        assert len(told) == 1
        assert re.fullmatch(r"content/articles/good.md: \d changed \(\d\.\d\d s\)", told[0]), told


def test_pages_come_and_go_and_the_address_may_change(project: Path) -> None:
    with serving(project) as served:
        save(project, "content/actors/bern.yaml", "name: Bern\nmarking: TLP:CLEAR\n")
        served.shows("actors/bern.html", "Bern")
        (project / "content/actors/bern.yaml").unlink()
        served.until(lambda s: s.get(s.base + "actors/bern.html").status == 404)
        save(project, "config.yaml", CONFIG + "url: https://user.example/moved/\n")
        served.until(lambda s: s.get("/moved/articles/good.html").status == 200)
        assert served.get("/").headers["location"] == "/moved/"


BREAKS = {
    "config.yaml": ("title: [\n", "config.yaml:2:1"),
    "content/articles/good.yaml": ("title: [\n", "content/articles/good.yaml:2:1"),
    "templates/base.html": ("<p>\n{% if %}\n", "templates/base.html:2:1"),
    "content/articles/good.md": ("\udcff", "content/articles/good.md:1:1"),
}


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_stops_nothing(project: Path, name: str) -> None:
    text, place = BREAKS[name]
    (project / "templates").mkdir()
    good = project / name
    with serving(project) as served:
        page = served.base + "articles/good.html"
        before = served.get(page).body
        files = {path: served.get(path).status for path in (served.base, served.base + "actors/geneva.html")}
        original = good.read_bytes() if good.exists() else None
        good.write_bytes(text.encode("utf-8", "surrogateescape"))
        served.until(lambda s: s.state()["message"])
        state = served.state()
        assert place in [problem["place"] for problem in state["problems"]]
        assert "last good site" in state["note"]
        assert served.get(page).body == before
        assert {path: served.get(path).status for path in files} == files
        if original is None:
            good.unlink()
        else:
            good.write_bytes(original)
        served.until(lambda s: not s.state()["message"])
        assert served.get(page).body == before
        save(project, "content/actors/geneva.yaml", "name: Geneva the second\nmarking: TLP:CLEAR\n")
        served.shows("actors/geneva.html", "Geneva the second")


def test_it_starts_with_a_broken_configuration_and_goes_on_when_it_is_mended(project: Path) -> None:
    good = (project / "config.yaml").read_text()
    save(project, "config.yaml", "titel: x\n")
    with serving(project) as served:
        answer = served.get("/anything")
        assert answer.status == 503
        assert "config.yaml:1:1" in answer.text
        save(project, "config.yaml", good)
        served.until(lambda s: s.get("/reports/watch/articles/good.html").status == 200)


def test_a_file_that_is_broken_from_the_start_keeps_nothing_back(project: Path) -> None:
    save(project, "content/actors/geneva.yaml", "name: [\n")
    with serving(project) as served:
        assert "content/actors/geneva.yaml:2:1" in [p["place"] for p in served.state()["problems"]]
        save(project, "content/articles/good.md", "Shown all the same in Geneva.\n")
        served.shows("articles/good.html", "Shown all the same")
        save(project, "content/actors/geneva.yaml", "name: Geneva\nmarking: TLP:CLEAR\n")
        served.until(lambda s: not s.state()["message"])


def test_what_was_built_and_is_changed_or_deleted_is_never_shown(project: Path) -> None:
    with serving(project) as served:
        (folder,) = (project / ".sitrep/serve").glob("*/preview")
        page = served.base + "articles/good.html"
        (folder / "articles/good.html").write_text("forged")
        assert b"forged" not in served.get(page).body
        served.until(lambda s: s.get(page).status == 200)
        secret = project / "secret.txt"
        secret.write_text("forged")
        (folder / "index.html").unlink()
        (folder / "index.html").symlink_to(secret)
        (folder / "more.html").symlink_to(secret)
        assert b"forged" not in served.get(served.base).body
        assert served.get(served.base + "more.html").status == 404
        served.until(lambda s: s.get(served.base).status == 200)


def test_what_the_server_keeps_may_be_deleted(project: Path) -> None:
    with serving(project) as served:
        wait((project / ".sitrep/entries").exists)  # kept for the next start, after the first build
        shutil.rmtree(project / ".sitrep")
        served.until(lambda s: s.get(s.base + "articles/good.html").status == 200)
        save(project, "content/articles/good.md", "All is there again in Geneva.\n")
        served.shows("articles/good.html", "All is there again")


def test_it_waits_for_another_build(project: Path) -> None:
    """One build of a project at a time: the server's comes when the other has ended."""
    import fcntl

    with serving(project) as served, (project / ".sitrep/lock").open("r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        save(project, "content/articles/good.md", "After the other one, in Geneva.\n")
        time.sleep(0.5)
        assert "After the other" not in served.get(served.base + "articles/good.html").text
        fcntl.lockf(lock, fcntl.LOCK_UN)
        served.shows("articles/good.html", "After the other one")


def test_two_servers_of_one_project(project: Path) -> None:
    with serving(project) as one, serving(project, "--public") as other:
        assert one.port != other.port
        for n in range(3):
            save(project, "content/articles/good.md", f"Change {n} in Geneva.\n")
            one.shows("articles/good.html", f"Change {n}")
            other.shows("articles/good.html", f"Change {n}")
        assert "ribbon" in one.get(one.base).text
        assert "ribbon" not in other.get(other.base).text


# -- one generation at a time -----------------------------------------------------------------------------------------


REBUILDS = 200 if os.environ.get("SITREP_REQUIRE") else 40
CLIENTS = 8


@pytest.mark.slow
def test_no_answer_is_torn_missing_or_of_two_builds(tmp_path: Path) -> None:
    """Every page carries the number of its build, at both ends; a client never sees an older one after a newer."""
    template = '<!doctype html><html lang="en"><head><title>t</title><link rel="stylesheet" href="{{ page.root }}'
    template += '{{ site.assets["style.css"] }}"></head><body>{{ site.title }}{% block main %}{% endblock %}'
    template += "{{ 'x' * 20000 }}{{ site.title }}</body></html>"
    root = tmp_path.resolve()
    write(
        root,
        FILES | {"templates/base.html": template, "templates/assets/style.css": "p {} /* 0 */"},
        config="title: '<0>'\n",
    )
    pages = ["index.html", "articles/good.html", "articles/draft.html", "actors/geneva.html", "method.html"]
    faults: list[str] = []
    fetched = [0] * CLIENTS
    over = threading.Event()

    def client(served: Served, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=LIMIT)

        def get(path: str) -> tuple[int, str]:
            connection.request("GET", f"/{path}")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

        newest = 0
        while not over.is_set():
            for path in pages:
                status, text = get(path)
                found = [int(n) for n in re.findall(r"&lt;(\d+)&gt;", text.partition("<body>")[2])]
                # The home page also says the title as its heading.
                if status != 200 or len(found) < 2 or len(set(found)) != 1 or found[0] < newest:
                    faults.append(f"{path}: {status} {found} after {newest}")
                if not text.endswith("</body></html>"):
                    faults.append(f"{path}: torn")
                newest = found[0] if found else newest
                sheet = re.findall(r'href="(?:\.\./)*(theme/[^"]*)"', text)[0]
                status, text = get(sheet)
                if status != 200 or not text.startswith("p {} /*"):
                    faults.append(f"{sheet}: {status}")
                fetched[number] += 1
                time.sleep(0.003)
        connection.close()

    with serving(root) as served:
        clients = [threading.Thread(target=client, args=(served, n)) for n in range(CLIENTS)]
        for one in clients:
            one.start()
        try:
            for n in range(1, REBUILDS + 1):
                if n % 10 == 0:
                    save(root, "templates/assets/style.css", f"p {{}} /* {n} */")
                save(root, "config.yaml", f"title: '<{n}>'\n")
                wait(lambda n=n: served.state()["generation"] > n or faults)  # type: ignore[misc]
                assert not faults
        finally:
            over.set()
            for one in clients:
                one.join(LIMIT)
        assert served.state()["builds"] > REBUILDS
    assert faults == []
    assert min(fetched) > REBUILDS / 10


def many(count: int) -> dict[str, str | bytes]:
    """So many articles that name one actor, and quote somebody else."""
    files: dict[str, str | bytes] = {"content/actors/anna.yaml": "name: Anna <0>\nmarking: TLP:CLEAR\n"}
    for n in range(count):
        files[f"content/articles/a{n}.md"] = f"She came. The quay {n} is safe, said the harbour master.\n"
        quotes = "actors: [{id: anna, quotes: [came]}]\n"
        files[f"content/articles/a{n}.yaml"] = HEAD + f"{quotes}claims: [{{id: safe, quote: The quay {n} is safe}}]\n"
    return files


@pytest.mark.slow
def test_an_open_page_of_a_large_build_is_shown_before_the_others(tmp_path: Path) -> None:
    """A page that is open in a browser comes first; no page is ever older than it was, and none is missing."""
    root = write(tmp_path.resolve(), many(150))
    pages = ["actors/anna.html", *(f"articles/a{n}.html" for n in range(0, 150, 7)), "actors/index.html", "names.js"]
    faults: list[str] = []
    over = threading.Event()
    early: list[int] = []

    def client(served: Served, number: int) -> None:
        newest: dict[str, int] = {}
        while not over.is_set():
            for path in pages[number:] + pages[:number]:
                answer = served.get(f"/{path}")
                found = {int(n) for n in re.findall(r"Anna (?:&lt;|<)(\d+)(?:&gt;|>)", answer.text)}
                if answer.status != 200 or len(found) != 1 or min(found) < newest.get(path, 0):
                    faults.append(f"{path}: {answer.status} {found} after {newest.get(path)}")
                newest[path] = max(found, default=0)

    with serving(root) as served, served.open("actors/anna.html"):
        others = [threading.Thread(target=client, args=(served, n)) for n in range(4)]
        for one in others:
            one.start()
        try:
            for n in range(1, 13):
                builds = served.state()["builds"]
                save(root, "content/actors/anna.yaml", f"name: Anna <{n}>\nmarking: TLP:CLEAR\n")
                served.shows("actors/anna.html", f"Anna &lt;{n}&gt;")
                if served.state()["builds"] == builds:
                    early.append(n)
                wait(lambda builds=builds: served.state()["builds"] > builds or faults)  # type: ignore[misc]
                assert not faults
        finally:
            over.set()
            for one in others:
                one.join(LIMIT)
    assert faults == []
    assert early
    with serving(root) as served:
        for path in pages:
            assert served.get(f"/{path}").status == 200


def test_early_pages_are_shown_over_the_last_complete_build_and_taken_back(tmp_path: Path) -> None:
    shown = SiteVersions(tmp_path, tmp_path / "former")
    shown.take(BuildResult([], complete=True, changed={"a.html": "a1", "c.html": "c1"}, base="/", title="One"))
    shown.show(BuildResult([], title="One"))
    shown.show_early(Early({"a.html": b"new"}, [], frozenset()))
    assert shown.now
    assert shown.now.files == {"a.html": digest(b"new"), "c.html": "c1"}
    assert (shown.now.title, shown.now.read("a.html"), shown.now.number) == ("One", b"new", 2)
    shown.revert()
    assert shown.now.files == {"a.html": "a1", "c.html": "c1"}


def test_early_pages_of_a_build_that_fails_are_taken_back(tmp_path: Path) -> None:
    """The disk refuses: what was shown of the build goes, and the last whole one is shown, with the reason."""
    root = write(tmp_path.resolve(), many(150))
    with serving(root) as served:
        served.shows("actors/anna.html", "Anna &lt;0&gt;")
        kept = root / ".sitrep/serve"
        (folder,) = [path.parent for path in kept.rglob("index.html") if path.parent.name == "preview"]
        (folder / "articles/a99.html").unlink()
        (folder / "articles/a99.html").mkdir()  # cannot be replaced by a file
        save(root, "content/actors/anna.yaml", "name: Anna <1>\nmarking: TLP:CLEAR\n")
        served.until(lambda s: "cannot be" in s.state()["message"])
        assert "Anna &lt;0&gt;" in served.get("/actors/anna.html").text
        (folder / "articles/a99.html").rmdir()
        save(root, "content/actors/anna.yaml", "name: Anna <2>\nmarking: TLP:CLEAR\n")
        served.shows("actors/anna.html", "Anna &lt;2&gt;")
        served.until(lambda s: s.state()["message"] == "")
        assert "Anna &lt;2&gt;" in served.get("/articles/a99.html").text


@pytest.mark.slow
def test_what_is_saved_while_a_build_runs_is_in_the_next(tmp_path: Path) -> None:
    """Saves at every moment of the builds: what is shown in the end is what was saved last."""
    root = write(tmp_path.resolve(), FILES)
    with serving(root) as served:
        for n in range(40):
            save(root, "content/articles/good.md", f"Saved {n} in Geneva.\n")
            time.sleep(0.007 * (n % 9))
            save(root, "content/actors/geneva.yaml", f"name: Geneva {n}\nmarking: TLP:CLEAR\n")
            time.sleep(0.005 * (n % 7))
        served.shows("articles/good.html", "Saved 39")
        served.shows("actors/geneva.html", "Geneva 39")
        served.settled()
        assert sitrep(root, "build", "--preview").code == 0
        for path, data in tree(root / "preview").items():
            if path.endswith(".json"):
                assert served.get(f"/{path}").body == data or path.startswith(".")


class Scripted:
    """In place of the process that builds: makes the site of one page, and does in between what a test wants."""

    def __init__(self, folder: Path, *between: Callable[[], object]) -> None:
        self.folder, self.between = folder, list(between)
        self.builds = 0

    def build(self, wanted: BuildRequest) -> BuildResult:
        self.builds += 1
        if self.between:
            self.between.pop(0)()
            time.sleep(0.2)
        data = f"<html><head></head>build {self.builds}</html>".encode()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "index.html").write_bytes(data)
        return BuildResult([], changed={"index.html": digest(data)}, output=self.folder)

    def hurry(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize("files", [1, 2])
def test_a_build_that_may_hold_two_states_is_not_shown(project: Path, files: int) -> None:
    """While it read, one file changed, and it has the old or the new one; or two, and it may have one of each."""
    shown: list[str] = []

    def change() -> None:
        for name in ("content/articles/good.md", "content/actors/geneva.yaml")[:files]:
            save(project, name, "name: Changed during a build\n")

    async def run() -> None:
        server = Server(project, project / "kept", preview=True, jobs=1, say=lambda *_: None)
        server.builder = cast(Any, Scripted(server.shown.folder, lambda: None, change))
        show = server.shown.show

        def note(built: BuildResult) -> tuple[int, int, int]:
            shown.append((server.shown.folder / "index.html").read_text())
            return show(built)

        server.shown.show = note  # type: ignore[method-assign]
        working = asyncio.create_task(server.run())
        while server.builds < 1:
            await asyncio.sleep(0.01)
        save(project, "content/articles/draft.md", "A change that causes the build.\n")
        while server.builds < 3:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        server.close()
        await working

    asyncio.run(run())
    assert [re.findall(r"build \d", page)[0] for page in shown] == ["build 1", *["build 2"] * (files == 1), "build 3"]


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_next_free_port_is_taken_and_a_fixed_one_is_fixed(project: Path) -> None:
    with serving(project) as one, serving(project) as other:
        assert other.port > one.port >= 8000
        fixed = sitrep(project, "serve", "--port", str(one.port))
        assert (fixed.code, fixed.out) == (2, "")
        assert fixed.err == f"sitrep: port {one.port} cannot be used: Address already in use; choose another --port\n"


def test_it_listens_on_this_machine_alone(project: Path) -> None:
    with serving(project) as served:
        for address in ("127.0.0.2", socket.gethostbyname(socket.gethostname())):
            if address != "127.0.0.1":
                with pytest.raises(OSError), socket.create_connection((address, served.port), timeout=5):  # noqa: PT011
                    pass


def test_it_opens_the_browser(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    told = tmp_path_factory.mktemp("browser") / "address"
    browser = told.with_name("browser.sh")
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {told}\n')
    browser.chmod(0o755)
    with serving(project, "--open", environment={"BROWSER": f"{browser} %s"}) as served:
        wait(told.exists)
        wait(lambda: told.read_text() == served.address + served.base, lambda: told.read_text())


def test_it_ends_in_the_middle_of_a_build(project: Path) -> None:
    with serving(project) as served:
        save(project, "config.yaml", CONFIG)
        time.sleep(0.05)
    assert served.process.returncode == 0
    assert sitrep(project, "build").code == 0  # nothing holds the lock


def test_without_a_project_it_does_not_start(tmp_path: Path) -> None:
    ran = sitrep(tmp_path, "serve")
    assert ran.code == 2
    assert "there is no config.yaml" in ran.err


def test_quiet(project: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    save(project, "content/actors/geneva.yaml", "nam: Geneva\n")
    with Quiet(project, port) as lines:
        pass
    assert lines
    assert all(re.search(r"\[[a-z-]+\]$", line) for line in lines), lines


class Quiet:
    def __init__(self, project: Path, port: int) -> None:
        command = [sys.executable, "-m", "sitrep", "--root", str(project), "serve", "--quiet", "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines: list[str] = []

    def __enter__(self) -> list[str]:
        assert self.process.stdout
        self.lines.append(self.process.stdout.readline().rstrip())
        return self.lines

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.lines += self.process.communicate(timeout=LIMIT)[0].splitlines()


def test_rebuild_looks_at_everything(project: Path) -> None:
    with serving(project) as served:
        before = served.settled()
        assert served.get("/_rebuild", "POST", {"Origin": served.address}).status == 202
        served.until(lambda s: s.state()["builds"] > before)
        assert served.get("/_rebuild").status == 405


# -- build --watch ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_build_watch_builds_again_and_goes_on_when_something_is_broken(project: Path) -> None:
    command = [sys.executable, "-m", "sitrep", "--root", str(project), "build", "--watch", "--jobs", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    assert process.stdout
    output = process.stdout
    reader = threading.Thread(target=lambda: lines.extend(line.rstrip() for line in output))
    reader.start()

    def shows(text: str) -> None:
        wait(lambda: text in (project / "site/articles/good.html").read_text(), lambda: "\n".join(lines))

    try:
        wait(lambda: any("files written" in line for line in lines), lambda: "\n".join(lines))
        save(project, "content/articles/good.md", "Once more in Geneva.\n")
        shows("Once more")
        save(project, "config.yaml", "title: [\n")
        wait(lambda: any("config.yaml cannot be used" in line for line in lines), lambda: "\n".join(lines))
        save(project, "config.yaml", CONFIG)
        save(project, "content/articles/good.md", "Mended in Geneva.\n")
        shows("Mended")
    finally:
        process.send_signal(2)
        process.wait(20)
        reader.join(5)
        output.close()
    assert process.returncode == 0, "\n".join(lines)
    assert not any("Traceback" in line for line in lines)
    assert "withheld 1: 1 article TLP:AMBER" in lines
    assert not (project / "preview").exists()


# -- /_changes --------------------------------------------------------------------------------------------------------


def test_changes_say_what_publishing_would_change(project: Path) -> None:
    with serving(project) as served:
        assert "no public build in site/ yet" in served.get("/_changes").text
        assert sitrep(project, "build").code == 0
        assert "Nothing: site/ is as it would be built now" in served.get("/_changes").text
        save(project, "content/articles/good.md", "All is <b>quiet</b> in Geneva. A second sentence.\n")
        save(project, "content/actors/bern.yaml", "name: Bern\nmarking: TLP:CLEAR\n")
        served.shows("actors/bern.html", "Bern")
        served.shows("articles/good.html", "quiet")
        answer = served.get("/_changes")
        assert answer.status == 200
        assert "<ins>A second sentence.</ins>" in answer.text
        assert "All is <del>well</del><ins>&lt;b&gt;quiet&lt;/b&gt;</ins> in Geneva." in answer.text
        assert '<a href="/reports/watch/actors/bern.html">actors/bern.html</a>' in answer.text
        assert "nready" not in answer.text  # withheld: publishing changes nothing about it
        assert "articles/draft" not in answer.text
        (project / "content/actors/bern.yaml").unlink()
        assert sitrep(project, "build").code == 0
        save(project, "content/articles/good.yaml", HEAD.replace("reviewed", "draft"))
        served.until(lambda s: s.get("/_changes").text.count("<del>articles/good.html</del>") == 1)


def test_changes_when_nothing_can_be_published(project: Path) -> None:
    """A public site that the guard stops: the preview goes on, and this page says why it cannot compare."""
    (project / "templates").mkdir()
    save(project, "templates/404.html", "{{ page.title }} The treaty {{ 'is' }} not signed.\n")
    with serving(project) as served:
        answer = served.get("/_changes")
        assert answer.status == 503
        assert "cannot be built" in answer.text
        assert served.get(served.base).status == 200


def test_the_state_is_for_scripts(project: Path) -> None:
    with serving(project) as served:
        assert json.loads(served.get("/_state").body).keys() == {
            "message", "note", "id", "problems", "others", "builds", "generation",
        }  # fmt: skip
