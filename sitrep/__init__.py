"""sitrep: a situation report you can check. Captured articles and annotation sidecars become a static site."""

__version__ = "0.1.0"
