"""What came out of a demonstration: collected, shown, and recorded in the documents."""

import io
import json
import os
import platform
import re
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table

REPOSITORY = Path(__file__).resolve().parent.parent
PICTURE = REPOSITORY / "docs" / "demo.svg"
ORDER = ("scaffold", "install", "practice", "download", "prepare", "train", "predict", "report")
AFTER = ("validate", "submit", "status")
START, END = "<!-- results:start -->\n", "<!-- results:end -->"
Results = dict[str, Any]


def collect(project: Path, seconds: dict[str, float]) -> Results:
    """The numbers of the last submission and of the run behind it, from the project's own files."""
    metrics = json.loads((project / "reports/metrics.json").read_text(encoding="utf-8"))
    ledger = (project / "submissions/ledger.jsonl").read_text(encoding="utf-8")
    entry = json.loads(ledger.splitlines()[-1])
    fold = json.loads(next(project.glob("runs/*/fold0/fold.json")).read_text(encoding="utf-8"))
    steps = (*ORDER, *AFTER)
    return {
        "metric": metrics["cv"]["metric"],
        "cv": metrics["cv"]["score"],
        "folds": len(metrics["cv"]["folds"]),
        "rows": metrics["cv"]["rows"],
        **{key: entry[key] for key in ("public", "private", "rank", "teams")},
        "seconds": {step: round(seconds[step], 1) for step in steps if step in seconds},
        "total_seconds": round(sum(seconds.get(step, 0) for step in steps), 1),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "device": fold["device"],
        "versions": {key: fold[key] for key in ("torch", "lightning")}
        | {"python": platform.python_version()},
    }


def show(results: Results, project: Path, console: Console) -> None:
    """Print the summary: scores, seconds, and where things lie."""
    scores = Table.grid(padding=(0, 3))
    scores.add_column(style="bold")
    scores.add_column(justify="right", style="bold green")
    scores.add_column(style="dim")
    rows = f"{results['rows']} rows, {results['folds']} folds"
    scores.add_row("cross-validation", f"{results['cv']:.4f}", f"{results['metric']}, {rows}")
    scores.add_row("public score", f"{results['public']:.4f}", "a third of the hidden rows")
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
    where.add_row("what was sent", "submissions/ledger.jsonl")
    where.add_row("every knob", "params.yaml, then: uv run dvc repro")
    title = "Digit Recognizer, as the practice Kaggle scored it"
    console.print(Panel(Group(scores, "", times, "", where), title=title, padding=(1, 2)))


def block(results: Results) -> str:
    """The results as Markdown, for a README."""
    steps = results["seconds"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
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
            f"| everything, installing included | {results['total_seconds']:.0f} s |",
            "",
            f"One run, on {results['machine']} ({results['device']}; {versions}), written by "
            "`uv run python examples/demo.py --record`.",
            "",
        ]
    )


def fill(text: str, written: str) -> str:
    """`text` with `written` between its two marks."""
    before, rest = text.split(START)
    return before + START + written + END + rest.split(END)[1]


def keep(example: Path, results: Results, written: str) -> None:
    """Write an example's results.json, and the results into its README.

    Args:
        written: the results as Markdown.
    """
    text = json.dumps(results, indent=2) + "\n"
    (example / "results.json").write_text(text, encoding="utf-8")
    readme = example / "README.md"
    readme.write_text(fill(readme.read_text(encoding="utf-8"), written), encoding="utf-8")


def record(results: Results, project: Path, example: Path) -> None:
    """Write the example's results.json, its README's results and the picture in docs/."""
    keep(example, results, block(results))
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(results, project), encoding="utf-8")


def picture(results: Results, project: Path) -> str:
    """The summary as an SVG that fetches nothing: the reader's own fonts, no addresses."""
    canvas = Console(record=True, width=100, file=io.StringIO())
    canvas.print("[bold cyan]$[/] [bold]make demo[/]")
    show(results, Path("demo", project.name), canvas)
    drawing = canvas.export_svg(title="make demo", unique_id="demo")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
