"""`compete kernel rehearse`: the notebook as Kaggle runs it, here."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.files import KERNEL, RAW, ROW_ID, SUBMISSION, note
from compete.kaggle_image import load_image
from compete.kernels import wheels
from compete.kernels.build import DATASET, MANIFEST, NOTEBOOK, OWNER, names
from compete.kernels.diagnosis import explain
from compete.kernels.environment import link, make_environment
from compete.kernels.hard_coded import hard_coded
from compete.kernels.hidden_data import HiddenTest, make_hidden
from compete.kernels.options import Options
from compete.kernels.process import Limits, Ran, run_notebook
from compete.kernels.requirements import find_needed
from compete.supervised.validate import validate

LAYOUTS = (
    ("{dataset}", "{competition}"),
    ("datasets/{owner}/{dataset}", "competitions/{competition}"),
    ("{dataset}", "competitions/{competition}"),
)
"""Where Kaggle mounts the data set and the competition below /kaggle/input."""

LOG = KERNEL / "rehearsal.log"


@dataclass
class Rehearsal:
    """What a rehearsal found.

    Args:
        faults: what would go wrong on Kaggle, each with its remedy.
        python: what ran it.
        kaggle_python: what Kaggle has.
        network: what kept it from the network: `namespace` (the system) or `guard` (Python).
        hidden: what is in the hidden test set.
        rows: of the hidden test set.
        seconds: from the first cell to the last.
        memory_gb: the most that it took.
        projected_hours: for as many rows as were asked for, None without.
        same_as_predict: the largest difference to what `compete predict` predicted for the same
            rows; of labels and texts, the part that differs.
        left_out_folds: for which there would be no time.
        stood_in: packages of the image, in the versions of this machine.
        not_installed: packages whose wheels are for Kaggle's Python only: those of here were used.
    """

    faults: list[dict[str, str]] = field(default_factory=list)
    python: str = ""
    kaggle_python: str = ""
    network: str = ""
    hidden: list[str] = field(default_factory=list)
    rows: int = 0
    seconds: float = 0.0
    memory_gb: float = 0.0
    projected_hours: float | None = None
    same_as_predict: float | None = None
    left_out_folds: int = 0
    stood_in: list[str] = field(default_factory=list)
    not_installed: list[str] = field(default_factory=list)


def rehearse(rows: int | None, *, as_json: bool = False) -> int:
    """Run the notebook as Kaggle would, and tell what would go wrong there.

    Args:
        rows: of the hidden test set, to which time is projected; None: not known.
        as_json: print JSON for a script to read.

    Returns:
        The exit code: 1 if something would go wrong.

    Raises:
        Fault: nothing was built yet.
    """
    found = run_rehearsal(rows)
    if as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        _show(found)
    return 1 if found.faults else 0


def run_rehearsal(rows: int | None = None, *, hidden: bool = True) -> Rehearsal:
    """Rehearse, and return what was found.

    Args:
        rows: of the hidden test set, to which time is projected.
        hidden: swap a hidden test set in; else the visible one is predicted.

    Raises:
        Fault: nothing was built yet.
    """
    if not (DATASET / MANIFEST).is_file() or not (NOTEBOOK / "notebook.ipynb").is_file():
        raise Fault("There is no notebook yet.", "Run `compete kernel build` first.")
    contract, image = Contract.load(), load_image()
    options = Options.read(DATASET / "project" / Options.FILE) or Options()
    found = Rehearsal(kaggle_python=image.python)
    shipped = find_needed(image).shipped
    faults = [*wheels.check(DATASET / "wheels", image, shipped), *hard_coded(NOTEBOOK, DATASET)]
    if faults:
        found.faults = [_as_dict(fault) for fault in faults]
        return found
    with _folder() as folder:
        environment = make_environment(folder, image, shipped, DATASET / "wheels")
        found.python, found.stood_in = environment.version, environment.stood_in
        found.not_installed = environment.not_installed
        if hidden:
            test = make_hidden(contract, folder / "competition", rows)
        else:
            sample = Path(contract.sample_submission).absolute()
            test = HiddenTest(RAW.absolute(), contract.rows, sample)
        found.hidden, found.rows = test.told, test.rows
        limits = Limits(3600 * options.hours, options.memory)
        for number, layout in enumerate(LAYOUTS):
            inputs, working = folder / f"input{number}", folder / f"working{number}"
            _mount(inputs, layout, contract, test.folder)
            working.mkdir()
            cells = 0 if number == 0 else 1  # elsewhere it must find its inputs, which is a cell
            ran = run_notebook(environment, folder, inputs, working, limits, cells)
            if number == 0:
                LOG.write_text(ran.log, encoding="utf-8")
                _judge(found, ran, contract, test, working / SUBMISSION.name, limits, rows)
            elif ran.error is not None:
                found.faults.append(_as_dict(explain(ran, limits, LOG)))
            if found.faults:
                break
    return found


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield a folder outside of the project, which is gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix="compete-rehearsal-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _mount(inputs: Path, layout: tuple[str, str], contract: Contract, data: Path) -> None:
    """Lay the data set and the competition's data where Kaggle may mount them."""
    slugs = {"dataset": names()[0], "owner": OWNER.lower(), "competition": contract.slug}
    for pattern, source in zip(layout, (DATASET.absolute(), data), strict=True):
        place = inputs / pattern.format(**slugs)
        place.parent.mkdir(parents=True, exist_ok=True)
        link(source, place)


