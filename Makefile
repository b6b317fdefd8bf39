# The two commands are `make demo` and `make test`; each sets itself up on a fresh machine.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
HOME_DIR := .demo
export OPENDATA_HOME := $(abspath $(HOME_DIR))
export DAGSTER_HOME  := $(abspath $(HOME_DIR))/dagster
ONLY ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo ui test lint types fmt bench bench-peers docs clean

help:    ## this list
	@grep -hE '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/.ready ## the virtual environment, from the hash-pinned lock

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q opendata dbt_like_sql quality resources assets pipelines
	@touch $@

demo: setup ## the main job on a demo city, through Dagster
	@$(BIN)/python -m pipelines.demo $(HOME_DIR)
	@$(BIN)/opendata run --as-of 2026-03-31; code=$$?; \
	  if [ $$code -eq 3 ]; then echo "演示城市按设计含有被拒绝的数据集：退出码 3 为预期结果。"; exit 0; fi; \
	  echo "expected exit code 3 (something was refused), got $$code" >&2; exit 1

ui: setup ## Dagster on 127.0.0.1:3000, read-only for stewards on 127.0.0.1:3001
	@test -d $(HOME_DIR) || $(BIN)/python -m pipelines.demo $(HOME_DIR)
	@$(BIN)/python -m pipelines.ui

test: setup ## every test, in as many processes as there are cores
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: setup ## style, layers, house rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

types: setup ## mypy --strict
	$(BIN)/mypy

fmt: setup ## format and apply safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## measurements into bench.json; ONLY=<name> for one
	$(BIN)/python -m pipelines.bench $(ONLY)

bench-peers: setup ## beside other judges of tables, each in an environment of its own
	$(BIN)/python -m pipelines.bench.peers

docs: setup ## regenerate the documents that are made from code
	$(BIN)/python -m pipelines.docs

clean: ## forget the demo city and the caches, keep the environment
	rm -rf $(HOME_DIR) .pytest_cache .mypy_cache .ruff_cache
