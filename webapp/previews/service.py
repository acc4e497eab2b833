"""Stills on demand: painted in processes of their own, so that no page waits and no decoder can fell the server."""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from threading import Lock
from typing import TypeVar

from cluster.ports import ObjectStore
from render_core.media.still import StillFormat
from render_core.spec import AssetRef, RenderSpec
from webapp.errors import AppError
from webapp.previews.cache import StillCache
from webapp.previews.still import Still
from webapp.previews.worker import open_desk, paint_picture, paint_still, paint_thumbnail

T = TypeVar("T")
_WAIT_S = 20.0
_START_S = 60.0
"""A new process loads the renderer first: on a busy machine that takes longer than any picture."""
_PAINT_S = 15.0


class PreviewError(AppError):
    """The picture could not be made this time."""

    code = "preview_failed"
    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStill:
    """A still that its owner can fetch by digest for a while.

    Attributes:
        frame: Its number within the video of ``frame_count`` frames.
    """

    digest: str
    frame: int
    frame_count: int
    fps: float
    width: int
    height: int


class StillService:
    """Paints stills with the renderer. Processes start with the first request, and again after one has died.

    Args:
        open_store: Opens the object store in a new process; must be picklable.
        cache: Where finished stills wait to be fetched.
        processes: How many are painted at once.
        limit_s: The longest that one picture may take.
    """

    def __init__(
        self,
        open_store: Callable[[], ObjectStore],
        cache: StillCache,
        *,
        processes: int = 1,
        limit_s: float = _PAINT_S,
    ) -> None:
        self._open_store = open_store
        self._cache = cache
        self._processes = processes
        self._limit_s = limit_s
        self._pool: ProcessPoolExecutor | None = None
        self._has_painted = False
        self._lock = Lock()

    async def still(self, owner: str, spec: RenderSpec, frame: int) -> ShownStill:
        """Paint a frame for ``owner``; cancelling takes the request back as long as no process has begun it.

        Raises:
            PreviewError: The process died or took too long.
            InvalidInputError: The spec cannot be drawn, for the reason it says.
            MediaError: One of its files cannot be read.
        """
        spec_json = spec.model_dump_json()
        digest = hashlib.sha256(f"{frame}:{spec_json}".encode()).hexdigest()
        still = self._cache.find(owner, digest)
        if still is None:
            still = await self._paint(partial(paint_still, spec_json, frame))
            await asyncio.to_thread(self._cache.put, owner, digest, still)
        return _shown(digest, still)

    def jpeg(self, owner: str, digest: str) -> bytes | None:
        """The picture of a shown still, for its owner only; None when it was let go."""
        return self._cache.jpeg(owner, digest)

    async def picture(self, spec: RenderSpec, frame: int, form: StillFormat = "jpeg") -> bytes:
        """A frame (the last one when there are fewer) as a file, kept for nobody."""
        return await self._paint(partial(paint_picture, spec.model_dump_json(), frame, form))

    async def thumbnail(self, asset: AssetRef) -> bytes:
        """A small JPEG of an image or clip. Who may see the asset has been decided by the caller."""
        return await self._paint(partial(paint_thumbnail, asset.model_dump_json()))

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._discard(self._pool)

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool, self._has_painted = None, False
        pool.shutdown(wait=False, cancel_futures=True)

    async def _paint(self, work: Callable[[], T]) -> T:
        pool = self._open_pool()
        wait_s = _WAIT_S if self._has_painted else _START_S
        try:
            done = await asyncio.wait_for(asyncio.wrap_future(pool.submit(work)), wait_s)
        except BrokenExecutor as error:
            self._discard(pool)
            raise PreviewError("The preview stopped unexpectedly: change something or try again.") from error
        except TimeoutError as error:
            raise PreviewError(f"The preview took longer than {wait_s:.0f} s: try again in a moment.") from error
        self._has_painted = True
        return done

    def _open_pool(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self._processes,
                    mp_context=get_context("spawn"),
                    initializer=open_desk,
                    initargs=(self._open_store, self._limit_s),
                )
            return self._pool


def _shown(digest: str, still: Still) -> ShownStill:
    return ShownStill(
        digest=digest,
        frame=still.frame,
        frame_count=still.frame_count,
        fps=float(still.fps),
        width=still.width,
        height=still.height,
    )
