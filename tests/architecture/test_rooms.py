import ast
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB_LIBRARIES = {"reflex", "fastapi", "starlette", "sqlmodel", "sqlalchemy", "stripe"}


def test_import_contracts_hold():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("contract", "package", "free"),
    [
        ("Only render_core.media imports av", "render_core", {"media"}),
        ("Only cluster.runtime knows Ray", "cluster", {"runtime"}),
    ],
)
def test_a_contract_that_lists_modules_leaves_none_out(contract: str, package: str, free: set[str]):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    listed = next(set(found["source_modules"]) for found in contracts if found["name"] == contract)
    modules = {module.name for module in pkgutil.iter_modules([str(ROOT / package)])}
    assert {f"{package}.{module}" for module in modules - free} <= listed


def test_alembic_folder_does_not_shadow_the_library():
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_webapp_package_exports_nothing():
    body = ast.parse((ROOT / "webapp" / "__init__.py").read_text()).body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)


@pytest.mark.parametrize("module", ["cluster.tasks", "cluster.runtime", "cluster.dispatcher", "render_core.render"])
def test_module_loads_no_web_library(module: str):
    program = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not WEB_LIBRARIES & set(loaded.stdout.split())


def test_a_helper_of_a_local_render_loads_what_its_video_needs():
    program = "import sys, cluster.crew, render_core.templates.lip_sync; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    others = {f"render_core.templates.{name}" for name in ("news", "promo", "split")}
    assert not (others | {"cluster.board", "structlog", "rich", "fontTools", "fontpkg"}) & set(loaded.stdout.split())


@pytest.mark.parametrize("module", ["webapp.cli", "webapp.settings", "webapp.container", "webapp.renders.dispatch"])
def test_importing_starts_nothing(module: str):
    program = (
        "import sys, threading\n"
        "def refuse(event, args):\n"
        "    if event in {'socket.connect', 'subprocess.Popen', 'sqlite3.connect'}:\n"
        "        raise SystemExit(f'{event} {args}')\n"
        "sys.addaudithook(refuse)\n"
        f"import {module}\n"
        "assert 'ray' not in sys.modules or not sys.modules['ray'].is_initialized()\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_is_pinned_exactly():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert [pin for pin in pins if "==" not in pin] == []
    locked = (ROOT / "requirements.lock").read_text().lower().replace("_", "-")
    missing = [pin for pin in pins if pin.partition("[")[0].partition("==")[0] not in locked]
    assert missing == []
