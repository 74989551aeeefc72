"""Runs an example's pipeline on data that lies there, and records what came out of it.

uv run python examples/record.py nlp-getting-started ../nlp-getting-started
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from summary import keep

EXAMPLES = Path(__file__).resolve().parent
STAGES = ("prepare", "train", "predict")


def run(project: Path) -> dict[str, float]:
    """Run the stages anew and give the seconds of each."""
    seconds = {}
    for stage in STAGES:
        start = time.monotonic()
        command = ["uv", "run", "--no-sync", "dvc", "repro", "--force", "--single-item", stage]
        if subprocess.run(command, cwd=project).returncode:
            sys.exit(f"error: The stage {stage} failed. Its own words are above.")
        seconds[stage] = round(time.monotonic() - start, 1)
    return seconds


def collect(project: Path, seconds: dict[str, float]) -> dict[str, Any]:
    """The numbers of a run, from the project's own files."""
    metrics = json.loads((project / "reports/metrics.json").read_text(encoding="utf-8"))
    fold = json.loads(next(project.glob("runs/*/fold*/fold.json")).read_text(encoding="utf-8"))
    scores = {name: member["score"] for name, member in metrics["members"].items()}
    return {
        "metric": metrics["cv"]["metric"],
        "cv": metrics["cv"]["score"],
        "folds": metrics["cv"]["folds"],
        "rows": metrics["cv"]["rows"],
        "members": scores,
        **_scored(project),
        "seconds": seconds,
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "device": fold["device"],
        "versions": {key: fold[key] for key in ("torch", "lightning")},
    }


def _scored(project: Path) -> dict[str, float]:
    """Public and private score of the last submission, if there was one."""
    lines = (project / "submissions/ledger.jsonl").read_text(encoding="utf-8").splitlines()
    entry = json.loads(lines[-1]) if lines else {}
    return {key: entry[key] for key in ("public", "private") if entry.get(key) is not None}


def block(results: dict[str, Any], example: str) -> str:
    """The results as Markdown."""
    folds = ", ".join(f"{score:.4f}" for score in results["folds"])
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    first = f"out-of-fold {results['metric']} over {results['rows']} rows"
    rows = [(first, f"{results['cv']:.4f}")]
    rows += [("of each fold", folds)]
    if len(results["members"]) > 1:
        rows += [(f"member {name}", f"{score:.4f}") for name, score in results["members"].items()]
    rows += [
        (f"{key} score", f"{results[key]:.4f}") for key in ("public", "private") if key in results
    ]
    rows += [(f"{name}, seconds", f"{value:.0f}") for name, value in results["seconds"].items()]
    lines = [f"| {name} | {value} |" for name, value in rows]
    source = f"`uv run python examples/record.py {example} ../{example}`"
    where = f"{results['machine']} ({results['device']}; {versions})"
    told = f"One run, on {where}, written by {source}."
    return "\n".join(["| | |", "|---|---|", *lines, "", told, ""])


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("example", help="a folder in examples/")
    parser.add_argument("project", type=Path, help="the project made of it, with its data")
    options = parser.parse_args()
    if not (options.project / "data/raw").is_dir():
        sys.exit(f"error: {options.project} has no data. Run `compete download` there first.")
    results = collect(options.project, run(options.project))
    keep(EXAMPLES / options.example, results, block(results, options.example))


if __name__ == "__main__":
    main()
