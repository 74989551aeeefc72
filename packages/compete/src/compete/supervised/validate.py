"""Checks a submission as Kaggle does, and reports every fault by name and line."""

import csv
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.files import ROW_ID, SUBMISSION
from compete.problems import get_problem
from compete.verdict import SubmissionFacts, Verdict

EXAMPLES = 5  # lines or ids named for each fault
LINE, NUMBER = "__line__", "__number__"


@dataclass
class TableVerdict(Verdict):
    """The verdict on a table, with its number of rows."""

    rows: int = 0

    @property
    def looked_at(self) -> str:
        """How many rows were checked."""
        return f"{self.rows} row{'' if self.rows == 1 else 's'}"


def submission_facts() -> SubmissionFacts:
    """Return what is sent, and where. Raise `Fault` if `prepare` has not run."""
    contract = Contract.load()
    return SubmissionFacts(contract.slug, SUBMISSION, contract.metric)


def check(file: Path) -> TableVerdict:
    """Check a submission against the project's contract. Raise `Fault` as `validate` does."""
    return validate(file, Contract.load())


check_before_sending = check


def validate(file: Path, contract: Contract) -> TableVerdict:
    """Check a submission against the contract and the sample submission.

    Raises `Fault` if there is no such file, or no sample that can be read to compare with.
    """
    verdict = TableVerdict(str(file))
    if not file.is_file():
        raise Fault(f"There is no file {file}.", "Run `compete predict`, or name another file.")
    content = file.read_bytes()
    if refusal := _unreadable(content):
        verdict.faults.append(refusal)
        return verdict
    try:
        table = _read(content)
    except pl.exceptions.PolarsError as error:
        verdict.faults.append(_ragged(file) or f"it is not a CSV table: {_first_line(error)}")
        return verdict
    verdict.rows = table.height
    faults = verdict.faults
    faults += _columns(table.columns[1:], contract.submission_columns)
    if contract.id_column in table.columns:
        faults += _ids(table.select(LINE, pl.col(contract.id_column).alias(ROW_ID)), contract)
    faults += _copies(table, contract)
    if table.height != contract.rows:
        faults.append(f"it has {table.height} rows; {contract.rows} are expected")
    numbers = [
        _values(table.select(LINE, column), column, contract, verdict)
        for column in contract.value_columns
        if column in table.columns
    ]
    _sums(table.select(LINE), numbers, contract, verdict)
    return verdict


def _unreadable(content: bytes) -> str | None:
    """Return what is wrong with the bytes themselves."""
    if not content.strip():
        return "it is empty"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4096]:
        return "it is not UTF-8 text (UTF-16, or not text at all); save it as UTF-8"
    if content.startswith(b"\xef\xbb\xbf"):
        return "it starts with a byte-order mark, which becomes part of the first column's name"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"line {content[: error.start].count(10) + 1}: it is not UTF-8 text"
    return None


def _read(content: bytes) -> pl.DataFrame:
    """Return every field as text, empty ones as "", with its line; blank lines are left out."""
    table = pl.read_csv(
        content,
        infer_schema=False,
        row_index_name=LINE,
        row_index_offset=2,
    )
    fields = pl.exclude(LINE)
    return table.filter(pl.any_horizontal(fields.is_not_null())).with_columns(fields.fill_null(""))


def _ragged(file: Path) -> str | None:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        width = len(next(rows, []))
        for row in rows:
            if row and len(row) != width:
                return f"line {rows.line_num}: {len(row)} fields where the header has {width}"
    return None


def _columns(found: list[str], expected: list[str]) -> list[str]:
    faults = []
    if len(found) == 1 and len(expected) > 1:
        for separator in ";\t|":
            if separator in found[0]:
                return [f"its fields are separated by {separator!r}; Kaggle reads commas"]
    if missing := [column for column in expected if column not in found]:
        faults.append(f"columns missing: {_some(missing)}")
    if extra := [column or "(no name)" for column in found if column not in expected]:
        hint = " (written with the index? use index=False)" if extra[0] == "(no name)" else ""
        faults.append(f"columns that are not expected: {_some(extra)}{hint}")
    if not faults and found != expected:
        faults.append(f"the order of the columns is {_some(found)}; it must be {_some(expected)}")
    return faults


