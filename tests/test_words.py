"""The words of the interface: all are in one catalogue, a language is one file more, and what does not fit is told."""

from __future__ import annotations

import ast
import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
import yaml

from projects import GOOD, sitrep, tree, write
from sitrep.i18n.catalogue import Layer, read
from sitrep.i18n.words import Forms, Plural, Words
from sitrep.render.jinja import Environment
from words import ENGLISH, PATH

ROOT = Path(__file__).resolve().parent.parent
THEME = ROOT / "templates"
SOURCE = yaml.safe_load(PATH.read_text("utf-8"))
KEYS = {f"{group}.{key}" for group, words in SOURCE.items() if group != "plural" for key in words}

# -- one catalogue ----------------------------------------------------------------------------------------------------


def asked() -> tuple[set[str], set[str], set[str]]:
    """What asks for words: whole keys, patterns of keys, and groups."""
    keys: set[str] = set()
    patterns: set[str] = set()
    groups: set[str] = set()
    for path in THEME.glob("*.html"):
        text = path.read_text("utf-8")
        keys |= {f"{group}.{key}" for group, key in re.findall(r"\bwords\.(\w+)\.(\w+)", text)}
        groups |= set(re.findall(r"\bwords\.(\w+)\[", text))
    for path in (THEME / "assets").glob("*.js"):
        groups |= set(re.findall(r'"words:(\w+)"', path.read_text("utf-8")))
    for path in (ROOT / "sitrep").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            owner = getattr(node.func, "value", None)
            if name == "term":
                groups |= {found for found in constants(node.args[0]) if found in SOURCE}
            elif name == "say" or (name == "html" and getattr(owner, "attr", getattr(owner, "id", "")) == "say"):
                keys |= constants(node.args[0])
                patterns |= {joined(part) for part in ast.walk(node.args[0]) if isinstance(part, ast.JoinedStr)}
    # A key that is chosen first and said then.
    for path in (ROOT / "sitrep").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in KEYS:
                keys.add(node.value)
    return keys, patterns, groups


def constants(node: ast.expr) -> set[str]:
    if isinstance(node, ast.IfExp):
        return constants(node.body) | constants(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def joined(node: ast.JoinedStr) -> str:
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w ]+" for part in node.values)


def test_every_key_is_used_and_every_key_used_is_there() -> None:
    keys, patterns, groups = asked()
    assert {key for key in keys if re.fullmatch(r"\w+\.[\w ]+", key)} - KEYS == set()
    assert groups - SOURCE.keys() == set()
    dotted = {pattern for pattern in patterns if r"\." in pattern and r"\ " not in pattern}
    found = {pattern: {key for key in KEYS if re.fullmatch(pattern, key)} for pattern in dotted}
    assert [pattern for pattern, matched in found.items() if not matched] == []
    held = {key for pattern, matched in found.items() if r"\." in pattern.split("[")[0] for key in matched}
    used = keys | held | {key for key in KEYS if key.split(".")[0] in groups}
    assert KEYS - used == set()


def test_every_template_can_be_compiled_in_english() -> None:
    environment = Environment(ENGLISH)
    for path in THEME.glob("*.html"):
        environment.compile(path.read_text("utf-8"), path.name)


