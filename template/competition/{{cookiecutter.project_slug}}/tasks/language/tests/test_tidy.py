"""Texts are made alike, in every script."""

from pathlib import Path

import pytest
from conftest import Package


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a &amp; b &gt; c", "a & b > c"),
        ("see https://t.co/Abc?x=1 and www.a.org/b now", "see http and http now"),
        ("line\r\nend\ttab  gap", "line end tab gap"),
        ("zero\x00width\u200b\ufeff", "zerowidth"),
        ("cafe\u0301 \U0001f525 \u05e9\u05dc\u05d5\u05dd", "café 🔥 שלום"),
        ("  ", ""),
    ],
)
def test_texts_of_the_web_are_tidied(package: Package, text: str, expected: str) -> None:
    assert package("modeling.tidy").tidy_web(text) == expected


def test_what_is_no_web_page_keeps_its_signs(package: Package) -> None:
    assert package("modeling.tidy").tidy(" &lt;b> \n http://a.b ") == "&lt;b> http://a.b"


def test_rows_of_any_length_come_back(package: Package, tmp_path: Path) -> None:
    ragged = package("modeling.ragged")
    rows = [[1, 2, 3], [], [4], [5] * 1000]
    ragged.write_rows(tmp_path, "ids", rows)
    found = ragged.Ragged(tmp_path, "ids")
    assert [found[row].tolist() for row in range(len(found))] == rows
    assert found.lengths.tolist() == [3, 0, 1, 1000]
