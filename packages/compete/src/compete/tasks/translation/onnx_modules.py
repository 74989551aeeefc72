"""A sequence-to-sequence model as two modules for ONNX: the encoder, and one step of the decoder.

The step takes and returns the cached keys and values of attention, so its time hardly grows with
the length of the translation. Their shape is `(n, tokens, heads, width)`, so that in all tensors
the first dimension is rows and the second one is tokens.
"""

import inspect
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache, EncoderDecoderCache


class Encoder(nn.Module):
    """Computes the keys and values of the decoder's cross-attention from the source tokens.

    Args:
        net: any sequence-to-sequence model of Hugging Face.
    """

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net, self.argument = net, _cache_argument(net)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Ids and mask `(n, source)` to keys and values `(n, source, heads, width)` by layer."""
        read = self.net.get_encoder()(input_ids=input_ids, attention_mask=attention_mask)
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        self.net(  # with any decoder token: keys and values of the source do not depend on it
            encoder_outputs=(read.last_hidden_state,),
            attention_mask=attention_mask,
            decoder_input_ids=input_ids[:, :1],
            use_cache=True,
            **{self.argument: cache},
        )
        return _flat(cache.cross_attention_cache)


class DecoderStep(nn.Module):
    """Computes the logits of the next token from the newest one and the cache.

    Args:
        net: any sequence-to-sequence model of Hugging Face.
        layers: of its decoder.
    """

    def __init__(self, net: Any, layers: int) -> None:
        super().__init__()
        self.net, self.layers, self.argument = net, layers, _cache_argument(net)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return logits `(n, vocabulary)`, and the cached keys and values with the new token's.

        Args:
            inputs: the newest tokens `(n,)`; for each the row of the previous step that it
                continues `(n,)`; the mask of the source `(n, source)`; then by layer the keys and
                values that the previous step returned, and those of the source.
        """
        tokens, parents, mask, *rest = inputs
        written = [tensor.index_select(0, parents) for tensor in rest[: 2 * self.layers]]
        cache = EncoderDecoderCache(_cache(written), _cache(rest[2 * self.layers :]))
        # With cached keys and values, only the shape of the encoder's output matters.
        read = mask[:, :, None].float().expand(-1, -1, self.net.config.hidden_size)
        found = self.net(
            encoder_outputs=(read,),
            attention_mask=mask,
            decoder_input_ids=tokens[:, None],
            use_cache=True,
            **{self.argument: cache},
        )
        return (found.logits[:, -1], *_flat(cache.self_attention_cache))


@torch.no_grad()
def decoder_inputs(net: Any, inputs: dict[str, Tensor], written: Tensor) -> dict[str, Tensor]:
    """Return example inputs of `DecoderStep` within known translations.

    Args:
        net: the model.
        inputs: ids and mask of `n` sources.
        written: the first tokens of their translations `(n, tokens)`, at least two.
    """
    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    options = {"decoder_input_ids": written[:, :-1], _cache_argument(net): cache}
    net(**inputs, use_cache=True, **options)
    own, source = _flat(cache.self_attention_cache), _flat(cache.cross_attention_cache)
    return {
        "tokens": written[:, -1],
        "parents": torch.arange(len(written))
        // 2,  # two continuations of each row in the first half
        "mask": inputs["attention_mask"],
        **{f"written_{index}": tensor for index, tensor in enumerate(own)},
        **{f"source_{index}": tensor for index, tensor in enumerate(source)},
    }


def _cache(tensors: list[Tensor]) -> DynamicCache:
    """Return the cache of keys and values `(n, tokens, heads, width)` by layer."""
    made = DynamicCache()
    for layer in range(len(tensors) // 2):
        keys, values = (tensor.transpose(1, 2) for tensor in tensors[2 * layer : 2 * layer + 2])
        made.update(keys, values, layer)
    return made


def _flat(cache: DynamicCache) -> tuple[Tensor, ...]:
    """Return keys and values of each layer, `(n, tokens, heads, width)`."""
    return tuple(
        tensor.transpose(1, 2) for layer in cache.layers for tensor in (layer.keys, layer.values)
    )


def _cache_argument(net: Any) -> str:
    """Return what `forward` calls the cache; transformers renamed it within its fifth version."""
    return "cache" if "cache" in inspect.signature(net.forward).parameters else "past_key_values"
