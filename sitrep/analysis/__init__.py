"""Who says so: provenance, history, novelty, networks. Functions of a corpus; nothing here makes links or markup."""
