"""What a notebook may not do on Kaggle is stopped in a rehearsal, and told by name."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import make_contract, write

from compete.files import write_json
from compete.kaggle_image import load_image
from compete.kernels.diagnosis import explain
from compete.kernels.environment import Environment, make_environment, namespace
from compete.kernels.hidden_data import HiddenTest
from compete.kernels.inference_server import (
    ADDRESS,
    Gateway,
    Server,
    find_server,
    socket_in,
    stand_in,
)
from compete.kernels.percent import to_ipynb
from compete.kernels.process import Limits, Ran, run_notebook
from compete.kernels.requirements import Needed

LIMITS = Limits(60, 8)
SERVER = Server("people_inference_server", "PeopleInferenceServer")
Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A rehearsal's environment, without wheels."""
    folder = tmp_path_factory.mktemp("rehearsal")
    return make_environment(folder, load_image(), Needed(), folder / "no-wheels")


@pytest.fixture
def run(environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run(code)` runs a notebook with this cell, in a project's folder of its own."""
    project, inputs, working = (tmp_path / name for name in ("project", "input", "working"))
    for folder in (project, inputs, working):
        folder.mkdir()
    (project / "secret.txt").touch()
    (inputs / "train.csv").touch()
    monkeypatch.chdir(project)

    def go(code: str, limits: Limits = LIMITS, **told: str) -> Ran:
        write_json(project / "kernel/notebook/notebook.ipynb", to_ipynb(f"# %%\n{code}\n"))
        folder = environment.folder.parent
        return run_notebook(environment, folder, inputs, working, limits, told=told)

    return go


def told(ran: Ran, limits: Limits = LIMITS) -> str:
    """Return in a sentence why a notebook failed."""
    return explain(ran, limits, Path("kernel/rehearsal.log")).what


def test_what_the_image_has_can_be_imported_and_nothing_is_amiss(run: Run) -> None:
    ran = run("import numpy, os\nfrom pathlib import Path\nPath(os.environ['TMPDIR'], 'x').touch()")
    assert ran.error is None
    assert not ran.attempts
    assert ran.memory_gb > 0


def test_a_weight_that_would_be_fetched_is_named(run: Run) -> None:
    ran = run("import urllib.request as u\nu.urlopen('https://weights.example/model.bin')")
    assert "tried to reach weights.example (cell 1, line 2)" in told(ran)


def test_the_system_itself_lets_nothing_out(run: Run) -> None:
    """Programs that are not Python are kept from the network too, where namespaces are."""
    if not namespace():
        pytest.skip("this system has no network namespaces")
    ran = run("import subprocess\nsubprocess.run(['cat', '/proc/net/dev'])")
    assert not ran.network
    assert [line.split(":")[0].strip() for line in ran.log.splitlines() if ":" in line] == ["lo"]


def test_this_machine_itself_can_be_reached(run: Run) -> None:
    """As an inference server and its gateway do."""
    code = """import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()"""
    assert run(code).error is None


def test_a_package_that_kaggle_lacks_is_named(run: Run) -> None:
    assert "lacks the package of `import dvc`" in told(run("import dvc"))


def test_a_path_that_only_this_machine_has_is_named(run: Run) -> None:
    path = Path("secret.txt").absolute()
    code = f"""from contextlib import suppress
with suppress(OSError):
    open({str(path)!r})"""
    ran = run(code)
    assert f"reads a path of this machine, which Kaggle does not have: {path}" in told(ran)


def test_inputs_can_not_be_written(run: Run) -> None:
    code = "import os\nopen(os.environ['COMPETE_KAGGLE_INPUT'] + '/train.csv', 'a')"
    assert "writes into its inputs" in told(run(code))


def test_running_out_of_time_is_told(run: Run) -> None:
    limits = Limits(1, 8)
    ran = run("import time\ntime.sleep(30)", limits)
    assert ran.seconds < 15
    assert "ran out of time: after 1 seconds" in told(ran, limits)


def test_running_out_of_memory_is_told_also_in_a_process_of_its_own(run: Run) -> None:
    limits = Limits(30, 0.4)
    child = "import time; x = b'1' * 600_000_000; time.sleep(20)"
    ran = run(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])", limits)
    assert ran.seconds < 15
    assert "ran out of memory" in told(ran, limits)


def test_any_other_error_is_told_with_its_cell(run: Run) -> None:
    assert told(run("1 / 0")) == "The notebook failed in cell 1: division by zero."


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway to the stand-in of a competition's inference server, with five test rows."""
    data = tmp_path / "data"
    write(data / "kaggle_evaluation/core/base_inference_server.py", "class InferenceServer: ...\n")
    write(
        data / f"kaggle_evaluation/{SERVER.module}.py", f"import grpc\nclass {SERVER.name}: ...\n"
    )
    assert find_server(data) == SERVER
    stand_in(data, SERVER)
    write(data / "test.csv", "id,x\n1,10\n2,20\n3,30\n4,40\n5,50\n")
    write(data / "sample.csv", "id,y\n1,0\n2,0\n3,0\n4,0\n5,0\n")
    contract = make_contract(tables={"data/raw/test.csv": "the rows to predict"})
    test = HiddenTest(data, 5, data / "sample.csv")
    with tempfile.TemporaryDirectory() as short:  # as the path of a socket has to be
        yield Gateway(socket_in(Path(short)), contract, test, tmp_path / "submission.csv")


def serve(run: Run, gateway: Gateway, predict: str) -> Ran:
    """Run a notebook that serves this function to the gateway."""
    code = f"""import sys
sys.path.insert(0, {str(gateway.test.folder)!r})
from kaggle_evaluation.{SERVER.module} import {SERVER.name}
def predict(test, sample):
    return {predict}
{SERVER.name}(predict).serve()"""
    gateway.start()
    ran = run(code, **{ADDRESS: gateway.address})
    gateway.finish()
    return ran


def test_an_inference_server_is_asked_batch_by_batch(run: Run, gateway: Gateway) -> None:
    ran = serve(
        run, gateway, "print(test.height, flush=True) or sample.with_columns(y=test['x'] + 1)"
    )
    assert ran.error is None
    assert gateway.fault is None
    assert ran.log.split() == ["2", "2", "1"]
    assert gateway.submission.read_text() == "id,y\n1,11\n2,21\n3,31\n4,41\n5,51\n"
    assert gateway.batch_seconds > 0


def test_what_predict_raises_is_told(run: Run, gateway: Gateway) -> None:
    ran = serve(run, gateway, "test['nothing']")
    assert "The notebook failed in cell 1" in told(ran)
    assert "nothing" in told(ran)


def test_a_batch_with_too_few_predictions_is_told(run: Run, gateway: Gateway) -> None:
    serve(run, gateway, "sample.head(1)")
    assert gateway.fault is not None
    assert gateway.fault.what == "A batch of 2 rows got 1 predictions."
