"""The control plane of a deployment that has one: the operations of spec/control.yaml that the suite uses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from ..client.access import ANYWHERE, Access, Pace
from ..client.connection import Answer, Wire
from ..model.history import Lost
from ..model.outcomes import BadDeployment, Inconclusive, Unreachable, Untested

Json = Mapping[str, Any]
_SECONDS = 10.0
_TRIES = 3  # to be connected


class ControlPlane:
    """Creates workspaces, sets their limits and clocks. Its answers are trusted, and calls to it are not recorded.

    A run gives its `pace` to its session, so that the calls of both together keep the rate.
    """

    def __init__(self, base_url: str, token: str | None, access: Access = ANYWHERE) -> None:
        self._base_url = base_url.rstrip("/")
        self._wire = Wire(self._base_url, access=access)
        self.pace = Pace(access.requests_per_second)
        self._has_token = bool(token)
        self.trouble = ""  # why there is none, where the deployment may have one
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def health(self) -> Json | None:
        """What is there, or None where there is no control plane (or none that lets us in; then `trouble` may say why).

        Raises `Unreachable` where nobody takes the connection.
        """
        for _ in range(_TRIES):
            answer = self._send("GET", "/_mock/health")
            if answer.lost is not Lost.NEVER_SENT:
                break
        else:
            raise Unreachable(f"{self._base_url} does not answer: {answer.detail}")
        found = _json(answer.body)
        is_ours = answer.status == 200 and found is not None and isinstance(found.get("capabilities"), list)
        if answer.lost is not None or (answer.status or 0) >= 500:
            said = answer.detail if answer.lost is not None else f"answered {answer.status}"
            self.trouble = f"the control plane {self._base_url}/_mock was not used: its health {said}"
        return found if is_ours else None

    def check_token(self) -> None:
        """Call something that requires the token; the health does not. Raises `BadDeployment` where it is refused."""
        answer = self._send("GET", "/_mock/readings")
        if answer.status in {401, 403}:
            problem = "the control token is wrong" if self._has_token else "it requires a token"
            raise BadDeployment(
                f"the control plane answered {answer.status}: {problem}. Set TRACEPASS_CHECK_CONTROL_TOKEN"
                " or --control-token, or use --no-control-plane"
            )

    def document(self) -> Json:
        """The OpenAPI document of the deployment; empty where it shows none."""
        return _json(self._send("GET", "/openapi.json", {}).body) or {}

    def create_workspace(self, *, beside: str | None = None, **limits: Any) -> Json:
        """`beside` is a workspace. Mocks behind a balancer then create the new one where that one is."""
        query = f"?beside={quote(beside, safe='')}" if beside else ""
        return self._ask("POST", f"/workspaces{query}", limits)

    def change(self, workspace: str, **limits: Any) -> Json:
        return self._ask("PATCH", f"/workspaces/{workspace}", limits)

    def add_key(self, workspace: str) -> str:
        return str(self._ask("POST", f"/workspaces/{workspace}/api-keys")["api_key"])

    def revoke_key(self, workspace: str, key: str) -> None:
        """Raises `Untested` where the control plane does not revoke keys."""
        path = f"/_mock/workspaces/{workspace}/api-keys/{quote(key, safe='')}"
        answer = self._send("DELETE", path)
        if answer.status is None or not httpx.codes.is_success(answer.status):
            raise Untested(f"P: a control plane that revokes API keys; it answered {answer.detail or answer.status}")

    def advance(self, workspace: str, seconds: float) -> datetime:
        """Move the clock of the workspace forward; its new time."""
        return datetime.fromisoformat(
            self._ask("POST", f"/workspaces/{workspace}/clock/advance", {"seconds": seconds})["now"]
        )

    def set_clock(self, workspace: str, now: datetime) -> datetime:
        content = {"now": now.isoformat(), "frozen": False}
        return datetime.fromisoformat(self._ask("PUT", f"/workspaces/{workspace}/clock", content)["now"])

    def lose_next(self, workspace: str, *, executed: bool) -> None:
        """Lose the answer to the next call of this workspace, or (not `executed`) the call itself."""
        self._ask("POST", f"/workspaces/{workspace}/faults", {"kind": "lose-response" if executed else "lose-request"})

    def close(self) -> None:
        self._wire.close()

    def _ask(self, method: str, path: str, content: Json | None = None) -> Json:
        body = None if content is None else orjson.dumps(content)
        headers = {**self._headers, "Content-Type": "application/json"} if body is not None else self._headers
        answer = self._send(method, f"/_mock{path}", headers, body)
        found = _json(answer.body)
        if answer.status is None or not httpx.codes.is_success(answer.status) or found is None:
            detail = (found or {}).get("detail", answer.detail or f"status {answer.status}")
            raise Inconclusive(f"the control plane refused {method} {path}: {detail}")
        return found

    def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        self.pace.wait()
        return self._wire.send(method, path, self._headers if headers is None else headers, body, _SECONDS)


def _json(body: bytes) -> Json | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
