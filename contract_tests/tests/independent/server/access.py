"""Who calls: the API key gives the workspace."""

from collections.abc import Mapping, Sequence

from tracepass_contract.contract_tests.tests.independent.server.messages import Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Space


class Access:
    def __init__(self, spaces: Sequence[Space]) -> None:
        self.spaces = {key: space for space in spaces for key in space.keys}

    def caller(self, headers: Mapping[str, str]) -> tuple[Space, str]:
        """The workspace and the key. Raises `Refused`."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        space = self.spaces.get(token.strip()) if self.is_scheme(scheme) else None
        if space is None:
            raise Refused(401, "who are you?", {"WWW-Authenticate": "Bearer"})
        return space, token.strip()

    def is_scheme(self, scheme: str) -> bool:
        return scheme.lower() == "bearer"
