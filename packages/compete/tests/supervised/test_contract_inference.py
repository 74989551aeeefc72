"""The contract: what params.yaml, Kaggle's record and the files say, in this order."""

import re
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import yaml

from compete.contract import Competition, Contract
from compete.errors import Fault
from compete.problems import get_problem
from compete.records import CompetitionRecord
from compete.supervised.contract_inference import infer_contract
from compete.supervised.reading import Reading, Split

Infer = Callable[..., Contract]
TASK = "tabular"  # whose author has no metrics
NAMES = ("data/raw/train.csv", "data/raw/sample_submission.csv")


@pytest.fixture
def infer() -> Infer:
    """`infer(train, sample, record, **asked)` completes the contract.

    The test rows have the columns of train without `lacking`; without that only the ids.
    """

    def run(
        train: dict[str, list[Any]],
        sample: dict[str, list[Any]],
        record: dict[str, Any] | None = None,
        lacking: list[str] | None = None,
        **asked: Any,
    ) -> Contract:
        rows = pl.DataFrame(train)
        key = asked.get("id_column") or next(iter(sample))
        left = rows.drop(lacking) if lacking else pl.DataFrame({key: sample[key]})
        reading = Reading(Split(rows), Split(left), pl.DataFrame(sample), key, [], *NAMES)
        known = CompetitionRecord.from_dict(record or {})
        return infer_contract(Competition(slug="some", **asked), known, reading)

    return run


def summary(contract: Contract) -> tuple[Any, ...]:
    """What the model and the submission go by."""
    return contract.problem, contract.metric, contract.target_columns, contract.classes


def test_digits_by_label_and_pixels(infer: Infer) -> None:
    made = infer(
        {"label": [3, 0, 2, 1, 2]},
        {"ImageId": [1, 2, 3], "Label": [0, 0, 0]},
        {"metric": "Categorization Accuracy", "title": "Digits", "deadline": "2030-01-01"},
    )
    assert summary(made) == ("classification", "accuracy", ["label"], [0, 1, 2, 3])
    assert (made.id_column, made.submission_columns) == ("ImageId", ["ImageId", "Label"])
    assert (made.rows, made.prediction, get_problem(made).outputs) == (3, "label", 4)
    assert (made.title, made.deadline) == ("Digits", "2030-01-01")


def test_each_value_names_its_source(infer: Infer) -> None:
    record = {"metric": "Categorization Accuracy", "title": "Digits", "kernels_only": True}
    train, sample = {"label": [0, 1]}, {"id": [1], "label": [0]}
    sources = infer(train, sample, record).sources
    assert sources["metric"] == sources["title"] == sources["kernels_only"] == "Kaggle's record"
    assert sources["target_columns"] == NAMES[0]
    assert sources["id_column"] == sources["rows"] == NAMES[1]
    asked = infer(
        train, sample, record, metric="log_loss", id_column="id", target_columns=["label"]
    )
    assert {asked.sources[key] for key in ("metric", "id_column", "target_columns")} == {
        "params.yaml"
    }
    assert infer(train, sample).sources["metric"] == "the default for classification"


def test_params_win_over_the_record(infer: Infer) -> None:
    made = infer(
        {"label": [0, 1]}, {"id": [1], "label": [0.5]}, {"metric": "Log Loss"}, metric="auc"
    )
    assert (made.metric, made.prediction) == ("auc", "probability")


@pytest.mark.parametrize(
    ("labels", "columns", "classes"),
    [
        (["dog", "cat", "cat"], ["cat", "dog"], ["cat", "dog"]),
        (["dog", "cat", "cat"], ["dog", "cat"], ["dog", "cat"]),
        (["CL", "D", "C"], ["Status_C", "Status_CL", "Status_D"], ["C", "CL", "D"]),
        ([10, 1, 0], ["c0", "c1", "c10"], [0, 1, 10]),
    ],
)
def test_a_column_for_each_class_gives_the_order_of_the_classes(
    infer: Infer, labels: list[Any], columns: list[str], classes: list[Any]
) -> None:
    made = infer(
        {"id": ["a", "b", "c"], "label": labels},
        {"id": ["x"]} | {column: [0.5] for column in columns},
        metric="log_loss",
    )
    assert summary(made) == ("classification", "log_loss", ["label"], classes)
    assert made.submission_columns == ["id", *columns]


