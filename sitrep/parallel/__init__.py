"""Work shared among processes. Nothing here knows what the work is; results come in the order of the items."""
