"""Tokenizers and models of Hugging Face: from the hub, or from a folder."""

import logging
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoTokenizer

from compete.errors import Fault, first_line
from compete.training.parallel import note_once

_MIN_LOADED = 0.9

transformers.logging.set_verbosity_error()  # it tells at length what `load_model` says in a line
transformers.logging.disable_progress_bar()
logging.getLogger("huggingface_hub").setLevel(logging.ERROR)


def source_of(backbone: str, weights: str) -> str | None:
    """Return what to read a model's files from, None to build a small model from scratch.

    Args:
        backbone: a name on the hub, or a folder.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.

    Raises:
        Fault: the folder has no config.json.
    """
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


def load_tokenizer(source: str) -> tuple[Any, Any]:
    """Return the tokenizer and the configuration at `source`.

    Raises:
        Fault: the hub can't be reached, or the folder does not hold a model.
    """
    try:
        config = AutoConfig.from_pretrained(source)
        tokenizer = AutoTokenizer.from_pretrained(source)
    except Exception as error:  # each version of the hub's client has its own kinds
        raise unreachable(source, error) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.sep_token
    config.pad_token_id = tokenizer.pad_token_id
    return tokenizer, config


def load_model(kind: Any, config: Any, backbone: str, weights: str, **options: Any) -> Any:
    """Return a model in 32 bits with the weights that are asked for, and say what was loaded.

    Args:
        kind: one of transformers' `AutoModelFor...` classes.
        config: what to build.
        backbone: a name on the hub, or a folder.
        weights: `hub`, `none`, or a folder as `save_pretrained` writes it.
        options: of `from_pretrained`.

    Raises:
        Fault: the weights can't be had, or are of another architecture.
    """
    if weights == "none":
        return kind.from_config(config, dtype=torch.float32)
    source = str(source_of(backbone, weights))
    options |= {"config": config, "dtype": torch.float32, "output_loading_info": True}
    try:
        model, report = kind.from_pretrained(source, **options)
    except Exception as error:  # each version of the hub's client has its own kinds
        raise unreachable(source, error) from None
    wanted = set(model.state_dict())
    fresh = {str(key) for key in report["missing_keys"]}
    fresh |= {str(item[0]) for item in report.get("mismatched_keys", ())}
    if len(fresh) > (1 - _MIN_LOADED) * len(wanted):
        raise Fault(
            f"{source} does not fit its own configuration: {len(fresh)} of {len(wanted)} tensors "
            f"are missing or of another shape ({', '.join(sorted(fresh)[:3])}, …).",
            "Choose another `backbone:` or `weights:` under `model` in params.yaml.",
        )
    note_once(
        f"{source}: loaded {len(wanted) - len(fresh)} of {len(wanted)} tensors; "
        f"new: {', '.join(sorted(fresh)) or 'none'}."
    )
    return model


def unreachable(source: str, error: Exception) -> Fault:
    """Return what to say where `source` can't be read."""
    what = f"The folder {source}" if Path(source).is_dir() else f"{source} on the hub"
    return Fault(
        f"{what} can't be used ({first_line(error).rstrip('.')}).",
        "Check the name and the network; or set `weights:` under `model` in params.yaml to a "
        "folder as `save_pretrained` writes it, or to none to train a small model from scratch.",
    )