def _judge(
    found: Rehearsal,
    ran: Ran,
    contract: Contract,
    test: HiddenTest,
    submission: Path,
    limits: Limits,
    rows: int | None,
) -> None:
    """Note what the run took, and what is wrong with it or with its submission."""
    found.network = "namespace" if not ran.network else "guard"
    found.seconds, found.memory_gb = ran.seconds, ran.memory_gb
    found.left_out_folds = int(ran.report.get("left_out", 0))
    if ran.error is not None or ran.stopped or ran.attempts:
        found.faults.append(_as_dict(explain(ran, limits, LOG)))
        return
    faults = []
    if not submission.is_file():
        faults.append(
            Fault(
                "The notebook wrote no submission.csv.",
                f"Write it to the folder WORKING, as `compete kernel build` does; see {LOG}.",
            )
        )
    else:
        faults += _check_submission(contract, test, submission)
        found.same_as_predict = difference(contract, test, submission)
    if rows:
        # What grows with the rows; to import, install and load takes the same time for any number.
        varying = float(ran.report.get("prepare_seconds", 0)) + sum(ran.report.get("seconds", []))
        projected = ran.seconds + varying * max(0, rows / max(1, test.rows) - 1)
        found.projected_hours = projected / 3600
        if projected > limits.seconds:
            faults.append(
                Fault(
                    f"It would run out of time: {rows} rows would take {projected / 3600:.1f} "
                    f"hours, and the competition gives {limits.seconds / 3600:g}.",
                    "Predict with fewer folds or members, without test-time augmentation, with a "
                    "larger --batch-size or on an accelerator; then build again.",
                )
            )
    found.faults += [_as_dict(fault) for fault in faults]


def _check_submission(contract: Contract, test: HiddenTest, submission: Path) -> list[Fault]:
    hidden = replace(contract, sample_submission=str(test.sample), rows=test.rows)
    verdict = validate(submission, hidden)
    if not verdict.faults:
        return []
    column = contract.id_column
    table = pl.read_csv(submission, infer_schema=False)
    visible = set(contract.read_sample()[ROW_ID])
    if test.twins and column in table.columns and set(table[column]) <= visible:
        return [
            Fault(
                "The submission has the ids of the visible test set: the notebook does not read "
                "the test set that lies there when Kaggle reruns it.",
                "Read the test set from the folder of the competition's data in each run, and "
                "ship no predictions or test rows with the data set.",
            )
        ]
    return [
        Fault(f"Kaggle would refuse the submission: {fault}.", f"See {LOG}.")
        for fault in verdict.faults
    ]


def difference(contract: Contract, test: HiddenTest, submission: Path) -> float | None:
    """Return how far the predictions are from those that `compete predict` made of the same rows.

    Args:
        contract: what the competition asks for.
        test: which hidden rows are which visible ones.
        submission: the predictions for the hidden rows.

    Returns:
        The largest difference; of labels and texts the part that differs. None if nothing is known.
    """
    key = contract.id_column
    if key is None or not SUBMISSION.is_file() or not test.twins:
        return None
    first: dict[str, str] = {}
    for new, old in test.twins.items():
        first.setdefault(old, new)
    pairs = pl.DataFrame({"old": list(first), "new": list(first.values())})
    both = pairs.join(
        pl.read_csv(SUBMISSION, infer_schema=False), left_on="old", right_on=key
    ).join(pl.read_csv(submission, infer_schema=False), left_on="new", right_on=key, suffix=" now")
    if both.is_empty():
        return None
    worst = 0.0
    for name in contract.value_columns:
        before, now = both[name], both[f"{name} now"]
        if contract.prediction in ("label", "text"):
            worst = max(worst, float((before != now).to_numpy().mean()))
        else:
            apart = (before.cast(pl.Float64) - now.cast(pl.Float64)).abs().to_numpy()
            worst = max(worst, float(apart.max(initial=0)))
    return worst


def _as_dict(fault: Fault) -> dict[str, str]:
    return {"what": fault.what, "remedy": fault.remedy}


def _show(found: Rehearsal) -> None:
    for fault in found.faults:
        print(f"fault: {fault['what']}\n       {fault['remedy']}")
    if found.python and found.python != found.kaggle_python:
        own = ", ".join(found.not_installed)
        note(
            f"Python {found.python}, this project's, stands in for Kaggle's {found.kaggle_python}"
            + (f"; wheels that it can't install were checked only: {own}" if own else "")
            + f". `uv sync --python {found.kaggle_python}` makes a rehearsal as on Kaggle."
        )
    if found.stood_in:
        note(f"  stood in  {len(found.stood_in)} packages of the image, in the versions of here")
    if found.hidden:
        note(f"  hidden    {'; '.join(found.hidden)}")
    if found.seconds:
        how = "no network namespace here: Python's sockets are blocked"
        note(f"  network   {'none' if found.network == 'namespace' else how}")
        note(f"  took      {found.seconds:.1f} s, {found.memory_gb:.2f} GB on this machine")
    if found.projected_hours is not None:
        note(f"  projected {found.projected_hours:.2f} hours")
    if found.left_out_folds:
        note(f"  left out  {found.left_out_folds} folds, for which there was no time")
    if found.same_as_predict is not None:
        note(f"  predicts  as `compete predict` does, but for {found.same_as_predict:.2g}")
    count = len(found.faults)
    state = f"{count} fault{'s' * (count > 1)}" if count else "no faults"
    print(f"{NOTEBOOK / 'notebook.ipynb'}: rehearsed, {state}.")