def test_scripts_hold_no_words() -> None:
    """What a reader sees or hears begins with a capital, or is given to an attribute that is read out."""
    keys = {"Enter", "Escape", "ArrowDown", "ArrowUp", "Tab", "Control+K", "/ Control+K", "Element"}
    for path in (THEME / "assets").glob("*.js"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        said = re.findall(r'"((?:/ )?[A-Z][a-z]+[^"\n]*)"', text)
        said += re.findall(r'(?:textContent|placeholder|title) = "([^"]*[a-z][^"]*)"', text)
        assert [words for words in said if words not in keys] == [], path.name


def test_terms_of_the_files_all_have_words() -> None:
    from typing import get_args

    from sitrep.analysis import history, phrasing
    from sitrep.model import records

    vocabularies = {
        "stance": records.Stance,
        "stances": records.Stance,
        "now": records.Stance,
        "then": records.Stance,
        "likelihood": records.Likelihood,
        "confidence": records.Confidence,
        "reliability": records.Reliability,
        "credibility": records.Credibility,
        "phase": records.Phase,
        "status": records.Status,
    }
    for group, terms in vocabularies.items():
        assert set(SOURCE[group]) == set(get_args(terms)), group
    assert set(get_args(records.ActorKind)) <= SOURCE["what"].keys()
    assert set(records.SINGULAR.values()) <= SOURCE["kind"].keys()
    assert set(phrasing.MOVES) == SOURCE["moved"].keys()
    assert history


# -- in templates -----------------------------------------------------------------------------------------------------

SMALL = """
plural: {one: n = 1}
g:
  plain: a & b
  markup_html: <b>{who}</b> says
  place: to {who}, {how}
  count: {one: "{n} thing", other: "{n} things"}
  and: and
t:
  known: shown
"""


def small(template: str, **values: Any) -> str:
    words = read([Layer("en", "en.yaml", SMALL.encode())])[0]
    return Environment(words, autoescape=True).from_string(template).render(**values)


def test_words_stand_in_templates() -> None:
    assert small("{{ words.g.plain }}|{{ words.g.and }}") == "a &amp; b|and"
    assert small("{{ words.g.markup_html(who=x) }}", x="<i>") == "<b>&lt;i&gt;</b> says"
    assert small("{{ words.g.place(how=1, who=x) }}", x="&") == "to &amp;, 1"
    assert small("{% set a = words.g.place(how=1, who=x) %}{{ a }}", x="&") == "to &amp;, 1"
    assert small("{{ words.g.count(n=n) }}, {{ words.g.count(n=n + 1) }}", n=1) == "1 thing, 2 things"
    assert small("{{ words.t['known'] }} {{ words.t[x] }}", x="<other>") == "shown &lt;other&gt;"


def test_words_are_set_in_when_a_template_is_compiled() -> None:
    words = read([Layer("en", "en.yaml", SMALL.encode())])[0]
    made = Environment(words, autoescape=True).compile("<p>{{ words.g.plain }}</p>{{ words.g.and }}", raw=True)
    assert "'<p>a &amp; b</p>and'" in made


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("x\n{{ words.g.absent }}", "there are no words words.g.absent"),
        ("x\n{{ words.absent['x'] }}", "there are no words words.absent"),
        ("x\n{{ words.g.place }}", "words.g.place has places"),
        ("x\n{{ words.g.count }}", "words.g.count has places"),
        ("x\n{{ words.g.place(who=1) }}", "has a place 'how' that nothing fills"),
        ("x\n{{ words.g.count(who=1) }}", "a count is missing"),
    ],
)
def test_words_that_are_not_there_are_a_fault_of_the_template(template: str, why: str, tmp_path: Path) -> None:
    root = write(tmp_path, {**GOOD, "templates/about.html": template.replace("words.g.", "words.list.")})
    told = sitrep(root, "build", "--quiet").out
    assert "templates/about.html:2:1: error: the template cannot be used: " in told
    import jinja2

    with pytest.raises(jinja2.TemplateSyntaxError, match=re.escape(why)):
        small(template)


# -- plurals ----------------------------------------------------------------------------------------------------------

RULES: dict[str, tuple[dict[str, str], dict[str, list[int]]]] = {
    # Unicode CLDR, cardinal rules and their samples of whole numbers.
    "en": ({"one": "i = 1 and v = 0"}, {"one": [1], "other": [0, 2, 16, 100, 1000]}),
    "fr": ({"one": "i = 0,1"}, {"one": [0, 1], "other": [2, 17, 100]}),
    "ja": ({}, {"other": [0, 1, 2, 100]}),
    "pl": (
        {
            "one": "i = 1 and v = 0",
            "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
            "many": "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 12..14",
        },
        {"one": [1], "few": [2, 3, 4, 22, 23, 104], "many": [0, 5, 11, 12, 13, 14, 19, 25, 101, 112]},
    ),
    "ar": (
        {"zero": "n = 0", "one": "n = 1", "two": "n = 2", "few": "n % 100 = 3..10", "many": "n % 100 = 11..99"},
        {"zero": [0], "one": [1], "two": [2], "few": [3, 10, 103], "many": [11, 26, 111], "other": [100, 102, 200]},
    ),
}


