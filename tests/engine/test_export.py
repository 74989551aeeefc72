"""`compete export` of what has no demo says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compete.errors import Fault
from compete.files import SCORES
from compete.records import CrossValidation, MemberScore, Scores
from compete.supervised.export import export


def test_a_task_without_a_demo_is_refused_by_name(
    edit_author: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_author("text", "settings.py", 'Settings.task = "compete.tasks.language"  # has no export')
    monkeypatch.chdir(tmp_path)
    score = MemberScore(score=1.0, folds=[1.0], trained=[0], weight=1.0)
    cv = CrossValidation("accuracy", 1.0, "maximize", rows=9, threshold=0.5, folds=[1.0])
    Scores(cv, {"base": score}).write(SCORES)
    with pytest.raises(Fault, match="no demo yet for the task language"):
        export(None, None)


def test_before_the_first_prediction_it_says_what_to_run(
    edit_author: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_author("tabular")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Fault, match="compete predict"):
        export(None, None)
