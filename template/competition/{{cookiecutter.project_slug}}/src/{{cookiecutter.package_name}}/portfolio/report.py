"""`compete report`: one page that tells the whole story, and the cards made from the same facts."""

import base64
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert
from altair import SCHEMA_VERSION
from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markupsafe import Markup

from ..competition import Contract
from ..exhibits import Exhibit, Input
from ..files import REPORTS, note, write_text
from . import cards, insight, judge, scores
from .facts import Facts, gather
from .section import Section, say, value

Inputs = Callable[[Contract, Sequence[int]], Sequence[Input]]
Explain = Callable[[Contract, Sequence[int]], list[Exhibit]]
PAGE = REPORTS / "index.html"
_LIMIT = 2_000_000  # bytes
_CAPTION = 200  # characters
_TEMPLATES = Path(__file__).parent / "templates"


def report(ledger: list[dict[str, Any]], inputs: Inputs, explain: Explain) -> None:
    """Write everything that visitors see, out of whatever is there.

    Args:
        ledger: the submissions, oldest first.
        inputs: gives the inputs of training rows, in a form that can be shown.
        explain: gives the task's own explanations of the answers for training rows.
    """
    facts = gather(ledger)
    galleries: dict[str, list[tuple[str, Input]]] = {}
    exhibits: list[Exhibit] = []
    if facts.oof is not None:
        chosen = judge.picks(judge.judge(facts.contract, facts.oof))
        rows = [row for table in chosen.values() for row in table["row"].head(2).to_list()]
        exhibits = explain(facts.contract, rows)
        inputs = _telling_first(inputs, exhibits)
        for key, table in chosen.items():
            shown = inputs(facts.contract, table["row"].to_list())
            captions = [_caption(row) for row in table.rows(named=True)]
            galleries[key] = list(zip(captions, shown, strict=False))
    chapters = [
        scores.problem(facts),
        scores.standing(facts),
        scores.validation(facts),
        scores.data(facts, _examples(facts, inputs)),
        scores.training(facts),
        insight.errors(facts),
        insight.predictions(facts, galleries),
        insight.explanations(exhibits),
        insight.ensemble(facts),
        insight.ablations(facts),
        insight.cost(facts),
        insight.limits(facts),
        insight.reproduction(facts),
    ]
    page = render(facts, chapters)
    write_text(PAGE, page)
    cards.write(facts, chapters)
    if len(page.encode()) > _LIMIT:
        note(f"warning: {PAGE} is larger than {_LIMIT // 1_000_000} MB.")
    for sentence in facts.missing():
        note(f"  {sentence}")
    note(f"Wrote {PAGE}.")


def render(facts: Facts, chapters: list[Section]) -> str:
    """The page as one HTML text that needs nothing else."""
    env = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    env.filters |= {"data_uri": _data_uri, "number": _number, "markdown": _markdown}
    env.tests["picture"] = lambda shown: isinstance(shown, bytes)
    page = env.get_template("page.html.jinja").render(
        title=facts.contract.title,
        summary=facts.project.get("description", ""),
        tiles=_tiles(facts),
        missing=facts.missing(),
        sections=chapters,
        css=_verbatim("page.css"),
        script=_script(),
    )
    return page.rstrip() + "\n"


def _verbatim(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8").strip())


@cache
def _script() -> Markup:
    """Our lines with all of Vega that they need, in the version that Altair writes for."""
    version = ".".join(SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return Markup(vl_convert.javascript_bundle(_verbatim("page.js"), version).strip())


def _tiles(facts: Facts) -> list[tuple[str, Markup]]:
    """The few numbers that a visitor with a minute takes along."""
    tiles = []
    entry = facts.headline
    if facts.cv:
        tiles.append((f"{facts.cv['metric']}, out of fold", value(facts.cv["score"])))
    for key in ("public", "private"):
        if entry.get(key) is not None:
            tiles.append((f"{key} score", value(entry[key])))
    if entry.get("rank"):
        rank = say("{} of {}", entry["rank"], entry["teams"])
        tiles.append(("rank", rank))
    return tiles


def _telling_first(inputs: Inputs, exhibits: list[Exhibit]) -> Inputs:
    """Inputs with those of their named values first that count most, as the exhibits have it."""
    names = [name for exhibit in exhibits for name, _ in exhibit.bars]

    def sort(shown: Input) -> Input:
        if not isinstance(shown, dict):
            return shown
        return {name: shown[name] for name in (*names, *shown) if name in shown}

    return lambda contract, rows: [sort(shown) for shown in inputs(contract, rows)]


def _caption(row: dict[str, Any]) -> str:
    sure = f" ({row['confidence']:.1%} sure)" if row["confidence"] is not None else ""
    truth, answer = (str(row[key])[:_CAPTION] for key in ("truth", "answer"))
    return f"row {row['row']}: {truth}, answered {answer}{sure}"


def _examples(facts: Facts, inputs: Inputs, most: int = 12) -> list[tuple[str, Input]]:
    """Some training rows, of as many classes as there is room for, or all along the values."""
    if facts.train is None:
        return []
    targets = facts.contract.target_columns
    table = facts.train.with_row_index("row")
    first = table.unique(targets[0], keep="first", maintain_order=True).sort(targets[0])
    first = first.gather_every(-(-first.height // most))
    rows = first["row"].to_list()
    answers = first.select(targets[:8]).rows()
    labels = [", ".join(map(str, answer))[:_CAPTION] for answer in answers]
    return list(zip(labels, inputs(facts.contract, rows), strict=False))


def _data_uri(picture: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(picture).decode()


def _number(cell: Any) -> str | Markup:
    if isinstance(cell, float):
        return value(cell, ".5g" if abs(cell) < 1e5 else ",.0f")
    return "" if cell is None else str(cell)


def _markdown(text: str) -> Markup:
    """The author's Markdown; HTML in it is shown as text."""
    html: str = MarkdownIt("js-default").render(text)
    return Markup(html)
