"""One of several mocks behind a balancer: what is its own, and which replica has the rest.

Replicas share nothing. A replica's name is in each id and key that it creates, so that anybody can tell whose they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..semantics.types.gs1 import with_check_digit

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # a label of DNS: the name of a host or a pod
WORKSPACES_PER_REPLICA = 25_000  # numbers of workspaces, and so GTINs, that a replica has
REPLICAS_MAX = 40  # a GTIN has room for a million workspaces
_GTINS_BEGIN = "0950600"  # of the created workspaces: a prefix that GS1 keeps for examples
_CREATED = re.compile(r"(?:tp_mock_)?workspace-(?:(?P<name>[a-z0-9-]+)-)?[0-9]+(?:_[0-9]+)?")  # an id or a key


@dataclass(frozen=True, slots=True)
class Replica:
    """`names` are those of all replicas, in the same order for each. `elsewhere` has the ids, keys and GTINs of the
    seeded accounts of other replicas, with the name of the replica that has them.
    """

    name: str = ""
    names: Sequence[str] = ("",)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def workspace_id(self, number: int) -> str:
        return f"workspace-{self.name}-{number}" if self.name else f"workspace-{number}"

    def gtin(self, number: int) -> str:
        """The GTIN of a created workspace. No other replica gives it."""
        return with_check_digit(f"{_GTINS_BEGIN}{self.number_of_all(number):06d}")

    def number_of_all(self, number: int) -> int:
        """The number of a workspace among those of all replicas."""
        return self.names.index(self.name) * WORKSPACES_PER_REPLICA + number

    def other_home_of(self, id_or_key: str) -> str | None:
        """The replica that has this workspace or key; None if it is this one, or if nobody can tell. What was created
        without a name belongs to the first, as the balancer has it.
        """
        if not self.name:
            return None
        created = _CREATED.fullmatch(id_or_key)
        home = (created["name"] or self.names[0]) if created else self.elsewhere.get(id_or_key)
        return None if home == self.name else home

    def gtin_is_elsewhere(self, gtin: str) -> bool:
        """Whether this is the GTIN of a workspace that another replica has or can create."""
        if gtin in self.elsewhere:
            return True
        if not (self.name and gtin.startswith(_GTINS_BEGIN)):
            return False
        nth = int(gtin[len(_GTINS_BEGIN) : -1]) // WORKSPACES_PER_REPLICA
        return nth < len(self.names) and self.names[nth] != self.name


ALONE = Replica()
