# The two that matter: `make conformance` judges an importer, `make test` runs our own tests.
# Each makes its virtual environment first, in .venv, and installs what it needs.

PYTHON ?= python3
IMPORTER ?= python:conformance.importers.sql:importer
REPORT ?= report
CORPUS ?= corpus
CASES ?= 500
VENV ?= .venv
WORKERS ?= 1
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help conformance test lint mutants bench matrix docs corpus clean

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

conformance: $(VENV)/ready ## Judge the bundled SQL importer, or IMPORTER=cmd:…; the report goes to REPORT
	@$(BIN)/python -m pytest --pyargs conformance --importer '$(IMPORTER)' --report '$(REPORT)' --no-header -q

test: lint ## Run our own checks and tests
	$(BIN)/python -m pytest -q -rs --cov --cov-report=term -n 2

lint: $(VENV)/ready-test ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

mutants: $(VENV)/ready-mutants ## Change the model in every small way, or only MODULES; a test has to notice each
	@$(BIN)/python -m tests.mutants $(MODULES)

bench: $(VENV)/ready-bench ## Measure speed and memory, side by side with other tools
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.full_size

corpus: $(VENV)/ready ## Write edge cases as files into CORPUS, as many as CASES says
	@$(BIN)/refmodel corpus '$(CORPUS)' --cases $(CASES)

matrix: $(VENV)/ready-test ## Measure what catches the wrong importers; WORKERS=2 for two at a time; goes on where it was stopped
	@$(BIN)/python -m tests.matrix --workers '$(WORKERS)'

docs: $(VENV)/ready ## Write anew what is computed: the table of rules in the README, the life of an account
	@$(BIN)/refmodel rules --markdown > $(VENV)/rules.md
	@sed -i -e '/<!-- rules:/,/<!-- end of rules -->/{//!d}' -e '/<!-- rules:/r $(VENV)/rules.md' README.md
	@$(BIN)/python -m conformance explore --life > $(VENV)/life.md && cp $(VENV)/life.md conformance/exploring/life.md

clean: ## Remove the virtual environment and everything that is made
	rm -rf $(VENV) $(REPORT) $(CORPUS) .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'refmodel needs Python 3.11 or newer: make PYTHON=python3.11 …'; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/ready: $(VENV)/made pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[all]'
	@touch $@

$(VENV)/ready-test: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group test --group lint
	@touch $@

$(VENV)/ready-mutants: $(VENV)/ready-test
	$(BIN)/python -m pip install --quiet --group mutants
	@touch $@

$(VENV)/ready-bench: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@
