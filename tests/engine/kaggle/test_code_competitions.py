"""Code competitions: what was built is pushed once and submitted once, whatever happens between."""

import json
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
from practice_kaggle.datasets.batches import hand_out_in_batches

from .harness import SLUG, Outcome, Project, Serve

DATASET, KERNEL = "practice/parity-files", "practice/parity-predict"
# Reads the parity of the first number from the dataset, finds its inputs, and predicts the rest.
NOTEBOOK = """
from pathlib import Path
found = {path.name: path for path in Path("/kaggle/input").rglob("*") if path.is_file()}
first = int(found["first.txt"].read_text())
rows = found["test.csv"].read_text().split()[1:]
with Path("/kaggle/working/submission.csv").open("w") as file:
    print("Id,Odd", *(f"{row},{(int(row) + 1 + first) % 2}" for row in rows), sep="\\n", file=file)
"""
# Answers batches, but not such long ones as only the hidden rows make.
SERVER = """
import os, sys
from pathlib import Path
data = next(Path("/kaggle/input").rglob("kaggle_evaluation")).parent
sys.path.insert(0, str(data))
from kaggle_evaluation.practice_inference_server import PracticeInferenceServer
def predict(sample, test):
    if test.height > 10:
        raise ValueError("too many rows")
    return sample.with_columns(Odd=test["Id"] % 2)
server = PracticeInferenceServer(predict)
if os.environ.get("KAGGLE_IS_COMPETITION_RERUN"):
    server.serve()
else:
    server.run_local_gateway((str(data),))
"""
HOST = practice_kaggle.HostOptions(processing_seconds=0)


def build(project: Project, first: int = 1, code: str = NOTEBOOK, **about: Any) -> None:
    """Write kernel/ as `compete kernel build` does, with a model of one number."""
    files = {"project/first.txt": f"{first}\n", "wheels/a-1.whl": "a", "wheels/b-1.whl": "b"}
    dataset = project.folder / "kernel" / "dataset"
    for name, text in files.items():
        (dataset / name).parent.mkdir(parents=True, exist_ok=True)
        (dataset / name).write_text(text, encoding="utf-8", newline="\n")
    listed = {
        name: {"sha256": sha256(text.encode()).hexdigest(), "size": len(text)}
        for name, text in files.items()
    }
    write(dataset / "MANIFEST.json", {"competition": SLUG, "files": listed})
    write(
        dataset / "dataset-metadata.json",
        {"id": "USERNAME/parity-files", "title": "parity-files", "licenses": [{"name": "other"}]},
    )
    cell = {"cell_type": "code", "id": "cell-0", "metadata": {}, "outputs": []}
    notebook = project.folder / "kernel" / "notebook"
    write(notebook / "notebook.ipynb", {"cells": [cell | {"source": code.splitlines(True)}]})
    metadata = {
        "id": "USERNAME/parity-predict",
        "title": "parity-predict",
        "code_file": "notebook.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "enable_internet": False,
        "dataset_sources": ["USERNAME/parity-files"],
        "competition_sources": [SLUG],
    }
    write(notebook / "kernel-metadata.json", metadata | about)


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


@pytest.fixture
def coding(project: Project, serving: Serve) -> Callable[..., Any]:
    """`with coding(fail=...) as server:` serves a code competition to a project that is built."""
    build(project)

    def serve(fail: list[str] | None = None, **changes: Any) -> Any:
        return serving(fail=fail, options={"host": HOST}, kernels_only=True, **changes)

    return serve


def finish(project: Project) -> None:
    """Push and submit without trouble."""
    for words in (("kernel", "push"), ("kernel", "submit", "-m", "once")):
        done = project.compete(*words)
        assert done.code == 0, done.text


def assert_scored(project: Project, version: int = 1, dataset_version: int = 1) -> None:
    (entry,) = project.ledger()
    assert (entry["state"], entry["public"], entry["kernel"]) == ("complete", 1.0, KERNEL)
    assert (entry["kernel_version"], entry["dataset_version"]) == (version, dataset_version)
    manifest = (project.folder / "kernel/dataset/MANIFEST.json").read_bytes()
    assert entry["manifest"] == sha256(manifest).hexdigest()


# What Kaggle has answered when the command is killed; the last word is how often by then.
MOMENTS = [
    ("push", "GetDatasetStatus", 1),
    ("push", "StartBlobUpload", 2),
    ("push", "Upload", 2),
    ("push", "CreateDataset", 1),
    ("push", "ListDatasetFiles", 1),
    ("push", "GetDataset", 1),
    ("push", "SaveKernel", 1),
    ("push", "GetKernelSessionStatus", 1),
    ("submit", "GetSubmissionLimits", 1),
    ("submit", "CreateCodeSubmission", 1),
    ("submit", "ListSubmissions", 1),
]


