# make demo    in-betweens of the sample keys, as a GIF and a PNG sequence in out/
# make test    linters, type checker, import contracts, tests
# make lint    all of that but the tests
# make bench   speed and memory of the engines and of the window
# make clean   removes the environment and out/
#
# Each sets up .venv by itself; after that only a change of the dependencies costs time.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check

export QT_QPA_PLATFORM ?= offscreen
export PYTHONUNBUFFERED := 1

.PHONY: help demo test lint bench clean system

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: system $(READY)
	@$(BIN)/python packaging/demo.py

# A process a core, each with whole files: what a file prepares is prepared once.
test: lint
	$(BIN)/python -m pytest -n logical --dist loadfile

lint: system $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: system $(READY)
	$(BIN)/python -m tests.benchmarks.engines
	$(BIN)/python -m tests.benchmarks.ui
	$(BIN)/python -m tests.benchmarks.faces

clean:
	rm -rf $(VENV) out

system:
	@"$$(packaging/find_python.sh)" packaging/check_system.py

# torch first, by its exact version, so that a CPU build the index offers is the one that is taken.
$(READY): pyproject.toml packaging/constraints.txt
	@echo "Setting up $(VENV); the first time this takes some minutes."
	test -x $(BIN)/python || "$$(packaging/find_python.sh)" -m venv $(VENV)
	$(PIP) install -q -c packaging/constraints.txt torch==2.13.0
	$(PIP) install -q -c packaging/constraints.txt -e '.[dev]'
	touch $@
