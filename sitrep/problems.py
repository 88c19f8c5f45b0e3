"""Problems are values: a finding about a file, said in one line with its place and what to do about it."""

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
"""Where in a file's data: `("claims", 3, "by")`. Empty for the file as a whole."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One finding.

    `file` is relative to the project's root, with forward slashes. `at` is a place in the data; it is turned into
    `line` and `column` (both from 1; 0 when unknown) by `sitrep.read.yaml.located` when the problem is printed.
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
    """The place is the key itself, not its value: an unknown key, say."""

    @property
    def place(self) -> str:
        """`file:line:column`, as editors and terminals make it clickable."""
        return f"{self.file}:{self.line or 1}:{self.column or 1}" if self.file else ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        where = f"{self.place}: " if self.file else ""
        return printable(f"{where}{self.severity}: {self.message}{hint} [{self.code}]")


def printable(text: str) -> str:
    """The text on one line: white space as single blanks, control and format characters as escapes."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted by file, line, column, code and message; duplicates told once."""
    unique = {(p.file, p.line, p.column, p.code, p.message): p for p in problems}
    return [unique[key] for key in sorted(unique)]


def failing(problems: Iterable[Problem], *, strict: bool = False) -> bool:
    """Whether a run with these problems exits 1: any error, and with `strict` any warning; `info` never."""
    bad = {ERROR, WARNING} if strict else {ERROR}
    return any(p.severity in bad for p in problems)


CODES: dict[str, str] = {
    "ambiguous-alias": "A name or an alias is that of two actors, or of two sources.",
    "ambiguous-link": "A `[[link]]` without a kind means more than one thing.",
    "anatomy": "A brief lacks a part that briefs have.",
    "anchor-altered": "Where `at` records a quote, the text now has other words near to it.",
    "anchor-moved": "A quote, or a name, stands elsewhere than `at` records.",
    "asset": "A file of `content/assets/` might run in a browser. It is not published.",
    "attribution-not-in-text": "A speaker or a relay is named neither near the quote nor in the byline.",
    "byte-order-mark": "The file starts with a byte order mark. It is ignored.",
    "chain-loop": "The chain of a statement leads back to its own article.",
    "choice": "A word is not one of those the key takes.",
    "dangling": "An id, or a `[[link]]`, leads to nothing that is filed or mentioned in a sidecar.",
    "date": "A date is no EDTF date, or no day of the calendar.",
    "dates-differ": "Dates of one event exclude each other.",
    "duplicate-key": "A key stands twice in one mapping.",
    "encoding": "The file is not UTF-8.",
    "event-after-report": "An event is dated after the article that reports it as done.",
    "former-id": "An id in `formerly` is in use: one address cannot lead to two pages.",
    "half-place": "A place has one coordinate of two, or a radius about no point.",
    "id": "An id, or a file's name, cannot be an address.",
    "image": "An image's metadata cannot be removed. It is not published.",
    "import": "A line, or an object, of what is imported cannot be. It is skipped, the rest is imported.",
    "incomplete": "An article lacks its title, its source or its date.",
    "leak": "What was to be written holds words of a withheld file. Nothing was written.",
    "likelihood-with-confidence": "A likelihood and a level of confidence share a sentence.",
    "link": "A link of a chain names nobody, or more than one.",
    "lost-words": "Rendering loses words of the text. The file is withheld.",
    "marking": "A marking is not one of TLP 2.0. The file is withheld.",
    "missing-key": "Something that must be said is not.",
    "mixed-likelihood": "Terms of both rows of ICD 203 are used in one product.",
    "name-not-in-text": "An actor is listed, but none of its names stands in the text.",
    "near-duplicate": "Two actors, or two sources, have nearly the same name.",
    "no-asset": "A file of `content/assets/` that a text shows is not there.",
    "no-content": "There is no `content/` folder.",
    "no-index": "The index that pages are searched by could not be made. All else is as it should be.",
    "no-sidecar": "A text has no sidecar. It is withheld.",
    "no-text": "A sidecar has no text. It is withheld.",
    "no-words": "There are no words in the language of the site. Its interface is in English.",
    "not-assessed": "Articles speak of a claim that has no assessment.",
    "only-mentioned": "A thing has a page because a sidecar mentions it, and no file.",
    "part-of-loop": "A body or an event is part of itself.",
    "period-id": "A brief has the address of one that is assembled for a period.",
    "proposed": "An article says reviewed, but an annotation that import proposed has not been confirmed.",
    "public-repository": "Files are withheld from the site that a public repository shows.",
    "quote-ambiguous": "A quote stands in more than one place. The statement is not shown.",
    "quote-empty": "A quote is empty.",
    "quote-gone": "A quote is not in the text. The statement is not shown.",
    "relative-link": "A link in a text is relative to a place that the site does not have.",
    "release-inflates-origins": "Without a withheld file a claim has more known origins than it has with it.",
    "remote-image": "An image on another host is shown as a link.",
    "reversed-dates": "A tie, an office or a relation ends before it begins.",
    "site-changed": "A file of a built site has other bytes than the build wrote.",
    "site-file": "A built site holds a link, a file that not everyone may read, or what is no file.",
    "site-link": "A link in a built site leads nowhere, or loads something from elsewhere.",
    "site-missing": "A file that the build wrote is not there.",
    "site-preview": "A folder holds a preview, which is not for release.",
    "site-size": "A built site is too large for GitHub Pages.",
    "site-unknown": "A file in a built site was not written by the build.",
    "stale-sign-off": "A file has changed since it was reviewed. It counts as a draft.",
    "stray-file": "A file or folder in `content/` is not read.",
    "template": "A template cannot be used.",
    "too-deep": "Lists and mappings are nested too deeply.",
    "too-large": "The file is too large.",
    "too-slow": "The text cannot be rendered in bounded time. The file is withheld.",
    "total-falls": "A number of a measured claim is lower than an earlier one.",
    "twin-ids": "Two files differ in case alone. Both are withheld.",
    "twin-outputs": "Two things claim one page.",
    "type": "A value is of another type than its key takes.",
    "uncited": "A judgment or a paragraph of a brief cites nothing.",
    "uncorroborated": "Credibility 1, or high confidence, on one origin or on interested parties alone.",
    "unknown-key": "A key is not known.",
    "unnamed-not-in-text": "The words for an unnamed speaker are not in the text.",
    "unreadable": "The file cannot be read.",
    "vague-estimate": "A judgment says may, could, reportedly or the like, and not how likely.",
    "value": "A value is out of its bounds, or not in its form.",
    "value-not-quoted": "The quoted words do not hold the number of a value.",
    "withheld-mentioned": "A withheld thing has a page all the same, since released files mention it.",
    "words": "A catalogue of words lacks some, or has some that do not fit. They are in English.",
    "yaml": "The file is not valid YAML.",
    "yaml-alias": "Anchors, aliases and merge keys are not allowed.",
    "yaml-tag": "Tags are not allowed.",
    "yaml-trap": "YAML has cut or split a quote: a comment, or a comma in brackets.",
}
"""Every code a problem may have, and what it means. `docs/problems.md` has an example of each."""


class Unusable(Exception):
    """The command or the configuration cannot be used as it stands; nothing was done. Exit code 2."""

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []
