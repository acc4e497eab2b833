"""Hostile uploads on the way that all uploads take: the first look, quarantine, the dispatcher, a confined child."""

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.keys import QUARANTINE
from render_core.ingest.sniff import sniff
from tests.hostile.book import chapter
from tests.hostile.upload import Bait, Trick, Upload
from tests.hostile.witness import Witness, watching
from tests.hostile.workers import Cost, Workers
from tests.processes import until
from tests.webapp.product import settings_for
from webapp.accounts.service import ensure_user
from webapp.assets.clearing import clear_preparations
from webapp.assets.intake import begin_upload, finish_upload
from webapp.assets.partial import UploadIntent
from webapp.container import Container, build_container
from webapp.db import migrate, unit_of_work
from webapp.errors import AppError
from webapp.models import AssetStatus, AssetType, PlanName, VideoAsset
from webapp.renders.signals import PollingWakeUp, SilentBell
from webapp.renders.store import SqlJobStore

pytestmark = pytest.mark.timeout(900)  # the first test waits until two workers have looked at all files
_SEED = 2
_SHARES = {"texts": 1.0, "clips": 0.3, "stills": 0.3, "sounds": 0.3, "damage": 0.06}
"""How much of each chapter is tried; the benchmark of hostile uploads tries all of it many times."""
_UNIFORM = {
    AssetType.AVATAR: {"mp4"},
    AssetType.BACKGROUND: {"mp4"},
    AssetType.COVER: {"jpeg", "png"},
    AssetType.MUSIC: {"mp3"},
}


@dataclass
class Played:
    """What came of the uploads.

    Attributes:
        refused: Why the web process did not take some, by trick.
        assets: What became of those that it took.
        costs: Of the confined children.
        opened: Files beside the uploads that anybody has opened.
        calls: To the port that nobody may call.
    """

    refused: dict[str, str] = field(default_factory=dict)
    assets: dict[str, VideoAsset] = field(default_factory=dict)
    costs: list[Cost] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    calls: int = 0


@dataclass(frozen=True)
class Stage:
    container: Container
    bait: Bait
    witness: Witness


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A product with bait in its quarantine."""
    settings = settings_for(tmp_path_factory.mktemp("hostile"))
    migrate(settings)
    quarantine = settings.app.objects_dir / QUARANTINE
    quarantine.mkdir(parents=True)
    with ExitStack() as things, watching(quarantine) as witness:
        container = build_container(settings)
        things.callback(container.close)
        bait = Bait.laid(quarantine, witness.port)
        witness.opened()
        yield Stage(container, bait, witness)


@pytest.fixture(scope="module")
def played(stage: Stage) -> Played:
    """All scripts in disguise, and a choice of the other tricks."""
    played, ids = Played(), {}
    for upload in (trick.upload(stage.bait, _SEED) for trick in chosen()):
        try:
            ids[upload.name] = send(stage, upload)
        except AppError as error:
            played.refused[upload.name] = str(error)
    with dispatching(stage, played):
        until(lambda: not any(asset.status is AssetStatus.PROCESSING for asset in assets_of(stage)), 800, 0.2)
    rows = {asset.id: asset for asset in assets_of(stage)}
    played.assets = {name: rows[asset_id] for name, asset_id in ids.items()}
    played.opened, played.calls = stage.witness.opened() & stage.bait.names, stage.witness.calls()
    clear_preparations(stage.container.engine, stage.container.objects, grace=timedelta())
    return played


def chosen() -> list[Trick]:
    chance = random.Random(_SEED)
    parts = [(chapter(name), share) for name, share in _SHARES.items()]
    return [trick for tricks, share in parts for trick in chance.sample(tricks, round(share * len(tricks)))]


def send(stage: Stage, upload: Upload) -> object:
    """Take an upload in as the web process does; its asset's id."""
    container, asset_type = stage.container, AssetType(upload.asset_type)
    intent = UploadIntent(asset_type=asset_type, file_name=upload.file_name, mime_type=upload.mime_type)
    with unit_of_work(container.engine) as session:
        actor = ensure_user(session, "test", "mallory", PlanName.ENTERPRISE)
        partial = begin_upload(session, container, actor, intent, folder=container.settings.app.uploads_dir)
    with partial:
        partial.append(upload.content)
        return finish_upload(container, partial).id


def assets_of(stage: Stage) -> list[VideoAsset]:
    with unit_of_work(stage.container.engine, is_read_only=True) as session:
        return list(session.exec(select(VideoAsset)))


@contextmanager
def dispatching(stage: Stage, played: Played) -> Iterator[None]:
    """A dispatcher with two workers."""
    objects, stop = stage.container.objects, threading.Event()
    workers = Workers(objects, played.costs.append, 2)
    around = Surroundings(
        store=SqlJobStore(stage.container.engine),
        objects=objects,
        runtime=workers,
        sink=SilentBell(),
        wake_up=PollingWakeUp(),
    )
    thread = threading.Thread(target=Dispatcher(around, DispatcherOptions(holder="test")).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        workers.close()


def content_of(stage: Stage, asset: VideoAsset) -> Path:
    return stage.container.objects.materialise(asset.file_path)


def test_each_ends_ready_or_rejected_with_a_sentence(played: Played):
    assert len(played.refused) + len(played.assets) == len(chosen())
    reasons = [*played.refused.values()]
    for name, asset in played.assets.items():
        assert asset.status in {AssetStatus.READY, AssetStatus.REJECTED}, name
        reasons += [asset.reject_reason] if asset.status is AssetStatus.REJECTED else []
    assert all(reason and reason[0].isupper() and reason.endswith(".") for reason in reasons), reasons


def test_some_are_harmless_and_most_are_not(played: Played):
    states = [asset.status for asset in played.assets.values()]
    assert states.count(AssetStatus.READY) > 15
    assert states.count(AssetStatus.REJECTED) > 15
    assert len(played.refused) > 10


def test_no_child_crashed(played: Played):
    assert not [name for name, asset in played.assets.items() if "read safely" in (asset.reject_reason or "")]


def test_no_neighbour_is_opened_and_nobody_is_called(played: Played):
    assert played.opened == set()
    assert played.calls == 0


def test_children_keep_to_their_time_and_memory(played: Played):
    assert len(played.costs) == len({asset.id for asset in played.assets.values()})
    assert max(cost.cpu_s for cost in played.costs) < 10
    assert max(cost.memory_bytes for cost in played.costs) < 1_500_000_000


def test_what_is_ready_is_uniform_whatever_it_was(played: Played, stage: Stage):
    for name, asset in played.assets.items():
        if asset.status is AssetStatus.READY:
            assert sniff(content_of(stage, asset)) in _UNIFORM[asset.asset_type], name


def test_nothing_that_a_file_carried_is_in_what_was_made_of_it(played: Played, stage: Stage):
    carriers = [asset for name, asset in played.assets.items() if name.startswith("carrying_a_document")]
    made = [content_of(stage, asset).read_bytes() for asset in carriers if asset.status is AssetStatus.READY]
    assert len(made) == 6
    assert not [True for content in made for part in (b"<script", b"%PDF", b"PK\3\4", b"#!/bin") if part in content]


def test_nothing_stays_in_quarantine(played: Played, stage: Stage):
    assert {path.name for path in stage.bait.file.parent.iterdir()} == stage.bait.names
