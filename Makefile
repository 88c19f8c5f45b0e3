# `make` builds the demonstration site into site/. The Python is chosen when .venv is made: PYTHON=python3.12 make
# (remove .venv to choose another). Written for GNU make 3.81 and later.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check

# A stamp says what .venv holds; a .venv whose Python is gone is made again.
LOST := $(shell test -x $(BIN)/python || echo lost)

.PHONY: site serve test histories lint format bench screenshots clean help lost
.DEFAULT_GOAL := site

site: .venv/.run  ## build the demonstration site into site/ (the default)
	@$(BIN)/python build.py

serve: .venv/.run  ## show the demonstration, with all that is withheld, and keep it up to date; SERVE_ARGS passes options on
	@$(BIN)/python build.py serve $(SERVE_ARGS)

test: .venv/.test  ## run the tests; PYTEST_ARGS="-k links" narrows them
	@$(BIN)/python -m pytest -q -n auto $(PYTEST_ARGS)

HISTORIES ?= 2000
histories: .venv/.test  ## try thousands of histories of edits: each must end as a build from nothing; HISTORIES says how many
	@SITREP_HISTORIES=$(HISTORIES) $(BIN)/python -m pytest -q -k Histories tests/test_incremental.py $(PYTEST_ARGS)

lint: .venv/.dev  ## ruff and mypy; changes nothing
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format --check -q
	@$(BIN)/mypy --no-error-summary

format: .venv/.dev  ## put the code into its format and mend what ruff can mend
	@$(BIN)/ruff check -q --fix
	@$(BIN)/ruff format -q

bench: .venv/.run  ## time builds on generated sites; BENCH_ARGS passes options on
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

screenshots: .venv/.test  ## take the pictures in docs/screenshots/ anew; needs Chromium. Look at each before committing it
	@$(BIN)/python tools/screenshots.py

clean:  ## remove what was built and cached; .venv stays
	@rm -rf site preview .sitrep build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

.venv/.run: EXTRA = [search]
.venv/.test: EXTRA = [test]
.venv/.dev: EXTRA = [dev]
.venv/.test: .venv/.run
.venv/.dev: .venv/.test
.venv/.run .venv/.test .venv/.dev: pyproject.toml $(LOST)
	@$(MAKE_VENV)
	@$(PIP) -e '.$(EXTRA)'
	@$(BIN)/python -m compileall -q sitrep  # pip does so for a package, not for a folder that it is run from
	@touch $@

lost: ;

define MAKE_VENV
test -x $(BIN)/python && exit 0; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || { echo "sitrep needs Python 3.11 or newer, and $(PYTHON) is not: name one, as in PYTHON=python3.12 make site" >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
    || { echo "$(PYTHON) has no venv module: install it first (Debian: apt-get install python3-venv)" >&2; exit 1; }; \
$(PYTHON) -m venv --clear .venv
endef
