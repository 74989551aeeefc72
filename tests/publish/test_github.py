"""`compete publish` by GitHub's own command `gh`, which talks to a stand-in for GitHub's API."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from github_stand_in import GitHub, serve
from support import Project, Render, outside_environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("gh"), reason="There is no gh on this machine."),
    pytest.mark.skipif(not shutil.which("openssl"), reason="There is no openssl here."),
    pytest.mark.skipif(sys.platform != "linux", reason="gh obeys SSL_CERT_FILE on Linux only."),
]
CONTRACT = """
from compete.contract import Contract
Contract(slug="digits", title="Digits", problem="classification", metric="accuracy",
    id_column="id", target_columns=["y"], classes=["a", "b"], submission_columns=["id", "y"],
    prediction="label", rows=4, sample_submission="sample.csv").save()
"""


@pytest.fixture(scope="module")
def project(render: Render, sync: Callable[[Path], Project]) -> Project:
    """A committed project with a trained fold whose weights may be shared."""
    made = sync(render())
    made.run("python", "-c", CONTRACT)
    (made.path / "MODEL_CARD.md").write_text("---\nlicense: mit\n---\n# Card\n", "utf-8")
    allowed = {"weights": {"license": "mit", "reason": "They are not trained at all."}}
    (made.path / ".publish-allow.yaml").write_text(yaml.safe_dump(allowed), encoding="utf-8")
    fold = made.path / "runs/base/fold0"
    fold.mkdir(parents=True)
    for name in ("config.yaml", "fold.json", "model.safetensors"):
        (fold / name).write_text("{}", encoding="utf-8")
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    made.run("git", "add", "--all")
    made.run("git", *author, "commit", "--quiet", "--message", "Finished")
    return made


@pytest.fixture
def github(project: Project, tmp_path: Path) -> Iterator[GitHub]:
    """A GitHub that knows nothing of the project yet."""
    with serve(tmp_path) as served:
        yield served
    project.run("git", "remote", "remove", "origin", check=False)


def test_a_project_comes_to_github_once_and_is_made_public_later(
    project: Project, github: GitHub
) -> None:
    project.run("compete", "publish", env=github.environment)
    assert github.repo
    assert github.repo["private"]
    assert {"kaggle", "pytorch"} <= set(github.repo["topics"])
    assert not github.pages
    (release,) = github.releases.values()
    assert release["body"] == "# Card"
    assert {one["name"] for one in release["assets"]} == {"MODEL_CARD.md", "weights.zip"}
    with zipfile.ZipFile(github.root / "weights.zip") as archive:
        assert "runs/base/fold0/model.safetensors" in archive.namelist()
    here = project.run("git", "rev-parse", "HEAD").stdout
    assert project.run("git", "ls-remote", "origin", "refs/heads/main").stdout[:40] == here[:40]
    before = list(github.changes)
    assert "now:" not in project.run("compete", "publish", env=github.environment).stderr
    assert github.changes == before
    github.runs = ["skipped"]  # as the workflow does in a private repository
    project.run("compete", "publish", "--public", env=github.environment)
    assert github.runs == ["skipped", None]
    assert github.repo["private"] is False
    assert github.repo["homepage"].startswith("https://ada.github.io/")
    assert github.pages == {"build_type": "workflow"}
    before = list(github.changes)
    again = project.run("compete", "publish", "--public", env=github.environment).stderr
    assert "now:" not in again
    assert github.changes == before


def test_what_was_killed_while_it_uploaded_is_finished_by_the_next_run(
    project: Project, github: GitHub
) -> None:
    github.hold = "weights.zip"
    process = subprocess.Popen(
        [project.path / ".venv/bin/compete", "publish"],
        cwd=project.path,
        env=outside_environment() | github.environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert github.held.wait(60)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (release,) = github.releases.values()
    assert "weights.zip" not in {one["name"] for one in release["assets"]}
    said = project.run("compete", "publish", env=github.environment).stderr
    assert said.count("already done") == 5
    assert "weights.zip" in {one["name"] for one in release["assets"]}
    assert github.changes.count("POST repository") == 1
