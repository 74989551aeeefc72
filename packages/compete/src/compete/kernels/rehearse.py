"""`compete kernel rehearse`: the notebook as Kaggle runs it, here."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from compete import project
from compete.contract import Contract
from compete.errors import Fault
from compete.files import RAW, SUBMISSION, file_digest
from compete.kaggle_image import load_image
from compete.kernels import wheels
from compete.kernels.diagnosis import explain
from compete.kernels.environment import link, make_environment
from compete.kernels.finished_file import load_facts, name_on_kaggle
from compete.kernels.folder import DATASET, MANIFEST, NOTEBOOK, OWNER, names
from compete.kernels.hard_coded import hard_coded
from compete.kernels.hidden_data import HiddenTest, make_hidden
from compete.kernels.inference_server import ADDRESS, Gateway, find_server, socket_in, stand_in
from compete.kernels.options import Options
from compete.kernels.process import Limits, Ran, run_notebook
from compete.kernels.rehearsal import Rehearsal, show
from compete.kernels.requirements import Needed, find_needed
from compete.kernels.submission_check import LOG, check_submission, difference

LAYOUTS = (
    ("{dataset}", "{competition}"),
    ("datasets/{owner}/{dataset}", "competitions/{competition}"),
    ("{dataset}", "competitions/{competition}"),
)
"""Where Kaggle mounts the data set and the competition below /kaggle/input."""

_TRIED = {"network": "reach", "path": "read", "write": "write"}


def rehearse(rows: int | None, *, exact: bool = False, as_json: bool = False) -> int:
    """Run the notebook as Kaggle would, and tell what would go wrong there.

    Args:
        rows: of the hidden test set, to which time is projected; None: not known.
        exact: with Kaggle's Python, and the image's packages in its versions.
        as_json: print JSON for a script to read.

    Returns:
        The exit code: 1 if something would go wrong.

    Raises:
        Fault: nothing was built yet.
    """
    found = run_rehearsal(rows, exact=exact)
    if as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        show(found)
    return 1 if found.faults else 0


def run_rehearsal(rows: int | None = None, *, exact: bool = False) -> Rehearsal:
    """Rehearse, and return what was found.

    Args:
        rows: of the hidden test set, to which time is projected.
        exact: with Kaggle's Python, and the image's packages in its versions.

    Raises:
        Fault: nothing was built yet.
    """
    if not (DATASET / MANIFEST).is_file() or not (NOTEBOOK / "notebook.ipynb").is_file():
        raise Fault("There is no notebook yet.", "Run `compete kernel build` first.")
    if not project.has_workflow("hidden"):
        return _rehearse_file(rows, exact=exact)
    contract, image = Contract.load(), load_image()
    options = Options.read(DATASET / "project" / Options.FILE) or Options()
    found = Rehearsal(kaggle_python=image.python)
    needed, shipped = find_needed(image), DATASET / "wheels"
    faults = [*wheels.check(shipped, image, needed.shipped), *hard_coded(NOTEBOOK, DATASET)]
    if faults:
        found.add(*faults)
        return found
    with _folder() as folder:
        environment = make_environment(folder, image, needed, shipped, exact=exact)
        found.python, found.stood_in = environment.version, environment.stood_in
        found.not_installed = environment.not_installed
        test = make_hidden(contract, folder / "competition", rows)
        found.hidden, found.rows = test.told, test.rows
        limits = Limits(3600 * options.hours, options.memory)
        server = find_server(RAW)
        if server is not None:
            stand_in(test.folder, server)
        for number, layout in enumerate(LAYOUTS):
            inputs, working = folder / f"input{number}", folder / f"working{number}"
            _mount(inputs, layout, contract.slug, test.folder)
            working.mkdir()
            submission = working / SUBMISSION.name
            if number:  # elsewhere it must find its inputs, which is the first cell
                ran = run_notebook(environment, folder, inputs, working, limits, cells=1)
                if ran.error is not None:
                    found.add(explain(ran, limits, LOG))
            elif server is None:
                ran = run_notebook(environment, folder, inputs, working, limits)
                _judge(found, ran, contract, test, submission, limits)
                varying = ran.report.get("prepare_seconds", 0) + sum(ran.report.get("seconds", []))
            else:
                gateway = Gateway(socket_in(folder), contract, test, submission)
                gateway.start()
                told = {ADDRESS: gateway.address, "KAGGLE_IS_COMPETITION_RERUN": "1"}
                ran = run_notebook(environment, folder, inputs, working, limits, told=told)
                gateway.finish()
                found.server = (
                    f"{server.name}, started after {gateway.start_seconds:.1f} s, "
                    f"answered within {gateway.batch_seconds:.1f} s (the first batch aside)"
                )
                if gateway.fault is not None:
                    found.add(gateway.fault)
                _judge(found, ran, contract, test, submission, limits)
                varying = ran.seconds - gateway.start_seconds
            if found.faults:
                break
        if rows and found.seconds and not found.faults:
            _project(found, varying, rows, limits)
    return found


def _rehearse_file(rows: int | None, *, exact: bool) -> Rehearsal:
    """Rehearse a notebook that hands over a finished file, and check the file as Kaggle does."""
    if rows is not None:
        raise Fault("This competition has no test rows.", "Leave out --rows.")
    facts, image, options = load_facts(), load_image(), Options()
    found = Rehearsal(kaggle_python=image.python)
    built = json.loads((DATASET / MANIFEST).read_text(encoding="utf-8"))
    if built.get("submission") != file_digest(facts.file):
        what = f"{facts.file} is another one than when the notebook was built."
        found.add(Fault(what, "Run `compete kernel build` again."))
    found.add(*hard_coded(NOTEBOOK, DATASET))
    if found.faults:
        return found
    with _folder() as folder:
        environment = make_environment(folder, image, Needed(), DATASET / "wheels", exact=exact)
        found.python, found.stood_in = environment.version, environment.stood_in
        data, limits = folder / "competition", Limits(3600 * options.hours, options.memory)
        data.mkdir()  # the notebook reads nothing of it
        for number, layout in enumerate(LAYOUTS):
            inputs, working = folder / f"input{number}", folder / f"working{number}"
            _mount(inputs, layout, facts.slug, data)
            working.mkdir()
            ran = run_notebook(environment, folder, inputs, working, limits)
            _tell_run(found, ran, limits)
            if found.faults:
                return found
            written = working / name_on_kaggle(facts.file)
            if not written.is_file() or written.read_bytes() != facts.file.read_bytes():
                what = f"The notebook does not write {written.name} as {facts.file} is."
                found.add(Fault(what, "Run `compete kernel build` again."))
                return found
        check = project.workflow_module("validate")
        verdict = getattr(check, "check_as_kaggle", check.check)(written)
    for fault in verdict.faults:
        found.add(Fault(f"Kaggle would refuse {facts.file}: {fault}.", "See `compete validate`."))
    found.warnings += verdict.warnings
    found.checked = verdict.looked_at
    return found


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield a folder outside of the project, which is gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix="compete-rehearsal-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _mount(inputs: Path, layout: tuple[str, str], competition: str, data: Path) -> None:
    """Lay the data set and the competition's data where Kaggle may mount them."""
    slugs = {"dataset": names()[0], "owner": OWNER.lower(), "competition": competition}
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
) -> None:
    """Note what the run took, and what is wrong with it or with its submission."""
    _tell_run(found, ran, limits)
    if found.faults:
        return
    found.add(*check_submission(contract, test, submission))
    if not found.faults:
        found.same_as_predict = difference(contract, test, submission)
        found.of_rows = contract.prediction in ("label", "text")


