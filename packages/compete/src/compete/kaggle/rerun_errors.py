"""What to do when a notebook failed in the rerun on hidden data, of which no log is shown."""

import re

_AGAIN = "Then build, rehearse, push and submit it again."
# Kaggle's words for what happened. The first pattern that is found wins.
_REMEDIES = (
    (
        r"never started",
        "Call `serve()` within 15 minutes, as the notebook of `compete kernel build` does: models "
        "are loaded when the first batch comes. `compete kernel rehearse` tells when it started.",
    ),
    (
        r"raised (an )?exception|threw exception",
        "`compete kernel rehearse --rows` with as many rows as the hidden data has is likely to "
        "meet the same error: correct it.",
    ),
    (
        r"deadline|timeout",
        "Predict with fewer folds or members, without test-time augmentation, with a larger "
        "--batch-size or on an accelerator.",
    ),
    (
        r"allowed compute|connection failed",
        "Take less memory: a smaller --batch-size of `compete kernel build`, `num_workers: 0` or a "
        "smaller `cache_gb` under `data`.",
    ),
    (
        r"missing endpoint",
        "Give the server a function named `predict`, as the notebook of `compete kernel build` "
        "does.",
    ),
    (
        r"invalid submission|scoring error",
        "Return a row for each row that was asked for, in the same order, with the columns of the "
        "sample submission.",
    ),
)


def rerun_remedy(error: str) -> str:
    """Return what to do about a notebook that failed, by the text of Kaggle's error."""
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, error, re.IGNORECASE):
            return f"{remedy} {_AGAIN}"
    return "Correct the notebook: build, rehearse, push and submit it again."
