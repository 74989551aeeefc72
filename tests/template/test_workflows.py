"""The workflows of the template and of a generated project stand up to their auditors."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml
from support import REPOSITORY

SCRIPTS = Path(sysconfig.get_path("scripts"))
OURS = REPOSITORY / ".github" / "workflows"
TREES = "template/{}/{{{{cookiecutter.project_slug}}}}/.github/workflows"
PROJECTS = REPOSITORY / TREES.format("competition")
PORTFOLIOS = REPOSITORY / TREES.format("portfolio")
FOLDERS = {"template": OURS, "project": PROJECTS, "portfolio": PORTFOLIOS}
WORKFLOWS = [(name, path) for name in FOLDERS for path in sorted(FOLDERS[name].glob("*.yml"))]
files = pytest.mark.parametrize(
    "path", [path for _, path in WORKFLOWS], ids=[f"{name}:{path.name}" for name, path in WORKFLOWS]
)


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_zizmor_finds_nothing(folder: Path) -> None:
    command: list[str | Path] = [SCRIPTS / "zizmor", "--offline", "--persona", "pedantic", folder]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@files
def test_actionlint_finds_nothing(path: Path) -> None:
    done = subprocess.run([SCRIPTS / "actionlint", path], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@files
def test_a_workflow_may_do_little_and_not_for_ever(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"]
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        deploys = {"pages": "write", "id-token": "write"} if path.stem == "pages" else {}
        assert job["permissions"] == {"contents": "read"} | deploys
    for action in re.findall(r"uses: (.*)", text):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_a_project_is_checked_on_three_systems() -> None:
    workflow = yaml.safe_load((PROJECTS / "ci.yml").read_text(encoding="utf-8"))
    systems = workflow["jobs"]["checks"]["strategy"]["matrix"]["os"]
    assert systems == ["ubuntu-latest", "macos-latest", "windows-latest"]


def test_a_portfolio_is_built_at_each_push_and_on_a_schedule() -> None:
    # YAML reads the key `on` as true.
    triggers = yaml.safe_load((PORTFOLIOS / "pages.yml").read_text(encoding="utf-8"))[True]
    assert set(triggers) == {"push", "schedule", "workflow_dispatch"}
