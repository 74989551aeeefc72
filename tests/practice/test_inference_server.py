"""Competitions whose hidden rows a gateway hands out in batches, to a server in the notebook."""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import practice_kaggle
import pytest
from practice_kaggle import cli
from practice_kaggle.account.evaluation import Evaluation
from practice_kaggle.account.image import Image
from practice_kaggle.account.session import Limits, run
from practice_kaggle.datasets.batches import hand_out_in_batches
from practice_kaggle.errors import PracticeError
from practice_kaggle.kaggle_evaluation.core.relay import Client, GatewayError, Server, socket_in
from practice_kaggle.kaggle_evaluation.practice_gateway import PracticeGateway
from practice_kaggle.scoring import Scorer
from practice_kaggle.settings import Settings, read_settings
from practice_kaggle.site import open_competition

from .test_notebooks import log, wait, write_notebook

Predict = Callable[[pl.DataFrame, pl.DataFrame], Any]
THREADS: list[threading.Thread] = []


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Five test rows, and their sample submission."""
    (tmp_path / "test.csv").write_text("id,x\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n5,0.5\n")
    (tmp_path / "sample_submission.csv").write_text("id,y\n1,0\n2,0\n3,0\n4,0\n5,0\n")
    return tmp_path


@contextmanager
def serving(predict: Predict, name: str = "predict", **limits: Any) -> Iterator[Client]:
    """Serve a function, and yield a client of it."""

    def named(*tables: pl.DataFrame) -> Any:
        return predict(*tables)

    named.__name__ = name
    server = Server(named)
    # The path of a socket has a hundred characters at most, and that of a test's folder more.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server.start(socket_in(Path(folder)))
        client = Client(socket_in(Path(folder)), **limits)
        yield client
        client.close()
        server.wait_for_termination()


def tenths(sample: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    """Return what is to be predicted, to the last digit."""
    THREADS.append(threading.current_thread())
    return sample.with_columns(y=test["x"] / 3)


def test_batches_become_one_submission(rows: Path, make_practice: Any) -> None:
    """The functions run in another thread, as gRPC runs them."""
    with serving(tenths) as client:
        PracticeGateway(rows, 2).run(client, rows / "submission.parquet")
    made = pl.read_parquet(rows / "submission.parquet")
    assert made["id"].to_list() == [1, 2, 3, 4, 5]
    assert made["y"].to_list() == [x / 3 for x in (0.1, 0.2, 0.3, 0.4, 0.5)]
    assert len(THREADS) == 3
    assert threading.main_thread() not in THREADS
    solution = made.with_columns(Usage=pl.lit("Public"))  # scored as a CSV file is, digit for digit
    practice = make_practice(solution=solution, metric="Root Mean Squared Error")
    competition = open_competition(practice, lambda: datetime.now(UTC))
    scorer = Scorer(practice, read_settings(practice), competition.metric)
    assert scorer.score(rows / "submission.parquet").public == 0


def test_predictions_without_ids_get_them(rows: Path) -> None:
    with serving(lambda sample, test: tenths(sample, test).select("y")) as client:
        PracticeGateway(rows).run(client, rows / "submission.parquet")
    assert pl.read_parquet(rows / "submission.parquet").columns == ["id", "y"]


def test_a_server_without_predict(rows: Path) -> None:
    with serving(tenths, name="answer") as client, pytest.raises(GatewayError) as raised:
        PracticeGateway(rows).run(client, rows / "submission.parquet")
    assert raised.value.kind == "SERVER_MISSING_ENDPOINT"


def test_a_server_that_is_not_started_in_time(rows: Path) -> None:
    with pytest.raises(GatewayError, match=r"NEVER_STARTED.*not called within 0\.1 seconds"):
        Client(socket_in(rows), startup_seconds=0.1).send("predict")


def failing(_sample: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    return test.select("nothing")


def slow(sample: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    time.sleep(0.2)
    return tenths(sample, test)


def ending(_sample: pl.DataFrame, _test: pl.DataFrame) -> pl.DataFrame:
    raise SystemExit


def other_types(sample: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    return sample.with_columns(y=[0]) if sample["id"][0] == 1 else tenths(sample, test)


@pytest.mark.parametrize(
    ("predict", "kind", "details"),
    [
        (failing, "SERVER_RAISED_EXCEPTION", "ColumnNotFoundError.*nothing"),
        (ending, "SERVER_RAISED_EXCEPTION", "SystemExit"),
        (slow, "GRPC_DEADLINE_EXCEEDED", "no answer within 0.1 seconds"),
        (lambda sample, _: sample.head(1), "INVALID_SUBMISSION", "expected 2 rows but received 1"),
        (lambda sample, _: sample.reverse(), "INVALID_SUBMISSION", "id is not that of the batch"),
        (lambda sample, _: sample.drop("y"), "INVALID_SUBMISSION", "no column y"),
        (lambda *_: 0.5, "INVALID_SUBMISSION", "no table but float"),
        (other_types, "INVALID_SUBMISSION", "types of batches differ"),
    ],
    ids=["raises", "exits", "late", "too-few", "other-ids", "other-columns", "number", "types"],
)
def test_a_prediction_that_the_gateway_does_not_take(
    rows: Path, predict: Predict, kind: str, details: str
) -> None:
    with (
        serving(predict, response_seconds=0.1) as client,
        pytest.raises(GatewayError, match=details) as raised,
    ):
        PracticeGateway(rows, 2).run(client, rows / "submission.parquet")
    assert raised.value.kind == kind
    assert not (rows / "submission.parquet").exists()


SERVE = """
import os, sys
sys.path.insert(0, "/kaggle/input/wines")
import polars as pl
from kaggle_evaluation.practice_inference_server import PracticeInferenceServer

