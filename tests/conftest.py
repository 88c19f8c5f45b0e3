"""Fixtures for what lies outside Python, and the rule that nothing goes missing unseen.

`SITREP_REQUIRE=axe,browser`, say (`.ci/run` names all), says that these tools must be there: their absence then fails
the tests that need them, and a test skipped for any unforeseen reason fails the run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import pytest

from sitrep.render import jinja

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
REQUIRED = frozenset(filter(None, os.environ.get("SITREP_REQUIRE", "").replace(" ", "").split(",")))

NO_AXE = "axe-core is not installed"
NO_SHARED = "shared material absent"
NO_BROWSER = "Chromium is not installed"
NO_FTM = "followthemoney is not installed"
NO_PAGEFIND = "pagefind is not installed"
NO_VALIDATOR = "the Nu HTML checker is not installed"

# pagefind does not make the same bytes each time, and takes a moment: it is for those tests that ask for it.
os.environ["PAGEFIND_BINARY_PATH"] = ""

CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The theme's templates are compiled once for all tests of a process, whatever Python may write elsewhere."""
    jinja.BESIDE = tmp_path_factory.mktemp("compiled")
    jinja.MAY_WRITE = True


def absent(tool: str, reason: str) -> NoReturn:
    """Skip the test, by name; fail it where the tool is required."""
    if tool in REQUIRED:
        pytest.fail(f"{reason}, and SITREP_REQUIRE names it ({tool})", pytrace=False)
    pytest.skip(reason)


