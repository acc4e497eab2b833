"""Every operation does what its documentation says, whatever it is asked by somebody who owns one of everything."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from tests.webapp.product import Media, Product, settings_for
from tests.webapp.refusals.stage import set_stage
from webapp.accounts.sessions import SESSION_COOKIE
from webapp.api.app import build_api
from webapp.container import Container, build_container
from webapp.pages import encode_cursor
from webapp.settings import RateSettings

EXAMPLES = 2
CURSOR = encode_cursor(datetime(2030, 1, 1, tzinfo=UTC), UUID(int=1))


@dataclass
class House:
    """What the operations meet.

    Attributes:
        ids: Of what is there, by the names that parameters give to it.
    """

    container: Container | None = None
    token: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def open_container(self) -> Container:
        assert self.container is not None, "nothing is opened before the first request"
        return self.container


HOUSE = House()
API = build_api(HOUSE.open_container)
DECIDED_LATER = (
    "^/api/(video/(user-render|still)|templates/(save-config|caption-words)|assets/(upload|direct)|webhooks.*)$"
)
"""What a template takes, what bytes are, or which address may be called, is more than a schema can say."""
SHADOWED = "^/api/(assets/(upload|direct|user-assets)|video/(still|user-render|render-status)|invites/accept)$"
"""The pattern of another address covers these as well, and its methods are answered as its own."""
SCHEMA = schemathesis.openapi.from_dict(
    API.openapi(),
    config=SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "request-timeout": 120.0,  # nothing here is about how fast a busy machine answers
            "phases": {"coverage": {"unexpected-methods": ["PUT"], "generate-duplicate-query-parameters": False}},
            "generation": {"deterministic": True, "max-examples": EXAMPLES, "no-shrink": True},
            "operations": [
                # What an issuer or Telegram has to prove is no matter of form.
                {"include-path-regex": "^/api/auth/", "checks": {"positive_data_acceptance": {"enabled": False}}},
                {"include-path-regex": DECIDED_LATER, "checks": {"positive_data_acceptance": {"enabled": False}}},
                {"include-path-regex": SHADOWED, "checks": {"unsupported_method": {"enabled": False}}},
            ],
        }
    ),
).exclude(path_regex="live-status")  # a stream without an end
SCHEMA.app = API


@pytest.fixture(scope="module")
def furnished(migrated_sqlite: Path, media: Media, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the data of a product in which everything is there once."""
    data_dir, kept = tmp_path_factory.mktemp("asked"), tmp_path_factory.mktemp("kept") / "data"
    shutil.copy(migrated_sqlite, data_dir / "reelgrove.db")
    container = build_container(replace(settings_for(data_dir), rates=RateSettings(rate_limits=False)))
    stage = set_stage(Product(container, media))
    HOUSE.container, HOUSE.token, HOUSE.ids = container, stage.tokens["ann"], stage.ids
    container.engine.dispose()
    shutil.copytree(data_dir, kept)
    yield kept
    container.close()


@pytest.fixture
def _as_it_was(furnished: Path):
    """Each operation finds everything, whatever the ones before have done to it."""
    container = HOUSE.open_container()
    container.engine.dispose()
    data_dir = container.settings.app.data_dir
    shutil.rmtree(data_dir)
    shutil.copytree(furnished, data_dir)


def known(value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """The value with ids of what is there for all that could be ids: made-up ones meet nothing."""
    if isinstance(value, dict):
        return {key: known(one, key if isinstance(key, str) else "") for key, one in value.items()}
    if isinstance(value, list):
        return [known(one, name) for one in value]
    if name == "cursor" and re.fullmatch("[A-Za-z0-9_-]{32}", str(value)):
        return CURSOR
    with suppress(ValueError, AttributeError, TypeError):
        UUID(value)
        return HOUSE.ids.get(name, HOUSE.ids["asset_id"])
    return value


@pytest.mark.usefixtures("_as_it_was")
@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_an_operation_does_what_it_says(case: schemathesis.Case):
    case.path_parameters, case.query, case.body = map(known, (case.path_parameters, case.query, case.body))
    case.call_and_validate(cookies={SESSION_COOKIE: HOUSE.token})
