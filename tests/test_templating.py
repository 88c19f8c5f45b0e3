"""Our Jinja is Jinja: whatever a template says, it comes out as from the plain one, faults included."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import nodes
from markupsafe import Markup

from sitrep.i18n.words import Words
from sitrep.render import jinja
from sitrep.render.jinja import Environment

OPTIONS: dict[str, Any] = {"autoescape": True, "undefined": jinja2.StrictUndefined, "trim_blocks": True}
MACROS = """
{% macro link(l, class="") %}<a{% if class %} class="{{ class }}"{% endif %}>{{ l }}</a>{% endmacro %}
{% macro around(l) %}({{ link(l) }}){{ caller() if caller is defined else "" }}{% endmacro %}
{% macro any() %}{{ varargs|join("+") }}{{ kwargs.k }}{% endmacro %}
"""
TEMPLATES = {
    "value": "{{ page.text }} {{ page.html }} {{ page.number }} {{ page.nothing }} {{ page.many }}",
    "attribute": "{{ page.inner.text }}{% if page.inner.html %}{{ page.inner.html }}{% endif %}",
    "method": "{{ page.text.upper() }} {{ page.text.startswith('<') }}",
    "keyword": "{{ page.class }}",
    "item": "{{ page.held.key }} {{ page.held['key'] }}",
    "defined": "{{ page.absent is defined }} {{ page.absent|default('none') }} {{ page.text is defined }}",
    "loop": "{% for x in page.many %}{% if not loop.first %}, {% endif %}{{ x }}{% else %}none{% endfor %}",
    "recursive": "{% for x in page.many recursive %}{{ x }}{{ loop(['<']) if loop.depth < 2 }}{% endfor %}",
    "macro": "{% from 'macros' import link %}{{ link(page.text) }}{{ link(page.html) }}{{ link(page.text, 'a&b') }}",
    "named": "{% from 'macros' import link %}{{ link(page.text, class=page.text) }}{{ link(*[page.text]) }}",
    "module": "{% import 'macros' as m %}{{ m.link(page.text) }}",
    "nested": "{% from 'macros' import around %}{{ around(page.text) }}",
    "call": "{% from 'macros' import around %}{% call around(page.html) %}<b>{{ page.text }}{% endcall %}",
    "extra": "{% from 'macros' import any %}{{ any(page.text, page.html, k='<') }}",
    "set": "{% set x %}<i>{{ page.text }}</i>{% endset %}{{ x }}{{ x ~ page.text }}{{ page.text ~ page.number }}",
    "off": "{% from 'macros' import link %}{% autoescape false %}{{ page.text }}{{ link('<') }}{% endautoescape %}",
    "filters": "{{ page.text|e }}{{ page.text|safe }}{{ page.many|join('<') }}{{ page.many|map('upper')|list }}",
    "function": "{{ range(3)|list }}{{ page.speak('<') }}",
    "extended": "{% extends 'base' %}{% block main %}{{ super() }}{{ page.text }}{% endblock %}",
    "no attribute": "line\n{{ page.absent }}",
    "no name": "{{ page.text }}\n\n{{ absent }}",
    "no macro": "{% from 'macros' import absent %}\n{{ absent(page.text) }}",
    "of none": "{{ page.nothing.text }}",
}
LOADER = jinja2.DictLoader({**TEMPLATES, "macros": MACROS, "base": "<{% block main %}{{ page.number }}{% endblock %}>"})
OURS = Environment(loader=LOADER, **OPTIONS)
PLAIN = jinja2.Environment(loader=LOADER, **OPTIONS)


@dataclass
class Inner:
    text: str
    html: Markup


@dataclass
class Page:
    text: str
    html: Markup
    number: float
    many: list[str]
    inner: Inner
    nothing: None = None
    held: dict[str, str] = field(default_factory=lambda: {"key": "<'\"&>"})

    def speak(self, words: str) -> str:
        return words + self.text


setattr(Page, "class", "<class>")
texts = st.text(st.sampled_from("<>&'\"a é\0") | st.characters(), max_size=12)
pages = st.builds(
    Page,
    text=texts,
    html=texts.map(Markup),
    number=st.integers() | st.floats(),
    many=st.lists(texts, max_size=3),
    inner=st.builds(Inner, text=texts, html=texts.map(Markup)),
)


def said(environment: jinja2.Environment, name: str, page: Page) -> str:
    """What comes of a template, or what is wrong with it and where."""
    try:
        return environment.get_template(name).render(page=page)
    except jinja2.TemplateError as error:
        lines, at = [], error.__traceback__
        while at:
            lines += [at.tb_lineno] if at.tb_frame.f_code.co_filename == "<template>" else []
            at = at.tb_next
        return f"{type(error).__name__}: {error.message} at {lines}"


@pytest.mark.parametrize("name", TEMPLATES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(page=pages)
def test_a_template_says_what_jinja_says(name: str, page: Page) -> None:
    assert said(OURS, name, page) == said(PLAIN, name, page)


def test_the_templates_above_say_something() -> None:
    page = Page("<x>", Markup("<b>"), 1, ["a", "b"], Inner("&", Markup("<i>")))
    found = {name: said(OURS, name, page) for name in TEMPLATES}
    assert {name for name, text in found.items() if "UndefinedError" in text} == {
        "no attribute",
        "no name",
        "no macro",
        "of none",
    }
    assert found["value"].startswith("&lt;x&gt; <b> 1 None [&#39;a&#39;")
    assert found["macro"] == '<a>&lt;x&gt;</a><a><b></a><a class="a&amp;b">&lt;x&gt;</a>'


class TestCompiled:
    """Compiled templates are kept: the theme's for all projects, a project's own in its folder."""

    @pytest.fixture(autouse=True)
    def folders(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ours, self.own, self.beside = tmp_path / "theme", tmp_path / "own", tmp_path / "beside"
        for folder in (self.ours, self.own, self.beside, tmp_path / "state"):
            folder.mkdir()
        self.state = tmp_path / "state"
        (self.ours / "a.html").write_text("{{ 1 + 1 }} of ours")
        (self.ours / "b.html").write_text("b of ours")
        (self.own / "b.html").write_text("b of the project")
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(jinja, "BESIDE", self.beside)
        monkeypatch.setattr(jinja, "MAY_WRITE", True)

    def built(self, code: bytes = b"code", ours: Path | None = None) -> tuple[str, list[str]]:
        """What the two templates say, and the names of those that were compiled for it."""
        loader = jinja2.FileSystemLoader([self.own, self.ours])
        compiled = jinja.Compiled(self.state, code, Words({}, b"words"), ours or self.ours)
        environment = Environment(None, compiled, loader=loader, **OPTIONS)
        made: list[str] = []
        parse = environment._parse

        def parsed(source: str, name: str | None, filename: str | None) -> nodes.Template:
            made.append(str(name))
            return parse(source, name, filename)

        self.monkeypatch.setattr(environment, "_parse", parsed)
        return " | ".join(environment.get_template(name).render() for name in ("a.html", "b.html")), made

    def test_each_once_and_each_in_its_place(self) -> None:
        assert self.built() == ("2 of ours | b of the project", ["a.html", "b.html"])
        assert self.built() == ("2 of ours | b of the project", [])
        assert len(list(self.beside.iterdir())) == len(list(self.state.iterdir())) == 1
        for file in self.state.iterdir():
            file.unlink()
        assert self.built() == ("2 of ours | b of the project", ["b.html"])

    def test_another_program_or_text_compiles_anew(self) -> None:
        self.built()
        assert self.built(b"other code")[1] == ["a.html", "b.html"]
        (self.ours / "a.html").write_text("changed")
        assert self.built(b"other code") == ("changed | b of the project", ["a.html"])

    def test_what_is_damaged_is_compiled_anew(self) -> None:
        self.built()
        (file,) = self.beside.iterdir()
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        assert self.built() == ("2 of ours | b of the project", ["a.html"])
        assert self.built()[1] == []

    def test_where_python_may_not_write_its_own_the_project_keeps_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jinja, "MAY_WRITE", False)
        self.built()
        assert not list(self.beside.iterdir())
        assert self.built()[1] == []
        monkeypatch.setattr(jinja, "MAY_WRITE", True)
        monkeypatch.setattr(jinja, "BESIDE", self.beside / "that" / "is" / "not there")
        assert self.built()[1] == []
