"""What a chaos leaves to look at: the database's own log of what became of rows, files, ledger, leftovers."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from cluster.jobs import JobState
from cluster.storage import ObjectNotFoundError
from tests.chaos.judge import Facts, Verdict
from tests.chaos.shop import Placed
from tests.stage import Stage
from webapp.db import unit_of_work
from webapp.models import PreparationJob, RenderJob, UsageEntry, UsageState, UserUsage, UserVideo, VideoAsset

_ROOT = Path(__file__).parents[2]
_LOG = """
CREATE TABLE chaos_log (id bigserial PRIMARY KEY, what text, row_id text, value text);
CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_log (what, row_id, value)
        VALUES (TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[1], to_jsonb(NEW) ->> TG_ARGV[2]);
    RETURN NEW;
END $$;
CREATE TRIGGER chaos_jobs AFTER UPDATE OF job_status ON render_jobs
    FOR EACH ROW EXECUTE FUNCTION chaos_note('job', 'id', 'job_status');
CREATE TRIGGER chaos_preparations AFTER UPDATE OF job_status ON preparation_jobs
    FOR EACH ROW EXECUTE FUNCTION chaos_note('job', 'id', 'job_status');
CREATE TRIGGER chaos_usage AFTER INSERT OR UPDATE OF state ON usage_entries
    FOR EACH ROW EXECUTE FUNCTION chaos_note('usage', 'job_id', 'state');
CREATE TRIGGER chaos_progress AFTER UPDATE OF render_progress ON user_videos
    FOR EACH ROW WHEN (NEW.render_progress < OLD.render_progress)
    EXECUTE FUNCTION chaos_note('progress went back', 'id', 'render_progress');
