"""The template `portfolio`: its files, its answers, and the checks of what it writes."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException
from support import REPOSITORY, Project, outside_environment

from hooks.engine import SITE_BUILDER, engine_files
from hooks.portfolio import answer_errors

RenderPortfolio = Callable[..., Path]
TEMPLATE = REPOSITORY / "template" / "portfolio"
GOOD = {
    "author_name": "Your Name",
    "author_email": "you@example.com",
    "github_username": "your-username",
    "headline": "Deep learning projects, measured and explained",
    "project_slug": "portfolio",
    "first_project": "",
}
BAD = {
    "author_name": ["", "A <a@b.c>", 'A "B" C', "A\nB"],
    "author_email": ["", "a", "a@b"],
    "github_username": ["", "-a", "a_b"],
    "headline": ["", "a\nb", 'a "b"', "{{ 7 }}", "x" * 121],
    "project_slug": ["", "../x", "portfolio-site", "Portfolio_Site", "con"],
    "first_project": ["http://a.b", "javascript://x", "a\nb", '"', "x" * 501],
}


def settings(portfolio: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((portfolio / "projects.yaml").read_text("utf-8"))
    return loaded


def test_it_holds_exactly_the_promised_files_and_the_builder(
    render_portfolio: RenderPortfolio,
) -> None:
    portfolio = render_portfolio()
    tree = TEMPLATE / "{{cookiecutter.project_slug}}"
    own = {path.relative_to(tree) for path in tree.rglob("*") if path.is_file()}
    builder = {SITE_BUILDER / name for name in engine_files(SITE_BUILDER)}
    found = {path.relative_to(portfolio) for path in portfolio.rglob("*") if path.is_file()}
    assert {path for path in found if path.parts[0] != ".git"} == own | builder
    for name in builder:
        assert (portfolio / name).read_bytes() == (REPOSITORY / name).read_bytes()
    for name in own:
        text = (portfolio / name).read_text(encoding="utf-8")
        assert "cookiecutter." not in text, name
        assert "{{" not in text or name.parts[0] == ".github", name
    tomllib.loads((portfolio / "pyproject.toml").read_text(encoding="utf-8"))


def test_its_own_python_is_none(render_portfolio: RenderPortfolio) -> None:
    assert all("packages" in path.parts for path in render_portfolio().rglob("*.py"))


@pytest.mark.parametrize(
    ("slug", "url"),
    [
        ("portfolio", "https://ada-l.github.io/portfolio/"),
        ("Ada-L.github.io", "https://ada-l.github.io/"),
    ],
)
def test_the_address_is_that_of_github_pages(
    render_portfolio: RenderPortfolio, slug: str, url: str
) -> None:
    portfolio = render_portfolio(github_username="Ada-L", project_slug=slug)
    assert settings(portfolio)["url"] == url


def test_the_answers_reach_projects_yaml(render_portfolio: RenderPortfolio) -> None:
    answers = {"author_name": "José: d'Été #1", "headline": "AI, tried & tested: 100 %"}
    found = settings(render_portfolio(**answers, first_project="../digits: mine"))
    assert [found["name"], found["headline"]] == list(answers.values())
    assert found["projects"] == ["../digits: mine"]
    assert settings(render_portfolio())["projects"] == []


def test_the_default_answers_are_good() -> None:
    assert answer_errors(GOOD) == {}


@pytest.mark.parametrize(
    ("name", "answer"), [(name, answer) for name, answers in BAD.items() for answer in answers]
)
def test_a_bad_answer_is_refused_by_its_name_alone(name: str, answer: str) -> None:
    assert list(answer_errors(GOOD | {name: answer})) == [name]


def test_bad_answers_are_told_at_once_and_nothing_is_written(
    render_portfolio: RenderPortfolio, tmp_path: Path
) -> None:
    with pytest.raises(FailedHookException) as refused:
        render_portfolio(tmp_path, github_username="a_b", project_slug="../x")
    first, *lines = str(refused.value).splitlines()
    assert first == "Nothing was written. Please change these answers:"
    assert [line.split(":")[0].strip() for line in lines] == ["github_username", "project_slug"]
    assert list(tmp_path.iterdir()) == []


def test_every_question_is_a_sentence() -> None:
    context = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
    assert set(context["__prompts__"]) == {name for name in context if not name.startswith("_")}
    assert set(context["__prompts__"]) == set(GOOD)


def test_the_extensions_of_the_templates_differ_by_their_names_alone() -> None:
    competition = REPOSITORY / "template/competition/competition_answers.py"
    names = {"CompetitionHooks": "PortfolioHooks", "hooks.competition": "hooks.portfolio"}
    text = competition.read_text(encoding="utf-8")
    for old, new in names.items():
        text = text.replace(old, new)
    assert (TEMPLATE / "portfolio_answers.py").read_text(encoding="utf-8") == text


def test_the_menu_offers_it(cookiecutter_config: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cookiecutter", str(REPOSITORY), "-o", str(tmp_path)]
    done = subprocess.run(
        command,
        input="2\n" + 6 * "\n",
        env=outside_environment() | {"COOKIECUTTER_CONFIG": str(cookiecutter_config)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "portfolio/projects.yaml").is_file()
    assert "uv run portfolio build" in done.stdout


@pytest.mark.slow
def test_the_commands_of_the_readme_and_its_own_checks_work(
    cookiecutter_config: Path, sync: Callable[[Path], Project], tmp_path: Path
) -> None:
    documented = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    make = "uvx cookiecutter REPOSITORY --directory template/portfolio"
    assert f"{make}\ncd portfolio\nuv run portfolio build\n" in documented
    answer = f"first_project={REPOSITORY / 'examples/titanic'}"
    command = make.replace("REPOSITORY", str(REPOSITORY)).split()
    env = outside_environment() | {"COOKIECUTTER_CONFIG": str(cookiecutter_config)}
    subprocess.run([*command, "--no-input", answer], cwd=tmp_path, env=env, check=True)
    project = sync(tmp_path / "portfolio")
    readme = (project.path / "README.md").read_text(encoding="utf-8")
    assert "uv sync\nuv run portfolio build\n" in readme
    assert "1 of 1 projects" in project.run("uv", "run", "portfolio", "build").stdout
    assert (project.path / "site/index.html").is_file()
    assert (project.path / "profile/README.md").is_file()
    project.run("git", "add", "--all")
    project.run("pre-commit", "run", "--all-files")
    staged = project.run("git", "diff", "--cached", "--name-only").stdout.split()
    assert {name.split("/")[0] for name in staged} == {"cards"}
    assert "torch" not in project.run("uv", "pip", "list").stdout