def predict(sample, test):
    visible = len(open("/kaggle/input/wines/test.csv").readlines()) - 1
    print(test.height, "rows;", visible, "visible")
    # Two features tell the sorts of wine apart, all but a few.
    sort = pl.when(pl.col("proline") > 755).then(0).when(pl.col("color_intensity") < 3.8).then(1)
    return sample.with_columns(test.select(sort=sort.otherwise(2)))

server = PracticeInferenceServer(predict)
if os.environ.get("KAGGLE_IS_COMPETITION_RERUN"):
    server.serve()
else:
    server.run_local_gateway(("/kaggle/input/wines",))
"""


def test_such_a_competition_is_made_by_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "wine"
    cli.main(["make", "wine", str(folder), "--inference-server"])
    settings = read_settings(folder)
    assert settings.inference_server
    assert settings.kernels_only
    for name in ("test.csv", "sample_submission.csv"):
        hidden, visible = (pl.read_csv(folder / at / name) for at in ("private/rerun", "data"))
        assert visible.equals(hidden.head(10))
        assert hidden.height == 54
    assert (folder / "data/kaggle_evaluation/practice_inference_server.py").is_file()
    shutil.rmtree(folder / "data/kaggle_evaluation")
    with pytest.raises(PracticeError, match="has no data/kaggle_evaluation"):
        open_competition(folder, lambda: datetime.now(UTC))


def test_a_notebook_is_scored_by_what_the_gateway_gathered(
    make_practice: Any, connect: Any, tmp_path: Path
) -> None:
    """The hidden rows are nowhere in its inputs: there it has ten of 178."""
    folder = hand_out_in_batches(make_practice(reveal_private=True, scoring_seconds=0.01))
    path = folder / "competition.yaml"
    path.write_text(path.read_text("utf-8") + "batch_rows: 100\n", encoding="utf-8")
    notebook = write_notebook(tmp_path / "notebook", SERVE, dataset_sources=[])
    with practice_kaggle.serve(folder) as server:
        api = connect(server)
        api.kernels_push(str(notebook))
        assert wait(api).status.name == "COMPLETE", log(api)
        assert "10 rows; 10 visible" in log(api)
        kernel = "practice/wine-predictions"
        api.competition_submit_code("submission.parquet", "", "wines", kernel, 1, quiet=True)
        while (found := api.competition_submissions("wines")[0]).status.name == "PENDING":
            time.sleep(0.05)
    reruns = folder / "state/account/kernels/wine-predictions/1/reruns"
    printed = "".join(line["data"] for line in json.loads((reruns / "wines.log.json").read_text()))
    assert printed.splitlines() == ["100 rows; 10 visible", "78 rows; 10 visible"]
    sorts = pl.read_parquet(reruns / "wines/submission.parquet")["sort"]
    truth = pl.read_csv(folder / "private/solution.csv")
    right = (truth["sort"] == sorts).filter(truth["Usage"] == "Private").mean()
    assert isinstance(right, float)
    assert found.private_score == f"{right:.5f}"
    assert right > 0.8


@pytest.mark.parametrize(
    ("code", "failure", "details"),
    [
        ("1 / 0", "Notebook Threw Exception", "ZeroDivisionError"),
        ("pass", "Inference Server Never Started", "ended without serve()"),
        ("serve(lambda *_: os._exit(0))", "Inference Server Connection Failed", ""),
        ("serve(lambda *_: 1 / 0)", "Inference Server Raised Exception", "<cell 1>"),
    ],
)
def test_a_rerun_that_serves_nothing(
    rows: Path, tmp_path: Path, code: str, failure: str, details: str
) -> None:
    """What the host sees is in the log; what the competitor is told is the failure alone."""
    text = f"""import os, sys
sys.path.insert(0, {str(Path(practice_kaggle.__file__).parent)!r})
def serve(predict):
    from kaggle_evaluation.practice_inference_server import PracticeInferenceServer
    predict.__name__ = "predict"
    PracticeInferenceServer(predict).serve()
{code}"""
    done = run(
        json.dumps({"cells": [{"cell_type": "code", "source": text}]}),
        {},
        tmp_path / "output",
        Image(None),
        Limits(60, 8),
        internet=False,
        rerun=True,
        stopped=lambda: False,
        evaluation=Evaluation(rows, Settings("rows")),
    )
    assert done.failure == failure, done.log
    assert details in done.log
