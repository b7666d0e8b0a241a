"""The hooks of a deployment: programs of the user that set its budget, its quota or its clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..model.outcomes import BadDeployment, Inconclusive
from ..model.redaction import Redactor
from .deployment import Deployment
from .programs import ProgramFailed, output_of

_WHERE_NOTHING_IS_DECLARED = 100  # writes or passports, to try a hook with


class Hooks:
    """Runs the hooks of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._commands: Mapping[str, Sequence[str]] = {
            name: getattr(deployment.hooks, name) for name in ("set_budget", "set_quota", "set_clock")
        }

    def run(self, name: str, *, now: datetime, writes_left: int | None, slots_left: int | None) -> None:
        """Raises `Inconclusive` where it fails."""
        try:
            self._run(name, now, writes_left, slots_left)
        except ProgramFailed as error:
            raise Inconclusive(str(error)) from None

    def try_all(self, now: datetime) -> None:
        """Run each once with what the file declares, which changes nothing that the run relies on. Raises
        `BadDeployment` where one fails: nothing is spent by then.
        """
        given = self._deployment
        for name, command in self._commands.items():
            if command:
                try:
                    self._run(name, now, _first(given.writes_left, given.writes_per_day), _first(given.slots_left))
                except ProgramFailed as error:
                    said = Redactor(given.known_keys()).text(str(error))
                    raise BadDeployment(f"{said}. It was tried once before the run; nothing was spent.") from None

    def _run(self, name: str, now: datetime, writes_left: int | None, slots_left: int | None) -> None:
        values = {
            "writes_left": "" if writes_left is None else str(writes_left),
            "slots_left": "" if slots_left is None else str(slots_left),
            "now": now.isoformat(),
            "workspace": self._deployment.workspace or "",
            "api_key_env": self._deployment.api_key_env,
        }
        arguments = [_filled(argument, values) for argument in self._commands[name]]
        output_of(arguments, f"the hook {name}")


def _first(*declared: int | None) -> int:
    return next((each for each in declared if each is not None), _WHERE_NOTHING_IS_DECLARED)


def _filled(argument: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        argument = argument.replace(f"{{{name}}}", value)
    return argument
