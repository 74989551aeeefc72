"""The `compete` command: a thin function for each verb, which imports what only it needs."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from compete.errors import Fault
from compete.files import PARAMS

app = typer.Typer(
    name="compete",
    help="From the data of a Kaggle competition to a scored submission.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # its panels take three times as long to import as all the rest
)
kernel = typer.Typer(
    help="A code competition: the notebook that Kaggle reruns on hidden data.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(kernel, name="kernel")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


@app.callback()
def _in_project_folder(context: typer.Context) -> None:
    """Work in the project's folder, wherever in it the command was typed."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / PARAMS).exists():
            os.chdir(folder)
            return
    if context.invoked_subcommand != "doctor" and "--help" not in sys.argv:
        raise Fault(
            f"There is no {PARAMS} here or in a folder above.",
            "Run the command in the project's folder.",
        )


@app.command()
def doctor(json: Json = False) -> None:
    """Check Python, git, disk, accelerator, credentials, rules, quota and deadline."""
    from compete.kaggle.doctor import run
    from compete.training.config import load_competition

    raise typer.Exit(run(load_competition, as_json=json))


@app.command()
def download() -> None:
    """Download and unpack the competition's data; resumes when interrupted."""
    from compete.kaggle.download import download as fetch
    from compete.training.config import load_competition

    fetch(load_competition().slug)


@app.command()
def prepare() -> None:
    """Read the data, infer the contract, decode the inputs, assign the folds."""
    from compete.project import workflow_module

    workflow_module("prepare").prepare()


_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_PASS_ON)
def train(
    context: typer.Context,
    fold: Annotated[int | None, typer.Option(help="Fit this fold only.")] = None,
    member: Annotated[str | None, typer.Option(help="Fit this member only.")] = None,
    help_: Annotated[bool, typer.Option("--help", help="Show every key of params.yaml.")] = False,
) -> None:
    """Fit every member on every fold; resumes. Any key can be overridden: `--model.lr 3e-4`."""
    from compete.project import workflow_module

    if help_:
        typer.echo(context.get_help())
        context.args.append("--help")
    workflow_module("train").train(fold, member, context.args)


@app.command()
def predict() -> None:
    """Predict with test-time augmentation, blend the members, write the submission."""
    from compete.project import workflow_module

    workflow_module("predict").predict()


_SENT = typer.Argument(help="The submission; by default what `predict` writes.")


@app.command()
def validate(file: Annotated[Path | None, _SENT] = None, json: Json = False) -> None:
    """Check a submission as Kaggle would: a table by name and line, an agent by playing it."""
    from compete.project import workflow_module
    from compete.verdict import report

    check = workflow_module("validate")
    raise typer.Exit(report(check.check(file or check.submission_facts().file), as_json=json))


@app.command()
def submit(
    file: Annotated[Path | None, _SENT] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="What changed.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Send the same file once more.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Send after the deadline.")] = False,
) -> None:
    """Validate, record, upload, wait for the score and write it to the ledger."""
    from compete.kaggle.submission import submit as send
    from compete.project import workflow_module

    check = workflow_module("validate")
    facts = check.submission_facts()
    send(file or facts.file, message, facts, check.check_before_sending, again=again, late=late)


