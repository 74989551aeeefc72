"""Measure a generated project and the template, and write a page below docs/.

`speed` takes about half an hour on two cores, `validation` ten minutes, `arena` some
hours (with `--work FOLDER` it goes on where it stopped). On a loaded machine times mean nothing.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from practice_kaggle.datasets.pixels import make_digits

from bench import commands
from bench.arena import TABLES, arena_page, run_arena
from bench.baselines import compare
from bench.images import measure_input_pipeline
from bench.large_table import measure_large_table
from bench.machine import describe, load, versions
from bench.page import Measured, write_page
from bench.project import REPOSITORY, make_project, run_pipeline, time_training
from bench.validation import measure_gaps, validation_page

_PAGES = {"speed": "benchmarks.md", "validation": "validation.md", "arena": "arena.md"}


def measure(work: Path, *, quick: bool, threads: int | None) -> Measured:
    """Generate projects and measure them.

    Args:
        work: the folder to work in.
        quick: run everything once, on little data.
        threads: PyTorch's threads in training; None: its default.
    """
    busy = load()
    runs = 2 if quick else 15
    _say("a project, its environment, practice digits and its pipeline")
    stages = ["prepare"] if quick else []
    small = {"data.folds": 2, "model.weights": "none", "trainer.max_epochs": 1}
    project = make_project(work, small)
    run_pipeline(project, make_digits(work / "digits"), stages)
    _say("commands")
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
    _say("training step")
    blocks, steps = (2, 2) if quick else (40, 6)
    tiny = ("--data.batch_size", "8") if quick else ()
    measured.training = time_training(
        project, work / "training.json", blocks, steps, *tiny, threads=threads
    )
    _say("input pipeline")
    count, repeats, batch = (30, 1, 4) if quick else (800, 5, 32)
    measured.input_pipeline = measure_input_pipeline(project, work, count, repeats, batch)
    _say("a large table")
    measured.large_table = measure_large_table(work, rows, 1 if quick else 5)
    _say("baselines")
    measured.baselines, measured.left_out = compare(work, quick=quick)
    return measured


def _say(what: str) -> None:
    print(f"bench: {what} ...", flush=True)


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("page", nargs="?", choices=_PAGES, default="speed", help="what to measure")
    parser.add_argument("--quick", action="store_true", help="run everything once, on little data")
    parser.add_argument("--output", type=Path, help="the page; default: below docs/")
    parser.add_argument("--tables", nargs="+", choices=TABLES, help="of the arena; default: all")
    parser.add_argument("--threads", type=int, help="PyTorch's threads in training; default: all")
    parser.add_argument("--work", type=Path, help="a folder to work in, kept; default: temporary")
    options = parser.parse_args()
    if options.quick and options.threads is None:
        options.threads = 1  # two that wait for each other on a busy machine are far slower
    work = (options.work or Path(tempfile.mkdtemp(prefix="bench-"))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        if options.page == "validation":
            gaps = measure_gaps(work, quick=options.quick)
            text = validation_page(gaps, describe(load()), quick=options.quick)
        elif options.page == "arena":
            bouts = run_arena(work, options.tables or list(TABLES), quick=options.quick)
            text = arena_page(bouts, describe(load()), quick=options.quick)
        else:
            text = write_page(measure(work, quick=options.quick, threads=options.threads))
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    output: Path = options.output or REPOSITORY / "docs" / _PAGES[options.page]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8", newline="\n")
    print(f"Wrote {output}.")


if __name__ == "__main__":
    main()
