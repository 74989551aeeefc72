"""What README, model card and summary say of predictions."""

from compete.portfolio.model_card import ModelFacts
from compete.portfolio.readme import Results
from compete.portfolio.section import count, metric_name
from compete.portfolio.summary import Summary
from compete.portfolio.supervised.origins import describe, origins
from compete.portfolio.supervised.skills import skills
from compete.portfolio.supervised.state import SupervisedState
from compete.portfolio.templating import escape
from compete.records import FoldRun


def results(state: SupervisedState) -> Results:
    """Return the score out of fold and those on the leaderboard."""
    rows, theirs = [], escape(state.leaderboard_metric)
    by = f" ({theirs})" if state.leaderboard_metric != state.metric else ""
    if cv := state.cv:
        folds = count(len(cv.folds), "fold")
        spread = f" ± {state.cv_std:.5f}" if len(cv.folds) > 1 else ""
        rows.append((f"out of fold ({folds})", f"{cv.score:.5f}{spread}"))
        if state.interval:
            low, high = state.interval
            name = f"95% interval over {count(cv.rows, 'row')}"
            rows.append((name, f"{low:.5f} to {high:.5f}"))
    if state.baseline:
        name = f"baseline: {escape(state.baseline.name)}"
        rows.append((name, f"{state.baseline.score:.5f}"))
    if entry := state.headline:
        rows.append((f"public leaderboard{by}", f"{entry.public:.5f}"))
        if entry.private is not None:
            rows.append((f"private leaderboard{by}", f"{entry.private:.5f}"))
        if entry.rank:
            rows.append(("rank", f"{entry.rank} of {entry.teams}"))
    return Results(escape(metric_name(state.metric)), rows)


def model_facts(state: SupervisedState) -> ModelFacts:
    """Return what the model card says of the model."""
    began = origins(state.runs)
    ours, theirs = state.metric, state.leaderboard_metric
    scores = [("out of fold", ours, state.cv.score if state.cv else None)]
    if entry := state.headline:
        scores += [("public", theirs, entry.public), ("private", theirs, entry.private)]
    return ModelFacts(
        intro="A model for the Kaggle competition\n"
        f"[{state.contract.slug}]({state.address}), scored by\n{ours}.",
        use="The model predicts the competition's test samples. It was validated on the "
        "competition's training data\nonly; how it performs on other data is not known. The data "
        "belongs to the competition and is not part of\nthis repository.",
        task=state.contract.problem,
        tags=["lightning"],
        scores=scores,
        configs={
            run.member: FoldRun.folder(run.member, run.fold) / "config.yaml" for run in state.runs
        },
        remarks={member: [describe(one) for one in each] for member, each in began.items()},
        bases=[*{one.source for each in began.values() for one in each if one.kind == "hub"}],
    )


def summary(state: SupervisedState) -> Summary:
    """Return what is said of the project in short."""
    cv = state.cv
    return Summary(
        split=_score(state)[0],
        score=_score(state)[1],
        interval=state.interval,
        rows=state.cv.rows if state.cv else None,
        baseline=state.baseline,
        skills=skills(state),
        leaderboard=f"Kaggle competition {state.contract.slug}: {_leaderboard(state)}",
        validation=_validation(state),
        tools="PyTorch Lightning and DVC",
        scores={
            "cv": cv.score if cv else None,
            "cv_spread": state.cv_std if cv else None,
            "cv_folds": cv.folds if cv else None,
        },
        members={
            name: {"score": member.score, "weight": member.weight}
            for name, member in (state.scores.members if state.scores else {}).items()
        },
    )


def _score(state: SupervisedState) -> tuple[str, float | None]:
    """Return where the score to show is from, and the score."""
    if state.headline:
        return state.leaderboard_score
    return ("out of fold", state.cv.score) if state.cv else ("", None)


def _leaderboard(state: SupervisedState) -> str:
    entry = state.headline
    if entry is None:
        return "not submitted yet"
    text = f"{metric_name(state.leaderboard_metric)} {entry.public:.5f} on the public leaderboard"
    if entry.private is not None:
        text += f", {entry.private:.5f} on the private one"
    if entry.rank:
        text += f", rank {entry.rank} of {entry.teams}"
    return text


def _validation(state: SupervisedState) -> str:
    if state.scores is None:
        return "Not validated yet"
    cv, members = state.scores.cv, state.scores.blended
    return (
        f"Cross-validated {metric_name(cv.metric)} {cv.score:.5f} (±{state.cv_std:.5f} over "
        f"{count(len(cv.folds), 'fold')}, {count(cv.rows, 'row')}), "
        f"{'one model' if members == 1 else f'a blend of {members} models'}"
    )
