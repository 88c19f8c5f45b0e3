"""The words of the interface in English, for tests that make a piece of a page by itself."""

from __future__ import annotations

from sitrep.project import theme
from sitrep.read.catalogue import Layer, read

PATH = theme() / "languages" / "en.yaml"
ENGLISH = read([Layer("en", "templates/languages/en.yaml", PATH.read_bytes())])[0]
