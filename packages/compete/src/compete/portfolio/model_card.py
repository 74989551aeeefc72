"""Writes the model card in Hugging Face's format."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml
from huggingface_hub import EvalResult, ModelCard, ModelCardData

from compete.files import MODEL_CARD, read_yaml, write_text
from compete.portfolio.project_state import ProjectState
from compete.portfolio.publish_allow import weights_license
from compete.portfolio.readme import Results
from compete.portfolio.section import without_folders
from compete.portfolio.sections.reproduction import commands
from compete.portfolio.templating import markdown


@dataclass(frozen=True)
class ModelFacts:
    """What the model card says of the model.

    Args:
        intro: what it is for, in Markdown.
        use: what it can be used for, in Markdown.
        task: in the words of the metadata's `model-index`.
        tags: for the metadata, besides those of every project.
        scores: split, metric and score of each evaluation; a score that is not known is left out.
        configs: for each trained member the configuration of its run.
        remarks: what else is known of a member, in sentences of plain text.
        bases: models on the Hugging Face hub that it was fine-tuned from.
    """

    intro: str
    use: str
    task: str
    tags: list[str]
    scores: list[tuple[str, str, float | None]]
    configs: dict[str, Path]
    remarks: dict[str, list[str]] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)


def write(state: ProjectState, results: Results, model: ModelFacts) -> None:
    """Write the model card, with its scores in the metadata's `model-index`."""
    weights = weights_license()
    license_name = weights.license if weights else state.metadata.license
    data = ModelCardData(
        model_name=state.metadata.name,
        base_model=sorted(model.bases) or None,
        license=license_name.lower() or None,
        tags=["kaggle", *model.tags, state.contract.slug],
        eval_results=_evaluations(state, model) or None,
    )
    text = markdown(
        "model_card.md.jinja",
        state,
        results=markdown("results.md.jinja", state, results=results),
        model=model,
        configs={member: _model_config(path) for member, path in model.configs.items()},
        weights=weights,
        commands=commands(state),
    )
    write_text(MODEL_CARD, str(ModelCard(f"---\n{data.to_yaml()}\n---\n\n{text}\n")))


def _evaluations(state: ProjectState, model: ModelFacts) -> list[EvalResult]:
    """Return each score that is known."""
    return [
        EvalResult(
            task_type=model.task,
            dataset_type=state.contract.slug,
            dataset_name=state.contract.slug,
            dataset_split=split,
            metric_type=metric,
            metric_value=score,
        )
        for split, metric, score in model.scores
        if score is not None
    ]


def _model_config(path: Path) -> str:
    """Return the section `model` of a run's configuration."""
    return yaml.safe_dump(without_folders(read_yaml(path)["model"])).strip()
