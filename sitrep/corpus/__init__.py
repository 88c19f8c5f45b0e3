"""What the files say together. Made of entries alone; nothing here reads files or decides what is released."""
