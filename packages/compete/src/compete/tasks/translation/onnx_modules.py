"""A translator as two functions of tensors: what is read once, and what writes one more token.

The keys and values of attention are handed from step to step, so that a step costs the same however
much is written already. They are given as `(rows, tokens, heads, width)`: in all tensors the first
dimension counts rows, and the second one tokens.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache, EncoderDecoderCache


class Encoder(nn.Module):
    """Source tokens to the keys and values that the decoder's cross-attention reads.

    Args:
        net: any sequence-to-sequence model of Hugging Face.
    """

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Ids and mask `(n, source)` to keys and values `(n, source, heads, width)` by layer."""
        read = self.net.get_encoder()(input_ids=input_ids, attention_mask=attention_mask)
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        self.net(  # any token does: what is kept of the source does not depend on it
            encoder_outputs=(read.last_hidden_state,),
            attention_mask=attention_mask,
            decoder_input_ids=input_ids[:, :1],
            past_key_values=cache,
            use_cache=True,
        )
        return _flat(cache.cross_attention_cache)


class DecoderStep(nn.Module):
    """The newest token of some translations to the scores of the one after it.

    Args:
        net: any sequence-to-sequence model of Hugging Face.
        layers: of its decoder.
    """

    def __init__(self, net: Any, layers: int) -> None:
        super().__init__()
        self.net, self.layers = net, layers

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return logits `(n, words)`, and the keys and values with those of this token.

        Args:
            inputs: the newest tokens `(n,)`; of which translation of the step before each is a
                continuation `(n,)`; the mask `(n, source)`; by layer the keys and values of what
                is written, as the step before returned them; and those of the source.
        """
        tokens, parents, mask, *rest = inputs
        written, source = rest[: 2 * self.layers], rest[2 * self.layers :]
        own, cross = DynamicCache(), DynamicCache()
        for layer in range(self.layers):
            keys, values = (
                tensor.index_select(0, parents).transpose(1, 2)
                for tensor in written[2 * layer : 2 * layer + 2]
            )
            own.update(keys, values, layer)
            keys, values = (t.transpose(1, 2) for t in source[2 * layer : 2 * layer + 2])
            cross.update(keys, values, layer)
        # With its keys and values at hand, only the shape of what the encoder read matters.
        read = mask[:, :, None].float().expand(-1, -1, self.net.config.hidden_size)
        cache = EncoderDecoderCache(own, cross)
        found = self.net(
            encoder_outputs=(read,),
            attention_mask=mask,
            decoder_input_ids=tokens[:, None],
            past_key_values=cache,
            use_cache=True,
        )
        return (found.logits[:, -1], *_flat(cache.self_attention_cache))


def _flat(cache: Any) -> tuple[Tensor, ...]:
    """Return keys and values of each layer, `(n, tokens, heads, width)`."""
    return tuple(
        tensor.transpose(1, 2) for layer in cache.layers for tensor in (layer.keys, layer.values)
    )


@torch.no_grad()
def decoder_inputs(
    net: Any, inputs: dict[str, Tensor], labels: Tensor
) -> dict[str, Tensor]:
    """Return what `DecoderStep` is given in the midst of known translations.

    Args:
        net: the translator.
        inputs: ids and mask of `n` sources.
        labels: tokens of their translations `(n, tokens)`, at least two.
    """
    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    net(
        **inputs, decoder_input_ids=labels[:, :-1], past_key_values=cache, use_cache=True
    )
    own, cross = _flat(cache.self_attention_cache), _flat(cache.cross_attention_cache)
    return {
        "tokens": labels[:, -1],
        "parents": torch.arange(len(labels)) // 2,  # two continuations of every other one
        "mask": inputs["attention_mask"],
        **{f"written_{index}": tensor for index, tensor in enumerate(own)},
        **{f"source_{index}": tensor for index, tensor in enumerate(cross)},
    }
