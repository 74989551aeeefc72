"""From sentences to a submission of strings, by one member or several."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from competitions.sentences import competition, rows
from samples import write
from small import predict_again_as_on_kaggle, prepare_there, run_pipeline

from compete.errors import Fault
from compete.records import Scores
from compete.supervised.train import train

TASK = "translation"
Pipeline = Callable[..., Scores]


@pytest.fixture(scope="module")
def prepared(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of small sentences, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared")))


@pytest.fixture
def pipeline(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """`pipeline(members, **sections)` goes from files to a submission that is valid."""
    monkeypatch.chdir(tmp_path)

    def run(members: dict[str, str] | None = None, **sections: Any) -> Scores:
        competition(tmp_path, **sections)
        for name, text in (members or {}).items():
            write(tmp_path / f"members/{name}.yaml", text)
        scores: Scores = run_pipeline()
        return scores

    return run


def test_sentences_are_learned_and_rows_keep_their_order(pipeline: Pipeline) -> None:
    scores = pipeline(trainer={"max_epochs": 40}, model={"ema": 0.0})
    assert scores.cv.metric == "chrf"
    assert scores.cv.score > 60
    submitted = pl.read_csv("submissions/submission.csv")
    right = [row["french"] for row in rows(9, 100)]
    assert submitted["id"].to_list() == list(range(100, 109))
    assert sum(a == b for a, b in zip(submitted["french"], right, strict=True)) >= 5
    oof = pl.read_parquet("predictions/base/oof.parquet")
    assert oof["row"].to_list() == list(range(36))
    assert oof["target_0"].to_list() == [row["french"] for row in rows()]
    assert oof["p_french"].dtype == pl.String


def test_members_of_strings_are_blended_by_consensus(pipeline: Pipeline) -> None:
    scores = pipeline({"second": "model: {backbone: marian}\n"})
    assert set(scores.members) == {"base", "second"}
    assert scores.cv.score >= max(member.score for member in scores.members.values()) - 1e-6
    blend = pl.read_parquet("predictions/blend/test.parquet")
    own = [
        pl.read_parquet(f"predictions/{name}/test.parquet")["p_french"]
        for name in ("base", "second")
    ]
    assert all(text in pair for text, *pair in zip(blend["p_french"], *own, strict=True))
    predict_again_as_on_kaggle()


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["--model.lrr", "1"], "lrr"),
        (["--model.beams", "many"], "beams"),
        (["--data.max_length", "12"], "compete prepare"),
        (["--model.weights", "nowhere"], "compete prepare"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(
    within: Path, overrides: list[str], named: str
) -> None:
    with pytest.raises(Fault, match=named):
        train(0, None, overrides)
