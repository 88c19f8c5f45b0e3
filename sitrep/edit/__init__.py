"""Content files are changed, and every other byte of them is kept. Nothing is built or released here."""
