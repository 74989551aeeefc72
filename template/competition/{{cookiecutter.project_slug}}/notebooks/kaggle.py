# %% [markdown]
# # Train on Kaggle
#
# This notebook clones the project, installs its locked dependencies, trains on Kaggle's GPU, and
# saves the results.
#
# 1. In *Session options*, choose a GPU and turn on *Internet*.
# 2. In *Add-ons > Secrets*, add `KAGGLE_API_TOKEN`, an API token from your Kaggle settings. For a
#    private repository, add `GITHUB_TOKEN` as well, with access to its contents (for
#    `RELEASE` read and write). Attach them to this notebook.
# 3. *Save Version > Save & Run All* runs it in the background, for at most twelve hours.

# %%
import base64
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from kaggle_secrets import BackendError, UserSecretsClient

# Set it to "" to use a file made by `git bundle` in an attached dataset instead.
REPOSITORY = "https://github.com/USERNAME/PROJECT"
MESSAGE = ""  # set a message, such as what changed, to submit the result
DVC_REMOTE = False  # pull from the remote in .dvc/config before training, and push the results
RELEASE = False  # attach the results to a draft release, visible to those who may push
WORK, INPUT, OUTPUT = Path("/tmp"), Path("/kaggle/input"), Path("/kaggle/working")
RESULTS = ("contract.yaml", "dvc.lock", "predictions", "reports", "runs", "submissions")


def secret(name: str) -> str:
    """Return a secret of this notebook, or an empty string if it does not exist."""
    try:
        return str(UserSecretsClient().get_secret(name))
    except (BackendError, ConnectionError):
        return ""


def run(*command: str, **variables: str) -> None:
    """Run a command in the current folder and print its output as it arrives."""
    print("$", *command)
    here = ("MPLBACKEND", "PYTHONPATH")  # for this notebook's Python, not for the project's
    env = {name: value for name, value in os.environ.items() if name not in here}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, env={**env, **variables}, **options)
    for line in process.stdout:
        print(line, end="")
    if process.wait():
        raise RuntimeError(f"`{' '.join(command)}` failed. See the last lines of its output.")


# %% [markdown]
# ## The project

# %%
os.environ["KAGGLE_API_TOKEN"] = secret("KAGGLE_API_TOKEN")
if not os.environ["KAGGLE_API_TOKEN"]:
    raise RuntimeError("Add the secret KAGGLE_API_TOKEN, attach it, and turn on Internet.")
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
if RELEASE:  # check before training that the token may write
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
    run(*uv, "dvc", "pull", "--allow-missing")  # what is already trained there is not trained again
run(*uv, "dvc", "repro")
if MESSAGE:
    run(*uv, "compete", "submit", "-m", MESSAGE)
    run(*uv, "dvc", "repro")  # the report, with the score

# %% [markdown]
# ## Results
#
# Download `results.zip` from the notebook's output and unpack it in the project's folder on your
# machine. `uv run dvc repro` then uses the trained models. With `RELEASE`, download it
# there with `gh release download results`.

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
