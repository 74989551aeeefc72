"""Writes what was measured as a Markdown page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from contest import Result
from practice_kaggle.metric_names import find_metric
from wide import Reading

_LOOPS = {
    "compete": "`compete train` (Lightning)",
    "bare": "bare PyTorch loop",
    "bare again": "the same bare loop again",
    "timm": "timm's parts, as in its train.py",
}


@dataclass
class Measured:
    """Everything that the page shows; times in seconds."""

    quick: bool
    machine: dict[str, str]
    versions: dict[str, str]
    training: dict[str, Any]
    pipeline: dict[str, dict[str, list[float]]]
    wide: dict[str, Reading]
    rivals: list[Result]
    left_out: list[str]
    help_: list[float]
    heavy: list[str]
    python: list[float]
    scaffold: list[float]
    repro: list[float]
    stages: Sequence[str]
    rows: int
    validations: dict[str, list[float]]


def spread(values: Sequence[float], form: str) -> list[str]:
    """Number of values, smallest, median and largest, as cells of a table."""
    three = (min(values), median(values), max(values))
    return [str(len(values)), *(format(value, form) for value in three)]


def ratios(seconds: dict[str, list[float]], base: str = "bare") -> dict[str, list[float]]:
    """Each loop's blocks in relation to the block of `base` that ran beside it."""
    return {
        name: [ours / theirs for ours, theirs in zip(values, seconds[base], strict=True)]
        for name, values in seconds.items()
    }


def page(m: Measured) -> str:
    """The page."""
    parts = [
        "# Benchmarks",
        "Written by `make bench`; do not edit. A run on one machine, not a study: compare what "
        "stands in one table, and nothing across machines. Every time has its number of runs and "
        "their spread, except where the section says so.",
    ]
    if m.quick:
        parts.append(
            "> **Written with `--quick`**: too few runs to mean anything. Run `make bench`."
        )
    parts += ["## Machine", _table(("", ""), m.machine.items())]
    if m.training["device"] != "cpu":
        parts.append(f"Accelerator: {m.training['device']}.")
    parts += ["## Versions", _table(("", ""), m.versions.items())]
    parts += _training(m.training)
    parts += _pipeline(m.pipeline)
    parts += _commands(m)
    parts += _wide(m)
    parts += rivals_section(m.rivals, m.left_out)
    return "\n\n".join(parts) + "\n"


def _training(t: dict[str, Any]) -> list[str]:
    seconds = t["seconds"]
    beside = ratios(seconds)
    overhead = 100 * (median(beside["compete"]) - 1)
    rows = [
        (_LOOPS[name], *spread([1e3 * v for v in values], ".1f"), *spread(beside[name], ".3f")[1:])
        for name, values in seconds.items()
    ]
    head = ("", "blocks", "ms/step min", "median", "max", "to bare: min", "median", "max")
    apart = t["losses_apart"]
    alike = f"losses at most {apart:.1g} apart" if apart else "the same losses to the last bit"
    return [
        "## Training step",
        f"`compete train` as users run it, against loops written out by hand in "
        f"`bench/inside/loops.py`: same backbone ({t['backbone']}, "
        f"{t['parameters'] / 1e6:.1f} million parameters), pictures ({t['image_size']} pixels, "
        f"batches of {t['batch_size']}), augmentation, AdamW with layer-wise rates, schedule, "
        f"clipping and moving average; {t['device']}, {t['threads']} threads, {t['precision']}. "
        f"In one process by turns, {t['steps']} steps at a time; a ratio is of two blocks that ran "
        "side by side. The bare loop is there twice: how far its second ratio is from 1 is the "
        "noise.",
        _table(head, rows),
        f"A step of `compete train` takes {overhead:+.1f} % of a bare one's time on top of it (the "
        f"goal: at most +3 %). Over {t['steps_in_all']} steps it and the bare loop had {alike} "
        f"(from {t['first_loss']:.2f} to {t['last_loss']['compete']:.2f}).",
    ]


