"""Metrics of texts: predictions and targets are lists of strings."""

from compete.metrics.metric import Metric


def _bleu(predictions: list[str], targets: list[str]) -> float:
    """Return BLEU of the whole set, not a mean of rows, from 0 to 100 (Post, sacreBLEU, 2018)."""
    from sacrebleu.metrics.bleu import BLEU

    return float(BLEU().corpus_score(predictions, [targets]).score)


def _chrf(predictions: list[str], targets: list[str]) -> float:
    """Return chrF2 of the whole set, from 0 to 100 (Popović, 2015), as sacreBLEU computes it."""
    from sacrebleu.metrics.chrf import CHRF

    return float(CHRF().corpus_score(predictions, [targets]).score)


def _levenshtein(predictions: list[str], targets: list[str]) -> float:
    """Return the mean edit distance of a row, in characters (Levenshtein, 1966)."""
    from torchmetrics.functional.text import edit_distance

    return float(edit_distance(predictions, targets))


def _word_error_rate(predictions: list[str], targets: list[str]) -> float:
    from torchmetrics.functional.text import word_error_rate

    return word_error_rate(predictions, targets).item()


def _character_error_rate(predictions: list[str], targets: list[str]) -> float:
    from torchmetrics.functional.text import char_error_rate

    return char_error_rate(predictions, targets).item()


METRICS = (
    Metric("bleu", True, "text", _bleu, ("sacrebleu", "corpus bleu")),
    Metric("chrf", True, "text", _chrf, ("chrf2", "character n f1")),
    Metric(
        "levenshtein",
        False,
        "text",
        _levenshtein,
        ("levenshtein mean", "levenshtein distance", "edit distance"),
    ),
    Metric("word_error_rate", False, "text", _word_error_rate, ("wer",)),
    Metric("character_error_rate", False, "text", _character_error_rate, ("cer",)),
)
