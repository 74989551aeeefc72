"""Writes the model card in Hugging Face's format."""

from pathlib import Path
from typing import Any

import yaml
from huggingface_hub import EvalResult, ModelCard, ModelCardData

from compete.files import read_yaml, write_text
from compete.portfolio.origins import describe, origins
from compete.portfolio.project_state import ProjectState
from compete.portfolio.publish_allow import weights_license
from compete.portfolio.sections.reproduction import commands
from compete.portfolio.templating import escape, markdown
from compete.records import FoldRun

MODEL_CARD = Path("MODEL_CARD.md")


def write(state: ProjectState) -> None:
    """Write the model card, with its scores in the metadata's `model-index`."""
    weights = weights_license()
    license_name = weights.license if weights else state.metadata.license
    began = origins(state.runs)
    bases = {one.source for each in began.values() for one in each if one.kind == "hub"}
    data = ModelCardData(
        model_name=state.metadata.name,
        base_model=sorted(bases) or None,
        license=license_name.lower() or None,
        tags=["kaggle", "lightning", state.contract.slug],
        eval_results=_evaluations(state) or None,
    )
    text = markdown(
        "model_card.md.jinja",
        state,
        results=markdown("results.md.jinja", state, short=True),
        configs=_model_configs(state.runs),
        origins={name: [escape(describe(one)) for one in each] for name, each in began.items()},
        weights=weights,
        commands=commands(state),
    )
    write_text(MODEL_CARD, str(ModelCard(f"---\n{data.to_yaml()}\n---\n\n{text}\n")))


def _evaluations(state: ProjectState) -> list[EvalResult]:
    """Return each score that is known."""
    ours, theirs = state.contract.metric, state.leaderboard_metric
    scores = {"out of fold": (ours, state.cv.score if state.cv else None)}
    if entry := state.headline:
        scores |= {"public": (theirs, entry.public), "private": (theirs, entry.private)}
    return [
        EvalResult(
            task_type=state.contract.problem,
            dataset_type=state.contract.slug,
            dataset_name=state.contract.slug,
            dataset_split=split,
            metric_type=metric,
            metric_value=score,
        )
        for split, (metric, score) in scores.items()
        if score is not None
    ]


def _model_configs(runs: list[FoldRun]) -> dict[str, str]:
    """Return for each trained member the section `model` of its configuration."""
    configs = {}
    for run in runs:
        config = read_yaml(FoldRun.folder(run.member, run.fold) / "config.yaml")
        configs[run.member] = yaml.safe_dump(_without_folders(config["model"])).strip()
    return configs


def _without_folders(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings with absolute paths, which show the author's disk, cut to file names."""
    return {
        key: Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value
        for key, value in settings.items()
    }
