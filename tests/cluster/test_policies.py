import pytest

from cluster.jobs import JobFailure
from cluster.policies import (
    NEEDS_PROOF,
    Decision,
    GiveUp,
    PartsMissingError,
    Retry,
    deadline_s,
    decide,
    fault_of,
    memory_factor,
    silence_s,
)
from cluster.storage import ObjectNotFoundError, StorageError
from cluster.work import CellsTask, Fault, FaultKind, PlanTask
from render_core.cells import Cell
from render_core.errors import InvalidInputError, MediaError, MissingEncoderError
from render_core.spec import RenderSpec

_SPEC = RenderSpec(template="Fake", assets={}, config={})


def _decide(kind: FaultKind, *past: FaultKind) -> Decision:
    return decide(Fault(kind=kind, message="said the worker"), past, "the part from 4 to 6 s")


def _failure(decision: Decision) -> JobFailure:
    assert isinstance(decision, GiveUp)
    return decision.failure


def test_bad_input_fails_at_once_with_its_own_sentence() -> None:
    failure = _failure(_decide(FaultKind.INVALID_INPUT))
    assert failure == JobFailure(code="invalid_input", message="said the worker")


def test_a_worker_s_death_is_retried_at_once() -> None:
    assert _decide(FaultKind.WORKER_DIED) == Retry(after_s=0)


def test_two_dead_workers_make_a_poison_cell() -> None:
    failure = _failure(_decide(FaultKind.WORKER_DIED, FaultKind.WORKER_DIED))
    assert failure.code == "poison_cell"
    assert "the part from 4 to 6 s" in failure.message


def test_a_lost_node_is_not_the_cell_s_fault() -> None:
    assert isinstance(_decide(FaultKind.NODE_LOST, FaultKind.WORKER_DIED), Retry)
    assert isinstance(_decide(FaultKind.WORKER_DIED, *[FaultKind.NODE_LOST] * 3), Retry)


def test_memory_doubles_twice_before_giving_up() -> None:
    once, twice = (FaultKind.OUT_OF_MEMORY,), (FaultKind.OUT_OF_MEMORY,) * 2
    assert [memory_factor(past) for past in ((), once, twice)] == [1, 2, 4]
    assert isinstance(_decide(FaultKind.OUT_OF_MEMORY, *once), Retry)
    assert "memory" in _failure(_decide(FaultKind.OUT_OF_MEMORY, *twice)).message


@pytest.mark.parametrize("kind", [FaultKind.STORAGE, FaultKind.DISK_FULL])
def test_storage_may_be_away_for_half_a_minute(kind: FaultKind) -> None:
    waits, past = [], []
    while isinstance(decision := _decide(kind, *past), Retry):
        waits.append(decision.after_s)
        past.append(kind)
    assert waits == sorted(waits)
    assert 30 < sum(waits) < 120
    assert _failure(decision).code == "internal"


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_kind_of_fault_ends_in_a_sentence_for_the_user(kind: FaultKind) -> None:
    failure = _failure(_decide(kind, *[kind] * 20))
    assert failure.code in {"invalid_input", "poison_cell", "deadline", "no_capacity", "internal"}
    assert failure.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidInputError("config.mainText", "is too long"), FaultKind.INVALID_INPUT),
        (MediaError("avatar", "is not a video"), FaultKind.INVALID_INPUT),
        (ObjectNotFoundError("user-avatars/a"), FaultKind.INVALID_INPUT),
        (PartsMissingError("cells/a", "is gone"), FaultKind.PARTS_MISSING),
        (StorageError("cells/a", "503"), FaultKind.STORAGE),
        (OSError(28, "No space left on device"), FaultKind.DISK_FULL),
        (OSError(5, "Input/output error"), FaultKind.STORAGE),
        (MemoryError(), FaultKind.OUT_OF_MEMORY),
        (ZeroDivisionError("division by zero"), FaultKind.INTERNAL),
    ],
)
def test_the_type_of_an_error_tells_its_kind(error: Exception, kind: FaultKind) -> None:
    assert fault_of(error).kind is kind


def test_a_full_disk_is_called_so() -> None:
    assert "disk is full" in _failure(_decide(FaultKind.DISK_FULL, *[FaultKind.DISK_FULL] * 20)).message


def test_a_missing_file_is_explained_without_its_key() -> None:
    assert "user-avatars" not in fault_of(ObjectNotFoundError("user-avatars/a")).message


def test_a_bad_file_is_explained_without_its_name_in_the_store() -> None:
    fault = fault_of(MediaError("e90a371ac2eb", "It is not a video. Choose an MP4 or WebM file."))
    assert fault.message == "A file of this video cannot be used: It is not a video. Choose an MP4 or WebM file."


def test_longer_tasks_get_more_time() -> None:
    cell = Cell(index=0, start=0, stop=60, key="k")
    one = CellsTask(spec=_SPEC, keys=("a",), label="", cells=(cell,))
    four = CellsTask(spec=_SPEC, keys=("a",) * 4, label="", cells=(cell,) * 4)
    assert deadline_s(PlanTask(spec=_SPEC, keys=("p",), label="")) < deadline_s(one) < deadline_s(four)


@pytest.mark.parametrize(
    ("width", "height", "halves_of_a_gib"), [(360, 640, 1), (1080, 1920, 1), (1440, 2560, 2), (2160, 3840, 3)]
)
def test_larger_pictures_ask_for_more_memory(width: int, height: int, halves_of_a_gib: int) -> None:
    megapixels = width * height / 1e6
    assert memory_factor((), megapixels) == halves_of_a_gib
    assert memory_factor((FaultKind.OUT_OF_MEMORY,), megapixels) == 2 * halves_of_a_gib


def test_a_missing_encoder_is_said_and_not_tried_again() -> None:
    fault = fault_of(MissingEncoderError("libvpx-vp9"))
    assert fault.kind is FaultKind.INVALID_INPUT
    assert "no encoder libvpx-vp9" in fault.message
    assert "choose another output" in fault.message


def test_silence_is_borne_for_a_minute_and_longer_from_long_tasks() -> None:
    assert silence_s(1.0) == 60.0
    assert silence_s(60.0) == 300.0


def test_what_ends_a_job_as_its_own_fault_needs_proof() -> None:
    """Bad input is proven by the exception; the rest that says "try another clip" could hit who stood beside."""
    ends = {kind: _failure(_decide(kind, *[kind] * 20)).code for kind in FaultKind}
    assert {kind for kind, code in ends.items() if code in {"poison_cell", "deadline"}} <= NEEDS_PROOF
