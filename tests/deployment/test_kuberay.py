import secrets
import shlex
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from typer.main import get_command

from cluster import runtime
from cluster.runtime import RaySettings
from cluster.s3 import S3ObjectStore
from tests.conftest import beside_checkout
from tests.deployment.manifests import (
    BASE,
    KUBERAY,
    MONITORING,
    OVERLAYS,
    ROOT,
    base_manifests,
    configuration,
    containers,
    documents,
    kustomization,
    locked_version,
    manifest,
    monitoring,
    pod_specs,
    ray_cluster,
)
from webapp.cli import app
from webapp.settings import Settings, load_settings

CORE = [one for one in base_manifests() if not one["apiVersion"].startswith("ray.io/")]
PODS = dict(pod_specs())
CONTAINERS = dict(containers())
DATA_DIR = configuration(OVERLAYS[0])["REELGROVE_DATA_DIR"]
RAY_PODS = ("head", "render", "dispatcher")


def named(one: dict[str, Any]) -> str:
    return f"{one['kind']}-{one['metadata']['name']}"


def quantity(text: str) -> float:
    units = {"m": 1e-3, "Mi": 2**20, "Gi": 2**30}
    unit = next((unit for unit in units if text.endswith(unit)), "")
    return float(text.removesuffix(unit)) * units.get(unit, 1)


