"""Datasets and notebooks: which files lack, and which end of a log tells most."""

from pathlib import Path

import pytest

from compete.kaggle import datasets, kernel


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