def _ids(found: pl.DataFrame, contract: Contract) -> list[str]:
    """Return what is wrong with the ids, a table of lines and ids."""
    column, shown = ROW_ID, contract.id_column
    expected = contract.read_sample().select(ROW_ID)
    if found[column].equals(expected[column]) or found[column].sort().equals(
        expected[column].sort()
    ):
        return []
    faults = []
    blank = found.filter(pl.col(column) == "")
    if blank.height:
        faults.append(f"column {shown!r}: empty on {_lines(blank)}")
    if found.get_column(column).n_unique() < found.height:
        doubles = found.filter(~pl.col(column).is_first_distinct() & (pl.col(column) != ""))
        faults.append(f"column {shown!r}: the same id again on {_lines(doubles, column)}")
    unknown = found.join(expected, on=column, how="anti", maintain_order="left")
    unknown = unknown.filter(pl.col(column) != "")
    if unknown.height:
        faults.append(f"column {shown!r}: ids that are not asked for on {_lines(unknown, column)}")
    missing = expected.join(found, on=column, how="anti", maintain_order="left")
    if missing.height:
        faults.append(f"column {shown!r}: missing ids: {_some(missing.to_series().to_list())}")
    return faults


def _copies(table: pl.DataFrame, contract: Contract) -> list[str]:
    """Return which columns that are not predicted differ from the sample submission."""
    columns = [name for name in contract.copied_columns if name in table.columns]
    if not columns or table.height != contract.rows:
        return []
    sample = contract.read_sample().with_columns(pl.all().fill_null(""))
    if contract.id_column in table.columns:
        sample = table.select(contract.id_column).join(
            sample, on=contract.id_column, how="left", maintain_order="left"
        )
    other = {name: table.filter(table[name] != sample[name]) for name in columns}
    return [
        f"column {name!r}: other than in the sample submission on {_lines(bad, name)}"
        for name, bad in other.items()
        if bad.height
    ]


def _values(
    table: pl.DataFrame, column: str, contract: Contract, verdict: Verdict
) -> pl.Series | None:
    """Check one column of (line, text) into the verdict; return its numbers, if it has any."""
    text, kind = pl.col(column), contract.prediction
    filled = text != ""

    def add(condition: pl.Expr, what: str, to: list[str] = verdict.faults) -> None:
        bad = table.filter(condition)
        if bad.height:
            to.append(f"column {column!r}: {what} on {_lines(bad, column)}")

    add(~filled, "empty")
    cells = get_problem(contract).cells
    known = [str(item) for item in contract.classes]
    if cells == "name":
        add(filled & ~text.is_in(known), f"not one of the labels {_some(known)}")
    elif cells == "names":
        each = text.str.split(contract.label_separator)
        strange = ~each.list.eval(pl.element().is_in(known)).list.all()
        add(filled & strange, f"not made of the labels {_some(known)}")
        add(each.list.len() != each.list.n_unique(), "the same label twice in a row")
    if cells != "number":
        return None
    table = table.with_columns(text.cast(pl.Float64, strict=False).alias(NUMBER))
    number = pl.col(NUMBER)
    add(filled & number.is_null(), "not a number")
    add(number.is_nan(), "NaN")
    add(number.is_infinite(), "infinite")
    if kind == "probability":
        # AUC and the like only ask for an order
        to = verdict.warnings if contract.scoring.only_order else verdict.faults
        add(number.is_finite() & ~number.is_between(0, 1), "outside [0, 1]", to)
    elif kind == "label":
        add(number.is_finite() & ~number.is_in([0.0, 1.0]), "neither 0 nor 1")
    return table[NUMBER]


def _sums(
    lines: pl.DataFrame, numbers: list[pl.Series | None], contract: Contract, verdict: Verdict
) -> None:
    """Warn of rows of class probabilities that do not add up to one."""
    if not get_problem(contract).sums_to_one:
        return
    columns = [
        values.alias(str(place)) for place, values in enumerate(numbers) if values is not None
    ]
    if not 1 < len(columns) == len(contract.value_columns):
        return
    table = lines.with_columns(pl.DataFrame(columns).sum_horizontal().alias("sum"))
    bad = table.filter((pl.col("sum") - 1).abs() > 1e-3)
    if bad.height:
        verdict.warnings.append(f"the probabilities do not add up to one on {_lines(bad, 'sum')}")


def _lines(bad: pl.DataFrame, column: str | None = None) -> str:
    """Return the first bad lines with their content: `line 7 ('x'), line 9 ('y') and 3 more`."""
    rows = bad.head(EXAMPLES).to_dicts()
    named = [f"line {r[LINE]}" + (f" ({_short(r[column])})" if column else "") for r in rows]
    more = f" and {bad.height - EXAMPLES} more" if bad.height > EXAMPLES else ""
    return ", ".join(named) + more


def _some(names: list[str]) -> str:
    more = f" and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else ""
    return ", ".join(_short(name) for name in names[:EXAMPLES]) + more


def _short(value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
