# What a developer needs, from an empty checkout on: git, make and Python 3.11 or newer.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
INSTALLED := .venv/.installed
# hashes make pip refuse a file that is not the one that was pinned; no index is named, so any will do
PIN = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal \
    --python-version 3.11 --custom-compile-command 'make requirements'

export PORT

.DEFAULT_GOAL := help
.PHONY: help install run psql test check static format bench screenshots mutants translations requirements upgrade hooks

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED)  ## start the whole system on this machine, until Ctrl-C (PORT=8000)
	@exec $(BIN)/python -m launcher run

psql: $(INSTALLED)  ## open psql on the database of the running system (ARGS="-c '\\d tm$$operators'")
	@exec $(BIN)/python -m launcher psql $(ARGS)

test: $(INSTALLED)  ## the whole test suite on a PostgreSQL and a Redis of its own (ARGS="-k word")
	@exec $(BIN)/python -m launcher test $(ARGS)

check: static test  ## everything a change must pass

static: $(INSTALLED)  ## format, lint, imports, types, migrations, dead vocabulary
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	@# these load the settings, which have no defaults for keys and servers
	$(BIN)/python -m launcher shell -- sh -c \
	    'mypy . && python manage.py makemigrations --check --dry-run && pytest -q tests/test_vocabulary.py'

format: $(INSTALLED)  ## bring the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(INSTALLED)  ## measure: rows, tasks and requests a second
	@exec $(BIN)/python -m launcher shell -- python -m benchmarks $(ARGS)

screenshots: $(INSTALLED)  ## take the pictures of docs/ru/operator.md anew, from a running demo
	@exec $(BIN)/python -m testing.screenshots

mutants: $(INSTALLED)  ## change the code in small ways; do the tests notice? (ARGS="engine --sample 60 --seed 2")
	@exec $(BIN)/python -m launcher shell -- python -m testing.mutants $(ARGS)

translations: $(INSTALLED)  ## compile the translations that are out of date
	$(BIN)/python -m launcher translations

requirements: $(INSTALLED)  ## pin what requirements*.in ask for, with hashes; what is pinned stays
	$(BIN)/python -m pip install --quiet uv
	$(PIN) requirements.in -o requirements.txt
	$(PIN) requirements-dev.in -o requirements-dev.txt

upgrade: PIN += --upgrade
upgrade: requirements  ## the same, with the newest versions that requirements*.in allow

hooks: $(INSTALLED)  ## check each commit before it is made (.pre-commit-config.yaml)
	$(BIN)/pre-commit install

install: $(INSTALLED)  ## make .venv and install the pinned requirements

# the stamp is written last, so that an interrupted installation is repeated
$(INSTALLED): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "Python 3.11 or newer is needed, and $(PYTHON) is not: name one, as in  make run PYTHON=python3.12" >&2; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear .venv || { \
	    echo "$(PYTHON) cannot make a virtual environment (on Debian and Ubuntu: the package python3-venv)" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
