"""The encoder of Hugging Face: its tokenizer, its weights, and the depth of its layers."""

import re
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForSequenceClassification

from ..errors import Fault
from .hub import check_report, first_line, load_tokenizer, source_of, unreachable

BACKBONE = "sentence-transformers/all-MiniLM-L6-v2"
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_SMALL = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4}
_VOCABULARY = (500, 8000)
_LAYER = re.compile(r"\.(?:layers?|h|blocks?|albert_layer_groups)\.(\d+)\.")


def tokenizer_for(backbone: str, weights: str, texts: list[str]) -> tuple[Any, Any]:
    """A tokenizer and the configuration of the encoder that goes with it.

    Args:
        backbone: a name on the hub or a folder; with `weights: none` also a kind of encoder such as
            `bert`, which is then built small, with a vocabulary made of `texts`.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.

    Raises:
        Fault: the hub can't be reached, or the folder does not hold a model.
    """
    source = source_of(backbone, weights)
    if source is not None:
        return load_tokenizer(source)
    tokenizer = _new_tokenizer(texts)
    return tokenizer, _small_config(backbone, tokenizer)


def _new_tokenizer(texts: list[str]) -> Any:
    """Word pieces of the competition's own texts; they know no labels, so nothing leaks.

    One piece for each twenty words: of rarer ones a new model would learn nothing.
    """
    words = sum(len(text.split()) for text in texts)
    size = min(max(words // 20, _VOCABULARY[0]), _VOCABULARY[1])
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=_SPECIAL, limit_alphabet=2000, show_progress=False
    )
    made.train_from_iterator(texts, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **dict(zip(names, _SPECIAL, strict=True)),
    )


def _small_config(backbone: str, tokenizer: Any) -> Any:
    kind = backbone if backbone in transformers.CONFIG_MAPPING else "bert"
    try:
        return AutoConfig.for_model(
            kind,
            **_SMALL,
            intermediate_size=4 * _SMALL["hidden_size"],
            vocab_size=len(tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.cls_token_id,
            eos_token_id=tokenizer.sep_token_id,
        )
    except Exception as error:
        raise Fault(
            f"A small {kind} can't be built ({first_line(error)}).",
            "Set `backbone:` under `model` in params.yaml to bert, roberta, electra or deberta-v2.",
        ) from None


def build(folder: Path, backbone: str, weights: str, outputs: int, dropout: float | str) -> Any:
    """The encoder with a fresh head of `outputs` numbers, in 32 bits.

    Args:
        folder: where `prepare` put the configuration; the weights come from elsewhere, or nowhere.

    Raises:
        Fault: the weights can't be had, or are of another architecture.
    """
    config = AutoConfig.from_pretrained(folder, num_labels=outputs)
    if dropout != "auto":
        for key in vars(config):
            if "dropout" in key and isinstance(getattr(config, key), float):
                setattr(config, key, dropout)
    if weights == "none":
        return AutoModelForSequenceClassification.from_config(config, dtype=torch.float32)
    source = str(source_of(backbone, weights))
    try:
        model, report = AutoModelForSequenceClassification.from_pretrained(
            source,
            config=config,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # the head may have been of another competition
            output_loading_info=True,
        )
    except Exception as error:  # each version of the hub's client has its own kinds
        raise unreachable(source, error) from None
    check_report(source, model, report)
    return model


def depths(model: Any, names: list[str]) -> list[int]:
    """For each parameter how far it lies below the head: 0 the head, 1 the encoder's top layer,
    and so on down to the embeddings."""
    prefix = f".{model.base_model_prefix}."
    layers = [int(match[1]) if (match := _LAYER.search(f".{name}")) else None for name in names]
    top = 1 + max((layer for layer in layers if layer is not None), default=0)
    result = []
    for name, layer in zip(names, layers, strict=True):
        if prefix not in f".{name}":
            result.append(0)
        elif layer is not None:
            result.append(top - layer)
        else:  # embeddings lie below the layers; a pooler and a last norm above
            result.append(top + 1 if "embed" in name else 1)
    return result
