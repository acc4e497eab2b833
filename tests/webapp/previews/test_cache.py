"""Where finished stills wait."""

from fractions import Fraction

import pytest
from redis import Redis

from webapp.previews.cache import StillCache
from webapp.previews.still import Still


def still(jpeg: bytes) -> Still:
    return Still(jpeg=jpeg, frame=0, frame_count=1, fps=Fraction(30), width=2, height=2)


def test_the_one_not_asked_for_longest_goes_first():
    cache = StillCache(capacity=2)
    cache.put("me", "a", still(b"a"))
    cache.put("me", "b", still(b"b"))
    assert cache.find("me", "a")
    cache.put("me", "c", still(b"c"))
    assert [cache.jpeg("me", digest) for digest in "abc"] == [b"a", None, b"c"]


def test_a_digest_opens_its_owners_stills_only():
    cache = StillCache()
    cache.put("me", "a", still(b"a"))
    assert cache.jpeg("somebody", "a") is None


def test_another_web_process_finds_a_still_through_redis(redis_url: str):
    here, there = (StillCache(redis=Redis.from_url(redis_url)) for _ in range(2))
    here.put("me", "a", still(b"a"))
    assert there.jpeg("me", "a") == b"a"
    assert there.jpeg("somebody", "a") is None


@pytest.mark.parametrize("digest", ["a", "b"])
def test_without_redis_the_own_stills_remain(digest: str):
    cache = StillCache(redis=Redis.from_url("redis://127.0.0.1:1/0"))
    cache.put("me", "a", still(b"a"))
    assert cache.jpeg("me", digest) == (b"a" if digest == "a" else None)
