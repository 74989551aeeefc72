"""The results of a project whose agent plays: collected from its files, and as Markdown."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from materialise import clean_environment
from results import Results, describe_run

from compete.files import LEDGER
from compete.kaggle import ledger
from compete.simulation_records import JUDGEMENT, AgentRun, Judgement

_WITHOUT_SEARCH = Path(__file__).with_name("without_search.py")
_OPPONENT, _ROUNDS = "negamax", 20  # of the games without search


def collect(project: Path, seconds: dict[str, float]) -> Results:
    """Return the numbers of a judged agent, and of the same without its search.

    Args:
        project: its folder.
        seconds: of each stage.

    Raises:
        SystemExit: the agent is not judged, or can't be played.
    """
    judgement = Judgement.read(project / JUDGEMENT)
    if judgement is None:
        sys.exit(f"error: {project} has no judgement. Run `uv run dvc repro` there.")
    run = AgentRun.read(project / "runs" / judgement.member / "agent.json")
    assert run is not None
    entries = [entry for entry in ledger.load(project / LEDGER) if entry.public is not None]
    quality = judgement.quality
    solved = (
        {"kept_value": quality.share, "solved": quality.moves - quality.unknown} if quality else {}
    )
    return {
        "steps": run.timesteps,
        "imitated": run.imitated,
        "best_steps": run.best_timesteps,
        "games": {
            pair.opponent: [pair.wins, pair.draws, pair.losses]
            for pair in judgement.pairings
            if pair.player == judgement.agent
        },
        "elo": {each.player: [each.elo, each.low, each.high] for each in judgement.ladder},
        "failures": judgement.failures,
        "slowest_seconds": judgement.times.slowest,
        "first_seconds": judgement.times.first,
        **solved,
        "without_search": _play_without_search(project) if judgement.play == "search" else None,
        **({"rating": entries[-1].public} if entries else {}),
        "seconds": seconds,
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "device": run.device,
        "versions": {
            name: version
            for name, version in run.versions.items()
            if name in ("torch", "sb3-contrib", "kaggle-environments")
        },
    }


def _play_without_search(project: Path) -> dict[str, Any]:
    command = ["uv", "run", "--no-sync", "python", str(_WITHOUT_SEARCH), _OPPONENT, str(_ROUNDS)]
    done = subprocess.run(
        command, cwd=project, env=clean_environment(), stdout=subprocess.PIPE, encoding="utf-8"
    )
    if done.returncode:
        sys.exit("error: The games without search failed. Their output above says why.")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def block(results: Results, example: str) -> str:
    """Return the results as Markdown.

    Args:
        results: the numbers.
        example: the example's name.
    """
    lines = ["| against | won | drawn | lost | Elo (95 %) |", "|---|---|---|---|---|"]
    for opponent, counts in results["games"].items():
        elo, low, high = results["elo"][opponent]
        lines.append(f"| {_cells(opponent, counts)} | {elo:.0f} ({low:.0f} to {high:.0f}) |")
    own, low, high = results["elo"]["agent"]
    rows = [("Elo of the agent (random is 0)", f"{own:.0f} (95 %: {low:.0f} to {high:.0f})")]
    if "kept_value" in results:
        solved = f"optimal moves, of {results['solved']} solved"
        rows.append((solved, f"{results['kept_value']:.1%}"))
    rows.append(("failed games", str(results["failures"])))
    rows.append(("slowest move after the first, seconds", f"{results['slowest_seconds']:.2f}"))
    rows.append(("first move, seconds", f"{results['first_seconds']:.1f}"))
    if bare := results["without_search"]:
        counts = f"{bare['wins']} won, {bare['draws']} drawn, {bare['losses']} lost"
        rows.append((f"without search, against {bare['opponent']}", counts))
    if "rating" in results:
        rows.append(("rating on Kaggle", f"{results['rating']:.1f}"))
    rows.append(("positions imitated", f"{results['imitated']:,}"))
    rows.append(("PPO steps", f"{results['steps']:,}"))
    rows.append(("PPO steps until the best evaluation", f"{results['best_steps']:,}"))
    rows += [(f"{name}, seconds", f"{value:.0f}") for name, value in results["seconds"].items()]
    lines += ["", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    source = describe_run(results, f"uv run python examples/record.py {example} ../{example}")
    return "\n".join([*lines, "", source, ""])


def _cells(opponent: str, counts: list[int]) -> str:
    return " | ".join([opponent, *map(str, counts)])
