"""Publishing does each step once, finishes what was interrupted, and never leaks.

GitHub is a bare repository, and a `gh` that keeps its state in a file.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compete.contract import Contract
from compete.errors import Fault
from compete.portfolio.publish import publish as publish_project

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for gh is a script")

GH = """#!{python}
import json, pathlib, subprocess, sys, time
file = pathlib.Path({state!r})
state = json.loads(file.read_text()) if file.exists() else dict(calls=[], releases={}, pages=None)
words = sys.argv[1:]
what = " ".join(words[:2])
state["calls"].append(what)
def end(code=0, text=""):
    file.write_text(json.dumps(state))
    print(text, file=sys.stderr if code else sys.stdout)
    sys.exit(code)
def option(name):
    return words[words.index(name) + 1]
time.sleep(state.get("slow", 0))
if state.get("broken") and what.startswith(state["broken"]):
    state["broken"] = ""
    end(1, "HTTP 502: Bad Gateway")
if what == "auth status":
    end(state.get("signed_out", 0))
if what == "api user":
    end(0, "ada")
if what == "repo create":
    bare = pathlib.Path({server!r}) / (words[2] + ".git")
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    url = str(bare)
    state["repo"] = dict(clone_url=url, private="--private" in words, description="", homepage="")
    end()
if "repo" not in state:
    end(1, "gh: Not Found (HTTP 404)")
if what == "repo edit":
    state["repo"]["description"] = option("--description")
    state["repo"]["homepage"] = option("--homepage")
    topics = [words[i + 1] for i, word in enumerate(words) if word == "--add-topic"]
    state["repo"]["topics"] = topics
    end()
if words[0] == "api":
    place = next(word for word in words if word.startswith("repos/ada/")).split("/")[3:]
    if "PATCH" in words:
        state["repo"]["private"] = "private=false" not in words
    if "POST" in words:
        state["pages"] = dict(build_type="workflow")
    found = state["repo"]
    if place == ["pages"]:
        found = state["pages"]
    if place[:1] == ["releases"]:
        names = state["releases"].get(place[2])
        found = names and dict(assets=[dict(name=name, state="uploaded") for name in names[1:]])
    end(0 if found else 1, json.dumps(found) if found else "gh: Not Found (HTTP 404)")
release = words[2]
if what == "release create":
    state["releases"][release] = ["the notes"]
    end()
if what == "release upload":
    for sent in map(pathlib.Path, words[words.index("--clobber") + 1 :]):
        (pathlib.Path({server!r}) / sent.name).write_bytes(sent.read_bytes())
        state["releases"][release].append(sent.name)
    end()
