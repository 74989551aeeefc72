"""Run an example's pipeline on data that is there, and record its results.

uv run python examples/record.py nlp-getting-started ../nlp-getting-started
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import agents
import generated
import yaml
from materialise import clean_environment
from results import Finished, Results, describe_run, keep

EXAMPLES = Path(__file__).resolve().parent
STAGES = ("prepare", "train", "predict")


def run(project: Path) -> dict[str, float]:
    """Run the stages again and return the seconds of each. Exit if one fails."""
    seconds, env = {}, clean_environment()
    for stage in STAGES:
        start = time.monotonic()
        command = ["uv", "run", "--no-sync", "dvc", "repro", "--force", "--single-item", stage]
        if subprocess.run(command, cwd=project, env=env).returncode:
            sys.exit(f"error: The stage {stage} failed. Its output above says why.")
        seconds[stage] = round(time.monotonic() - start, 1)
    return seconds


def collect(project: Path, seconds: dict[str, float]) -> Results:
    """Return the numbers of a run, from the project's own files.

    Args:
        project: its folder.
        seconds: of each stage.
    """
    if generated.is_generative(project):
        return generated.collect(project, seconds)
    finished = Finished.read(project)
    cv, entry = finished.scores.cv, finished.entry
    submitted = {"public": entry.public, "private": entry.private} if entry else {}
    return {
        "metric": cv.metric,
        "cv": cv.score,
        "folds": cv.folds,
        "rows": cv.rows,
        "members": {name: member.score for name, member in finished.scores.members.items()},
        **{key: score for key, score in submitted.items() if score is not None},
        "seconds": seconds,
        **finished.where,
    }


def block(results: Results, example: str) -> str:
    """Return the results as Markdown.

    Args:
        results: the numbers.
        example: the example's name.
    """
    if "curve" in results:
        return generated.block(results, example)
    folds = ", ".join(f"{score:.4f}" for score in results["folds"])
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
    source = describe_run(results, f"uv run python examples/record.py {example} ../{example}")
    return "\n".join(["| | |", "|---|---|", *lines, "", source, ""])


def plays(example: str) -> bool:
    """Return whether an example's project trains an agent that plays."""
    answers = yaml.safe_load((EXAMPLES / example / "answers.yaml").read_text(encoding="utf-8"))
    return bool(answers["default_context"]["task"] == "simulation")


def main() -> None:
    """Run and record an example as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("example", help="a folder in examples/")
    parser.add_argument("project", type=Path, help="the example's project, with its data")
    options = parser.parse_args()
    if plays(options.example):
        results = agents.collect(options.project, run(options.project))
        written = agents.block(results, options.example)
    else:
        if not (options.project / "data/raw").is_dir():
            sys.exit(f"error: {options.project} has no data. Run `compete download` there first.")
        results = collect(options.project, run(options.project))
        written = block(results, options.example)
    report = ["uv", "run", "--no-sync", "compete", "report"]
    subprocess.run(report, cwd=options.project, env=clean_environment(), check=True)
    if generated.is_generative(options.project):
        generated.copy_pictures(options.project, EXAMPLES / options.example)
    keep(EXAMPLES / options.example, options.project, results, written)


if __name__ == "__main__":
    main()
