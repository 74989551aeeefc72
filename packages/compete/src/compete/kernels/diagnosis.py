"""Tells in a sentence why a notebook failed, and what to do."""

import re
from pathlib import Path

from compete.errors import Fault
from compete.kernels.process import Limits, Ran

_NO_WHEEL = re.compile(
    r"No matching distribution found for ([^\s(]+)"
    r"|Kaggle's image has no ([^,]+)[^\n]*, and no wheel"
)


def explain(ran: Ran, limits: Limits, log: Path) -> Fault:
    """Return what went wrong.

    Args:
        ran: a run that failed.
        limits: of time and memory.
        log: where its output lies.
    """
    error = ran.error or {}
    if ran.stopped == "time":
        return Fault(
            f"It ran out of time: after {limits.seconds:.0f} seconds it had not finished.",
            "Predict with fewer folds or members, without test-time augmentation, with a larger "
            "--batch-size or on an accelerator; or correct --hours of `compete kernel build`.",
        )
    if ran.stopped == "memory" or error.get("first") == "MemoryError":
        return Fault(
            f"It ran out of memory: it had {ran.memory_gb:.1f} GB, and the machine has "
            f"{limits.memory_gb:g}.",
            "Take a smaller --batch-size, `num_workers: 0` or a smaller `cache_gb` under `data`; "
            "or correct --memory of `compete kernel build`.",
        )
    kinds = {one["kind"]: one for one in reversed(ran.attempts)}
    if (tried := kinds.get("network")) is not None:
        return Fault(
            f"It tried to reach {tried['what']}{_at(tried)}: weights or a configuration would be "
            "fetched, and Kaggle gives it no network.",
            "Keep what is fetched in a file below src/ and read it from there, or ask for no "
            "pretrained weights where the trained ones are loaded; then build again.",
        )
    if (found := _NO_WHEEL.search(ran.log)) is not None:
        return Fault(
            f"A wheel is missing: {found[1] or found[2]} is neither in Kaggle's image nor in "
            "kernel/dataset.",
            "Run `compete kernel build` again.",
        )
    if error.get("type") == "ModuleNotFoundError" or error.get("first") == "ModuleNotFoundError":
        return Fault(
            f"Kaggle's image lacks the package of `import {error.get('module')}`, and no wheel "
            "brings it.",
            "Import it in the project's code in src/, ask for it in pyproject.toml, run `uv sync` "
            "and build again; or do without it.",
        )
    if (tried := kinds.get("path")) is not None or _is_path(error):
        what = tried["what"] if tried else error["file"]
        return Fault(
            f"It reads a path of this machine, which Kaggle does not have: {what}"
            f"{_at(tried) if tried else ''}.",
            "Keep the file below src/ or data/, name it by a path within the project, and build "
            "again.",
        )
    if (tried := kinds.get("write")) is not None:
        return Fault(
            f"It writes into its inputs, which are read-only on Kaggle: {tried['what']}"
            f"{_at(tried)}.",
            "Write to /kaggle/working, or to a temporary folder.",
        )
    last = next((line for line in reversed(ran.log.splitlines()) if line.strip()), "")
    where = f" in cell {error['cell']}" if error.get("cell") else ""
    return Fault(
        f"The notebook failed{where}: {(error.get('message') or last)[:300].rstrip('.')}.",
        f"Read {log}, correct it and build again.",
    )


def _is_path(error: dict[str, object]) -> bool:
    return error.get("first") == "FileNotFoundError" and Path(str(error.get("file"))).is_absolute()


def _at(tried: dict[str, str]) -> str:
    return f" ({tried['where']})" if tried["where"] else ""
