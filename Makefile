# The two commands for newcomers are `make serve` and `make test`; CONTRIBUTING.md tells about the others.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet
PROGRAMS := /usr/sbin/sshd sftp psftp rclone lftp curl litmus cadaver chromium
PACKAGES := postgresql openssh-server openssh-client putty-tools rclone lftp curl litmus cadaver chromium

.PHONY: help serve demo test install check format bench lock peers

help:
	@echo "make serve    install what is needed and serve a site on SQLite"
	@echo "make demo     the same with a site full of invented people"
	@echo "make test     install what the tests need, and run all of them"
	@echo "make check    format, lint, types, import contracts"
	@echo "make bench    measure, as ratios against a baseline in the same run"
	@echo "make install  everything for working on the code, in .venv"
	@echo "make lock     renew the lock files from pyproject.toml"

serve: .venv/serve
	.venv/bin/innkeeper serve

demo: .venv/serve
	.venv/bin/innkeeper demo

test: install peers
	.venv/bin/python -m tests

install: .venv/develop

check: install
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: install
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: install peers
	.venv/bin/python -m bench

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url pyproject.toml --extra build -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Innkeeper needs Python 3.11 or newer, and found none" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/serve: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/develop: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ .venv/serve

# The programs that the tests talk to. Without the right to install them, the tests that need them are skipped
# with a plain word; where CI=true, they fail.
peers:
	@missing=""; for p in $(PROGRAMS); do command -v $$p >/dev/null || missing="$$missing $$p"; done; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing the programs that tests need:$$missing"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      $(PACKAGES) >/dev/null; \
	  else echo "not installed, tests that need them are skipped:$$missing"; fi; fi
