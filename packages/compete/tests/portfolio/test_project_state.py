"""The page and the cards tell the project's state, whatever it is, and agree with each other."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import yaml

from compete.charts.figure import BLUE
from compete.contract import Contract
from compete.files import SCORES, write_json
from compete.portfolio.card import Card, Links
from compete.portfolio.repository import browser_url
from compete.portfolio.section import count
from compete.portfolio.supervised import charts
from compete.records import FoldRun

from .harness import ROWS, Finished, write_report


def test_experiments_are_shown_even_after_they_were_committed(finished: Finished) -> None:
    entry = finished()
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    dvc = (sys.executable, "-m", "dvc")

    def commit() -> None:
        subprocess.run(["git", "add", "--all"], check=True)
        subprocess.run(["git", *author, "commit", "--quiet", "--message", "Work"], check=True)

    def experiment(dropout: float, score: float) -> None:
        text = yaml.safe_dump({"model": {"dropout": dropout}})
        Path("params.yaml").write_text(text, encoding="utf-8")
        metrics = json.loads(SCORES.read_text(encoding="utf-8"))
        metrics["cv"]["score"] = score
        write_json(SCORES, metrics)

    metrics = [{"reports/metrics.json": {"cache": False}}]
    stage = {"cmd": "echo", "params": ["model"], "metrics": metrics}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"predict": stage}}), encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*dvc, "init", "--quiet"], check=True)
    experiment(0.1, 0.625)
    commit()
    assert "No experiment was run" in write_report(entry).words
    experiment(0.3, 0.875)
    subprocess.run([*dvc, "exp", "save", "--quiet", "--force", "--name", "drier"], check=True)
    commit()
    assert "driermodel.dropout: 0.30.87500.6250" in write_report(entry).words  # cells of a row


def test_work_that_is_not_done_is_named(finished: Finished) -> None:
    finished()
    run = FoldRun.load("base", 1)
    assert run
    replace(run, finished=False).save()
    page = write_report()
    assert "1 of 2 folds of member base are trained." in page.words
    assert "Nothing has been submitted yet." in page.words
    assert "public" not in page.numbers
    for name in ("runs", "predictions", "data", "reports", "submissions"):
        shutil.rmtree(name)
    page = write_report()
    for sentence in (
        "The data is not prepared",
        "there is no out-of-fold score",
        "No submission has a score yet",
        "Nothing is trained yet",
        "The author has not described the limitations yet",
    ):
        assert sentence in page.words, sentence
    assert set(page.numbers) == set()
    card = Card.load()
    assert card
    assert (card.score, card.interval, card.baseline, card.picture, card.findings) == (
        None,
        None,
        None,
        None,
        [],
    )
    assert "Nothing has been submitted yet." in Path("README.md").read_text(encoding="utf-8")


def test_the_cards_say_the_same(finished: Finished) -> None:
    entry = finished()
    write_report(entry)
    readme = Path("README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Mine\n\n<!-- results:start -->\n")
    assert readme.endswith("<!-- results:end -->\n\nmore\n")
    assert "former words" not in readme
    assert "0.81250" in readme
    card = Card.load()
    assert card
    assert (card.score, card.split, card.rank, card.teams) == (0.75, "private leaderboard", 2, 3)
    assert (card.scores["cv"], card.rows, card.direction) == (entry.cv, ROWS, "maximize")
    assert card.percentile == pytest.approx(100 / 3)
    assert card.links == Links()
    assert len(card.cv_lines) == 3
    assert card.picture
    assert Path(card.picture).read_bytes().startswith(b"\x89PNG")
    assert Path("reports/plots/picture.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "](reports/plots/picture.svg)" in readme
    assert len(card.findings) == 3
    _, head, _ = Path("MODEL_CARD.md").read_text(encoding="utf-8").split("---\n", 2)
    (model,) = yaml.safe_load(head)["model-index"]
    values = [metric["value"] for result in model["results"] for metric in result["metrics"]]
    assert values == [entry.cv, 0.8125, 0.75]
    cited = yaml.safe_load(Path("CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title"} <= set(cited)
    assert cited["authors"] == [{"given-names": "Ada King", "family-names": "Lovelace"}]


def test_the_same_state_gives_the_same_bytes(finished: Finished) -> None:
    entry = finished()

    def written() -> dict[str, bytes]:
        write_report(entry)
        found = [*Path("reports").rglob("*.*"), *Path().glob("*.md"), Path("CITATION.cff")]
        return {path.as_posix(): path.read_bytes() for path in found}

    assert written() == written()


def test_predictions_of_another_contract_are_not_shown(
    finished: Finished, contract: Callable[..., Contract]
) -> None:
    finished()
    contract(classes=["other", "classes"]).save()
    page = write_report()
    assert "There are no out-of-fold predictions yet" in page.words
    assert "row 0" not in page.words


def test_a_resumed_run_is_drawn_by_its_later_values(finished: Finished) -> None:
    finished()
    for version, value in (("version_9", 0.111), ("version_10", 0.222)):
        log = FoldRun.folder("base", 0) / "csv" / version / "metrics.csv"
        log.parent.mkdir()
        log.write_text(f"epoch,step,train/loss\n1,19,{value}\n", encoding="utf-8")
    words = write_report().words
    assert "0.222" in words
    assert "0.111" not in words


def test_of_early_stopping_the_curves_show_the_kept_epochs(finished: Finished) -> None:
    finished()
    for fold, kept in ((0, 0.311), (1, 0.322)):
        log = FoldRun.folder("base", fold) / "csv/version_0/metrics.csv"
        log.write_text(
            f"epoch,step,train/loss,val/loss,oob/loss\n0,9,,0.6,{kept}\n0,9,0.5,,\n"
            "1,19,,0.7,0.9\n1,19,0.4,,\n",
            encoding="utf-8",
        )
    words = write_report().words
    spans = "left-out 0.311 to 0.322; training 0.5 to 0.5; validation 0.6 to 0.6"
    assert f"In the kept epochs (points): {spans}." in words


def test_a_score_without_training_rows_has_the_colour_of_validation() -> None:
    log = {"fold": [0, 0], "epoch": [1, 2], "name": ["val/accuracy"] * 2, "value": [0.5, 0.75]}
    figure = charts.curves(pl.DataFrame(log), "accuracy", "base")
    scale = figure.spec()["encoding"]["color"]["scale"]
    assert (scale["domain"], scale["range"]) == (["validation"], [BLUE])


def test_the_headline_is_the_best_submission_to_this_competition(finished: Finished) -> None:
    entry = finished(metric="log_loss")
    better = replace(entry, public=0.25, private=None, rank=None)
    elsewhere = replace(entry, public=0.125, slug="other")
    refused = replace(entry, public=None, state="error")
    page = write_report(better, entry, elsewhere, refused)
    assert page.numbers["public"] == 0.25
    assert "private" not in page.numbers
    assert "The rank is not known." in page.words


def test_quantities_agree_with_their_nouns() -> None:
    assert count(1, "fold") == "1 fold"
    assert count(1200, "fold") == "1,200 folds"


@pytest.mark.parametrize(
    "remote",
    [
        "git@github.com:ada/digits.git",
        "ssh://git@github.com/ada/digits.git",
        "https://ada:SECRET@github.com/ada/digits.git",
        "https://github.com/ada/digits",
    ],
)
def test_an_address_is_shown_as_browsers_take_it_without_credentials(remote: str) -> None:
    assert browser_url(remote) == "https://github.com/ada/digits"
    assert browser_url("/srv/git/digits.git") == ""
