"""The small things made from the same facts: README, model card, citation, CV lines, card.json."""

import re
from pathlib import Path
from typing import Any

import vl_convert
import yaml
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from jinja2 import Environment, FileSystemLoader

from ..files import REPORTS, note, write_json, write_text
from . import guard
from .facts import Facts
from .section import Section

README = Path("README.md")
MODEL_CARD = Path("MODEL_CARD.md")
CITATION = Path("CITATION.cff")
PLOTS = REPORTS / "plots"
_START, _END = "<!-- results:start -->", "<!-- results:end -->"
_TEMPLATES = Path(__file__).parent / "templates"


def write(facts: Facts, chapters: list[Section]) -> None:
    """Write all of them, each whole or not at all."""
    plots = _plots({chapter.key: chapter for chapter in chapters})
    results = _render("results.md.jinja", facts, plots=plots)
    readme = README.read_text(encoding="utf-8") if README.exists() else ""
    before, start, rest = readme.partition(_START)
    _, end, after = rest.partition(_END)
    if start and end:
        write_text(README, f"{before}{_START}\n{results}\n{_END}{after}")
    else:
        note(f"warning: {README} has no lines {_START} and {_END}: the results are not in it.")
    write_text(MODEL_CARD, model_card(facts, chapters[-1].commands))
    write_text(CITATION, yaml.safe_dump(citation(facts), sort_keys=False, allow_unicode=True))
    write_text(REPORTS / "cv.txt", "".join(line + "\n" for line in cv_lines(facts)))
    write_json(REPORTS / "card.json", card(facts))


def model_card(facts: Facts, commands: list[str]) -> str:
    """The model card in Hugging Face's format, its scores in the metadata's `model-index`."""
    contract = facts.contract
    scores = {"out of fold": facts.cv.get("score")}
    scores |= {key: facts.headline.get(key) for key in ("public", "private")}
    evaluations = [
        EvalResult(
            task_type=contract.problem,
            dataset_type=contract.slug,
            dataset_name=contract.slug,
            dataset_split=split,
            metric_type=contract.metric,
            metric_value=score,
        )
        for split, score in scores.items()
        if score is not None
    ]
    weights = guard.weights()
    licence = weights.get("license") or facts.project.get("license")
    data = ModelCardData(
        model_name=facts.project["name"],
        license=licence.lower() if licence else None,
        tags=["kaggle", "lightning", contract.slug],
        eval_results=evaluations or None,
    )
    configs = {
        run["member"]: yaml.safe_dump(_without_paths(run["config"].get("model", {}))).strip()
        for run in facts.runs
    }
    text = _render(
        "model_card.md.jinja",
        facts,
        results=_render("results.md.jinja", facts, short=True),
        configs=configs,
        weights=weights,
        commands=commands,
    )
    return str(ModelCard(f"---\n{data.to_yaml()}\n---\n\n{text}\n"))


def _without_paths(section: dict[str, Any]) -> dict[str, Any]:
    """Weights from a file are named, but not where they lie on the author's disk."""
    return {
        key: Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value
        for key, value in section.items()
    }


def citation(facts: Facts) -> dict[str, Any]:
    """How to cite the project, in the Citation File Format 1.2.0."""
    authors = []
    for author in facts.project.get("authors", []):
        given, _, family = author["name"].rpartition(" ")
        names = {"given-names": given, "family-names": family} if given else {"name": family}
        authors.append(names)
    made = {
        "cff-version": "1.2.0",
        "message": "If you use this work, please cite it as below.",
        "type": "software",
        "title": facts.project["name"],
        "abstract": facts.project.get("description"),
        "authors": authors,
        "version": facts.project["version"],
        "license": facts.project.get("license"),
        "repository-code": facts.origin,
        "date-released": facts.headline.get("time", "")[:10],
    }
    return {key: value for key, value in made.items() if value}


def cv_lines(facts: Facts) -> list[str]:
    """Three lines for a CV, with nothing in them that is not known."""
    entry, cv, contract = facts.headline, facts.cv, facts.contract
    first = f"Kaggle competition {contract.slug}: "
    if entry:
        first += f"{contract.metric} {entry['public']:.5f} on the public leaderboard"
        if entry["private"] is not None:
            first += f", {entry['private']:.5f} on the private one"
        if entry["rank"]:
            first += f", rank {entry['rank']} of {entry['teams']}"
    else:
        first += "not submitted yet"
    second = "Nothing is validated yet"
    if cv:
        members = len(facts.metrics.get("members", {}))
        second = f"Cross-validated {contract.metric} {cv['score']:.5f} (±{facts.spread:.5f} "
        second += f"between {len(cv['folds'])} folds, {cv['rows']:,} rows), "
        second += "one model" if members == 1 else f"{members} models, blended"
    third = "PyTorch Lightning and DVC, pinned and tested, reproducible with two commands"
    third += f": {facts.origin}" if facts.origin else ""
    return [f"{line}." if not line.endswith(".") else line for line in (first, second, third)]


def card(facts: Facts) -> dict[str, Any]:
    """What other programs need to list the project."""
    contract, entry = facts.contract, facts.headline
    score = {key: entry.get(key) for key in ("public", "private", "rank", "teams")}
    return {
        "schema": 1,
        "name": facts.project["name"],
        "title": contract.title,
        "description": facts.project.get("description"),
        "authors": [author["name"] for author in facts.project.get("authors", [])],
        "license": facts.project.get("license"),
        "repository": facts.origin or None,
        "competition": {
            "slug": contract.slug,
            "url": f"https://www.kaggle.com/competitions/{contract.slug}",
            "problem": contract.problem,
            "metric": contract.metric,
            "maximize": contract.scoring.maximize,
        },
        "score": {
            "cv": facts.cv.get("score"),
            "cv_spread": facts.spread if facts.cv else None,
            "cv_folds": facts.cv.get("folds"),
            "submitted": entry.get("time"),
            **score,
        },
        "members": {
            name: {"score": member["score"], "weight": member["weight"]}
            for name, member in facts.metrics.get("members", {}).items()
        },
        "seconds": sum(run["seconds"] for run in facts.runs),
        "commit": entry.get("commit") or facts.commit or None,
        "data": facts.raw or None,
        "missing": facts.missing(),
        "page": "reports/index.html",
        "cv_lines": cv_lines(facts),
    }


def _plots(chapters: dict[str, Section]) -> list[tuple[str, str]]:
    """Write the figures that the README shows; give their paths and text alternatives."""
    wanted = {"score": chapters["standing"].figures or chapters["validation"].figures}
    wanted["mistakes"] = chapters["errors"].figures
    shown = []
    for name, figures in wanted.items():
        path = PLOTS / f"{name}.svg"
        if figures:
            spec = figures[0].spec(width=640, background="white")
            write_text(path, vl_convert.vegalite_to_svg(spec).rstrip() + "\n")
            escaped = re.sub(r"([\\`*_\[\]<>|])", r"\\\1", figures[0].text)
            shown.append((path.as_posix(), escaped))
        else:
            path.unlink(missing_ok=True)
    return shown


def _render(name: str, facts: Facts, **more: Any) -> str:
    """A Markdown template filled in, without blank lines at its ends."""
    env = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=False, trim_blocks=True)
    known = {
        "facts": facts,
        "entry": facts.headline,
        "missing": facts.missing(),
        "name": facts.project["name"],
    }
    return env.get_template(name).render(known | more).strip()
