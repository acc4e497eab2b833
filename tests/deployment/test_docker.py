import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
import ray
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deployment.manifests import ROOT

DOCKER = ROOT / "docker"
WEB, WORKER = DOCKER / "web.Dockerfile", DOCKER / "worker.Dockerfile"
OF_THE_WEB = {"reflex", "fastapi", "starlette", "sqlmodel", "sqlalchemy", "stripe", "granian", "psycopg", "alembic"}

_WITHOUT_OTHERS = """
import importlib, importlib.abc, json, pkgutil, sys
absent = set(json.loads(sys.stdin.read()))

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import cluster, render_core
for package in (cluster, render_core):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
"""


def named_in_worker_requirements() -> list[Requirement]:
    lines = (DOCKER / "worker-requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def installed_in_worker() -> set[str]:
    """Every distribution of the worker image: what is named, and what that requires in turn."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    ahead = [
        (canonicalize_name(one.name), extra) for one in named_in_worker_requirements() for extra in ("", *one.extras)
    ]
    while ahead:
        name, extra = ahead.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        found.add(name)
        for one in map(Requirement, requires(name) or ()):
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                ahead += [(canonicalize_name(one.name), each) for each in ("", *one.extras)]
    return found


def instructions(path: Path) -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def imported_by(package: str) -> set[str]:
    names: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - {"render_core", "cluster"} - sys.stdlib_module_names


def test_worker_image_holds_all_that_its_packages_import():
    owners = packages_distributions()
    named = {canonicalize_name(one.name) for one in named_in_worker_requirements()}
    only_for_types = {"_typeshed", "mypy_boto3_s3"}
    for module in (imported_by("cluster") | imported_by("render_core")) - only_for_types:
        owner = canonicalize_name(owners[module][0])
        assert owner in named or owner in installed_in_worker(), module


def test_worker_image_holds_every_font_that_the_product_has():
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    fonts = {Requirement(pin).name for pin in pinned if pin.startswith("fontpkg")}
    assert len(fonts) > 5
    assert fonts <= {one.name for one in named_in_worker_requirements()}


def test_both_images_hold_the_font_of_emoji():
    for file in (WEB, WORKER):
        assert "fonts-noto-color-emoji" in file.read_text()


def test_every_module_of_the_workers_loads_with_nothing_but_what_the_worker_image_holds():
    there = installed_in_worker()
    ours = {"render_core", "cluster"}
    inside_ray = {path.name for path in Path(ray.__file__).with_name("thirdparty_files").iterdir()}
    absent = [
        module
        for module, owners in packages_distributions().items()
        if not there & {canonicalize_name(owner) for owner in owners} and module not in ours | inside_ray
    ]
    assert {"reflex", "fastapi", "sqlmodel", "stripe"} <= set(absent)
    program = [sys.executable, "-c", _WITHOUT_OTHERS]
    done = subprocess.run(program, cwd=ROOT, input=json.dumps(absent), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_worker_image_holds_no_web_and_no_database():
    assert not OF_THE_WEB & installed_in_worker()
    copied = [rest for word, rest in instructions(WORKER) if word == "COPY"]
    assert not [rest for rest in copied if "webapp" in rest or rest.startswith(". ")]


def test_worker_requirements_name_pins_of_the_product():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {canonicalize_name(Requirement(pin).name) for pin in project["dependencies"]}
    locked = {
        canonicalize_name(line.partition("==")[0]) for line in (ROOT / "requirements.lock").read_text().splitlines()
    }
    for one in named_in_worker_requirements():
        assert not one.specifier, f"{one}: versions are those of requirements.lock"
        assert canonicalize_name(one.name) in pinned | locked


@pytest.mark.parametrize("path", [WEB, WORKER], ids=lambda path: path.stem)
def test_packages_come_in_locked_versions(path: Path):
    installs = [rest for word, rest in instructions(path) if word == "RUN" and "pip install" in rest]
    assert installs
    for rest in installs:
        assert "requirements.lock" in rest or "--no-deps" in rest


@pytest.mark.parametrize("path", [WEB, WORKER], ids=lambda path: path.stem)
def test_image_does_not_run_as_root(path: Path):
    users = [rest for word, rest in instructions(path) if word == "USER"]
    assert users == ["10001:10001"]
    assert [word for word, _ in instructions(path)][-1] == "CMD"


def test_both_images_have_the_same_python():
    images = {dict(instructions(path))["ARG"] for path in (WEB, WORKER)}
    assert len(images) == 1
    assert re.fullmatch(r"PYTHON_IMAGE=python:\d+\.\d+\.\d+-slim-\w+", images.pop())


@pytest.mark.parametrize("path", [WEB, WORKER], ids=lambda path: path.stem)
def test_what_is_copied_exists_and_is_let_through(path: Path):
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for word, rest in instructions(path):
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source == "." or source in let_through, source


def test_web_image_gets_all_that_the_product_reads_and_no_more():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert {"webapp", "cluster", "render_core", "alembic", "alembic.ini", "assets", "rxconfig.py"} <= let_through
    assert not {".data", ".env", ".git", ".web", "tests", "docs"} & let_through
    assert [name for name in let_through if not (ROOT / name).exists()] == []
