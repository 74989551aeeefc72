"""What the training cost."""

from compete.export.record import Exported
from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section, number, sentence

# Power under load: of a usual desktop processor, and of a usual data-centre GPU.
_WATTS = {"cpu": 65, "cuda": 300, "mps": 30}
_DEVICES = {"cpu": "CPU", "cuda": "GPU", "mps": "Apple GPU"}


def cost_section(state: ProjectState, trained: str) -> Section:
    """State time and hardware, and estimate the energy.

    Args:
        state: of the project.
        trained: what the time was for, such as `5 folds`.
    """
    section = Section("cost", "Training cost", half=True)
    if not state.costs:
        section.nothing = "Nothing is trained yet."
        return section
    watts = {cost.device: _WATTS.get(cost.device, _WATTS["cpu"]) for cost in state.costs}
    joules = sum(cost.seconds * cost.devices * watts[cost.device] for cost in state.costs)
    section.text += [
        sentence(
            "Training {} took {} minutes in total on {}.",
            trained,
            number(state.seconds / 60, _form(state.seconds / 60), "minutes"),
            ", ".join(sorted({cost.hardware or cost.device for cost in state.costs})),
        ),
        sentence(
            "This is about {} Wh of energy, estimated from {}, not measured.",
            number(joules / 3600, _form(joules / 3600)),
            ", ".join(f"{watts[one]} W per {_DEVICES.get(one, one)}" for one in sorted(watts)),
        ),
    ]
    if demo := Exported.load():
        section.text.append(
            sentence(
                f"The demo downloads {{}} MB and predicts in {{}} ms on one core, with "
                f"{_models(demo)}.",
                number(demo.size / 1e6, ".1f"),
                number(sum(model.milliseconds for model in demo.models), ".3g"),
            )
        )
        section.text += [sentence("{}", one.sentence) for one in demo.int8]
    return section


def _form(quantity: float) -> str:
    return ".1f" if quantity >= 1 else ".2g"


def _models(demo: Exported) -> str:
    return "one model" if len(demo.models) == 1 else f"{len(demo.models)} models"
