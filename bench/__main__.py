"""Measure a generated project and the template, and write a page below docs/.

`speed` takes about half an hour on two cores, `validation` ten minutes, `gpu` at most eight on one
card, without network. On a loaded machine the times mean nothing.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from bench.machine import describe, load
from bench.project import REPOSITORY

_PAGES = {"speed": "benchmarks.md", "validation": "validation.md", "gpu": "gpu.md"}


def _measure(page: str, work: Path, *, quick: bool, threads: int | None) -> str:
    """Return the page. What only one of them needs is imported here."""
    if page == "validation":
        from bench.validation import measure_gaps, validation_page

        return validation_page(measure_gaps(work, quick=quick), describe(load()), quick=quick)
    if page == "gpu":
        from bench.gpu import measure_gpu
        from bench.gpu_page import gpu_page

        return gpu_page(measure_gpu(work, quick=quick))
    from bench.page import write_page
    from bench.speed import measure

    return write_page(measure(work, quick=quick, threads=threads))


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("page", nargs="?", choices=_PAGES, default="speed", help="what to measure")
    parser.add_argument("--quick", action="store_true", help="run everything once, on little data")
    parser.add_argument("--output", type=Path, help="the page; default: below docs/")
    parser.add_argument("--threads", type=int, help="PyTorch's threads in training; default: all")
    parser.add_argument("--work", type=Path, help="a folder to work in, kept; default: temporary")
    options = parser.parse_args()
    if options.quick and options.threads is None:
        options.threads = 1  # two that wait for each other on a busy machine are far slower
    work = (options.work or Path(tempfile.mkdtemp(prefix="bench-"))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        text = _measure(options.page, work, quick=options.quick, threads=options.threads)
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    output: Path = options.output or REPOSITORY / "docs" / _PAGES[options.page]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8", newline="\n")
    print(f"Wrote {output}.")


if __name__ == "__main__":
    main()
