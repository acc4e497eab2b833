from datetime import timedelta
from uuid import UUID, uuid4

from cluster.jobs import JobOutput
from cluster.keys import beside, render_key
from tests.webapp.product import Product
from webapp.models import RenderJob
from webapp.renders.clearing import clear_orphans
from webapp.renders.service import cancel_render
from webapp.renders.signals import SilentBell
from webapp.renders.store import SqlJobStore

_NOW = timedelta(0)


def _write_files(product: Product, video_id: object, job_id: object) -> tuple[str, str, str]:
    """What an assembly puts into the store."""
    video = render_key(str(video_id), str(job_id))
    keys = video, beside(video, "poster.jpg"), beside(video, "sprites.jpg")
    for key in keys:
        product.container.objects.put_bytes(key, b"x")
    return keys


def _job_of(product: Product, video_id: UUID) -> RenderJob:
    return next(job for job in product.rows(RenderJob) if job.video_id == video_id)


def _renders(product: Product, count: int) -> list[UUID]:
    ann = product.user("ann")
    avatar = product.upload(ann, product.media.avatar)
    return [product.render(ann, product.order(avatar.id)).id for _ in range(count)]


def _cleared(product: Product, grace: timedelta = _NOW) -> int:
    return clear_orphans(product.container.engine, product.container.objects, grace=grace)


def test_what_a_render_cancelled_at_the_last_moment_has_left_goes(product: Product):
    [video_id] = _renders(product, 1)
    product.do(lambda session: cancel_render(session, product.user("ann"), video_id, bell=SilentBell()))
    keys = _write_files(product, video_id, _job_of(product, video_id).id)
    assert _cleared(product) == 3
    assert product.stored_keys().isdisjoint(keys)


def test_files_of_finished_and_of_running_renders_stay(product: Product):
    finished, running = _renders(product, 2)
    store = SqlJobStore(product.container.engine)
    epoch = store.acquire_lease("me", 600)
    assert epoch
    requests = {
        request.video_id: request for job in product.rows(RenderJob) if (request := store.claim(str(job.id), epoch))
    }
    keys = [_write_files(product, video_id, _job_of(product, video_id).id) for video_id in (finished, running)]
    video, poster, sprites = keys[0]
    output = JobOutput(
        key=video,
        size_bytes=1,
        sha256="0" * 64,
        frame_count=30,
        duration_s=1.0,
        render_seconds=1.0,
        poster=poster,
        sprites=sprites,
    )
    assert store.complete(requests[str(finished)], output, epoch)
    assert _cleared(product) == 0
    assert product.stored_keys() >= {*keys[0], *keys[1]}


def test_files_of_videos_that_are_gone_go_after_an_hour(product: Product):
    keys = _write_files(product, uuid4(), uuid4())
    product.container.objects.put_bytes("rendered-videos/not-ours/x.mp4", b"x")
    assert _cleared(product, timedelta(hours=1)) == 0
    assert product.stored_keys() >= set(keys)
    assert _cleared(product) == 3
    assert product.stored_keys() == {"rendered-videos/not-ours/x.mp4"}
