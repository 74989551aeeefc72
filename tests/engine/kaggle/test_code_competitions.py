"""Code competitions: what the client reports as done although it is not, and Kaggle's refusals.

The practice Kaggle serves no notebooks; these responses are canned, the client is the real one.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from practice_kaggle.environment import client_environment

from .harness import Project, Worker


class Canned:
    """Responds to every method with what `responses` holds for it: (status, body)."""

    def __init__(self) -> None:
        self.responses: dict[str, Any] = {}
        canned = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, body = canned.responses[self.path.rsplit("/", 1)[-1]]
                self.respond(status, json.dumps(body).encode())

            def do_PUT(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.respond(canned.responses["Upload"], b"{}")

            def respond(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def canned() -> Iterator[Canned]:
    canned = Canned()
    yield canned
    canned.server.shutdown()


@pytest.fixture(scope="module")
def worker(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("worker")
    (folder / "home").mkdir()
    env = client_environment(canned.server.server_port, folder / "home", {"HOME": str(folder)})
    worker = Worker(Project(folder, env=env), folder / "stderr.txt")
    yield worker
    worker.close()


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook's folder, ready to be pushed."""
    (tmp_path / "run.py").write_text("print(1)\n", encoding="utf-8")
    metadata = {
        "id": "practice/my-notebook",
        "title": "My notebook",
        "code_file": "run.py",
        "language": "python",
        "kernel_type": "script",
    }
    (tmp_path / "kernel-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return tmp_path


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A dataset's folder with one file."""
    (tmp_path / "model.txt").write_text("weights\n", encoding="utf-8")
    metadata = {
        "id": "practice/my-weights",
        "title": "My weights",
        "licenses": [{"name": "CC0-1.0"}],
    }
    (tmp_path / "dataset-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (
            400,
            "Your Notebook cannot use internet access in this competition",
            ("internet", "enable_internet"),
        ),
        (
            400,
            "Your Notebook must include this competition as a data source",
            ("attached", "competition_sources"),
        ),
        (403, "Permission 'kernelSessions.get' was denied", ("version of the notebook",)),
    ],
    ids=["internet", "not attached", "no version"],
)
def test_refused_notebook(
    canned: Canned, worker: Worker, status: int, message: str, words: tuple[str, ...]
) -> None:
    body = {"error": {"code": status, "message": message, "status": "FAILED_PRECONDITION"}}
    canned.responses["CreateCodeSubmission"] = (status, body)
    worker.fault("kernel.submit_kernel('some-competition', 'practice/my-notebook', 1, 'x')", *words)


@pytest.mark.parametrize("kind", ["dataset", "competition", "kernel", "model"])
def test_unknown_source(canned: Canned, worker: Worker, notebook: Path, kind: str) -> None:
    key = f"invalid{kind.capitalize()}Sources"
    reply = {"ref": "x", "versionNumber": 3, key: ["nobody/nothing"]}
    canned.responses["SaveKernel"] = (200, reply)
    worker.fault(f"kernel.push(Path({str(notebook)!r}))", kind, "nobody/nothing", f"{kind}_sources")


def test_pushed_notebook_gives_its_version(canned: Canned, worker: Worker, notebook: Path) -> None:
    canned.responses["SaveKernel"] = (200, {"ref": "x", "versionNumber": 3})
    assert worker.ask(f"kernel.push(Path({str(notebook)!r}))") == {"value": "3"}


def test_notebook_that_ends_in_an_error(canned: Canned, worker: Worker) -> None:
    state = {"status": "ERROR", "failureMessage": "out of memory"}
    canned.responses["GetKernelSessionStatus"] = (200, state)
    worker.fault("kernel.wait('practice/my-notebook', 5)", "ended in error", "out of memory", "log")


def test_notebook_that_has_run(canned: Canned, worker: Worker) -> None:
    canned.responses["GetKernelSessionStatus"] = (200, {"status": "COMPLETE"})
    assert "value" in worker.ask("kernel.wait('practice/my-notebook', 5)")


def test_dataset_slug_taken(canned: Canned, worker: Worker, weights: Path) -> None:
    canned.responses["GetDatasetStatus"] = (200, {"status": "READY"})
    worker.fault(f"kernel.create_dataset(Path({str(weights)!r}))", "already in use", "new version")


def test_dataset_without_a_file(canned: Canned, worker: Worker, weights: Path) -> None:
    canned.responses |= {
        "GetDatasetStatus": (404, {"error": {"code": 404, "message": "Not found"}}),
        "StartBlobUpload": (200, {"token": "t", "createUrl": "http://localhost/put"}),
        "Upload": 403,
        "CreateDataset": (200, {"ref": "/practice/my-weights", "url": "u", "status": "ok"}),
        "ListDatasetFiles": (200, {"datasetFiles": []}),
    }
    worker.fault(f"kernel.create_dataset(Path({str(weights)!r}))", "model.txt", "upload")
