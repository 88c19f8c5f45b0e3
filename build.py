"""The launcher: `python build.py` is `sitrep build`; `python build.py check` is `sitrep check`, and so on."""

import sys

try:
    from sitrep.cli import run
except ModuleNotFoundError as error:
    sys.exit(f"build.py: {error.name} is not installed: run `make site`, or `pip install .`")

if __name__ == "__main__":
    run(default="build")
