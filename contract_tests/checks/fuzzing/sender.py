"""Sends generated bodies, each into a workspace of its own, and checks the answers."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from schemathesis import Case

from .bodies import fingerprint, grown, key_for, meaningful
from .transport import Watch
from .workspaces import Workspaces

_EXECUTED, _NO_QUOTA, _NO_BUDGET = range(200, 300), (402,), (429,)
ANSWERED: Mapping[str, Container[int]] = {  # what a call is answered with in a workspace of its scene
    "plenty": _EXECUTED,
    "replays": _EXECUTED,
    "budget-exact": _EXECUTED,
    "quota-exact": _EXECUTED,
    "quota-short": _NO_QUOTA,
    "overage": _NO_QUOTA,
    "budget-short": _NO_BUDGET,
    "consent-short": _NO_BUDGET,
}


class Sender:
    """Sends generated bodies, each into a workspace of its scene, and runs a check on the answers."""

    def __init__(self, base_url: str, watch: Watch) -> None:
        self._base_url = base_url
        self._watch = watch
        self._workspaces = Workspaces(f"{base_url}/_mock", watch)
        self.seen: list[tuple[str, int]] = []

    def __call__(self, case: Case[Any], checks: Sequence[Callable[..., None]], *scenes: str) -> None:
        scene = scenes[fingerprint(case.body) % len(scenes)]
        body = grown(case.body, at_least=2)
        workspace = self._workspaces.create(scene, len(body["passports"]))
        body.pop("confirmOverage", None)
        case.body = meaningful(body, workspace.product_id, workspace.gtin, charges_allowed=True)
        case.headers["Idempotency-Key"] = key_for(case.body)
        response = case.call(
            base_url=f"{self._base_url}/api/v1", headers={"Authorization": f"Bearer {workspace.api_key}"}
        )
        self.seen.append((scene, response.status_code))
        case.validate_response(response, checks=list(checks))

    def shares(self) -> Mapping[str, float]:
        """For each scene, the share of calls that were answered as its workspace is made for."""
        found = {}
        for scene in {scene for scene, _ in self.seen}:
            answers = [status in ANSWERED[scene] for each, status in self.seen if each == scene]
            found[scene] = sum(answers) / len(answers)
        return found
