"""The results of a demonstration: collected, shown, and recorded in the documents."""

import io
import platform
import re
import sys
from pathlib import Path

from results import Finished, Results, describe_run, keep
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table

REPOSITORY = Path(__file__).resolve().parent.parent
DRAWING = REPOSITORY / "docs" / "demo.svg"
ORDER = ("scaffold", "install", "practice", "download", "prepare", "train", "predict", "report")
AFTER = ("validate", "submit", "status")


def collect(project: Path, seconds: dict[str, float]) -> Results:
    """Return the numbers of a demonstration, from the project's own files.

    Args:
        project: its folder.
        seconds: of each step.

    Raises:
        SystemExit: nothing was submitted.
    """
    finished = Finished.read(project)
    cv, entry, where = finished.scores.cv, finished.entry, finished.where
    if entry is None:
        sys.exit(f"error: {project} has no submission. Run the demonstration again.")
    steps = (*ORDER, *AFTER)
    return {
        "metric": cv.metric,
        "cv": cv.score,
        "folds": len(cv.folds),
        "rows": cv.rows,
        "public": entry.public,
        "private": entry.private,
        "rank": entry.rank,
        "teams": entry.teams,
        "seconds": {step: round(seconds[step], 1) for step in steps if step in seconds},
        "total_seconds": round(sum(seconds.get(step, 0) for step in steps), 1),
        **where,
        "versions": {**where["versions"], "python": platform.python_version()},
    }


def show(results: Results, project: Path, console: Console) -> None:
    """Print the summary: scores, seconds, and the files to open.

    Args:
        results: the numbers.
        project: its folder, as it is printed.
        console: where to print.
    """
    scores = Table.grid(padding=(0, 3))
    scores.add_column(style="bold")
    scores.add_column(justify="right", style="bold green")
    scores.add_column(style="dim")
    rows = f"{results['rows']} rows, {results['folds']} folds"
    scores.add_row("cross-validation", f"{results['cv']:.4f}", f"{results['metric']}, {rows}")
    scores.add_row("public score", f"{results['public']:.4f}", "a third of the test rows")
    scores.add_row("private score", f"{results['private']:.4f}", "the other two thirds")
    scores.add_row("rank", f"{results['rank']} of {results['teams']}", "on the leaderboard")
    times = Table.grid(padding=(0, 3))
    times.add_column()
    times.add_column(justify="right")
    times.add_column(style="cyan")
    longest = max(results["seconds"].values())
    for step, seconds in results["seconds"].items():
        times.add_row(step, f"{seconds:.1f} s", "█" * max(1, round(40 * seconds / longest)))
    times.add_row("[bold]total", f"[bold]{results['total_seconds']:.1f} s")
    where = Table.grid(padding=(0, 3))
    where.add_row("project", str(project))
    where.add_row("submission", "submissions/submission.csv")
    where.add_row("ledger", "submissions/ledger.jsonl")
    where.add_row("report", "reports/index.html")
    where.add_row("settings", "params.yaml, then: uv run dvc repro")
    title = "Digit Recognizer, as the practice Kaggle scored it"
    console.print(Panel(Group(scores, "", times, "", where), title=title, padding=(1, 2)))


def block(results: Results) -> str:
    """Return the results as Markdown, for a README."""
    steps = results["seconds"]
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            f"| cross-validation ({results['metric']}, {results['folds']} folds) "
            f"| {results['cv']:.4f} |",
            f"| public score | {results['public']:.4f} |",
            f"| private score | {results['private']:.4f} |",
            f"| rank | {results['rank']} of {results['teams']} |",
            f"| training | {steps['train']:.0f} s |",
            f"| total, with installation | {results['total_seconds']:.0f} s |",
            "",
            describe_run(results, "uv run python examples/demo.py --record"),
            "",
        ]
    )


def record(results: Results, project: Path, example: Path) -> None:
    """Write the example's results.json and card, its README's results and the drawing in docs/.

    Args:
        results: the numbers.
        project: the demonstration's project.
        example: the example's folder.
    """
    keep(example, project, results, block(results))
    DRAWING.parent.mkdir(exist_ok=True)
    DRAWING.write_text(draw(results, project), encoding="utf-8")


def draw(results: Results, project: Path) -> str:
    """Return the summary as an SVG that fetches nothing: without fonts or addresses."""
    canvas = Console(record=True, width=100, file=io.StringIO())
    canvas.print("[bold cyan]$[/] [bold]make demo[/]")
    show(results, Path("demo", project.name), canvas)
    drawing = canvas.export_svg(title="make demo", unique_id="demo")
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
    return re.sub(r"[ \t]+$", "", drawing, flags=re.MULTILINE)
