"""Play the trained agent of a project without its search, and print how the games ended, as JSON.

Run in the project, by its own Python: uv run python FOLDER/without_search.py negamax 20
"""

import json
import sys
from pathlib import Path

from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation.predict import best_run
from compete.tasks.simulation.ratings import win_table
from compete.tasks.simulation.submission import AgentWriter
from compete.tasks.simulation.tournament import play_tournament
from compete.training.config import load_config


def main(opponent: str, rounds: int) -> None:
    """Play so many rounds, from both seats each, by Kaggle's runner.

    Args:
        opponent: the name of an agent that the environment ships.
        rounds: games from each seat.
    """
    contract, run = SimulationContract.load(), best_run()
    writer = AgentWriter(load_config(run.member), contract)
    file = Path("tournament/agents/argmax.tar.gz")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(writer.archive(AgentRun.folder(run.member) / "model.safetensors", "argmax"))
    results = play_tournament(
        Path("tournament/without_search.jsonl"),
        contract.environment,
        {"argmax": str(file), opponent: opponent},
        rounds=rounds,
        configuration=contract.configuration,
        overage=contract.overage,
    )
    wins, draws, losses = win_table(results)["argmax", opponent]
    print(json.dumps({"opponent": opponent, "wins": wins, "draws": draws, "losses": losses}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