def test_killed_at_each_moment_nothing_is_sent_twice(
    project: Project, coding: Callable[..., Any]
) -> None:
    """One push and one submission, killed again and again."""
    with coding() as server:
        for verb, method, times in MOMENTS:
            if verb == "submit" and not server.count("CreateCodeSubmission"):
                assert project.compete("kernel", "push").code == 0

            def reached(method: str = method, wanted: int = times) -> bool:
                return bool(server.count(method) >= wanted)

            project.killed_when(reached, "kernel", verb)
        finish(project)
        sent = [server.count(m) for m in ("CreateDataset", "SaveKernel", "CreateCodeSubmission")]
        assert sent == [1, 1, 1]
        assert server.count("CreateDatasetVersion") == 0
    assert_scored(project)


@pytest.mark.skipif(os.name == "nt", reason="no process there can send Ctrl-C to one other")
def test_ctrl_c_is_one_sentence_and_the_same_command_goes_on(
    project: Project, serving: Serve
) -> None:
    """While files are uploaded, the dataset is processed, the notebook runs, the score is due."""
    wait = "import os, time\ntime.sleep(0 if 'KAGGLE_IS_COMPETITION_RERUN' in os.environ else 2)\n"
    build(project, code=wait + NOTEBOOK)

    def interrupted(server: Any, method: str, *words: str) -> None:
        before = server.count(method)

        def interrupt(pid: int) -> None:
            while server.count(method) == before:
                time.sleep(0.01)
            time.sleep(0.3)  # while a connection is closed, Python would swallow it
            os.kill(pid, signal.SIGINT)

        done = project.compete("kernel", *words, meanwhile=interrupt)
        assert done.code == 1, done.text
        assert done.err.rstrip().endswith("Interrupted. Run the same command again to resume.")
        assert "Traceback" not in done.text

    def kaggle(seconds: float, fail: list[str] | None = None, scoring: float = 0.1) -> Any:
        options = {"host": practice_kaggle.HostOptions(processing_seconds=seconds)}
        return serving(fail=fail, options=options, kernels_only=True, scoring_seconds=scoring)

    project.seconds = 30
    with kaggle(3600, ["Upload=stall"]) as server:
        interrupted(server, "StartBlobUpload", "push")
        interrupted(server, "CreateDataset", "push")
        assert server.count("CreateDataset") == 1
    with kaggle(0, scoring=3600) as server:
        interrupted(server, "GetKernelSessionStatus", "push")
        assert project.compete("kernel", "push").code == 0
        interrupted(server, "CreateCodeSubmission", "submit", "-m", "once")
        sent = [server.count(m) for m in ("CreateDataset", "SaveKernel", "CreateCodeSubmission")]
        assert sent == [0, 1, 1]
    with kaggle(0) as server:
        assert project.compete("kernel", "submit", "-m", "once").code == 0
        assert server.count("CreateCodeSubmission") == 0
    assert_scored(project)


@pytest.mark.parametrize("mode", ["lose-response", "drop"])
def test_lost_responses(project: Project, coding: Callable[..., Any], mode: str) -> None:
    """Whether what was sent has arrived or not, the same command finds out and goes on."""
    methods = ("CreateDataset", "SaveKernel", "CreateCodeSubmission")
    with coding(fail=[f"{method}={mode}" for method in methods]) as server:
        for _ in range(2):
            project.compete("kernel", "push").assert_fault("same command")
        assert project.compete("kernel", "push").code == 0
        sent = project.compete("kernel", "submit")
        if mode == "drop":
            sent.assert_fault("same command")
            sent = project.compete("kernel", "submit")
        assert sent.code == 0, sent.text
        assert len(server.site.account.kernels.versions("parity-predict")) == 1
        assert len(server.site.account.datasets.versions("parity-files")) == 1
    assert_scored(project)


def test_faults_end_in_a_sentence_and_the_same_command_goes_on(
    project: Project, coding: Callable[..., Any]
) -> None:
    """A lost file, the quota, an unknown source, a notebook that fails: one after the other."""
    modes = ("quota", "invalid-source", "fail-run")
    fail = ["CreateDataset=lose-file", *(f"SaveKernel={mode}" for mode in modes)]
    with coding(fail=fail):
        push = partial(project.compete, "kernel", "push")
        push().assert_fault("upload of", "not complete", "new version")
        push().assert_fault("weekly GPU quota", "wait until there is room")
        push().assert_fault(DATASET, "does not know", "dataset_sources")
        project.compete("kernel", "submit").assert_fault("not run", "compete kernel push")
        failed = push()
        told = Outcome(failed.code, "", failed.err.splitlines()[-1])  # below the log
        told.assert_fault("version 2", "ended in error", "kernel/log.txt")
        assert 'RuntimeError("This failure was asked for' in failed.err
        assert "RuntimeError" in (project.folder / "kernel/log.txt").read_text(encoding="utf-8")
        finish(project)
    assert_scored(project, version=3, dataset_version=2)