def test_the_column_whose_values_head_the_submission_is_the_target(infer: Infer) -> None:
    made = infer(
        {"id": ["a", "b"], "site": ["x", "y"], "breed": ["beagle", "pug"]},
        {"id": ["c"], "pug": [0.5], "beagle": [0.5]},
        {"metric": "Multiclass Loss"},
    )
    assert summary(made) == ("classification", "log_loss", ["breed"], ["pug", "beagle"])


def test_the_probability_of_the_second_of_two_classes(infer: Infer) -> None:
    made = infer({"id": ["a", "b"], "label": [1, 0]}, {"id": ["c"], "label": [0.5]}, metric="auc")
    assert summary(made) == ("classification", "auc", ["label"], [0, 1])
    assert made.prediction == "probability"


def test_columns_of_zeros_and_ones_are_labels(infer: Infer) -> None:
    made = infer(
        {"id": ["a", "b"], "rust": [1, 0], "scab": [1, 1]},
        {"id": ["c"], "rust": [0.5], "scab": [0.5]},
        {"metric": "Mean Columnwise AUC"},
    )
    assert summary(made) == ("multilabel", "auc", ["rust", "scab"], ["rust", "scab"])


def test_words_in_one_column_are_labels_where_f1_scores(infer: Infer) -> None:
    train = {"image": list("abcd"), "labels": ["scab rust", "healthy", "rust", "scab"]}
    made = infer(train, {"image": ["d"], "labels": ["healthy"]}, {"metric": "Mean F-Score"})
    assert summary(made) == ("multilabel", "f1", ["labels"], ["healthy", "rust", "scab"])
    commas = train | {"labels": ["sooty mold, rust", "healthy", "rust", "sooty mold"]}
    by_commas = infer(commas, {"image": ["d"], "labels": ["rust"]}, {"metric": "Mean F-Score"})
    assert summary(by_commas)[3] == ["healthy", "rust", "sooty mold"]
    problem = get_problem(by_commas)
    assert problem.targets(pl.DataFrame(commas)).tolist()[0] == [0, 1, 1]
    assert problem.submission([[0.1, 0.9, 0.8]], ["labels"]) == {"labels": ["rust,sooty mold"]}
    plain = infer(train, {"image": ["d"], "labels": ["healthy"]}, metric="accuracy")
    assert summary(plain)[0] == "classification"


def test_labels_go_to_the_columns_of_their_names(infer: Infer) -> None:
    train = {"id": list("abcd"), "genres": ["drama|action", "comedy", "drama", "action|comedy"]}
    sample = {"id": ["x"], "drama": [0], "comedy": [0], "action": [0]}
    made = infer(train, sample, {"metric": "Mean F-Score"})
    names = ["drama", "comedy", "action"]
    assert summary(made) == ("multilabel", "f1", ["genres"], names)
    problem = get_problem(made)
    assert problem.targets(pl.DataFrame(train)).tolist()[0] == [1, 0, 1]
    assert problem.submission([[0.1, 0.2, 0.9]], names)["action"].tolist() == [1]
    with pytest.raises(Fault, match="'horror'"):
        infer(train, sample | {"horror": [0]}, {"metric": "Mean F-Score"})


@pytest.mark.parametrize(
    "names",
    [
        ["Positive", "Neutral", "Negative", "Extremely Positive", "Extremely Negative"],
        ["Very Low", "Low", "Medium", "High", "Very High"],
    ],
)
def test_a_class_may_have_a_name_of_several_words(infer: Infer, names: list[str]) -> None:
    made = infer({"id": list("abcde"), "y": names}, {"id": ["x"], "y": ["Low"]}, metric="macro_f1")
    assert summary(made) == ("classification", "macro_f1", ["y"], sorted(names))


def test_targets_are_in_the_order_of_the_submission(infer: Infer) -> None:
    train = {"id": ["a", "b"], "v": [1.5, 2.0], "u": [2.0, 3.5], "w": [2.5, 3.5]}
    sample = {"id": ["c"], "u": [0.0], "v": [0.0]}
    assert infer(train, sample, target_columns=["v", "u"]).target_columns == ["u", "v"]
    other = infer(train, {"id": ["c"], "x": [0.0], "y": [0.0]}, target_columns=["v", "u"])
    assert other.target_columns == ["v", "u"]
    for targets in (["u"], ["u", "v", "w"]):
        with pytest.raises(Fault, match=r"asks for \['u', 'v'\], and the targets are"):
            infer(train, sample, target_columns=targets)


