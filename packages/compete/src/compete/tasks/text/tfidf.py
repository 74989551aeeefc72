"""A linear model of TF-IDF features, used in place of an encoder."""

import json
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import override

from compete.problems import Problem
from compete.problems.base import TargetStats
from compete.supervised.linear import best_l2, solve

TFIDF = "tfidf"  # as a backbone
Row = tuple[str, ...]  # the texts and side values of a sample, column by column

_MOST_WEIGHTS = 10_000_000  # the solver keeps some twenty copies of them
_MOST_FEATURES = 300_000  # of a block
_PENALTIES = (1.0, 0.3, 0.1, 0.03)  # that `auto` tries
_BLOCKS: dict[str, list[dict[str, Any]]] = {
    "text": [
        {"analyzer": "char_wb", "ngram_range": (1, 4)},
        {"analyzer": "word", "ngram_range": (1, 2)},
    ],
    "side": [{"analyzer": lambda value: [value]}],
}


class TfIdf(nn.Module):
    """TF-IDF of n-grams (Spärck Jones, 1972), and a logistic regression; of values, a ridge.

    A column of text gives two blocks of features, its n-grams of one to four characters within
    words and those of one or two words; a column of side values gives one, its values. scikit-learn
    counts and fits. All that it learns is in buffers, so that checkpoints and weights are what a
    network's are: `vocabulary` (JSON as bytes, a list of n-grams for each block), `idf`
    `(features,)`, `weight` `(features, outputs)` and `bias` `(outputs,)`.

    Args:
        problem: what is predicted.
        kinds: of each column of a row, `text` or `side`.
        l2: strength of the L2 penalty: 1/C of logistic regression, alpha of ridge; `auto`: the one
            with the least loss on a part of the training rows that is held out for this.
    """

    vocabulary: Tensor
    idf: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, problem: Problem, kinds: Sequence[str], l2: float | Literal["auto"]) -> None:
        super().__init__()
        self.problem, self.l2 = problem, l2
        self.blocks = [(i, options) for i, kind in enumerate(kinds) for options in _BLOCKS[kind]]
        self.vectorizers: list[Any] = []  # one for each block, None where it has no n-gram
        for name in ("vocabulary", "idf", "weight", "bias"):
            self.register_buffer(name, torch.empty(0))

    @property
    def is_fitted(self) -> bool:
        """Whether `fit`, or a state dict, has given it weights."""
        return self.bias.numel() > 0

    def fit(
        self, rows: Sequence[Row], targets: Tensor, folds: NDArray[np.int64], stats: TargetStats
    ) -> None:
        """Learn vocabulary, document frequencies and weights from training rows.

        Args:
            rows: the training rows.
            targets: as `Problem.targets` makes them.
            folds: the fold of each row, of which one is held out to choose the penalty.
            stats: what is known of the targets.
        """
        from scipy import sparse
        from threadpoolctl import threadpool_limits

        device = self.bias.device
        most = min(_MOST_FEATURES, _MOST_WEIGHTS // (self.problem.outputs * len(self.blocks)))
        vocabulary: list[list[str]] = []
        idf, features = [], []
        for column, options in self.blocks:
            vectorizer = _vectorizer(options, max_features=max(1, most))
            try:
                features.append(vectorizer.fit_transform([row[column] for row in rows]))
            except ValueError:  # scikit-learn's for texts without any n-gram
                vocabulary.append([])
                continue
            vocabulary.append(vectorizer.get_feature_names_out().tolist())
            idf.append(vectorizer.idf_)
        empty = sparse.csr_matrix((len(rows), 0))
        x = sparse.hstack([empty, *features], "csr")
        with threadpool_limits(1):  # more threads are slower here, and round differently
            l2 = self.l2
            if l2 == "auto":
                last = folds == folds.max()
                l2 = best_l2(self.problem, x, targets, stats, [last], _PENALTIES)
            weight, bias = solve(self.problem, x, targets, stats, l2)
        packed = bytearray(json.dumps(vocabulary, ensure_ascii=False).encode())
        self.vocabulary = torch.frombuffer(packed, dtype=torch.uint8).to(device)
        learned = {"idf": np.concatenate([*idf, []]), "weight": weight, "bias": bias}
        for name, values in learned.items():
            setattr(self, name, torch.from_numpy(values).float().contiguous().to(device))
        self._make_vectorizers()

    def _make_vectorizers(self) -> None:
        """Make scikit-learn's vectorizers of the buffers."""
        lists = json.loads(self.vocabulary.cpu().numpy().tobytes())
        idf = np.split(self.idf.cpu().numpy(), np.cumsum([len(terms) for terms in lists]))
        self.vectorizers = []
        for (_, options), terms, frequencies in zip(self.blocks, lists, idf[:-1], strict=True):
            vectorizer = _vectorizer(options, vocabulary=terms) if terms else None
            if vectorizer is not None:
                vectorizer.idf_ = frequencies
            self.vectorizers.append(vectorizer)

    @override
    def forward(self, rows: Sequence[Row]) -> Tensor:
        """Return the logits `(n, outputs)` of rows."""
        weight, device = self.weight.cpu().numpy(), self.bias.device
        logits = np.zeros((len(rows), len(self.bias)), dtype=np.float32)
        start = 0
        for (column, _), vectorizer in zip(self.blocks, self.vectorizers, strict=True):
            if vectorizer is not None:
                features = vectorizer.transform([row[column] for row in rows])
                logits += features @ weight[start : start + features.shape[1]]
                start += features.shape[1]
        return torch.from_numpy(logits).to(device) + self.bias

    @override
    def _load_from_state_dict(
        self, state_dict: dict[str, Tensor], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        for name in self._buffers:  # their shapes are the vocabulary's
            if prefix + name in state_dict:
                setattr(self, name, torch.empty_like(state_dict[prefix + name]))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
        if self.is_fitted:
            self._make_vectorizers()


def _vectorizer(options: dict[str, Any], **more: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(**options, **more, sublinear_tf=True, dtype=np.float32)
