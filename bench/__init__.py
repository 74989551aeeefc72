"""Measures a generated project and the template: `python -m bench`, or `make bench`."""
