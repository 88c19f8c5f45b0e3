"""Quotes and names are located in a text. Pure functions of a text: no file is read, and nothing is placed by
guessing."""
