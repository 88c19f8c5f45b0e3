"""Drawings made at build time: pure functions from what a page says to SVG, with the same bytes every time.

A drawing refers to nothing outside itself and has no style of its own: classes only, coloured by the theme.
"""
