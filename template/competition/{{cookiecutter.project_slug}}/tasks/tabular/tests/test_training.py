"""Training on tables: what learns, that nothing leaks into a fold, and that a run repeats."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from conftest import Package
from rows import competition, people
from small import write

PARAMS = Path(__file__).parents[1] / "params.yaml"
Make = Callable[..., Any]


@pytest.fixture
def start(package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """`start(table, model={...})` prepares a competition of this training table, and goes there."""

    def run(train: pl.DataFrame | None = None, targets: int = 1, **sections: Any) -> Path:
        competition(tmp_path, PARAMS, train, targets, **sections)
        monkeypatch.chdir(tmp_path)
        package("modeling.prepare").prepare()
        return tmp_path

    return run


@pytest.fixture
def score(package: Package) -> Make:
    """`score()` trains all folds, predicts, and gives what metrics.json holds."""

    def run(*overrides: str) -> Any:
        package("modeling.train").train(None, None, list(overrides))
        package("modeling.predict").predict()
        return package("files").read_yaml(Path("reports/metrics.json"))

    return run


def noise(rows: int, each: int) -> pl.DataFrame:
    """Coin flips for a target, and a category for every `each` rows, which tells nothing of it."""
    random = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "id": np.arange(rows) + 5,
            "leak": [f"g{n}" for n in random.permutation(rows) // each],
            "size": random.normal(size=rows),
            "y": random.integers(0, 2, rows),
        }
    )


@pytest.mark.parametrize("backbone", ["tabm", "catboost"])
def test_a_label_that_leaks_through_a_category_wins_nothing_out_of_fold(
    start: Make, score: Make, backbone: str
) -> None:
    """With its target's mean over all rows, a category of three rows would tell most of them."""
    start(noise(300, each=3), model={"backbone": backbone})
    epochs = "1" if backbone == "catboost" else "8"
    cv = score("--trainer.max_epochs", epochs, "--model.lr", "0.01")["cv"]
    assert abs(cv["score"] - 0.5) < 0.12


@pytest.mark.parametrize("backbone", ["tabm", "tabm-mini", "catboost"])
def test_it_learns_from_columns_of_every_kind(start: Make, score: Make, backbone: str) -> None:
    start(people(240), model={"backbone": backbone, "k": 8, "width": 32, "trees": 200})
    epochs = "1" if backbone == "catboost" else "12"
    cv = score("--trainer.max_epochs", epochs, "--model.lr", "0.02")["cv"]
    assert cv["score"] > 0.85


def test_training_that_diverges_is_refused_in_a_sentence(
    start: Make, score: Make, fault: type[Exception]
) -> None:
    start(people(240), model={"k": 4, "width": 8})
    with pytest.raises(fault, match=r"diverged.*model\.lr"):
        score("--model.lr", "1e30", "--trainer.gradient_clip_val", "null")


def test_validation_targets_change_nothing_that_a_fold_sees(
    start: Make, make: Make, package: Package
) -> None:
    root = start(noise(120, each=3))
    data, _ = make()
    file = root / "data/processed/train.parquet"
    table = pl.read_parquet(file)
    flipped = pl.Series("y", np.where(table["fold"] == 0, 1 - table["y"], table["y"]))
    table.with_columns(flipped).write_parquet(file)
    other, _ = make()
    assert not torch.equal(data.targets, other.targets)
    for split in ("train", "test"):
        for name in ("numbers", "codes"):
            ours, theirs = (getattr(d.encoded[split], name) for d in (data, other))
            np.testing.assert_array_equal(ours, theirs)


def test_a_row_is_never_shown_its_own_target(start: Make, make: Make) -> None:
    """Flip one training target: what this row sees stays; what others of its group see changes."""
    root = start(noise(120, each=5))
    data, _ = make("--seed_everything", "1")
    file = root / "data/processed/train.parquet"
    table = pl.read_parquet(file)
    row = int(data.train_rows[0])
    targets = table["y"].to_numpy().copy()
    targets[row] = 1 - targets[row]
    table.with_columns(pl.Series("y", targets)).write_parquet(file)
    other, _ = make("--seed_everything", "1")
    before, after = data.encoded["train"].numbers, other.encoded["train"].numbers
    changed = np.flatnonzero((before != after).any(axis=1) & ~np.isnan(before).all(axis=1))
    assert row not in changed
    assert len(changed) > 0


def test_features_of_the_author_are_cross_fitted(package: Package, monkeypatch: Any) -> None:
    """`rows` are never among `known`, and each fold's rows get their columns in their order."""
    encode = package("modeling.encode")
    seen: list[tuple[set[int], set[int]]] = []

    def fold_features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        assert "y" in known.columns
        assert "y" not in rows.columns
        seen.append((set(known["key"]), set(rows["key"])))
        return rows.select(double=pl.col("key") * 2, word=pl.lit("a"))

    monkeypatch.setattr(encode, "fold_features", fold_features)
    known = pl.DataFrame({"key": range(50), "y": [0, 1] * 25})
    other = pl.DataFrame({"key": range(50, 60)})
    (ours, theirs), _ = encode.encode(
        known, [other], {"key": "number"}, known["y"].to_numpy()[:, None] * 1.0, ["y"], seed=0
    )
    assert all(not k & r for k, r in seen)
    assert set().union(*(r for _, r in seen)) == set(range(60))
    for encoded, keys in ((ours, range(50)), (theirs, range(50, 60))):
        assert encoded.numbers[:, 1].tolist() == [2 * key for key in keys]


