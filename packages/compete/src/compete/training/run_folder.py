"""The folder of a run: where loggers write, and cleaning up after a kill."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from compete.errors import Fault, first_line


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


@contextmanager
def explain_dvclive() -> Iterator[None]:
    """Turn what DVCLive raises in a git repository without a commit into a `Fault`."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith("scmrepo."):  # it reads the commit
            raise
        raise Fault(
            f"DVCLive can't log here: {first_line(error).rstrip('.')}.",
            "Make a first commit: `git add --all`, `git commit -m start`; or remove DVCLive's "
            "logger under `trainer` in params.yaml.",
        ) from None
