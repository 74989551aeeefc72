"""What a check found in a submission, and what sending it asks of a workflow."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class SubmissionFacts:
    """What is sent, and where.

    Args:
        slug: of the competition.
        file: the submission that `compete predict` writes.
        metric: the project's, in the names of `compete.metrics`; empty if it has none.
    """

    slug: str
    file: Path
    metric: str = ""


@dataclass
class Verdict:
    """What was found: `faults` make Kaggle refuse or fail the file, `warnings` may cost score."""

    file: str
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def looked_at(self) -> str:
        """What was checked, such as `418 rows`."""
        raise NotImplementedError


def report(verdict: Verdict, as_json: bool = False) -> int:
    """Print the verdict; return the exit code, 1 if Kaggle would refuse the file."""
    if as_json:
        print(json.dumps(asdict(verdict), indent=2, ensure_ascii=False))
    else:
        for fault in verdict.faults:
            print(f"fault: {fault}")
        for warning in verdict.warnings:
            print(f"warning: {warning}")
        count = len(verdict.faults)
        state = f"{count} fault{'s' * (count > 1)}" if count else "no faults"
        print(f"{verdict.file}: {verdict.looked_at}, {state}.")
    return 1 if verdict.faults else 0
