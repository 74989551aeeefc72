# Thin: every target is one command that also works without Make (see README.md).
.PHONY: setup demo test lint bench

UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --quiet

setup: $(UV)
	$(UV) sync --quiet

demo: setup
	$(RUN) python examples/demo.py

lint: setup
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy

test: lint
	$(RUN) pytest

bench: setup
	$(RUN) python bench

# uv in a folder of its own: the system's Python is often closed to pip.
.tools/bin/uv:
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	python3 -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv
