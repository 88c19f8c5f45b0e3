"""Charts as SVG, from plain data. Nothing here knows the corpus, pages, or the files of a project."""
