"""What the competition asks for."""

from compete.portfolio.section import Section, sentence
from compete.portfolio.supervised.state import SupervisedState


def competition_section(state: SupervisedState) -> Section:
    """State the task and the metric."""
    contract, metric = state.contract, state.contract.scoring
    return Section(
        "problem",
        "Problem",
        [
            sentence(
                "The Kaggle competition <a href='https://www.kaggle.com/competitions/{}'>{}</a> "
                "asks {}.",
                contract.slug,
                contract.title,
                state.problem.question(),
            ),
            sentence(
                "Predictions are scored by {}; {} is better.",
                metric.name,
                "higher" if metric.maximize else "lower",
            ),
        ],
    )
