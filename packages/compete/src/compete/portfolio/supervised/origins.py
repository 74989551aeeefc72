"""Describes the pretrained weights of the members."""

from collections.abc import Sequence

from compete.records import FoldRun, Pretrained

_VERSIONS = {"hub": "commit", "package": "version"}


def origins(runs: Sequence[FoldRun]) -> dict[str, list[Pretrained]]:
    """Return for each member the weights that its folds began with, usually the same for all."""
    found: dict[str, list[Pretrained]] = {}
    for run in runs:
        known = found.setdefault(run.member, [])
        if run.pretrained and run.pretrained not in known:
            known.append(run.pretrained)
    return found


def describe(weights: Pretrained) -> str:
    """Return a sentence about pretrained weights."""
    what = {
        "hub": f"{weights.source} on the Hugging Face Hub",
        "package": f"{weights.file} in the package {weights.source}",
    }.get(weights.kind, weights.source)
    facts = [f"{_VERSIONS[weights.kind]} {weights.version}"] if weights.version else []
    facts.append(f"license: {weights.license or 'not known'}")
    facts += [f"SHA-256 {weights.sha256}"] if weights.sha256 else []
    return f"Fine-tuned from {what} ({'; '.join(facts)})."
