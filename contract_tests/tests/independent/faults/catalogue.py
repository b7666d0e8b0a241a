"""The faults by name: what is wrong, which rules that breaks, and the smallest mode in which a run finds it."""

from dataclasses import dataclass, replace

from tracepass_contract.contract_tests.tests.independent import modes
from tracepass_contract.contract_tests.tests.independent.faults import items, keys, limits, others
from tracepass_contract.contract_tests.tests.independent.runs import Mode
from tracepass_contract.contract_tests.tests.independent.server.backend import Parts


@dataclass(frozen=True, slots=True)
class Fault:
    """`rules` are those that it breaks. A run checks only them where its mode selects no rules.

    Without a `mode`, no run finds the fault, and `unseen` says why.
    """

    parts: Parts
    rules: tuple[str, ...] = ()
    mode: Mode | None = None
    unseen: str = ""


_ITEMS = replace(modes.CALLS, rules=("items", "summary"))
FAULTS = {
    # limits
    "local-day": Fault(Parts(allowance=limits.LocalDay), ("budget.renews-each-utc-day",), modes.HOOKS),
    "last-write-refused": Fault(
        Parts(allowance=limits.LastWriteRefused), ("budget.refuses-whole-batch",), modes.LIMITS
    ),
    "one-write-too-many": Fault(Parts(allowance=limits.OneWriteTooMany), ("budget.refuses-whole-batch",), modes.LIMITS),
    "budget-of-key": Fault(Parts(allowance=limits.BudgetOfKey), ("budget.is-shared",), modes.HOOKS),
    "failed-items-take-slots": Fault(
        Parts(allowance=limits.FailedItemsTakeSlots), ("quota.failed-items-take-no-slot",), modes.QUOTA
    ),
    "truthy-consent": Fault(Parts(allowance=limits.TruthyConsent), ("quota.consent-is-not-remembered",), modes.QUOTA),
    "remembered-consent": Fault(
        Parts(allowance=limits.RememberedConsent), ("quota.consent-is-not-remembered",), modes.QUOTA
    ),
    "slot-kept-after-deletion": Fault(
        Parts(allowance=limits.SlotKeptAfterDeletion),
        unseen="whether a slot comes back is a reading (quota.slot-returns)",
    ),
    "uncounted-singles": Fault(Parts(writes=limits.UncountedSingles), ("budget.is-shared",), modes.HOOKS),
    "part-stays": Fault(Parts(creation=limits.PartStays), ("quota.asks-for-consent",), modes.QUOTA),
    "lost-update": Fault(
        Parts(allowance=limits.StaleBudget, writes=limits.LooksBefore),
        ("limits.hold-under-concurrency",),
        modes.HOOKS,
    ),
    # keys
    "charged-replays": Fault(Parts(writes=keys.ChargedReplays), ("idempotency.replay-changes-nothing",), modes.LIMITS),
    "errors-dropped": Fault(Parts(replays=keys.ErrorsDropped), ("idempotency.replays-original",), modes.UNDECLARED),
    "keys-of-all": Fault(Parts(replays=keys.KeysOfAll), ("idempotency.scoped-to-workspace",), modes.KEYS),
    "last-item-ignored": Fault(
        Parts(replays=keys.LastItemIgnored), ("idempotency.refuses-another-body",), modes.UNDECLARED
    ),
    "forgotten-at-midnight": Fault(
        Parts(replays=keys.ForgottenAtMidnight), ("idempotency.kept-24-hours",), modes.HOOKS
    ),
    "kept-forever": Fault(Parts(replays=keys.KeptForever), ("idempotency.kept-24-hours",), modes.HOOKS),
    "key-of-body": Fault(Parts(replays=keys.KeyOfBody), ("idempotency.key-is-optional",), modes.UNDECLARED),
    "key-before-commit": Fault(Parts(writes=keys.KeyBeforeCommit), ("idempotency.executes-once",), modes.KEYS),
    # items
    "checked-before": Fault(Parts(creation=items.CheckedBefore), ("items.serial-unique-per-gtin",), modes.KEYS),
    "serial-trimmed": Fault(Parts(creation=items.SerialTrimmed), ("items.serial-unique-per-gtin",), _ITEMS),
    "serial-upper-cased": Fault(
        Parts(creation=items.SerialUpperCased), ("items.created-carries-data",), modes.UNDECLARED
    ),
    "gtin-as-number": Fault(Parts(creation=items.GtinAsNumber), ("items.created-carries-data",), modes.UNDECLARED),
    "index-from-one": Fault(Parts(creation=items.IndexFromOne), ("items.one-result-each",), modes.UNDECLARED),
    "counted-before-duplicates": Fault(Parts(creation=items.CountedBeforeDuplicates), ("summary.adds-up",), _ITEMS),
    "stops-at-failure": Fault(Parts(creation=items.StopsAtFailure), ("items.fail-independently",), modes.UNDECLARED),
    # access, and the operations beside the batch
    "any-scheme": Fault(Parts(access=others.AnyScheme), ("auth.bearer-required",), modes.UNDECLARED),
    "foreign-reads": Fault(Parts(passports=others.ForeignReads), ("auth.workspaces-are-separate",), modes.KEYS),
    "suspend-crashes": Fault(
        Parts(passports=others.SuspendCrashes), unseen="a run never suspends in a given workspace"
    ),
    "patch-not-stored": Fault(
        Parts(passports=others.PatchNotStored), unseen="no check reads a field that it changed in a given workspace"
    ),
    "list-omits-last": Fault(Parts(passports=others.LastOmitted), unseen="no check counts a list in a given workspace"),
}
