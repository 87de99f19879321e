# Every target sets up what it needs, from Python 3.11 and make alone.
# Stamps in .venv/ make a second run quick; `make clean` takes everything away again.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
MLMD   := .venv-mlmd/lock.sha256

# Two processes, each with a Neo4j of its own; the tests of one file stay together.
# Long files come early in the alphabet, short ones last: in that order both end together.
BESIDE := -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check lint format types tests site bench lock clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## Start Neo4j, load the sample store, print its report
	@$(BIN)/lineage demo

test: lint tests ## Every check: lint, types, imports, all tests

test-all: test spark ## The same, then on Neo4j 2026.08 with more random traces, through containers, and with Spark
	LINEAGE_TEST_NEO4J_VERSION=2026.08 LINEAGE_PROPERTY_TRACES=3000 $(BIN)/python -m pytest $(BESIDE) tests/integration tests/contracts
	docker/podman-test.sh $(BIN)/python -m pytest tests/integration

lint: $(VENV)/installed ## Ruff, mypy and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: $(VENV)/installed mlmd dbt
	$(BIN)/python -m pytest $(BESIDE)

format: $(VENV)/installed ## Format the code
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

site: $(VENV)/installed ## The documentation as a site in build/site; a warning is an error
	$(BIN)/python -m docs.site

bench: $(VENV)/installed mlmd ## Time load, segmentation, report, and peers on the same question
	$(BIN)/python -m tests.bench $(BENCH)

# The real ml-metadata client pins an old Protocol Buffers library, so it has an environment of its
# own. Its wheels do not fit every machine: where they do not, the tests that need it are skipped.
.PHONY: mlmd
mlmd: $(VENV)/installed
	@$(BIN)/python tests/mlmd/setup_venv.py 2>&1 | tail -n 1

# dbt and Spark with their OpenLineage integrations, likewise. Spark takes 700 MB, so that only
# `make test-all` sets it up.
.PHONY: dbt spark
dbt spark: $(VENV)/installed
	@$(BIN)/python tests/clients/setup_venv.py $@ 2>&1 | tail -n 1

lock: $(VENV)/installed ## Choose versions anew and lock them, with hashes
	@command -v uv >/dev/null || { echo "make lock needs uv"; exit 1; }
	uv pip compile -q pyproject.toml --all-extras --group dev --generate-hashes --universal \
	  --no-header --no-annotate --no-emit-find-links --no-emit-index-url -o requirements.lock

clean: ## Remove environments, caches and builds; Neo4j and its data stay
	rm -rf .venv .venv-mlmd .venv-mlmd.lock .venv-dbt .venv-spark .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "lineage needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version 2>&1);"; \
	  echo "name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/locked: requirements.lock | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(PIP) install --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/installed: pyproject.toml $(VENV)/locked
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