def test_a_new_build_is_a_new_version_of_both(project: Project, coding: Callable[..., Any]) -> None:
    with coding() as server:
        build(project, first=0)
        assert project.compete("kernel", "push").code == 0
        build(project, first=1)
        project.compete("kernel", "submit").assert_fault("not pushed", "compete kernel push")
        finish(project)
        assert len(server.site.account.datasets.versions("parity-files")) == 2  # the old one stays
        again = project.compete("kernel", "submit", KAGGLE_API_TOKEN="practice-token")
        assert again.code == 0, again.text
        assert "the same notebook was submitted" in again.err.lower()
        assert server.count("CreateCodeSubmission") == 1
    assert_scored(project, version=2, dataset_version=2)


def test_nothing_of_others_is_replaced(project: Project, coding: Callable[..., Any]) -> None:
    with coding() as server:
        account = server.site.account
        account.store.add_dataset_version("parity-files", "Other", "", 0.0, lambda folder: None)
        project.compete("kernel", "push").assert_fault(
            DATASET, "did not create", "rename or delete"
        )
    with coding() as server:
        account = server.site.account
        with account.store.transaction() as connection:
            connection.execute("delete from dataset_versions")
        text = json.dumps({"cells": []})
        account.kernels.save("practice", "parity-predict", "Other", {"text": text})
        project.compete("kernel", "push").assert_fault(KERNEL, "did not create", "rename or delete")
        assert server.count("SaveKernel") == 0


def test_a_notebook_with_internet_is_not_submitted(
    project: Project, coding: Callable[..., Any]
) -> None:
    build(project, enable_internet=True)
    with coding():
        assert project.compete("kernel", "push").code == 0
        project.compete("kernel", "submit").assert_fault("internet", "enable_internet")
        build(project)
        finish(project)
    assert [entry["state"] for entry in project.ledger()] == ["refused", "complete"]


def test_a_notebook_that_fails_on_hidden_data(project: Project, coding: Callable[..., Any]) -> None:
    with coding() as server:
        assert project.compete("kernel", "push").code == 0
        hidden = next(iter(server.site.competitions.values())).folder / "private" / "rerun"
        hidden.mkdir()
        (hidden / "test.csv").write_text("Id\nnone\n", encoding="utf-8")
        project.compete("kernel", "submit").assert_fault("Notebook Threw Exception", "rehearse")


def test_an_inference_server_that_fails_on_hidden_rows(
    project: Project, practice: Path, coding: Callable[..., Any]
) -> None:
    """Its local gateway writes submission.parquet; with the hidden rows `predict` raises."""
    hand_out_in_batches(practice)
    build(project, code=SERVER)
    with coding(inference_server=True):
        pushed = project.compete("kernel", "push")
        assert pushed.code == 0, pushed.text
        project.compete("kernel", "submit").assert_fault(
            "Raised Exception. `compete kernel rehearse"
        )
    (entry,) = project.ledger()
    assert (entry["file"], entry["state"]) == ("submission.parquet", "error")


def test_a_notebook_without_submission(project: Project, coding: Callable[..., Any]) -> None:
    build(project, code="print(1)")
    with coding():
        project.compete("kernel", "push").assert_fault("version 1", "no submission.csv")
        project.compete("kernel", "submit").assert_fault("has not run", "compete kernel push")


def test_a_stuck_notebook_can_be_waited_for_and_left(
    project: Project, coding: Callable[..., Any]
) -> None:
    program = (
        "import sys\nfrom compete.kaggle import kernel\nfrom compete.errors import Fault\n"
        f"try: kernel.wait({KERNEL!r}, 1, seconds=0.1)\n"
        "except Fault as fault: sys.exit(f'error: {fault}')\n"
    )
    with coding(fail=["SaveKernel=stick"]) as server:

        def reached() -> bool:
            return bool(server.count("GetKernelSessionStatus") > 1)

        assert project.killed_when(reached, "kernel", "push")
        project.python(program).assert_fault("still running", "cancelled", "same command")
        server.site.account.kernels.save(
            "practice", "parity-predict", "Other", {"text": json.dumps({"cells": []})}
        )
        time.sleep(0.1)
        project.compete("kernel", "push").assert_fault("did not create")


def test_a_file_is_not_submitted(project: Project, coding: Callable[..., Any]) -> None:
    with coding():
        project.write_submission()
        told = project.compete("submit")
        told.assert_fault("code competition", "compete kernel build", "compete kernel submit")


def test_nothing_is_built(project: Project, serving: Serve) -> None:
    with serving(kernels_only=True):
        project.compete("kernel", "push").assert_fault("nothing is built", "compete kernel build")
