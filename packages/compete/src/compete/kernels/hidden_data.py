"""Makes a hidden test set of the visible one: other ids, more rows, and what nobody has seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.files import IMAGE, PROCESSED, RAW, ROW_ID
from compete.kernels.environment import link
from compete.table_files import read_text
from compete.table_files.packing import TYPED, kind

_MOST = 20_000  # hidden rows of a rehearsal
_MOST_IMAGES = 1_000
_UNSEEN = "never seen before"
_BROKEN = b"this is no image"


@dataclass
class HiddenTest:
    """A hidden test set.

    Args:
        folder: the competition's data with it.
        rows: how many it has.
        twins: the visible id of each hidden one that has the same inputs.
        told: what is in it, in words.
        sample: its sample submission.
    """

    folder: Path
    rows: int
    sample: Path
    twins: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


def make_hidden(contract: Contract, folder: Path, rows: int | None = None) -> HiddenTest:
    """Make the competition's data anew with a hidden test set in place of the visible one.

    Where the format of its files is one that is not written here, the test set stays the visible
    one, and `told` says so.

    Args:
        contract: what the competition asks for.
        folder: where to make it; files that stay the same are links.
        rows: that Kaggle's has. As many are made, if they are not too many to rehearse with; by
            default half as many again as there are visible ones.
    """
    swapped = _swap(contract, folder, rows)
    sample = folder / Path(contract.sample_submission).relative_to(RAW)
    for path in sorted(RAW.rglob("*")):
        target = folder / path.relative_to(RAW)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif swapped is None or path not in swapped.gone:
            target.parent.mkdir(parents=True, exist_ok=True)
            link(path.absolute(), target)
    if swapped is None:
        told = ["the visible test set: its files are of a format that no other one is made of"]
        return HiddenTest(folder, contract.rows, sample, told=told)
    return HiddenTest(folder, len(swapped.new), sample, swapped.twins, swapped.told)


@dataclass
class _Swap:
    """The visible and the hidden ids, row by row; and the files that are not as they were."""

    new: list[str]
    twins: dict[str, str]
    told: list[str]
    gone: set[Path]


def _swap(contract: Contract, folder: Path, rows: int | None) -> _Swap | None:
    """Write the tables and images of the hidden test set; None where that can't be done."""
    sample_path, key = Path(contract.sample_submission), contract.id_column
    uses = {Path(path): use for path, use in contract.tables.items()}
    test_path = next((p for p, use in uses.items() if use.startswith("the rows to predict")), None)
    both = any("without targets the rows to predict" in use for use in uses.values())
    changed = [path for path in (sample_path, test_path) if path is not None]
    if both or key is None or any(not _is_csv(path) for path in changed):
        return None
    visible = read_text(sample_path)[key].to_list()
    images = IMAGE in pl.read_parquet_schema(PROCESSED / "test.parquet")
    least, most = len(visible) + (len(visible) + 1) // 2, _MOST_IMAGES if images else _MOST
    count = max(least, min(rows or 0, most))
    old = [visible[place % len(visible)] for place in range(count)]
    new = new_ids(old, taken=_ids_of_training(uses, key))
    for path in uses:
        if path not in changed and "training" not in uses[path] and _is_csv(path):
            changed.append(path)
    pairs = pl.DataFrame({"old": old, "new": new})
    told = [f"{len(new)} rows instead of {len(visible)}, with other ids"]
    gone = set()
    for path in changed:
        table = read_text(path)
        if column := _id_column(table, key, visible):
            made = pairs.join(
                table, left_on="old", right_on=column, how="inner", maintain_order="left"
            )
            made = made.drop("old").rename({"new": column}).select(table.columns)
        elif path == test_path and table.height == len(visible):  # rows in the sample's order
            made = table[[place % table.height for place in range(count)]]
        else:
            continue
        if path == test_path:
            made = _with_unseen_category(made, contract, told)
        target = folder / path.relative_to(RAW)
        target.parent.mkdir(parents=True, exist_ok=True)
        made.write_csv(target)
        gone.add(path)
    gone |= _rename_images(pairs, folder, told)
    twins = dict(zip(new, old, strict=True))
    return _Swap(new, twins, told, gone)


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and kind(path) not in TYPED


def _ids_of_training(uses: dict[Path, str], key: str) -> list[str]:
    """Return the ids of the training rows, where they have some."""
    for path, use in uses.items():
        if use.startswith("the training rows"):
            try:
                table = read_text(path)
            except (Fault, OSError):
                return []
            return table[key].drop_nulls().to_list() if key in table.columns else []
    return []


def new_ids(old: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Return as many ids that are none of these, and written like them.

    Args:
        old: numbers, names, or names of files.
        taken: others that must not come again.
    """
    numbers = [int(one) for one in (*old, *taken) if re.fullmatch(r"\d+", one)]
    if len(numbers) == len(old) + len(taken):
        width = len(old[0]) if any(one.startswith("0") for one in old) else 0
        return [str(max(numbers) + 1 + place).zfill(width) for place in range(len(old))]
    made = []
    for place, one in enumerate(old):
        path = PurePosixPath(one)
        made.append(path.with_name(f"{path.stem}-hidden{place}{path.suffix}").as_posix())
    return made


def _id_column(table: pl.DataFrame, key: str, visible: list[str]) -> str | None:
    """Return the column of a table that holds ids of visible test rows, None if none does."""
    ids = set(visible)
    for name in sorted(table.columns, key=lambda name: name != key):
        values = set(table[name].drop_nulls())
        if len(values & ids) >= (1 if name == key else len(ids)):
            return name
    return None


def _with_unseen_category(table: pl.DataFrame, contract: Contract, told: list[str]) -> pl.DataFrame:
    """Put a value into the last row that no training row has."""
    for name, feature in contract.features.items():
        if feature.kind not in ("category", "side") or name not in table.columns:
            continue
        values = table[name].drop_nulls()
        if values.is_empty() or values.cast(pl.Float64, strict=False).null_count() < len(values):
            continue
        if set(values.str.to_lowercase()) <= {"true", "false"}:
            continue
        told.append(f"an unseen category in {name}")
        last = pl.int_range(pl.len()) == table.height - 1
        return table.with_columns(pl.when(last).then(pl.lit(_UNSEEN)).otherwise(name).alias(name))
    return table


def _rename_images(pairs: pl.DataFrame, folder: Path, told: list[str]) -> set[Path]:
    """Give each hidden row its image under its id, the last one a broken one.

    Returns:
        The files of the visible rows, which Kaggle takes away.
    """
    test = pl.read_parquet(PROCESSED / "test.parquet")
    if IMAGE not in test.columns:
        return set()
    files = dict(test.select(ROW_ID, IMAGE).drop_nulls().iter_rows())
    gone: set[Path] = set()
    last = None
    for old, new in pairs.iter_rows():
        path = Path(files.get(old, ""))
        if path.stem != PurePosixPath(old).stem and path.name != PurePosixPath(old).name:
            continue
        name = PurePosixPath(new).name
        suffix = "" if PurePosixPath(name).suffix == path.suffix else path.suffix
        last = folder / path.relative_to(RAW).with_name(f"{name}{suffix}")
        last.parent.mkdir(parents=True, exist_ok=True)
        link(path.absolute(), last)
        gone.add(path)
    if last is not None:
        last.unlink()
        last.write_bytes(_BROKEN)
        told.append("a broken image")
    return gone
