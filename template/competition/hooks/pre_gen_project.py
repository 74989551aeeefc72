"""Checks the answers of a replay, where no question was asked: rendering this file does it."""

CHECKED = "{{ cookiecutter | checked_answers }}"
