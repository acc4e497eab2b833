from collections.abc import Iterator

import pytest

from cluster.runtime.connection import patiently


class Busy:
    """A machine on which so many starts fail.

    Attributes:
        left: Starts whose remains have not been cleared away.
    """

    def __init__(self, failures: int) -> None:
        self.left = 0
        self._starts = self._tried(failures)

    def _tried(self, failures: int) -> Iterator[str]:
        yield from ("too slow" for _ in range(failures))
        while True:
            yield ""

    def start(self) -> str:
        assert not self.left
        if problem := next(self._starts):
            self.left += 1
            raise Exception(problem)  # noqa: TRY002 - what Ray raises
        return "address"

    def clear(self) -> None:
        self.left -= 1


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_a_cluster_that_a_busy_machine_was_too_slow_for_is_started_again(failures: int) -> None:
    machine = Busy(failures)
    assert patiently(machine.start, machine.clear) == "address"
    assert not machine.left


def test_a_cluster_that_cannot_be_started_is_an_error() -> None:
    machine = Busy(failures=4)
    with pytest.raises(Exception, match="too slow"):
        patiently(machine.start, machine.clear)
