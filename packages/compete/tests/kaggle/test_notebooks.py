"""Datasets and notebooks: which files lack, and which end of a log tells most."""

from pathlib import Path

import pytest

from compete.kaggle import datasets, kernel
from compete.kaggle.rerun_errors import rerun_remedy


@pytest.mark.parametrize(
    ("listed", "lacking"),
    [
        ({"MANIFEST.json", "wheels/a.whl", "wheels/b.whl"}, []),
        ({"MANIFEST.json", "wheels.zip"}, []),  # as it was uploaded
        ({"MANIFEST.json", "a.whl", "b.whl"}, []),  # without folders
        ({"MANIFEST.json", "wheels/a.whl"}, ["wheels/b.whl"]),
        ({"wheels/a.whl", "wheels/b.whl"}, ["MANIFEST.json"]),
        ({"MANIFEST.json"}, ["wheels/a.whl", "wheels/b.whl"]),
    ],
)
def test_missing_files(
    listed: set[str], lacking: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wheels").mkdir()
    for name in ("MANIFEST.json", "dataset-metadata.json", "wheels/a.whl", "wheels/b.whl"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    monkeypatch.setattr(datasets, "_listed", lambda dataset: listed)
    assert datasets.missing_files("me/some-files", tmp_path) == lacking


def test_the_end_of_a_log_begins_with_its_last_traceback() -> None:
    traceback = ["Traceback (most recent call last):", '  File "x", line 1', "ValueError: no"]
    log = "\n".join(["installing"] * 100 + traceback + ["Notebook Threw Exception"])
    assert kernel.relevant_end(log).splitlines() == [*traceback, "Notebook Threw Exception"]


def test_the_end_of_a_long_log_is_short() -> None:
    deep = ["Traceback (most recent call last):", *map(str, range(500)), "RecursionError: deep"]
    end = kernel.relevant_end("\n".join(deep), lines=40).splitlines()
    assert len(end) == 41
    assert (end[0], end[-1]) == (deep[0], deep[-1])
    assert kernel.relevant_end("\n".join(map(str, range(100)))).splitlines()[0] == "80"


def test_the_cells_of_a_notebook_are_compared_whatever_its_form() -> None:
    one = '{"cells": [{"source": ["a = 1\\n", "b"]}, {"source": "c"}], "metadata": {"x": 1}}'
    other = '{"metadata": {}, "cells": [{"source": "a = 1\\nb\\n"}, {"source": ["c"]}]}'
    assert kernel.cells(one) == kernel.cells(other) == ["a = 1\nb", "c"]
    assert kernel.cells("print(1)") == ["print(1)"]


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("Inference Server Never Started", "within 15 minutes"),
        ("Notebook Timeout", "fewer folds"),
        ("Notebook Exceeded Allowed Compute", "less memory"),
        ("Notebook Threw Exception", "rehearse --rows"),
        ("Submission Scoring Error", "in the same order"),
        ("Something else", "Correct the notebook"),
    ],
)
def test_each_failure_of_a_rerun_has_its_remedy(error: str, remedy: str) -> None:
    assert remedy in rerun_remedy(error)