@pytest.mark.parametrize("backbone", ["tabm", "catboost"])
def test_training_twice_gives_the_same_weights(start: Make, fit: Make, backbone: str) -> None:
    root = start(model={"backbone": backbone})
    first = fit()
    (root / "runs/base/fold0/fold.json").unlink()
    second = fit()
    assert first.keys() == second.keys()
    assert all(torch.equal(value, second[key]) for key, value in first.items())


@pytest.mark.parametrize("backbone", ["tabm", "catboost"])
@pytest.mark.parametrize(
    ("metric", "targets"),
    [
        ("macro_f1", {"y": ["a", "b", "c", "d"]}),
        ("rmsle", {"y": [1.0, 10.0, 100.0, 1000.0]}),
        ("mae", {"y": [1.0, 2.0, 3.0, -4.0]}),
        ("rmse", {"u": [1.0, 2.0, 3.0, 4.0], "v": [0.1, 0.1, 0.5, 0.9]}),
        ("auc", {"old": [0, 1, 0, 1], "tall": [1, 1, 1, 0]}),
    ],
)
def test_every_kind_of_target_is_predicted(
    start: Make, score: Make, backbone: str, metric: str, targets: dict[str, list[Any]]
) -> None:
    table = (
        people(60)
        .drop("y")
        .with_columns(
            pl.Series(name, [values[n % 4] for n in range(60)]) for name, values in targets.items()
        )
    )
    start(table, len(targets), competition={"metric": metric}, model={"backbone": backbone})
    assert score()["cv"]["rows"] == 60
    submission = pl.read_csv("submissions/submission.csv")
    assert submission.columns == ["id", *targets]
    if metric == "rmsle":
        assert submission["y"].min() >= 0  # type: ignore[operator]


def test_a_fold_whose_rows_are_all_of_one_class_trains(start: Make, score: Make) -> None:
    """In folds by time a class may appear late."""
    table = people(60).with_columns(y=pl.Series([0] * 25 + [1] * 35), day=pl.Series(range(60)))
    table = table.select(pl.exclude("y"), "y")
    start(table, data={"time_column": "day"})
    for backbone in ("tabm", "catboost"):
        assert 0 <= score("--model.backbone", backbone)["cv"]["score"] <= 1


def test_a_hundred_thousand_categories_are_a_column_like_others(
    package: Package,
) -> None:
    rows = 100_000
    table = pl.DataFrame({"c": [f"k{n % 99_999}" for n in range(rows)], "y": [0, 1] * (rows // 2)})
    (known, other), levels = package("modeling.encode").encode(
        table,
        [table.head(3).drop("y")],
        {"c": "category"},
        table["y"].to_numpy()[:, None] * 1.0,
        ["y"],
        seed=0,
    )
    assert levels == [2]
    assert known.codes.max() == 1
    assert other.codes.shape == (3, 1)


def test_what_the_training_rows_never_had_is_read_without_fault(package: Package) -> None:
    """A gap, an unknown category, an infinite number, an unknown word."""
    known = people(50).drop("since")
    strange = (
        known.head(3)
        .drop("y")
        .with_columns(
            age=pl.Series([float("inf"), None, 1e300]),
            town=pl.lit("🐟"),
            note=pl.lit(None, pl.String),
        )
    )
    (_, other), _ = package("modeling.encode").encode(
        known,
        [strange],
        {"age": "number", "town": "category", "note": "text"},
        known["y"].to_numpy()[:, None] * 1.0,
        ["y"],
        seed=0,
    )
    assert np.isnan(other.numbers[:2, 0]).all()
    assert other.codes[:, 0].tolist() == [0, 0, 0]


def test_weights_for_tables_are_refused_by_name(
    start: Make, make: Make, fault: type[Exception]
) -> None:
    start()
    with pytest.raises(fault, match=r"no weights for tables.*weights: none"):
        make("--model.weights", "hub")
    with pytest.raises(fault, match=r"no backbone 'forest'.*tabm, tabm-mini, catboost"):
        make("--model.backbone", "forest")


def test_members_are_blended(start: Make, score: Make) -> None:
    root = start(people(120))
    write(root / "members/boosting.yaml", "model: {backbone: catboost}\n")
    metrics = score()
    assert set(metrics["members"]) == {"base", "boosting"}
    best = max(member["score"] for member in metrics["members"].values())
    assert metrics["cv"]["score"] >= best


def test_the_report_tells_which_columns_the_answers_rest_on(
    start: Make, fit: Make, package: Package
) -> None:
    start(people(240))
    fit("--trainer.max_epochs", "20", "--model.lr", "0.01")
    contract = package("competition").Contract.load()
    (exhibit,) = package("modeling.exhibits").explain(contract, [0, 1])
    assert {name for name, _ in exhibit.bars[:2]} == {"age", "town"}
