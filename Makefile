# `make` lists what can be done. Everything runs in .venv, made from the locked requirements on first use.
PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RELEASE := src/paylens/release/default
PROFILE := --role "ML engineer" --years 4 --location Berlin --skill pytorch --skill aws
LOCK = $(UV) pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help estimate test test-all check docs pictures lock build score bench clean

help: ## list the recipes
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

# One stamp a set of requirements. Compiled once here, so that the first command starts as fast as the next.
$(VENV)/%: requirements/%.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q --require-hashes -r $<
	$(PIP) install -q --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	touch $@

estimate: $(VENV)/core ## set up and answer a real question from the built-in release
	$(BIN)/paylens estimate $(PROFILE)

test: $(VENV)/test ## set up and run the suite, but for what is slow
	$(BIN)/python -m pytest -m "not slow" -n 2

test-all: $(VENV)/check check ## what CI runs: everything; a skip for want of files or a tool is a failure
	PAYLENS_REQUIRE_ALL=1 $(BIN)/python -m pytest -n 2 -m "not alone"
	PAYLENS_REQUIRE_ALL=1 $(BIN)/python -m pytest -m alone

check: $(VENV)/test ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/core ## write docs/cli.md anew from the commands' own help, and the answers in README.md
	$(BIN)/python docs/reference.py
	$(BIN)/python docs/readme.py

pictures: $(VENV)/test ## take the pictures of the page in docs/pictures anew (needs Chromium)
	$(BIN)/python docs/pictures.py

lock: ## resolve the locked requirements anew (needs uv)
	$(LOCK) pyproject.toml requirements/setup.in -o requirements/core.txt
	$(LOCK) --extra test pyproject.toml requirements/setup.in -o requirements/test.txt
	$(LOCK) --extra check -c requirements/test.txt pyproject.toml requirements/setup.in -o requirements/check.txt

build: $(VENV)/test ## build the default release from the files below PAYLENS_DATA
	@test -n "$(PAYLENS_DATA)" || { echo "set PAYLENS_DATA to the folder of published files"; exit 2; }
	$(BIN)/paylens build --data "$(PAYLENS_DATA)" --to $(RELEASE)

score: $(VENV)/core ## the score card of the built-in release
	$(BIN)/paylens score

bench: $(VENV)/test ## accuracy against peers, latency, throughput, start-up
	$(BIN)/python benchmarks/run.py

clean: ## remove what was installed and built here
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
