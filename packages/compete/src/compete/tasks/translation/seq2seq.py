"""The translator of Hugging Face: from the hub, from a folder, or small and new."""

from pathlib import Path
from typing import Any

import transformers
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoConfig, AutoModelForSeq2SeqLM, GenerationConfig
from transformers.utils import GENERATION_CONFIG_NAME

from compete.errors import Fault
from compete.tasks.language.hub import load_model, load_tokenizer, source_of

BACKBONE = "Helsinki-NLP/opus-mt-en-fr"
_SPECIAL = ["<pad>", "</s>", "<unk>"]
_WIDTH, _LAYERS, _HEADS = 192, 2, 4
_VOCABULARY = 3000
_SMALL: dict[str, dict[str, Any]] = {
    "t5": {
        "d_model": _WIDTH,
        "d_kv": _WIDTH // _HEADS,
        "d_ff": 2 * _WIDTH,
        "num_layers": _LAYERS,
        "num_decoder_layers": _LAYERS,
        "num_heads": _HEADS,
        "dropout_rate": 0.1,
    }
}
for _kind in ("marian", "mbart", "bart"):
    _SMALL[_kind] = {
        "d_model": _WIDTH,
        "encoder_layers": _LAYERS,
        "decoder_layers": _LAYERS,
        "encoder_ffn_dim": 2 * _WIDTH,
        "decoder_ffn_dim": 2 * _WIDTH,
        "encoder_attention_heads": _HEADS,
        "decoder_attention_heads": _HEADS,
        "dropout": 0.1,
        "max_position_embeddings": 512,
        "scale_embedding": True,
        "bos_token_id": 1,
        "forced_eos_token_id": 1,
    }


def tokenizer_for(
    backbone: str, weights: str, texts: list[str], languages: tuple[str | None, str | None]
) -> tuple[Any, Any]:
    """Return a tokenizer and the configuration of the translator that goes with it.

    Args:
        backbone: a name on the hub or a folder; with `weights: none` also a kind, t5, marian, bart
            or mbart, which is then built small, with a vocabulary made of `texts`.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.
        texts: all texts of the competition, in both languages.
        languages: as a tokenizer of many languages names them: source and target.

    Raises:
        Fault: the hub can't be reached, the folder holds no model, or a language is unknown.
    """
    source = source_of(backbone, weights)
    if source is None:
        tokenizer = _new_tokenizer(texts)
        return tokenizer, _small_config(backbone, tokenizer)
    tokenizer, config = load_tokenizer(source)
    for key, language in zip(("src_lang", "tgt_lang"), languages, strict=True):
        if language is None:
            continue
        if tokenizer.convert_tokens_to_ids(language) in (None, tokenizer.unk_token_id):
            raise Fault(
                f"{source} does not support the language {language!r}.",
                "Set `source_language:` and `target_language:` under `data` in params.yaml as its "
                "page names them, or to null.",
            )
        setattr(tokenizer, key, language)
    return tokenizer, config


def keep_generation(
    folder: Path, backbone: str, weights: str, tokenizer: Any, language: str | None
) -> None:
    """Write to `folder` how the pretrained translator generates, such as tokens it never writes.

    Args:
        folder: that `build` reads.
        backbone: as of `tokenizer_for`.
        weights: as of `tokenizer_for`; a translator from scratch has no such rules.
        tokenizer: that of the translator.
        language: that translations begin with, None if the tokenizer has but one.
    """
    source = source_of(backbone, weights)
    if source is None:
        return
    try:
        found = GenerationConfig.from_pretrained(source)
    except OSError:  # as before transformers 4.27, they are among the other settings
        found = GenerationConfig.from_pretrained(source, config_file_name="config.json")
    known = GenerationConfig().to_dict()
    rules = GenerationConfig(**{k: v for k, v in found.to_dict().items() if k in known})
    if language:
        rules.forced_bos_token_id = tokenizer.convert_tokens_to_ids(language)
    rules.save_pretrained(folder)


def _new_tokenizer(texts: list[str]) -> Any:
    """Pieces of words of both languages (byte-pair encoding; Sennrich et al., 2016).

    It sees single texts and no pairs of them.
    """
    made = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=False))
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(True)]
    )
    made.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        min_frequency=2,
        special_tokens=_SPECIAL,
        limit_alphabet=2000,
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", made.token_to_id("</s>"))]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_input_names=["input_ids", "attention_mask"],
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
    )


def _small_config(backbone: str, tokenizer: Any) -> Any:
    kind = backbone if backbone in _SMALL else "marian"
    pad, end = tokenizer.pad_token_id, tokenizer.eos_token_id
    return AutoConfig.for_model(
        kind,
        **_SMALL[kind],
        vocab_size=len(tokenizer),
        pad_token_id=pad,
        eos_token_id=end,
        # Shifting the labels, mBART puts their last token first; the others begin with padding.
        decoder_start_token_id=end if kind == "mbart" else pad,
    )


def build(folder: Path, backbone: str, weights: str, dropout: float | str) -> Any:
    """Return the translator, in 32 bits.

    Args:
        folder: where `prepare` put the configurations; the weights come from elsewhere, or nowhere.
        backbone: a name on the hub, a folder, or a kind of translator.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.
        dropout: everywhere; `auto`: what the backbone was made with.

    Raises:
        Fault: the weights can't be had, or are of another architecture.
    """
    config = AutoConfig.from_pretrained(folder)
    if dropout != "auto":
        for key in ("dropout", "dropout_rate"):
            if hasattr(config, key):
                setattr(config, key, dropout)
    model = load_model(AutoModelForSeq2SeqLM, config, backbone, weights)
    if (folder / GENERATION_CONFIG_NAME).is_file():
        model.generation_config = GenerationConfig.from_pretrained(folder)
    return model
