"""Decoding step by step with cached keys and values gives the logits of the whole model."""

import pytest
import torch

pytest.importorskip("transformers")

KINDS = ["t5", "marian", "bart", "mbart"]
TEXTS = ["the house is small", "la maison est petite", "one garden"] * 3


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_tokens_one_by_one_get_the_scores_that_they_get_together(kind: str) -> None:
    from transformers import AutoModelForSeq2SeqLM

    from compete.tasks.translation.onnx_modules import DecoderStep, Encoder, decoder_inputs
    from compete.tasks.translation.seq2seq import tokenizer_for

    tokenizer, config = tokenizer_for(kind, "none", TEXTS, (None, None))
    net = AutoModelForSeq2SeqLM.from_config(config).eval()
    sources = dict(tokenizer(TEXTS[:3], padding=True, return_tensors="pt"))
    written = torch.randint(3, len(tokenizer), (3, 5))
    given = decoder_inputs(net, sources, written)
    names = [name for name in given if name.startswith("source")]
    step, mask = DecoderStep(net, len(names) // 2), sources["attention_mask"]
    source = Encoder(net)(sources["input_ids"], mask)
    for name, tensor in zip(names, source, strict=True):
        assert torch.allclose(tensor, given[name], atol=1e-5)
    parents = torch.tensor([1, 1, 0])  # two continue the second translation, one the first
    whole = net(**sources, decoder_input_ids=written).logits
    kept = [given[f"written_{index}"][:, :0] for index in range(len(names))]
    for at in range(5):
        logits, *kept = step(written[:, at], torch.arange(3), mask, *kept, *source)
        assert torch.allclose(logits, whole[:, at], atol=1e-4)
    newest = torch.tensor([4, 5, 6])
    logits, *_ = step(newest, parents, mask[parents], *kept, *(one[parents] for one in source))
    again = torch.cat([written[parents], newest[:, None]], dim=1)
    sources = {name: tensor[parents] for name, tensor in sources.items()}
    assert torch.allclose(logits, net(**sources, decoder_input_ids=again).logits[:, -1], atol=1e-4)
