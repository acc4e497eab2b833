import asyncio
import io
import json
import sys

import pytest
import structlog

from cluster.logs import configure_logging
from tests.webapp.ui.tabs import Tab
from webapp.ui.edge import actor_of, as_user, show_error


def test_what_a_tab_fails_at_is_logged_with_whose_tab_it_is(tab: Tab, monkeypatch: pytest.MonkeyPatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging()
    structlog.configure(cache_logger_on_first_use=False)
    actor = asyncio.run(actor_of(tab.studio))
    with pytest.raises(RuntimeError) as failure:
        asyncio.run(as_user(tab.studio, _fail))
    show_error(failure.value)  # Reflex calls it in a task of its own
    structlog.reset_defaults()
    [line] = [one for one in map(json.loads, stream.getvalue().splitlines()) if one["event"] == "ui.handler_failed"]
    assert line["user_id"] == str(actor.user_id)
    assert line["request_id"]
    assert tab.token not in stream.getvalue()


def _fail(*_: object) -> object:
    raise RuntimeError("something unforeseen")


def test_what_a_handler_logs_later_has_the_ids_of_its_event(tab: Tab):
    async def handle() -> dict[str, object]:
        await actor_of(tab.studio)
        return structlog.contextvars.get_contextvars()

    assert asyncio.run(handle()).keys() >= {"request_id", "user_id"}
