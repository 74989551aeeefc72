# Every target is one or two commands that also work without Make (see README.md).
.PHONY: setup demo test lint bench

export PATH := $(CURDIR)/.tools/bin:$(PATH)
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --quiet

setup: $(UV)
	$(UV) sync

demo: setup
	$(RUN) python examples/demo.py

lint: setup
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports

test: lint
	$(RUN) pytest

bench: setup
	$(RUN) python -m bench

# If uv is missing, install it into a separate environment, because many systems do not allow pip.
.tools/bin/uv:
	python3 -m venv .tools/venv
	.tools/venv/bin/python -m pip install --quiet --disable-pip-version-check uv
	mkdir -p .tools/bin
	cp .tools/venv/bin/uv .tools/venv/bin/uvx .tools/bin