@app.command()
def play(
    players: Annotated[
        list[str] | None,
        typer.Argument(help="By seat: you, agent, a file or a reference agent. [you agent]"),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the game as a page.")] = None,
    seed: Annotated[int, typer.Option(help="Of the game.")] = 0,
) -> None:
    """Play a game: you against the agent, or two agents; in the terminal or as a page."""
    from compete.project import workflow_module

    workflow_module("play").play(players or ["you", "agent"], html, seed)


@app.command()
def status(json: Json = False) -> None:
    """Show the ledger: scores and rank; of agents the rating, and episodes won and lost."""
    from compete.kaggle.submission import status as show

    show(as_json=json)


@app.command()
def report() -> None:
    """Write the HTML report, the model card and the README's results."""
    from compete.kaggle import ledger
    from compete.project import portfolio_module

    portfolio_module("report").report(ledger.load())


@app.command()
def export(
    member: Annotated[
        str | None, typer.Option(help="Of this member only, the mean of its folds.")
    ] = None,
    fold: Annotated[int | None, typer.Option(help="Of this fold of each member only.")] = None,
) -> None:
    """Write reports/demo: a page that runs the trained models in a visitor's browser."""
    from compete.files import note
    from compete.portfolio.publish_allow import ALLOWED, weights_license
    from compete.project import workflow_module

    workflow_module("export").export(member, fold)
    if weights_license() is None:
        note(
            "The demo holds the trained weights. `compete publish` shows it once `weights` in "
            f"{ALLOWED} says that they may be shared."
        )


@app.command()
def guard(
    files: Annotated[list[Path] | None, typer.Argument(help="Files to check; else all.")] = None,
) -> None:
    """Refuse what must not be published: data, credentials, private paths, in history too."""
    from compete.portfolio.leak_check import check

    check(files or [])


@app.command()
def publish(
    remote: Annotated[
        str | None, typer.Option(help="Address of a git remote; else GitHub.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Let everybody see it.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    results: Annotated[
        Path | None,
        typer.Option(help="Only attach this file to a draft of a release."),
    ] = None,
) -> None:
    """Push the project and show it on GitHub, unless it would leak data. Safe to repeat."""
    if results is not None:
        from compete.portfolio.draft import attach

        if remote or public or dry_run:
            raise typer.BadParameter("--results goes without other options: it publishes nothing.")
        attach(results)
        return
    from compete.portfolio.publish import publish as run

    run(remote, public, dry_run)


@kernel.command()
def image(
    update: Annotated[
        Path | None, typer.Option(help="Take this list: what `pip freeze` prints on Kaggle.")
    ] = None,
    json: Json = False,
) -> None:
    """Show which packages Kaggle's image is known to have, and how old the list is."""
    from compete.kernels.image import show

    show(update, as_json=json)


@kernel.command()
def build(
    half: Annotated[bool, typer.Option("--half", help="Keep weights in 16 bits.")] = False,
    accelerator: Annotated[str, typer.Option(help="none, or a GPU: t4, l4.")] = "none",
    hours: Annotated[float, typer.Option(help="What the competition lets it run.")] = 9.0,
    memory: Annotated[float, typer.Option(help="Gigabytes of Kaggle's machine.")] = 30.0,
    precision: Annotated[
        str | None, typer.Option(help="Of prediction, as Lightning names it: 16-mixed.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Of prediction.")] = None,
) -> None:
    """Write kernel/: a notebook that predicts, or writes what `predict` wrote, and its files."""
    from compete.kernels.build import build as run
    from compete.kernels.options import Options

    run(Options(half, accelerator, hours, memory, precision, batch_size))


@kernel.command()
def rehearse(
    rows: Annotated[
        int | None, typer.Option(help="How many hidden test rows Kaggle has; projects the time.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Install Kaggle's Python and versions: gigabytes, once.")
    ] = False,
    json: Json = False,
) -> None:
    """Run the notebook as Kaggle would: offline, elsewhere, on hidden rows; play its agent."""
    from compete.kernels.rehearse import rehearse as run

    raise typer.Exit(run(rows, exact=exact, as_json=json))


@kernel.command("push")
def kernel_push() -> None:
    """Upload what was built to Kaggle, and wait until the notebook has run there."""
    from compete.kernels.push import push

    push()


@kernel.command("submit")
def kernel_submit(
    message: Annotated[str, typer.Option("--message", "-m", help="What changed.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Submit the same once more.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Submit after the deadline.")] = False,
) -> None:
    """Submit the notebook that was pushed, wait for its score and write it to the ledger."""
    from compete.kernels.submit import submit as send

    send(message, again, late)


def main() -> None:
    """Run `compete`; a foreseeable fault is one sentence with a remedy and exit code 1."""
    try:
        app()
    except Fault as fault:
        print(f"error: {fault}", file=sys.stderr)
        raise SystemExit(1) from None
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != 130:  # what typer makes of Ctrl-C
            raise
        print("Interrupted. The same command goes on from here.", file=sys.stderr)
        raise SystemExit(1) from None
