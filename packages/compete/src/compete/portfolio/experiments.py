"""What was tried with `dvc exp`: what each experiment changed, and its score."""

import re
from dataclasses import dataclass
from typing import Any

from compete.files import git

_SETTINGS = ("competition.", "data.", "model.", "trainer.", "seed_everything")


@dataclass(frozen=True)
class Experiment:
    """An experiment of DVC.

    Args:
        experiment: its name.
        changed: the settings that it changed.
        score: with the changes.
        before: without them.
    """

    experiment: str
    changed: str
    score: float
    before: float | None


def load_experiments(score: str) -> list[Experiment]:
    """Return the experiments that have a score, also those whose result was committed later.

    Args:
        score: DVC's name of it, such as `cv.score`.
    """
    refs = git("for-each-ref", "--sort=-creatordate", "--format=%(refname)", "refs/exps")
    # refs/exps/12/34.../NAME was tried on the commit 1234...
    commits = re.findall(r"^refs/exps/([0-9a-f]{2})/([0-9a-f]{38})/", refs, re.MULTILINE)
    if not commits:
        return []  # most projects need not wait for the import of DVC
    import dvc.api

    experiments, baseline = [], {}
    for row in dvc.api.exp_show(revs=list(dict.fromkeys(map("".join, commits)))):
        if row["typ"] == "baseline":
            baseline = row
        elif (found := _number(row.get(score))) is not None:
            changes = [
                f"{key}: {row[key]}"
                for key in row
                if key.startswith(_SETTINGS) and row[key] != baseline.get(key)
            ]
            changed = ", ".join(changes) or "nothing"
            before = _number(baseline.get(score))
            experiments.append(Experiment(row["Experiment"], changed, found, before))
    return experiments


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None  # DVC writes "-" for none
