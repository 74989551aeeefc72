"""What a visitor sees first is made of the numbers, and claims no more than they tell."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from compete.contract import Contract, Feature
from compete.explanation import Explanation
from compete.export.record import EXPORTED, Exported, Int8
from compete.files import GROUP, git
from compete.portfolio.card import Card
from compete.portfolio.repository import set_pages
from compete.portfolio.section import metric_name, score_text
from compete.portfolio.supervised.findings import findings
from compete.portfolio.supervised.state import load_state
from compete.problems import get_problem
from compete.problems.baseline import baseline
from compete.problems.uncertainty import score_interval

from .harness import Finished, write_report

Make = Callable[..., Contract]
PAIRS = pl.DataFrame({"target_0": [1, 0, 0, 0], "p_a": [0.9, 0.8, 0.2, 0.7]}).with_columns(
    p_b=1 - pl.col("p_a"), row=pl.int_range(4)
)
PERFECT = PAIRS.with_columns(p_a=1.0 - pl.col("target_0"), p_b=1.0 * pl.col("target_0"))


@pytest.mark.parametrize(
    ("metric", "prediction", "told"),
    [
        ("accuracy", "label", ("always a", 0.75)),
        ("auc", "probability", ("any constant", 0.5)),
        ("log_loss", "probability", ("the share of each class", 0.5623351)),
        ("mcc", "label", ("always a", 0)),
        ("f1", "label", ("always b", 0.4)),
        ("f1_macro", "label", ("always a", 3 / 7)),
    ],
)
def test_the_baseline_of_classes_is_their_shares(
    contract: Make, metric: str, prediction: str, told: tuple[str, float]
) -> None:
    made = contract(metric=metric, prediction=prediction)
    found = baseline(get_problem(made), PAIRS, None)
    assert found
    assert found[0] == told[0]
    assert found[1] == pytest.approx(told[1])


@pytest.mark.parametrize(
    ("metric", "name", "typical"),
    [
        ("rmse", "always the mean", 4.0),
        ("mae", "always the median", 2.0),
        ("rmsle", "always the mean of the logarithms", np.expm1(np.log1p([0, 2, 10]).mean())),
    ],
)
def test_the_baseline_of_values_is_what_the_metric_likes_best(
    contract: Make, metric: str, name: str, typical: float
) -> None:
    made = contract(problem="regression", metric=metric, classes=[], prediction="value")
    values = np.array([0.0, 2.0, 10.0])
    found = baseline(get_problem(made), pl.DataFrame({"target_0": values, "p_y": values}), None)
    error = np.log1p(typical) - np.log1p(values) if metric == "rmsle" else typical - values
    score = np.abs(error).mean() if metric == "mae" else np.sqrt((error**2).mean())
    assert found
    assert found[0] == name
    assert found[1] == pytest.approx(score)


def test_no_baseline_depends_on_the_order_of_the_rows(contract: Make) -> None:
    made = contract(problem="regression", metric="gini", classes=[], prediction="value")
    oof = pl.DataFrame({"target_0": [5.0, 1.0, 0.0], "p_y": [1.0, 2.0, 3.0]})
    assert baseline(get_problem(made), oof, None) is None


def test_the_baseline_of_a_translation_is_its_source(contract: Make) -> None:
    pytest.importorskip("sacrebleu")
    features = {"source": Feature("source", "the files")}
    texts: dict[str, Any] = {"target_columns": ["text"], "classes": [], "features": features}
    made = contract(problem="translation", metric="chrf", **texts)
    train = pl.DataFrame({"source": ["no", "le chat dort"], "text": ["non", "le chat dort"]})
    oof = pl.DataFrame({"row": [1], "target_0": ["le chat dort"], "p_text": ["x"]})
    assert baseline(get_problem(made), oof, train) == ("the source text, not translated", 100)
    assert baseline(get_problem(made), oof, None) is None


def test_the_interval_is_that_of_a_binomial(contract: Make) -> None:
    correct = np.arange(400) % 4 > 0  # three of four
    oof = pl.DataFrame({"row": range(400), "target_0": 0, "p_a": np.where(correct, 0.9, 0.1)})
    oof = oof.with_columns(p_b=1 - pl.col("p_a"))
    found = score_interval(get_problem(contract()), oof, None)
    error = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert found == pytest.approx((0.75 - error, 0.75 + error), abs=0.01)
    # Ten groups whose rows are all alike tell no more than ten rows.
    alike = oof.with_columns(p_a=pl.when(pl.col("row") < 300).then(0.9).otherwise(0.1))
    alike = alike.with_columns(p_b=1 - pl.col("p_a"))
    train = pl.DataFrame({GROUP: np.arange(400) // 40})
    grouped = score_interval(get_problem(contract()), alike, train)
    assert found
    assert grouped
    assert grouped[1] - grouped[0] > 4 * (found[1] - found[0])


def test_rows_without_one_of_the_classes_have_no_say(contract: Make) -> None:
    made = contract(metric="auc", prediction="probability")
    found = score_interval(get_problem(made), PERFECT, None)
    assert found == (1, 1)  # in a third of the drawings, the only row of class b is not there


def test_no_interval_is_better_than_one_that_takes_hours(contract: Make) -> None:
    made = contract(problem="translation", metric="chrf", target_columns=["text"], classes=[])
    oof = pl.DataFrame({"row": range(5000), "target_0": "a", "p_text": "a"})
    assert score_interval(get_problem(made), oof, None) is None


def test_findings_say_what_the_numbers_say(finished: Finished) -> None:
    entry = finished()
    bars = [("area", 0.4), ("age", 0.2), ("shop", 0.3), ("noise", -0.1)]
    explained = [Explanation("Importance", "", bars=sorted(bars, key=lambda pair: -pair[1]))]

    def told(**changes: Any) -> list[str]:
        state = load_state([replace(entry, metric="accuracy", **changes)], "tabular")
        return findings(state, None, explained)

    cv = entry.cv or 0.0
    columns, agree, folds = told(private=cv + 0.001)
    assert columns == "area and shop account for 78% of the importance of all 4 columns."
    assert agree.startswith("Cross-validation and private leaderboard agree: they differ by 0.0010")
    assert folds.startswith("The 2 folds")
    assert told(private=cv + 0.6)[1].startswith("The private leaderboard score is better")
    assert told(private=None, public=cv - 0.6)[1].startswith(
        "The public leaderboard score is worse"
    )
    assert not any("leaderboard" in each for each in told(leaderboard_metric="Log Loss"))


def test_the_title_is_the_authors_or_kaggles_and_no_slug(finished: Finished) -> None:
    entry = finished(slug="some-game", title="A Game of Rows")
    assert load_state([entry], "tabular").title == "Mine"
    Path("README.md").write_text("# Some Game\n", encoding="utf-8")
    assert load_state([entry], "tabular").title == "A Game of Rows"
    assert load_state([], "tabular").kind == "tabular classification"


def test_a_demo_is_linked_once_it_is_there(finished: Finished) -> None:
    entry = finished()
    demo = ("a", {"href": "demo/index.html"})
    assert demo not in write_report(entry).tags
    assert "Try it" not in Path("README.md").read_text(encoding="utf-8")
    Path("reports/demo").mkdir()
    Path("reports/demo/index.html").touch()
    lost = Int8(
        "base", False, "its score may drop too much", "accuracy", 300, 0.91, 0.85, 0.09, 0.03
    )
    Exported("tabular", True, [], [], 9, 9, [1], int8=[lost]).write(EXPORTED)
    page = write_report(entry)
    assert demo in page.tags
    assert lost.sentence in page.words
    readme = Path("README.md").read_text(encoding="utf-8")
    assert "[Try it in your browser](reports/demo/index.html)" in readme
    card = Card.load()
    assert card
    assert card.links.demo == "reports/demo/index.html"


def test_the_readme_links_pages_only_where_github_shows_them(finished: Finished) -> None:
    entry, readme = finished(), Path("README.md")
    site = "(https://ada.github.io/some-project/)"
    git("init", "--quiet")
    git("remote", "add", "origin", "https://github.com/ada/some-project.git")
    for shown, linked in ((None, False), (True, True), (False, False), (True, True)):
        if shown is not None:
            set_pages(shown)
        write_report(entry)
        assert (f"[Report]{site}" in readme.read_text(encoding="utf-8")) == linked
        assert ("[Report](reports/index.html)" in readme.read_text(encoding="utf-8")) != linked
    git("config", "--unset", "compete.pages")  # as in another clone
    write_report(entry)
    assert site in readme.read_text(encoding="utf-8")


def test_scores_and_metrics_are_written_as_people_read_them() -> None:
    scores = (0.98247, 1.5, 23.0912, 812.43, 25_430.7)
    assert [*map(score_text, scores)] == ["0.9825", "1.500", "23.09", "812.4", "25,431"]
    names = ("auc", "macro_f1", "log_loss", "chrf", "Log | Loss")
    assert [*map(metric_name, names)] == ["AUC", "macro F1", "log loss", "chrF", "Log | Loss"]