def test_fractions_are_values(infer: Infer) -> None:
    made = infer({"id": ["a", "b"], "age": [1.5, 2.25]}, {"id": ["c"], "age": [0.0]})
    assert summary(made) == ("regression", "rmse", ["age"], [])
    assert get_problem(made).outputs == 1


def test_a_metric_of_values_makes_whole_numbers_values(infer: Infer) -> None:
    made = infer({"id": ["a", "b"], "n": [1, 2]}, {"id": ["c"], "n": [0]}, metric="mae")
    assert summary(made) == ("regression", "mae", ["n"], [])


def test_several_columns_of_values(infer: Infer) -> None:
    made = infer(
        {"id": ["a", "b"], "u": [1.5, 2.0], "v": [2.0, 3.5]},
        {"id": ["c"], "u": [0.0], "v": [0.0]},
    )
    assert summary(made) == ("regression", "rmse", ["u", "v"], [])
    assert get_problem(made).outputs == 2


def test_sentences_are_to_be_written_and_names_are_classes(infer: Infer) -> None:
    english = [f"the cat number {i} sat down" for i in range(9)]
    sample = {"id": [1], "fr": [""]}
    made = infer({"en": english, "fr": [f"le chat {i} est assis" for i in range(9)]}, sample)
    assert summary(made) == ("translation", "chrf", ["fr"], [])
    assert made.prediction == "text"
    named = infer({"en": english, "fr": ["un", "deux", "trois"] * 3}, sample)
    assert summary(named)[0] == "classification"
    asked = infer({"en": english, "fr": ["un", "deux", "trois"] * 3}, sample, metric="bleu")
    assert summary(asked) == ("translation", "bleu", ["fr"], [])


def test_rows_without_a_label_do_not_change_the_kind_of_problem(infer: Infer) -> None:
    for missing in (None, float("nan")):
        made = infer({"label": [3.0, missing, 1.0]}, {"id": ["c"], "label": [0]})
        assert summary(made) == ("classification", "accuracy", ["label"], [1, 3])


AMBIGUOUS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "classes or values": (
        {"id": list(range(50)), "n": list(range(50))},
        {"id": [1], "n": [0]},
        {},
        "metric: accuracy.*metric: rmse",
    ),
    "probabilities of unknown score": (
        {"label": ["a", "b"]},
        {"id": [1], "a": [0.5], "b": [0.5]},
        {},
        "metric: log_loss",
    ),
    "no target in sight": (
        {"id": [1, 2], "one": [1, 0], "two": [0, 1]},
        {"id": [1], "other": [0]},
        {},
        r"target_columns: \[NAME\]",
    ),
    "nothing to predict": ({"id": [1, 2], "label": [0, 1]}, {"id": [1]}, {}, "no column besides"),
    "a metric of Kaggle's that is not ours": (
        {"label": ["a", "b"]},
        {"id": [1], "label": ["a"]},
        {"metric": "Dice3DHausdorff"},
        "Kaggle scores .* 'Dice3DHausdorff', which is not known.*metric:.*accuracy.*f1",
    ),
    "a metric of Kaggle's with a number that it does not tell": (
        {"label": ["a", "b"]},
        {"id": [1], "label": ["a b"]},
        {"metric": "MAP@{K}"},
        "'MAP@{K}', which does not specify its K.*metric: map_at_5",
    ),
    "a metric of Kaggle's with weights that it does not tell": (
        {"label": [0.5, 1.5]},
        {"id": [1], "label": [0.5]},
        {"metric": "Weighted Mean Absolute Error"},
        r"does not specify its weights.*one function in metrics\.py",
    ),
    "probabilities of many classes in one column": (
        {"label": ["a", "b", "c"]},
        {"id": [1], "label": [0.5]},
        {"metric": "Log Loss"},
        "metric: accuracy",
    ),
    "values that are text": (
        {"label": ["a", "b"]},
        {"id": [1], "label": [0.5]},
        {"metric": "Root Mean Squared Error"},
        "'label' holds text",
    ),
    "values between the classes": (
        {"label": [0.25, 0.5, 1.0]},
        {"id": [1], "label": [0.5]},
        {"metric": "Log Loss"},
        "numbers such as 0.25, and log_loss scores classes.*metric: rmse",
    ),
    "sentences for classes": (
        {"label": ["the cat sat", "on the mat", "and fell asleep"]},
        {"id": [1], "label": ["x"]},
        {"metric": "Categorization Accuracy"},
        "'label' contains sentences.*target_columns",
    ),
    "words without an order": (
        {"label": ["high", "low", "medium"]},
        {"id": [1], "label": ["low"]},
        {"metric": "Quadratic Weighted Kappa"},
        "order of the classes.*metric: accuracy",
    ),
    "a metric of two classes for three": (
        {"label": [0, 1, 2]},
        {"id": [1], "label": [0]},
        {"metric": "F1 Score"},
        "f1 does not score classification of 3 classes.*macro_f1",
    ),
    "a column of no class": (
        {"label": ["a", "b"]},
        {"id": [1], "a": [0.5], "z": [0.5]},
        {"metric": "Log Loss"},
        "'z'.*none of the classes",
    ),
    "a class without column": (
        {"label": ["a", "b", "c"]},
        {"id": [1], "a": [0.5], "b": [0.5]},
        {"metric": "Log Loss"},
        "2 columns for 3 classes",
    ),
}


