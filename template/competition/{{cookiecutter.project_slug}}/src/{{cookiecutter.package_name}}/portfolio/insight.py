"""The later chapters: mistakes, predictions, reasons, members, cost, limits, how to repeat it."""

from collections.abc import Sequence

import polars as pl
from markupsafe import Markup

from ..exhibits import Exhibit, Input
from . import charts, judge
from .facts import Facts
from .section import Section, say, value

# What a machine draws under load: a usual desktop processor, a usual data-centre GPU.
_WATTS = {"cpu": 65, "cuda": 300, "mps": 30}


def errors(facts: Facts) -> Section:
    """Which mistakes are made, and whether the model knows when it is unsure."""
    made = Section("errors", "Mistakes and confidence")
    contract, oof = facts.contract, facts.oof
    if oof is None:
        made.text.append("There are no out-of-fold predictions yet to look for mistakes in.")
        return made
    if contract.problem == "translation":
        judged = judge.judge(contract, oof)
        made.figures.append(charts.counts("chrF of a row", 100 - judged["loss"]))
        made.tables += judge.by_group(contract, judged, facts.train)
        return made
    if contract.problem == "regression":
        for target in range(min(len(contract.target_columns), 4)):
            made.figures.append(charts.residuals(contract, oof, target))
        return made
    if contract.problem == "classification":
        found = judge.confusion(contract, *judge.matrices(oof))
        if len(found) <= charts.MOST_CLASSES:
            made.figures.append(charts.confusion(contract, oof))
        made.tables.append(("Each class", judge.by_class(contract, oof)))
    else:
        made.tables.append(("Each label", judge.by_class(contract, oof)))
    made.figures.append(charts.calibration(contract, oof))
    return made


def predictions(facts: Facts, galleries: dict[str, list[tuple[str, Input]]]) -> Section:
    """The best, the worst and the most surprising answers with their inputs."""
    made = Section("predictions", "Predictions, one by one")
    words = {
        "best": "The answers that cost least, one for each truth.",
        "worst": "The answers that cost most.",
        "surprising": "Mistakes of a kind that hardly ever happens.",
    }
    if facts.contract.problem in ("regression", "translation"):
        words["surprising"] = "Errors much larger than those of similar predictions."
    for key, sentence in words.items():
        if galleries.get(key):
            made.galleries.append((f"The {key}", sentence, galleries[key]))
    if not made.galleries:
        made.text.append("There is nothing to show yet: no out-of-fold predictions, or no inputs.")
    return made


def explanations(exhibits: Sequence[Exhibit]) -> Section:
    """What the task itself brings to explain its answers."""
    made = Section("explanations", "Why it answers so")
    if not exhibits:
        made.text.append("Nothing explains the answers: no fold is trained, or no way is known.")
    for exhibit in exhibits:
        if exhibit.items:
            made.galleries.append((exhibit.title, exhibit.text, exhibit.items))
        if exhibit.bars:
            made.figures.append(
                charts.bars(exhibit.title, exhibit.text, list(exhibit.bars), "importance")
            )
    return made


def ensemble(facts: Facts) -> Section:
    """The members and their weights."""
    made = Section("ensemble", "The ensemble")
    members = facts.metrics.get("members", {})
    if not members:
        made.text.append("No member has predicted anything yet.")
        return made
    rows = [
        {
            "member": name,
            "weight": member["weight"],
            facts.contract.metric: member["score"],
            "folds": f"{len(member['trained'])} of {facts.folds}",
        }
        for name, member in members.items()
    ]
    if len(rows) == 1:
        made.text.append("One member: nothing is blended.")
    else:
        made.text.append("The weights were fitted on out-of-fold predictions (Caruana, 2004).")
        pairs = [(name, member["weight"]) for name, member in members.items()]
        text = "How much each member counts in the blend."
        made.figures.append(charts.bars("Weights", text, pairs, "weight"))
    made.tables.append(("Members", pl.DataFrame(rows)))
    return made


def ablations(facts: Facts) -> Section:
    """What was tried with `dvc exp`."""
    made = Section("ablations", "What was tried")
    if facts.experiments:
        made.text.append(
            "Experiments run by DVC: what each changed, and the score with and without it."
        )
        made.tables.append(("Experiments", pl.DataFrame(facts.experiments)))
    else:
        made.text.append(Markup("No experiment was run by <code>dvc exp run</code>."))
    return made


def cost(facts: Facts) -> Section:
    """Time, machine, and an estimate of the energy."""
    made = Section("cost", "What it cost")
    if not facts.runs:
        made.text.append("Nothing is trained yet.")
        return made
    seconds = sum(run["seconds"] for run in facts.runs)
    joules = sum(
        run["seconds"] * run["devices"] * _WATTS.get(run["device"], 65) for run in facts.runs
    )
    machines = sorted({run.get("hardware") or run["device"] for run in facts.runs})
    made.text.append(
        say(
            "Training {} folds took {} minutes, added up, on {}.",
            len(facts.runs),
            value(seconds / 60, ".1f", "minutes"),
            ", ".join(machines),
        )
    )
    watts = sorted({f"{_WATTS.get(r['device'], 65)} W for a {r['device']}" for r in facts.runs})
    made.text.append(
        say(
            "That is about {} Wh of energy: an estimate from {}, nothing was measured.",
            value(joules / 3600, ".1f"),
            ", ".join(watts),
        )
    )
    return made


def limits(facts: Facts) -> Section:
    """What the author says it can't do."""
    made = Section("limits", "Limits", markdown=facts.notes)
    if not facts.notes:
        made.text.append("The author has written nothing about its limits yet.")
    return made


def reproduction(facts: Facts) -> Section:
    """How to get the same again."""
    made = Section("reproduction", "Reproduce it")
    entry = facts.headline
    commit = entry.get("commit") or facts.commit
    if commit:
        words = " with changes that were not committed" if entry.get("dirty") else ""
        made.text.append(say("Commit <code>{}</code>{}.", commit, words))
    if facts.raw:
        made.text.append(say("Raw data <code>{}</code>, as DVC hashes it.", facts.raw))
    used = {f"{k} {run[k]}" for run in facts.runs for k in ("torch", "lightning")}
    if used:
        made.text.append(say("Trained with {}; uv.lock pins the rest.", ", ".join(sorted(used))))
    name = facts.origin.rsplit("/", 1)[-1]
    start = [f"git clone {facts.origin}", f"cd {name}"] if facts.origin else []
    if facts.origin and commit:
        start.append(f"git checkout {commit}")
    made.commands = [*start, "uv sync", "uv run compete doctor", "uv run dvc repro"]
    if not facts.origin:
        made.text.append("The repository has no public address yet.")
    return made
