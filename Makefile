# Every target sets up what it needs in .venv first: quietly, on standard error, and only when a lock file has changed.

ROUNDS ?= 20
SEED ?=
DATABASE ?= sqlite
BIN = .venv/bin

.PHONY: run test test-all lint crash lock

run: .venv/run.stamp
	@exec deploy/supervise.sh $(BIN)/firstline serve --trial

# What is slow, or needs a server that can't be had, is left out; the last line tells.
test: .venv/dev.stamp
	@$(BIN)/python -m pytest

# Everything; a test skipped for want of a server fails the run.
test-all: .venv/dev.stamp
	@FIRSTLINE_NO_SKIPS=1 $(BIN)/python -m pytest --slow

lint: .venv/dev.stamp
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > .venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

# make crash ROUNDS=200 SEED=7 DATABASE=both
crash: .venv/dev.stamp
	@$(BIN)/python -m tests.crash --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED)) --database $(DATABASE)

# The newest releases that pyproject.toml allows, written down with their hashes.
lock: .venv/dev.stamp
	@deploy/lock.sh

.venv/run.stamp: pyproject.toml requirements.lock deploy/venv.sh
	@deploy/venv.sh requirements.lock
	@touch $@

.venv/dev.stamp: pyproject.toml requirements-dev.lock deploy/venv.sh
	@deploy/venv.sh requirements-dev.lock
	@touch $@ .venv/run.stamp
