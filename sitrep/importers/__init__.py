"""Annotations and reports made elsewhere become articles and sidecars. Only new files are written; none is
overwritten."""
