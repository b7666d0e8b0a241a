"""The command `clean`: deletes the passports that an earlier run left."""

import json as json_module
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..model.history import Given, History
from ..model.redaction import Redactor
from ..report import text
from ..report.conclusion import Exit
from ..run import options
from ..run.options import Option
from .arguments import JSON, URL, history_in, reached, settings_from, with_options

HISTORY = Option("--history", "The file that `run --history` wrote.", Path, "FILE", must_exist=True)
_OF_CHECKS = {  # what only a run with checks needs
    *("--rule", "--max-writes", "--max-slots", "--allow-charges", "--max-charge-cents", "--concurrency"),
    *("--no-control-plane", "--control-token", "--keep-drafts", "--examples"),
}
_NO_CEILING = 1_000_000  # who calls it wants all of them deleted
CONNECTION = tuple(each for each in options.RUN if each.name not in _OF_CHECKS)
DEFAULTS = {each.key: () if each.repeats else each.default for each in (*options.RUN, options.SEED)}


@click.command("clean")
@URL
@with_options(HISTORY, options.DEPLOYMENT, *CONNECTION, JSON)
def clean_command(*, json: bool, history: Path | None, **given: Any) -> None:
    """Delete the passports that the run of --history left. Each deletion takes a write.

    It asks the deployment of that run, or the one at URL. Only passports of that run are deleted. Exit codes: 0 nothing
    is left, 2 wrong usage, 3 unreachable, 4 something stays.
    """
    if history is None:
        raise click.UsageError("clean needs --history FILE, which `tracepass-check run --history FILE` wrote")
    found = history_in(history)
    settings = settings_from({**DEFAULTS, **given, **_known(found, given)})
    with reached(replace(settings, control_plane=False, max_writes=_NO_CEILING)) as target:
        target.take_over(found)
        target.session.begin_clean_up()
        spend = target.session.purse.as_spend((done := target.clean_up()).deleted, done.left)
        redactor = Redactor(target.session.secrets)
    said = redactor.text(text.cleaned_up(spend) or "nothing to delete")
    data = {"run": found.run, "deleted": spend.deleted, "left_over": text.left_over_as_data(spend)}
    click.echo(redactor.text(json_module.dumps(data, indent=2)) if json else text.printable(f"run {found.run}: {said}"))
    raise SystemExit(Exit.UNPROVEN if spend.left_behind else Exit.CONFORMS)


def _known(history: History, given: dict[str, Any]) -> dict[str, Any]:
    """The URL, product and GTIN of the run, where neither an option nor the deployment file gives them."""
    said = next((each for each in history.events if isinstance(each, Given) and each.workspace == "main"), None)
    if said is None:
        raise click.UsageError("the run of --history used isolated workspaces, so it left nothing in yours")
    of_run = {"product_id": said.product_id, "gtin": said.gtin}
    url = given["url"] or (None if given["deployment"] else history.target)
    return {"url": url, **{name: given[name] or value for name, value in of_run.items()}}
