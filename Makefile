# `make` lists what can be done. Everything runs in .venv, made from the locked requirements on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RELEASE := src/paylens/release/default

.DEFAULT_GOAL := help
.PHONY: help estimate test test-all check lock build score bench clean

help: ## list the recipes
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/core: requirements/core.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/core.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/test: requirements/test.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

estimate: $(VENV)/core ## set up and answer a real question from the built-in release
	$(BIN)/paylens estimate --role "ML engineer" --years 4 --location Berlin --skill pytorch --skill aws

test: $(VENV)/test ## set up and run the suite, but for what is slow
	$(BIN)/python -m pytest -m "not slow" -n 2

test-all: $(VENV)/test ## what CI runs: everything; a skip for want of data or a tool is a failure
	PAYLENS_REQUIRE_ALL=1 $(BIN)/python -m pytest -n 2
	$(MAKE) check

check: $(VENV)/test ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## resolve the locked requirements anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml requirements/setup.in -o requirements/core.txt
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --extra test pyproject.toml requirements/setup.in -o requirements/test.txt

build: $(VENV)/test ## build the default release from the files below PAYLENS_DATA
	$(BIN)/paylens build --data "$(PAYLENS_DATA)" --to $(RELEASE)

score: $(VENV)/core ## the score card of the built-in release
	$(BIN)/paylens score

bench: $(VENV)/test ## accuracy against peers, latency, throughput, start-up
	$(BIN)/python benchmarks/run.py

clean: ## remove what was installed and built here
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
