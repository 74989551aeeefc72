"""The search in the demo of translators chooses the tokens that transformers' `generate` does."""

from typing import Any

import pytest
import torch
from playwright.sync_api import Browser
from transformers import BartConfig, BartForConditionalGeneration

from compete.export.runtime import WEB
from compete.tasks.translation.generation import RowLimits

START, PAD, END, WORDS = 2, 1, 2, 14
USUAL: dict[str, Any] = {"ngram": 0, "banned": [], "forced": None, "renormalize": False}
# As beam_search.js names them, and what `generate` is told for it.
SETTINGS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"penalty": 0.3}, {"length_penalty": 0.3}),
    ({"penalty": 2.0}, {"length_penalty": 2.0}),
    ({"early": True}, {"early_stopping": True}),
    ({"ngram": 2}, {"no_repeat_ngram_size": 2}),
    ({"forced": 7}, {"forced_bos_token_id": 7}),
    (
        {"banned": [3, 5, 8], "renormalize": True},
        {"bad_words_ids": [[3], [5], [8]], "renormalize_logits": True},
    ),
]
RUN = """async ([settings, limit]) => {
    let prefixes = null;
    const step = async (tokens, parents) => {
        prefixes = tokens.map((token, index) => [...(prefixes?.[parents[index]] ?? []), token]);
        return Float32Array.from((await logits(prefixes)).flat());
    };
    return search(step, settings, limit, () => false);
}"""


@pytest.mark.parametrize("beams", [1, 2, 4])
def test_the_page_writes_what_generate_does(chrome: Browser, beams: int) -> None:
    torch.manual_seed(1)
    small = dict.fromkeys(("encoder_layers", "decoder_layers"), 1)
    heads = dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 2)
    ids = {"decoder_start_token_id": START, "eos_token_id": END, "pad_token_id": PAD}
    config = BartConfig(
        vocab_size=WORDS, d_model=16, max_position_embeddings=40, **small, **heads, **ids
    )
    net = BartForConditionalGeneration(config).eval()
    net.generation_config.forced_eos_token_id = None
    torch.nn.init.normal_(net.lm_head.weight, std=0.6)
    source = torch.zeros(1, 1, dtype=torch.long)
    page = chrome.new_page()
    page.add_script_tag(content=(WEB / "beam_search.js").read_text("utf-8"))

    @torch.no_grad()
    def logits(prefixes: list[list[int]]) -> Any:
        decoded = torch.tensor(prefixes)
        found = net(source.expand(len(decoded), -1), decoder_input_ids=decoded).logits
        return found[:, -1].tolist()

    page.expose_function("logits", logits)
    lengths = set()
    for number in range(3, 6):
        source = torch.arange(number, number + 3)[None] % WORDS
        for changes, options in SETTINGS:
            settings = {"beams": beams, "penalty": 1.0, "early": False, "start": START}
            settings |= USUAL | {"ends": [END]} | changes
            limit = 4 + number
            made = net.generate(
                source,
                num_beams=beams,
                max_new_tokens=limit + 1,
                stopping_criteria=[RowLimits(torch.tensor([limit]))],
                **options,
            )
            found = page.evaluate(RUN, [settings, limit])
            assert found["ids"] == made[0].tolist(), (number, changes)
            *before, last = found["ids"]
            seen = torch.tensor(logits([before])[0]).softmax(dim=0)[last].item()
            assert found["trace"][-1]["probability"] == pytest.approx(seen, abs=1e-5)
            lengths.add(len(found["ids"]) - 1 == limit)
    assert lengths == {True, False}  # some end by themselves, some at the limit
    page.close()
