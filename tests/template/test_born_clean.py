"""A generated project is clean at birth: its own checks pass in its own environment, untouched."""

import pytest
from support import CHECKS, Project

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("check", CHECKS, ids=[" ".join(check) for check in CHECKS])
def test_a_check_of_the_project_passes_and_leaves_no_trace(
    project_env: Project, check: tuple[str, ...]
) -> None:
    project_env.run(*check)
    assert project_env.git_status() == ""


@pytest.mark.parametrize(
    "name",
    [
        "data/raw/train.csv",
        "kaggle.json",
        "deep/kaggle.json",
        ".env",
        "model.ckpt",
        "weights.safetensors",
        "submissions/submission.csv",
        "runs/base/fold0/metrics.csv",
        "predictions/base.parquet",
    ],
)
def test_private_files_are_ignored_and_refused_even_when_forced(
    project_env: Project, name: str
) -> None:
    path = project_env.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("secret\n", encoding="utf-8")
    try:
        assert project_env.run("git", "status", "--porcelain", "--", name).stdout == ""
        project_env.run("git", "add", "--force", name)
        refused = project_env.run("pre-commit", "run", "keep-private", check=False)
        assert refused.returncode == 1
        assert "must not be committed" in refused.stdout
        assert name in refused.stdout
    finally:
        project_env.run("git", "rm", "--cached", "--quiet", "--force", "--ignore-unmatch", name)
        path.unlink()


@pytest.mark.parametrize(
    "name",
    [
        "submissions/leaderboard.json",
        "submissions/pushes.jsonl",
        "contract.yaml",
        "reports/metrics.json",
        "reports/index.html",
        "dvc.lock",
    ],
)
def test_what_tells_the_story_is_kept_by_git(project_env: Project, name: str) -> None:
    path = project_env.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n", encoding="utf-8")
    try:
        assert project_env.run("git", "check-ignore", name, check=False).returncode == 1
        project_env.run("git", "add", name)
        project_env.run("pre-commit", "run", "keep-private")
    finally:
        project_env.run("git", "rm", "--cached", "--quiet", "--force", "--ignore-unmatch", name)
        path.unlink()


def test_git_refuses_a_forced_commit_once_the_hooks_are_installed(project_env: Project) -> None:
    project_env.run("pre-commit", "install")
    secret = project_env.path / "kaggle.json"
    secret.write_text("{}\n", encoding="utf-8")
    try:
        project_env.run("git", "add", "--force", "kaggle.json")
        done = project_env.run("git", "commit", "--message", "Leak", check=False)
        assert done.returncode != 0
        assert "must not be committed" in done.stdout + done.stderr
    finally:
        project_env.run("git", "rm", "--cached", "--quiet", "--force", "kaggle.json")
        secret.unlink()
        project_env.run("pre-commit", "uninstall")


def test_a_hook_finds_what_no_name_gives_away(project_env: Project) -> None:
    pasted = project_env.path / "settings.txt"
    pasted.write_text('{"username": "ada", "key": "' + "0123456789abcdef" * 2 + '"}\n', "utf-8")
    try:
        project_env.run("git", "add", "settings.txt")
        done = project_env.run("pre-commit", "run", "guard", check=False)
        assert done.returncode == 1
        assert "settings.txt:1: a Kaggle key. Revoke it" in done.stdout
    finally:
        project_env.run("git", "rm", "--cached", "--quiet", "--force", "settings.txt")
        pasted.unlink()


def test_the_command_line_starts_without_torch(project_env: Project) -> None:
    listing = "import sys, runpy; sys.argv = ['compete', '--help'];" + (
        "from importlib.metadata import entry_points as e;"
        "main = e(group='console_scripts')['compete'].load()\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'lightning', 'kaggle', 'altair'} & set(sys.modules)"
    )
    assert "doctor" in project_env.run("python", "-c", listing).stdout
