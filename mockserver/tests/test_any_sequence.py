"""Random sequences of calls by two workspaces. The invariants hold after each call."""

import json
from collections import Counter
from copy import deepcopy
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from tracepass_contract.mockserver.semantics.types.accounts import Plan
from tracepass_contract.mockserver.semantics.types.state_view import ListQuery
from tracepass_contract.mockserver.state import Workspace
from tracepass_contract.mockserver.state.workspaces import Balances, create_workspace
from tracepass_contract.mockserver.tests.client import Client

GTINS = ["09506000140513", "09506000140520", "09506000140537"]
STATUSES = ["draft", "suspended", "archived"]
PLAN = Plan("test", writes_per_day=20, passports_included=6, overage_price_cents=150, reads_per_day=5)
serials = st.sampled_from(["S-1", "S-2", "s-1", "a/b", "100%", "ä 1"])
keys = st.none() | st.sampled_from(["k1", "k2", "k3"])
whose = st.integers(0, 1)
consents = st.sampled_from([None, None, False, True])


class Workspaces(RuleBasedStateMachine):
    """Two workspaces of one mock, and all calls of a client to them."""

    passports = Bundle("passports")
    products = Bundle("products")

    @initialize()
    def two_workspaces(self) -> None:
        self.client = Client()
        self.workspaces = [create_workspace(self.client.mock.state, PLAN, Balances()) for _ in range(2)]
        self.answers: dict[tuple[int, str, str, str, str], bytes] = {}

    def ask(self, who: int, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """Send a call. A refusal changes nothing; a replay repeats the first answer and changes nothing."""
        workspace, api_key = self.workspaces[who]
        headers = [("Authorization", f"Bearer {api_key}")]
        headers += [("Idempotency-Key", key)] if key else []
        headers += [("Content-Type", "application/json")] if body is not None else []
        content = b"" if body is None else json.dumps(body).encode()
        before = [_content(each) for each, _ in self.workspaces]

        reply = self.client.request(method, f"/api/v1{path}", headers, content)

        after = [_content(each) for each, _ in self.workspaces]
        assert reply.status_code < 500, reply.text
        assert before[1 - who] == after[1 - who]
        if reply.status_code >= 400:
            assert before == after
        if key and reply.is_success:
            name = (who, method, path, key, repr(body))
            if name in self.answers and reply.headers["mock-rule"] == "idempotency.replays-original":
                assert (reply.content, before) == (self.answers[name], after)
            self.answers[name] = reply.content
        assert workspace.journal.rows[-1].status == reply.status_code
        return reply

    @rule(target=products, who=whose, model=st.sampled_from(["M-1", "M-2", "M-3"]), key=keys)
    def create_product(self, who: int, model: str, key: str | None) -> Any:
        reply = self.ask(who, "POST", "/products", {"name": "N", "model": model, "category": "battery"}, key)
        return (who, reply.json()["_id"]) if reply.status_code == 201 else multiple()

    @rule(who=whose, models=st.lists(st.sampled_from(["M-1", "M-4", "M-5"]), max_size=3), key=keys)
    def create_products(self, who: int, models: list[str], key: str | None) -> None:
        products = [{"name": "N", "model": model, "category": "textile"} for model in models]
        self.ask(who, "POST", "/products/batch", {"products": products}, key)

    @rule(
        product=products,
        change=st.sampled_from([{"name": "Z"}, {"model": "M-2"}, {"status": "archived"}, {}]),
        key=keys,
    )
    def update_product(self, product: tuple[int, str], change: Any, key: str | None) -> None:
        self.ask(product[0], "PATCH", f"/products/{product[1]}", change, key)

    @rule(product=products, key=keys)
    def archive_product(self, product: tuple[int, str], key: str | None) -> None:
        self.ask(product[0], "POST", f"/products/{product[1]}/archive", {}, key)

    @rule(product=products)
    def delete_product(self, product: tuple[int, str]) -> None:
        self.ask(product[0], "DELETE", f"/products/{product[1]}")

    @rule(target=passports, who=whose, gtin=st.sampled_from(GTINS), serial=serials, said=consents, key=keys)
    def create_passport(self, who: int, gtin: str, serial: str, said: bool | None, key: str | None) -> Any:
        body = self._item(who, gtin, serial) | ({} if said is None else {"confirmOverage": said})
        reply = self.ask(who, "POST", "/passports", body, key)
        return (who, reply.json()["_id"]) if reply.status_code == 201 else multiple()

    @rule(
        target=passports,
        who=whose,
        pairs=st.lists(st.tuples(st.sampled_from(GTINS), serials), max_size=4),
        said=consents,
        key=keys,
    )
    def create_batch(self, who: int, pairs: list[tuple[str, str]], said: bool | None, key: str | None) -> Any:
        body: dict[str, Any] = {"passports": [self._item(who, *pair) for pair in pairs]}
        reply = self.ask(
            who, "POST", "/passports/batch", body | ({} if said is None else {"confirmOverage": said}), key
        )
        results = reply.json().get("results", [])
        return multiple(*[(who, each["data"]["_id"]) for each in results if each["status"] == "created"])

    @rule(passport=passports, what=st.sampled_from(["suspend", "archive"]), key=keys)
    def end(self, passport: tuple[int, str], what: str, key: str | None) -> None:
        self.ask(passport[0], "POST", f"/passports/{passport[1]}/{what}", {}, key)

    @rule(who=whose, serial=serials, gtin=st.sampled_from(["", *GTINS]), what=st.sampled_from(["suspend", "archive"]))
    def end_by_serial(self, who: int, serial: str, gtin: str, what: str) -> None:
        path = f"/passports/by-serial/{quote(serial, safe='')}/{what}?gtin={gtin}"
        self.ask(who, "POST", path)

    @rule(passport=passports, key=keys)
    def delete_passport(self, passport: tuple[int, str], key: str | None) -> None:
        self.ask(passport[0], "DELETE", f"/passports/{passport[1]}", None, key)

    @rule(passport=passports, field=st.sampled_from(["rated_capacity", "nothing"]), value=st.integers() | st.text())
    def set_field(self, passport: tuple[int, str], field: str, value: Any) -> None:
        self.ask(passport[0], "PATCH", f"/passports/{passport[1]}/fields/{field}", {"value": value})

    @rule(passport=passports, who=whose, role=st.sampled_from(["importer", "recycler"]), remove=st.booleans())
    def set_party(self, passport: tuple[int, str], who: int, role: str, remove: bool) -> None:
        """Set a party from either workspace. The passport may belong to the other one."""
        path = f"/passports/{passport[1]}/parties/{role}"
        reply = self.ask(who, *(("DELETE", path) if remove else ("PATCH", path, {"legalName": "A", "gln": "4" * 13})))
        assert who == passport[0] or reply.status_code in {404, 429}

    @rule(passport=passports)
    def read_back(self, passport: tuple[int, str]) -> None:
        reply = self.ask(passport[0], "GET", f"/passports/{passport[1]}")
        known = self.workspaces[passport[0]][0].passports.get(passport[1])
        assert reply.status_code in {429, 200 if known else 404}
        if known and reply.status_code == 200:
            gs1 = reply.json()["gs1"]
            assert (gs1["gtin"], gs1["serialNumber"]) == (known.gtin, known.serial_number)
            assert reply.json()["status"] == known.status

    @rule(who=whose, serial=serials)
    def read_by_serial(self, who: int, serial: str) -> None:
        reply = self.ask(who, "GET", f"/passports/by-serial/{quote(serial, safe='')}")
        found = sum(each.serial_number == serial for each in self.workspaces[who][0].passports.values())
        assert reply.status_code in {429, {0: 404, 1: 200}.get(found, 409)}

    @rule(who=whose, search=st.sampled_from(["", "s-1", "ä", "0513"]), status=st.sampled_from(["", *STATUSES]))
    def list_passports(self, who: int, search: str, status: str) -> None:
        reply = self.ask(who, "GET", f"/passports?search={quote(search)}&status={status}&limit=100")
        expected = [
            each.id
            for each in self.workspaces[who][0].passports.values()
            if status in {"", each.status} and (search in each.gtin or search in each.serial_number.casefold())
        ]
        if reply.status_code == 200:
            data = reply.json()["data"]
            assert [each["_id"] for each in data["items"]] == expected[::-1]
            assert data["total"] == len(expected)

    @rule(hours=st.integers(1, 30))
    def time_goes_on(self, hours: int) -> None:
        self.client.clock.advance(timedelta(hours=hours))

    @invariant()
    def ledger_sums_equal_balances(self) -> None:
        today = self.client.clock.now().date()
        for workspace, _ in self.workspaces:
            rows, account = (
                workspace.journal.rows,
                self.client.mock.state.view(workspace, self.client.clock.now()).account,
            )
            assert sum(row.writes for row in rows if row.at.date() == today) == account.writes_used <= 20
            assert sum(row.reads for row in rows if row.at.date() == today) == account.reads_used <= 5
            assert sum(row.passports for row in rows) == account.passports_used == len(workspace.passports)
            assert sum(row.overage_cents for row in rows) == account.overage_cents == 150 * account.overage_count
            assert sum(row.writes for row in rows) == workspace.totals.writes

    @invariant()
    def counts_equal_lists(self) -> None:
        for workspace, _ in self.workspaces:
            view = self.client.mock.state.view(workspace, self.client.clock.now())
            _, total = view.passports_page(ListQuery(1, 100))
            counted, products = view.products_page(ListQuery(1, 100))
            by_product = Counter(each.product_id for each in workspace.passports.values())
            assert (total, products) == (len(workspace.passports), len(workspace.products))
            assert {each.product.id: each.passports for each in counted if each.passports} == dict(by_product)
            for status in STATUSES:
                page, count = view.passports_page(ListQuery(1, 100, status=status))
                assert [each.status for each in page] == [status] * count

    @invariant()
    def no_pair_is_there_twice_and_no_gtin_in_two_workspaces(self) -> None:
        gtins = []
        for workspace, _ in self.workspaces:
            pairs = [(each.gtin, each.serial_number) for each in workspace.passports.values()]
            assert len(set(pairs)) == len(pairs)
            assert {(gtin, serial) for gtin, under in workspace.pairs.items() for serial in under} == set(pairs)
            gtins.append({gtin for gtin, _ in pairs})
        assert not gtins[0] & gtins[1]

    @invariant()
    def no_model_is_there_twice(self) -> None:
        for workspace, _ in self.workspaces:
            assert workspace.models == {each.model: each.id for each in workspace.products.values()}
            assert len(workspace.models) == len(workspace.products)

    def _item(self, who: int, gtin: str, serial: str) -> dict[str, Any]:
        return {"productId": self.workspaces[who][0].product_id, "gs1": {"gtin": gtin, "serialNumber": serial}}


def _content(workspace: Workspace) -> object:
    """Everything that a call can change, except times."""
    totals = workspace.totals
    return deepcopy(
        (
            workspace.passports,
            workspace.products,
            workspace.pairs,
            workspace.writes_used,
            workspace.reads_used,
            workspace.passports_used,
            (totals.writes, totals.reads, totals.passports, totals.overage_cents, totals.executions),
            len(workspace.answers),
        )
    )


Workspaces.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestWorkspaces = Workspaces.TestCase
