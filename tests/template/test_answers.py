"""A bad answer is refused by name and with a reason, before anything is written."""

import json
import subprocess
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException
from hypothesis import given, settings
from hypothesis import strategies as st
from support import REPOSITORY, Render

from hooks.competition import answer_errors

Run = Callable[..., subprocess.CompletedProcess[str]]
CONTEXT = json.loads(
    (REPOSITORY / "template" / "competition" / "cookiecutter.json").read_text(encoding="utf-8")
)
GOOD: dict[str, Any] = {
    "competition": "digit-recognizer",
    "project_name": "Digit Recognizer",
    "project_slug": "digit-recognizer",
    "package_name": "digit_recognizer",
    "description": "Deep learning for the Kaggle competition digit-recognizer",
    "task": "image",
    "metric": "auto",
    "author_name": "Your Name",
    "author_email": "you@example.com",
    "github_username": "your-username",
    "license": "MIT",
    "python_version": "3.11",
    "dvc_remote": "",
    **{key: value for key, value in CONTEXT.items() if key.startswith("_")},
}
TEXTS = [key for key, value in CONTEXT.items() if isinstance(value, str) and key[0] != "_"]
BAD = {
    "competition": [
        "",
        "a b",
        "a_b",
        "-titanic",
        "titanic-",
        "../titanic",
        "https://www.kaggle.com/competitions/titanic",
        "titanic\n",
        "x" * 101,
        "été",
        "{{ 7 }}",
    ],
    "project_name": [
        "",
        " ",
        "a\nb",
        "a\x00b",
        'a "b"',
        "a\\b",
        "{{ 7 }}",
        "{% x %}",
        " a",
        "<b>x",
    ],
    "project_slug": [
        "",
        ".",
        "..",
        "../../x",
        "a/b",
        "a\\b",
        "/absolute",
        "C:x",
        "-x",
        "x.",
        "a..b",
        "con",
        "NUL.txt",
        "Com1",
        "x" * 65,
        "a b",
        "torch",
        "Scikit_Learn",
        "x.git",
        "~x",
        "$HOME",
        "été",
        "x\n",
    ],
    "package_name": [
        "",
        "1a",
        "a-b",
        "a b",
        "A",
        "class",
        "match ",
        "torch",
        "kaggle",
        "tests",
        "src",
        "json",
        "sys",
        "__init__",
        "yaml",
        "x" * 65,
        "é",
        "con",
        "a\n",
    ],
    "description": [
        "",
        "\t",
        "two\nlines",
        'a "quote"',
        "a\\",
        "{{",
        "`id`",
        "x" * 301,
        "x\u202ey",
    ],
    "author_name": ["", "A <a@b.c>", "A\nB", 'A "B" C', "Doe, Jane", "{A}", ".", "x" * 101],
    "author_email": [
        "",
        "a",
        "a@b",
        "a@b@c.d",
        "a b@c.de",
        "a@b..c",
        ".a@b.c",
        "a@b.c\n",
        '"a"@b.c',
    ],
    "github_username": ["", "-a", "a-", "a--b", "a_b", "a/b", "x" * 40, "a\n", "é"],
    "dvc_remote": [
        "ftp://host/path",
        "s3://",
        "s3:///",
        "ssh://me:secret@host/path",
        "inside",
        "./inside",
        "~/store",
        "D:\\store",
        "/a\nb",
        '/a"b',
        "/a'b",
        "/a#b",
        "https://x/?token=1",
        " /a",
        "/" + "a" * 500,
    ],
    "metric": ["bleu", "chrf", "mifid", "rating"],
}
NICE = {
    "competition": ["titanic", "GiveMeSomeCredit", "3d-object-detection", "llm-20-questions"],
    "project_name": ["Kaggle's Digits", "Zahlen: 100 % erkannt #1", "数字识别"],
    "project_slug": ["a", "digits_2", "my.digits", "X1"],
    "package_name": ["a", "digits_2", "kaggle_digits"],
    "author_name": ["O'Brien", "José Ñandú", "Jean-Luc P. d'Été", "李雷"],
    "author_email": ["o'brien@example.co.uk", "123+me@users.noreply.github.com"],
    "github_username": ["a", "a-b", "A1"],
    "dvc_remote": [
        "s3://bucket/path",
        "gs://bucket",
        "ssh://me@host:22/path",
        "/mnt/store",
        "/home/me/My Drive/store",
        "../store",
        "D:/store",
    ],
    "metric": ["auto", "accuracy", "rmse", "map_at_5"],
}


def of(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, answer) for name, answers in table.items() for answer in answers]


def test_the_default_answers_are_good() -> None:
    assert answer_errors(GOOD) == {}


@pytest.mark.parametrize(("name", "answer"), of(BAD))
def test_a_bad_answer_is_refused_by_its_name_alone(name: str, answer: str) -> None:
    assert list(answer_errors(GOOD | {name: answer})) == [name]


@pytest.mark.parametrize(("name", "answer"), of(NICE))
def test_an_unusual_but_good_answer_is_accepted(name: str, answer: str) -> None:
    assert answer_errors(GOOD | {name: answer}) == {}


