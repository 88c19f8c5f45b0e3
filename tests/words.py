"""The words of the interface in English, for tests that make a piece of a page by itself."""

from __future__ import annotations

from sitrep.i18n.catalogue import Layer, read
from sitrep.project import theme

PATH = theme() / "languages" / "en.yaml"
ENGLISH = read([Layer("en", "templates/languages/en.yaml", PATH.read_bytes())])[0]
