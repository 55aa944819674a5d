"""Which batch size to try next: twice as large as long as that is faster, a half where memory ends."""

# Twice the batch takes up to twice the memory, so a few per cent are not worth it.
_LEAST_GAIN = 1.1
# The first batch of a size also loads kernels, and others use the device: the fastest of three counts.
_MEASURED = 3


class BatchGrowth:
    """`size` is what to take now, `found` the largest known to fit and to be worth it.

    Threads may not share one.
    """

    def __init__(self, size: int, most: int) -> None:
        self.size = self.found = size
        self._most = most
        self._rate_before: float | None = None
        self._rates: list[float] = []
        self.is_settled = size * 2 > most

    def took(self, size: int, count: int, seconds: float) -> None:
        """Note how long `count` inputs took in batches of `size`; fewer than one full batch tell nothing."""
        if self.is_settled or size != self.size or count < size or seconds <= 0:
            return
        self._rates.append(count / seconds)
        if len(self._rates) == _MEASURED:
            self._judge(max(self._rates))

    def ran_out(self, size: int) -> None:
        """Note that the memory ended in batches of `size`, of 2 at least: nothing larger is tried again."""
        self.size = min(self.size, size // 2)
        self.found = min(self.found, self.size)
        self.is_settled = True

    def _judge(self, rate: float) -> None:
        before, self._rates = self._rate_before, []
        if before is not None and rate < before * _LEAST_GAIN:
            self.size, self.is_settled = self.found, True
            return
        self.found, self._rate_before = self.size, rate
        self.is_settled = self.size * 2 > self._most
        if not self.is_settled:
            self.size *= 2