def test_a_simulation_has_no_metric_to_choose() -> None:
    assert answer_errors(GOOD | {"task": "simulation"}) == {}
    errors = answer_errors(GOOD | {"task": "simulation", "metric": "accuracy"})
    assert errors == {"metric": ["does not fit the task simulation: use auto"]}


def test_an_answer_that_is_no_text_is_refused() -> None:
    assert list(answer_errors(GOOD | {"project_slug": ["x"]})) == ["project_slug"]


def test_all_bad_answers_are_told_at_once_and_nothing_is_written(
    run: Run, template_dir: Path, cookiecutter_config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    command = ("cookiecutter", template_dir, "--no-input", "-o", out)
    run(*command)
    replay = cookiecutter_config.parent / "replay/competition.json"
    before = replay.read_bytes()
    bad = {"project_slug": "../../escaped", "package_name": "torch", "metric": "bleu"}
    done = run(*command, *(f"{name}={answer}" for name, answer in bad.items()), fails=1)
    first, *lines = done.stdout.splitlines()
    assert first == "Nothing was written. Please change these answers:"
    assert [line.split(":")[0].strip() for line in lines] == [*bad]
    assert done.stderr == ""
    assert list(tmp_path.rglob("escaped")) == []
    assert [path.name for path in out.iterdir()] == ["digit-recognizer"]
    assert replay.read_bytes() == before


def test_a_replayed_bad_answer_is_refused_before_anything_is_written(
    run: Run, template_dir: Path, tmp_path: Path
) -> None:
    answers = GOOD | {"project_slug": "fine", "author_name": 'x"\nimport os', "__checked": "yes"}
    replay = tmp_path / "replay.json"
    replay.write_text(json.dumps({"cookiecutter": answers}), encoding="utf-8")
    out = tmp_path / "out"
    done = run("cookiecutter", template_dir, "-o", out, "--replay-file", replay, fails=1)
    assert done.stdout.splitlines() == [
        "Nothing was written. Please change these answers:",
        "  author_name: 'x\"\\nimport os' contains an invisible character, such as a line "
        'break; it contains ": remove that.',
    ]
    assert not out.exists()


def test_a_good_replay_needs_no_question(run: Run, template_dir: Path, tmp_path: Path) -> None:
    replay = tmp_path / "replay.json"
    answers = GOOD | {"project_slug": "fine", "__checked": "yes"}
    replay.write_text(json.dumps({"cookiecutter": answers}), encoding="utf-8")
    run("cookiecutter", template_dir, "-o", tmp_path / "out", "--replay-file", replay)
    assert (tmp_path / "out/fine/packages/compete/pyproject.toml").is_file()


def test_cruft_refuses_a_bad_answer_by_name(run: Run, repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    where = ("--directory", "template/competition", "--no-input", "--output-dir", out)
    answers = ("--extra-context", '{"github_username": "a_b"}')
    done = run("cruft", "create", repository, *where, *answers, fails=1)
    assert "github_username: 'a_b' is not a GitHub username" in done.stderr
    assert list(out.iterdir()) == []


def test_template_code_in_an_answer_is_refused(render: Render) -> None:
    with pytest.raises(FailedHookException, match=r"template code: '\{% raw'"):
        render(project_name="{% raw")


NASTY = st.sampled_from(
    [answer for answers in BAD.values() for answer in answers]
    + ["'; import os; '", "]\n[tool.x]", '"""', "${HOME}", "%s%n", "!!python/object:x", "$(id)"]
)
HOSTILE = st.one_of(
    st.text(max_size=40), NASTY, st.builds("{}{}".format, NASTY, st.text(max_size=9))
)


@given(name=st.sampled_from(TEXTS), answer=HOSTILE)
def test_what_passes_cannot_break_out_of_a_quoted_string(name: str, answer: str) -> None:
    if name in answer_errors(GOOD | {name: answer}):
        return
    assert answer.isprintable()
    assert not set(answer) & set('"\\{}`<>')


@settings(max_examples=60, deadline=None)
@given(answers=st.dictionaries(st.sampled_from(TEXTS), HOSTILE, min_size=1, max_size=3))
def test_hostile_answers_are_refused_by_name_or_rendered_harmlessly(
    render: Render, answers: dict[str, str]
) -> None:
    bad = answer_errors(GOOD | answers)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        try:
            # All are given: what a name in any script becomes as a folder is a matter of its own.
            project = render(into=out, **{name: GOOD[name] for name in TEXTS} | answers)
        except FailedHookException as refused:
            message = str(refused)
        else:
            message = ""
            for name in ("pyproject.toml", "ruff.toml"):
                tomllib.loads((project / name).read_text(encoding="utf-8"))
            for name in ("params.yaml", "dvc.yaml", ".pre-commit-config.yaml"):
                assert yaml.safe_load((project / name).read_text(encoding="utf-8"))
            assert project.parent == out
        # Template code is told by its text: cookiecutter does not say whose it is.
        assert "template code" in message or all(f"\n  {name}: " in message for name in bad)
        assert bool(message) == bool(bad) == (list(Path(folder).rglob("*")) == [out])
