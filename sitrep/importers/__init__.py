"""Annotations and reports made elsewhere become articles and sidecars. New files alone; none is overwritten."""
