"""The files of deploy/ fit each other and the command line."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tracepass_contract.mockserver.cli.serve_command import serve_command

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
HAPROXY = (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8")
NAMES = ["mock-0", "mock-1", "mock-2", "mock-3"]


def manifests(kind: str) -> Mapping[str, Any]:
    """The manifests of this kind by their names."""
    found: Sequence[Any] = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def container(workload: Any) -> Any:
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return only


def test_the_balancer_has_a_backend_for_each_replica_and_the_first_by_default() -> None:
    assert re.findall(r"^backend (mock-\d)", HAPROXY, flags=re.MULTILINE) == NAMES
    assert re.findall(r"default_backend (\S+)", HAPROXY) == [NAMES[0]]
    for name in NAMES:
        addresses = set(re.findall(rf"^  server {name} (\S+)$", HAPROXY, flags=re.MULTILINE))
        assert len(addresses) == 1  # where it is checked, and where its calls go


def test_kubernetes_routes_by_the_same_file() -> None:
    kustomization = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text(encoding="utf-8"))
    assert kustomization["resources"] == ["kubernetes.yaml"]
    assert kustomization["configMapGenerator"] == [{"name": "balancer", "files": ["haproxy.cfg"]}]

    balancer = manifests("Deployment")["balancer"]
    (volume,) = balancer["spec"]["template"]["spec"]["volumes"]
    assert volume["configMap"] == {"name": "balancer"}
    given = {each["name"]: each["value"] for each in container(balancer)["env"]}
    assert given.keys() == set(re.findall(r"\$\{(\w+)-", HAPROXY))
    assert [given[f"MOCK_{n}"] for n in range(4)] == [f"{name}:4747" for name in NAMES]


def test_the_pods_are_the_replicas_that_the_balancer_knows() -> None:
    mock = manifests("StatefulSet")["mock"]
    given = {each["name"]: each.get("value") for each in container(mock)["env"]}

    pods = [f"{mock['metadata']['name']}-{n}" for n in range(mock["spec"]["replicas"])]
    assert pods == NAMES == given["TRACEPASS_MOCK_REPLICAS"].split(",")
    services = manifests("Service")
    for name in NAMES:
        assert services[name]["spec"]["selector"] == {"statefulset.kubernetes.io/pod-name": name}
    known = {f"TRACEPASS_MOCK_{(each.name or '').upper()}" for each in serve_command.params}
    assert given.keys() <= known


def test_prometheus_asks_each_replica() -> None:
    (job,) = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]

    (targets,) = job["static_configs"]
    assert targets["targets"] == re.findall(r"\$\{MOCK_\d-([\d.:]+)\}\"$", HAPROXY, flags=re.MULTILINE)[:4]
    assert job["metrics_path"] == "/_mock/metrics"


@pytest.mark.tool("promtool")
def test_prometheus_has_nothing_against_its_configuration() -> None:
    command = ["promtool", "check", "config", str(DEPLOY / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
