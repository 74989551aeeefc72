"""Datasets, notebooks and code submissions through the official client."""

import json
import time
from pathlib import Path
from typing import Any

import polars as pl
import practice_kaggle
import pytest
import requests

OPEN = ("QUEUED", "RUNNING")
# Predicts the sort of each wine that it finds: all of sort 0, and says what it was given.
PREDICT = """
from pathlib import Path
import csv, json, os
found = {p.name: p for p in Path("/kaggle/input").rglob("*") if p.is_file()}
rows = list(csv.DictReader(found["sample_submission.csv"].open()))
answers = json.loads(found["answers.json"].read_text())
with Path("/kaggle/working/submission.csv").open("w") as file:
    file.write("id,sort\\n" + "".join(f"{r['id']},{answers[r['id']]}\\n" for r in rows))
print(len(rows), "rows;", "rerun" if os.environ.get("KAGGLE_IS_COMPETITION_RERUN") else "first")
"""


def write_dataset(folder: Path, title: str = "Wine weights", **answers: str) -> Path:
    """A dataset's folder: the answers, and a folder of two files."""
    (folder / "more").mkdir(parents=True, exist_ok=True)
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    for name in ("a.txt", "b.txt"):
        (folder / "more" / name).write_text(name, encoding="utf-8")
    about = {"id": "practice/wine-weights", "title": title, "licenses": [{"name": "CC0-1.0"}]}
    (folder / "dataset-metadata.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def write_notebook(folder: Path, *cells: str, **metadata: Any) -> Path:
    """A notebook's folder, ready to be pushed."""
    folder.mkdir(exist_ok=True)
    sources = [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells]
    about = {
        "id": "practice/wine-predictions",
        "title": "Wine predictions",
        "code_file": "notebook.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "enable_internet": False,
        "dataset_sources": ["practice/wine-weights"],
        "competition_sources": ["wines"],
    }
    (folder / "notebook.ipynb").write_text(json.dumps({"cells": sources}), encoding="utf-8")
    (folder / "kernel-metadata.json").write_text(json.dumps(about | metadata), encoding="utf-8")
    return folder


def wait(api: Any) -> Any:
    while (found := api.kernels_status("practice/wine-predictions")).status.name in OPEN:
        time.sleep(0.05)
    return found


def log(api: Any) -> str:
    text = api.kernels_logs("practice/wine-predictions")
    return "".join(line["data"] for line in json.loads(text))


def create(api: Any, folder: Path) -> Any:
    return api.dataset_create_new(str(folder), quiet=True, dir_mode="zip")


def wait_for_dataset(api: Any) -> None:
    while api.dataset_status("practice/wine-weights") != "ready":
        time.sleep(0.02)


@pytest.mark.parametrize("keep", [False, True], ids=["unpacked", "kept"])
def test_a_dataset_and_its_versions(
    make_practice: Any, connect: Any, tmp_path: Path, keep: bool
) -> None:
    folder = write_dataset(tmp_path / "weights")
    host = practice_kaggle.HostOptions(keep_archives=keep)
    with practice_kaggle.serve(make_practice(), host=host) as server:
        api = connect(server)
        assert not create(api, folder).error
        wait_for_dataset(api)
        (folder / "more" / "a.txt").unlink()
        api.dataset_create_version(str(folder), "less", quiet=True, dir_mode="zip")
        first, second = (
            {f.name for f in api.dataset_list_files(f"practice/wine-weights/{n}").files}
            for n in (1, 2)
        )
        assert "already in use" in create(api, folder).error
    whole = {"answers.json", "more.zip"} if keep else {"answers.json", "more/a.txt", "more/b.txt"}
    assert first == whole
    assert second == whole - {"more/a.txt"}


def test_a_notebook_runs_offline_and_is_submitted(
    make_practice: Any, connect: Any, tmp_path: Path
) -> None:
    folder = make_practice(kernels_only=True, reveal_private=True, scoring_seconds=0.01)
    truth = pl.read_csv(folder / "private/solution.csv")
    hidden = folder / "private" / "rerun"
    hidden.mkdir()
    (folder / "data/sample_submission.csv").rename(hidden / "sample_submission.csv")
    (folder / "data/sample_submission.csv").write_text("id,sort\n0,0\n1,0\n", encoding="utf-8")
    answers = {str(row["id"]): str(row["sort"]) for row in truth.iter_rows(named=True)}
    reach = "import urllib.request as u\ntry: u.urlopen('http://192.0.2.1', timeout=5)\n"
    reach += "except OSError as error: print('offline:', error)"
    host = practice_kaggle.HostOptions(nested_inputs=True)
    with practice_kaggle.serve(folder, host=host) as server:
        api = connect(server)
        create(api, write_dataset(tmp_path / "weights", **answers))
        wait_for_dataset(api)
        alone = "import sys\nassert not any('practice_kaggle' in path for path in sys.path[:1])"
        cells = (alone, reach, PREDICT)
        pushed = api.kernels_push(str(write_notebook(tmp_path / "notebook", *cells)))
        assert (pushed.version_number, pushed.invalid_dataset_sources) == (1, [])
        assert wait(api).status.name == "COMPLETE", log(api)
        assert "Network is unreachable" in log(api)  # refused at once, not timed out
        assert "2 rows; first" in log(api)
        sent = api.competition_submit_code(
            "submission.csv", "my words", "wines", "practice/wine-predictions", 1, quiet=True
        )
        while (found := api.competition_submissions("wines")[0]).status.name == "PENDING":
            time.sleep(0.05)
    assert found.ref == sent.ref > 0
    assert (found.public_score, found.private_score) == ("1.00000", "1.00000")
    reruns = folder / "state/account/kernels/wine-predictions/1/reruns"
    assert f"{truth.height} rows; rerun" in (reruns / "wines.log.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("settings", "code", "error"),
    [
        ({"kernel_seconds": 1}, "import time; time.sleep(60)", "Notebook Timeout"),
        (
            {"kernel_memory_gb": 0.2},
            "taken = bytearray(4 * 10 ** 8); import time; time.sleep(60)",
            "Notebook Exceeded Allowed Compute",
        ),
        ({}, "raise ValueError", "Notebook Threw Exception"),
        ({}, "path.unlink()", "Submission CSV Not Found"),
    ],
)
def test_a_rerun_that_fails(
    playing: Any, tmp_path: Path, settings: Any, code: str, error: str
) -> None:
    """The notebook does well when it is pushed; what it does otherwise in the rerun costs it."""
    text = (
        "import os, pathlib\npath = pathlib.Path('/kaggle/working/submission.csv')\n"
        f"path.write_text('id')\nif 'KAGGLE_IS_COMPETITION_RERUN' in os.environ: {code}\n"
    )
    notebook = write_notebook(tmp_path / "notebook", text, dataset_sources=[])
    with playing(kernels_only=True, scoring_seconds=0.01, **settings) as (_, api, _):
        api.kernels_push(str(notebook))
        assert wait(api).status.name == "COMPLETE"
        kernel = "practice/wine-predictions"
        api.competition_submit_code("submission.csv", "", "wines", kernel, 1, quiet=True)
        while (found := api.competition_submissions("wines")[0]).status.name == "PENDING":
            time.sleep(0.05)
    assert found.error_description == error


def test_a_second_server_runs_what_the_first_left(
    make_practice: Any, connect: Any, tmp_path: Path
) -> None:
    folder = make_practice(kernels_only=True)
    notebook = write_notebook(
        tmp_path / "notebook", "import time; time.sleep(2)", dataset_sources=[]
    )
    with practice_kaggle.serve(folder) as server:
        connect(server).kernels_push(str(notebook))
    with practice_kaggle.serve(folder) as server:
        assert wait(connect(server)).status.name == "COMPLETE"


def test_a_file_is_refused_and_so_is_a_version_that_did_not_run(
    playing: Any, perfect: Any, tmp_path: Path
) -> None:
    with playing(kernels_only=True) as (_, api, folder):
        with pytest.raises(requests.HTTPError) as refused:
            api.competition_submit(str(perfect(folder)), "", "wines", quiet=True)
        assert "from Notebooks" in refused.value.response.text
        kernel = "practice/wine-predictions"
        with pytest.raises(requests.HTTPError) as refused:
            api.competition_submit_code("submission.csv", "", "wines", kernel, 1, quiet=True)
        assert "kernelSessions.get" in refused.value.response.text
