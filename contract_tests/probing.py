"""The commands `tracepass-check probe`, which writes the card of a deployment, and `diff`, which compares two."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any

import click

from tracepass_contract import spec
from tracepass_contract.contract_tests import clock
from tracepass_contract.contract_tests.cards import card_of, compared, served
from tracepass_contract.contract_tests.command_line import (
    FILE,
    OF_A_FILE,
    OF_A_RUN,
    OF_REPORTS,
    URL,
    asked_for,
    known_card,
    made,
    with_options,
)
from tracepass_contract.contract_tests.deployment import BadDeployment
from tracepass_contract.contract_tests.report import files
from tracepass_contract.contract_tests.report.comparison import as_data as comparison_as_data
from tracepass_contract.contract_tests.report.comparison import print_comparison
from tracepass_contract.contract_tests.reporting import Exit, exit_code, report_of, write_reports
from tracepass_contract.contract_tests.settings import Settings


@click.command("probe")
@URL
@click.option("-o", "--output", type=FILE, help="Write the card there, and not to stdout.")
@with_options(OF_A_FILE, OF_A_RUN, OF_REPORTS)
def probe_command(*, output: Path | None, as_data: bool, **given: Any) -> None:
    """Write the card of the deployment at URL: how it reads what the documentation leaves open."""
    card, violates = _probed(asked_for(**given))
    text = json.dumps(card.as_data(), indent=2) if as_data else spec.card_as_yaml(card, [*_remarks(card, output)])
    if output is None:
        click.echo(text.rstrip())
    else:
        files.write(output, f"{text.rstrip()}\n".encode())
    written = f"written: {output}; " if output else ""
    known = f"{len(card.readings)} of {len(spec.readings())} readings are known"
    click.echo(f"{written}{known}, {len(card.open)} more are narrowed down", err=True)
    raise SystemExit(Exit.VIOLATES if violates else Exit.CONFORMS)


@click.command("diff")
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@with_options(OF_A_RUN)
def diff_command(*, one: str, other: str, as_data: bool, **given: Any) -> None:
    """Say in what two deployments differ. A and B are each a URL, a deployment file (.toml), or a card (.yaml)."""
    given["seed"] = clock.new_seed() if given["seed"] is None else given["seed"]  # the same calls to both
    pair = [_card_at(each, given) for each in (one, other)]
    rows = compared(*pair)
    if as_data:
        click.echo(json.dumps(comparison_as_data(one, other, rows), indent=2))
    else:
        print_comparison(one, other, rows, sys.stdout)
    raise SystemExit(Exit.VIOLATES if any(row.differs for row in rows) else Exit.CONFORMS)


def _card_at(place: str, given: dict[str, Any]) -> spec.Card:
    """The card in a file, or that of a deployment, which is probed for it."""
    path = Path(place)
    if path.suffix in {".yaml", ".yml"}:
        try:
            return known_card(path)
        except (spec.UnreadableFile, BadDeployment) as error:
            raise click.UsageError(str(error)) from None
    if path.suffix == ".toml":
        return _probed(asked_for(url=None, file=path, **given))[0]
    return _probed(asked_for(url=place, **given))[0]


def _probed(asked: Settings) -> tuple[spec.Card, bool]:
    """The card of a deployment, and whether it breaks a rule, of which no card can tell."""
    target, result = made(replace(asked, learns=True))
    session = target.session
    report = report_of(result, session.history, session.secrets, asked)
    write_reports(report, session.history, asked)
    violates = exit_code(report.result) == Exit.VIOLATES
    if violates:
        click.echo(
            f"{report.result.target} breaks rules, which a card can't tell: see `tracepass-check run`.", err=True
        )
    return card_of(report.result), violates


def _remarks(card: spec.Card, output: Path | None) -> Iterator[str]:
    """What stands at the top of the file."""
    yield f"What {card.deployment} shows of the readings of the documentation."
    yield ""
    how, name = served(card), quote(str(output or "card.yaml"))
    if how.problems:
        yield from ("The mock can't be run with all of it:", *how.problems)
    else:
        more = _as_options(how.chosen)
        yield f"tracepass-mock --readings {name}{more}   behaves like it"
    yield f"tracepass-check run URL --card {name}   fails when it no longer does"


def _as_options(chosen: Mapping[str, str]) -> str:
    return "".join(f" --reading {reading}={answer}" for reading, answer in chosen.items())
