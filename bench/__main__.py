"""Measure a generated project and the template, and write a page below docs/.

`speed` takes about half an hour on two cores, `validation` ten minutes, `connectx` two minutes,
`augmentation` an hour (with `--work FOLDER` it goes on where it stopped), `gpu` at most eight
minutes on one card and `generation` five, both without network. `arena` takes some hours, and goes
on after the results in `docs/arena.jsonl`: delete those that today's defaults would change. On a
loaded machine times mean nothing.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from bench.machine import describe, load
from bench.project import REPOSITORY

_PAGES = {
    "speed": "benchmarks.md",
    "validation": "validation.md",
    "arena": "arena.md",
    "connectx": "connectx.md",
    "gpu": "gpu.md",
    "augmentation": "augmentation.md",
    "generation": "generation.md",
}


def _measure(work: Path, output: Path, options: argparse.Namespace) -> str:
    """Return the page. What only one of them needs is imported here."""
    if options.page == "validation":
        from bench.validation import measure_gaps, validation_page

        gaps = measure_gaps(work, quick=options.quick)
        return validation_page(gaps, describe(load()), quick=options.quick)
    if options.page == "arena":
        from bench.arena import SEEDS, TABLES, arena_page, run_arena

        tables = options.tables or list(TABLES)
        if unknown := sorted(set(tables) - set(TABLES)):
            raise SystemExit(f"error: the arena has no table {unknown[0]}: {', '.join(TABLES)}.")
        # What was hardly trained must not pass for results, here or in a later run.
        done = work / "quick.jsonl" if options.quick else output.with_suffix(".jsonl")
        seeds = options.seeds or (SEEDS[:1] if options.quick else SEEDS)
        bouts = run_arena(work, done, tables, seeds, quick=options.quick)
        return arena_page(bouts, describe(load()), quick=options.quick)
    if options.page == "connectx":
        from bench.connectx import compare_connectx, connectx_page

        compared = compare_connectx(quick=options.quick)
        return connectx_page(compared, describe(load()), quick=options.quick)
    if options.page == "augmentation":
        from bench.augmentation import augmentation_page, compare_augmentation

        found = compare_augmentation(work, quick=options.quick)
        return augmentation_page(found, describe(load()), quick=options.quick)
    if options.page == "generation":
        from bench.generation import generation_page, measure_generation

        rates = measure_generation(work, quick=options.quick)
        return generation_page(rates, describe(load()), quick=options.quick)
    if options.page == "gpu":
        from bench.gpu import measure_gpu
        from bench.gpu_page import gpu_page

        return gpu_page(measure_gpu(work, quick=options.quick))
    from bench.page import write_page
    from bench.speed import measure

    return write_page(measure(work, quick=options.quick, threads=options.threads))


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("page", nargs="?", choices=_PAGES, default="speed", help="what to measure")
    parser.add_argument("--quick", action="store_true", help="run everything once, on little data")
    parser.add_argument("--output", type=Path, help="the page; default: below docs/")
    parser.add_argument("--tables", nargs="+", help="of the arena; default: all")
    parser.add_argument("--seeds", type=int, nargs="+", help="of the arena; default: 0 1 2")
    parser.add_argument("--threads", type=int, help="PyTorch's threads in training; default: all")
    parser.add_argument("--work", type=Path, help="a folder to work in, kept; default: temporary")
    options = parser.parse_args()
    if options.quick and options.threads is None:
        options.threads = 1  # two that wait for each other on a busy machine are far slower
    work = (options.work or Path(tempfile.mkdtemp(prefix="bench-"))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    output: Path = options.output or REPOSITORY / "docs" / _PAGES[options.page]
    try:
        text = _measure(work, output, options)
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8", newline="\n")
    print(f"Wrote {output}.")


if __name__ == "__main__":
    main()
