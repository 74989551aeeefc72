"""Kaggle's metrics by name: direction and kind of prediction. Imports nothing heavy."""

import re
from dataclasses import dataclass
from typing import Literal

from .errors import PracticeError

Kind = Literal["label", "probability", "value", "ranking", "text", "images"]


@dataclass(frozen=True)
class Metric:
    """A metric.

    Args:
        name: in this package.
        greater_is_better: the direction.
        kind: what a submission holds.
        k: how many places of a ranking count.
    """

    name: str
    greater_is_better: bool
    kind: Kind
    k: int = 0


# Our name, direction, kind, and Kaggle's names in the spelling of `_plain`.
_TABLE: list[tuple[str, bool, Kind, str]] = [
    ("accuracy", True, "label", "categorizationaccuracy accuracyscore meanaccuracy"),
    (
        "log_loss",
        False,
        "probability",
        "multiclassloss multiclasslogloss logarithmicloss binarylogloss loglosseps"
        " meancolumnwiselogloss meancolumnwiselogarithmicloss",
    ),
    (
        "auc",
        True,
        "probability",
        "areaunderreceiveroperatingcharacteristiccurve areaundertheroccurve rocauc rocaucscore"
        " auroc meancolumnwiseareaunderreceiveroperatingcharacteristiccurve meancolumnwiseauc"
        " meancolumnwiserocauc mcauc",
    ),
    ("f1", True, "label", "f1score fscore meanfscore meanf1 meanf1score fscorebeta"),
    ("macro_f1", True, "label", "f1macro macrof1score macrofscore fscoremacro meanf1scoremacro"),
    ("micro_f1", True, "label", "f1micro microf1score microfscore fscoremicro fscorebetamicro"),
    ("weighted_f1", True, "label", "f1weighted weightedf1score weightedfscore"),
    ("quadratic_weighted_kappa", True, "label", "qwk kappa weightedkappa cohenkappascore"),
    (
        "rmse",
        False,
        "value",
        "rootmeansquarederror rootmeansquareerror rootmeansquarederrorrmse mcrmse"
        " meancolumnwiserootmeansquarederror meancolumnwisermse"
        " mcrmsemeancolumnwiserootmeansquarederror",
    ),
    ("rmsle", False, "value", "rootmeansquaredlogarithmicerror rootmeansquaredlogerror"),
    ("mae", False, "value", "meanabsoluteerror meancolumnwisemeanabsoluteerror"),
    ("mse", False, "value", "meansquarederror"),
    (
        "mifid",
        False,
        "images",
        "memorizationinformedfrechetinceptiondistance memorizationinformedfid",
    ),
    ("bleu", True, "text", "bleuscore sacrebleu corpusbleu"),
    ("chrf", True, "text", "chrf2 chrfscore characternfscore"),
    (
        "r2",
        True,
        "value",
        "r2score rsquared coefficientofdetermination r2scorecoefficientofdetermination",
    ),
    ("msle", False, "value", "meansquaredlogerror meansquaredlogarithmicerror"),
    ("median_absolute_error", False, "value", ""),
    ("mape", False, "value", "meanabsolutepercentageerror"),
    ("smape", False, "value", "symmetricmeanabsolutepercentageerror"),
    ("rmspe", False, "value", "rootmeansquarepercentageerror"),
    ("pearson", True, "value", "pearsoncorrelationcoefficient correlationcoefficient"),
    ("spearman", True, "value", "spearmanr meancolumnwisespearmansrrankcorrelationcoefficient"),
    ("normalized_gini", True, "value", "normalizedginiindex"),
    ("average_precision", True, "probability", "areaunderprecisionrecallcurve"),
    ("balanced_accuracy", True, "label", "balancedaccuracyscore"),
    ("mcc", True, "label", "matthewscorrelationcoefficient"),
    ("unweighted_kappa", True, "label", ""),
]
_ALIASES = {
    alias: Metric(name, greater, kind)
    for name, greater, kind, aliases in _TABLE
    for alias in [name.replace("_", ""), *aliases.split()]
}
_MAP_AT = re.compile(r"(?:map|meanaverageprecision)(?:at)?(\d+)")


def find_metric(name: str) -> Metric:
    """Return a metric by Kaggle's name or by ours, in any case, with any spaces and hyphens.

    Raises:
        PracticeError: there is none of that name.
    """
    plain = _plain(name)
    if metric := _ALIASES.get(plain):
        return metric
    if match := _MAP_AT.fullmatch(plain):
        return Metric(f"map_at_{match[1]}", True, "ranking", int(match[1]))
    known = ", ".join([row[0] for row in _TABLE] + ["map_at_K"])
    raise PracticeError(f"There is no metric {name!r}. Use Kaggle's name or one of: {known}.")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("²", "2").replace("@", "at"))
