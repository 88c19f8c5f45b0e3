"""What content means: records, entries, dates, ids, digests. Values and pure functions; no file is read here."""
