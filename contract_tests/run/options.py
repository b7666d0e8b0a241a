"""The options of a run: one table, for the command line and for plain pytest, and what they come to."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tracepass_contract import spec

from ..judging.cards import required
from ..model.outcomes import BadDeployment
from ..report.files import ReportFiles
from ..target import settings as defaults
from ..target.deployment import deployment_of
from ..target.reaching import access_of
from ..target.settings import Settings, mock_options_of

VARIABLES = "TRACEPASS_CHECK_"
SECONDS_LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its name, what `--help` says, and its values.

    `kind` is `bool` for a flag. `least` is the smallest number. A file that the run only reads `must_exist`. Where it
    `repeats`, its variable has a value in each word, or `one_per_line`.
    """

    name: str
    help: str
    kind: Callable[[Any], Any] = str
    metavar: str | None = None
    default: Any = None
    least: float | None = None
    repeats: bool = False
    must_exist: bool = False
    one_per_line: bool = False

    @property
    def key(self) -> str:
        """Its name as a Python name: `--max-slots` is `max_slots`."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that gives it, too: `--max-slots` is `TRACEPASS_CHECK_MAX_SLOTS`."""
        return f"{VARIABLES}{self.key.upper()}"


def _flag(name: str, text: str) -> Option:
    return Option(name, text, bool, default=False)


def _number(name: str, default: int, text: str) -> Option:
    return Option(name, text, int, "N", default, least=0)


def _seconds(name: str, default: float, text: str) -> Option:
    return Option(name, text, float, "SECONDS", default, least=SECONDS_LEAST)


def _input(name: str, text: str) -> Option:
    return Option(name, text, Path, "FILE", must_exist=True)


def _output(name: str, text: str) -> Option:
    return Option(name, text, Path, "FILE")


RULE = Option(
    "--rule",
    "Check only the rules whose id starts with PREFIX. Can be repeated. Default: all rules.",
    metavar="PREFIX",
    repeats=True,
)
CARD = _input("--card", "Card with required readings (YAML or JSON). Default: readings are observed, none is required.")
DEPLOYMENT = _input("--deployment", "Deployment file (TOML): the URL and what is known about the workspace.")
NETWORK = (
    Option(
        "--header",
        "Header to send with each call, for example for a gateway. Its value is redacted. Can be repeated; in"
        " TRACEPASS_CHECK_HEADER, one per line.",
        metavar="'NAME: VALUE'",
        repeats=True,
        one_per_line=True,
    ),
    _input("--ca-file", "Certificates (PEM) to trust in addition to those of the usual authorities."),
    _flag(
        "--insecure", "Accept any certificate of the server. Each report says so. Default: certificates are checked."
    ),
    _input("--client-cert", "Certificate to present to the server, with its key (PEM)."),
    _input("--client-key", "Key of --client-cert, where it is in a file of its own (PEM, without a password)."),
    Option(
        "--requests-per-second",
        "Most calls per second. Default: no limit.",
        float,
        "N",
        least=0.01,
    ),
    Option(
        "--api-key-command",
        "Command that prints the API key, for keys that expire. It is run before the first call and after a 401,"
        " without a shell. Default: none.",
        metavar="COMMAND",
    ),
)
RUN = (
    Option(
        "--api-key",
        "API key of the workspace. Prefer TRACEPASS_CHECK_API_KEY: other users of the machine can see arguments.",
        metavar="KEY",
    ),
    Option("--product-id", "Product of the workspace. Required without a control plane.", metavar="ID"),
    Option("--gtin", "GTIN of the workspace. Required without a control plane.", metavar="GTIN"),
    RULE,
    _number("--max-writes", defaults.MAX_WRITES, "Most writes of the daily budget that the run takes."),
    _number("--max-slots", defaults.MAX_SLOTS, "Most passports of the quota that the run takes."),
    _flag("--allow-charges", "Allow calls with confirmOverage. Default: the run never sends it."),
    _number("--max-charge-cents", 0, "Most overage that the run causes, in cents. Needs --allow-charges."),
    _flag("--concurrency", "Send calls in parallel to test races. Default: one call at a time."),
    _flag("--no-control-plane", "Use the workspace of the API key, even where the URL has a control plane."),
    Option(
        "--control-token",
        "Token of a control plane that requires one. Prefer TRACEPASS_CHECK_CONTROL_TOKEN.",
        metavar="TOKEN",
    ),
    _flag("--keep-drafts", "Keep the passports that the run creates. Default: delete them where the API allows it."),
    _seconds("--call-seconds", defaults.CALL_SECONDS, "Timeout of one call, in seconds."),
    _seconds("--time-limit", defaults.TIME_LIMIT_SECONDS, "Time limit of the whole run, in seconds."),
    _number("--examples", defaults.EXAMPLES, "Number of random call sequences to try. They need a control plane."),
    *NETWORK,
)
SEED = Option("--seed", "Seed of the random choices, from the report of another run. Default: a new seed.", int, "N")
READING = Option(
    "--reading",
    "Reading for the mock that starts when no URL is given. Can be repeated. Default: the mock's defaults.",
    metavar="ID=ANSWER",
    repeats=True,
)
ACCEPT_UNTESTED = _input(
    "--accept-untested",
    "File with the ids of rules that may stay inconclusive, untested or partly tested, one per line; # starts a"
    " comment.",
)
REPORTS = (
    _output("--history", "Write every call and answer to FILE, for `tracepass-check judge`."),
    _output("--report-json", "Write the report to FILE as JSON."),
    _output("--report-junit", "Write the report to FILE as JUnit XML."),
    _output("--report-html", "Write the report to FILE as an HTML page."),
    _output("--report-markdown", "Write a summary to FILE as Markdown, for example for a GitHub job."),
    _output("--report-sarif", "Write the report to FILE as SARIF, for code scanning."),
)


