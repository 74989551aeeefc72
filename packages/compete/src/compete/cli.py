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
    help="Train, predict and submit for a Kaggle competition.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # its panels take three times as long to import as all the rest
)
kernel = typer.Typer(
    help="Build and submit the notebook for a code competition.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(kernel, name="kernel")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.callback()
def _in_project_folder(context: typer.Context) -> None:
    """Change to the project's folder, so that commands work in any of its subfolders."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / PARAMS).exists():
            os.chdir(folder)
            return
    if context.invoked_subcommand != "doctor" and "--help" not in sys.argv:
        raise Fault(
            f"There is no {PARAMS} in this folder or in a parent folder.",
            "Run the command in the project's folder.",
        )


@app.command()
def doctor(json: Json = False) -> None:
    """Check the machine, the credentials and the competition. Says how to fix each problem."""
    from compete.kaggle.doctor import run
    from compete.training.config import load_competition

    raise typer.Exit(run(load_competition, as_json=json))


@app.command()
def download() -> None:
    """Download and unpack the competition's data. Resumes if interrupted."""
    from compete.kaggle.download import download as fetch
    from compete.training.config import load_competition

    fetch(load_competition().slug)


@app.command()
def prepare() -> None:
    """Read the data, infer the contract and assign the folds."""
    from compete.project import workflow_module

    workflow_module("prepare").prepare()


_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_PASS_ON)
def train(
    context: typer.Context,
    fold: Annotated[int | None, typer.Option(help="Train only this fold.")] = None,
    member: Annotated[str | None, typer.Option(help="Train only this member.")] = None,
    help_: Annotated[bool, typer.Option("--help", help="Show all keys of params.yaml.")] = False,
) -> None:
    """Train all members on all folds. Resumes. Overrides any key, as in `--model.lr 3e-4`."""
    from compete.project import workflow_module

    if help_:
        typer.echo(context.get_help())
        context.args.append("--help")
    workflow_module("train").train(fold, member, context.args)


@app.command()
def predict() -> None:
    """Predict the test set, blend the members and write the submission."""
    from compete.project import workflow_module

    workflow_module("predict").predict()


_SENT = typer.Argument(help="The submission; by default the file that `predict` wrote.")


@app.command()
def validate(file: Annotated[Path | None, _SENT] = None, json: Json = False) -> None:
    """Check a submission as Kaggle does. Checks the rows of a table, or plays games of an agent."""
    from compete.project import workflow_module
    from compete.verdict import report

    check = workflow_module("validate")
    raise typer.Exit(report(check.check(file or check.submission_facts().file), as_json=json))


@app.command()
def submit(
    file: Annotated[Path | None, _SENT] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="What changed.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Submit the same file again.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Submit after the deadline.")] = False,
) -> None:
    """Upload a submission and wait for its score. Validates it first and records it."""
    from compete.kaggle.submission import submit as send
    from compete.project import workflow_module

    check = workflow_module("validate")
    facts = check.submission_facts()
    send(file or facts.file, message, facts, check.check_before_sending, again=again, late=late)


@app.command()
def play(
    players: Annotated[
        list[str] | None,
        typer.Argument(
            help="Players by seat: you, agent, a file or a reference agent. [you agent]"
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Save the game as an HTML file.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed of the game.")] = 0,
) -> None:
    """Play a game: you against the agent, or two agents. In the terminal or as an HTML file."""
    from compete.project import workflow_module

    workflow_module("play").play(players or ["you", "agent"], html, seed)


@app.command()
def status(json: Json = False) -> None:
    """Show the submissions with scores and ranks. For agents also shows wins and losses."""
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
        str | None, typer.Option(help="Export only this member, averaged over its folds.")
    ] = None,
    fold: Annotated[int | None, typer.Option(help="Export only this fold of each member.")] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Quantize to 8-bit integers where the score holds.")
    ] = False,
) -> None:
    """Write a demo to reports/demo that runs the models in a browser."""
    from compete.files import note
    from compete.portfolio.publish_allow import ALLOWED, weights_license
    from compete.project import workflow_module

    workflow_module("export").export(member, fold, int8)
    if weights_license() is None:
        note(
            "The demo contains the trained weights. `compete publish` publishes it only if "
            f"`weights` in {ALLOWED} says that they may be shared."
        )


@app.command()
def guard(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to check; by default all.")
    ] = None,
) -> None:
    """Check files and git history for private data and credentials."""
    from compete.portfolio.leak_check import check

    check(files or [])


@app.command()
def publish(
    remote: Annotated[
        str | None, typer.Option(help="Address of a git remote; by default GitHub.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Make the repository public.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the steps without running them.")
    ] = False,
    results: Annotated[
        Path | None, typer.Option(help="Only attach this file to a draft release.")
    ] = None,
) -> None:
    """Publish the project on GitHub after a leak check. Safe to repeat."""
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
        Path | None, typer.Option(help="A new list: the output of `python --version; pip freeze`.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the recorded packages of Kaggle's image and their age."""
    from compete.kernels.image import show

    show(update, as_json=json)


@kernel.command()
def build(
    half: Annotated[bool, typer.Option("--half", help="Save the weights in 16 bits.")] = False,
    accelerator: Annotated[str, typer.Option(help="none, or a GPU: t4, l4.")] = "none",
    hours: Annotated[float, typer.Option(help="Time limit of the competition.")] = 9.0,
    memory: Annotated[float, typer.Option(help="Memory of Kaggle's machine in GB.")] = 30.0,
    precision: Annotated[
        str | None, typer.Option(help="Precision of prediction, such as 16-mixed.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Batch size of prediction.")] = None,
) -> None:
    """Write the notebook to kernel/, and a dataset with all that it needs."""
    from compete.kernels.build import build as run
    from compete.kernels.options import Options

    run(Options(half, accelerator, hours, memory, precision, batch_size))


@kernel.command()
def rehearse(
    rows: Annotated[
        int | None, typer.Option(help="Number of hidden test rows on Kaggle, to estimate the time.")
    ] = None,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Install Kaggle's Python and packages (gigabytes)."),
    ] = False,
    json: Json = False,
) -> None:
    """Run the notebook offline on a hidden test set, as Kaggle does."""
    from compete.kernels.rehearse import rehearse as run

    raise typer.Exit(run(rows, exact=exact, as_json=json))


@kernel.command("push")
def kernel_push() -> None:
    """Upload the notebook and its dataset, and wait for its run."""
    from compete.kernels.push import push

    push()


@kernel.command("submit")
def kernel_submit(
    message: Annotated[str, typer.Option("--message", "-m", help="What changed.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Submit the same notebook again.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Submit after the deadline.")] = False,
) -> None:
    """Submit the pushed notebook and wait for its score."""
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
        print("Interrupted. Run the same command again to resume.", file=sys.stderr)
        raise SystemExit(1) from None
