"""A page offers English examples only where the sources are English."""

import pytest

pytest.importorskip("transformers")

PROGRAM = [
    *("Start typing to filter", "Floating point number", "Advanced options", "email address"),
    *("Enter the new password", "No file in this folder", "Select a date for the report"),
]
ITALIAN = ["Il gatto dorme a casa in inverno", "Non c'è nessun file in questa cartella"]
HUNGARIAN = ["A macska otthon alszik a kertben is", "Nincs ilyen nevű oldal ezen a helyen"]


@pytest.mark.parametrize(
    ("texts", "english"), [(PROGRAM, True), (ITALIAN, False), (HUNGARIAN * 2, False)]
)
def test_short_texts_of_programs_are_english_and_other_languages_are_not(
    texts: list[str], english: bool
) -> None:
    from compete.tasks.translation.export import _is_english

    assert _is_english(texts) == english
