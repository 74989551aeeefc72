"""A card of any age gives something decent, and a hostile one nothing but text."""

import json
from datetime import date
from typing import Any

import pytest
from project_cards import NEW_CARD, OLD_CARD

from portfolio_site.card import Card, read_card
from portfolio_site.errors import Fault
from portfolio_site.profile import cv_lines


def read(card: Any) -> Card:
    return read_card(json.dumps(card).encode())


def test_a_card_of_today_is_shown_with_all_that_it_says() -> None:
    card = read(NEW_CARD)
    assert (card.slug, card.title, card.task) == ("house-prices", "House Prices", "tabular")
    assert card.score is not None
    assert (card.score.shown, card.score.metric) == ("0.1234", "RMSLE")
    assert not card.score.maximize
    assert (card.score.where, card.score.standing) == ("public leaderboard", "top 3 %")
    assert card.score.baseline == "baseline 0.4000, always the mean"
    assert card.findings == ("Folds agree.", "Area counts most.", "Few houses are dear.")
    assert card.links == {"code": "https://git.example.com/ada/house-prices"}
    assert card.files == {"report": "reports/index.html", "model_card": "MODEL_CARD.md"}
    assert card.day == date(2026, 11, 20)
    assert card.skills == ("CatBoost", "Ensembling")
    assert cv_lines(card) == ["One.", "Two.", "Three."]


def test_a_card_of_an_older_engine_gives_what_it_has() -> None:
    card = read(OLD_CARD)
    assert (card.slug, card.task) == ("digit-recognizer", "classification")
    assert card.score is not None
    assert (card.score.value, card.score.where) == (0.99, "private leaderboard")
    assert card.score.standing == "top 2 %"
    assert card.day == date(2026, 11, 26)
    assert card.result == "Rank 3 of 200."
    assert card.files == {"report": "reports/index.html"}
    expected = {"classification", "cross-validation", "ensembling", "PyTorch Lightning", "DVC"}
    assert set(card.skills) == expected


def test_an_agent_is_shown_by_its_rating() -> None:
    score = {"elo": {"value": 387.8}, "public": None, "rank": None}
    card = read(OLD_CARD | {"score": score})
    assert card.score is not None
    assert card.score.shown == "387.80"


def test_a_title_is_enough() -> None:
    card = read({"title": "Ünïcode & more"})
    assert (card.slug, card.task, card.score) == ("unicode-more", "other", None)
    assert cv_lines(card) == []


def test_three_lines_are_made_where_the_card_has_none() -> None:
    card = read(NEW_CARD | {"cv_lines": None})
    assert cv_lines(card) == [
        "What is a house worth?",
        "RMSLE 0.1234 (public leaderboard, top 3 %).",
        "CatBoost, Ensembling.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "no title"),
        (b'{"title": 7}', "no title"),
        (b'{"title": "\\u202e\\u0000"}', "no title"),
    ],
)
def test_what_is_no_card_is_a_fault(text: bytes, said: str) -> None:
    with pytest.raises(Fault, match=said):
        read_card(text)


HOSTILE: list[Any] = [7, True, [], {}, [[]], {"a": {}}, "\u202e\x00x", "x" * 10_000, 1e400, -0.0]


@pytest.mark.parametrize("key", [key for key in NEW_CARD if key != "title"])
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_fact_of_another_type_is_left_out(key: str, value: Any) -> None:
    card = read(NEW_CARD | {key: value})
    assert card.title == "House Prices"
    for text in (card.slug, card.task, card.problem, card.result, *card.findings, *card.skills):
        assert text.isprintable()
        assert len(text) <= 400


@pytest.mark.parametrize(
    ("rank", "teams", "standing"),
    [(1, 6, "rank 1 of 6"), (1, 5000, "top 0.1 %"), (40, 5000, "top 0.8 %"), (7, None, "rank 7")],
)
def test_a_standing_is_told_in_words(rank: int, teams: int | None, standing: str) -> None:
    card = read(NEW_CARD | {"rank": rank, "teams": teams, "percentile": None})
    assert card.score is not None
    assert card.score.standing == standing
