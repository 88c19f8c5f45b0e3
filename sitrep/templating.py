"""Jinja as it is, and quicker at the three things templates do most: look into a value, escape it, call a macro.

A template means what it means to Jinja; only the Python it is compiled to differs. Measured in docs/performance.md.
"""

from __future__ import annotations

import keyword
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup
from markupsafe import escape as escape_anything

try:
    from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]  # in C, text to text
except ImportError:  # another MarkupSafe than 3
    escape_text = escape_anything


def escaped(value: Any) -> str:
    """A value as text of a page: what `markupsafe.escape` says, without a new Markup for each piece of a page."""
    if value.__class__ is Markup:
        return value
    if value.__class__ is str:
        return escape_text(value)
    return escape_anything(value)


class _Generator(CodeGenerator):
    """Compiles templates; where it does not know that escaping is on, as Jinja does."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """`page.title` is the attribute of that name. Where there is none, `Template.render` asks Jinja."""
        if keyword.iskeyword(node.attr) or not isinstance(node.node, (nodes.Name, nodes.Getattr)):
            super().visit_Getattr(node, frame)
        else:
            self.visit(node.node, frame)
            self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """A macro is called as what it is, without asking each time whether it wants the context."""
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
            # An item of a mapping, a test whether something is defined, a fault to be told: as Jinja has it, from anew.
            return self.environment.careful.get_template(self.name or "").render(*args, **kwargs)


class Environment(jinja2.Environment):
    code_generator_class = _Generator
    template_class = Template
    escaped = staticmethod(escaped)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.careful = jinja2.Environment(**options)
