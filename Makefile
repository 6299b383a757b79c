# Everything a fresh clone needs: `make demo`, `make test`. Both set themselves up in .venv.
PYTHON ?= python3
BIN := .venv/bin
UV ?= uv

.PHONY: demo test lint messages bench faults locks clean help
.DELETE_ON_ERROR:

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1\t\2/p' Makefile

# It looks for pip, not python: a venv made where ensurepip is missing has the one without the other
.venv/runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "publisher needs Python 3.11 or later; this is %d.%d. Say which to use: make PYTHON=python3.12" % v[:2])'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/development: requirements-dev.lock .venv/runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/runtime  ## the whole way on the example site: posts, feeds, mails over SMTP into a Maildir
	@$(BIN)/publisher demo

test: .venv/development  ## all tests; a missing peer (Postfix, PostgreSQL, Chromium) is a skip with a reason
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/development  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

messages: .venv/development  ## the catalogs of translations, with all words that are in the templates now
	$(BIN)/python -m publisher.adapters.catalogs

bench: .venv/development  ## how fast it is
	$(BIN)/python -m bench

RUNS ?= 1000
faults: .venv/development  ## what is lost, and what comes twice, when everything goes wrong: RUNS=1000 kills, and all else
	$(BIN)/python -m bench.faults --runs $(RUNS)

locks:  ## make both locks anew from pyproject.toml (needs uv)
	$(UV) pip compile pyproject.toml --group build --universal --generate-hashes --no-header --python-version 3.11 --quiet -o requirements.lock
	$(UV) pip compile pyproject.toml --group build --group dev --extra postgres --extra css-inline --universal --generate-hashes --no-header --python-version 3.11 --quiet -c requirements.lock -o requirements-dev.lock

clean:  ## remove .venv, caches, and what was made here: .demo, public, outbox (no database)
	rm -rf .venv .demo public outbox .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
