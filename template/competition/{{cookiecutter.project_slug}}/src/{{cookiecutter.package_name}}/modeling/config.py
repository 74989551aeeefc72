"""Reads params.yaml with a member laid over it; every key and type is checked by jsonargparse.

The keys are the arguments of `Competition`, `Data`, `Model` and Lightning's `Trainer`.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any, Literal

import lightning
from jsonargparse import ArgumentError, ArgumentParser, Namespace
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.trainer.connectors.accelerator_connector import _PRECISION_INPUT

from ..competition import Competition
from ..errors import Fault
from ..files import MEMBERS, METRICS, PARAMS, read_yaml
from .data import Data
from .lanes import lane
from .model import Model


class Trainer(lightning.Trainer):
    """Lightning's Trainer, with a precision that goes by the machine.

    Args:
        precision: as Lightning's; `auto` is bf16-mixed on a GPU that has it, 16-mixed on an older
            one, and 32-true elsewhere.
        max_epochs: as Lightning's; `auto` goes by the number of rows (`Model.usual_epochs`).
    """

    def __init__(
        self,
        *args: Any,
        precision: _PRECISION_INPUT | Literal["auto"] | None = "auto",
        max_epochs: int | Literal["auto"] | None = "auto",
        **kwargs: Any,
    ) -> None:
        if precision in ("auto", None):
            precision = machine_precision(kwargs.get("accelerator", "auto"))
        epochs = None if max_epochs == "auto" else max_epochs
        super().__init__(*args, precision=precision, max_epochs=epochs, **kwargs)  # type: ignore[arg-type]


def machine_precision(accelerator: Any) -> _PRECISION_INPUT:
    """The precision that `auto` means on this machine."""
    import torch

    if accelerator not in ("auto", "gpu", "cuda") or not torch.cuda.is_available():
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"


def member_names() -> list[str]:
    """The members of the ensemble: the files in `members/`, by name. Raises `Fault` if none."""
    names = sorted(path.stem for path in MEMBERS.glob("*.yaml"))
    if not names:
        raise Fault(
            f"{MEMBERS} holds no member.", f"Create {MEMBERS / 'base.yaml'} (it may be empty)."
        )
    return names


def by_weight() -> list[str]:
    """The members, the one that counts most in the blend first."""
    text = METRICS.read_text(encoding="utf-8") if METRICS.exists() else "{}"
    told = json.loads(text).get("members", {})
    return sorted(member_names(), key=lambda name: -told.get(name, {}).get("weight", 0))


def parser() -> ArgumentParser:
    """The parser of every key."""
    made = ArgumentParser(prog="compete train", exit_on_error=False, allow_abbrev=False)
    made.add_argument("--config", action="config", help="A YAML file of keys.")
    made.add_argument("--seed_everything", type=int, default=0, help="Seed of all randomness.")
    made.add_class_arguments(Competition, "competition", instantiate=False)
    made.add_class_arguments(Data, "data", skip={"contract", "fold", "seed"}, instantiate=False)
    made.add_class_arguments(Model, "model", skip={"contract", "data"}, instantiate=False)
    made.add_class_arguments(Trainer, "trainer", instantiate=False)
    return made


def load_config(member: str, overrides: Sequence[str] = ()) -> Namespace:
    """params.yaml, the member's file laid over it, and last what the command line says.

    Raises:
        Fault: a key is unknown or a value has the wrong type.
    """
    path = MEMBERS / f"{member}.yaml"
    if not path.exists():
        raise Fault(
            f"There is no member {member!r}.", f"Choose one of: {', '.join(member_names())}."
        )
    layers = [PARAMS, *([path] if read_yaml(path) else [])]
    arguments = [part for layer in layers for part in ("--config", str(layer))]
    if "--help" in overrides:
        parser().print_help()
        sys.exit(0)
    try:
        config: Namespace = parser().parse_args([*arguments, *overrides])
    except ArgumentError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise Fault(
            f"A key of {' or '.join(map(str, layers))} or of the command line is wrong: "
            f"{' '.join(lines)[:400]}.",
            "`compete train --help` shows every key.",
        ) from None
    return config


def trainer_arguments(config: Namespace, run: str) -> dict[str, Any]:
    """The Trainer's arguments with loggers and callbacks made; `{run}` in a logger's arguments is
    the folder of this fold's run."""
    section = config.trainer.clone()
    loggers = section.logger if isinstance(section.logger, list) else [section.logger]
    for logger in loggers:
        init = getattr(logger, "init_args", None) or {}
        for key, value in vars(init).items() if init else ():
            if isinstance(value, str):
                init[key] = value.replace("{run}", run)
    single = ArgumentParser(exit_on_error=False)
    single.add_class_arguments(Trainer, "trainer", instantiate=False)
    made: dict[str, Any] = single.instantiate(Namespace(trainer=section)).trainer.as_dict()
    if made["enable_progress_bar"] is None:
        made["enable_progress_bar"] = sys.stderr.isatty()
    if made["enable_progress_bar"] and lane() is not None:  # a line for each of them
        bar = TQDMProgressBar(process_position=lane() or 0)
        made["callbacks"] = [*(made["callbacks"] or []), bar]
    return made
