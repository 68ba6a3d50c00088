# All you need is Python 3.11 or newer and make: every target first makes what it needs in .venv,
# and the next time finds that done.
#
#     make run                     make test
#     make PYTHON=python3.12 run   # another Python

VENV := .venv
BIN := $(VENV)/bin

# The first of these that is new enough. Only asked when .venv has to be made.
PYTHON = $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)

# What was installed is written down in a file's name, by content: touched files cost nothing, and
# a folder that was moved (scripts hold its path) is installed anew.
fingerprint = $(shell { echo "$(CURDIR)"; cat pyproject.toml requirements/$(1).txt; } | cksum | tr -s ' \t' '-')
RUN_READY := $(VENV)/ready-to-run-$(call fingerprint,base)
DEV_READY := $(VENV)/ready-to-work-$(call fingerprint,dev)

# Several processes (tests/conftest.py says how many), each with a PostgreSQL of its own; a file's
# tests share what they set up, and files begin in the order in which they are collected.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 5 --dist loadfile --no-loadscope-reorder

# Whoever wants no compiled files beside the code gets them elsewhere: the tests start hundreds of
# processes, and each would compile all of it again.
ifdef PYTHONDONTWRITEBYTECODE
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/.cache/bytecode
endif

.DEFAULT_GOAL := help
.PHONY: help run test check lint types arch fast bench faults simulate pins install clean

help:      ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN_READY) ## Start Daler: database, sandbox bank, API and workers in one process
	@$(BIN)/daler run

test: $(DEV_READY) ## Every test, on an embedded PostgreSQL
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: lint types arch ## Everything that needs no test run

lint: $(DEV_READY) ## Format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV_READY) ## mypy --strict, tests included
	$(BIN)/mypy

arch: $(DEV_READY) ## Which part may import which
	$(BIN)/lint-imports

fast: $(DEV_READY) ## The tests that start no process and need no database
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not postgres and not redis and not slow"

bench: $(DEV_READY) ## Measure, and write docs/benchmarks.md
	$(BIN)/python -m tests.bench

faults: $(DEV_READY) ## The fault tests, with a hundred kills instead of twenty
	FAULT_ROUNDS=100 $(BIN)/python -m pytest tests/faults

simulate: $(DEV_READY) ## Live through many seeds: make simulate SEEDS=10000 FIRST=0
	$(BIN)/python -m tests.faults.simulation --seeds $(or $(SEEDS),1000) --first $(or $(FIRST),0)

pins: $(DEV_READY) ## Choose all versions anew, from requirements/*.in
	$(BIN)/python -m pip install -qq uv
	for name in base dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
			--no-emit-index-url --no-emit-find-links --no-header \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

install: $(DEV_READY) ## Only make .venv, for work on Daler itself
	@echo "Ready: 'make run' starts Daler, 'make test' tests it."

clean:     ## Remove what make made; your data in .daler stays
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Whoever is ready to work is ready to run, too.
$(RUN_READY):
	@test -e "$(DEV_READY)" || $(MAKE) --no-print-directory make-venv REQUIREMENTS=base
	@touch "$@"

$(DEV_READY):
	@$(MAKE) --no-print-directory make-venv REQUIREMENTS=dev
	@touch "$@"

.PHONY: make-venv
make-venv:
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Daler needs Python 3.11 or newer, and found none: install it, or say where it is" \
				"with 'make PYTHON=/path/to/python3'." >&2; exit 1; \
		fi; \
		if ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
			echo "$(PYTHON) cannot make virtual environments: install its venv package (on Debian" \
				"and Ubuntu 'apt install python3-venv')." >&2; exit 1; \
		fi; \
		echo "Making a virtual environment in $(VENV) ..."; \
		"$(PYTHON)" -m venv --clear $(VENV) || exit 1; \
	fi
	@rm -f $(VENV)/ready-to-*
	@echo "Installing the pinned packages of requirements/$(REQUIREMENTS).txt (a minute or two, once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes \
		-r requirements/$(REQUIREMENTS).txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
		--no-build-isolation -e .
