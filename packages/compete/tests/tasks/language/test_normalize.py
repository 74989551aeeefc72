"""Texts are made alike, in every script."""

import pytest

from compete.tasks.language.normalize import normalize, normalize_web


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
def test_texts_of_the_web_are_normalized(text: str, expected: str) -> None:
    assert normalize_web(text) == expected


def test_what_is_no_web_page_keeps_its_signs() -> None:
    assert normalize(" &lt;b> \n http://a.b ") == "&lt;b> http://a.b"
