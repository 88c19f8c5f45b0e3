"""Everything that a template, a feed or a JSON file may see. Data alone: finished links and words, never records."""
