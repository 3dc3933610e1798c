# `make check` is the one gate: commit hooks and .ci/run call the same.
PYTHON ?= .venv/bin/python
LINT_IMPORTS ?= $(dir $(PYTHON))lint-imports
UV ?= $(firstword $(wildcard .venv/bin/uv) uv)
# `make lock UPGRADE=--upgrade` takes the newest versions that pyproject.toml allows; without it only what must change.
UPGRADE ?=
# Where known vulnerabilities are looked up: `make audit SERVICE='-s osv'` asks OSV in the place of PyPI.
SERVICE ?=
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	--no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE) pyproject.toml

.PHONY: check format-check lint types layers tests format bench config lock audit hooks

check: format-check lint types layers tests

format-check:
	$(PYTHON) -m ruff format --check .

lint:
	$(PYTHON) -m ruff check .

types:
	$(PYTHON) -m mypy

layers:
	$(LINT_IMPORTS)

tests:
	$(PYTHON) -m pytest -n 2 --dist loadfile

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench:
	$(PYTHON) -m benchmarks

# Both locks hold wheels with their checksums, for all platforms, and name no host.
lock:
	$(LOCK) --group dev --output-file requirements-dev.lock
	$(LOCK) --group build --constraint requirements-dev.lock --output-file requirements.lock
	@! grep -n '://' requirements.lock requirements-dev.lock

# Fails when a locked package has a known vulnerability, and also when that cannot be found out.
audit:
	$(PYTHON) -m pip_audit --strict --progress-spinner off --disable-pip --require-hashes $(SERVICE) \
		--requirement requirements.lock --requirement requirements-dev.lock

hooks:
	git config core.hooksPath .githooks

config:
	$(PYTHON) -m holdings.settings_documents
