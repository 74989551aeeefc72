"""From texts to a submission: for every kind of target, and what is kept of a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
import yaml
from competitions.texts import competition, rows
from samples import WORDS, write
from small import Rows, as_csv, predict_again_as_on_kaggle, prepare_there, run_pipeline

from compete.contract import Contract
from compete.errors import Fault
from compete.files import FOLD
from compete.records import FoldRun, Scores
from compete.supervised.predict import predict
from compete.supervised.train import train
from compete.tasks.text.explain import explain, inputs

TASK = "text"
Pipeline = Callable[..., Scores]


@pytest.fixture(scope="module")
def prepared(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of three kinds of texts, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared")))


@pytest.fixture
def pipeline(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """`pipeline(train, target, **sections)` goes from files to a submission that is valid."""
    monkeypatch.chdir(tmp_path)

    def run(train: Rows, target: str = "label", **sections: Any) -> Scores:
        competition(tmp_path, train, rows(9, 100), target, **sections)
        scores: Scores = run_pipeline()
        return scores

    return run


def test_classes_are_learned_and_rows_keep_their_order(pipeline: Pipeline) -> None:
    options = {"data": {"folds": 2}, "trainer": {"max_epochs": 8}, "model": {"ema": 0.0}}
    assert pipeline(rows(60), **options).cv.score > 0.8
    table = pl.read_csv("submissions/submission.csv")
    assert table["id"].to_list() == list(range(100, 109))
    right = sum(a == b for a, b in zip(table["label"], ["calm", "fire", "flood"] * 3, strict=True))
    assert right >= 7
    oof = pl.read_parquet("predictions/base/oof.parquet")
    assert oof["row"].to_list() == list(range(60))


@pytest.mark.parametrize("backbone", ["bert", "tfidf"])
def test_values_are_predicted_in_their_own_scale(pipeline: Pipeline, backbone: str) -> None:
    train = [row | {"label": 1000 + 100 * (i % 3) + i % 7} for i, row in enumerate(rows(30))]
    scores = pipeline(
        train,
        competition={"metric": "rmse"},
        data={"folds": 2},
        model={"backbone": backbone, "ema": 0.0, "lr": 1e-4},
    )
    assert pl.read_csv("submissions/submission.csv")["label"].is_between(700, 1600).all()
    assert scores.cv.score < 400
    predict_again_as_on_kaggle()


def test_members_that_read_other_columns_predict_alike_on_kaggle(
    author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = {"folds": 2, "side_columns": []}
    competition(tmp_path, rows(60), rows(9, 100), data=data, model={"backbone": "tfidf"})
    write(tmp_path / "members/named.yaml", "data: {side_columns: [place]}\n")
    write(tmp_path / "members/found.yaml", "data: {side_columns: auto}\n")
    assert set(run_pipeline().members) == {"base", "named", "found"}
    assert Contract.load().features["place"].kind == "drop"
    predict_again_as_on_kaggle()


@pytest.mark.parametrize("backbone", ["bert", "tfidf"])
def test_several_labels_are_predicted_each(
    author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backbone: str
) -> None:
    monkeypatch.chdir(tmp_path)
    train = [
        row | {"wet": int(i % 3 == 2), "hot": int(i % 3 == 1)} for i, row in enumerate(rows(30))
    ]
    for row in train:
        row.pop("label")
    test = [{"id": row["id"], "text": row["text"], "place": "north"} for row in rows(6, 100)]
    sections: dict[str, Any] = {"competition": {"metric": "auc"}, "data": {"folds": 2}}
    competition(tmp_path, train, test, "wet", **sections, model={"backbone": backbone})
    sample = [{"id": row["id"], "wet": 0.5, "hot": 0.5} for row in test]
    write(tmp_path / "data/raw/sample_submission.csv", as_csv(sample))
    run_pipeline()
    table = pl.read_csv("submissions/submission.csv")
    assert table.columns == ["id", "wet", "hot"]
    assert table.select(pl.all_horizontal(pl.col("wet", "hot").is_between(0, 1)).all()).item()


@pytest.mark.parametrize("backbone", ["bert", "tfidf"])
def test_a_class_that_only_one_fold_holds_is_no_obstacle(pipeline: Pipeline, backbone: str) -> None:
    train = [*rows(30), rows(1)[0] | {"id": 99, "text": "one of its kind", "label": "alone"}]
    sections = {"competition": {"metric": "macro_f1"}, "data": {"folds": 2}}
    scores = pipeline(train, **sections, model={"backbone": backbone})
    assert scores.cv.rows == 31


def test_lora_trains_little_and_predicts(
    make: Callable[..., Any], fit: Callable[..., Any], within: Path
) -> None:
    pytest.importorskip("peft")
    options = ("--model.lora", "4", "--model.ema", "0", "--model.lr", "0.01")
    _, before = make(*options)
    start = {key: value.clone() for key, value in before.state_dict().items()}
    after = fit(*options)
    changed = {key for key, value in start.items() if not torch.equal(value, after[key])}
    assert changed
    assert all("lora" in key or "classifier" in key for key in changed)
    assert sum(start[key].numel() for key in changed) < 0.1 * sum(v.numel() for v in start.values())
    predict()


def test_a_run_is_loaded_without_the_weights_it_began_with(
    fit: Callable[..., Any], within: Path
) -> None:
    fit()
    kept = yaml.safe_load((within / "runs/base/fold0/config.yaml").read_text(encoding="utf-8"))
    assert kept["reload"]["weights"] == "none"
    assert (within / kept["reload"]["backbone"] / "config.json").is_file()
    run = FoldRun.load("base", 0)
    assert run
    assert run.pretrained is None


def test_the_words_that_a_prediction_rests_on_are_told(
    fit: Callable[..., Any], within: Path
) -> None:
    fit("--trainer.max_epochs", "8", "--model.ema", "0")
    table = pl.read_parquet("data/processed/train.parquet")
    rows = table.with_row_index().filter(pl.col(FOLD) == 0)["index"].to_list()[:2]
    (found,) = explain(Contract.load(), rows)
    for row, (title, tokens) in zip(rows, found.items, strict=True):
        assert title.startswith(f"row {row}: evidence for ")
        assert isinstance(tokens, list)
        words = "".join(word.removeprefix("##") for word, _ in tokens)
        assert words == f"{table['place'][row]}{table['text'][row]}".replace(" ", "")
        assert max(abs(weight) for _, weight in tokens) == pytest.approx(1)
    assert [shown["text"] for shown in inputs(Contract.load(), rows)] == [  # type: ignore[index, call-overload]
        table["text"][row] for row in rows
    ]


def test_the_words_that_tf_idf_rests_on_are_told(pipeline: Pipeline) -> None:
    long = "sentencewithoutanyspaces" * 2
    train = [row | {"text": f"{row['text']} {long}"} for row in rows(30)]
    pipeline(train, data={"folds": 2}, model={"backbone": "tfidf"}, competition={"slug": "words"})
    (found,) = explain(Contract.load(), [0, 1])
    for number, (title, words) in enumerate(sorted(found.items, key=lambda item: item[0])):
        kind = ["calm", "fire"][number]
        assert title == f"row {number}: evidence for {kind}"
        assert isinstance(words, list)
        shown = "".join(word for word, _ in words)
        assert shown == f"{train[number]['place']}{train[number]['text']}".replace(" ", "")
        strongest, weight = max(words, key=lambda item: item[1])
        assert strongest in WORDS[kind]
        assert 0 < weight <= max(abs(one) for _, one in words) == pytest.approx(1)


def test_weights_for_tf_idf_are_refused_by_name(pipeline: Pipeline) -> None:
    with pytest.raises(Fault, match=r"no weights for the backbone tfidf.*weights: none"):
        pipeline(rows(30), model={"backbone": "tfidf", "weights": "hub"})


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["--model.lrr", "1"], "lrr"),
        (["--model.lr", "fast"], "lr"),
        (["--data.max_length", "long"], "max_length"),
        (["--data.text_columns", "text"], "text_columns"),
        (["--trainer.max_epoch", "1"], "max_epoch"),
        (["--model.weights", "nowhere"], "compete prepare"),
        (["--trainer.accelerator", "quantum", "--model.lr", "0.5"], "quantum"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(
    within: Path, overrides: list[str], named: str
) -> None:
    with pytest.raises(Fault, match=named):
        train(0, None, overrides)