def strict(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """A CRD's schema in which an unknown field is an error."""
    if isinstance(schema, list):
        return [strict(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    is_open = schema.get("x-kubernetes-preserve-unknown-fields", False)
    plain = {key: strict(value) for key, value in schema.items() if not str(key).startswith("x-kubernetes-")}
    if isinstance(plain.get("properties"), dict) and "type" in plain and not is_open:
        plain.setdefault("additionalProperties", False)
    return plain


@pytest.fixture(scope="module")
def ray_cluster_schema() -> dict[str, Any]:
    path = beside_checkout("crds") / "ray.io_rayclusters.yaml"
    definition = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    (version,) = (one for one in definition["spec"]["versions"] if one["name"] == "v1")
    schema = strict(version["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    return schema


def test_ray_cluster_fits_the_operators_schema(ray_cluster_schema: dict[str, Any]):
    jsonschema.validate(ray_cluster(), ray_cluster_schema)


def test_a_misspelt_field_does_not_fit_the_schema(ray_cluster_schema: dict[str, Any]):
    cluster = ray_cluster()
    cluster["spec"]["headGroupSpec"]["template"]["spec"]["containers"][0]["redinessProbe"] = {}
    with pytest.raises(jsonschema.ValidationError, match="redinessProbe"):
        jsonschema.validate(cluster, ray_cluster_schema)


@pytest.mark.parametrize("one", CORE, ids=named)
def test_manifest_is_valid_kubernetes(one: dict[str, Any]):
    kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("name", RAY_PODS[:2])
def test_pod_of_the_ray_cluster_is_valid_kubernetes(name: str):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": PODS[name]}
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("folder", [BASE, *OVERLAYS, MONITORING], ids=lambda folder: folder.name)
def test_every_file_is_used_and_every_used_file_exists(folder: Path):
    said = kustomization(folder)
    generators = [*said.get("configMapGenerator", ()), *said.get("secretGenerator", ())]
    used = {*said["resources"], *(patch["path"] for patch in said.get("patches", ()))}
    used |= set(said.get("configurations", ()))
    used |= {name for generator in generators for name in generator.get("envs", ())}
    missing = {name for name in used if not (folder / name).exists()}
    assert missing <= {"secrets.env"}  # each person's own, from the example
    there = {path.name for path in folder.iterdir()} - {"kustomization.yaml", "secrets.env", "secrets.env.example"}
    assert there == {name for name in used if "/" not in name} - {"secrets.env"}


def test_no_secret_is_kept_in_the_repository():
    assert not [named(one) for one in base_manifests() if one["kind"] == "Secret"]
    assert "kuberay/overlays/*/secrets.env" in (KUBERAY.parent / ".gitignore").read_text().splitlines()
    example = (KUBERAY / "overlays" / "dev" / "secrets.env.example").read_text()
    assert all("change-me" in line for line in example.splitlines())


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda folder: folder.name)
def test_variables_are_settings_and_make_valid_ones(overlay: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    variables = configuration(overlay)
    concerns = [field.default_factory for field in fields(Settings)]
    known = {f"REELGROVE_{name.upper()}" for concern in concerns for name in concern.model_fields}
    assert set(variables) <= known
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("change-me", secrets.token_hex(32)))
    settings = load_settings()
    assert settings.app.is_development == (overlay.name == "dev")
    assert settings.database_url.startswith("postgresql+psycopg://")
    assert settings.redis.redis_url
    assert settings.storage.is_s3
    assert settings.cluster.ray_address == f"{ray_cluster()['metadata']['name']}-head-svc:6379"


def test_variables_a_manifest_names_are_in_the_configuration():
    known = configuration(OVERLAYS[1])
    for path in BASE.glob("*.yaml"):
        words = path.read_text().replace("(", " ").replace(")", " ").split()
        assert {word for word in words if word.startswith("REELGROVE_")} <= set(known), path


def test_what_the_ray_processes_agree_on_is_what_a_local_cluster_is_started_with():
    local = runtime.process_environment(1)
    ours = manifest("ConfigMap", "ray-environment")["data"]
    assert {
        name: value for name, value in local.items() if name not in {"PYTHONPATH", "RAY_num_workers_soft_limit"}
    } == ours
    for name in ("head/ray-head", "render/ray-worker", "dispatcher/ray-node", "dispatcher/dispatcher"):
        assert {"configMapRef": {"name": "ray-environment"}} in CONTAINERS[name]["envFrom"]


def test_versions_are_those_of_the_product_and_of_the_locked_ray():
    version = locked_version("ray")
    product = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert ray_cluster()["spec"]["rayVersion"] == version
    for overlay in OVERLAYS:
        images = kustomization(overlay)["images"]
        assert {image["name"] for image in images} == {container["image"] for container in CONTAINERS.values()}
        assert {image["newTag"] for image in images} == {f"{product}-ray{version}"}


@pytest.mark.parametrize("name", PODS)
def test_pod_runs_as_nobody_in_particular(name: str):
    security = PODS[name]["securityContext"]
    assert security["runAsNonRoot"]
    assert security["runAsUser"] > 0
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert name == "head" or PODS[name]["automountServiceAccountToken"] is False  # the autoscaler asks for workers


@pytest.mark.parametrize("name", CONTAINERS)
def test_container_is_confined_and_bounded(name: str):
    container = CONTAINERS[name]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for bounds in (container["resources"]["requests"], container["resources"]["limits"]):
        assert set(bounds) == {"cpu", "memory"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_commands_exist(name: str):
    command = CONTAINERS[name].get("command", ["ray", "start"])  # the operator's own
    if command[0] == "cp":
        assert command[2].startswith("/app/.web/backend")
    elif command[0] == "reelgrove":
        parser = get_command(app).commands[command[1]]
        parser.make_context(command[1], [str(word) for word in command[2:]])
    else:
        assert shlex.join(command).startswith("ray start")


def test_head_gives_no_cpu_to_tasks():
    assert ray_cluster()["spec"]["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    assert "--num-cpus=0" in CONTAINERS["dispatcher/ray-node"]["command"]


def test_two_versions_never_render_side_by_side():
    assert ray_cluster()["spec"]["upgradeStrategy"] == {"type": "Recreate"}


def test_ray_client_is_not_offered():
    ports = {port["name"]: port["containerPort"] for port in CONTAINERS["head/ray-head"]["ports"]}
    assert ports == {"gcs-server": 6379, "dashboard": 8265}


def test_workers_come_from_nothing_and_go_again():
    spec = ray_cluster()["spec"]
    assert spec["enableInTreeAutoscaling"]
    assert spec["autoscalerOptions"]["version"] == "v2"
    for group in spec["workerGroupSpecs"]:
        assert group["replicas"] == group["minReplicas"] == 0
        assert group["maxReplicas"] > 0
        assert group["idleTimeoutSeconds"] > 0


def worker_sizes() -> list[dict[str, Any]]:
    patches = documents(OVERLAYS[1] / "raycluster.yaml")[0]
    (larger,) = (patch["value"] for patch in patches if patch["path"].endswith("/resources"))
    return [CONTAINERS["render/ray-worker"]["resources"], larger]


@pytest.mark.parametrize("resources", worker_sizes(), ids=["base", "production"])
def test_a_worker_has_a_whole_cpu_and_enough_memory_for_each_task(resources: dict[str, Any]):
    assert resources["requests"] == resources["limits"]
    cpus = int(resources["limits"]["cpu"])
    (group,) = ray_cluster()["spec"]["workerGroupSpecs"]
    shared = int(group["rayStartParams"]["object-store-memory"])
    assert quantity(resources["limits"]["memory"]) >= shared + 2 * cpus * RaySettings().task_memory_bytes


@pytest.mark.parametrize("name", RAY_PODS)
def test_every_node_of_ray_has_shared_memory_and_the_folder_for_local_copies(name: str):
    volumes = {volume["name"]: volume["emptyDir"] for volume in PODS[name]["volumes"]}
    for container in (*PODS[name].get("initContainers", ()), *PODS[name]["containers"]):
        mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}
        assert mounted["/dev/shm"]["medium"] == "Memory"
        copies = S3ObjectStore(bucket="any", cache=Path(DATA_DIR)).cache_bytes
        assert quantity(mounted[DATA_DIR]["sizeLimit"]) > copies


def test_dispatcher_stands_beside_a_node_of_the_cluster():
    pod = PODS["dispatcher"]
    node, driver = CONTAINERS["dispatcher/ray-node"], CONTAINERS["dispatcher/dispatcher"]
    assert pod["shareProcessNamespace"]  # a driver finds its node among the processes
    assert node["restartPolicy"] == "Always"
    assert node["volumeMounts"] == driver["volumeMounts"]
    assert node["env"] == driver["env"]
    token = {entry["name"]: entry for entry in driver["env"]}["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"]
    assert token == {"name": ray_cluster()["metadata"]["name"], "key": "auth_token"}
    assert ray_cluster()["spec"]["authOptions"] == {"mode": "token"}


def test_there_is_never_a_second_dispatcher():
    spec = manifest("Deployment", "dispatcher")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_secrets_of_the_product_stay_with_the_product():
    holders = {name for name, one in CONTAINERS.items() if "reelgrove-secrets" in str(one.get("envFrom"))}
    assert holders == {"web/web", "dispatcher/dispatcher", "migrate/migrate"}
    assert "RAY_AUTH" not in str(PODS["web"])


def labels_of_pods() -> dict[str, dict[str, str]]:
    spec = ray_cluster()["spec"]
    templates = {
        one["metadata"]["name"]: one["spec"]["template"] for one in CORE if one["kind"] in {"Deployment", "Job"}
    }
    templates |= {"head": spec["headGroupSpec"]["template"], "render": spec["workerGroupSpecs"][0]["template"]}
    # The operator adds the type of a node.
    types = {"head": {"ray.io/node-type": "head"}, "render": {"ray.io/node-type": "worker"}}
    return {name: template["metadata"]["labels"] | types.get(name, {}) for name, template in templates.items()}


def selected(selector: dict[str, Any]) -> set[str]:
    def fits(labels: dict[str, str]) -> bool:
        exact = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
        return exact and all(labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ()))

    return {name for name, labels in labels_of_pods().items() if fits(labels)}


def test_nothing_reaches_a_pod_unless_a_policy_says_so():
    policies = {one["metadata"]["name"]: one["spec"] for one in CORE if one["kind"] == "NetworkPolicy"}
    assert selected(policies["nothing-comes-in"]["podSelector"]) == set(PODS)
    assert "ingress" not in policies["nothing-comes-in"]
    opened = {name: spec for name, spec in policies.items() if "ingress" in spec}
    assert set(opened) == {"ray-among-itself", "web-from-ingress"}
    assert selected(opened["web-from-ingress"]["podSelector"]) == {"web"}
    (rule,) = opened["ray-among-itself"]["ingress"]
    (peer,) = rule["from"]
    assert selected(peer["podSelector"]) == selected(opened["ray-among-itself"]["podSelector"]) == set(RAY_PODS)


def test_figures_are_asked_for_where_they_are_and_by_prometheus_alone():
    monitors = [one["spec"] for one in monitoring() if one["kind"] == "PodMonitor"]
    watched = [selected(monitor["selector"]) for monitor in monitors]
    assert watched == [{"head"}, {"render"}, {"dispatcher"}, {"web"}]
    ports = [{endpoint["port"] for endpoint in monitor["podMetricsEndpoints"]} for monitor in monitors]
    node = CONTAINERS["dispatcher/ray-node"]  # the operator gives the other nodes such a port
    assert ports == [{node["ports"][0]["name"]}] * 3 + [{CONTAINERS["web/web"]["ports"][0]["name"]}]
    assert f"--metrics-export-port={node['ports'][0]['containerPort']}" in node["command"]
    (endpoint,) = monitors[3]["podMetricsEndpoints"]
    (secret,) = {source["secretRef"]["name"] for source in CONTAINERS["web/web"]["envFrom"] if "secretRef" in source}
    token = endpoint["authorization"]["credentials"]
    assert (token["name"], token["key"]) == (secret, "REELGROVE_METRICS_TOKEN")
    assert token["key"] in configuration(OVERLAYS[0])
    policies = [one["spec"] for one in monitoring() if one["kind"] == "NetworkPolicy"]
    assert [selected(policy["podSelector"]) for policy in policies] == [set(RAY_PODS), {"web"}]
    for policy, opened in zip(policies, ports[2:], strict=True):
        (rule,) = policy["ingress"]
        assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
        assert {port["port"] for port in rule["ports"]} == opened


def test_nodes_that_open_media_cannot_call_anywhere():
    policies = {one["metadata"]["name"]: one["spec"] for one in CORE if one["kind"] == "NetworkPolicy"}
    assert selected(policies["ray-goes-out"]["podSelector"]) == {"head", "render"}
    assert selected(policies["head-asks-for-workers"]["podSelector"]) == {"head"}
    everywhere = [rule["ports"] for rule in policies["ray-goes-out"]["egress"] if "to" not in rule]
    assert everywhere == [[{"port": 443}]]


def test_web_writes_where_reflex_leaves_its_marks():
    init, web = CONTAINERS["web/page"], CONTAINERS["web/web"]
    paths = {mount["name"]: mount["mountPath"] for mount in web["volumeMounts"]}
    assert paths["page"] == "/app/.web/backend"
    assert init["command"] == ["cp", "-r", f"{paths['page']}/.", init["volumeMounts"][0]["mountPath"]]


def test_service_finds_the_web_pods_and_their_port():
    service = manifest("Service", "web")["spec"]
    assert selected({"matchLabels": service["selector"]}) == {"web"}
    (port,) = CONTAINERS["web/web"]["ports"]
    assert service["ports"][0]["targetPort"] == port["name"]
    assert str(port["containerPort"]) == configuration(OVERLAYS[1])["REELGROVE_PORT"]