@pytest.mark.parametrize("language", RULES)
def test_plurals_are_those_of_cldr(language: str) -> None:
    rules, samples = RULES[language]
    plural = Plural(rules)
    assert {count: plural(count) for found in samples.values() for count in found} == {
        count: category for category, found in samples.items() for count in found
    }


@pytest.mark.parametrize("text", ["", "n is 1", "n = 1 or", "n = x", "import os", "n = 1.5"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no condition"):
        Plural({"one": text})


# -- another language -------------------------------------------------------------------------------------------------


def in_layers(*texts: str, languages: tuple[str, ...] = ("de",)) -> tuple[Words, list[str]]:
    layers = [Layer("en", "templates/languages/en.yaml", PATH.read_bytes())]
    layers += [Layer(lang, f"{lang}.yaml", text.encode()) for lang, text in zip(languages, texts, strict=True)]
    words, problems = read(layers)
    return words, [str(problem) for problem in problems]


def whole(change: Any) -> dict[str, Any]:
    """All of English, each text changed."""
    made: dict[str, Any] = {"plural": SOURCE["plural"]}
    for group, words in SOURCE.items():
        if group != "plural":
            made[group] = {
                key: {form: change(text) for form, text in word.items()} if isinstance(word, dict) else change(word)
                for key, word in words.items()
            }
    return made


def written(made: dict[str, Any]) -> str:
    return yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=1000)


def test_a_whole_language_has_no_problems() -> None:
    words, problems = in_layers(written(whole("⟦{}⟧".format)))
    assert problems == []
    assert words("claim.not_assessed") == "⟦Not assessed.⟧"
    assert words("count.claims", n=1) == "⟦1 claim⟧"


def test_what_a_language_lacks_is_in_english_with_its_plurals_and_told_group_by_group() -> None:
    made = whole(str.upper)
    del made["list"], made["claim"]["open"], made["claim"]["for"], made["count"]["claims"]
    made["plural"] = {}
    for group in made.values():
        for key, word in group.items():
            if isinstance(word, dict):
                group[key] = word["other"].replace("{N}", "{n}")
    text = re.sub(r"\{[A-Z_]+\}", lambda match: match[0].lower(), written(made))
    words, problems = in_layers(text)
    assert words("claim.not_assessed") == "NOT ASSESSED."
    assert words("claim.open") == "Open questions"
    assert [words("count.claims", n=n) for n in (1, 2)] == ["1 claim", "2 claims"]
    assert words("count.events", n=1) == "1 EVENTS"
    told = [problem for problem in problems if "markup" not in problem]
    line = 1 + text.splitlines().index("claim:")
    assert [problem.split(" (")[0] for problem in told if "claim has" in problem] == [
        f"de.yaml:{line}:1: warning: claim has no words for: for, open"
    ]
    assert any("de.yaml:1:1: warning: there is no group of words list" in problem for problem in told)
    assert any("count has no words for: claims (" in problem for problem in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n", "de.yaml:1:1: warning: the catalogue should be a mapping"),
        ("{}\n", "de.yaml:1:1: warning: the catalogue does not say what plurals de has"),
        ("plural: {one: 1}\n", "de.yaml:1:9: warning: the plurals cannot be used: '1' is no condition"),
        ("plural: {ones: n = 1}\n", "de.yaml:1:9: warning: the plurals cannot be used: 'ones' is no plural category"),
        ("plural: none\n", "de.yaml:1:9: warning: the plurals should be a mapping"),
        ("plural: {}\nclaim: text\n", "de.yaml:2:8: warning: claim should be a mapping (key: words)"),
        ("plural: {}\nclaim: {open: [a]}\n", "de.yaml:2:15: warning: claim.open should be text"),
        ("plural: {}\ncount: {claims: [a]}\n", "de.yaml:2:17: warning: count.claims should be a mapping of plural"),
        ("plural: {}\nlist: {more: '{n.real}'}\n", "de.yaml:2:14: warning: braces stand for nothing but a place"),
        ("plural: {}\nlist: {more: '{0}'}\n", "de.yaml:2:14: warning: braces stand for nothing but a place"),
        ("plural: {}\nlist: {more: '{m}'}\n", "de.yaml:2:14: warning: English has no place {m} in list.more"),
        ("plural: {}\nmethod: {gap_html: <script>x</script>}\n", "method.gap_html has other markup than English"),
        (
            "plural: {one: n = 1, few: n = 2..4}\ncount: {claims: {one: '1', other: '{n}'}}\n",
            "de.yaml:2:9: warning: count.claims lacks the form 'few'",
        ),
        ("plural: {}\nclaim: {open: a, open: b}\n", "de.yaml:2:18: error: the key 'open' stands twice"),
        (
            "plural: {}\nclaim: {opne: a}\n",
            "de.yaml:2:9: warning: English has no words claim.opne (did you mean open",
        ),
    ],
)
def test_what_does_not_fit_is_told_where_it_stands_and_is_in_english(text: str, told: str) -> None:
    words, problems = in_layers(text)
    assert any(told in problem for problem in problems), problems
    for group, made in ENGLISH.groups.items():
        for key, word in made.items():
            found = words.word(group, key)
            assert found == word or (isinstance(found, Forms) and isinstance(word, Forms) and found.texts == word.texts)