def allowed_skips() -> tuple[str, ...]:
    """How the reason of a skip may begin when tools are required: only what is truly not there."""
    return (
        *(() if SHARED.is_dir() else (NO_SHARED,)),
        *(() if "axe" in REQUIRED else (NO_AXE,)),
        *(() if "browser" in REQUIRED else (NO_BROWSER,)),
        *(() if "pagefind" in REQUIRED else (NO_PAGEFIND,)),
        *(() if "validator" in REQUIRED else (NO_VALIDATOR,)),
        *(() if "followthemoney" in REQUIRED else (NO_FTM,)),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test that is `mostly_slow(n)`, all but the first n cases are slow: `make test` keeps a share of each."""
    counts: Counter[str] = Counter()
    for item in items:
        if marker := item.get_closest_marker("mostly_slow"):
            function = item.nodeid.partition("[")[0]
            counts[function] += 1
            if counts[function] > marker.args[0]:
                item.add_marker(pytest.mark.slow)


def pytest_sessionfinish(session: pytest.Session) -> None:
    unexpected = _unexpected_skips(session.config)
    if unexpected and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if unexpected := _unexpected_skips(config):
        terminalreporter.section("unexpected skips", red=True)
        for line in unexpected:
            terminalreporter.line(line)
        terminalreporter.line(f"FAILED: {len(unexpected)} skipped, while SITREP_REQUIRE asks for every test", red=True)


def _unexpected_skips(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not REQUIRED or reporter is None or hasattr(config, "workerinput"):
        return []
    allowed = allowed_skips()
    skips = []
    for report in reporter.stats.get("skipped", []):
        place = report.longrepr
        reason = (place[2] if isinstance(place, tuple) else str(place)).removeprefix("Skipped: ")
        if not reason.startswith(allowed or ("\0",)):
            skips.append(f"{report.nodeid}: {reason}")
    return skips


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    return SHARED


# The browser ends with the module: Playwright's event loop, while it runs, forbids any other in its thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A running Chromium, as a Playwright `Browser`."""
    executable = os.environ.get("SITREP_CHROMIUM") or shutil.which("chromium")
    if not executable or not Path(executable).exists():
        absent("browser", NO_BROWSER)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("browser", "Playwright is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_ARGS))
        yield browser
        browser.close()


@pytest.fixture
def chromium_page(chromium: Any) -> Iterator[Any]:
    """A Playwright `Page` of its own context: no cookies, no cache, no storage."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """axe-core: a Playwright page, as it stands, to what it finds wrong, by all rules or by these."""
    script = _tool("SITREP_AXE", "axe-core/axe.min.js")
    if script is None:
        absent("axe", NO_AXE)
    source = script.read_text(encoding="utf-8")

    def violations(page: Any, *rules: str) -> list[str]:
        if not page.evaluate("() => typeof axe === 'object'"):
            page.evaluate(source)  # as a debugger would, whatever the page's policy says of scripts
        # Sizes of what is touched are WCAG 2.2's, which axe leaves out unless it is asked.
        only = (
            {"runOnly": {"type": "rule", "values": rules}} if rules else {"rules": {"target-size": {"enabled": True}}}
        )
        found = page.evaluate("(only) => axe.run(document, {resultTypes: ['violations'], ...only})", only)
        return [
            f"{made['id']}: {node['target']}: {' '.join(node['failureSummary'].split())}"
            for made in found["violations"]
            for node in made["nodes"]
        ]

    return violations


@pytest.fixture(scope="session")
def vnu() -> Callable[[Path], list[str]]:
    """The Nu HTML checker: a folder to its errors, as `file:line: message`; none is an empty list."""
    jar = _tool("SITREP_VNU", "vnu.jar")
    if jar is None or not shutil.which("java"):
        absent("validator", NO_VALIDATOR)

    def errors(folder: Path) -> list[str]:
        options = ("--errors-only", "--skip-non-html", "--also-check-css", "--stdout", "--exit-zero-always")
        command = ["java", "-jar", str(jar), "--format", "json", *options, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)
        try:
            messages = json.loads(done.stdout)["messages"]
        except (ValueError, KeyError):
            pytest.fail(f"the Nu HTML checker did not answer:\n{done.stdout}\n{done.stderr}", pytrace=False)
        return [_vnu_line(message, folder) for message in messages if message["type"] != "info"]

    return errors


def _tool(variable: str, name: str) -> Path | None:
    """A file of a tool that npm brings: where the environment says, else where `.ci/run` puts it."""
    if named := os.environ.get(variable):
        return Path(named) if Path(named).is_file() else None
    return next(iter(sorted((ROOT / ".ci" / "tools").glob(f"**/{name}"))), None)


def _vnu_line(message: dict[str, Any], folder: Path) -> str:
    path = unquote(message.get("url", "").removeprefix("file:"))
    file = Path(os.path.relpath(path, folder)).as_posix() if path else "?"
    extract = f"  {message['extract'].strip()!r}" if message.get("extract") else ""
    return f"{file}:{message.get('lastLine', 1)}: {message.get('message', message['type'])}{extract}"


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration site, built once a run by the command line from a copy of its own."""
    return once(tmp_path_factory, "demo", demonstration) / "site"


def demonstration(folder: Path, config: str = "") -> None:
    """Build the demonstration in a folder, with another configuration than its own where one is given."""
    for name in ("content", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "config.yaml").write_text(config or (ROOT / "config.yaml").read_text("utf-8"), encoding="utf-8")
    _built(folder)


def _built(folder: Path) -> None:
    command = [sys.executable, str(ROOT / "build.py"), "--root", str(folder), "build"]
    command += ["--output", str(folder / "site")]
    environment = {name: value for name, value in os.environ.items() if name != "PAGEFIND_BINARY_PATH"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the site does not build ({done.returncode}):\n{done.stdout}{done.stderr}")


@pytest.fixture(scope="session")
def made_up_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up site of 300 articles with all that can be turned on, built once a run."""
    return once(tmp_path_factory, "made-up", _build_made_up) / "site"


def _build_made_up(folder: Path) -> None:
    sys.path.insert(0, str(ROOT))
    from benchmarks import corpus

    corpus.write(folder, 300)
    # Without an address, which the links of its 404 page would lead to.
    config = "title: A made-up watch\njson: true\nfeeds: true\nbriefs: {every: month}\n"
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    _built(folder)


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None], *, seconds: float = 300) -> Path:
    """A folder of this name, filled by `make` in the first process that asks; the others wait and share its failure."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name  # the run's, shared by its workers
    outcome = folder.with_name(f"{folder.name}.outcome")
    try:
        folder.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + seconds
        while not outcome.exists():
            if time.monotonic() > deadline:
                pytest.fail(f"waited {seconds:.0f} s for {folder.name}", pytrace=False)
            time.sleep(0.05)
    else:
        failure = "another process could not make it"
        try:
            make(folder)
            failure = ""
        except Exception as error:
            failure = str(error)
        finally:
            partial = outcome.with_suffix(".partial")
            partial.write_text(failure, encoding="utf-8")
            partial.replace(outcome)
    if failure := outcome.read_text(encoding="utf-8"):
        pytest.fail(failure, pytrace=False)
    return folder
