"""Search settings are read from the calls of `generate`, and unsupported ones are an error."""

from typing import Any

import pytest
import torch

from compete.export.demo import NotExportable

pytest.importorskip("transformers")


class Tokenizer:
    """Numbers for tokens."""

    def batch_decode(self, rows: Any, **_: Any) -> list[str]:
        """Return the tokens of each row but the special ones."""
        return [" ".join(str(int(token)) for token in row if token > 2) for row in rows]


class Model:
    """What the author's model is to the export, with options for `generate`."""

    def __init__(self, **options: Any) -> None:
        from transformers import BartConfig, BartForConditionalGeneration

        small = dict.fromkeys(("encoder_layers", "decoder_layers"), 1)
        heads = dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 2)
        torch.manual_seed(0)
        self.net = BartForConditionalGeneration(
            BartConfig(vocab_size=12, d_model=8, max_position_embeddings=40, **small, **heads)
        ).eval()
        torch.nn.init.normal_(self.net.lm_head.weight, std=0.6)  # else it repeats the start token
        self.net.final_logits_bias[0, 2] = -2  # else most translations end at once
        self.tokenizer, self.options, self.shout = Tokenizer(), options, False

    def predict_batch(self, inputs: dict[str, torch.Tensor]) -> list[str]:
        """Return a translation of each sentence."""
        from compete.tasks.translation.generation import RowLimits

        limits = torch.full((len(inputs["input_ids"]),), 5)
        stops = [RowLimits(limits)]
        usual = {"num_beams": 2, "max_new_tokens": 6, "stopping_criteria": stops}
        made = self.net.generate(**inputs, **(usual | self.options))
        texts = self.tokenizer.batch_decode(made)
        return [text + "!" for text in texts] if self.shout else texts


def sentences() -> list[dict[str, torch.Tensor]]:
    ids = torch.tensor([[4, 5, 2]])
    return [{"input_ids": ids, "attention_mask": torch.ones_like(ids)}] * 2


def test_beam_search_is_found_in_the_words_of_the_page() -> None:
    from compete.tasks.translation.decoding import decoding

    model = Model(length_penalty=0.5, no_repeat_ngram_size=3, bad_words_ids=[[7]])
    assert decoding(model, sentences()) == {
        "beams": 2,
        "penalty": 0.5,
        "early": False,
        "start": 2,
        "ends": [2],
        "forced": None,
        "banned": [7],
        "ngram": 3,
        "renormalize": False,
    }
    assert "generate" not in vars(model.net)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"repetition_penalty": 1.5}, "repetition_penalty"),
        ({"min_new_tokens": 2}, "min_new_tokens"),
        ({"bad_words_ids": [[3, 4]]}, "several tokens"),
        ({"early_stopping": "never"}, "early_stopping: never"),
        ({"do_sample": True}, "samples"),
        ({"stopping_criteria": []}, "no `RowLimits`"),
    ],
)
def test_what_the_page_can_not_do_is_refused_by_name(options: Any, reason: str) -> None:
    from compete.tasks.translation.decoding import decoding

    with pytest.raises(NotExportable, match=reason):
        decoding(Model(**options), sentences())


def test_a_model_that_changes_what_was_generated_is_refused() -> None:
    from compete.tasks.translation.decoding import decoding

    model = Model()
    model.shout = True
    with pytest.raises(NotExportable, match="changes the text"):
        decoding(model, sentences())


@pytest.mark.parametrize("beams", [1, 3])
def test_a_translation_is_as_long_in_a_batch_as_alone(beams: int) -> None:
    from compete.tasks.translation.generation import RowLimits

    net = Model().net
    ids = torch.randint(3, 12, (4, 6))

    def translate(rows: torch.Tensor, limits: torch.Tensor) -> list[list[int]]:
        stops: Any = [RowLimits(limits)]
        most = int(limits.max()) + 1
        made = net.generate(rows, num_beams=beams, max_new_tokens=most, stopping_criteria=stops)
        return [[int(token) for token in row[1:] if token != 1] for row in made]

    limits = torch.tensor([3, 9, 5, 4])
    together = translate(ids, limits)
    alone = [translate(ids[[row]], limits[[row]])[0] for row in range(4)]
    assert together == alone
    assert max(map(len, together)) > 5
