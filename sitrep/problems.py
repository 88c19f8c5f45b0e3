"""Problems: values that say in one line what is wrong, in which file, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
ERROR: Severity = "error"
WARNING: Severity = "warning"
INFO: Severity = "info"

Step = str | int
Path = tuple[Step, ...]
"""A place in a file's data, such as `("claims", 3, "by")`. Empty for the whole file."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One problem.

    `file` is relative to the project's root, with forward slashes. `at` is a place in the data, from which
    `build.locate` looks up `line` and `column` before the problem is reported. Both count from 1 and are 0 if unknown.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    file: str = ""
    at: Path = ()
    line: int = 0
    column: int = 0
    on_key: bool = False
    """Whether `at` means the key itself, such as an unknown key, and not its value."""

    @property
    def place(self) -> str:
        """`file:line:column`, which editors and terminals make clickable."""
        return f"{self.file}:{self.line or 1}:{self.column or 1}" if self.file else ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        where = f"{self.place}: " if self.file else ""
        return printable(f"{where}{self.severity}: {self.message}{hint} [{self.code}]")


def printable(text: str) -> str:
    """The text on one line: white space as single spaces, control and format characters as escapes."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted by file, line, column, code and message, without duplicates."""
    unique = {(p.file, p.line, p.column, p.code, p.message): p for p in problems}
    return [unique[key] for key in sorted(unique)]


def failing(problems: Iterable[Problem], *, strict: bool = False) -> bool:
    """Whether a run with these problems exits with 1: on any error, and with `strict` on any warning."""
    bad = {ERROR, WARNING} if strict else {ERROR}
    return any(p.severity in bad for p in problems)


CODES: dict[str, str] = {
    "ambiguous-alias": "Two actors, or two sources, share a name or an alias.",
    "ambiguous-link": "A `[[link]]` without a kind may refer to several entries.",
    "anatomy": "A brief lacks a standard part.",
    "anchor-altered": "The words of a quote are gone; similar words are near its recorded place.",
    "anchor-moved": "A quote or a name is not at its recorded place.",
    "asset": "A file of `content/assets/` might run in a browser. It is not published.",
    "attribution-not-in-text": "A speaker or a relay is named neither near the quote nor in the byline.",
    "byte-order-mark": "The file starts with a byte order mark. It is ignored.",
    "chain-loop": "The chain of a statement leads back to its own article.",
    "choice": "A word is not one of those that the key accepts.",
    "dangling": "An id or a `[[link]]` refers to an entry without a file and without a mention in a sidecar.",
    "date": "A date is not an EDTF date, or not a day of the calendar.",
    "dates-differ": "Dates of one event exclude each other.",
    "duplicate-key": "A mapping has the same key twice.",
    "encoding": "The file is not UTF-8.",
    "event-after-report": "An event is dated after the article that reports it as done.",
    "former-id": "An id in `formerly` is in use. One address cannot lead to two pages.",
    "half-place": "A place has only one of two coordinates, or a radius without a point.",
    "id": "An id, or a file's name, cannot be an address.",
    "image": "An image's metadata cannot be removed. It is not published.",
    "import": "A line or an object cannot be imported. It is skipped, the rest is imported.",
    "incomplete": "An article lacks its title, its source or its date.",
    "leak": "The output contains words of a withheld file. Nothing was written.",
    "likelihood-with-confidence": "One sentence has both a likelihood and a level of confidence.",
    "link": "A link of a chain names nobody, or more than one.",
    "lost-words": "Rendering loses words of the text. The file is withheld.",
    "marking": "A marking is not one of TLP 2.0. The file is withheld.",
    "missing-key": "A required key is missing.",
    "mixed-likelihood": "One product uses terms of both rows of ICD 203.",
    "name-not-in-text": "An actor is listed, but the text contains none of its names.",
    "near-duplicate": "Two actors, or two sources, have nearly the same name.",
    "no-asset": "A text shows a file that is not in `content/assets/`.",
    "no-content": "There is no `content/` folder.",
    "no-index": "The search index could not be built. The rest of the site is complete.",
    "no-sidecar": "A text has no sidecar. It is withheld.",
    "no-text": "A sidecar has no text. It is withheld.",
    "no-words": "There is no catalogue in the language of the site. Its interface is in English.",
    "not-assessed": "Articles speak of a claim that has no assessment.",
    "only-mentioned": "An entry has a page because a sidecar mentions it, but no file.",
    "part-of-loop": "A body or an event is part of itself.",
    "period-id": "A brief has the address of an automatic summary of a period.",
    "proposed": "A reviewed article has an unconfirmed annotation, proposed by an import.",
    "public-repository": "Files withheld from the site are visible in a public repository.",
    "quote-ambiguous": "A quote is in more than one place. The statement is not shown.",
    "quote-empty": "A quote is empty.",
    "quote-gone": "A quote is not in the text. The statement is not shown.",
    "relative-link": "A relative link in a text leads nowhere on the site.",
    "release-inflates-origins": "Withholding a file gives a claim more origins than it has.",
    "remote-image": "An image on another host is shown as a link.",
    "reversed-dates": "A tie, an office or a relation ends before it begins.",
    "site-changed": "A file of a built site has changed since the build.",
    "site-file": "A built site contains a link, a special file, or a file that not everyone may read.",
    "site-link": "A link in a built site leads nowhere, or loads something from elsewhere.",
    "site-missing": "A file that the build wrote is missing.",
    "site-preview": "A folder contains a preview, which is not for release.",
    "site-size": "A built site is too large for GitHub Pages.",
    "site-unknown": "A file in a built site was not written by the build.",
    "stale-sign-off": "A file has changed since it was reviewed. It counts as a draft.",
    "stray-file": "A file or folder in `content/` is not read.",
    "template": "A template cannot be used.",
    "too-deep": "Lists and mappings are nested too deeply.",
    "too-large": "The file is too large.",
    "too-slow": "The text cannot be rendered in bounded time. The file is withheld.",
    "total-falls": "A number of a measured claim is lower than an earlier one.",
    "twin-ids": "The names of two files differ only in case. Both are withheld.",
    "twin-outputs": "Two entries have the same address.",
    "type": "A value has the wrong type.",
    "uncited": "A judgment or a paragraph of a brief cites nothing.",
    "uncorroborated": "Credibility 1, or high confidence, rests on one origin or only on interested parties.",
    "unknown-key": "A key is unknown.",
    "unnamed-not-in-text": "The words for an unnamed speaker are not in the text.",
    "unreadable": "The file cannot be read.",
    "vague-estimate": "A judgment says may, could, reportedly or the like instead of a likelihood.",
    "value": "A value is out of range or in the wrong format.",
    "value-not-quoted": "The quoted words do not contain the number of a value.",
    "withheld-mentioned": "A withheld entry still has a page, because released files mention it.",
    "words": "A catalogue lacks words, or has words that do not fit. These are in English.",
    "yaml": "The file is not valid YAML.",
    "yaml-alias": "Anchors, aliases and merge keys are not allowed.",
    "yaml-tag": "Tags are not allowed.",
    "yaml-trap": "YAML has cut or split a quote: a comment, or a comma in brackets.",
}
"""The codes of problems and their meanings. `docs/problems.md` has an example of each."""


class Unusable(Exception):
    """The command or the configuration cannot be used, and nothing was done. Exit code 2."""

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []
