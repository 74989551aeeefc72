"""`compete export`: the trained models as a page that predicts in the visitor's browser."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from compete.contract import Contract
from compete.errors import Fault
from compete.export.demo import Demo, Exportable, NotExportable
from compete.export.graph import BATCH_SIZES, to_checked_onnx
from compete.export.page import Graph, write_page
from compete.export.record import DEMO, Exported, ExportedModel, Int8
from compete.files import note
from compete.problems import get_problem
from compete.project import author
from compete.records import FoldRun, Prepared, Scores
from compete.supervised.inference import load_fold
from compete.supervised.int8 import Int8Trial
from compete.training.config import LIGHT, load_config, member_names
from compete.training.trainer import silence_advice

_PATIENCE = 50_000_000  # bytes of weights that a visitor may be asked to wait for


@dataclass(frozen=True)
class _Choice:
    """A trained fold, and its weight in the mean of all."""

    member: str
    fold: int
    weight: float
    size: int


def export(member: str | None, fold: int | None, int8: bool = False) -> None:
    """Write `reports/demo/index.html` with what it needs beside it.

    It predicts what `compete predict` does: the mean over views and folds, the blend of members.
    With more than 50 MB of weights, or if the task gives in `ALONE` a reason to run one model only,
    it is one fold of the heaviest member.

    Args:
        member: the only member that goes into the demo; None: all that are in the blend.
        fold: the only fold of each member; None: all.
        int8: quantize members to 8-bit integers if their score holds.

    Raises:
        Fault: nothing is predicted yet, or no model can be exported.
    """
    silence_advice()
    scores = Scores.load()
    if scores is None:
        raise Fault("Nothing is predicted yet.", "Run `compete predict` first.")
    task = _task()
    contract = Contract.load()
    everything = _choices(scores, None, None)
    chosen = _choices(scores, member, fold)
    alone = getattr(task, "ALONE", "") if len(everything) > 1 else ""
    if alone and len(chosen) > 1:
        chosen = chosen[:1]
        note(f"The demo has fold {chosen[0].fold} of {chosen[0].member} alone. {alone}")
    size = sum(one.size for one in chosen)
    if member is None and fold is None and len(chosen) > 1 and size > _PATIENCE:
        note(
            f"All {len(chosen)} models are {size / 1e6:.0f} MB, too much to wait for: the demo "
            f"has fold {chosen[0].fold} of {chosen[0].member} alone. "
            "`--member` gives you all folds of a member."
        )
        chosen = chosen[:1]
    graphs, left_out, demo, tried = _export_all(task, contract, chosen, int8)
    whole = {(one.model.member, one.model.fold) for one in graphs} == {
        (one.member, one.fold) for one in everything
    }
    record = Exported(
        task=demo.task,
        whole=whole and demo.whole,
        models=[one.model for one in graphs],
        left_out=[*left_out, *([alone] if alone else [])],
        size=0,
        checked=max(one.rows for one in graphs),
        batch_sizes=list(BATCH_SIZES),
        int8=tried,
    )
    problem = get_problem(contract)
    record = write_page(
        record,
        graphs,
        demo,
        contract,
        problem.name,
        problem.output_names,
        scores.cv.threshold if whole else 0.5,
        scores.cv.cut_points if whole else [],
    )
    worst = max(one.difference for one in record.models)
    note(
        f"{len(graphs)} models in ONNX, {record.size / 1e6:.1f} MB to load with what runs them; "
        f"{'in floats, ' if any(one.kept for one in tried) else ''}they differ from torch by "
        f"{worst:.1e} at most."
    )
    note(f"Wrote {DEMO / 'index.html'}: open it in a browser.")


def _choices(scores: Scores, member: str | None, fold: int | None) -> list[_Choice]:
    """Return the trained folds that make the prediction, those that count most first."""
    prepared = Prepared.load()
    if member is not None and member not in scores.members:
        known = ", ".join(name for name in member_names() if name in scores.members)
        raise Fault(f"No member {member!r} has predicted.", f"Choose one of: {known}.")
    found = []
    for name, one in scores.members.items():
        folds = one.trained[-1:] if prepared.fold_kind == "time" else one.trained
        folds = [k for k in folds if fold in (None, k)]
        weight = one.weight if member is None else float(name == member)
        for k in folds if weight else []:
            size = (FoldRun.folder(name, k) / "model.safetensors").stat().st_size
            found.append(_Choice(name, k, weight / len(folds), size))
    if not found:
        raise Fault(
            f"Fold {fold} is not trained.",
            f"Choose one of {sorted({k for one in scores.members.values() for k in one.trained})}.",
        )
    return sorted(found, key=lambda one: -one.weight)


def _task() -> Any:
    """Return the task's module `export`. Raise `Fault` if it has none."""
    name = f"{author('settings', 'Settings').task}.export"
    if find_spec(name) is None:
        raise Fault(
            f"There is no demo yet for the task {name.split('.')[-2]}.",
            "`compete report` shows the project without one.",
        )
    return import_module(name)


def _export_all(
    task: Any, contract: Contract, chosen: Sequence[_Choice], int8: bool
) -> tuple[list[Graph], list[str], Demo, list[Int8]]:
    """Return the graphs, why members are left out, what the page asks for, what int8 changes.

    Raises:
        Fault: no member can be exported.
    """
    graphs: list[Graph] = []
    left_out: dict[str, str] = {}
    demo: Demo | None = None
    trials: dict[str, Int8Trial] = {}
    for one in chosen:
        if one.member in left_out:
            continue
        note(f"exporting {one.member} fold {one.fold}")
        data, model = load_fold(contract, load_config(one.member, sections=LIGHT), one.fold)
        try:
            ready: Exportable = task.exportable(data, model)
            content, apart, took = to_checked_onnx(ready)
            parts = {name: to_checked_onnx(part) for name, part in ready.parts.items()}
        except NotExportable as error:
            left_out[one.member] = f"Member {one.member} is left out: {error}."
            note(left_out[one.member])
            graphs = [graph for graph in graphs if graph.model.member != one.member]
            continue
        demo = demo or task.describe(contract, data)
        if int8:
            folds = sum(other.member == one.member for other in chosen)
            trials.setdefault(one.member, Int8Trial(one.member, folds)).add(data, ready, content)
        record = ExportedModel(
            one.member,
            one.fold,
            one.weight,
            len(content) + sum(len(part) for part, _, _ in parts.values()),
            max(apart, *(other for _, other, _ in parts.values()), 0.0),
            round(took + sum(other for _, _, other in parts.values()), 2),
        )
        rows = len(next(iter(ready.inputs.values())))
        contents = {name: part for name, (part, _, _) in parts.items()}
        graphs.append(Graph(record, content, ready.encoding, ready.assets, rows, contents))
    if demo is None or not graphs:
        raise Fault(
            f"No model can run in a browser. {' '.join(left_out.values())}",
            "Train a member that can, or show the report alone.",
        )
    tried = []
    for member, trial in trials.items():
        if member in left_out:
            continue
        tried.append(trial.decide())
        note(tried[-1].sentence)
        if tried[-1].kept:
            graphs = _in_int8(graphs, member, trial)
    return graphs, list(left_out.values()), demo, tried


def _in_int8(graphs: Sequence[Graph], member: str, trial: Int8Trial) -> list[Graph]:
    """Return the graphs with those of a member quantized."""
    made = iter(zip(trial.graphs, trial.milliseconds, strict=True))
    found = []
    for graph in graphs:
        if graph.model.member == member:
            content, time = next(made)
            model = replace(
                graph.model, size=len(content), milliseconds=round(time, 2), precision="int8"
            )
            graph = replace(graph, content=content, model=model)
        found.append(graph)
    return found
