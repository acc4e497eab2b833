"""What the manifests say, as data: bases and overlays, workloads and their containers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
KUBERAY = ROOT / "kuberay"
BASE = KUBERAY / "base"
OVERLAYS = (KUBERAY / "overlays" / "dev", KUBERAY / "overlays" / "production")

MONITORING = KUBERAY / "components" / "monitoring"

Manifest = dict[str, Any]


def documents(path: Path) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def monitoring() -> list[Manifest]:
    """What the component for Prometheus adds."""
    return [document for name in kustomization(MONITORING)["resources"] for document in documents(MONITORING / name)]


def kustomization(folder: Path) -> Manifest:
    (only,) = documents(folder / "kustomization.yaml")
    return only


def base_manifests() -> list[Manifest]:
    return [document for name in kustomization(BASE)["resources"] for document in documents(BASE / name)]


def manifest(kind: str, name: str) -> Manifest:
    (found,) = (one for one in base_manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def ray_cluster() -> Manifest:
    return manifest("RayCluster", "reelgrove-ray")


def pod_specs() -> Iterator[tuple[str, Manifest]]:
    """Every pod that the base makes, under a name."""
    for one in base_manifests():
        if one["kind"] in {"Deployment", "Job"}:
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]
    spec = ray_cluster()["spec"]
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        yield group.get("groupName", "head"), group["template"]["spec"]


def containers() -> Iterator[tuple[str, Manifest]]:
    for name, spec in pod_specs():
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            yield f"{name}/{container['name']}", container


def env_file(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def configuration(overlay: Path) -> dict[str, str]:
    """The variables of the product's ConfigMap and Secret as they are after an overlay; secrets from the example."""
    values = env_file(BASE / "reelgrove.env")
    for generator in kustomization(overlay).get("configMapGenerator", ()):
        values |= dict(literal.split("=", 1) for literal in generator["literals"])
    return values | env_file(KUBERAY / "overlays" / "dev" / "secrets.env.example")


def locked_version(package: str) -> str:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{package}=="))
