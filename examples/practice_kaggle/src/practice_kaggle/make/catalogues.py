"""Sentences in many languages, out of the gettext catalogues that Django ships."""

import gettext
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

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


def catalogue(language: str) -> dict[str, str]:
    """Django's messages in `language`, by the English ones; plurals are left out.

    Raises `PracticeError` where Django is not installed.
    """
    spec = find_spec("django")
    if spec is None or spec.origin is None:
        raise PracticeError("Django's catalogues are needed: pip install 'practice-kaggle[text]'.")
    messages: dict[str, str] = {}
    for path in sorted(Path(spec.origin).parent.rglob(f"locale/{language}/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            found: dict[object, str] = vars(gettext.GNUTranslations(file))["_catalog"]
        for english, text in found.items():
            if isinstance(english, str) and english and text:
                messages.setdefault(english, text)
    return messages


def make_languages(folder: Path) -> Path:
    """Which language is it? 2/3 of some thousand messages to train on, 1/3 hidden."""
    languages_of = defaultdict(set)
    for language in LANGUAGES:
        for text in catalogue(language).values():
            if len(text) >= _SHORTEST:
                languages_of[" ".join(text.split())].add(language)
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


def _counts(texts: list[str], train: Array) -> Array:
    """TF-IDF of the most frequent pairs of letters, for the baselines."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 2), max_features=_FEATURES)
    vectors.fit([texts[row] for row in train])
    features: Array = vectors.transform(texts).toarray()
    return features
