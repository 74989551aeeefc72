"""Writes the results into the README, with the charts that it shows."""

from dataclasses import dataclass
from pathlib import Path

import vl_convert

from compete.charts.figure import Figure
from compete.files import REPORTS, note, write_text
from compete.portfolio.project_state import ProjectState
from compete.portfolio.templating import escape, markdown

_README = Path("README.md")
_PLOTS = REPORTS / "plots"
_START, _END = "<!-- results:start -->", "<!-- results:end -->"


@dataclass(frozen=True)
class Results:
    """The table of results.

    Args:
        header: of the column of numbers, in Markdown.
        rows: names, each with its number, in Markdown.
    """

    header: str
    rows: list[tuple[str, str]]


def write(
    state: ProjectState,
    results: Results,
    figures: dict[str, list[Figure]],
    pictures: dict[Path, str],
) -> None:
    """Replace what is between the marks in the README.

    Args:
        state: of the project.
        results: for the table.
        figures: by the name of a file, charts of which the first is shown.
        pictures: files, each with its text alternative.
    """
    plots = [(path.as_posix(), escape(text)) for path, text in pictures.items()]
    plots += [plot for name, charts in figures.items() for plot in _draw(name, charts)]
    made = markdown("results.md.jinja", state, results=results, plots=plots)
    text = _README.read_text(encoding="utf-8") if _README.exists() else ""
    before, start, rest = text.partition(_START)
    _, end, after = rest.partition(_END)
    if start and end:
        write_text(_README, f"{before}{_START}\n{made}\n{_END}{after}")
    else:
        note(f"warning: {_README} has no lines {_START} and {_END}: the results are not in it.")


def _draw(name: str, charts: list[Figure]) -> list[tuple[str, str]]:
    """Write the first chart as SVG; return its path and its text alternative, if there is one."""
    path = _PLOTS / f"{name}.svg"
    if not charts:
        path.unlink(missing_ok=True)
        return []
    spec = charts[0].spec(width=640, background="white")
    write_text(path, vl_convert.vegalite_to_svg(spec).rstrip() + "\n")
    return [(path.as_posix(), escape(charts[0].text))]