def _pipeline(rates: dict[str, dict[str, list[float]]]) -> list[str]:
    rows = [
        (name, workers, *spread(values, ".0f"))
        for name, by_workers in rates.items()
        for workers, values in by_workers.items()
    ]
    return [
        "## Input pipeline",
        "Pictures a second out of the project's training loader, its workers started, with nothing "
        "else to do, by preset of augmentation. `stored` is the memory-mapped array that `compete "
        "prepare` writes; `JPEG` decodes each time, which happens above `data.cache_gb`.",
        _table(("", "workers", "runs", "pictures/s min", "median", "max"), rows),
    ]


def _commands(m: Measured) -> list[str]:
    stages = ", ".join(m.stages) or "all stages"
    rows = [
        ("Python itself, starting and ending", "", *spread(m.python, ".2f")),
        ("`compete --help`", "0.5", *spread(m.help_, ".2f")),
        ("`cookiecutter`, with git repository and DVC", "2", *spread(m.scaffold, ".2f")),
        (f"`dvc repro` with nothing to do ({stages})", "", *spread(m.repro, ".2f")),
        *(
            (f"`compete validate`, {m.rows:,} rows, {name}", "2", *spread(values, ".2f"))
            for name, values in m.validations.items()
        ),
    ]
    heavy = ", ".join(m.heavy) or "none"
    return [
        "## Commands",
        "Seconds from the start of the process to its end, files in the system's cache. The rows "
        "of the submissions come in another order than the sample's.",
        _table(("", "goal", "runs", "seconds min", "median", "max"), rows),
        f"Of torch, lightning, numpy, polars, kaggle and dvc, `compete --help` imports: {heavy}.",
    ]


def _wide(m: Measured) -> list[str]:
    rows = [
        (who, *spread(reading.seconds, ".1f"), f"{reading.memory:.1f}")
        for who, reading in m.wide.items()
    ]
    return [
        "## A wide table",
        f"A CSV file of {m.rows:,} rows and a hundred columns: decimals, whole numbers, words. "
        "`compete prepare` finds the kinds of the columns, looks for duplicates, cuts the folds "
        "and writes Parquet. The goal: sooner than pandas reads the file twice, within 8 GiB.",
        _table(("", "runs", "seconds min", "median", "max", "GiB at most"), rows),
    ]


def rivals_section(results: list[Result], left_out: list[str]) -> list[str]:
    """The template and its rivals, and what of it could not be measured."""
    rows = [
        (r.task, r.competition, f"{r.metric} {_arrow(r.metric)}", r.who, *_numbers(r))
        for r in results
    ]
    head = ("task", "competition", "metric", "who", "out-of-fold", "hidden", "seconds")
    return [
        "## Against what one would use instead",
        "Practice competitions of data that packages ship, on the same folds, all scored by "
        "scikit-learn. **One run with one seed each, not a study**: on so few rows, a row more or "
        "less that is right is chance.",
        _table(head, rows),
        *left_out,
        "This template: tables with the default answers and `params.yaml` as it is; texts with a "
        "small encoder from scratch, since pretrained ones have to be fetched and the one that a "
        "package ships knows English only, in four folds of ten epochs, chosen after the default's "
        "five folds of five had scored lower out of fold. Seconds are those of `compete train` and "
        "`compete predict`, from start to end. Its hidden rows are answered by the folds' models "
        "together; how its members are weighed is fitted on the out-of-fold answers, which "
        "flatters their score a little.",
        "AutoGluon: the preset `best_quality` without dynamic stacking and ray, for which there is "
        "too little time; each fold has its share of the template's seconds as time limit, and a "
        "model of all rows, for the hidden ones, has them once more. TF-IDF: of words, and of one "
        "to four letters within words, and scikit-learn's logistic regression; for the hidden rows "
        "trained on all rows. Their seconds are those of the folds, without imports. A loaded "
        "machine costs the template time, but AutoGluon models, so its scores.",
    ]


def _numbers(r: Result) -> tuple[str, str, str]:
    return f"{r.oof:.4f}", f"{r.hidden:.4f}", f"{r.seconds:.1f}"


def _arrow(metric: str) -> str:
    """Which way is better."""
    return "↑" if find_metric(metric).greater_is_better else "↓"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
