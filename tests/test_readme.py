"""What the README promises, in a fresh clone: it builds and checks, and so does a new project.

`SITREP_E2E=1` also runs `make site` there, which asks the package registry.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from sitecheck import faults

E2E = bool(os.environ.get("SITREP_E2E"))


def run(*command: str, cwd: Path, home: Path, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    """A command as somebody new would run it: with an empty home, and nothing of ours in the environment."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY")
    kept += ("NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_CERT", "PIP_CONFIG_FILE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=seconds
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def clone(tmp_path: Path, home: Path) -> Path:
    """A fresh clone of what is committed; of a tree without a repository, a copy."""
    if (ROOT / ".git").exists():
        run("git", "clone", "-q", "--no-hardlinks", str(ROOT), "clone", cwd=tmp_path, home=home)
    else:
        unwanted = shutil.ignore_patterns(".git", ".venv", "site", "preview", ".sitrep", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, tmp_path / "clone", ignore=unwanted)
    return tmp_path / "clone"


def sitrep(clone: Path, home: Path, *arguments: str) -> str:
    return run(sys.executable, str(clone / "build.py"), *arguments, cwd=clone, home=home).stdout


def test_a_fresh_clone_builds_and_checks(clone: Path, home: Path) -> None:
    out = sitrep(clone, home)
    assert "pages in site: " in out
    assert (clone / "site/index.html").is_file()
    assert not faults(clone / "site")
    sitrep(clone, home, "check", "--strict")  # exits with 0
    assert ": 0 files written, 0 deleted" in sitrep(clone, home)


def test_a_new_project_builds_and_checks_in_a_fresh_clone(clone: Path, home: Path, tmp_path: Path) -> None:
    project = tmp_path / "my project"
    sitrep(clone, home, "init", str(project))
    assert (project / ".github/workflows/pages.yml").is_file()
    for kind in ("article", "actor", "event", "source", "claim", "brief", "topic"):
        assert len(list((project / f"content/{kind}s").glob("*.yaml"))) == 1
    sitrep(clone, home, "--root", str(project), "check", "--strict")
    sitrep(clone, home, "--root", str(project), "build", "--strict", "--quiet")
    assert not faults(project / "site")
    report = tmp_path / "report.txt"
    report.write_text("The Example Authority spoke.\n\nNobody else did.\n", encoding="utf-8")
    sitrep(clone, home, "--root", str(project), "import", str(report), "--published", "2024-02-01")
    sitrep(clone, home, "--root", str(project), "build", "--preview", "--quiet")
    page = project / "preview/articles/2024-02-01-the-example-authority-spoke.html"
    assert 'href="../actors/example-authority.html"' in page.read_text("utf-8")
    assert not (project / "site/articles" / page.name).exists()


if E2E:

    def test_make_site_sets_everything_up(clone: Path, home: Path) -> None:
        run("make", "site", cwd=clone, home=home, seconds=900)
        assert (clone / "site/index.html").is_file()
        installed = run(str(clone / ".venv/bin/sitrep"), "--version", cwd=home, home=home).stdout
        assert installed.startswith("sitrep ")
        project = home / "p"
        run(str(clone / ".venv/bin/sitrep"), "init", str(project), cwd=home, home=home)
        run(str(clone / ".venv/bin/sitrep"), "--root", str(project), "build", "--strict", cwd=home, home=home)
        assert (project / "site/index.html").is_file()
