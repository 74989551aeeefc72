"""The card of a project, for a site of several."""

from pathlib import Path

from PIL import Image

from compete.portfolio.card import Card

from .harness import Finished, write_report


def test_its_picture_is_of_pixels(finished: Finished) -> None:
    write_report(finished())
    card = Card.load()
    assert card is not None
    assert card.picture is not None
    with Image.open(card.picture) as picture:
        assert picture.format == "PNG"
        assert picture.width >= 1000  # sharp on a screen with twice the pixels
    assert Path(card.picture).with_suffix(".svg").is_file()  # for the README
