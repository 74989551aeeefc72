"""The report of an agent, by the command, after the other commands."""

import json
from collections.abc import Callable
from pathlib import Path

from pages import Read
from samples import write
from typer.testing import CliRunner

from compete.cli import app
from compete.files import SCORES
from compete.simulation_records import AgentRun


def test_an_agent_is_reported_by_what_the_commands_left(settle: Callable[..., Path]) -> None:
    root = settle(trainer={"total_timesteps": 512})
    write(root / "pyproject.toml", '[project]\nname = "pole"\nversion = "0.1.0"\n')
    write(root / "README.md", "<!-- results:start -->\n<!-- results:end -->\n")
    for verb in ("prepare", "report", "train", "predict", "report"):
        done = CliRunner().invoke(app, [verb], catch_exceptions=False)
        assert done.exit_code == 0
        if verb == "report":
            page = Read((root / "reports/index.html").read_text(encoding="utf-8"))
            has_run = AgentRun.load("base") is not None
            assert ("The training of member base is not finished." in page.words) != has_run
    run, scores = AgentRun.load("base"), json.loads(SCORES.read_text(encoding="utf-8"))
    assert run is not None
    assert page.numbers["steps"] == run.timesteps
    assert page.numbers["parameters"] == run.parameters
    assert page.numbers["return"] == scores["return"]
    assert page.numbers["length"] == scores["length"]
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert f"{scores['return']:.2f} ± {scores['spread']:.2f}" in readme
