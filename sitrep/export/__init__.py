"""Released content in the formats of others. Functions to chunks of bytes; nothing here decides what is released."""