def test_a_region_is_laid_over_its_language_and_that_over_english(tmp_path: Path) -> None:
    german = whole("de {}".format)
    files: dict[str, str | bytes] = {
        **GOOD,
        "templates/languages/de.yaml": written(german),
        "templates/languages/de-AT.yaml": "menu: {claims: Oesterreich}\n",
        "templates/languages/fr.yaml": "not read: at all\n",
    }
    root = write(tmp_path, files, config="title: T\nlanguage: de-at\n")
    ran = sitrep(root, "build", "--quiet")
    assert "words" not in ran.out, ran.out
    page = (root / "site/index.html").read_text("utf-8")
    assert ">Oesterreich<" in page
    assert ">de Articles<" in page
    assert '<html lang="de-at"' in page


def test_a_language_without_words_is_in_english_and_that_is_no_fault(tmp_path: Path) -> None:
    root = write(tmp_path, GOOD, config="title: T\nlanguage: cy\n")
    assert sitrep(root, "build").code == 0
    ran = sitrep(root, "check")
    assert "config.yaml:2:11: info: there are no words in cy" in ran.out
    assert ">Articles<" in (root / "site/index.html").read_text("utf-8")
    assert "no-words" not in sitrep(write(tmp_path, {}, config="title: T\nlanguage: en-GB\n"), "check").out


def test_a_site_in_english_may_say_some_things_otherwise(tmp_path: Path) -> None:
    root = write(tmp_path, {**GOOD, "templates/languages/en.yaml": "article: {article: Report}\n"})
    ran = sitrep(root, "build", "--quiet")
    assert "words" not in ran.out
    assert '<p class="kind">Report' in (root / "site/articles/good.html").read_text("utf-8")


def test_scripts_and_styles_are_published_with_the_words_of_the_language(tmp_path: Path) -> None:
    made = whole("⟦{}⟧".format)
    own = '.a { content: "words:cover.preview"; } .b { content: "words:cover.none" "words:none.preview"; }'
    files = {**GOOD, "templates/languages/qps.yaml": written(made), "templates/assets/own.css": own}
    root = write(tmp_path, files, config="title: T\nlanguage: qps\n")
    sitrep(root, "build", "--quiet")
    style = next((root / "site/theme").glob("style.*.css")).read_text("utf-8")
    assert style.count(f'"{made["cover"]["preview"]}"') == 2
    assert '.b { content: "words:cover.none" "words:none.preview"; }' in style
    scripts = {path.name.split(".")[0]: path.read_text("utf-8") for path in (root / "site/theme").glob("*.js")}
    assert not any('"words:' in text for text in scripts.values())
    for name, group in (("site", "tools_script"), ("ways", "find_script"), ("ways", "card_script"), ("ways", "kind")):
        assert json.dumps(made[group], ensure_ascii=False, separators=(",", ":")) in scripts[name], group


