# `make` builds the demonstration site into site/. The Python is chosen when .venv is made: PYTHON=python3.12 make
# (remove .venv to choose another). Written for GNU make 3.81 and later.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check

# A stamp file says what .venv holds; a .venv whose Python is gone is created again.
LOST := $(shell test -x $(BIN)/python || echo lost)

.PHONY: site serve test test-slow histories lint format bench screenshots clean help lost
.DEFAULT_GOAL := site

site: .venv/.run  ## build the demonstration site into site/ (the default)
	@$(BIN)/python build.py

serve: .venv/.run  ## serve a live preview of the demonstration, withheld files included; SERVE_ARGS passes options on
	@$(BIN)/python build.py serve $(SERVE_ARGS)

test: .venv/.test  ## run the tests, with a share of the slow proofs; PYTEST_ARGS="-k links" narrows them
	@$(BIN)/python -m pytest -q -n auto -m "not slow" $(PYTEST_ARGS)

EXAMPLES ?= 300
test-slow: .venv/.test  ## run the slow proofs: all cases, 300 corpora of non-interference, 100 histories of edits
	@SITREP_EXAMPLES=$(EXAMPLES) SITREP_HISTORIES=$(or $(HISTORIES),100) \
	    $(BIN)/python -m pytest -q -n auto -m "slow or proof" $(PYTEST_ARGS)

histories: .venv/.test  ## try thousands of random histories of edits, HISTORIES=2000 of them
	@SITREP_HISTORIES=$(or $(HISTORIES),2000) $(BIN)/python -m pytest -q -k Histories tests/test_incremental.py $(PYTEST_ARGS)

lint: .venv/.dev  ## ruff and mypy; changes nothing
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format --check -q
	@$(BIN)/mypy --no-error-summary

format: .venv/.dev  ## format the code and fix what ruff can fix
	@$(BIN)/ruff check -q --fix
	@$(BIN)/ruff format -q

bench: .venv/.run  ## time builds on generated sites; BENCH_ARGS passes options on
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

screenshots: .venv/.test  ## take the pictures in docs/screenshots/ again; needs Chromium. Look at each before committing it
	@$(BIN)/python tools/screenshots.py

clean:  ## remove what was built and cached; .venv stays
	@rm -rf site preview .sitrep build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## list the targets, and which tests run where
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile
	@echo; echo "make test-slow runs, beside the cases that make test has of them:"
	@awk '/mark\.(slow|mostly_slow|proof)/ { share = /mark\.slow/ ? "all of it" : "the rest" } \
	    share && match($$0, /def test_[a-z0-9_]+|Histories\.TestCase/) { \
	        name = substr($$0, RSTART, RLENGTH); sub(/^def /, "", name); file = FILENAME; sub(/^tests\//, "", file); \
	        printf "  %-9s  %-24s %s\n", share, file, name; share = "" }' tests/test_*.py
	@echo "All other tests run in make test alone."

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
