"""Jinja with faster code for the three most frequent operations: attribute access, escaping, and calls of macros.

Templates have the same meaning as in Jinja; only the Python code to which they are compiled differs.

`words` is the catalogue of the interface: `words.claim.not_assessed` is that text, inserted when the template is
compiled; `words.list.more(n=…)` is the text with its placeholder filled; `words.stance[…]` is the text of a term.
"""

from __future__ import annotations

import keyword
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup
from markupsafe import escape as escape_anything

from sitrep.i18n.words import COUNTED, MARKUP, Forms, Word, Words, marked, pieces
from sitrep.incremental.container import MAGIC, Damaged, read_section, replacement, write_sections
from sitrep.model.hashing import digested
from sitrep.views.pages import escape_text


def escaped(value: Any) -> str:
    """A value as text of a page: what `markupsafe.escape` returns, without a new Markup for each fragment."""
    if value.__class__ is Markup:
        return value
    if value.__class__ is str:
        return escape_text(value)
    return escape_anything(value)


NAME = "words"
"""The name of the catalogue in a template."""
TERMS = "terms_"
"""Prefix of an environment's attributes that hold the terms of a group."""


class _Worded(NodeTransformer):
    """Replaces references to the catalogue in a template by its words."""

    def __init__(self, environment: _Environment, name: str | None, filename: str | None) -> None:
        self._environment, self._words = environment, environment.words
        self._name, self._filename = name, filename

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802
        """Placeholders are output between the literal text around them; nothing is joined."""
        parts: list[nodes.Expr] = []
        for child in node.nodes:
            word = self._called(child)
            if isinstance(word, str):
                parts += self._parts(child, word)  # type: ignore[arg-type]
            else:
                parts.append(self.visit(child))
        node.nodes = parts
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802
        word = self._called(node)
        if word is None:
            call: nodes.Expr = self.generic_visit(node)  # type: ignore[assignment]
            return call
        if isinstance(word, str):
            return self._joined(node, word)
        counts = [pair.value for pair in node.kwargs if pair.key == COUNTED]
        if not counts:
            self._fault(node, f"a count is missing: {NAME}.{self._path(node.node)}({COUNTED}=…)")
        name = word.rule.name
        call = self._joined(node, word.texts["other"])
        for category, text in word.texts.items():
            if category != "other":
                chosen = self._new(nodes.Filter, node, self.visit(counts[0]), name, [], [], None, None)
                same = self._new(nodes.Operand, node, "eq", self._new(nodes.Const, node, category))
                test = self._new(nodes.Compare, node, chosen, [same])
                call = self._new(nodes.CondExpr, node, test, self._joined(node, text), call)
        return call

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Expr:  # noqa: N802
        word = self._word(node)
        if word is None:
            attribute: nodes.Expr = self.generic_visit(node)  # type: ignore[assignment]
            return attribute
        if not isinstance(word, str) or len(list(pieces(word))) > 1:
            self._fault(node, f"{NAME}.{self._path(node)} has places: say what fills them, in brackets behind it")
        assert isinstance(word, str)
        return self._const(node, node.attr, word)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Expr:  # noqa: N802
        """A term of a vocabulary; an unknown one is shown unchanged."""
        group = node.node
        if isinstance(group, nodes.Getattr) and isinstance(group.node, nodes.Name) and group.node.name == NAME:
            if group.attr not in self._words.groups:
                self._fault(node, f"there are no words {NAME}.{group.attr}")
            terms = self._new(nodes.EnvironmentAttribute, node, f"{TERMS}{group.attr}")
            term: nodes.Expr = self._new(nodes.Getitem, node, terms, self.visit(node.arg), "load")
            return term
        item: nodes.Expr = self.generic_visit(node)  # type: ignore[assignment]
        return item

    def _called(self, node: nodes.Node) -> Word | None:
        return self._word(node.node) if isinstance(node, nodes.Call) else None

    def _word(self, node: nodes.Node) -> Word | None:
        """The word that `words.group.key` names; None for any other expression."""
        path = self._path(node)
        if not path:
            return None
        group, _, key = path.partition(".")
        word = self._words.word(group, key)
        if word is None:
            self._fault(node, f"there are no words {NAME}.{path}")
        return word

    def _path(self, node: nodes.Node) -> str:
        if not (isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Getattr)):
            return ""
        start = node.node.node
        return f"{node.node.attr}.{node.attr}" if isinstance(start, nodes.Name) and start.name == NAME else ""

    def _joined(self, node: nodes.Call, text: str) -> nodes.Expr:
        parts = list(self._parts(node, text))
        joined: nodes.Expr = parts[0] if len(parts) == 1 else self._new(nodes.Concat, node, parts)
        return joined

    def _parts(self, node: nodes.Call, text: str) -> Iterator[nodes.Expr]:
        arguments = {pair.key: pair.value for pair in node.kwargs}
        key = node.node.attr  # type: ignore[attr-defined]
        for before, place in pieces(text):
            if before or not place:
                yield self._const(node, key, before)
            if place:
                if place not in arguments:
                    self._fault(node, f"{NAME}.{self._path(node.node)} has a place {place!r} that nothing fills")
                yield self.visit(arguments[place])

    def _const(self, node: nodes.Node, key: str, text: str) -> nodes.Expr:
        constant: nodes.Expr = self._new(nodes.Const, node, marked(key, text) if key.endswith(MARKUP) else text)
        return constant

    def _new(self, kind: type[Any], node: nodes.Node, *fields: Any) -> Any:
        return kind(*fields, lineno=node.lineno, environment=self._environment)

    def _fault(self, node: nodes.Node, message: str) -> None:
        raise jinja2.TemplateSyntaxError(message, node.lineno, self._name, self._filename)


