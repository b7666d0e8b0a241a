"""The options that make a mock one of several behind a balancer."""

from collections.abc import Sequence

import click

from tracepass_contract.fixtures import AccountFixture

from ..seeding import replica_with
from ..state.replica import ALONE, NAME, REPLICAS_MAX, Replica


def _names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Sequence[str]:
    """Names that can stand in ids, keys and the names of hosts."""
    names = [] if value is None else value.split(",")
    for name in names:
        if not NAME.fullmatch(name):
            raise click.BadParameter(f'"{name}" is not a name of 1 to 63 characters a-z, 0-9 and, inside, "-".')
    return names


name_option = click.option(
    "--replica",
    callback=_names,
    metavar="NAME",
    help="Name of this mock among several behind a balancer (docs/scale-out.md). The ids and keys that it creates "
    "contain the name.  [default: none, the only mock]",
)
names_option = click.option(
    "--replicas",
    callback=_names,
    metavar="NAME,…",
    help="Names of all mocks behind the balancer, in the same order for each of them. The first one has the seeded "
    "accounts, except those for which the seed file names another.  [default: the name of this mock]",
)


def replica_from(own: Sequence[str], names: Sequence[str], seeds: Sequence[AccountFixture]) -> Replica:
    """The replica of these two options. Raises `UsageError`."""
    if not own:
        if names:
            raise click.UsageError("--replicas: needs --replica as well, the name of this mock.")
        return ALONE
    names = names or own
    if own[0] not in names or own[1:]:
        raise click.UsageError(f'--replica: "{",".join(own)}" is not one of the replicas {", ".join(names)}.')
    if len({*names}) < len(names) or len(names) > REPLICAS_MAX:
        raise click.UsageError(f"--replicas: expected at most {REPLICAS_MAX} different names, found {len(names)}.")
    try:
        return replica_with(own[0], names, seeds)
    except ValueError as error:
        raise click.UsageError(f"--replicas: {error}.") from None
