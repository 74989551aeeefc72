"""`compete kernel build`."""

from compete.kernels.options import Options


def build(options: Options) -> None:
    """Write `kernel/dataset` and `kernel/notebook`."""
    raise NotImplementedError
