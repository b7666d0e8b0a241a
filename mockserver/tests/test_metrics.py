"""`GET /_mock/metrics`: the counts of the mock, as Prometheus reads them."""

import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.semantics.types.accounts import PLANS
from tracepass_contract.mockserver.state.call_counts import SECONDS_MAX, CallCounts
from tracepass_contract.mockserver.state.workspaces import Balances, create_workspace
from tracepass_contract.mockserver.tests.client import Client

ACCOUNT = "one_slot_left"
Labels = frozenset[tuple[str, str]]
Samples = Mapping[tuple[str, Labels], float]


def test_the_counts_equal_those_of_the_ledger(client: Client) -> None:
    """Each call of an operation is one row of the ledger, and one call of the counts."""
    ledger = client.request("GET", f"/_mock/workspaces/{ACCOUNT}/ledger").json()
    samples = scraped(client)

    assert ledger["totals"]["executions"] > 0
    assert ledger["totals"]["replays"] > 0
    for total, number in ledger["totals"].items():
        name = {"passports": "passports", "overage_count": "overage_passports", "overage_cents": "overage_cents"}
        assert samples[f"tracepass_mock_{name.get(total, f'{total}_total')}", frozenset()] == number
    by_call: dict[tuple[str, str], int] = {}
    for row in ledger["entries"]:
        call = (row["operation"], str(row["status"]))
        by_call[call] = by_call.get(call, 0) + 1
    assert counted(samples) == by_call


def test_each_count_names_the_rule_that_decided(client: Client) -> None:
    counts = {labels: count for (name, labels), count in scraped(client).items() if name.endswith("requests_total")}

    assert {dict(labels)["rule"]: count for labels, count in counts.items()} == {
        "items.fail-independently": 1,
        "idempotency.replays-original": 2,
        "quota.asks-for-consent": 1,
        "calls.name-what-exists": 1,
    }


def test_a_call_that_comes_to_no_operation_is_counted_by_its_status(client: Client) -> None:
    client.request("GET", "/api/v1/passports")
    client.request("GET", "/api/v1/nothing/here")
    client.request("GET", "/_mock/nothing")

    labels = {"operation": "unrouted", "status": "401", "rule": "auth.bearer-required"}
    samples = scraped(client)
    assert samples["tracepass_mock_requests_total", frozenset(labels.items())] == 1
    labels = {"operation": "unrouted", "status": "404", "rule": ""}
    assert samples["tracepass_mock_requests_total", frozenset(labels.items())] == 1


def test_each_call_of_an_operation_has_a_duration(client: Client) -> None:
    client.request("GET", f"/_mock/workspaces/{ACCOUNT}")

    samples = scraped(client)
    name, batches = "tracepass_mock_request_seconds", ("operation", "createPassportBatch")
    assert samples[f"{name}_count", frozenset([batches])] == 4
    assert samples[f"{name}_bucket", frozenset([batches, ("le", "+Inf")])] == 4
    assert samples[f"{name}_sum", frozenset([batches])] > 0
    assert samples[f"{name}_count", frozenset([("operation", "getWorkspace")])] == 1  # of the control plane, too


@pytest.mark.parametrize(("seconds", "within"), [(0.0005, 0), (0.0006, 1), (10.0, 13), (11.0, 14)])
def test_a_duration_is_in_each_bucket_that_it_fits_in(seconds: float, within: int) -> None:
    counts = CallCounts()

    counts.durations["getPassport"].add(seconds)

    assert counts.durations["getPassport"].sum == seconds
    assert counts.durations["getPassport"].cumulative == [0] * within + [1] * (len(SECONDS_MAX) + 1 - within)


def test_the_workspaces_and_journals_are_measured(client: Client) -> None:
    samples = scraped(client)

    assert samples["tracepass_mock_workspaces", frozenset()] == len(client.mock.state.workspaces)
    assert samples["tracepass_mock_journal_entries", frozenset()] == 5
    assert samples["tracepass_mock_journal_bytes", frozenset()] > 0
    client.request("DELETE", f"/_mock/workspaces/{ACCOUNT}/journal")
    samples = scraped(client)
    assert samples["tracepass_mock_journal_entries", frozenset()] == 0
    assert samples["tracepass_mock_journal_bytes", frozenset()] == 0


def test_a_reset_begins_the_counts_anew_as_it_does_the_ledgers(client: Client) -> None:
    client.request("POST", "/_mock/reset")

    samples = scraped(client)
    assert counted(samples) == {}
    assert samples["tracepass_mock_executions_total", frozenset()] == 0


def test_no_label_has_a_workspace_or_a_key(client: Client) -> None:
    """A label is of a set that the mock knows, so that the number of series has a bound."""
    labels = {label for _, labels in scraped(client) for label in labels}

    assert {name for name, _ in labels} == {"operation", "status", "rule", "le", "version", "spec_sha256"}
    values = {value for _, value in labels}
    assert not values & {ACCOUNT, "key-1", client.account.api_key}


def test_the_series_do_not_grow_with_the_workspaces(client: Client) -> None:
    scraped(client)
    before = set(scraped(client))
    for _ in range(50):
        create_workspace(client.mock.state, PLANS["free"], Balances())

    assert set(scraped(client)) == before


def test_a_client_that_accepts_it_gets_openmetrics(client: Client) -> None:
    accept = [("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")]
    reply = client.request("GET", "/_mock/metrics", accept)

    assert reply.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    found = {family.name for family in openmetrics_families(reply.text)}  # type: ignore[no-untyped-call]
    assert "tracepass_mock_requests" in found


def test_health_says_that_there_are_metrics(client: Client) -> None:
    assert "metrics" in client.request("GET", "/_mock/health").json()["capabilities"]


def test_metrics_need_the_token_like_the_rest() -> None:
    client = Client()
    client.mock = create_app(clock=client.clock, control_token="the-token")

    assert client.request("GET", "/_mock/metrics").status_code == 401
    with_token = [("Authorization", "Bearer the-token")]
    assert client.request("GET", "/_mock/metrics", with_token).status_code == 200


@pytest.mark.tool("promtool")
def test_prometheus_itself_has_nothing_against_them(client: Client) -> None:
    text = client.request("GET", "/_mock/metrics").text

    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.fixture
def client() -> Client:
    """A mock that has executed, replayed, refused and read."""
    client = Client(ACCOUNT)
    client.batch(client.item(), key="key-1")
    client.batch(client.item(), key="key-1")
    client.batch(client.item(), key="key-1")
    client.batch(client.item("S-2"))
    client.api("GET", "/passports")
    return client


def scraped(client: Client) -> Samples:
    reply = client.request("GET", "/_mock/metrics")
    assert reply.status_code == 200
    return dict(_samples(reply.text))


def _samples(text: str) -> Iterator[tuple[tuple[str, Labels], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if family.name.startswith("tracepass_mock"):
                yield (sample.name, frozenset(sample.labels.items())), sample.value


def counted(samples: Samples) -> Mapping[tuple[str, str], float]:
    """The calls by operation and status."""
    counts: dict[tuple[str, str], float] = {}
    for (name, labels), count in samples.items():
        if name == "tracepass_mock_requests_total":
            found: dict[str, Any] = dict(labels)
            call = (found["operation"], found["status"])
            counts[call] = counts.get(call, 0) + count
    return counts
