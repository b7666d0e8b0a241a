"""The commands `tracepass-check probe`, which writes the card of a deployment, and `diff`, which compares two."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple

import click

from tracepass_contract import spec

from ..judging.cards import card_of, compared, known_card, questions, served
from ..model import clock
from ..model.history import History
from ..model.outcomes import BadDeployment
from ..model.redaction import Redactor
from ..report.comparison import as_data as comparison_as_data
from ..report.comparison import print_comparison
from ..report.text import is_trouble
from ..report.view import Report
from ..report.write import Exit, report_of, write_file, write_reports
from ..target.settings import Settings
from .arguments import (
    FILE,
    OF_A_FILE,
    OF_A_RUN,
    OF_OUR_MOCK,
    OF_REPORTS,
    URL,
    check_files,
    end,
    made,
    option,
    reach,
    refuse_other_variables,
    settings_for_one,
    settings_from,
    with_options,
    writes,
)

_CARDS = {".yaml", ".yml", ".json"}
_GIVEN_BY_A_FILE = ("api_key", "product_id", "gtin")


@click.command("probe")
@URL
@option("-o", "--output", type=FILE, help="Write the card there, and not to stdout.")
@with_options(OF_A_FILE, OF_A_RUN, OF_OUR_MOCK, OF_REPORTS)
def probe_command(*, output: Path | None, as_data: bool, **given: Any) -> None:
    """Write the card of the deployment at URL: how it reads what the documentation leaves open."""
    settings = settings_from(**given)
    check_files(settings, output=output)
    card, report, history = _probed(settings)
    if not card.readings:
        end("nothing was seen of the readings, so that there is no card", Exit.NOT_SHOWN)
    text = json.dumps(card.as_data(), indent=2) if as_data else spec.card_as_yaml(card, [*_remarks(card, output)])
    text = f"{text.rstrip()}\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        with writes(otherwise=lambda: click.echo(text, nl=False)):
            write_file(output, text.encode())
        click.echo(f"written: {output}", err=True)
    with writes():
        write_reports(report, history, settings)
    known = f"{len(card.readings)} of {len(questions())} readings are known"
    click.echo(f"{known}, {len(card.open)} more are narrowed down", err=True)
    raise SystemExit(Exit.VIOLATES if report.exit_code == Exit.VIOLATES else Exit.CONFORMS)


@click.command("diff")
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@with_options(OF_A_RUN)
def diff_command(*, one: str, other: str, as_data: bool, **given: Any) -> None:
    """Say in what two deployments differ.

    A and B are each a URL, a deployment file (.toml), or a card (.yaml, .json). A deployment is probed, within the
    ceilings; a key that is given is for URLs, and a file has its own.
    """
    given["seed"] = clock.new_seed() if given["seed"] is None else given["seed"]  # one for both
    sources = [_source(each, given) for each in (one, other)]
    settings = [each for each in sources if isinstance(each, Settings)]
    refuse_other_variables(*settings)
    for each in settings:
        reach(each)
    cards = [_probed(source).card if isinstance(source, Settings) else source for source in sources]
    one, other, rows = Redactor().text(one), Redactor().text(other), compared(*cards)
    if as_data:
        click.echo(json.dumps(comparison_as_data(one, other, rows), indent=2))
    else:
        print_comparison(one, other, rows, sys.stdout)
    raise SystemExit(Exit.VIOLATES if any(row.differs for row in rows) else Exit.CONFORMS)


def _source(source: str, given: dict[str, Any]) -> spec.Card | Settings:
    """The card in a file, or what a deployment is to be asked. Raises `click.UsageError`."""
    path = Path(source)
    if path.suffix in _CARDS and "://" not in source:
        try:
            return known_card(path)
        except (spec.UnreadableFile, BadDeployment) as error:
            raise click.UsageError(str(error)) from None
    if path.suffix == ".toml" and "://" not in source:
        return settings_for_one(url=None, file=path, **{**given, **dict.fromkeys(_GIVEN_BY_A_FILE)})
    return settings_for_one(url=source, **given)


class _Probed(NamedTuple):
    card: spec.Card
    report: Report
    history: History


def _probed(settings: Settings) -> _Probed:
    """Make a run, and learn what can be learned. Of a rule that is broken no card can tell, so that is said."""
    run = made(replace(settings, learns=True))
    if run.is_interrupted:
        end("interrupted: no card", Exit.NOT_SHOWN)
    session = run.target.session
    report = report_of(run.result, session.history, session.secrets, settings)
    broken = [line.rule.id for line in report.lines if is_trouble(line.verdict) and not line.warning]
    if broken:
        click.echo(f"no card can tell of {', '.join(broken)}: {report.conclusion}", err=True)
    return _Probed(card_of(report.result), report, session.history)


def _remarks(card: spec.Card, output: Path | None) -> Iterator[str]:
    """What stands at the top of the file."""
    yield f"What {card.deployment} shows of the readings of the documentation."
    yield ""
    how, name = served(card), quote(str(output or "card.yaml"))
    if how.problems:
        yield from ("The mock can't be run with all of it:", *how.problems)
    else:
        more = "".join(f" --reading {reading}={answer}" for reading, answer in how.chosen.items())
        yield f"tracepass-mock --readings {name}{more}   behaves like it"
    yield f"tracepass-check run URL --card {name}   fails when it no longer does"
