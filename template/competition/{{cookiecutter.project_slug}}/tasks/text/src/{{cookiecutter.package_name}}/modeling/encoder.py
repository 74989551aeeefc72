"""The encoder of Hugging Face and its tokenizer: from the hub, from a folder, or small and new."""

import logging
import re
from functools import cache
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from ..errors import Fault
from ..files import note

BACKBONE = "sentence-transformers/all-MiniLM-L6-v2"
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_SMALL = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4}
_VOCABULARY = 8000
_MIN_LOADED = 0.9
_LAYER = re.compile(r"\.(?:layers?|h|blocks?|albert_layer_groups)\.(\d+)\.")

transformers.logging.set_verbosity_error()  # it tells at length what `build` says in a line
transformers.logging.disable_progress_bar()
logging.getLogger("huggingface_hub").setLevel(logging.ERROR)


def load_tokenizer(backbone: str, weights: str, texts: list[str]) -> tuple[Any, Any]:
    """A tokenizer and the configuration of the encoder that goes with it.

    Args:
        backbone: a name on the hub or a folder; with `weights: none` also a kind of encoder such as
            `bert`, which is then built small, with a vocabulary made of `texts`.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.

    Raises:
        Fault: the hub can't be reached, or the folder does not hold a model.
    """
    source = source_of(backbone, weights)
    if source is None:
        tokenizer = _new_tokenizer(texts)
        return tokenizer, _small_config(backbone, tokenizer)
    try:
        config = AutoConfig.from_pretrained(source)
        tokenizer = AutoTokenizer.from_pretrained(source)
    except Exception as error:  # each version of the hub's client has its own kinds
        raise _unreachable(source, error) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.sep_token
    config.pad_token_id = tokenizer.pad_token_id
    return tokenizer, config


def source_of(backbone: str, weights: str) -> str | None:
    """What to read a model's files from, None where it shall be new and small."""
    if weights == "none":
        return backbone if Path(backbone).is_dir() else None
    if weights == "hub":
        return backbone
    if not (Path(weights) / "config.json").is_file():
        raise Fault(
            f"There is no folder {weights} with a config.json.",
            "Set `weights:` under `model` in params.yaml to hub, none, or a folder as "
            "`save_pretrained` writes it.",
        )
    return weights


def _new_tokenizer(texts: list[str]) -> Any:
    """Word pieces of the competition's own texts; they know no labels, so nothing leaks."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=_VOCABULARY, special_tokens=_SPECIAL, limit_alphabet=2000, show_progress=False
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
            f"A small {kind} can't be built ({_first_line(error)}).",
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
        raise _unreachable(source, error) from None
    wanted = set(model.state_dict())
    fresh = {str(key) for key in report["missing_keys"]}
    fresh |= {str(item[0]) for item in report.get("mismatched_keys", ())}
    if len(fresh) > (1 - _MIN_LOADED) * len(wanted):
        raise Fault(
            f"{source} does not fit its own configuration: {len(fresh)} of {len(wanted)} tensors "
            f"are missing or of another shape ({', '.join(sorted(fresh)[:3])}, …).",
            "Choose another `backbone:` or `weights:` under `model` in params.yaml.",
        )
    _note_once(
        f"{source}: loaded {len(wanted) - len(fresh)} of {len(wanted)} tensors; "
        f"new: {', '.join(sorted(fresh)) or 'none'}."
    )
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


def _unreachable(source: str, error: Exception) -> Fault:
    what = f"The folder {source}" if Path(source).is_dir() else f"{source} on the hub"
    return Fault(
        f"{what} can't be used ({_first_line(error)}).",
        "Check the name and the network; or set `weights:` under `model` in params.yaml to a "
        "folder as `save_pretrained` writes it, or to none to train a small model from scratch.",
    )


@cache
def _note_once(message: str) -> None:
    """Every fold loads the same file; one line is enough."""
    note(message)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
