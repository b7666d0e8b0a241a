"""What somebody may know of the independent server, and what of it the suite needs for which rules."""

from dataclasses import replace
from types import MappingProxyType as Known

from tracepass_contract.contract_tests.target.deployment import SecondWorkspace
from tracepass_contract.contract_tests.tests.independent.runs import OTHER, OTHER_KEY, SECOND_KEY, Mode
from tracepass_contract.contract_tests.tests.independent.server.plans import Plan
from tracepass_contract.contract_tests.tests.independent.server.serving import Gateway

CENTS = 175
_CALLS = {"single_create": True, "read_back": True}
_SECOND = SecondWorkspace(OTHER_KEY, OTHER.product, OTHER.gtin)
_KEYS = {**_CALLS, "second_key_env": SECOND_KEY, "second_workspace": _SECOND}
_LIMITS = {"writes_left": 240, "writes_per_day": 500, "slots_left": 200, "overage_supported": False}
_FEW = {"writes_left": 240, "slots_left": 40, "overage_supported": True, "overage_price_cents": CENTS}
_ROOM = {"max_writes": 600, "max_slots": 300}
_PAID = {**_ROOM, "allow_charges": True, "max_charge_cents": 100_000}
_LARGE = Plan(writes_per_day=500, writes_left=240, passports=300, passports_left=200)
_SMALL = Plan(writes_per_day=500, writes_left=240, passports=300, passports_left=40, overage_cents=CENTS)
_HOOKS = ("set_clock", "set_budget")

UNDECLARED = Mode()
CALLS = Mode(declares=Known(_CALLS), settings=Known(_ROOM))
KEYS = Mode(declares=Known(_KEYS), settings=Known({**_ROOM, "concurrency": True}))
LIMITS = Mode(_LARGE, Known({**_CALLS, **_LIMITS}), settings=Known(_ROOM))
QUOTA = replace(LIMITS, plan=_SMALL, declares=Known({**_FEW}), settings=Known(_PAID), rules=("quota", "items"))
HOOKS = Mode(_LARGE, Known({**_KEYS, **_LIMITS}), _HOOKS, Known({**_ROOM, "concurrency": True}))
FEW_SLOTS_AND_HOOKS = Mode(_SMALL, Known({**_KEYS, **_FEW}), _HOOKS, Known({**_PAID, "concurrency": True}))
BUDGET_HOOK_ALONE = Mode(Plan(writes_per_day=100), Known(_KEYS), _HOOKS, Known({**_ROOM, "concurrency": True}))
RATE_LIMITED = replace(KEYS, gateway=Gateway(refuses_every=5))
RATE_LIMITED_HOOKS = replace(HOOKS, gateway=Gateway(refuses_every=5))
