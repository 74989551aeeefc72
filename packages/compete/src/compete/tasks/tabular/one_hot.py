"""One-hot codes of several columns, in words that ONNX has."""

import torch
from torch import Tensor, nn


class OneHot(nn.Module):
    """One-hot encoding by comparisons: torch exports its own for one batch size only.

    Args:
        sizes: how many codes each column has.
    """

    column: Tensor
    code: Tensor

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        columns = [column for column, size in enumerate(sizes) for _ in range(size)]
        self.register_buffer("column", torch.tensor(columns))
        self.register_buffer("code", torch.tensor([code for size in sizes for code in range(size)]))

    def forward(self, codes: Tensor) -> Tensor:
        """Codes `(n, q)` to zeros and ones `(n, all codes)`."""
        return (codes.index_select(1, self.column) == self.code).float()