@pytest.mark.parametrize("changed", ["words", "plural", "gone"])
def test_a_change_of_words_makes_every_page_anew(changed: str, tmp_path: Path) -> None:
    name = "templates/languages/de.yaml"
    catalogue = written(whole("de {}".format))
    root = write(tmp_path / "one", {**GOOD, name: catalogue}, config="title: T\nlanguage: de\n")
    sitrep(root, "build", "--quiet")
    if changed == "gone":
        (root / name).unlink()
    else:
        new = "de Articles", "de Reports" if changed == "words" else "one: n = 1", "one: n = 7"
        new = ("de Articles", "de Reports") if changed == "words" else ("one: n = 1", "one: n = 0,1")
        assert new[0] in catalogue
        write(root, {name: catalogue.replace(*new)}, config="")
    sitrep(root, "build", "--quiet")
    clean = tmp_path / "two"
    shutil.copytree(root, clean, ignore=shutil.ignore_patterns(".sitrep", "site"))
    sitrep(clean, "build", "--quiet")
    site, wanted = tree(root / "site"), tree(clean / "site")
    assert site.keys() == wanted.keys()
    assert [path for path in site if site[path] != wanted[path]] == []


# -- the demonstration, in another language ---------------------------------------------------------------------------

LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "абцдефгхийклмнопярстувшщызАБЦДЕФГХИЙКЛМНОПЯРСТУВШЩЫЗ"
)
"""Content is put into Cyrillic letters, one for one, so that every Latin word on a page is the interface's."""
FREE = {
    *("title", "name", "aliases", "summary", "statement", "description", "measure", "because", "would_change"),
    *("quote", "quotes", "note", "translation", "unnamed", "document", "text", "how", "roles"),
}
"""Keys with words for people; what stands below any other is an id, a term or a date."""
KEPT = re.compile(r"\[\[[^\]|]*|\]\(.*?\)|<[^>]*>|https?://\S+|&\w+;")
"""Of a text: where links lead, tags, addresses."""


def cyrillic(text: str) -> str:
    parts, at = [], 0
    for match in KEPT.finditer(text):
        parts += [text[at : match.start()].translate(LETTERS), match[0]]
        at = match.end()
    return "".join(parts) + text[at:].translate(LETTERS)


def translated(value: Any, free: bool, path: tuple[str, ...] = ()) -> Any:
    if isinstance(value, list):
        return [translated(item, free, path) for item in value]
    if isinstance(value, dict):
        return {key: translated(item, free_below(key, item, free, path), (*path, key)) for key, item in value.items()}
    return cyrillic(value) if free and isinstance(value, str) else value


