"""All parts together, and which operation a path names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracepass_contract.contract_tests.tests.independent.server.access import Access
from tracepass_contract.contract_tests.tests.independent.server.allowance import Allowance
from tracepass_contract.contract_tests.tests.independent.server.creation import Creation
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Call, Refused
from tracepass_contract.contract_tests.tests.independent.server.operator import Operator
from tracepass_contract.contract_tests.tests.independent.server.passports import Passports
from tracepass_contract.contract_tests.tests.independent.server.plans import Choices, Space
from tracepass_contract.contract_tests.tests.independent.server.products import Products
from tracepass_contract.contract_tests.tests.independent.server.replays import Replays
from tracepass_contract.contract_tests.tests.independent.server.rows import Rows
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller, Writes


@dataclass(frozen=True, slots=True)
class Parts:
    """What a backend is made of. A fault puts a wrong part in place of a right one."""

    access: type[Access] = Access
    allowance: type[Allowance] = Allowance
    replays: type[Replays] = Replays
    writes: type[Writes] = Writes
    creation: type[Creation] = Creation
    passports: type[Passports] = Passports
    products: type[Products] = Products


@dataclass(frozen=True, slots=True)
class Setup:
    """How a backend is put up."""

    time: Callable[[], datetime]
    choices: Choices
    parts: Parts


@dataclass(frozen=True, slots=True)
class Taken:
    """What a workspace took since the server started, by the server's own counters."""

    writes: int
    created: int
    cents: int


class Backend:
    def __init__(self, folder: Path, spaces: Sequence[Space], setup: Setup) -> None:
        choices, parts = setup.choices, setup.parts
        self.operator = Operator(folder, setup.time, self._set_left)
        self.rows = rows = Rows(folder / "backend.sqlite", spaces)
        self.access = parts.access(spaces)
        self.allowance = parts.allowance(rows, choices)
        self.replays = parts.replays(rows, choices)
        self.writes = parts.writes(rows, self.allowance, self.replays, choices)
        self.creation = parts.creation(rows, self.allowance, self.writes)
        self.passports = parts.passports(rows, self.allowance, self.writes)
        self.products = parts.products(rows, self.writes)
        self._main = spaces[0]
        for space in spaces:
            self.products.seed(space, self.operator.now())
            rows.write("INSERT INTO gtins VALUES (?, ?)", space.gtin, space.name)
            self.allowance.start(space, space.keys[0], self.operator.now())

    def taken(self, space: str) -> Taken:
        sql = "SELECT writes, created, cents FROM spaces WHERE name = ?"
        return Taken(*(self.rows.one(sql, space) or ()))

    def _set_left(self, left: int, now: datetime) -> None:
        self.allowance.set_left(self._main, self._main.keys[0], left, now)

    def answer(self, call: Call) -> Answered:
        """Raises `Refused`."""
        space, key = self.access.caller(call.headers)
        names, operations = self._named(call.segments)
        if call.method not in operations:
            raise Refused(405, f"not with {call.method}", {"allow": ", ".join(operations)})
        given = [segment for name, segment in zip(names, call.segments, strict=True) if name == "*"]
        return operations[call.method](Caller(call, space, key), *given)

    def _named(self, segments: Sequence[str]) -> tuple[Sequence[str], Mapping[str, Callable[..., Answered]]]:
        """The operations of a path. Raises `Refused` where it has none."""
        for path, operations in self._operations.items():
            names = path.split("/")
            if len(names) == len(segments) and all(map(_matches, names, segments)):
                return names, operations
        raise Refused(404, "nothing is here")

    @property
    def _operations(self) -> Mapping[str, Mapping[str, Callable[..., Answered]]]:
        """By path and method. A `*` stands for what the operation is given. The first path that fits counts."""
        creation, passports, products = self.creation, self.passports, self.products
        return {
            "passports": {"POST": creation.single, "GET": passports.list_all},
            "passports/batch": {"POST": creation.batch},
            "passports/by-serial/*": {"GET": passports.by_serial},
            "passports/*": {"GET": passports.get, "DELETE": passports.delete},
            "passports/*/compliance": {"GET": passports.compliance},
            "passports/*/suspend": {"POST": passports.suspend},
            "passports/*/archive": {"POST": passports.archive},
            "passports/*/fields/*": {"PATCH": passports.set_field},
            "passports/*/parties/*": {"PATCH": passports.set_party, "DELETE": passports.drop_party},
            "products": {"POST": products.create, "GET": products.list_all},
            "products/*": {"GET": products.get, "PATCH": products.update, "DELETE": products.delete},
            "products/*/archive": {"POST": products.archive},
            "templates": {"GET": products.templates},
            "templates/*": {"GET": products.template},
        }


def _matches(name: str, segment: str) -> bool:
    return name in ("*", segment)
