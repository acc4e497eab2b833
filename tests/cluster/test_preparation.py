from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from cluster.jobs import AssetType
from cluster.keys import poster_key
from cluster.policies import UploadRejectedError, fault_of
from cluster.preparation import prepare_asset
from cluster.storage import LocalObjectStore, StorageError
from cluster.tasks import Workplace, carry_out
from cluster.work import CellSnapshot, FaultKind, PrepareTask
from tests.factories import make_audio_only_mp4, make_clip, make_image, make_sound, tone

TASK = PrepareTask(
    keys=("prepare:a",), label="prepare:j", asset_type="avatar", source="quarantine/j", target="user-avatars/j"
)


class Desk:
    """A workplace that remembers what was reported."""

    def __init__(self, folder: Path) -> None:
        self.objects = LocalObjectStore(folder / "objects")
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.told: list[CellSnapshot] = []

    @property
    def place(self) -> Workplace:
        return Workplace(
            objects=self.objects,
            locate=lambda asset: self.objects.materialise(asset.key),
            report=self.told.append,
            scratch=self.scratch,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_upload_is_made_ready_and_kept_under_its_target(desk: Desk, tmp_path: Path):
    desk.objects.put_file(TASK.source, make_clip(tmp_path / "in.mp4"))
    made = carry_out(TASK, desk.place)
    content = desk.objects.read(TASK.target)
    assert (made.key, made.size_bytes, made.sha256) == (TASK.target, len(content), sha256(content).hexdigest())
    assert (made.mime_type, made.info.frame_count) == ("video/mp4", 40)
    assert list(desk.scratch.iterdir()) == []


@pytest.mark.parametrize(("asset_type", "ending"), [("avatar", "jpg"), ("cover", "webp"), ("music", "webp")])
def test_a_picture_that_stands_for_it_is_kept_beside_it(desk: Desk, tmp_path: Path, asset_type: AssetType, ending: str):
    upload = {
        "avatar": lambda: make_clip(tmp_path / "in.mp4"),
        "cover": lambda: make_image(tmp_path / "in.png"),
        "music": lambda: make_sound(tmp_path / "in.wav", tone(440, 1)),
    }[asset_type]()
    desk.objects.put_file(TASK.source, upload)
    made = prepare_asset(replace(TASK, asset_type=asset_type), desk.place)
    assert made.poster == poster_key(asset_type, "j") == f"asset-posters/j.{ending}"
    assert made.poster_bytes == desk.objects.size(made.poster)


def test_it_reports_percents_and_never_the_last_one(desk: Desk, tmp_path: Path):
    desk.objects.put_file(TASK.source, make_clip(tmp_path / "in.mp4"))
    prepare_asset(TASK, desk.place)
    percents = [snapshot.frames_done for snapshot in desk.told]
    assert {snapshot.key for snapshot in desk.told} == {"prepare:a"}
    assert percents == sorted(set(percents))
    assert percents[-1] == 99


def test_what_cannot_be_used_is_rejected_with_the_sentence_alone(desk: Desk, tmp_path: Path):
    desk.objects.put_file(TASK.source, make_audio_only_mp4(tmp_path / "in.mp4"))
    with pytest.raises(UploadRejectedError) as rejection:
        prepare_asset(TASK, desk.place)
    fault = fault_of(rejection.value)
    assert (fault.kind, fault.message) == (FaultKind.INVALID_INPUT, rejection.value.problem)
    assert fault.message.startswith("There is no moving picture in it")
    assert desk.objects.size(TASK.target) is None


def test_an_upload_that_is_gone_is_asked_for_again(desk: Desk):
    with pytest.raises(UploadRejectedError, match=r"no longer there\. Upload it again"):
        prepare_asset(TASK, desk.place)


class StoreAway(LocalObjectStore):
    """A store that cannot be reached."""

    def materialise(self, key: str) -> Path:
        raise StorageError(key, "is away")


def test_a_store_that_fails_is_the_stores_fault(desk: Desk):
    desk.objects = StoreAway(desk.objects.root)
    with pytest.raises(StorageError) as failure:
        prepare_asset(TASK, desk.place)
    assert fault_of(failure.value).kind is FaultKind.STORAGE
