"""Features for Titanic: travel groups, and which of a passenger's companions survived.

Women and children of a group mostly survived or died together (they left in one boat, or in none).
So the strongest feature after sex and class is the fate of a passenger's companions. It uses
targets, so it is computed in each fold, from the training rows only.
"""

import polars as pl

_RANK = ["Capt", "Col", "Don", "Dona", "Dr", "Jonkheer", "Lady", "Major", "Rev", "Sir"]
_COMMON = {"Mlle": "Miss", "Ms": "Miss", "Mme": "Mrs", "the Countess": "Rank"}


def add_columns(table: pl.DataFrame) -> pl.DataFrame:
    """Add title, group and deck, extracted from names, tickets and cabins.

    Args:
        table: the input columns of all rows, the training rows first, without targets.

    Returns:
        The table with columns added.
    """
    title = pl.col("Name").str.extract(r", ([^.]+)\.").replace(_COMMON)
    title = title.replace(dict.fromkeys(_RANK, "Rank"))
    surname = pl.col("Name").str.extract(r"^([^,]+),")
    size = pl.col("SibSp") + pl.col("Parch") + 1
    port = pl.col("Embarked").fill_null("")
    on_ticket = pl.len().over("Ticket")
    return table.with_columns(
        title=title,
        family_size=size,
        # A family shares surname, class, size and port; two families of one name rarely share all.
        family=pl.when(size > 1).then(
            pl.concat_str([surname, "Pclass", size, port], separator=" ")
        ),
        deck=pl.col("Cabin").str.slice(0, 1),
        woman_or_child=(pl.col("Sex") == "female") | (title == "Master"),
        on_ticket=on_ticket,
        # A fare covers everybody on the ticket.
        fare_each=pl.col("Fare") / on_ticket,
    )


def fold_features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return how many more of a passenger's known companions survived than died.

    Args:
        known: training rows with all their columns, including targets; none of `rows`.
        rows: the rows to compute features for.

    Returns:
        Two columns for each definition of a group: for its women and children, and for its men.
    """
    columns = []
    spared = pl.col("woman_or_child")
    for party in ("Ticket", "family"):
        for who, chosen in (("spared", spared), ("men", ~spared)):
            lived = (2 * pl.col("Survived") - 1).sum().clip(-2, 2).alias(f"{party}_{who}")
            fate = known.filter(chosen).group_by(party).agg(lived)
            joined = rows.select(party).join(fate, on=party, how="left", maintain_order="left")
            columns.append(joined.to_series(1).fill_null(0))
    return pl.DataFrame(columns)
