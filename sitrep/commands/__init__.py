"""The work of `diff`, `explain` and `export` beyond the steps of a build. Arguments are parsed in `cli.py`."""
