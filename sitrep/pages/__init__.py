"""One module for each page type: a corpus becomes views and outputs. Nothing is rendered or written here."""