"""


_STORE_FAILED = '"event": "dispatcher.store_failed"'
_ENDED = [state for state in JobState if state.is_terminal]


class Evidence:
    """What a stage on PostgreSQL and S3 has to tell."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        with stage.container.engine.begin() as connection:
            connection.exec_driver_sql(_LOG)

    def ended(self, orders: Collection[Placed]) -> set[UUID]:
        """Those of these jobs that have ended."""
        ended: set[UUID] = set()
        with unit_of_work(self._stage.container.engine, is_read_only=True) as session:
            for job in (RenderJob, PreparationJob):
                ended.update(session.exec(select(job.id).where(col(job.job_status).in_(_ENDED))))
        return ended & {order.job_id for order in orders}

    def files(self, orders: Mapping[int, Placed]) -> dict[int, dict[str, str]]:
        """SHA-256 of what each order gave, as it is stored; empty for what is not there."""
        return {number: self._files(order) for number, order in orders.items()}

    def _files(self, order: Placed) -> dict[str, str]:
        with unit_of_work(self._stage.container.engine, is_read_only=True) as session:
            if order.video_id is None:
                asset = session.get_one(VideoAsset, order.asset_id)
                return {"asset": self._sha256(asset.file_path)}
            video = session.get_one(UserVideo, order.video_id)
        kept = {"video": video.output_path, "poster": video.poster_path, "thumbnails": video.sprites_path}
        return {kind: self._sha256(key) for kind, key in kept.items()}

    def _sha256(self, key: str | None) -> str:
        try:
            return "" if key is None else sha256(self._stage.container.objects.read(key)).hexdigest()
        except ObjectNotFoundError:
            return ""

    def facts(
        self, orders: Mapping[int, Placed], calm: Mapping[int, Mapping[str, str]], cancelled: Collection[int]
    ) -> Facts:
        """Everything, once the dispatchers have ended."""
        files, states, usage = self.files(orders), self._logged("job"), self._logged("usage")
        return Facts(
            verdicts={
                number: replace(
                    self._verdict(order),
                    name=f"order {number}",
                    history=states.get(str(order.job_id), ()),
                    usage=None if order.video_id is None else usage.get(str(order.job_id), ()),
                    files=files[number],
                    is_cancelled=number in cancelled,
                )
                for number, order in orders.items()
            },
            calm=calm,
            months=self._months(),
            relapsed=tuple(self._logged("progress went back")),
            left=self._left(),
        )

    def _verdict(self, order: Placed) -> Verdict:
        """What the rows say."""
        job: RenderJob | PreparationJob
        with unit_of_work(self._stage.container.engine, is_read_only=True) as session:
            if order.video_id is None:
                job = session.get_one(PreparationJob, order.job_id)
                said = session.get_one(VideoAsset, order.asset_id).content_sha256
            else:
                job = session.get_one(RenderJob, order.job_id)
                said = job.output_sha256
        error = f"{job.error_code} after {job.attempt} attempts: {job.error_message}"
        return Verdict(state=job.job_status.value, sha256=said or "", error=error)

    def _logged(self, what: str) -> dict[str, tuple[str, ...]]:
        """The values that each row went through, by its identifier."""
        values: dict[str, list[str]] = {}
        with self._stage.container.engine.connect() as connection:
            noted = text("SELECT row_id, value FROM chaos_log WHERE what = :what ORDER BY id")
            for row_id, value in connection.execute(noted, {"what": what}):
                values.setdefault(row_id, []).append(value)
        return {row_id: tuple(each) for row_id, each in values.items()}

    def seen(self) -> Counter[str]:
        """What the dispatchers say has failed, by kind, from their log."""
        lines = (line for log in self._stage.folder.glob("dispatcher-*.log") for line in log.read_text().splitlines())
        failed = (line for line in lines if '"event": "cluster.task_failed"' in line or _STORE_FAILED in line)
        kinds = (re.search(r'"fault": "(\w+)"', line) for line in failed)
        return Counter("database" if kind is None else kind[1] for kind in kinds)

    def _months(self) -> dict[str, tuple[object, object]]:
        """For each user's month: videos and seconds that the ledger adds up to, and what its projection says."""
        added: dict[str, tuple[int, float]] = {}
        for entry in self._stage.orders.rows(UsageEntry):
            if entry.state is UsageState.SETTLED:
                month = f"{entry.user_id} {entry.period_start:%Y-%m}"
                videos, seconds = added.get(month, (0, 0.0))
                added[month] = videos + 1, seconds + entry.render_seconds
        said = {
            f"{usage.user_id} {usage.period_start:%Y-%m}": (usage.videos_rendered, usage.total_render_time)
            for usage in self._stage.orders.rows(UserUsage)
        }
        nothing = (0, 0.0)
        return {
            month: (_rounded(added.get(month, nothing)), _rounded(said.get(month, nothing)))
            for month in added.keys() | said.keys()
        }

    def _left(self) -> dict[str, tuple[str, ...]]:
        stage, redis = self._stage, self._stage.container.redis
        found = {
            "process": [f"{pid} {title}" for pid, title in stage.tasks().items()],
            "in Ray": self.left_in_ray(),
            "dispatcher": [each.name for each in stage.dispatchers if each.is_running],
            "Redis key": [] if redis is None else [key.decode() for key in redis.scan_iter()],
            "temporary file": [str(path) for path in (stage.folder / "tmp").rglob("*")],
            "object of nobody": sorted(self._orphans()),
        }
        return {kind: tuple(names) for kind, names in found.items()}

    def left_in_ray(self) -> list[str]:
        """Actors and drivers that live, demand that was not taken back."""
        environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self._stage.ray_token}
        asked = [sys.executable, "-m", "tests.chaos.ray_left", self._stage.ray_address]
        answer = subprocess.run(asked, env=environment, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
        left: list[str] = json.loads(answer.stdout)
        return left

    def _orphans(self) -> set[str]:
        """Videos and uploads in the store that no row names."""
        objects = self._stage.container.objects
        stored = {*objects.keys("rendered-videos/"), *objects.keys("quarantine/")}
        videos = self._stage.orders.rows(UserVideo)
        return stored - {
            key for each in videos for key in (each.output_path, each.poster_path, each.sprites_path) if key
        }

    def forget_renders(self) -> None:
        """Make the store what it was before anything was rendered. Rows stay."""
        objects = self._stage.container.objects
        for prefix in ("cells/", "sounds/", "rendered-videos/"):
            for key in tuple(objects.keys(prefix)):
                objects.delete(key)
        with unit_of_work(self._stage.container.engine) as session:
            for video in session.exec(select(UserVideo).where(col(UserVideo.output_path).is_not(None))):
                video.output_path = video.poster_path = video.sprites_path = None


def _rounded(month: tuple[int, float]) -> tuple[int, float]:
    return month[0], round(month[1], 3)
