"""Sentences in many languages, from the gettext catalogues in Python packages."""

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

# Several of each family, and two that are written from right to left.
LANGUAGES = ("ar", "bg", "ca", "cs", "da", "es", "gl", "he", "nb", "pt_BR", "ru", "sk", "sv", "uk")
_PER_LANGUAGE = 400
_SHORTEST = 15
_FEATURES = 500


def catalogue(language: str, *more: Path) -> dict[str, str]:
    """Return the messages in a language by the English ones, without plurals.

    Args:
        language: its code, such as `pt_BR`.
        more: folders of packages to read besides Django.

    Raises:
        PracticeError: Django is not installed.
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
                    bare = english.rpartition("\x04")[2]  # before it is its context
                    messages.setdefault(" ".join(bare.split()), " ".join(text.split()))
    return messages


def make_languages(folder: Path) -> Path:
    """Make the competition "Which language is it?": 2/3 of 5,600 messages train, 1/3 is hidden."""
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
        solution = pl.DataFrame([ids, hidden["language"], usage(labels[test])])
        solution.write_csv(new / "private/solution.csv")
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
    """Make the competition "Into French": 9/10 of the messages train, 1/10 is hidden.

    Args:
        folder: the practice folder to write.
        source: a folder of more packages with catalogues, besides Django.

    Raises:
        PracticeError: there is no such folder, or Django is not installed.
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
        solution = pl.DataFrame([ids, test["french"], pl.Series("Usage", marks)])
        solution.write_csv(new / "private/solution.csv")
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
    """Return whether both are plain words: no placeholders, markup, variables or file names."""
    odd = any(sign in english + french for sign in "%{}<>_/@&|=*\\")
    letters = sum(sign.isalpha() for sign in english)
    return not odd and english != french and letters > 0.6 * len(english)


def _counts(texts: list[str], train: Array) -> Array:
    """Return TF-IDF of the most frequent pairs of letters, for the baselines."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 2), max_features=_FEATURES)
    vectors.fit([texts[row] for row in train])
    features: Array = vectors.transform(texts).toarray()
    return features
