"""What a rehearsal found, and how it is shown."""

from dataclasses import dataclass, field

from compete.errors import Fault
from compete.files import note
from compete.kernels.folder import NOTEBOOK


@dataclass
class Rehearsal:
    """What a rehearsal found.

    Args:
        faults: what would go wrong on Kaggle, each with its remedy.
        warnings: what was tried, failed as it will on Kaggle, and did no harm; what may cost score.
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
        of_rows: whether it is the part.
        checked: of a file that is no table: what was looked at, or played.
        server: of a competition that asks batch by batch, when it was started and how fast it is.
        left_out_folds: for which there would be no time.
        stood_in: packages of the image, in the versions of this machine.
        not_installed: packages whose wheels are for Kaggle's Python only: those of here were used.
    """

    faults: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    python: str = ""
    kaggle_python: str = ""
    network: str = ""
    hidden: list[str] = field(default_factory=list)
    rows: int = 0
    seconds: float = 0.0
    memory_gb: float = 0.0
    projected_hours: float | None = None
    same_as_predict: float | None = None
    of_rows: bool = False
    left_out_folds: int = 0
    checked: str = ""
    server: str = ""
    stood_in: list[str] = field(default_factory=list)
    not_installed: list[str] = field(default_factory=list)

    def add(self, *faults: Fault) -> None:
        """Note what would go wrong on Kaggle."""
        self.faults += [{"what": one.what, "remedy": one.remedy} for one in faults]


def show(found: Rehearsal) -> None:
    """Print the faults and how many there are; what is only told goes to stderr."""
    for fault in found.faults:
        print(f"fault: {fault['what']}\n       {fault['remedy']}")
    for warning in found.warnings:
        print(f"warning: {warning}")
    if found.python and found.python != found.kaggle_python:
        own = ", ".join(found.not_installed)
        note(
            f"Python {found.python}, this project's, stands in for Kaggle's {found.kaggle_python}"
            + (f"; wheels that it can't install were checked only: {own}" if own else "")
            + ". With --exact it is Kaggle's, with the versions of its packages."
        )
    if found.stood_in:
        note(f"  stood in  {len(found.stood_in)} packages of the image, in the versions of here")
    elif found.python:
        note(f"  packages  the image's own versions, on Python {found.python}")
    if found.hidden:
        note(f"  hidden    {'; '.join(found.hidden)}")
    if found.seconds:
        how = "no network namespace here: Python's sockets are blocked"
        note(f"  network   {'none' if found.network == 'namespace' else how}")
        note(f"  took      {found.seconds:.1f} s, {found.memory_gb:.2f} GB on this machine")
    if found.checked:
        note("  writes    byte for byte the file that `compete submit` sends")
        note(f"  checked   {found.checked}")
    if found.server:
        note(f"  server    {found.server}; a gateway of this machine stood in for Kaggle's")
    if found.projected_hours is not None:
        note(f"  projected {found.projected_hours:.2f} hours")
    if found.left_out_folds:
        note(f"  left out  {found.left_out_folds} folds, for which there was no time")
    if found.same_as_predict is not None:
        apart = found.same_as_predict
        told = f"{apart:.0%} of the rows differ" if found.of_rows else f"within {apart:.2g}"
        note(f"  predicts  what `compete predict` does for the same inputs: {told}")
        if apart and found.of_rows:
            note("            (a row's batch decides its last digits, and how far a text may go)")
    count = len(found.faults)
    state = f"{count} fault{'s' * (count > 1)}" if count else "no faults"
    print(f"{NOTEBOOK / 'notebook.ipynb'}: rehearsed, {state}.")
