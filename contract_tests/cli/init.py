"""The command `init`: looks at a deployment, and writes a deployment file with what it found.

What it can't know stands there as a comment, with the number of rules that it lets a run test.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tracepass_contract.spec import rules

from ..model.redaction import Redactor
from ..report.files import write_file
from ..run.options import Option
from ..run.pytest_run import Check, collect_checks
from ..run.run import Run
from ..target.deployment import Deployment
from ..target.found import Found
from ..target.settings import Settings
from .arguments import URL, reached, settings_from, with_options, writes
from .clean import CONNECTION, DEFAULTS

_OUTPUT = Option("--output", "The deployment file to write. Default: deployment.toml.", Path, "FILE")
_FORCE = Option("--force", "Overwrite an existing file. Default: it is kept.", bool, default=False)
_UNKNOWN = {  # by the capability that it gives; what begins a table of TOML comes last
    "W": [
        "writes_left = 100   # what is left of today's write budget when a run starts",
        "unlimited_writes = true   # instead of it, where the workspace has no write budget",
    ],
    "Q": [
        "slots_left = 50   # passports that still fit into the quota when a run starts",
        "unlimited_slots = true   # instead of it, where the workspace has no quota",
    ],
    "K2": ['second_key_env = "SECOND_KEY"   # the variable that holds a second key of this workspace'],
    "O": ["overage_supported = true   # or false: does the plan sell passports beyond its quota? (--allow-charges)"],
    "C": ["(no line: the option --concurrency)   # calls in parallel"],
    "T2": [
        "[second_workspace]   # another workspace of the same deployment",
        'api_key_env = "OTHER_KEY"',
        'product_id = "…"',
        'gtin = "…"',
    ],
    "T": ["[hooks]", 'set_clock = ["./set-clock", "{now}"]   # a program that moves the clock of the deployment'],
}


@click.command("init")
@URL
@with_options(*CONNECTION, _OUTPUT, _FORCE)
def init_command(*, output: Path | None, force: bool, **given: Any) -> None:
    """Look at the deployment at URL, and write a deployment file. Creates nothing.

    It needs an API key (TRACEPASS_CHECK_API_KEY), --product-id and --gtin. It sends reads, and calls that must be
    refused. Complete the lines that it could not find out, then use the file with `run --deployment FILE`.
    """
    path = output or Path("deployment.toml")
    if path.exists() and not force:
        raise click.UsageError(f"{path} exists. Use --force to overwrite it, or --output FILE.")
    settings = settings_from({**DEFAULTS, **given})
    if settings.deployment is None:
        raise click.UsageError("init needs the URL of a deployment")
    known = replace(settings.deployment, read_back=False, single_create=False)  # it looks by itself, and at more
    with reached(replace(settings, deployment=known, control_plane=False)) as target:
        found = target.look()
        redactor = Redactor(target.session.secrets)
    checks = collect_checks(Run(Settings()))
    content = redactor.text("\n".join(_lines(known, found, checks)) + "\n")
    with writes():
        write_file(path, content.encode())
    click.echo(
        f"wrote {path}. Next: complete its commented lines, then tracepass-check run --deployment {path}", err=True
    )


def _lines(deployment: Deployment, found: Found, checks: Sequence[Check]) -> Iterator[str]:
    yield "# Written by `tracepass-check init`. It has no keys: it names the variables that hold them."
    for name in ("base_url", "api_key_env", "product_id", "gtin"):
        yield f"{name} = {json.dumps(getattr(deployment, name), ensure_ascii=False)}"
    yield ""
    yield "# Found. A run finds this out by itself; write false to leave out the checks."
    yield f"read_back = {_toml(found.lists)}   # {found.on_reads}"
    yield f"single_create = {_toml(found.creates_singly)}   # {found.on_single_creates}"
    yield f"# Deletion: {found.on_deletion}"
    yield f"# Limits: {found.on_limits}"
    yield ""
    yield "# Not known. Remove the # and complete the line; the number is what a run tests more with it alone."
    has = {code for code, there in {"L": found.lists, "S": found.creates_singly}.items() if there}
    for code, lines in _UNKNOWN.items():
        yield f"# {_gain(code, has, checks)}:"
        yield from (f"# {line}" for line in lines)


def _gain(code: str, has: set[str], checks: Sequence[Check]) -> str:
    """How many rules have a check that needs only this in addition."""
    more = {rule for each in checks if code in each.needs and {*each.needs} <= has | {code} for rule in each.rules}
    must = sum(rules()[rule].level == "must" for rule in more)
    return f"{len(more)} rule{'' if len(more) == 1 else 's'}, {must} of them must"


def _toml(value: bool) -> str:
    return "true" if value else "false"