def _tell_run(found: Rehearsal, ran: Ran, limits: Limits) -> None:
    """Note what a run took, and what went wrong in it."""
    LOG.write_text(ran.log, encoding="utf-8")
    found.network = "namespace" if not ran.network else "guard"
    found.seconds, found.memory_gb = ran.seconds, ran.memory_gb
    found.left_out_folds = int(ran.report.get("left_out", 0))
    if ran.error is not None or ran.stopped:
        found.add(explain(ran, limits, LOG))
        return
    on = "it went on, and will on Kaggle"
    tried = {f"It tried to {_TRIED[one['kind']]} {one['what']}; {on}": None for one in ran.attempts}
    found.warnings = list(tried)


def _project(found: Rehearsal, varying: float, rows: int, limits: Limits) -> None:
    """Project the time to the rows that Kaggle has.

    Args:
        found: gets the hours, and a fault if they are too many.
        varying: the seconds that grow with the rows; to import, install and load takes as long
            for any number.
        rows: of Kaggle's hidden test set.
        limits: of time.
    """
    projected = found.seconds + varying * max(0, rows / max(1, found.rows) - 1)
    found.projected_hours = projected / 3600
    if projected > limits.seconds:
        found.add(
            Fault(
                f"It would run out of time: {rows} rows would take {projected / 3600:.1f} hours, "
                f"and the competition gives {limits.seconds / 3600:g}.",
                "Predict with fewer folds or members, without test-time augmentation, with a "
                "larger --batch-size or on an accelerator; then build again.",
            )
        )
