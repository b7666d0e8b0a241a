"""The commands `probe`, which writes the card of a deployment, and `diff`, which compares two."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any

import click

from tracepass_contract import spec

from ..judging.cards import card_of, compared, known_card, questions, served
from ..model import clock
from ..model.redaction import Redactor
from ..report.comparison import as_data as comparison_as_data
from ..report.comparison import print_comparison
from ..report.conclusion import Exit
from ..report.files import NO_FILES, ReportFiles, write_file
from ..report.text import is_trouble
from ..report.view import Report
from ..run import options
from ..run.options import VARIABLES
from ..run.run import Run
from ..target.settings import Settings
from .arguments import (
    OUTPUT,
    RUN,
    URL,
    end,
    end_if_failed,
    files_from,
    performed,
    reach,
    refuse_unknown_variables,
    settings_for_one,
    settings_from,
    told_in_junit,
    usage_errors,
    with_options,
    writes,
)

_CARDS = {".yaml", ".yml", ".json"}
_IN_A_FILE = ("api_key", "product_id", "gtin")


@click.command("probe")
@URL
@click.option(
    *("-o", "--output"),
    type=OUTPUT,
    metavar="FILE",
    envvar=f"{VARIABLES}OUTPUT",
    help="Write the card to FILE. Default: stdout.",
)
@with_options(options.DEPLOYMENT, *RUN, options.READING, *options.REPORTS)
def probe_command(*, output: Path | None, json: bool, **given: Any) -> None:
    """Write the card of the deployment at URL.

    A card says how a deployment handles the points that the documentation leaves open. Without URL, start the mock and
    probe it.
    """
    with told_in_junit(given):
        settings = settings_from(given)
        files = files_from(given, output=output)
        run = _probed(settings, files)
        report = run.report
        card = card_of(report.result)
        if not card.readings:
            end("no card: the run observed no reading", Exit.UNPROVEN)
    text = f"{_as_text(card, output, as_json=json).rstrip()}\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        with writes(otherwise=lambda: click.echo(text, nl=False)):
            write_file(output, text.encode())
        click.echo(f"card written to {output}", err=True)
    with writes():
        failed = files.write(report, run.history)
    end_if_failed(failed, report)
    click.echo(
        f"{len(card.readings)} of {len(questions())} readings are known, {len(card.open)} are narrowed", err=True
    )
    raise SystemExit(report.exit_code if report.exit_code in {Exit.VIOLATES, Exit.SUITE_FAILED} else Exit.CONFORMS)


@click.command("diff")
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@with_options(*RUN)
def diff_command(*, one: str, other: str, json: bool, **given: Any) -> None:
    """Compare the cards of two deployments.

    A and B are each a URL, a deployment file (.toml), or a card (.yaml, .json). The limits, such as --max-writes, apply
    to each of two probed deployments. --api-key, --product-id and --gtin are for URLs; a deployment file has its own.
    Exit code 1: they differ.
    """
    given["seed"] = clock.new_seed() if given["seed"] is None else given["seed"]  # one for both
    sources = [_source(each, given) for each in (one, other)]
    settings = [each for each in sources if isinstance(each, Settings)]
    refuse_unknown_variables(*settings)
    for each in settings:
        reach(each)
    cards = [card_of(_probed(each).report.result) if isinstance(each, Settings) else each for each in sources]
    one, other, rows = Redactor().text(one), Redactor().text(other), compared(*cards)
    if json:
        click.echo(_as_json(comparison_as_data(one, other, rows)))
    else:
        print_comparison(one, other, rows, sys.stdout)
    raise SystemExit(Exit.VIOLATES if any(row.differs for row in rows) else Exit.CONFORMS)


def _source(source: str, given: Mapping[str, Any]) -> spec.Card | Settings:
    """The card in a file, or the settings to probe a deployment. Raises `click.UsageError`."""
    path = Path(source)
    if path.suffix in _CARDS and "://" not in source:
        with usage_errors():
            return known_card(path)
    if path.suffix == ".toml" and "://" not in source:
        return settings_for_one({**given, **dict.fromkeys(_IN_A_FILE), "url": None, "deployment": path})
    return settings_for_one({**given, "url": source})


def _probed(settings: Settings, files: ReportFiles = NO_FILES) -> Run:
    """A run that learns readings. Says on stderr which rules are violated: a card can't express that."""
    run = performed(replace(settings, learns=True), files)
    if run.is_interrupted:
        end("no card: the run was interrupted", Exit.UNPROVEN)
    report = run.report
    if violated := _violated(report):
        click.echo(f"a card can't express violations of {', '.join(violated)}: {report.conclusion}", err=True)
    return run


def _violated(report: Report) -> list[str]:
    return [line.rule.id for line in report.lines if is_trouble(line.verdict) and not line.warning]


def _as_text(card: spec.Card, output: Path | None, *, as_json: bool) -> str:
    return _as_json(card.as_data()) if as_json else spec.card_as_yaml(card, [*_head(card, output)])


def _head(card: spec.Card, output: Path | None) -> Iterator[str]:
    """The comment at the top of the file."""
    yield f"How {card.deployment} handles the points that the documentation leaves open."
    yield ""
    how, name = served(card), quote(str(output or "card.yaml"))
    if how.problems:
        yield from ("The mock can't behave like this card:", *how.problems)
    else:
        more = "".join(f" --reading {reading}={answer}" for reading, answer in how.chosen.items())
        yield f"tracepass-mock --readings {name}{more}   behaves like this deployment"
    yield f"tracepass-check run URL --card {name}   fails when the deployment no longer behaves like this"


def _as_json(data: Any) -> str:
    return json.dumps(data, indent=2)
