"""The state of all workspaces."""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from sys import intern

from ..semantics.types.accounts import Plan
from ..semantics.types.answers import (
    Decision,
    Effects,
    NewPassport,
    Refusal,
    Remember,
    RemovedPassport,
    Replay,
)
from ..semantics.types.gs1 import serial_identity
from ..semantics.types.readings import Readings
from ..semantics.types.records import KnownPassport, Product
from .call_counts import CallCounts
from .changes import Changes
from .clock import Clock, WorkspaceClock
from .collections import ByText
from .journal import Entry
from .replica import ALONE, Replica
from .stored_answers import Sent, as_text
from .texts import as_json
from .view import View
from .workspace import NO_OWNER, Passport, Workspace, pair_name, with_owner, without_owner

logger = logging.getLogger(__name__)
_product_and_gtin = itemgetter(1, 2)  # of a `NewPassport`


class State:
    """The workspaces, their API keys, and the workspace that holds each GTIN."""

    def __init__(self, clock: Clock, replica: Replica = ALONE) -> None:
        self._clock = clock
        self.replica = replica
        self.workspaces_created = 0
        self.generation = 0  # changes when the state is replaced or the readings change
        self.calls = CallCounts()
        self.workspaces: dict[str, Workspace] = {}
        self._by_api_key: dict[str, Workspace] = {}
        self.gtin_holders: dict[str, str] = {}  # GTIN-14 to the id of the first workspace that used it
        self.changes = Changes()

    def clear(self) -> None:
        """Remove everything."""
        self.generation += 1
        self.changes.replace_everything()
        self.workspaces_created = 0
        self.calls.clear()
        for index in (self.workspaces, self._by_api_key, self.gtin_holders):
            index.clear()

    def replace_with(self, other: "State") -> None:
        """Take over the content of another state, which nobody may use afterwards."""
        self.clear()
        self.workspaces_created = other.workspaces_created
        self.workspaces.update(other.workspaces)
        self._by_api_key.update(other._by_api_key)
        self.gtin_holders.update(other.gtin_holders)

    def add_workspace(self, workspace_id: str, plan: Plan, *, subscription_active: bool = True) -> Workspace:
        workspace = Workspace(workspace_id, plan, WorkspaceClock(self._clock), subscription_active=subscription_active)
        self.workspaces[workspace_id] = workspace
        self.changes.touch(workspace)
        return workspace

    def set_balances(
        self, workspace: Workspace, *, writes_used: int, passports_used: int, now: datetime, reads_used: int = 0
    ) -> None:
        """Set the used writes and reads of the UTC day of `now`, and the used slots."""
        self.changes.touch(workspace)
        today = now.astimezone(UTC).date()
        workspace.writes_used, workspace.writes_day = writes_used, today
        workspace.reads_used, workspace.reads_day = reads_used, today
        workspace.passports_used = passports_used

    def add_api_key(self, workspace: Workspace, api_key: str) -> None:
        self._by_api_key[api_key] = workspace
        self.changes.note("api_keys", workspace, [api_key], [""])

    def has_api_key(self, api_key: str) -> bool:
        """Whether a workspace has this key."""
        return api_key in self._by_api_key

    def revoke_api_key(self, api_key: str) -> None:
        """Remove a key. The workspace and its other keys stay."""
        workspace = self._by_api_key.pop(api_key, None)
        if workspace is not None:
            self.changes.note("api_keys", workspace, [api_key], [None])

    def hold_gtin(self, workspace: Workspace, gtin: str) -> None:
        """Give a GTIN to the first workspace that uses it."""
        if gtin not in self.gtin_holders:
            self.gtin_holders[gtin] = workspace.id
            self.changes.note("gtin_holders", workspace, [gtin], [""])

    def api_keys(self) -> Iterable[tuple[str, Workspace]]:
        """Every key with its workspace."""
        return self._by_api_key.items()

    def apply_readings(self, before: Readings, after: Readings) -> None:
        """Adapt the state to other readings, but not the workspaces that have their own.

        Serial numbers get the identity that the readings define. The stored answers are dropped if the readings change
        the names of keys or the fingerprints.
        """
        self.generation += 1
        self.changes.before_all()
        self.changes.touch_server()
        self._adapt([each for each in self.workspaces.values() if each.readings is None], before, after)

    def change_readings_of(self, workspace: Workspace, own: Readings | None, of_server: Readings) -> None:
        """Give a workspace readings of its own, or let it follow those of the server (None). Adapts it likewise."""
        self.generation += 1
        self.changes.touch(workspace)
        before, workspace.readings = workspace.readings or of_server, own
        self._adapt([workspace], before, own or of_server)

    def _adapt(self, workspaces: Iterable[Workspace], before: Readings, after: Readings) -> None:
        other_pairs = before.serial_equality is not after.serial_equality
        other_keys = (before.key_identity, before.fingerprint) != (after.key_identity, after.fingerprint)
        if other_pairs or other_keys:
            self.changes.replace_everything()
        for workspace in workspaces:
            if other_pairs:
                self._rebuild_pairs(workspace, after)
            if other_keys:
                workspace.answers.clear()

    def _rebuild_pairs(self, workspace: Workspace, readings: Readings) -> None:
        """Build the pairs with new identities. Passports with the same new identity share their pair. A deleted
        passport whose pair stays taken leaves only its old identity.
        """
        before = dict(workspace.pairs)
        workspace.pairs.clear()
        for each in workspace.passports.values():
            pairs, identity = self._pairs_under(workspace, each.gtin), serial_identity(each.serial_number, readings)
            pairs[identity] = with_owner(pairs.get(identity, NO_OWNER), each.id)
        for gtin, identities in before.items():
            pairs = self._pairs_under(workspace, gtin)
            for identity, owners in identities.items():
                if owners == NO_OWNER:
                    pairs.setdefault(serial_identity(identity, readings), NO_OWNER)

    def workspace_of(self, api_key: str) -> Workspace | None:
        return self._by_api_key.get(api_key)

    def view(self, workspace: Workspace, now: datetime) -> View:
        """The state as a call of this workspace sees it at `now` (UTC)."""
        return View(workspace, self.gtin_holders, now, self.replica)

    def add_passports(self, workspace: Workspace, passports: Sequence[NewPassport]) -> None:
        """Add passports with ascending ids. Each takes a slot."""
        for (product_id, gtin), run in groupby(passports, _product_and_gtin):
            # share the text of equal products and GTINs
            product_id, gtin, pairs = intern(product_id), intern(gtin), self._pairs_under(workspace, gtin)
            entered, begins = [], None
            for passport_id, _, _, serial, identity, parties, at, _ in run:
                if identity[:-2] != begins:
                    begins, taken = identity[:-2], pairs.part_to_change(identity)
                taken[identity] = passport_id
                text = as_json(parties) if parties else b"{}"
                entered.append(Passport(passport_id, product_id, gtin, serial, text, at, at))
            ids = [each.id for each in entered]
            workspace.passports.extend(ids, entered)
            workspace.index.add_group(entered)
            self.changes.note("passports", workspace, ids, entered)
        workspace.ids_given += len(passports)
        workspace.passports_used += len(passports)

    def _pairs_under(self, workspace: Workspace, gtin: str) -> ByText[str]:
        pairs = workspace.pairs.get(gtin)
        if pairs is None:
            pairs = workspace.pairs[intern(gtin)] = ByText()
            self.changes.note("gtins", workspace, [gtin], [""])
            self.hold_gtin(workspace, gtin)
        pairs.spread()
        return pairs

    def put_product(self, workspace: Workspace, product: Product) -> None:
        """Add a product, or replace the product with its id."""
        before = workspace.products.get(product.id)
        if before is not None:
            del workspace.models[before.model]
        workspace.products[product.id] = product
        workspace.models[product.model] = product.id
        self.changes.note("products", workspace, [product.id], [product])

    def commit(self, workspace: Workspace, decision: Decision, sent: Sent, now: datetime) -> None:
        """Apply a decision to the state in one uninterrupted step."""
        effects, totals = decision.effects, workspace.totals
        self.changes.touch(workspace)
        if effects.writes:
            workspace.writes_used = workspace.writes_used_on(now.date()) + effects.writes
            workspace.writes_day = now.date()
            totals.writes += effects.writes
        if effects.reads:
            workspace.reads_used = workspace.reads_used_on(now.date()) + effects.reads
            workspace.reads_day = now.date()
            totals.reads += effects.reads
        if effects.passports:
            self.add_passports(workspace, effects.passports)
        if effects.changed or effects.new_products or effects.removed:
            self._change(workspace, effects)
        totals.passports += effects.slots
        totals.overage_count += effects.overage_count
        totals.overage_cents += effects.overage_cents
        match decision.answer:
            case Replay():
                totals.replays += 1
            case Refusal(status=status) if status >= 500:
                totals.failures += 1
            case Refusal():
                totals.refusals += 1
            case _:
                totals.executions += not decision.is_read
        if effects.remember is not None:
            self._remember(workspace, effects.remember, None if isinstance(decision.answer, Replay) else sent, now)

    def _remember(self, workspace: Workspace, memory: Remember, sent: Sent | None, now: datetime) -> None:
        """Store the answer that was sent, or renew the stored answer of a replay."""
        answers = workspace.answers
        if sent is None:
            answers.renew(memory)
            self.changes.note("answers", workspace, [as_text(memory.name)], [answers.get(memory.name)])
            return
        expired, dropped = answers.keep(memory, sent, now)
        if self.changes.noted:
            names = [memory.name, *expired, *dropped]
            self.changes.note(
                "answers", workspace, [as_text(each) for each in names], [answers.get(each) for each in names]
            )
        if dropped and not workspace.totals.answers_dropped:
            logger.warning(
                "%s has too many idempotency keys: the mock drops the oldest before they expire.",
                workspace.id,
            )
        workspace.totals.answers_dropped += len(dropped)

    def enter(self, workspace: Workspace, entry: Entry, effects: Effects, operation: str) -> None:
        """Write a call into the journal and the ledger of its workspace."""
        kept, row = workspace.journal.write(entry, effects, operation)
        if self.changes.noted:
            self.changes.note("entries", workspace, [entry.number], [kept])
            self.changes.note("rows", workspace, [entry.number], [row])

    def _change(self, workspace: Workspace, effects: Effects) -> None:
        for product in effects.new_products:
            self.put_product(workspace, product)
        workspace.product_ids_given += len(effects.new_products)
        for changed in effects.changed:
            if isinstance(changed, KnownPassport):
                before, after = workspace.passports[changed.id], Passport.of(changed)
                workspace.passports[changed.id] = after
                workspace.index.move(before, after)
                self.changes.note("passports", workspace, [after.id], [after])
            else:
                self.put_product(workspace, changed)
        removed = effects.removed
        if isinstance(removed, RemovedPassport):
            workspace.index.remove(workspace.passports.pop(removed.id))
            pairs, identity = workspace.pairs[removed.gtin], removed.serial_identity
            owners = without_owner(pairs.get(identity, NO_OWNER), removed.id)
            stays = bool(owners) or not removed.frees_pair
            if stays:
                pairs[identity] = owners
            else:
                pairs.pop(identity, None)
            self.changes.note("passports", workspace, [removed.id], [None])
            is_taken = "" if stays and not owners else None
            self.changes.note("taken_pairs", workspace, [pair_name(removed.gtin, identity)], [is_taken])
            workspace.passports_used = max(0, workspace.passports_used + effects.slots)
        elif removed:
            del workspace.models[workspace.products.pop(removed.id).model]
            self.changes.note("products", workspace, [removed.id], [None])
