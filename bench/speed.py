"""Measures a generated project and the template as docs/benchmarks.md shows it."""

from pathlib import Path

from practice_kaggle.datasets.pixels import make_digits

from bench import commands
from bench.baselines import compare
from bench.images import measure_input_pipeline
from bench.large_table import measure_large_table
from bench.machine import describe, load, versions
from bench.page import Measured
from bench.project import make_project, run_pipeline, say, time_training


def measure(work: Path, *, quick: bool, threads: int | None) -> Measured:
    """Generate projects and measure them.

    Args:
        work: the folder to work in.
        quick: run everything once, on little data.
        threads: PyTorch's threads in training; None: its default.
    """
    busy = load()
    runs = 2 if quick else 15
    say("a project, its environment, practice digits and its pipeline")
    stages = ["prepare"] if quick else []
    small = {"data.folds": 2, "model.weights": "none", "trainer.max_epochs": 1}
    project = make_project(work, small)
    run_pipeline(project, make_digits(work / "digits"), stages)
    say("commands")
    help_, heavy = commands.start_up(project, runs)
    rows = 10_000 if quick else 1_000_000
    measured = Measured(
        quick=quick,
        machine=describe(busy),
        versions=versions(project),
        training={},
        input_pipeline={},
        large_table={},
        baselines=[],
        left_out=[],
        help_=help_,
        heavy=heavy,
        python=commands.bare_python(project, runs),
        scaffold=commands.scaffold(work, 1 if quick else 10),
        repro=commands.nothing_to_do(project, stages, 1 if quick else 10),
        stages=stages,
        rows=rows,
        validations=commands.validations(project, work, rows, 1 if quick else 7),
    )
    say("training step")
    blocks, steps = (2, 2) if quick else (40, 6)
    tiny = ("--data.batch_size", "8") if quick else ()
    measured.training = time_training(
        project, work / "training.json", blocks, steps, *tiny, threads=threads
    )
    say("input pipeline")
    count, repeats, batch = (30, 1, 4) if quick else (800, 5, 32)
    measured.input_pipeline = measure_input_pipeline(project, work, count, repeats, batch)
    say("a large table")
    measured.large_table = measure_large_table(work, rows, 1 if quick else 5)
    say("baselines")
    measured.baselines, measured.left_out = compare(work, quick=quick)
    return measured