@pytest.mark.usefixtures("author")
@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_is_not_clear_is_refused_with_the_line_to_add(infer: Infer, case: str) -> None:
    train, sample, record, message = AMBIGUOUS[case]
    with pytest.raises(Fault, match=message):
        infer(train, sample, record)


def test_a_target_that_is_not_there_is_refused_by_name(infer: Infer) -> None:
    with pytest.raises(Fault, match=r"'nowhere'.*target_columns:"):
        infer({"label": [0, 1]}, {"id": [1], "label": [0]}, target_columns=["nowhere"])
    with pytest.raises(Fault, match="names a column twice"):
        infer({"label": [0, 1]}, {"id": [1], "label": [0]}, target_columns=["label", "label"])


def test_the_target_is_what_the_test_rows_lack_whatever_it_is_called(infer: Infer) -> None:
    train = {"id": [1, 2], "category": ["a", "b"], "y": [5.0, 6.0], "IsFraud": [0, 1]}
    sample = {"id": [8], "prediction": [0]}
    made = infer(train, sample, {"metric": "Categorization Accuracy"}, lacking=["IsFraud"])
    assert summary(made) == ("classification", "accuracy", ["IsFraud"], [0, 1])
    assert made.sources["target_columns"].endswith("the test rows lack it")
    usual = infer(train | {"label": [1, 0]}, sample, lacking=["IsFraud", "label"])
    assert usual.target_columns == ["label"]
    with pytest.raises(Fault, match=r"test rows lack: \['IsFraud', 'other'\]"):
        infer(train | {"other": [1, 0]}, sample, lacking=["IsFraud", "other"])


def test_the_values_of_a_column_name_those_of_the_submission(infer: Infer) -> None:
    made = infer(
        {"id": [1, 2, 3], "Sex": ["C", "D", "C"], "Status": ["CL", "C", "D"]},
        {"id": [8], "Status_C": [0.3], "Status_CL": [0.3], "Status_D": [0.4]},
        {"metric": "Log Loss"},
        lacking=["Status"],
    )
    assert summary(made) == ("classification", "log_loss", ["Status"], ["C", "CL", "D"])


