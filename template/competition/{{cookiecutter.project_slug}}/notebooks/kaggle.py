# %% [markdown]
# # Train on Kaggle
#
# Clones the project, installs what its `uv.lock` pins, trains on Kaggle's GPU, and keeps what
# came out.
#
# 1. *Session options*: choose a GPU, and switch *Internet* on.
# 2. *Add-ons, Secrets*: `KAGGLE_API_TOKEN`, a token of your Kaggle settings. For a private
#    repository `GITHUB_TOKEN` as well, which may read its contents; for `RELEASE`, write them.
#    Attach them to this notebook.
# 3. *Save Version, Save & Run All* runs it without you, for at most twelve hours.

# %%
import base64
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from kaggle_secrets import BackendError, UserSecretsClient

# Or "": a file of `git bundle` in a dataset.
REPOSITORY = "https://github.com/USERNAME/PROJECT"
MESSAGE = ""  # what changed, to submit the result; empty: nothing is submitted
DVC_REMOTE = False  # go on with what is in the remote of .dvc/config, and copy results there
RELEASE = False  # attach results to a draft of a release, seen by those who may push
WORK, INPUT, OUTPUT = Path("/tmp"), Path("/kaggle/input"), Path("/kaggle/working")
RESULTS = ("contract.yaml", "dvc.lock", "predictions", "reports", "runs", "submissions")


def secret(name: str) -> str:
    """Return a secret of this notebook, empty if there is none."""
    try:
        return str(UserSecretsClient().get_secret(name))
    except (BackendError, ConnectionError):
        return ""


def run(*command: str, **variables: str) -> None:
    """Run a command in the present folder, and show what it prints as it comes."""
    print("$", *command)
    here = ("MPLBACKEND", "PYTHONPATH")  # they are for this notebook's Python, not the project's
    env = {name: value for name, value in os.environ.items() if name not in here}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, env={**env, **variables}, **options)
    for line in process.stdout:
        print(line, end="")
    if process.wait():
        raise RuntimeError(f"`{' '.join(command)}` failed; its last lines say why.")


# %% [markdown]
# ## The project

# %%
os.environ["KAGGLE_API_TOKEN"] = secret("KAGGLE_API_TOKEN")
if not os.environ["KAGGLE_API_TOKEN"]:
    raise RuntimeError("Make a secret KAGGLE_API_TOKEN, attach it, and switch Internet on.")
os.chdir(WORK)
source = REPOSITORY or str(next(INPUT.rglob("*.bundle")))  # git bundle create my.bundle HEAD
project = WORK / Path(source).name.removesuffix(".bundle")
login = {}
if token := secret("GITHUB_TOKEN"):
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    login = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.https://github.com/.extraHeader"}
    login["GIT_CONFIG_VALUE_0"] = f"Authorization: Basic {basic}"
if not project.exists():
    run("git", "clone", "--quiet", source, str(project), **login)
os.chdir(project)
if RELEASE:  # a token that may not write there is better found before training
    run("git", "push", "--quiet", "--dry-run", "origin", "HEAD:refs/heads/results", **login)
if not shutil.which("uv"):
    run(sys.executable, "-m", "pip", "install", "--quiet", "uv")
run("uv", "sync", "--quiet")
uv = ("uv", "run", "--no-sync")
run(*uv, "compete", "doctor")

# %% [markdown]
# ## Training

# %%
if DVC_REMOTE:
    run(*uv, "dvc", "pull", "--allow-missing")  # what lies there is not trained again
run(*uv, "dvc", "repro")
if MESSAGE:
    run(*uv, "compete", "submit", "-m", MESSAGE)
    run(*uv, "dvc", "repro")  # the report, with the score

# %% [markdown]
# ## Home again
#
# Download `results.zip` from the notebook's output, and unpack it in the project's folder at home:
# `uv run dvc repro` finds everything trained. With `RELEASE`, `gh release download results` fetches
# it there.

# %%
if DVC_REMOTE:
    run(*uv, "dvc", "push")
if RELEASE or not DVC_REMOTE:
    with zipfile.ZipFile(OUTPUT / "results.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in RESULTS:
            for path in (Path(name), *Path(name).rglob("*")):
                if path.is_file():
                    archive.write(path)
    if RELEASE:
        results = str(OUTPUT / "results.zip")
        run(*uv, "compete", "publish", "--results", results, GITHUB_TOKEN=token)
