"""Sentences in many languages, out of the gettext catalogues that Python packages ship."""

import gettext
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl

from ..errors import PracticeError
from ..metrics import Array
from .folder import new_folder, usage, write_baselines, write_settings
from .pixels import split

# Several of a family, and two that are written from right to left.
LANGUAGES = ("ar", "bg", "ca", "cs", "da", "es", "gl", "he", "nb", "pt_BR", "ru", "sk", "sv", "uk")
_PER_LANGUAGE = 400
_SHORTEST = 15
_FEATURES = 500


def catalogue(language: str, *more: Path) -> dict[str, str]:
    """Messages in `language` by the English ones, of Django and of the packages under `more`.

    Plurals are left out. Raises `PracticeError` where Django is not installed.
    """
    spec = find_spec("django")
    if spec is None or spec.origin is None:
        raise PracticeError("Django's catalogues are needed: pip install 'practice-kaggle[text]'.")
    messages: dict[str, str] = {}
    for root in (Path(spec.origin).parent, *more):
        for path in sorted(root.rglob(f"{language}/LC_MESSAGES/*.mo")):
            if path.stem == "djangojs":
                continue
            with path.open("rb") as file:
                found: dict[object, str] = vars(gettext.GNUTranslations(file))["_catalog"]
            for english, text in found.items():
                if isinstance(english, str) and english and text:
                    bare = english.rpartition("\x04")[2]  # what stands before it is its context
                    messages.setdefault(" ".join(bare.split()), " ".join(text.split()))
    return messages


def make_languages(folder: Path) -> Path:
    """Which language is it? 2/3 of some thousand messages to train on, 1/3 hidden."""
    languages_of = defaultdict(set)
    for language in LANGUAGES:
        for text in catalogue(language).values():
            if len(text) >= _SHORTEST:
                languages_of[text].add(language)
    alone = sorted((min(found), text) for text, found in languages_of.items() if len(found) == 1)
    table = pl.DataFrame(alone, schema=["language", "text"], orient="row")
    table = table.filter(pl.int_range(pl.len()).shuffle(seed=0).over("language") < _PER_LANGUAGE)
    labels = table["language"].to_numpy()
    train, test = split(labels, hidden=table.height // 3)
    ids = pl.Series("id", range(len(train), table.height))
    with new_folder(folder) as new:
        known = table[train.tolist()].select(pl.Series("id", range(len(train))), "text", "language")
        known.write_csv(new / "data/train.csv")
        hidden = table[test.tolist()]
        pl.DataFrame([ids, hidden["text"]]).write_csv(new / "data/test.csv")
        sample = pl.DataFrame([ids, pl.Series("language", [LANGUAGES[0]] * len(ids))])
        sample.write_csv(new / "data/sample_submission.csv")
        answers = pl.DataFrame([ids, hidden["language"], usage(labels[test])])
        answers.write_csv(new / "private/solution.csv")
        features = _counts(table["text"].to_list(), train)
        write_baselines(new, features[train], labels[train], features[test], ids, "language")
        write_settings(
            new,
            {
                "slug": "languages",
                "title": "Which language is it?",
                "metric": "Macro F-Score",
                "id_column": "id",
                "target_columns": ["language"],
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "kernels_only": False,
                "reveal_private": True,
            },
        )
    return folder


def make_french(folder: Path, source: Path | None) -> Path:
    """English messages and their French translations: 9/10 to train on, 1/10 hidden.

    Args:
        source: a folder of more packages with catalogues, beside Django.
    """
    if source is not None and not source.is_dir():
        raise PracticeError(f"There is no folder {source} with packages.")
    messages = catalogue("fr", *([source] if source else []))
    plain = [pair for pair in sorted(messages.items()) if _is_plain(*pair)]
    table = pl.DataFrame(plain, schema=["english", "french"], orient="row")
    table = table.sample(fraction=1, shuffle=True, seed=0)
    hidden = table.height // 10
    train, test = table[hidden:], table[:hidden]
    ids = pl.Series("id", range(train.height, table.height))
    chance = np.random.default_rng(0).permutation(hidden)
    marks = np.where(chance < hidden // 3, "Public", "Private")
    with new_folder(folder) as new:
        numbered = train.insert_column(0, pl.Series("id", range(train.height)))
        numbered.write_csv(new / "data/train.csv")
        pl.DataFrame([ids, test["english"]]).write_csv(new / "data/test.csv")
        copied = pl.DataFrame([ids, test["english"].alias("french")])
        copied.write_csv(new / "data/sample_submission.csv")
        copied.write_csv(new / "private/baselines/the-source-copied.csv")
        answers = pl.DataFrame([ids, test["french"], pl.Series("Usage", marks)])
        answers.write_csv(new / "private/solution.csv")
        write_settings(
            new,
            {
                "slug": "french",
                "title": "Into French",
                "metric": "chrF",
                "id_column": "id",
                "target_columns": ["french"],
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "kernels_only": False,
                "reveal_private": True,
            },
        )
    return folder


def _is_plain(english: str, french: str) -> bool:
    """Words of both languages: nothing to fill in, no markup, no names of variables or files."""
    odd = any(sign in english + french for sign in "%{}<>_/@&|=*\\")
    letters = sum(sign.isalpha() for sign in english)
    return not odd and english != french and letters > 0.6 * len(english)


def _counts(texts: list[str], train: Array) -> Array:
    """TF-IDF of the most frequent pairs of letters, for the baselines."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 2), max_features=_FEATURES)
    vectors.fit([texts[row] for row in train])
    features: Array = vectors.transform(texts).toarray()
    return features
