"""The command `tracepass-mock serve`: its options, and the mock that they make."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import click

from tracepass_contract.fixtures import accounts, load_accounts
from tracepass_contract.spec import UnreadableFile, answers_in, load_card, no_such_variables

from ..app import VERSION, Mock, UnusableReadings, create_app
from ..http.api.log import Line, Log
from ..http.browsers import ANY_ORIGIN
from ..mutants import Mutant, Variant, installed_mutants, installed_variants
from ..seeding import accounts_of
from .replicas import name_option, names_option, replica_from
from .serving import (
    CannotServe,
    Tls,
    announced,
    config_for,
    listen,
    new_control_token,
    ready_object,
    serve,
    stopped_with_stdin,
)
from .streams import say
from .suggestions import Command, named
from .terminal import banner
from .traces import traces_from

TOKEN_LENGTH_MIN = 8
_NO_ORIGIN = "none"
_URL_FOR_TESTS = "TRACEPASS_MOCK_URL"  # of the pytest plugin
_VARIABLES = "TRACEPASS_MOCK"
_FILE = click.Path(path_type=Path, dir_okay=False)
_REACHABLE = "other machines can reach it. The control plane requires the token."


def _token(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """A token that fits into a header. An error never shows it."""
    if value is None:
        return None
    if len(value) < TOKEN_LENGTH_MIN:
        raise click.BadParameter(f"the token has {len(value)} characters; at least {TOKEN_LENGTH_MIN} are required.")
    if not (value.isascii() and value.isprintable()):
        raise click.BadParameter("the token has characters that are not printable ASCII.")
    return value


def _mutant(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Mutant | None:
    if value is None:
        return None
    return named("mutant", value, installed_mutants(), "`tracepass-mock mutants` lists them.")


def _variants(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> Sequence[Variant]:
    known = installed_variants() if values else {}
    return [named("variant", value, known, f"The variants are {', '.join(known)}.") for value in values]


@click.command("serve", cls=Command, context_settings={"auto_envvar_prefix": _VARIABLES})
@click.option(
    "--host",
    default="localhost",
    show_default=True,
    help="Address to listen on. localhost stands for 127.0.0.1 and ::1.",
)
@click.option(
    "--port",
    default=4747,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="TCP port to listen on. 0 picks a free port and prints JSON (URLs, token, pid) instead of the banner.",
)
@click.option(
    "--ready-file",
    type=_FILE,
    help="Write JSON (URLs, token, pid) to this file once the mock accepts requests, and remove the file "
    "at the end.  [default: no file]",
)
@click.option(
    "--readings",
    type=_FILE,
    help="Card (YAML) with the answers to readings that the mock uses.  [default: the default of each reading]",
)
@click.option(
    "--reading",
    multiple=True,
    metavar="ID=ANSWER",
    help="Use this answer to one reading; overrides the card. May be repeated.  [default: none]",
)
@click.option(
    "--mutant",
    callback=_mutant,
    metavar="ID",
    help="Serve with this deliberate bug; `tracepass-mock mutants` lists them.  [default: none]",
)
@click.option(
    "--variant",
    multiple=True,
    callback=_variants,
    metavar="ID",
    help="Serve as this conforming variant, a mock with a difference that no rule forbids. May be repeated.  "
    "[default: none]",
)
@name_option
@names_option
@click.option(
    "--seed-file",
    type=_FILE,
    help="Accounts (YAML) to start with, in the form of fixtures/accounts.yaml.  [default: that file]",
)
@click.option(
    "--state-file",
    type=_FILE,
    help="Load the state from this file at start, if it exists, and save the state in it while the mock serves. "
    "It is a database. A JSON file is converted: the saved state of an earlier version, or of GET /_mock/state.  "
    "[default: no file]",
)
@click.option(
    "--save-within",
    type=click.FloatRange(0, 60),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Save a change in the state file at most so many seconds after its response. 0 saves it before the response.",
)
@click.option(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the log on stderr: one line per call.",
)
@click.option(
    "--control-token",
    callback=_token,
    metavar="TOKEN",
    help=f"Token that the control plane requires: {TOKEN_LENGTH_MIN} or more printable ASCII characters.  "
    "[default: none on a loopback address, else a random token]",
)
@click.option(
    "--tls-cert",
    type=_FILE,
    help="Serve HTTPS with the certificate (PEM, with its chain) in this file.  [default: serve HTTP]",
)
@click.option(
    "--tls-key",
    type=_FILE,
    help="The key of the certificate (PEM).  [default: it is in the file of the certificate]",
)
@click.option(
    "--cors-origin",
    multiple=True,
    metavar="ORIGIN",
    help="Origin whose pages may call the API from a browser, such as http://localhost:5173. May be repeated. `none` "
    "stands for no origin. The control plane is closed to all of them.  [default: every origin]",
)
@click.option(
    "--until-stdin-ends", is_flag=True, hidden=True, help="Stop when stdin ends: when the parent process is gone."
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    help="Number of server processes. Only 1 is possible, because one process holds the state. To use more cores, see "
    "--replica.",
)
def serve_command(
    host: str,
    port: int,
    ready_file: Path | None,
    readings: Path | None,
    reading: tuple[str, ...],
    mutant: Mutant | None,
    variant: Sequence[Variant],
    replica: Sequence[str],
    replicas: Sequence[str],
    seed_file: Path | None,
    state_file: Path | None,
    save_within: float,
    log: str,
    control_token: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    cors_origin: tuple[str, ...],
    until_stdin_ends: bool,
    workers: int,
) -> None:
    """Serve the mock until SIGINT or SIGTERM. This is the default command.

    An environment variable can set each option: TRACEPASS_MOCK_PORT, TRACEPASS_MOCK_READY_FILE and so on. An option on
    the command line overrides its variable.
    """
    _refuse_unknown_variables()
    if workers != 1:
        raise click.UsageError(
            f"--workers: {workers} is not possible; use 1, because one process holds the state. See --replica."
        )
    for option, file in (("--ready-file", ready_file), ("--state-file", state_file)):
        if file is not None and not file.parent.is_dir():
            raise click.UsageError(f'{option}: the folder of "{file}" does not exist.')
    token = control_token or new_control_token(host)
    for each in variant:
        click.get_current_context().with_resource(each.in_force())
        say(f"This mock is the conforming variant {each.id}: {each.what}")
    if mutant is not None:
        click.get_current_context().with_resource(mutant.in_force())
        say(f"This mock is the mutant {mutant.id}. It breaks {mutant.rule}: {mutant.fault}")
    try:
        origins = () if cors_origin == (_NO_ORIGIN,) else cors_origin or (ANY_ORIGIN,)
        seeds = load_accounts(seed_file) if seed_file else accounts()
        answers = _answers(readings, reading)
        here = replica_from(replica, replicas, seeds)
        mock = create_app(
            readings=answers,
            seed_with=seeds,
            log=log_as(log),
            control_token=token,
            cors_origins=origins,
            replica=here,
            traces=traces_from(os.environ, VERSION),
        )
        tls = _tls(tls_cert, tls_key)
        with _saved(mock, state_file, answers, save_within):
            config = config_for(mock, tls)
            listeners = listen(host, port)
            ready = ready_object(listeners[0], host, token, is_tls=tls is not None)
            is_default = not any((mock.deviations, mutant, variant, seed_file, state_file))
            own = accounts_of(here, seeds)
            about = (mock.spec_sha256, mock.deviations, own[0] if own else None)
            text = json.dumps(ready) if port == 0 else banner(ready, *about, is_default=is_default)
            if new_control_token(host):
                say(f"The mock listens on {host}: {_REACHABLE}")
            serve(config, listeners, _up(announced(text, ready, ready_file), until_stdin_ends=until_stdin_ends))
    except (UnreadableFile, UnusableReadings) as error:
        raise click.UsageError(str(error)) from None
    except CannotServe as error:
        raise click.ClickException(str(error)) from None


def _refuse_unknown_variables() -> None:
    """Refuse variables that begin with TRACEPASS_MOCK_ and belong to no option: they are typing errors."""
    prefix = f"{_VARIABLES}_"
    known = {f"{prefix}{each.name.upper()}" for each in serve_command.params if each.name} | {_URL_FOR_TESTS}
    if problems := list(no_such_variables(prefix, known, os.environ)):
        raise click.UsageError("\n".join(problems))


@contextmanager
def _saved(mock: Mock, file: Path | None, readings: Mapping[str, str], within_seconds: float) -> Iterator[None]:
    """Load the state file, if there is one, and save the state in it until the end of the block."""
    if file is None:
        yield
        return
    from .state_file import opened, owned, saved  # here, because SQLite would take a part of each start

    with owned(file), saved(opened(mock, file, readings, within_seconds), file):
        yield


@contextmanager
def _up(announced: AbstractContextManager[None], *, until_stdin_ends: bool) -> Iterator[None]:
    """What goes on while the server is up."""
    with announced, stopped_with_stdin() if until_stdin_ends else nullcontext():
        yield


def _tls(certificate: Path | None, key: Path | None) -> Tls | None:
    if key and not certificate:
        raise click.UsageError("--tls-key: needs --tls-cert as well.")
    return Tls(certificate, key) if certificate else None


def _answers(card: Path | None, single: Sequence[str]) -> dict[str, str]:
    """The answers of the card. Single answers override them."""
    of_card = load_card(card).readings if card else {}
    answers, wrong = answers_in(single)
    if wrong:
        raise click.UsageError("\n".join(f"--reading: {each}" for each in wrong))
    return {**of_card, **answers}


def log_as(log: str) -> Log:
    """Write one line per call to stderr. The mock goes on if nobody reads stderr any more."""
    as_json, no_reader = log == "json", suppress(OSError)

    def write(line: Line) -> None:
        with no_reader:
            sys.stderr.write(f"{line.as_json() if as_json else line.as_text()}\n")

    return write