def number_of(option: Option) -> Callable[[str], float]:
    """What reads its value, for argparse. Raises `ArgumentTypeError` below the least."""

    def read(text: str) -> float:
        number: float = option.kind(text)
        if option.least is not None and not number >= option.least:
            raise ArgumentTypeError(f"{option.name}: must be {option.least} or more, is {text}")
        return number

    return read


def settings_of(given: Mapping[str, Any]) -> Settings:
    """The settings of a run from the values of its options and its `url`; an option that is not there has its default.

    Raises `BadDeployment` and `UnreadableFile`.
    """
    card, accepted = given.get("card"), given.get("accept_untested")
    deployment = deployment_of(
        given.get("deployment"),
        given["url"],
        given["api_key"],
        given["product_id"],
        given["gtin"],
        given.get("api_key_command"),
    )
    rules_starting_with(given["rule"])
    if given["max_charge_cents"] and not given["allow_charges"]:
        raise BadDeployment("--max-charge-cents: no charge is accepted without --allow-charges")
    same = ("control_token", "concurrency", "max_writes", "max_slots", "max_charge_cents", "allow_charges")
    return Settings(
        **{name: given[name] for name in (*same, "keep_drafts", "call_seconds", "examples", "seed")},
        deployment=deployment,
        access=access_of(given, deployment),
        control_plane=not given["no_control_plane"],
        time_limit_seconds=given["time_limit"],
        rule_prefixes=tuple(given["rule"]),
        card=required(card),
        learns=card is not None,
        accepted_untested=_accepted(accepted) if accepted else (),
        mock_options=mock_options_of(given.get("reading", ()), deployment),
    )


def files_of(given: Mapping[str, Any]) -> ReportFiles:
    """The files that a run is to leave."""
    place = {"place": given["deployment"].as_posix()} if given.get("deployment") else {}
    return ReportFiles(**{option.key: given[option.key] for option in REPORTS}, **place)


def rules_starting_with(prefixes: Sequence[str]) -> list[spec.Rule]:
    """All rules where no prefix is given. Raises `BadDeployment` for a prefix that no rule starts with."""
    known = {*spec.rules(), *(rule.partition(".")[0] for rule in spec.rules())}
    for prefix in prefixes:
        if not any(rule.startswith(prefix) for rule in known):
            raise BadDeployment(f'--rule: no rule starts with "{prefix}". {_hint(prefix, known)}')
    return [rule for rule in spec.rules().values() if not prefixes or rule.id.startswith(tuple(prefixes))]


def _accepted(path: Path) -> tuple[str, ...]:
    """The ids in a file of rules that may stay untested. Raises `BadDeployment`."""
    try:
        lines = [line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadDeployment(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    for number, rule in enumerate(lines, start=1):
        if rule and rule not in spec.rules():
            raise BadDeployment(f'{path}, line {number}: unknown rule "{rule}". {_hint(rule, spec.rules())}')
    return tuple(filter(None, lines))


def _hint(mistyped: str, known: Iterable[str]) -> str:
    near = get_close_matches(mistyped, known, n=1)
    return f'Did you mean "{near[0]}"?' if near else "`tracepass-check rules` lists them."
