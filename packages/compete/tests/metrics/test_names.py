"""Metrics are found by Kaggle's names; a name that leaves something open is told what to write."""

from pathlib import Path

import pytest

from compete.errors import Fault
from compete.metrics import (
    METRICS,
    caution,
    find_metric,
    fitting_metrics,
    get_metric,
    is_other_metric,
    unknown_metric,
)

# As Kaggle's API, Meta Kaggle and the competitions' pages spell them.
KAGGLE = {
    "accuracy": ["Categorization Accuracy", "CategorizationAccuracy", "Accuracy Score"],
    "balanced_accuracy": ["Balanced Accuracy Score", "BalancedAccuracy"],
    "hamming_loss": ["Hamming Loss"],
    "log_loss": [
        "Log Loss",
        "LogLoss",
        "Logarithmic Loss",
        "Multiclass Loss",
        "MulticlassLoss",
        "Multi-class log loss",
        "Multiclass Logarithmic Loss",
        "Mean Columnwise Log Loss",
        "log_loss",
    ],
    "balanced_log_loss": ["Balanced Log Loss", "Balanced Logarithmic Loss"],
    "auc": [
        "Area Under Receiver Operating Characteristic Curve",
        "Area Under the ROC Curve (AUC)",
        "AUC",
        "AUROC",
        "Roc Auc Score",
        "Mean Columnwise Area Under Receiver Operating Characteristic Curve",
        "Mean Column-wise ROC AUC",
        "Mean Columnwise AUC",
        "MCAUC",
    ],
    "average_precision": [
        "Average Precision",
        "Average Precision Score",
        "Area under precision recall curve",
        "Area Under the Precision-Recall Curve (AUPRC)",
        "PR AUC",
    ],
    "f1": ["F1 Score", "Mean F-Score", "MeanFScore", "Mean F1-Score", "Dice", "Dice Coefficient"],
    "macro_f1": ["F-Score (Macro)", "MacroFScore", "Macro F-Score", "Macro-averaged F1"],
    "micro_f1": ["F-Score (Micro)", "FScoreMicro", "Micro F1"],
    "weighted_f1": ["Weighted F1", "F1-Score (weighted)"],
    "fbeta_2": ["F2 Score", "F-beta (beta=2)", "Mean F2-Score"],
    "fbeta_0.5": ["F0.5 Score", "F_0.5"],
    "macro_fbeta_2": ["F2-Score (Macro)", "Macro F2"],
    "iou": ["Intersection over Union", "IoU", "Mean IoU", "Jaccard Index", "Jaccard Score"],
    "mcc": ["Matthews Correlation Coefficient", "Matthews correlation coefficient", "MCC"],
    "quadratic_weighted_kappa": [
        "Quadratic Weighted Kappa",
        "QuadraticWeightedKappa",
        "Cohen Kappa",
        "Cohen Kappa Score",
        "Cohen's Kappa",
        "QWK",
    ],
    "rmse": [
        "Root Mean Squared Error",
        "Root Mean Square Error (RMSE)",
        "RootMeanSquaredError",
        "Mean Columnwise Root Mean Squared Error",
        "MCRMSE",
    ],
    "rmsle": [
        "Root Mean Squared Logarithmic Error",
        "Root Mean Squared Log Error",
        "Mean Columnwise RMSLE",
        "Mean Columnwise Root Mean Squared Logarithmic Error",
        "MCRMSLE",
    ],
    "mse": ["Mean Squared Error", "MSE"],
    "msle": ["Mean Squared Logarithmic Error", "Mean Squared Log Error"],
    "mae": ["Mean Absolute Error", "MAE", "Mean Columnwise Mean Absolute Error"],
    "median_absolute_error": ["Median Absolute Error"],
    "mape": ["Mean Absolute Percentage Error", "MAPE"],
    "smape": ["Symmetric Mean Absolute Percentage Error", "SMAPE", "Symmetric MAPE"],
    "rmspe": ["Root Mean Square Percentage Error", "Root Mean Squared Percentage Error (RMSPE)"],
    "r2": ["R2 Score (coefficient of determination)", "R2 Score", "R²", "R-squared"],
    "pearson": [
        "Pearson Correlation Coefficient",
        "PearsonCorrelationCoefficient",
        "CorrelationCoefficient",
    ],
    "spearman": [
        "SpearmanR",
        "Spearman's rho",
        "Spearman Rank Correlation",
        "Mean Columnwise Spearman's r (rank correlation coefficient)",
    ],
    "gini": ["Gini Index", "Gini"],
    "normalized_gini": ["Normalized Gini", "Normalized Gini Index", "NormalizedGini"],
    "quantile_0.9": ["Pinball Loss (0.9)", "Quantile Loss (alpha=0.90)"],
    "map_at_3": ["MAP@3", "MAP@{3}", "Mean Average Precision (MAP@3)"],
    "map_at_5": ["Mean Average Precision @ 5", "MAP@{K} (K=5)", "MAP{5}"],
    "ndcg_at_10": ["NDCG@10", "Normalized Discounted Cumulative Gain @ 10"],
    "bleu": ["BLEU Score", "sacreBLEU"],
    "chrf": ["chrF", "chrF2"],
    "levenshtein": ["Levenshtein Mean", "LevenshteinMean"],
    "word_error_rate": ["Word Error Rate", "WER"],
}
OPEN = {
    "MAP@{K}": ("its K", "map_at_5"),
    "MAP{K}": ("its K", "map_at_5"),
    "Mean Average Precision": ("its K", "average_precision"),
    "NDCG{K}": ("its K", "ndcg_at_5"),
    "MeanBestErrorAtK": ("its K", "error_at_5"),
    "MeanFScoreBeta": ("its beta", "fbeta_2"),
    "F-Score Beta (Micro)": ("its beta", "micro_fbeta_2"),
    "Quantile Loss": ("its quantile", "quantile_0.9"),
    "Weighted Mean Absolute Error": ("its weights", "one function in metrics.py"),
    "Normalized Weighted Mean Absolute Error": ("its weights", "one function in metrics.py"),
    "WRMSSE": ("its weights", "one function in metrics.py"),
    "Weighted Categorization Accuracy": ("its weights", "one function in metrics.py"),
    "Weighted multi-class loss": ("its weights", "balanced_log_loss"),
}


