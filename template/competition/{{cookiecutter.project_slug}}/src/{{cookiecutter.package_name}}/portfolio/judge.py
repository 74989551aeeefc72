"""Judges out-of-fold predictions row by row: which are right, sure, costly or surprising."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..competition import Contract
from ..metrics import get_metric

Numbers = NDArray[np.float64]
_THRESHOLD = 0.5
_BINS = 10
_TEXTS = 5000
_LENGTHS = ["up to 5 words", "6 to 10 words", "11 to 20 words", "over 20 words"]
_GROUPS = 20  # a column of more different strings is no column of groups


def matrices(oof: pl.DataFrame) -> tuple[Numbers, Numbers]:
    """Predictions and truth of all rows: `(rows, outputs)` and `(rows, targets)`."""
    outputs = oof.select(pl.col("^p_.*$")).to_numpy().astype(np.float64)
    return outputs, oof.select(pl.col("^target_.*$")).to_numpy().astype(np.float64)


def judge(contract: Contract, oof: pl.DataFrame) -> pl.DataFrame:
    """For each row `row, truth, answer, right, confidence, loss, surprise`.

    `loss` is the log loss, the absolute error in standard deviations of the target, or of texts
    what chrF lacks to 100. `surprise` is high where the answer is wrong in a way that is rare: a
    confusion that hardly ever happens, a single label that was thought certain, an error large
    among those of similar predictions.
    """
    if contract.problem == "translation":
        return _texts(oof)
    outputs, truth = matrices(oof)
    judged = {
        "classification": _classes,
        "multilabel": _labels,
        "regression": _values,
    }[contract.problem](contract, outputs, truth)
    table = oof.select("row").with_columns(**{key: pl.Series(v) for key, v in judged.items()})
    return table.with_columns(pl.col("right").cast(pl.Boolean))


def _classes(contract: Contract, outputs: Numbers, truth: Numbers) -> dict[str, Any]:
    names = [str(name) for name in contract.classes]
    target, answer = truth[:, 0].astype(int), outputs.argmax(axis=1)
    p = outputs / outputs.sum(axis=1, keepdims=True)
    rows = np.arange(len(p))
    counts = confusion(contract, outputs, truth)
    usual = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    rarity = -np.log(usual[target, answer].clip(min=1e-9))
    return {
        "truth": [names[i] for i in target],
        "answer": [names[i] for i in answer],
        "right": target == answer,
        "confidence": p[rows, answer],
        "loss": -np.log(p[rows, target].clip(min=1e-15)),
        "surprise": np.where(target == answer, -1.0, rarity + p[rows, answer]),
    }


def _labels(contract: Contract, outputs: Numbers, truth: Numbers) -> dict[str, Any]:
    p = outputs.clip(1e-15, 1 - 1e-15)
    losses = -(truth * np.log(p) + (1 - truth) * np.log(1 - p))
    found = outputs > _THRESHOLD
    names = np.array([str(name) for name in contract.classes])
    right = (found == truth.astype(bool)).all(axis=1)
    return {
        "truth": [" ".join(names[row]) for row in truth.astype(bool)],
        "answer": [" ".join(names[row]) for row in found],
        "right": right,
        "confidence": np.maximum(outputs, 1 - outputs).min(axis=1),
        "loss": losses.mean(axis=1),
        "surprise": np.where(right, -1.0, losses.max(axis=1)),
    }


def _values(contract: Contract, outputs: Numbers, truth: Numbers) -> dict[str, Any]:
    errors = np.abs(outputs - truth) / truth.std(axis=0).clip(min=1e-12)
    loss = errors.mean(axis=1)
    tenth = outputs[:, 0].argsort().argsort() * _BINS // len(outputs)
    usual = np.array([np.median(loss[tenth == k]) if (tenth == k).any() else 1 for k in range(10)])
    return {
        "truth": [", ".join(f"{value:.6g}" for value in row) for row in truth],
        "answer": [", ".join(f"{value:.6g}" for value in row) for row in outputs],
        "right": [None] * len(loss),
        "confidence": [None] * len(loss),
        "loss": loss,
        "surprise": loss / usual[tenth].clip(min=1e-12),
    }


def _texts(oof: pl.DataFrame) -> pl.DataFrame:
    """Of at most so many rows, by chrF (Popović, 2015), which tells even of single rows."""
    score = get_metric("chrf").score
    chosen = oof.sample(min(oof.height, _TEXTS), seed=0).sort("row")
    table = chosen.select(
        "row", pl.col("target_0").alias("truth"), pl.col("^p_.*$").alias("answer")
    )
    losses = [100 - score([answer], [truth]) for _, truth, answer in table.rows()]
    table = table.with_columns(
        (pl.col("truth") == pl.col("answer")).alias("right"),
        pl.lit(None, dtype=pl.Float64).alias("confidence"),
        pl.Series("loss", losses, dtype=pl.Float64),
    )
    length = pl.col("truth").str.len_chars().rank("ordinal") * _BINS // (table.height + 1)
    usual = pl.col("loss").median().over(length)
    return table.with_columns((pl.col("loss") / usual.clip(1.0)).alias("surprise"))


def by_group(
    contract: Contract, judged: pl.DataFrame, train: pl.DataFrame | None
) -> list[tuple[str, pl.DataFrame]]:
    """How well texts are translated: by length, and by each column of few values, say languages.

    Args:
        judged: what `judge` gives for texts.
        train: all training rows, in their order.

    Returns:
        Titles, each with a table of groups: their `rows`, and the chrF of those taken together.
    """
    words = pl.col("truth").str.count_matches(r"\S+")
    place = pl.sum_horizontal((words > most).cast(pl.Int64) for most in (5, 10, 20))
    length = place.replace_strict(range(len(_LENGTHS)), _LENGTHS, return_dtype=pl.Enum(_LENGTHS))
    result = [("By the length of the translation", _group_scores(judged, length))]
    known = train[judged["row"].to_list()] if train is not None else pl.DataFrame()
    ours = ("content", *contract.target_columns)
    for column in known.select(pl.col(pl.String).exclude(ours)).iter_columns():
        if 1 < column.n_unique() <= _GROUPS:
            result.append((f"By {column.name}", _group_scores(judged, column.fill_null("none"))))
    return result


def _group_scores(judged: pl.DataFrame, group: pl.Expr | pl.Series) -> pl.DataFrame:
    score, table = get_metric("chrf").score, judged.with_columns(group.alias("group"))
    parts = table.sort("group").partition_by("group", maintain_order=True)
    return pl.DataFrame(
        {
            "group": [str(part["group"][0]) for part in parts],
            "rows": [part.height for part in parts],
            "chrF": [score(part["answer"].to_list(), part["truth"].to_list()) for part in parts],
        }
    )


def picks(judged: pl.DataFrame, each: int = 6) -> dict[str, pl.DataFrame]:
    """The best, the worst and the most surprising rows, none of them twice."""
    best = judged.sort("loss", "row").unique("truth", keep="first", maintain_order=True)
    if judged["confidence"].null_count() < judged.height:
        best = best.filter(pl.col("right"))
    best = best.head(each)
    rest = judged.join(best, on="row", how="anti")
    worst = rest.sort("loss", "row", descending=[True, False]).head(each)
    rest = rest.join(worst, on="row", how="anti").filter(pl.col("surprise") > 0)
    surprising = rest.sort("surprise", "row", descending=[True, False]).head(each)
    return {"best": best, "worst": worst, "surprising": surprising}


def confusion(contract: Contract, outputs: Numbers, truth: Numbers) -> NDArray[np.int64]:
    """How often rows of class i were answered by class j `(classes, classes)`."""
    n = len(contract.classes)
    pairs = truth[:, 0].astype(int) * n + outputs.argmax(axis=1)
    return np.bincount(pairs, minlength=n * n).reshape(n, n)


def by_class(contract: Contract, oof: pl.DataFrame) -> pl.DataFrame:
    """For each class or label its rows, and how precise and how complete the answers are."""
    outputs, truth = matrices(oof)
    if contract.problem == "multilabel":
        found, real = outputs > _THRESHOLD, truth.astype(bool)
        hits, answered, there = (x.sum(axis=0) for x in (found & real, found, real))
    else:
        counts = confusion(contract, outputs, truth)
        hits, answered, there = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
    return pl.DataFrame(
        {
            "class": [str(name) for name in contract.classes],
            "rows": there,
            "precision": hits / answered.clip(min=1),
            "recall": hits / there.clip(min=1),
        }
    )


def reliability(contract: Contract, oof: pl.DataFrame) -> pl.DataFrame:
    """Bins of `confidence` with the part that was right (`accuracy`) and the `rows` in each.

    Of classes, the probability of the answer; of labels, the probability of each (Guo et al., On
    Calibration of Modern Neural Networks, 2017).
    """
    outputs, truth = matrices(oof)
    if contract.problem == "multilabel":
        sure, right = outputs.ravel(), truth.ravel()
    else:
        p = outputs / outputs.sum(axis=1, keepdims=True)
        sure, right = p.max(axis=1), (p.argmax(axis=1) == truth[:, 0]).astype(float)
    table = pl.DataFrame({"sure": sure, "right": right})
    bins = (pl.col("sure") * _BINS).floor().clip(0, _BINS - 1).cast(pl.Int64)
    return (
        table.group_by(bins.alias("bin"))
        .agg(
            pl.col("sure").mean().alias("confidence"),
            pl.col("right").mean().alias("accuracy"),
            pl.len().alias("rows"),
        )
        .sort("bin")
    )


def calibration_error(bins: pl.DataFrame) -> float:
    """The expected calibration error: the mean distance of both, weighted by rows."""
    gap = (pl.col("confidence") - pl.col("accuracy")).abs() * pl.col("rows")
    return float(bins.select(gap.sum() / pl.col("rows").sum()).item())
