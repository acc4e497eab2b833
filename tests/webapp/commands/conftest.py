"""The command line in this process, on a product of the test's own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.webapp.product import Product
from webapp.cli import main


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> Any:  # noqa: ANN401 - whatever the JSON holds
        return json.loads(self.out)


@pytest.fixture
def reelgrove(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command."""
    monkeypatch.setenv("REELGROVE_ENV", "production")  # no .env of whoever runs the tests
    monkeypatch.setenv("REELGROVE_SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("REELGROVE_PUBLIC_URL", "https://reelgrove.example")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(int(end.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def run_product(small_product: Product, monkeypatch: pytest.MonkeyPatch) -> Product:
    """A product on SQLite that the commands look after."""
    monkeypatch.setenv("REELGROVE_DATA_DIR", str(small_product.container.settings.app.data_dir))
    return small_product