@pytest.mark.parametrize("ours", KAGGLE)
def test_a_metric_is_found_by_the_names_that_kaggle_gives_it(ours: str) -> None:
    for name in (ours, *KAGGLE[ours]):
        found = find_metric(name)
        assert found is not None, name
        assert found.name == ours, name


def test_every_metric_has_a_name_of_its_own() -> None:
    found = [find_metric(name.replace("_", " ").title()) for name in METRICS]
    assert [metric and metric.name for metric in found] == list(METRICS)


@pytest.mark.usefixtures("author")
@pytest.mark.parametrize("name", OPEN)
def test_a_name_that_leaves_a_number_open_is_told_what_to_write(name: str) -> None:
    missing, remedy = OPEN[name]
    assert find_metric(name) is None
    with pytest.raises(Fault) as refused:
        get_metric(name)
    assert refused.value.what == f"The metric {name!r} does not specify {missing}."
    assert remedy in refused.value.remedy
    if "`metric: " in refused.value.remedy:  # taken literally, it works
        get_metric(refused.value.remedy.split("`metric: ")[1].split("`")[0])
    assert "Kaggle scores this competition by" in unknown_metric(name, by_kaggle=True).what


@pytest.mark.usefixtures("author")
@pytest.mark.parametrize(
    "name",
    [
        "Integer Levenshtein",
        "Custom Metric",
        "Dice3DHausdorff",
        "CRPS",
        "map_at_0",
        "map_at_2.5",
        "quantile_1.5",
        "fbeta_0",
        "Mean Columnwise Accuracy",
        "Root Mean Squared Error (of logarithms)",
    ],
)
def test_other_metrics_are_not_taken_for_ours(name: str) -> None:
    assert find_metric(name) is None
    with pytest.raises(Fault, match=r"is not known here.*accuracy.*map_at_5.*metrics\.py"):
        get_metric(name)


@pytest.mark.usefixtures("author")
def test_what_is_named_instead_fits_the_problem() -> None:
    values = fitting_metrics("regression")
    assert {"rmse", "pearson", "quantile_0.9"} <= set(values)
    assert all(get_metric(name).prediction == "value" for name in values)
    labels = fitting_metrics("multilabel")
    assert {"f1", "hamming_loss", "auc", "fbeta_2"} <= set(labels)
    assert not {"mcc", "quadratic_weighted_kappa", "rmse", "map_at_5"} & set(labels)
    assert {"bleu", "levenshtein"} < set(fitting_metrics("translation"))
    two, many = (fitting_metrics("classification", classes) for classes in (2, 3))
    assert set(two) - set(many) == {"f1", "iou", "binary_gini", "fbeta_2"}
    assert {"map_at_5", "ndcg_at_5", "mcc"} <= set(many)
    assert set(METRICS) < set(fitting_metrics())
    remedy = unknown_metric("CRPS", "regression").remedy
    assert "pearson" in remedy
    assert "accuracy" not in remedy


@pytest.mark.usefixtures("author")
def test_the_readme_names_every_metric() -> None:
    text = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    assert [name for name in fitting_metrics() if f"`{name}`" not in text] == []


def test_a_name_with_parameters_is_a_reason_to_look_at_the_page() -> None:
    assert "`metric: rmsle`" in caution("Mean Squared Log Error")
    assert "`metric: unweighted_kappa`" in caution("Cohen Kappa Score")
    assert "masks" in caution("Dice")
    assert caution("Root Mean Squared Error") == ""


@pytest.mark.usefixtures("author")
@pytest.mark.parametrize(
    ("kaggle", "ours", "other"),
    [
        ("Mean Absolute Error", "mae", False),
        ("Mean Absolute Error", "rmse", True),
        ("Mean Columnwise Root Mean Squared Error", "rmse", False),
        ("MAP@{K}", "map_at_7", False),
        ("MAP@{K}", "accuracy", True),
        ("MAP@3", "map_at_5", True),
        ("Mean Squared Log Error", "rmsle", False),
        ("Mean Squared Log Error", "rmse", True),
        ("Cohen Kappa Score", "unweighted_kappa", False),
        ("F1 Score", "micro_f1", False),
        ("F-Score (Macro)", "micro_f1", True),
        ("Weighted Multiclass Loss", "balanced_log_loss", False),
        ("Weighted Mean Absolute Error", "mae", True),
        ("Dice3DHausdorff", "f1", True),
        ("Dice3DHausdorff", "a function of the author", False),
        ("Mean Absolute Error", "a function of the author", True),
        ("Custom Metric", "f1", False),
        ("", "f1", False),
    ],
)
def test_kaggles_metric_and_ours_are_compared_by_name(kaggle: str, ours: str, other: bool) -> None:
    assert is_other_metric(kaggle, ours) == other
