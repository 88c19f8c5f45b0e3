"""Released content in other formats, as chunks of bytes. Nothing here decides what is released."""
