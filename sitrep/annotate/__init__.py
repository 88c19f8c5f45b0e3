"""Edits of content by command: repairs, renames and merges. What is not meant to change stays, byte for byte."""
