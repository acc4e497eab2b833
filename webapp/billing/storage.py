"""How much is stored, as the database knows it."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlmodel import col

from webapp.models import AssetStatus, UserVideo, VideoAsset


def stored_bytes(of_assets: ColumnElement[bool], of_videos: ColumnElement[bool]) -> ColumnElement[int]:
    """The sum of uploads and finished videos with their pictures, for use in a query.

    Args:
        of_assets: Which uploads count; rejected ones never do.
        of_videos: Which videos count.
    """
    of_asset = col(VideoAsset.file_size) + func.coalesce(col(VideoAsset.poster_size), 0)
    of_video = func.coalesce(col(UserVideo.output_size), 0) + func.coalesce(col(UserVideo.pictures_size), 0)
    is_kept = col(VideoAsset.status) != AssetStatus.REJECTED
    return _total(of_asset, of_assets, is_kept) + _total(of_video, of_videos)


def _total(sizes: Any, *which: ColumnElement[bool]) -> ColumnElement[int]:  # noqa: ANN401 - an SQL expression
    # PostgreSQL sums large integers as decimals.
    return cast(func.coalesce(select(func.sum(sizes)).where(*which).scalar_subquery(), 0), BigInteger)
