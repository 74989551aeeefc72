# %% [markdown]
# # Train on Colab
#
# Clones the project, installs what its `uv.lock` pins, trains on Colab's GPU, and brings back what
# came out.
#
# 1. *Runtime, Change runtime type*: choose a GPU.
# 2. The key in the margin, *Secrets*: `KAGGLE_API_TOKEN`, a token of your Kaggle settings. For a
#    private repository `GITHUB_TOKEN` as well, which may read its contents; for `RELEASE`, write
#    them. Switch on *Notebook access*.
# 3. *Runtime, Run all*. Interrupted, the same again goes on where it stopped, as long as Colab
#    keeps the machine.

# %%
import base64
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from google.colab import files, userdata

# Or "", to upload a file of `git bundle`.
REPOSITORY = "https://github.com/USERNAME/PROJECT"
MESSAGE = ""  # what changed, to submit the result; empty: nothing is submitted
DVC_REMOTE = False  # go on with what is in the remote of .dvc/config, and copy results there
RELEASE = False  # attach results to a draft of a release, seen by those who may push
WORK = Path("/content")
RESULTS = ("contract.yaml", "dvc.lock", "predictions", "reports", "runs", "submissions")


def secret(name: str) -> str:
    """Return a secret of this notebook, empty if there is none."""
    try:
        return str(userdata.get(name))
    except (userdata.SecretNotFoundError, userdata.NotebookAccessError):
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
    raise RuntimeError("Make a secret KAGGLE_API_TOKEN, and give this notebook access to it.")
os.chdir(WORK)
source = REPOSITORY or next(iter(files.upload()))  # at home: git bundle create my.bundle HEAD
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
# Unpack `results.zip` in the project's folder at home: `uv run dvc repro` finds everything trained.
# With `RELEASE`, `gh release download results` fetches it there.

# %%
if DVC_REMOTE:
    run(*uv, "dvc", "push")
if RELEASE or not DVC_REMOTE:
    with zipfile.ZipFile(WORK / "results.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in RESULTS:
            for path in (Path(name), *Path(name).rglob("*")):
                if path.is_file():
                    archive.write(path)
    if RELEASE:
        results = str(WORK / "results.zip")
        run(*uv, "compete", "publish", "--results", results, GITHUB_TOKEN=token)
    else:
        files.download(str(WORK / "results.zip"))
