"""The options of the directed tests under plain pytest; `tracepass-check run` has the same names."""

import os
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from ..judging.cards import required
from ..target import settings as defaults
from ..target.deployment import deployment_of
from ..target.settings import Settings, mock_options_of


def add_to(parser: pytest.Parser) -> None:
    group = parser.getgroup("tracepass", "TracePass conformance")
    group.addoption("--target", metavar="URL", help="the deployment; without it a mock is started")
    group.addoption("--api-key", metavar="KEY", help="better given as TRACEPASS_CHECK_API_KEY")
    group.addoption("--product-id", metavar="ID", help="a product of the workspace")
    group.addoption("--gtin", metavar="GTIN", help="a GTIN of the workspace")
    group.addoption("--deployment", type=Path, metavar="FILE", help="deployment.toml: what is known of the deployment")
    group.addoption("--no-control-plane", action="store_true", help="use no control plane, even where there is one")
    group.addoption("--concurrency", action="store_true", help="open connections in parallel, for races")
    group.addoption("--max-writes", type=int, default=defaults.MAX_WRITES)
    group.addoption("--max-slots", type=int, default=defaults.MAX_SLOTS)
    group.addoption("--allow-charges", action="store_true", help="let confirmOverage be sent")
    group.addoption("--max-charge-cents", type=int, default=0)
    group.addoption("--keep-drafts", action="store_true", help="do not delete what the run created")
    group.addoption("--call-seconds", type=_seconds, default=defaults.CALL_SECONDS, help="patience with one call")
    group.addoption(
        "--time-limit", type=_seconds, default=defaults.TIME_LIMIT_SECONDS, help="seconds for the whole run"
    )
    group.addoption("--examples", type=int, default=defaults.EXAMPLES, help="sequences of calls to try")
    group.addoption("--rule", action="append", default=[], metavar="PREFIX", help="only rules that begin so")
    group.addoption("--card", type=Path, metavar="FILE", help="the readings that are required")
    group.addoption("--history", type=Path, metavar="FILE", help="keep all that was asked and answered")
    for form in ("json", "junit", "html"):
        group.addoption(f"--report-{form}", type=Path, metavar="FILE")
    group.addoption("--reading", action="append", default=[], metavar="ID=ANSWER", help="for the mock that is started")


def _seconds(text: str) -> float:
    """Raises `ArgumentTypeError` where it is too little time for a single call."""
    seconds = float(text)
    if not seconds >= defaults.SECONDS_LEAST:
        raise ArgumentTypeError(f"expected {defaults.SECONDS_LEAST} seconds or more, found {text}")
    return seconds


def settings_of(config: pytest.Config) -> Settings:
    """Raises `BadDeployment`, and `UnreadableFile` of a card."""
    option = config.option
    deployment = deployment_of(option.deployment, option.target, option.api_key, option.product_id, option.gtin)
    return Settings(
        deployment=deployment,
        control_plane=not option.no_control_plane,
        control_token=os.environ.get("TRACEPASS_CHECK_CONTROL_TOKEN"),
        concurrency=option.concurrency,
        max_writes=option.max_writes,
        max_slots=option.max_slots,
        max_charge_cents=option.max_charge_cents,
        allow_charges=option.allow_charges,
        keep_drafts=option.keep_drafts,
        call_seconds=option.call_seconds,
        time_limit_seconds=option.time_limit,
        examples=option.examples,
        seed=1,  # plain pytest is to find today what it found yesterday
        rule_prefixes=tuple(option.rule),
        card=required(option.card),
        learns=option.card is not None,
        history=option.history,
        report_json=option.report_json,
        report_junit=option.report_junit,
        report_html=option.report_html,
        mock_options=mock_options_of(option.reading, deployment),
    )
