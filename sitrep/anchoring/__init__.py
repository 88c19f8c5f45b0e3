"""Quotes and names found in a text. Pure functions of a text; no file is read, nothing is placed by guessing."""
