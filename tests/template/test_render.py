"""What is rendered: the same exact files on every way, all of them readable, for every answer."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from support import REPOSITORY, Render, outside_environment

from compete.portfolio.project_state import DEFAULT_DESCRIPTION
from hooks.engine import engine_files

TEMPLATE = REPOSITORY / "template" / "competition"
TREE = TEMPLATE / "{{cookiecutter.project_slug}}"
CONTEXT = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
ENGINE = "packages/compete/"
GENERATED = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


def files(root: Path) -> set[str]:
    """Return the paths of all files below `root` that no tool made, with forward slashes."""
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and not GENERATED & set(path.relative_to(root).parts)
    }


def contents(project: Path) -> dict[str, bytes]:
    return {name: (project / name).read_bytes() for name in files(project)}


def expected_files(task: str, package: str) -> set[str]:
    """Return the files that the template's own tree promises for a task, and the engine's."""
    common = {name for name in files(TREE) if not name.startswith("tasks/")}
    common |= {name.replace(".py", ".ipynb") for name in common if name.startswith("notebooks/")}
    names = common | files(TREE / "tasks" / task)
    own = {name.replace("{{cookiecutter.package_name}}", package) for name in names}
    return own | {f"{ENGINE}{name.as_posix()}" for name in engine_files()}


def assert_readable(project: Path) -> None:
    """Parse each rendered file whose format has a parser; none may hold a piece of the template."""
    for name, raw in contents(project).items():
        if name.startswith(ENGINE):
            continue
        text = raw.decode("utf-8")
        assert b"\r" not in raw, name
        assert "cookiecutter." not in text, name
        if not name.startswith(".github/") and not name.endswith(".jinja"):
            assert "{{" not in text, name
            assert "{%" not in text, name
        if name.endswith((".yaml", ".yml")):
            assert yaml.safe_load(text) is not None or name.startswith("members/"), name
        elif name.endswith(".toml"):
            tomllib.loads(text)
        elif name.endswith((".json", ".ipynb")):
            json.loads(text)
        elif name.endswith(".py"):
            compile(text, name, "exec")


def pyproject(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


def params(project: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    return loaded


def test_the_default_project_holds_exactly_the_promised_files(baseline: Path) -> None:
    assert files(baseline) == expected_files("image", "digit_recognizer")


@pytest.mark.parametrize("task", CONTEXT["task"])
def test_every_task_gives_exactly_its_files_all_of_them_readable(render: Render, task: str) -> None:
    project = render(task=task)
    assert files(project) == expected_files(task, "digit_recognizer")
    assert_readable(project)
    assert f"compete[export,{task}]" in pyproject(project)["project"]["dependencies"]


def test_the_default_project_is_readable(baseline: Path) -> None:
    assert_readable(baseline)


def test_the_tasks_offered_are_the_tasks_that_exist() -> None:
    tasks = set(CONTEXT["task"])
    assert tasks == {path.name for path in (TREE / "tasks").iterdir()}
    assert tasks == set(CONTEXT["_task_metrics"])


def test_each_metric_offered_fits_a_task_and_names_all_that_it_fits() -> None:
    fits: dict[str, list[str]] = {}
    for task, metrics in CONTEXT["_task_metrics"].items():
        for metric in metrics:
            fits.setdefault(metric, []).append(task)
    labels = CONTEXT["__prompts__"]["metric"]
    assert ["auto", *fits] == CONTEXT["metric"]
    for metric, tasks in fits.items():
        assert labels[metric] == f"{metric}: {', '.join(tasks)}"


def test_every_question_is_a_sentence() -> None:
    prompts = CONTEXT["__prompts__"]
    assert set(prompts) == {name for name in CONTEXT if not name.startswith("_")}
    for prompt in prompts.values():
        question = prompt if isinstance(prompt, str) else prompt["__prompt__"]
        assert question[0].isupper()
        assert " " in question


def test_the_report_knows_the_default_description() -> None:
    assert CONTEXT["description"].startswith(f"{DEFAULT_DESCRIPTION} ")


def test_names_follow_from_the_competition(render: Render) -> None:
    project = render(competition="3d-object-detection")
    assert project.name == "3d-object-detection"
    assert [path.name for path in (project / "src").iterdir()] == ["kaggle_3d_object_detection"]
    assert (project / "README.md").read_text(encoding="utf-8").startswith("# 3d Object Detection\n")
    assert params(project)["competition"]["slug"] == "3d-object-detection"


@pytest.mark.parametrize("slug", ["007", "1e3", "null", "on", "2024-01-01"])
def test_a_competition_that_looks_like_something_else_stays_text(render: Render, slug: str) -> None:
    project = render(competition=slug, project_slug="digits", package_name="digits")
    assert params(project)["competition"]["slug"] == slug


@pytest.mark.parametrize(
    ("name", "first_words"),
    [
        ("MIT", "MIT License"),
        ("Apache-2.0", "Apache License"),
        ("BSD-3-Clause", "BSD 3-Clause License"),
    ],
)
def test_the_licence_is_the_chosen_one(render: Render, name: str, first_words: str) -> None:
    project = render(license=name, author_name="Ada O'Lovelace")
    text = (project / "LICENSE").read_text(encoding="utf-8")
    assert text.strip().startswith(first_words)
    assert "Ada O'Lovelace" in text
    assert text.endswith("\n")
    assert pyproject(project)["project"]["license"] == name


def test_without_a_licence_there_is_no_licence_file(render: Render) -> None:
    project = render(license="None")
    assert files(project) == expected_files("image", "digit_recognizer") - {"LICENSE"}
    assert not {"license", "license-files"} & set(pyproject(project)["project"])


@pytest.mark.parametrize("version", CONTEXT["python_version"])
def test_python_is_the_chosen_one_or_newer_up_to_the_newest_that_is_tested(
    render: Render, version: str
) -> None:
    # Without an upper bound, uv installs a Python that some packages have no wheels for yet.
    wanted = SpecifierSet(pyproject(render(python_version=version))["project"]["requires-python"])
    workflow = (REPOSITORY / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    tested = yaml.safe_load(workflow)["jobs"]["test"]["strategy"]["matrix"]["python"]
    newest = int(tested[-1].removeprefix("3."))
    allowed = [f"3.{minor}" for minor in range(8, newest + 9) if f"3.{minor}" in wanted]
    assert allowed == [one for one in tested if one in wanted]
    assert allowed[0] == version


@pytest.mark.parametrize("metric", ["auto", *CONTEXT["_task_metrics"]["image"]])
def test_every_metric_of_the_task_reaches_params(render: Render, metric: str) -> None:
    project = render(metric=metric)
    assert params(project)["competition"]["metric"] == metric
    assert_readable(project)


@pytest.mark.parametrize(
    ("answer", "url", "extra"),
    [
        ("", "../../digit-recognizer-dvc", ""),
        ("../store", "../../store", ""),
        ("/mnt/my store", "/mnt/my store", ""),
        ("D:/store", "D:/store", ""),
        ("s3://bucket/a-b_c", "s3://bucket/a-b_c", "s3"),
        ("webdavs://host/path", "webdavs://host/path", "webdav"),
        ("https://host/path", "https://host/path", ""),
    ],
)
def test_the_dvc_remote_comes_with_what_dvc_needs_for_it(
    render: Render, answer: str, url: str, extra: str
) -> None:
    project = render(dvc_remote=answer)
    assert f"url = {url}\n" in (project / ".dvc" / "config").read_text(encoding="utf-8")
    dependencies = " ".join(pyproject(project)["project"]["dependencies"])
    assert re.findall(r"\bdvc\[(\w+)\]", dependencies) == ([extra] if extra else [])


@pytest.mark.parametrize("remote", ["../digit-recognizer-dvc", "s3://bucket/path"])
def test_dvc_is_set_up_as_dvc_itself_would_do_it(
    render: Render, tmp_path: Path, remote: str
) -> None:
    project = render(dvc_remote=remote)
    env = outside_environment() | {"DVC_NO_ANALYTICS": "1"}
    dvc = [sys.executable, "-m", "dvc"]
    own = tmp_path / "own"
    for command in (
        ["git", "init", "--quiet", str(own)],
        [*dvc, "init", "--quiet"],
        [*dvc, "remote", "add", "--quiet", "--default", "storage", remote],
    ):
        subprocess.run(command, cwd=own if own.exists() else tmp_path, env=env, check=True)
    ours, theirs = project / ".dvc", own / ".dvc"
    for name in ("config", ".gitignore"):
        assert (ours / name).read_text(encoding="utf-8") == (theirs / name).read_text(
            encoding="utf-8"
        )
    ignored = (project / ".dvcignore").read_text(encoding="utf-8")
    assert ignored.startswith((own / ".dvcignore").read_text(encoding="utf-8"))


SAFE_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters='"\\`{}<>,;@').filter(str.isprintable),
    min_size=1,
    max_size=60,
).filter(lambda text: text == text.strip() and any(char.isalnum() for char in text))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=SAFE_TEXT, description=SAFE_TEXT, author=SAFE_TEXT)
def test_what_is_accepted_is_rendered_faithfully(
    render: Render, name: str, description: str, author: str
) -> None:
    # The slug is given: what a name in any script becomes in ASCII is a matter of its own.
    project = render(
        project_name=name,
        project_slug="digits",
        package_name="digits",
        description=description,
        author_name=author,
    )
    assert_readable(project)
    metadata = pyproject(project)["project"]
    assert metadata["description"] == description
    assert metadata["authors"][0]["name"] == author
    assert (project / "README.md").read_text(encoding="utf-8").startswith(f"# {name}\n\n")
    committer = subprocess.run(
        ["git", "-C", str(project), "log", "-1", "--format=%an"],
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout.strip()
    assert committer
