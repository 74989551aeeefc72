"""The demo cuts texts where the tokenizer does."""

import pytest

pytest.importorskip("transformers")


@pytest.mark.parametrize("most", [1, 2, 5, 6, 9, 30])
def test_texts_are_cut_as_tokenizers_cut_the_longest_first(most: int) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    from compete.tasks.text.export import cut_sizes

    tokenizer = Tokenizer(models.WordLevel({"a": 0, "b": 1}, unk_token="a"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(most, strategy="longest_first")
    for first in range(1, 12):
        for second in range(0, 12):
            if second and most < 2:
                continue
            pair = " ".join("b" * second) if second else None
            ids = tokenizer.encode(" ".join("a" * first), pair).ids
            assert cut_sizes(first, second, most) == (ids.count(0), ids.count(1))
