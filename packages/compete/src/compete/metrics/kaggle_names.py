"""Parses Kaggle's names of metrics: spellings, abbreviations, and what a name leaves open."""

import re
from collections.abc import Iterator

# In this order. The names are from Kaggle's API and from Meta Kaggle's EvaluationAlgorithmName.
_SHORTER = {
    "receiveroperatingcharacteristic": "roc",
    "areaunder(?:the)?": "au",
    "auroccurve|auroc$|aucurve": "auc",
    "auprecisionrecall(?:curve)?|auprc|prauc": "aucpr",
    "logarithmic": "log",
    "squared": "square",
    "percentage": "percent",
    "normalised": "normalized",
    "correlationcoefficient|corrcoef": "correlation",
    "spearmans?(?:rank)?": "spearman",
    "cohens": "cohen",
    "gini(?:index|coefficient)": "gini",
    "intersectionoverunion|jaccard(?:index|similarity)?": "iou",
    "(?:sorensen)?dice(?:coefficient)?": "dice",
    "rootmeansquarelogerror": "rmsle",
    "rootmeansquarepercenterror": "rmspe",
    "rootmeansquareerror": "rmse",
    "meansquarelogerror": "msle",
    "meansquareerror": "mse",
    "symmetricmeanabsolutepercenterror": "smape",
    "meanabsolutepercenterror": "mape",
    "meanabsoluteerror": "mae",
    "fscorebeta": "fbeta",
    "fscore|fmeasure": "f1",
    "(?<=..)score": "",
    "macroaveraged": "macro",
    "^mean(?=f(?:beta|[0-9])|spearman|pearson|auc|logloss|accuracy|iou|levenshtein)": "",
    "^(f(?:beta)*[0-9.]*)(macro|micro|weighted|samples)$": r"\2\1",
}
_COLUMNWISE = re.compile("^(?:mean)?(?:columnwise|mc(?=rms|au|log|mae|mse|spear|pear))(?:mean)?")
_GLOSS = re.compile(r"^(.*?)\s*\(([^()]*)\)\s*$")

# What Kaggle's name leaves open, by its plain spelling: other metrics that it may mean, and a hint.
_ROOT = "if the competition's page takes the root, set `metric: {}`"
_MASKS = "of labels; masks are not scored here"
_OPEN: dict[str, tuple[tuple[str, ...], str]] = {
    "mse": (("rmse",), _ROOT.format("rmse")),
    "msle": (("rmsle",), _ROOT.format("rmsle")),
    "cohenkappa": (
        ("unweighted_kappa",),
        "if the competition's page names no weights, set `metric: unweighted_kappa`",
    ),
    "normalizedgini": (
        ("binary_gini",),
        "if the target is one of two classes, set `metric: binary_gini`: the same number",
    ),
    "aucpr": ((), "computed as the average precision"),
    "dice": ((), _MASKS),
    "iou": ((), _MASKS),
    "f1": (("macro_f1", "micro_f1", "weighted_f1"), ""),
    "weightedmulticlassloss": (("balanced_log_loss",), ""),
    "weightedmulticlasslogloss": (("balanced_log_loss",), ""),
    "weightedlogloss": (("balanced_log_loss",), ""),
    "meanaverageprecision": (("average_precision",), ""),
}
_WEIGHTED = re.compile("weighted|^n?m?wc?(?:mae|mse|rmse|rmsle|rmsse)$")
_NO_NAME = ("", "custom", "custommetric")


def plain(name: str) -> str:
    """Return a name as it is compared: small letters and digits, usual words abbreviated."""
    text = name.lower().replace("²", "2").replace("@", " at ")
    text = re.sub(r"[^a-z0-9.]", "", text)
    for long, short in _SHORTER.items():
        text = re.sub(long, short, text)
    return text


def spellings(name: str) -> Iterator[tuple[str, bool]]:
    """Yield what a name may be in plain spelling, and whether a columnwise mean was cut off."""
    whole = plain(name)
    yield whole, False
    if cut := _COLUMNWISE.match(whole):
        yield whole[cut.end() :], True


def gloss(name: str) -> tuple[str, str] | None:
    """Split `R2 Score (coefficient of determination)` into two names, if it is such a name."""
    found = _GLOSS.match(name)
    return (found[1], found[2]) if found else None


def alternatives(name: str) -> tuple[str, ...]:
    """Return the other metrics that Kaggle may mean, such as RMSE by `Mean Squared Error`.

    Kaggle's scikit-learn metrics have parameters that their names don't tell.
    """
    return _left_open(name)[0]


def caution(name: str) -> str:
    """Return what to look for where Kaggle's name for a metric leaves something open, else ""."""
    return _left_open(name)[1]


def is_weighted(name: str) -> bool:
    """Return whether a name mentions weights of columns or rows without giving them."""
    return _WEIGHTED.search(plain(name)) is not None


def names_nothing(name: str) -> bool:
    """Return whether Kaggle's record does not name the metric, as in `Custom Metric`."""
    return plain(name) in _NO_NAME


def _left_open(name: str) -> tuple[tuple[str, ...], str]:
    return next((_OPEN[text] for text, _ in spellings(name) if text in _OPEN), ((), ""))
