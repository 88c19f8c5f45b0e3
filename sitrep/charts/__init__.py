"""Drawings as SVG, of plain data. Nothing here knows a corpus, a page or a file."""
