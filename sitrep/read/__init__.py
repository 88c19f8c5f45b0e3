"""Bytes become records and problems. Nothing here knows of other files, of pages or of the disk's layout."""
