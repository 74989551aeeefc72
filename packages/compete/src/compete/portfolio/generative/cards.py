"""What README, model card and summary say of networks that make images."""

from typing import Any

from compete.portfolio.card import Baseline
from compete.portfolio.generative.state import GenerativeState, config_path
from compete.portfolio.model_card import ModelFacts
from compete.portfolio.readme import Results
from compete.portfolio.summary import Summary
from compete.portfolio.templating import escape


def results(state: GenerativeState) -> Results:
    """Return the public score, the distances, and how many images are copies."""
    rows = []
    if entry := state.headline:
        rows.append((f"public score ({escape(state.leaderboard_metric)})", f"{entry.public:.5f}"))
        if entry.rank:
            rows.append(("rank", f"{entry.rank} of {entry.teams}"))
    if found := state.measurement:
        for key, name in found.names.items():
            rows.append((escape(name), f"{getattr(found, key):.4g}"))
        rows.append(("copies of training images", f"{len(found.copies)} of {found.count:,}"))
    return Results("result", rows)


def model_facts(state: GenerativeState) -> ModelFacts:
    """Return what the model card says of the networks."""
    contract, found = state.contract, state.measurement
    scores: list[tuple[str, str, float | None]] = []
    if found:
        scores += [("train", name, getattr(found, key)) for key, name in found.names.items()]
    if entry := state.headline:
        scores.append(("leaderboard", state.leaderboard_metric, entry.public))
    does = "translates images into the style of" if contract.translates else "generates images like"
    return ModelFacts(
        intro=f"A generative adversarial network for the Kaggle competition\n"
        f"[{contract.slug}]({state.address}). It {does}\nthe competition's.",
        use="The model generates images similar to its training images. It can reproduce some of "
        "them:\n`compete predict` lists the copies that it finds in a submission, but it may miss "
        "others.\nThe rights to the training images decide what the generated images may be used "
        "for.",
        task="image-to-image" if contract.translates else "unconditional-image-generation",
        tags=["gan", "image-to-image" if contract.translates else "unconditional-image-generation"],
        scores=scores,
        configs={run.member: config_path(run) for run in state.runs},
        remarks={
            run.member: [
                f"{run.parameters:,} parameters ({run.backbone}), trained on {run.kimg:g} thousand "
                f"images of {run.image_size} pixels."
            ]
            for run in state.runs
        },
    )


def summary(state: GenerativeState) -> Summary:
    """Return what is said of the project in short."""
    found = state.measurement
    keys = ("fid", "kid", "mifid")
    scores: dict[str, Any] = {key: getattr(found, key) if found else None for key in keys}
    scores["copies"] = len(found.copies) if found else None
    scores["names"] = found.names if found else None
    return Summary(
        **_score(state),
        skills=_skills(state),
        leaderboard=_leaderboard(state),
        validation=_validation(state),
        tools="PyTorch Lightning and DVC",
        scores=scores,
        members={
            run.member: {"backbone": run.backbone, "kimg": run.kimg, "image_size": run.image_size}
            for run in state.runs
        },
    )


def _score(state: GenerativeState) -> dict[str, Any]:
    """Return the score to show, where it is from, and what is behind it."""
    found = state.measurement
    shown: dict[str, Any] = {"score": None, "split": ""}
    if found:
        shown = {"score": found.fid, "split": "generated images", "rows": found.made}
        if (before := state.before_training) is not None:
            shown["baseline"] = Baseline("before training", before)
    if state.headline:
        shown["split"], shown["score"] = state.leaderboard_score
    return shown


def _skills(state: GenerativeState) -> list[str]:
    """Return the names of libraries and techniques, the most telling first."""
    found = ["generative adversarial networks"]
    if state.contract.translates:
        found.append("image-to-image translation")
    found += [_NAMES.get(run.backbone, run.backbone) for run in state.runs]
    found += [_NAMES[run.augment] for run in state.runs if run.augment in _NAMES]
    return list(dict.fromkeys([*found, "PyTorch", "Lightning", "torchmetrics", "DVC"]))


_NAMES = {
    "stylegan2": "StyleGAN2",
    "r3gan": "R3GAN",
    "ada": "adaptive discriminator augmentation",
    "diffaugment": "DiffAugment",
}


def _leaderboard(state: GenerativeState) -> str:
    entry = state.headline
    if entry is None:
        return f"Kaggle competition {state.contract.slug}: not submitted yet"
    rank = f", rank {entry.rank} of {entry.teams}" if entry.rank else ""
    score = f"{state.leaderboard_metric} {entry.public:.5f}"
    return f"Kaggle competition {state.contract.slug}: {score}{rank}"


def _validation(state: GenerativeState) -> str:
    found = state.measurement
    if found is None:
        return "No images generated yet"
    text = f"{state.distance} {found.fid:.4g} over {found.made:,} generated images"
    if state.before_training is not None:
        text += f" (before training {state.before_training:.4g})"
    return text
