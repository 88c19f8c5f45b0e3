"""Page kinds: each a plain function from the desk (the corpus and its finished pieces) to outputs."""
