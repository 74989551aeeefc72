"""Tells whether `compete prepare` must run again before a fold is trained, as `dvc repro` knows."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import yaml

from compete.errors import Fault
from compete.files import PARAMS, PROCESSED, digest, read_yaml, write_text
from compete.project import package
from compete.training.config import Config, load_base
from compete.training.fingerprint import code_digest, imported

_FILE = "made_from.yaml"


def write_made_from(folder: Path, config: Config[Any]) -> None:
    """Write to `folder` what `compete prepare` goes by: keys of params.yaml, and features.py."""
    write_text(folder / _FILE, yaml.safe_dump(_made_from(config)))


def refuse_stale(configs: Mapping[str, Config[Any]]) -> None:
    """Raise `Fault` if what `compete prepare` went by has changed, or differs in a member.

    Args:
        configs: of the members that are to be trained, by name.
    """
    if not (PROCESSED / _FILE).exists():  # of an earlier version
        return
    base = load_base()
    before, now = read_yaml(PROCESSED / _FILE), _made_from(base)
    for key in now:
        if before.get(key) != now[key]:
            where = key if key.endswith(".py") else f"`{key}` of {PARAMS}"
            raise Fault(
                f"{where} has changed since `compete prepare`.",
                "Run `compete prepare` and then this command again; `dvc repro` does both.",
            )
    for name, config in configs.items():
        for key in config.data.read_by_prepare:
            if getattr(config.data, key) != getattr(base.data, key):
                raise Fault(
                    f"Member {name} asks for `data.{key}: {getattr(config.data, key)}`, but all "
                    f"members share what `compete prepare` made.",
                    f"Set it in {PARAMS} alone, and run `compete prepare`.",
                )


def _made_from(config: Config[Any]) -> dict[str, Any]:
    sections = {
        "competition": asdict(replace(config.competition, slug="")),
        "data": {key: getattr(config.data, key) for key in config.data.read_by_prepare},
    }
    keys = {f"{name}.{key}": v for name, values in sections.items() for key, v in values.items()}
    code = [path for path in imported([f"{package()}.features"]) if package() in path.parts]
    return {
        **keys,
        "seed_everything": config.seed_everything,
        f"src/{package()}/features.py": digest(map(code_digest, code)),
    }
