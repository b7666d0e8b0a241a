"""The books of all workspaces."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import orjson

from tracepass_contract.mockserver.clock import Clock, WorldClock
from tracepass_contract.mockserver.semantics.accounts import Plan
from tracepass_contract.mockserver.semantics.answers import BatchResult, Decision, NewPassport, Refusal, Replay
from tracepass_contract.mockserver.semantics.gs1 import serial_identity
from tracepass_contract.mockserver.semantics.readings import Readings
from tracepass_contract.mockserver.state.stored_answers import Sent
from tracepass_contract.mockserver.state.workspace import Passport, View, Workspace


class State:
    """Workspaces, who may open them, and which of them holds a GTIN."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.worlds_minted = 0
        self.workspaces: dict[str, Workspace] = {}
        self._by_api_key: dict[str, Workspace] = {}
        self.gtin_holders: dict[str, str] = {}  # GTIN-14 to the id of the first workspace that used it

    def clear(self) -> None:
        """Empty books."""
        self.worlds_minted = 0
        for index in (self.workspaces, self._by_api_key, self.gtin_holders):
            index.clear()

    def add_workspace(self, workspace_id: str, plan: Plan, *, subscription_active: bool = True) -> Workspace:
        workspace = Workspace(workspace_id, plan, WorldClock(self._clock), subscription_active=subscription_active)
        self.workspaces[workspace_id] = workspace
        return workspace

    def set_balances(self, workspace: Workspace, *, writes_used: int, passports_used: int, now: datetime) -> None:
        """Set what is used: the writes of the UTC day of `now`, and the slots."""
        workspace.writes_used, workspace.writes_day = writes_used, now.astimezone(UTC).date()
        workspace.passports_used = passports_used

    def add_api_key(self, workspace: Workspace, api_key: str) -> None:
        self._by_api_key[api_key] = workspace

    def revoke_api_key(self, api_key: str) -> None:
        """The key opens nothing any more; the workspace and its other keys stay."""
        self._by_api_key.pop(api_key, None)

    def hold_gtin(self, workspace: Workspace, gtin: str) -> None:
        """The first workspace that uses a GTIN has it."""
        self.gtin_holders.setdefault(gtin, workspace.id)

    def api_keys(self) -> Iterable[tuple[str, Workspace]]:
        """Every key with the workspace that it opens."""
        return self._by_api_key.items()

    def reread(self, before: Readings, after: Readings) -> None:
        """Go on under other readings: serial numbers are compared by them, and an answer is forgotten that is kept
        under a name or with a fingerprint of another kind.
        """
        for workspace in self.workspaces.values():
            if before.serial_equality is not after.serial_equality:
                workspace.pairs.clear()
                for each in workspace.passports.values():
                    workspace.pairs.setdefault(each.gtin, set()).add(serial_identity(each.serial_number, after))
            if (before.key_identity, before.fingerprint) != (after.key_identity, after.fingerprint):
                workspace.answers.clear()

    def workspace_of(self, api_key: str) -> Workspace | None:
        return self._by_api_key.get(api_key)

    def view(self, workspace: Workspace, now: datetime) -> View:
        """The books as a call of this workspace sees them at `now` (UTC)."""
        return View(workspace, self.gtin_holders, now)

    def add_passports(self, workspace: Workspace, passports: Sequence[NewPassport]) -> None:
        """Enter passports; each takes a slot."""
        stored, pairs, holders = workspace.passports, workspace.pairs, self.gtin_holders
        for new in passports:
            parties = orjson.dumps(new.parties) if new.parties else b"{}"
            stored[new.id] = Passport(new.id, new.product_id, new.gtin, new.serial_number, parties, new.created_at)
            if new.gtin not in pairs:
                pairs[new.gtin] = set()
                holders.setdefault(new.gtin, workspace.id)
            pairs[new.gtin].add(new.serial_identity)
        workspace.ids_given += len(passports)
        workspace.passports_used += len(passports)

    def commit(self, workspace: Workspace, decision: Decision, sent: Sent, now: datetime) -> None:
        """Enter a decision into the books, in one step that nothing can come between."""
        effects, totals = decision.effects, workspace.totals
        if effects.writes:
            workspace.writes_used = workspace.writes_used_on(now.date()) + effects.writes
            workspace.writes_day = now.date()
        if effects.passports:
            self.add_passports(workspace, effects.passports)
        totals.writes += effects.writes
        totals.passports += len(effects.passports)
        totals.overage_count += effects.overage_count
        totals.overage_cents += effects.overage_cents
        match decision.answer:
            case BatchResult():
                totals.executions += 1
            case Replay():
                totals.replays += 1
            case Refusal(status=status) if status >= 500:
                totals.failures += 1
            case Refusal():
                totals.refusals += 1
        if effects.remember is None:
            return
        if isinstance(decision.answer, Replay):
            workspace.answers.renew(effects.remember)
        else:
            workspace.answers.keep(effects.remember, sent, now)
