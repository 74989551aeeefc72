"""`compete kernel rehearse`."""


def rehearse(rows: int | None, *, as_json: bool = False) -> int:
    """Run the notebook as Kaggle would."""
    raise NotImplementedError