def free_below(key: str, value: Any, free: bool, path: tuple[str, ...]) -> bool:
    if key == "how":  # of an update and of a conflict a term
        return not {"updates", "conflicts"} & set(path)
    if key == "roles":  # of an event actors, by role
        return False
    if key == "place":
        return isinstance(value, str)
    return key in FREE or (free and key in ("exact", "prefix", "suffix"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with content in Cyrillic and the interface in ⟦a language of its own⟧."""
    root = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(ROOT / "content", root / "content")
    for path in sorted((root / "content").rglob("*.yaml")):
        data = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
        path.write_text(yaml.safe_dump(translated(data, False), allow_unicode=True, sort_keys=False), "utf-8")
    for path in sorted((root / "content").rglob("*.md")):
        path.write_text(cyrillic(path.read_text("utf-8")), "utf-8")
    config = {**yaml.safe_load((ROOT / "config.yaml").read_text("utf-8")), "language": "qps", "exports": ["text"]}
    config |= {"title": cyrillic(config["title"]), "description": cyrillic(config["description"])}
    files: dict[str, str | bytes] = {"templates/languages/qps.yaml": written(whole("⟦{}⟧".format))}
    write(root, files, config=yaml.safe_dump(config, allow_unicode=True))
    ran = sitrep(root, "build", "--quiet")
    assert "error" not in ran.out, ran.out
    return root


ALLOWED = re.compile(
    r"TLP|CLEAR|https?://\S+|\bQ\d+\b|\bISO\b|EDTF|\d{4}-[wW]\d\d|[\dX]{4}-[\dX]{2}(?:-[\dX]{2})?|T\d\d:\d\d\S*"
)
"""What is no word: markings, addresses, identifiers, dates."""
CODES = re.compile(r"\b[A-Z]{2}(?:-[A-Z]{2})?\b|\b[a-z]{2}\b(?=$)")
"""Languages and countries, as files name them."""
SHOWN = ("aria-label", "title", "alt", "placeholder", "content")
VISIBLE = {"description", "og:title", "og:description", "og:image:alt"}


def outside(text: str) -> str:
    """What stands in no brackets."""
    while True:
        less = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
        if less == text:
            return text
        text = less


def told(page: str) -> Iterator[str]:
    """Every text that a reader sees or hears on a page: blocks whole, attributes one by one."""
    tree = html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2]
        for name, value in element.attrib.items():
            if name in SHOWN and (tag != "meta" or element.get("name", element.get("property", "")) in VISIBLE):
                yield value
    for skipped in tree.xpath("//script|//style"):
        skipped.text = ""
    yield "".join(tree.getroot().itertext())


def english(text: str, ids: set[str]) -> list[str]:
    """The words of a text that are neither content nor in brackets."""
    text = CODES.sub(" ", ALLOWED.sub(" ", outside(text)))
    return [word for word in re.findall(r"[A-Za-z][A-Za-z’-]+", text) if word not in ids and word.lower() not in ids]


@pytest.fixture(scope="module")
def ids(elsewhere: Path) -> set[str]:
    """Ids stand for the names of things that nobody has named; classes of events are shown as they are coded."""
    from sitrep.model.records import PLOVER

    found = {"actor", *PLOVER, *(mode for modes in PLOVER.values() for mode in modes)} - {"actor"}
    for path in tree(elsewhere / "site"):
        found.add(Path(path).stem)
    for path in (elsewhere / "content").rglob("*.yaml"):
        found |= set(re.findall(r"^(?:language|iso3166): (\S+)", path.read_text("utf-8"), re.MULTILINE))
    return found


def test_every_page_speaks_the_language_of_the_site(elsewhere: Path, ids: set[str]) -> None:
    kinds: dict[str, int] = {}
    for path in sorted((elsewhere / "site").rglob("*.html")):
        name = path.relative_to(elsewhere / "site").as_posix()
        page = path.read_text("utf-8")
        for text in told(page):
            assert english(text, ids) == [], (name, text.strip()[:400])
        assert "⟦" in page
        kinds[name.split("/")[0]] = kinds.get(name.split("/")[0], 0) + 1
    expected = {"index.html", "about.html", "method.html", "404.html", "timeline.html", "network.html", "map.html"}
    assert expected | {"articles", "actors", "events", "sources", "claims", "briefs", "topics"} <= kinds.keys()


def test_feeds_and_texts_speak_it_too(elsewhere: Path, ids: set[str]) -> None:
    import lxml.etree

    site = elsewhere / "site"
    texts: dict[str, str] = {}
    for path in sorted(site.rglob("*.atom")):
        feed = lxml.etree.parse(str(path))
        words = [element.text or "" for element in feed.iter("{*}title", "{*}subtitle", "{*}content")]
        texts[path.name] = re.sub(r"<[^>]*>", " ", "\n".join(words))
    for path in sorted((site / "data").rglob("*.md")):
        texts[path.name] = re.sub(r"<[^>]*>", " ", path.read_text("utf-8"))
    assert any(name.endswith(".atom") for name in texts)
    assert any(name.endswith(".md") for name in texts)
    for name, text in texts.items():
        assert english(html.unescape(text), ids) == [], name


def test_the_same_content_has_the_same_data_in_any_language(elsewhere: Path, tmp_path: Path) -> None:
    """Terms are shown in the language of the site, and stay what they are in JSON and in classes."""
    claim = json.loads((elsewhere / "site/claims/dprk-troops-in-russia.json").read_text("utf-8"))
    assert {made["stance"] for made in claim["assertions"]} >= {"asserts", "silent"}
    assert claim["assessments"][0]["likelihood"] in SOURCE["likelihood"]
    page = (elsewhere / "site/claims/dprk-troops-in-russia.html").read_text("utf-8")
    assert '<span class="s silent">⟦silent⟧</span>' in page
    assert re.search(r'<span class="scale" data-l="[a-z ]+"></span>', page)


def test_a_page_is_as_quick_in_any_language() -> None:
    """Words without places are part of the template: nothing is looked up for them when a page is made."""
    made = Environment(ENGLISH, autoescape=True)
    compiled = made.compile((THEME / "article.html").read_text("utf-8"), "article.html", raw=True)
    assert "words" not in re.sub(r"'[^'\n]*'", "", compiled)
