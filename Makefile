# Everything a user or a developer starts. `make` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run worker test test-sqlite test-postgresql test-mariadb test-all test-fast lint format migration bench chaos clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: $(VENV)/.run ## Start Heliograph here: http://127.0.0.1:3000
	@exec $(BIN)/python wsgi.py

worker: $(VENV)/.run ## Start one more worker for the server that is configured
	@exec $(BIN)/python worker.py

test: $(VENV)/.dev ## Lint, types, layers, all tests; services and API on all databases
	@$(MAKE) --no-print-directory -j2 lint test-sqlite
	@$(MAKE) --no-print-directory -j2 test-postgresql test-mariadb

test-sqlite:
	$(BIN)/python -m pytest -n 4 --dist loadfile $(PYTEST_ARGS)

test-postgresql test-mariadb:
	$(BIN)/python -m pytest -n 2 --dist loadfile --database $(@:test-%=%) tests/services tests/api

test-all: test ## The whole suite on PostgreSQL and on MariaDB as well
	$(BIN)/python -m pytest -n 4 --dist loadfile --database postgresql
	$(BIN)/python -m pytest -n 4 --dist loadfile --database mariadb

test-fast: $(VENV)/.dev ## Tests without browser and server processes
	$(BIN)/python -m pytest -n 2 -m "not browser and not processes" $(PYTEST_ARGS)

lint: $(VENV)/.dev ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migration: $(VENV)/.dev ## Write a migration: make migration m="add a column"
	$(BIN)/flask --app wsgi db revision --autogenerate -m "$(m)"

bench: $(VENV)/.dev ## Measure everything, 17 minutes, or only="lists open"; see docs/benchmarks.md
	for one in $(or $(only),launch drain ingest fanout lists open memory webhooks); do $(BIN)/python -m bench.$$one || exit 1; done

chaos: $(VENV)/.dev ## Kill processes under load, write docs/reliability.md
	$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

clean: ## Remove the virtual environment and caches; instance/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (set PYTHON=…)"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { echo "On Debian: apt install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@
