"""The options of a run under plain pytest. `--target URL` takes the place of the argument of `tracepass-check run`."""

import os
from typing import Any

import pytest

from . import options
from .options import Option

_OPTIONS = (
    Option("--target", "URL of the deployment. Default: a mock is started for the run.", metavar="URL"),
    options.DEPLOYMENT,
    *options.RUN,
    options.READING,
    options.CARD,
    options.ACCEPT_UNTESTED,
    *options.REPORTS,
)


def add_to(parser: pytest.Parser) -> None:
    group = parser.getgroup("tracepass", "TracePass conformance")
    for option in _OPTIONS:
        if option.kind is bool:
            group.addoption(option.name, action="store_true", help=option.help)
            continue
        kind: Any = options.number_of(option) if option.least is not None else option.kind
        by_default = f" Default: {option.default}." if option.default is not None else ""
        group.addoption(
            option.name,
            action="append" if option.repeats else "store",
            default=[] if option.repeats else option.default,
            type=kind,
            metavar=option.metavar,
            help=f"{option.help}{by_default}",
        )


def values_of(config: pytest.Config) -> dict[str, Any]:
    """The values of the options, as `settings_of` and `files_of` take them.

    The seed is always the same: plain pytest finds today what it found yesterday.
    """
    values = {option.key: getattr(config.option, option.key) for option in _OPTIONS}
    values["control_token"] = values["control_token"] or os.environ.get("TRACEPASS_CHECK_CONTROL_TOKEN")
    return {**values, "url": values["target"], "seed": 1}
