"""What lies in the folder of a run: where loggers write, and what a kill has left there."""

from pathlib import Path
from typing import Any

import yaml


def place_loggers(section: Any, run: Path) -> Any:
    """Return a copy of the section `trainer` whose loggers write into a run's folder.

    Args:
        section: jsonargparse's namespace; `{run}` in a logger's arguments stands for `run`.
        run: the folder.
    """
    section = section.clone()
    loggers = section.logger if isinstance(section.logger, list) else [section.logger]
    for logger in loggers:
        init = getattr(logger, "init_args", None) or {}
        for key, value in vars(init).items() if init else ():
            if isinstance(value, str):
                init[key] = value.replace("{run}", run.as_posix())
    return section


def drop_broken_logs(run: Path) -> None:
    """Remove what DVCLive was killed in the middle of writing: it would not resume from that."""
    for file in (*run.rglob("dvclive/metrics.json"), *run.rglob("dvclive/params.yaml")):
        try:
            whole = isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict)
        except (yaml.YAMLError, UnicodeDecodeError):
            whole = False
        if not whole:
            file.unlink()
