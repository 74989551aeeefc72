"""What a fold's result depends on, as one digest: while it stays, the fold is not trained again."""

import json
import sys
from pathlib import Path
from typing import Any

from jsonargparse import Namespace

from ..files import CONTRACT, PROCESSED, digest, file_digest

# What does not change the result, or only by rounding: where it runs and what it shows.
_NO_MATTER = {
    "data": {"trained_folds", "num_workers", "cache_gb", "test_time_augmentation"},
    "trainer": {
        "accelerator",
        "strategy",
        "devices",
        "num_nodes",
        "logger",
        "log_every_n_steps",
        "enable_progress_bar",
        "enable_model_summary",
        "profiler",
        "default_root_dir",
    },
}


def fingerprint(config: Namespace, fold: int) -> str:
    """Of everything that decides a fold's result: configuration, contract, data, code, weights."""
    sections: dict[str, Any] = {"seed": config.seed_everything, "fold": fold}
    for name in ("data", "model", "trainer"):
        values = config[name].as_dict()
        sections[name] = {k: v for k, v in values.items() if k not in _NO_MATTER.get(name, ())}
    code = [
        Path(module.__file__).read_bytes()
        for name, module in sorted(sys.modules.items())
        if name.startswith(f"{__package__}.")
        and module.__file__
        and name != f"{__package__}.predict"
    ]
    weights = Path(str(config.model.weights))
    return digest(
        [
            json.dumps(sections, sort_keys=True, default=str),
            CONTRACT.read_text(encoding="utf-8"),
            (PROCESSED / "prepared.json").read_text(encoding="utf-8"),
            _content(weights),
            *code,
        ]
    )


def _content(weights: Path) -> str:
    """A digest of a file, or of the files of a folder; nothing for what is neither."""
    files = [weights] if weights.is_file() else sorted(weights.rglob("*"))
    return digest(file_digest(path) for path in files if path.is_file())
