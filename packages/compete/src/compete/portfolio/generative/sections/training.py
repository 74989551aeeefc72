"""How the networks were trained."""

from typing import Any

import polars as pl

from compete.portfolio.generative.charts import control, losses
from compete.portfolio.generative.state import GenerativeState
from compete.portfolio.section import Section, number, sentence, without_folders

_AUGMENT = {
    "ada": "adaptive discriminator augmentation",
    "diffaugment": "DiffAugment",
    "none": "no augmentation",
}


def training_section(state: GenerativeState) -> Section:
    """State the networks and the images that they saw, and draw how training went."""
    section = Section("training", "Training")
    if not state.runs:
        section.nothing = "Nothing is trained yet."
        return section
    shown = state.shown_run
    for run in state.runs:
        told = (
            "Member {}: a generator with {} parameters and a discriminator with {} ({}), trained "
            "at {} pixels on {} thousand samples of {} images, with {}."
        )
        section.text.append(
            sentence(
                told,
                run.member,
                number(run.parameters, ",d", "parameters" if run is shown else ""),
                number(run.discriminator_parameters, ",d"),
                run.backbone,
                run.image_size,
                number(run.kimg, "g", "kimg" if run is shown else ""),
                number(run.images, ",d"),
                _AUGMENT.get(run.augment, run.augment),
            )
        )
    for run in state.runs:
        progress = state.progress[run.member]
        if progress.is_empty():
            continue
        if run.augment == "ada":
            section.figures.append(control(run.member, progress))
        section.figures.append(losses(run.member, progress))
    if shown:
        rows = list(_flat(state.configs[shown.member].get("model", {})))
        if rows:
            table = pl.DataFrame(rows, schema=["setting", "value"], orient="row")
            section.tables.append((f"Settings of {shown.member}", table))
    return section


def cost_of(state: GenerativeState) -> str:
    """Return what the training time was for."""
    images = 1000 * sum(run.kimg for run in state.runs)
    return f"{images:,.0f} images ({images / max(state.seconds, 1e-9):,.0f} a second)"


def _flat(settings: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Return settings with those of sections below them, as `section.key`."""
    rows: list[tuple[str, str]] = []
    for key, value in without_folders(settings).items():
        if isinstance(value, dict):
            rows += _flat(value, f"{before}{key}.")
        elif value is not None:
            rows.append((f"{before}{key}", str(value)))
    return rows
