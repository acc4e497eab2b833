"""The REST edge alone, for a real server."""

from functools import lru_cache

from webapp.api.app import build_api
from webapp.container import build_container

app = build_api(lru_cache(build_container))
