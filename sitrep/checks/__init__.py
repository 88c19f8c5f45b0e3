"""What `check` looks for: each a plain function from the whole corpus, withheld files included, to problems."""
