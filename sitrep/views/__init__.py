"""All data that a template, a feed or a JSON file may see: finished links and words, never records."""
