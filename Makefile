# The two that matter: `make conformance` judges an importer, `make test` runs our own tests.
# Each makes its virtual environment first, in .venv, and installs what it needs: the versions that .ci/lock/ names, by
# their hashes. Who installs refmodel into a project of their own gets what the ranges of pyproject.toml allow.

PYTHON ?= python3
IMPORTER ?= python:conformance.implementations.sql:importer
REPORT ?= report
CORPUS ?= corpus
CASES ?= 500
VENV ?= .venv
WORKERS ?= 1
BIN := $(VENV)/bin
LOCK := .ci/lock
STRYKER := .ci/stryker
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
UV := $(VENV)-uv/bin/uv

# What is in each lock, and in the environments of test-newest and test-oldest.
LOCKED_conformance := pyproject.toml --extra all --group build
LOCKED_test := pyproject.toml --extra all --group test --group lint
LOCKED_mutants := --group mutants
TESTED := --extra all --group test
RESOLUTION_newest := highest
RESOLUTION_oldest := lowest-direct
WARNINGS_oldest := -W default::DeprecationWarning # an old release may use what a newer one, which it takes, deprecates

# The tests that find most for a second. The others start many processes, or search for long.
CHECKED := tests/refmodel tests/repository/test_architecture.py tests/repository/test_columns_and_actions.py \
	tests/repository/test_generated.py tests/repository/test_lock.py tests/repository/test_make.py \
	tests/conformance/attribution/test_divergence.py tests/conformance/cases/test_edge_cases.py \
	tests/conformance/cases/test_scenarios.py tests/conformance/oracle tests/conformance/protocol \
	tests/conformance/report tests/conformance/search/test_exhaustive.py tests/conformance/search/test_random_search.py \
	tests/conformance/transport tests/conformance/verdict/test_verdict.py tests/implementations/test_javascript.py \
	tests/implementations/test_pages.py tests/implementations/test_sql.py tests/implementations/test_sql_long_files.py \
	tests/tools/test_mutation_testing.py
NOT_CHECKED := tests/refmodel/cli/test_hostile_files.py tests/refmodel/cli/test_streams.py tests/refmodel/cli/test_beginnings.py \
	tests/refmodel/test_laws.py tests/refmodel/test_csv_reader.py

.DEFAULT_GOAL := help
.PHONY: help conformance test check lint test-newest test-oldest lock mutants mutate-importers bench matrix generate docs corpus clean

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

conformance: $(VENV)/ready ## Judge the bundled SQL importer, or IMPORTER=cmd:…; the report goes to REPORT
	@$(BIN)/python -m pytest --pyargs conformance --importer '$(IMPORTER)' --report '$(REPORT)' --no-header -q

test: lint ## Run our own checks and tests
	$(BIN)/python -m pytest -q -rs --cov --cov-report=term -n 2 --dist worksteal

check: lint ## Check style, types and what a change breaks soonest, in less than a minute
	$(BIN)/python -m pytest -q -n 2 $(CHECKED) $(NOT_CHECKED:%=--ignore=%)

lint: $(VENV)/ready-test ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-newest: ## Run the tests with the newest versions that pyproject.toml allows, whatever the lock says
test-oldest: ## Run the tests with the lowest versions that pyproject.toml declares (best with PYTHON=python3.11)
test-newest test-oldest: test-%: $(VENV)-%/made $(UV)
	$(UV) pip install --quiet --no-config --python $(VENV)-$*/bin/python --upgrade \
		--resolution $(RESOLUTION_$*) -r pyproject.toml $(TESTED)
	$(VENV)-$*/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	$(VENV)-$*/bin/python -m pytest -q -rs -n 2 $(WARNINGS_$*)

lock: $(UV) ## Write the locks anew, with the newest versions that pyproject.toml allows
	$(call write-lock,test)
	$(call write-lock,conformance) --constraint $(LOCK)/test.txt
	$(call write-lock,mutants) --constraint $(LOCK)/test.txt
	cd $(STRYKER) && npm update --save --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent

mutants: $(VENV)/ready-mutants ## Change the model in every small way, or only MODULES; a test has to notice each
	@$(BIN)/python -m tests.tools.mutation_testing $(MODULES)

mutate-importers: $(VENV)/ready-mutants $(VENV)/stryker/ready ## Change the two importers in every small way, or only MODULES; the suite has to notice; goes on where it was
	@$(BIN)/python -m tests.tools.importer_mutation --workers '$(WORKERS)' $(MODULES)

bench: $(VENV)/ready-test ## Measure speed and memory, side by side with other tools
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.full_size

corpus: $(VENV)/ready ## Write edge cases as files into CORPUS, as many as CASES says
	@$(BIN)/refmodel corpus '$(CORPUS)' --cases $(CASES)

matrix: $(VENV)/ready-test ## Measure what catches the wrong importers; WORKERS=2 for two at a time; goes on where it was stopped
	@$(BIN)/python -m tests.tools.mutation_matrix --workers '$(WORKERS)'

generate: $(VENV)/ready-test ## Write anew what is generated: tables in pages, the schema of reports, the life of an account, the matrix's pages
	@$(BIN)/python -m tests.tools.generate

docs: generate ## The earlier name of make generate

clean: ## Remove the virtual environment and everything that is made
	rm -rf $(VENV) $(VENV)-uv $(VENV)-newest $(VENV)-oldest $(REPORT) $(CORPUS) .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis

# One lock for every Python from 3.11: the markers say what is for which. There is nothing of this machine in it.
write-lock = $(UV) pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	$(LOCKED_$1) --output-file $(LOCK)/$1.txt

%/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'refmodel needs Python 3.11 or newer: make PYTHON=python3.11 …'; exit 2; }
	$(PYTHON) -m venv $*
	@touch $@

# pip installs the project itself with the hatchling of the lock; nothing that is not locked is fetched for it.
$(VENV)/ready: $(VENV)/made pyproject.toml $(LOCK)/conformance.txt
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r $(LOCK)/conformance.txt
	$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-test: $(VENV)/ready $(LOCK)/test.txt
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r $(LOCK)/test.txt
	@touch $@

$(VENV)/ready-mutants: $(VENV)/ready-test $(LOCK)/mutants.txt
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r $(LOCK)/mutants.txt
	@touch $@

# What changes the JavaScript importer comes from npm, and stands beside the packages of Python.
$(VENV)/stryker/ready: $(VENV)/made $(STRYKER)/package.json $(STRYKER)/package-lock.json
	mkdir -p $(@D)
	cp $(STRYKER)/package.json $(STRYKER)/package-lock.json $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(UV): $(VENV)-uv/made
	$(VENV)-uv/bin/python $(PIP_INSTALL) 'uv==0.13.*'
	@touch $@