class _Generator(CodeGenerator):
    """Compiles templates; like Jinja itself where escaping may be off."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """`page.title` is compiled to attribute access. If it fails, `Template.render` falls back to Jinja's lookup."""
        if keyword.iskeyword(node.attr) or not isinstance(node.node, (nodes.Name, nodes.Getattr)):
            super().visit_Getattr(node, frame)
        else:
            self.visit(node.node, frame)
            self.write(f".{node.attr}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """A term is looked up in its vocabulary, which returns unknown terms unchanged."""
        if isinstance(node.node, nodes.EnvironmentAttribute):
            self.visit(node.node, frame)
            self.write("[")
            self.visit(node.arg, frame)
            self.write("]")
        else:
            super().visit_Getitem(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """A macro is called directly, without Jinja's check whether it takes the context."""
        escaping = frame.eval_ctx.autoescape and not frame.eval_ctx.volatile
        plain = not (forward_caller or node.kwargs or node.dyn_args or node.dyn_kwargs)
        direct = escaping and plain and isinstance(node.node, nodes.Name)
        if direct:
            macro = frame.symbols.ref(node.node.name)  # type: ignore[attr-defined]
            self.write(f"({macro}(")
            for argument in node.args:
                self.visit(argument, frame)
                self.write(", ")
            self.write(f") if {macro}.__class__ is Macro else ")
        super().visit_Call(node, frame, forward_caller=forward_caller)
        if direct:
            self.write(")")


class Template(jinja2.Template):
    environment: Environment

    def render(self, *args: Any, **kwargs: Any) -> str:
        try:
            return super().render(*args, **kwargs)
        except AttributeError:
            # Items of mappings, tests for definedness, and errors go through Jinja's own lookup.
            return self.environment.careful.get_template(self.name or "").render(*args, **kwargs)


class _Environment(jinja2.Environment):
    """Jinja's environment, with the words of the catalogue."""

    def __init__(self, words: Words | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.words = words or Words({}, b"")
        for name, group in self.words.groups.items():
            setattr(self, f"{TERMS}{name}", self.words.terms(name))
            # Which form of a word a number takes: by the language's rule; words missing in it use English rules.
            self.filters |= {word.rule.name: word.rule for word in group.values() if isinstance(word, Forms)}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template: nodes.Template = _Worded(self, name, filename).visit(super()._parse(source, name, filename))
        return template


class Environment(_Environment):
    code_generator_class = _Generator
    template_class = Template
    escaped = staticmethod(escaped)

    def __init__(self, words: Words | None = None, compiled: Compiled | None = None, **options: Any) -> None:
        super().__init__(words, **options, bytecode_cache=compiled)
        self.careful = _Environment(words, **options)


class Compiled(jinja2.BytecodeCache):
    """A cache of compiled templates: compiling one takes longer than rendering a hundred pages.

    Each file belongs to one catalogue (`words`) and one version of sitrep (`code`), and is used only if its digest is
    right. Templates of sitrep's own theme (`ours`) are the same for all projects: they are cached beside the bytecode
    of this package, if Python may write there. All others are in `folder`.
    """

    def __init__(self, folder: Path, code: bytes, words: Words, ours: Path | None = None) -> None:
        self._folder = folder
        self._given = digested(code, words.digest).hex()
        self._ours = f"{ours}{os.sep}" if ours else ""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        key = super().get_cache_key(name, filename)
        shared = self._ours and filename and filename.startswith(self._ours)
        return f"{SHARED}{key}" if shared else key

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(self._given + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        for path in self._paths(bucket):
            with suppress(OSError, Damaged, msgspec.MsgspecError), path.open("rb") as file:
                bucket.bytecode_from_string(read_section(file, 0))
            if bucket.code:
                break

    def dump_bytecode(self, bucket: Bucket) -> None:
        for path in self._paths(bucket):
            if path.parent == BESIDE and not MAY_WRITE:
                continue
            with suppress(OSError), replacement(path) as file:
                write_sections(file, len(MAGIC), [bucket.bytecode_to_string()])
                break

    def _paths(self, bucket: Bucket) -> list[Path]:
        """The paths at which a compiled template may be cached, the preferred one first."""
        name = f"template-{bucket.key}"
        return [*([BESIDE / name] if bucket.key.startswith(SHARED) else []), self._folder / name]


SHARED = f"{sys.implementation.cache_tag}-"
"""Prefix of the key of a template that all projects share: other Python versions compile it differently."""
BESIDE = Path(__file__).parent / "__pycache__"
"""Where Python caches this package's bytecode."""
MAY_WRITE = not sys.dont_write_bytecode