end(2, "unknown: " + what)
"""


@pytest.fixture
def project(
    contract: Callable[..., Contract],
    pyproject: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A committed project, the current folder, on a machine where no git configuration is."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home" / "ada")
    for key in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(key, os.devnull)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.com")
    Path("pyproject.toml").write_text(pyproject, encoding="utf-8")
    contract().save()
    Path("MODEL_CARD.md").write_text("# Card\n", encoding="utf-8")
    git("init", "--quiet", "--initial-branch=main")
    commit()
    return folder


@pytest.fixture
def github(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of what GitHub knows."""
    programs, state = tmp_path / "bin", tmp_path / "state.json"
    programs.mkdir()
    server = tmp_path / "github.com"
    text = GH.replace("{python}", sys.executable).replace("{state!r}", repr(str(state)))
    (programs / "gh").write_text(text.replace("{server!r}", repr(str(server))), encoding="utf-8")
    (programs / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return state


@pytest.fixture
def publish() -> Callable[..., None]:
    """The command."""

    def run(remote: str | None = None, public: bool = False, dry_run: bool = False) -> None:
        publish_project(remote, public, dry_run)

    return run


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


def commit() -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", "Work")


def told(state: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
    return found


def changes(state: Path) -> list[str]:
    """The calls that changed something."""
    looks = ("auth status", "api user", "api repos")
    return [call for call in told(state)["calls"] if not call.startswith(looks)]


def test_any_git_address_takes_the_push_and_a_second_run_changes_nothing(
    project: Path,
    tmp_path: Path,
    publish: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    bare = tmp_path / "bare.git"
    git("init", "--quiet", "--bare", str(bare))
    publish(str(bare))
    git("clone", "--quiet", "--branch", "main", str(bare), str(tmp_path / "clone"))
    assert (tmp_path / "clone/MODEL_CARD.md").read_text(encoding="utf-8") == "# Card\n"
    assert "Not on GitHub" in capsys.readouterr().err
    publish()
    said = capsys.readouterr().err
    assert "now:" not in said
    assert said.count("already done") == 2


def test_a_whole_project_comes_to_github_once(
    github: Path, publish: Callable[..., None], tmp_path: Path
) -> None:
    publish(public=True)
    state = told(github)
    assert state["repo"]["private"] is False
    assert state["repo"]["homepage"].startswith("https://ada.github.io/")
    assert "kaggle" in state["repo"]["topics"]
    assert state["pages"]
    assert state["releases"] == {"v0.1.0": ["the notes", "MODEL_CARD.md"]}
    assert git("rev-parse", "origin/main") == git("rev-parse", "HEAD")
    before = changes(github)
    publish(public=True)
    assert changes(github) == before


def test_it_is_private_unless_asked_and_then_has_no_page(
    github: Path, publish: Callable[..., None]
) -> None:
    publish()
    state = told(github)
    assert (state["repo"]["private"], state["pages"]) == (True, None)
    publish(public=True)
    state = told(github)
    assert (state["repo"]["private"], state["pages"]) == (False, {"build_type": "workflow"})


@pytest.mark.parametrize(
    "step",
    ["api repos", "repo create", "repo edit", "api --method", "release create", "release upload"],
)
def test_what_failed_half_way_is_finished_by_the_next_run(
    github: Path, publish: Callable[..., None], step: str
) -> None:
    github.write_text(json.dumps({"calls": [], "releases": {}, "pages": None, "broken": step}))
    with pytest.raises(Fault, match="502"):
        publish(public=True)
    publish(public=True)
    state = told(github)
    assert state["releases"] == {"v0.1.0": ["the notes", "MODEL_CARD.md"]}
    assert state["pages"]
    assert state["calls"].count("repo create") == (2 if step == "repo create" else 1)


def test_a_dry_run_tells_every_step_and_does_none(
    github: Path, publish: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(public=True, dry_run=True)
    said = capsys.readouterr().err
    assert said.count("would:") == 8
    assert changes(github) == []
    assert git("remote") == ""


def test_a_token_in_the_address_is_not_shown(
    project: Path, publish: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        with pytest.raises(Fault, match=r"push failed: .*127\.0\.0\.1") as failed:
            publish(remote="https://me:glpat-of-ada@127.0.0.1:1/ada/x.git")
        assert "glpat" not in str(failed.value)
    said = capsys.readouterr().err
    assert "already done: add https://127.0.0.1:1/ada/x.git as origin" in said
    assert "glpat" not in said


@pytest.fixture
def trained(project: Path) -> Path:
    """The folder of a fold that is trained."""
    Path(".gitignore").write_text("runs/\n", encoding="utf-8")
    folder = project / "runs/base/fold0"
    folder.mkdir(parents=True)
    for name in ("config.yaml", "fold.json", "model.safetensors", "last.ckpt"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def share_weights(**entry: str) -> None:
    text = json.dumps({"weights": entry})
    Path(".publish-allow.yaml").write_text(text, encoding="utf-8")
    commit()


def test_weights_are_released_once_it_is_said_that_they_may_be_shared(
    github: Path, trained: Path, publish: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    generator = ("config.yaml", "gan.json", "generator.safetensors", "metrics.csv")
    (trained.parents[1] / "paints").mkdir()
    for name in (*generator, "last.ckpt"):
        (trained.parents[1] / "paints" / name).write_text(name, encoding="utf-8")
    share_weights()
    publish()
    assert told(github)["releases"] == {"v0.1.0": ["the notes", "MODEL_CARD.md"]}
    assert "does not say that they may be shared" in capsys.readouterr().err
    share_weights(license="apache-2.0", reason="The rules allow it.")
    publish()
    assert told(github)["releases"] == {"v0.1.0": ["the notes", "MODEL_CARD.md", "weights.zip"]}
    with zipfile.ZipFile(github.parent / "github.com" / "weights.zip") as archive:
        fold = ("config.yaml", "fold.json", "model.safetensors")
        assert set(archive.namelist()) == {
            *(f"runs/base/fold0/{name}" for name in fold),
            *(f"runs/paints/{name}" for name in generator),
        }
    before = changes(github)
    publish()
    assert changes(github) == before


def test_weights_without_a_licence_or_with_a_secret_beside_them_stay_here(
    github: Path, trained: Path, publish: Callable[..., None]
) -> None:
    share_weights(license="apache-2.0")
    with pytest.raises(Fault, match="Give license and reason"):
        publish()
    share_weights(license="apache-2.0", reason="The rules allow it.")
    config = f"weights: {Path.home().as_posix()}/weights/resnet.pth"
    (trained / "config.yaml").write_text(config, encoding="utf-8")
    with pytest.raises(Fault, match=r"config\.yaml:1: a path in your home folder"):
        publish()
    assert told(github)["releases"] == {"v0.1.0": ["the notes"]}


def test_nothing_leaves_with_a_secret_in_the_history(
    github: Path, publish: Callable[..., None]
) -> None:
    for text in (f"token = 'hf_{'aB3' * 12}'\n", "token = None\n"):
        Path("upload.py").write_text(text, encoding="utf-8")
        commit()
    with pytest.raises(Fault, match=r"upload\.py:1 .*Hugging Face token"):
        publish()
    assert not github.exists()


def test_what_is_not_committed_is_not_published(github: Path, publish: Callable[..., None]) -> None:
    Path("new.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(Fault, match="not committed"):
        publish()


def test_without_gh_or_signed_out_the_remedy_is_named(
    github: Path,
    publish: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    github.write_text(json.dumps({"calls": [], "releases": {}, "pages": None, "signed_out": 1}))
    with pytest.raises(Fault, match="gh auth login"):
        publish()
    here = github.parent / "only-git"
    here.mkdir()
    (here / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(here))
    with pytest.raises(Fault, match=r"cli\.github\.com"):
        publish()


def test_a_server_that_goes_silent_ends_the_push(
    project: Path, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compete.portfolio.publish.SILENT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections, answers none
        address = f"http://127.0.0.1:{server.getsockname()[1]}/project.git"
        with pytest.raises(Fault, match=r"The push failed:.*too slow.*same command"):
            publish(address)


def test_a_gh_that_does_not_answer_is_left(
    github: Path, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    github.write_text(json.dumps({"calls": [], "releases": {}, "pages": None, "slow": 60}))
    monkeypatch.setattr("compete.portfolio.github.SECONDS", 1.0)
    with pytest.raises(Fault, match=r"gh auth status` did not end within 1 seconds.*same command"):
        publish()