EXCLUSIVE = {"id": [1, 2, 3], "a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 1]}
THREE = {"id": [8], "a": [0.3], "b": [0.3], "c": [0.4]}


def test_one_of_several_columns_is_a_class_of_each_row(infer: Infer) -> None:
    made = infer(EXCLUSIVE, THREE, {"metric": "Log Loss"})
    assert summary(made) == ("classification", "log_loss", ["a", "b", "c"], ["a", "b", "c"])
    problem = get_problem(made)
    assert problem.targets(pl.DataFrame(EXCLUSIVE)).tolist() == [0, 1, 2]
    assert problem.sums_to_one
    several = infer(EXCLUSIVE | {"c": [1, 0, 1]}, THREE, {"metric": "Log Loss"})
    assert several.problem == "multilabel"


WORDS = [
    (["approved", "rejected"], "loan", "approved", "a common name"),
    (["No", "Yes"], "y", "Yes", "a common name"),
    (["malignant", "benign"], "y", "malignant", "a common name"),
    (["insincere", "sincere"], "insincere", "insincere", "the column"),
    (["paid", "not paid"], "y", "paid", "a common name"),
    (["cat", "dog"], "cat", "cat", "the column"),
    (["cat", "dog"], "is_dog", "dog", "the column"),
    ([1, 2], "y", 2, "the greater one"),
    ([False, True], "y", True, "the greater one"),
]


@pytest.mark.parametrize(("classes", "column", "positive", "why"), WORDS)
def test_which_of_two_classes_is_positive_is_told_with_the_reason(
    infer: Infer, classes: list[Any], column: str, positive: Any, why: str
) -> None:
    for labels in (classes, classes[::-1]):
        made = infer({"id": [1, 2], "target": labels}, {"id": [8], column: [0.5]}, metric="auc")
        assert made.classes[1] == positive
        assert why in made.sources["classes"]


def test_kaggles_page_tells_whose_probability_it_asks_for(infer: Infer) -> None:
    page = "Scored by AUC.\n\nPredict the probability that a mushroom is `e`, edible. (`p` is not.)"
    record = {"metric": "ROC AUC", "evaluation": page}
    made = infer({"id": [1, 2], "class": ["e", "p"]}, {"id": [8], "class": [0.5]}, record)
    assert made.classes == ["p", "e"]
    assert "Kaggle's page asks for it" in made.sources["classes"]


def test_the_order_of_names_that_differ_by_a_number(infer: Infer) -> None:
    train = {"id": [1, 2, 3], "y": ["grade 10", "grade 9", "grade 1"]}
    made = infer(train, {"id": [8], "y": ["grade 1"]}, metric="quadratic_weighted_kappa")
    assert made.classes == ["grade 1", "grade 9", "grade 10"]


@pytest.mark.parametrize("words", [[">50K", "<=50K"], ["on", "off"], [" a", " b"]])
def test_the_line_to_add_for_the_positive_class_is_yaml(infer: Infer, words: list[str]) -> None:
    train, sample = {"id": [1, 2], "y": words}, {"id": [8], "y": [0.5]}
    with pytest.raises(Fault) as refused:
        infer(train, sample, metric="auc")
    for line in re.findall("`(positive_class: .*?)`", str(refused.value)):
        made = infer(train, sample, metric="auc", **yaml.safe_load(line))
        assert made.classes[1] == yaml.safe_load(line)["positive_class"]


def test_a_positive_class_that_nothing_tells_is_asked_for(infer: Infer) -> None:
    train, sample = {"id": [1, 2], "y": ["e", "p"]}, {"id": [8], "y": [0.5]}
    with pytest.raises(Fault, match=r"'e' and 'p'.*`positive_class: p` or `positive_class: e`"):
        infer(train, sample, metric="auc")
    assert infer(train, sample, metric="auc", positive_class="e").classes == ["p", "e"]
    with pytest.raises(Fault, match=r"positive_class: q.*no class.*\['e', 'p'\]"):
        infer(train, sample, metric="auc", positive_class="q")
    assert infer(train, {"id": [8], "y": ["e"]}, metric="accuracy").classes == ["e", "p"]


@pytest.mark.usefixtures("author")
@pytest.mark.parametrize(
    ("labels", "fits", "never"),
    [
        ([0.5, 1.5, 2.25], "pearson", "accuracy"),
        (["a", "b", "a"], "f1", "rmse"),
        (["a", "b", "c"], "macro_f1", " f1,"),
        ([*range(30)], "pearson", " chrf2"),  # classes or values: all are named
    ],
)
@pytest.mark.parametrize("by_kaggle", [True, False])
def test_instead_of_an_unknown_metric_those_that_fit_are_named(
    infer: Infer, labels: list[Any], fits: str, never: str, by_kaggle: bool
) -> None:
    asked = {} if by_kaggle else {"metric": "CRPS"}
    with pytest.raises(Fault, match="CRPS") as refused:
        infer({"label": labels}, {"id": [1], "label": labels[:1]}, {"metric": "CRPS"}, **asked)
    assert f" {fits}," in refused.value.remedy
    assert never not in refused.value.remedy


def test_a_name_that_leaves_something_open_says_so_beside_its_source(infer: Infer) -> None:
    values = {"label": [0.5, 1.5]}, {"id": [1], "label": [0.5]}, {"metric": "Mean Squared Error"}
    assert "set `metric: rmse`" in infer(*values).sources["metric"]
    assert infer(*values, metric="mse").sources["metric"] == "params.yaml"
