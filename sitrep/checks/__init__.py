"""What is wrong with the content as a whole. Functions of a corpus to problems; nothing here changes anything."""
