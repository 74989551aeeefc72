"""Finds the search settings for the page by observing what a model passes to `generate`."""

from typing import Any

from torch import Tensor
from transformers import GenerationConfig

from compete.export.demo import NotExportable
from compete.tasks.translation.generation import RowLimits

# Keys without effect on one translation that is not sampled.
_NEUTRAL = {
    *("max_length", "max_new_tokens", "use_cache", "cache_implementation", "do_sample"),
    *("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff"),
    *("pad_token_id", "bos_token_id", "forced_eos_token_id", "transformers_version"),
    *("_from_model_config", "disable_compile", "compile_config", "output_attentions"),
    *("output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate"),
}
_OFF: dict[str, Any] = {
    "repetition_penalty": 1.0,
    "encoder_repetition_penalty": 1.0,
    "diversity_penalty": 0.0,
    "encoder_no_repeat_ngram_size": 0,
    "min_length": 0,
    "min_new_tokens": 0,
    "num_beam_groups": 1,
    "num_return_sequences": 1,
    "guidance_scale": 1.0,
    "remove_invalid_values": False,
    "is_assistant": False,
    "low_memory": False,
    "token_healing": False,
}


def decoding(model: Any, batches: list[dict[str, Tensor]]) -> dict[str, Any]:
    """Return the settings of `model.predict_batch` for beam_search.js.

    Args:
        model: of a fold.
        batches: batches of one sentence.

    Raises:
        NotExportable: the page does not support how the model generates.
    """
    calls = [call for batch in batches for call in _watch(model, batch)]
    config = _config(model.net, calls[0])
    if any(_config(model.net, call) != config for call in calls[1:]):
        raise NotExportable("its settings of `generate` differ between sentences")
    usual = GenerationConfig().to_dict()  # not None in all versions
    found = {key: value for key, value in config.items() if value not in (None, usual.get(key))}
    beams, early = found.pop("num_beams", 1), found.pop("early_stopping", False)
    ends = found.pop("eos_token_id")
    banned = [*found.pop("suppress_tokens", ()), *_words(found.pop("bad_words_ids", ()))]
    result = {
        "beams": beams,
        "penalty": float(found.pop("length_penalty", 1.0)),
        "early": early,
        "start": found.pop("decoder_start_token_id"),
        "ends": ends if isinstance(ends, list) else [ends],
        "forced": found.pop("forced_bos_token_id", None),
        "banned": banned,
        "ngram": found.pop("no_repeat_ngram_size", 0),
        "renormalize": found.pop("renormalize_logits", False),
    }
    unknown = [key for key, value in found.items() if _OFF.get(key, object()) != value]
    if early not in (True, False):
        unknown.append(f"early_stopping: {early}")
    if unknown:
        raise NotExportable(f"the page does not support {', '.join(unknown)} of `generate`")
    return result


def _watch(model: Any, batch: dict[str, Tensor]) -> list[dict[str, Any]]:
    """Return the arguments of the one call of `generate` that makes the prediction.

    Raises:
        NotExportable: `predict_batch` calls it more than once, or changes its result.
    """
    net, calls = model.net, []
    generate = net.generate

    def watched(**options: Any) -> Any:
        made = generate(**options)
        calls.append((options, made))
        return made

    net.generate = watched
    try:
        (text,) = model.predict_batch(batch)
    finally:
        del net.generate
    if len(calls) != 1:
        raise NotExportable("its `predict_batch` does not call `net.generate` exactly once")
    options, made = calls[0]
    (plain,) = model.tokenizer.batch_decode(made, skip_special_tokens=True)
    stops = options.pop("stopping_criteria", [])
    if (plain.strip() and text != plain.strip()) or not stops:
        raise NotExportable("its `predict_batch` changes the text, or has no `RowLimits`")
    if any(not isinstance(one, RowLimits) for one in stops):
        raise NotExportable("it has stopping criteria other than `RowLimits`")
    return [{key: value for key, value in options.items() if key not in batch}]


def _config(net: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return the generation config with the arguments of a call, less keys without effect."""
    config = GenerationConfig.from_dict(net.generation_config.to_dict())
    unused = config.update(**options)
    if unused:
        raise NotExportable(f"the page does not support {', '.join(unused)} of `generate`")
    found: dict[str, Any] = config.to_dict()
    if found.get("do_sample"):
        raise NotExportable("it samples its translations")
    return {key: value for key, value in found.items() if key not in _NEUTRAL}


def _words(banned: Any) -> list[int]:
    """Return the single tokens of `bad_words_ids`."""
    if any(len(word) != 1 for word in banned):
        raise NotExportable("the page does not support `bad_words_ids` of several tokens")
    return [int(token) for (token,) in banned]
