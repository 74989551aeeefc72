"""Writes the measurements as a Markdown page."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from practice_kaggle.metric_names import find_metric

from bench.competition_run import Result
from bench.large_table import Usage
from bench.tables import LOOPS, as_table, ratios, spread


@dataclass
class Measured:
    """Everything that the page shows; times in seconds."""

    quick: bool
    machine: dict[str, str]
    versions: dict[str, str]
    training: dict[str, Any]
    input_pipeline: dict[str, dict[str, list[float]]]
    large_table: dict[str, Usage]
    baselines: list[Result]
    left_out: list[str]
    help_: list[float]
    heavy: list[str]
    python: list[float]
    scaffold: list[float]
    repro: list[float]
    stages: Sequence[str]
    rows: int
    validations: dict[str, list[float]]


def write_page(m: Measured) -> str:
    """Return the page."""
    parts = [
        "# Benchmarks",
        "Written by `make bench`; do not edit. One run on one machine, not a study: compare the "
        "rows of one table, and nothing across machines. Every time has its number of runs and "
        "their spread, except where the section says so.",
    ]
    if m.quick:
        parts.append(
            "> **Written with `--quick`**: too few runs to mean anything. Run `make bench`."
        )
    parts += ["## Machine", as_table(("", ""), m.machine.items())]
    if m.training["device"] != "cpu":
        parts.append(f"Accelerator: {m.training['device']}.")
    parts += ["## Versions", as_table(("", ""), m.versions.items())]
    parts += _training(m.training)
    parts += _input_pipeline(m.input_pipeline)
    parts += _commands(m)
    parts += _largeas_table(m)
    parts += baselines_section(m.baselines, m.left_out)
    return "\n\n".join(parts) + "\n"


def _training(t: dict[str, Any]) -> list[str]:
    seconds = t["seconds"]
    beside = ratios(seconds)
    overhead = 100 * (median(beside["compete"]) - 1)
    rows = [
        (LOOPS[name], *spread([1e3 * v for v in values], ".1f"), *spread(beside[name], ".3f")[1:])
        for name, values in seconds.items()
    ]
    head = ("", "blocks", "ms/step min", "median", "max", "to bare: min", "median", "max")
    apart = t["losses_apart"]
    alike = f"losses at most {apart:.1g} apart" if apart else "the same losses to the last bit"
    return [
        "## Training step",
        f"`compete train` as users run it, against hand-written loops in "
        f"`bench/scripts_in_project/loops.py`: same backbone ({t['backbone']}, "
        f"{t['parameters'] / 1e6:.1f} million parameters), images ({t['image_size']} pixels, "
        f"batches of {t['batch_size']}), augmentation, AdamW with layer-wise rates, schedule, "
        f"clipping and moving average; {t['device']}, {t['threads']} threads, {t['precision']}. "
        f"They take turns in one process, {t['steps']} steps at a time; a ratio is of two blocks "
        "that ran side by side. The bare loop runs twice: how far its second ratio is from 1 "
        "is the noise.",
        as_table(head, rows),
        f"A step of `compete train` takes {overhead:+.1f} % more time than a bare one (the goal: "
        f"at most +3 %). Over {t['steps_in_all']} steps it and the bare loop had {alike} "
        f"(from {t['first_loss']:.2f} to {t['last_loss']['compete']:.2f}).",
    ]


def _input_pipeline(rates: dict[str, dict[str, list[float]]]) -> list[str]:
    rows = [
        (name, workers, *spread(values, ".0f"))
        for name, by_workers in rates.items()
        for workers, values in by_workers.items()
    ]
    return [
        "## Input pipeline",
        "Images per second from the project's training loader, with its workers started and "
        "nothing else running, by augmentation preset. `stored` is the memory-mapped array that "
        "`compete prepare` writes; `JPEG` decodes each time, as happens above `data.cache_gb`.",
        as_table(("", "workers", "runs", "images/s min", "median", "max"), rows),
    ]


def _commands(m: Measured) -> list[str]:
    stages = ", ".join(m.stages) or "all stages"
    rows = [
        ("Python itself, start to end", "", *spread(m.python, ".2f")),
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
        "Seconds from the start of the process to its end, with files in the system's cache. The "
        "rows of the submissions are not in the sample's order.",
        as_table(("", "goal", "runs", "seconds min", "median", "max"), rows),
        f"Of torch, lightning, numpy, polars, kaggle and dvc, `compete --help` imports: {heavy}.",
    ]


def _largeas_table(m: Measured) -> list[str]:
    rows = [
        (name, *spread(usage.seconds, ".1f"), f"{usage.memory:.1f}")
        for name, usage in m.large_table.items()
    ]
    return [
        "## A large table",
        f"A CSV file of {m.rows:,} rows and a hundred columns: decimals, integers, words. `compete "
        "prepare` finds the kinds of the columns, looks for duplicates, assigns the folds and "
        "writes Parquet. The goal: faster than pandas reads the file twice, within 8 GiB.",
        as_table(("", "runs", "seconds min", "median", "max", "GiB at most"), rows),
    ]


def baselines_section(results: list[Result], left_out: list[str]) -> list[str]:
    """Return the section with the scores of the template and of the baselines.

    Args:
        results: the rows of its table.
        left_out: sentences about what could not be measured.
    """
    rows = [
        (r.task, r.competition, f"{r.metric} {arrow(r.metric)}", r.name, *_numbers(r))
        for r in results
    ]
    head = ("task", "competition", "metric", "approach", "out-of-fold", "test", "seconds")
    return [
        "## Baselines",
        "Practice competitions of data from Python packages, all on the same folds and scored by "
        "scikit-learn. **One run with one seed each, not a study**: with so few rows, one correct "
        "row more or less is chance.",
        as_table(head, rows),
        *left_out,
        "This template: tables with the default answers and settings; texts with TF-IDF and a "
        "linear model beside a small encoder trained from scratch, since pretrained ones have to "
        "be fetched and the one that comes in a package knows English only, in four folds of ten "
        "epochs, chosen after the default's five folds of five had scored lower out of fold. "
        "Seconds are those of `compete train` and "
        "`compete predict`, from start to end. The models of all folds predict the test rows "
        "together; the blend's weights are fitted on the out-of-fold predictions, which flatters "
        "that score a little.",
        "AutoGluon: the preset `best_quality` without dynamic stacking and ray, for which there is "
        "too little time; the folds share the template's seconds as time limit, and a model of all "
        "rows, for the test rows, has as many again. TF-IDF: of words, and of one to four letters "
        "within words, with scikit-learn's logistic regression; for the test rows trained on all "
        "rows. Their seconds are those of the folds, without imports. A busy machine costs the "
        "template time, but AutoGluon models, and so its scores.",
    ]


def _numbers(r: Result) -> tuple[str, str, str]:
    return f"{r.oof:.4f}", f"{r.test:.4f}", f"{r.seconds:.1f}"


def arrow(metric: str) -> str:
    """Return which direction is better."""
    return "↑" if find_metric(metric).greater_is_better else "↓"
