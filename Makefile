# What one can do here. `make` alone explains; every target brings what it needs into .venv and touches nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run demo quick test coverage torture check fix shots lock parts catalogues clean

PYTHON ?= python3
BIN := .venv/bin
PO := $(wildcard fedishare/locale/*/LC_MESSAGES/fedishare.po)
MO := $(PO:.po=.mo)
# What goes through every branch of the code that `tool.coverage` in pyproject.toml names.
GUARDS := $(addprefix tests/federation/,signatures fetching policy inbox vocabulary/test_origins.py following/test_synchronizing.py) \
	$(addprefix tests/foundation/net/test_,addresses.py urls.py resolving.py) tests/features/partners \
	$(addprefix tests/features/conversations/test_,strangers.py the_blocked.py reactions_and_notices.py) \
	$(addprefix tests/attacks/inbox/test_,passing_on.py proved_words_again.py)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

help: ## say what each target does
	@echo "Fedishare. Targets:"
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read name what; do \
		printf '  make %-8s %s\n' "$$name" "$$what"; done

setup: .venv/core catalogues ## bring everything an instance needs into .venv
	@echo "Ready. Try: make demo, or make run"

run: .venv/core catalogues ## start an instance to try out on this machine: http://localhost:8000, data in ./var/run
	@FEDISHARE_DATA=$(CURDIR)/var/run FEDISHARE_BASE_URL=http://localhost:8000 FEDISHARE_LISTEN=127.0.0.1:8000 \
		FEDISHARE_MODE=closed FEDISHARE_MIGRATE=on exec $(BIN)/fedishare serve --for-trying

demo: .venv/core catalogues ## start two instances that follow each other, with more than 200 listings, in ./var/demo
	@exec $(BIN)/fedishare demo --folder $(CURDIR)/var/demo

quick: .venv/tests catalogues ## the tests that need nothing but Python: SQLite, no browser
	@$(BIN)/python -m pytest -m "not real" -n 2 --dist loadfile -q

test: parts catalogues ## every test, with the Debian packages they need (installed when root)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q

coverage: .venv/tests catalogues ## whether tests go through every branch of signatures, fetching, origins, visibility
	@$(BIN)/python -m coverage erase
	@CI=true $(BIN)/python -m coverage run -m pytest -m "not real" -n 2 --dist loadfile -q $(GUARDS)
	@$(BIN)/python -m coverage combine -q && $(BIN)/python -m coverage report

torture: parts catalogues ## the long forms of the tests of patience, alone on the machine: half an hour
	@FEDISHARE_TORTURE=on $(BIN)/python -m pytest -q -p no:randomly tests/torture

bench: parts catalogues ## what everything costs, against the least it could: ROUNDS=1 ONLY=inbox for a first look
	@$(BIN)/python -m tests.bench.rows --rounds $(or $(ROUNDS),5) --only "$(ONLY)" $(BENCH)

check: .venv/tests catalogues ## form, lint, types, who imports whom, words of both languages
	@$(BIN)/ruff format --check fedishare tests hatch_build.py
	@$(BIN)/ruff check fedishare tests hatch_build.py
	@$(BIN)/mypy --strict fedishare
	@$(BIN)/python -m fedishare.foundation.text.catalogues check
	@$(BIN)/python -m pytest -q -p no:randomly tests/test_imports.py tests/test_source.py tests/test_documents.py

fix: .venv/tests ## put the form right, and what lint can repair alone
	@$(BIN)/ruff check --fix --quiet fedishare tests; $(BIN)/ruff format --quiet fedishare tests

shots: parts catalogues ## a picture of every page, both languages, both sizes, light and dark, each seen by axe
	@$(BIN)/python -m tests.shots

lock: ## choose the versions of everything anew (needs uv)
	@deploy/lock.sh --upgrade

clean: ## remove what was made here; ./var, the data of `run` and `demo`, stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist .coverage* $(MO)

parts: .venv/tests
	@$(BIN)/python -m tests.parts

catalogues: $(MO)

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Fedishare needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`." >&2; \
		echo "Install one, then: make PYTHON=python3.12 setup" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make a virtual environment: its venv module is missing." >&2; \
		echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv && touch $@

.venv/core: .venv/python deploy/requirements.lock pyproject.toml
	@echo "Installing what Fedishare runs on…"
	@$(PIP) install --require-hashes -r deploy/requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

.venv/tests: .venv/core deploy/requirements-dev.lock
	@echo "Installing what the tests need…"
	@$(PIP) install --require-hashes -r deploy/requirements-dev.lock
	@touch $@

$(MO): $(PO) | .venv/core
	@$(BIN)/python -m fedishare.foundation.text.catalogues compile
