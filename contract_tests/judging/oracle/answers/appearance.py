"""Readings that a single answer shows: statuses, places, headers, and the effect of a single flaw."""

from collections.abc import Iterable, Mapping, Sequence

from ..calls.calls import Call, Outcome
from ..calls.consent import WAYS, consents
from ..calls.items import Flaw, Pair, loosest
from ..calls.notes import Notes
from ..calls.roles import Role
from .refused_batches import UUID

CHECK = "oracle.appearance"
IN_EVERY_WAY = (1 << len(WAYS)) - 1
FOR_SHAPE = (400, 413, 422)
Fate = str  # created, error, refused

READING_OF: Mapping[Flaw, str] = {
    Flaw.STRUCTURE: "items.malformed-item",
    Flaw.VALUE: "items.malformed-item",
    Flaw.CHECK_DIGIT: "items.gtin-check-digit",
    Flaw.DOMAIN: "items.serial-domain",
    Flaw.UNKNOWN_MEMBER: "batch.unknown-members",
}
# By flaw: the answers of its reading that are possible after each fate of a flawed item.
FATES: Mapping[Flaw, Mapping[Fate, Iterable[str]]] = {
    Flaw.STRUCTURE: {"error": ["item-error"], "refused": ["whole-batch", "by-kind"]},
    Flaw.VALUE: {"error": ["item-error", "by-kind"], "refused": ["whole-batch"]},
    Flaw.CHECK_DIGIT: {"refused": ["enforced"]},
    Flaw.DOMAIN: {"created": ["any-text-1-to-100"], "refused": ["gs1-1-to-20"]},
    Flaw.UNKNOWN_MEMBER: {
        "created": ["ignored"],
        "error": ["item-error"],
        "refused": ["refused"],
    },
}


def observe_appearance(calls: Sequence[Call], roles: Mapping[int, Role], notes: Notes) -> None:
    named: set[Pair] = set()  # by earlier calls
    for call in calls:
        notes.go_on()
        mine = {loosest(item.pair) for item in call.items if item.pair}
        is_new = not mine & named
        named |= mine
        if call.workspace is None or roles[call.number] is not Role.OWN:
            continue
        if call.outcome is Outcome.EXECUTED:
            _success(call, notes)
        elif call.outcome is Outcome.REFUSED:
            _refusal(call, notes)
        _consent(call, notes)
        _unknown_product(call, notes)
        _key(call, notes)
        _single_flaw(call, notes, is_new=is_new)


def _success(call: Call, notes: Notes) -> None:
    created, size = len(call.created), len(call.items)
    which = "all-created" if created == size else "mixed" if created else "all-failed"
    notes.observe(f"batch.{which}-status", [str(call.status)], call.number)
    if any(Flaw.CHECK_DIGIT in call.items[index].flaws for index in call.created):
        notes.observe("items.gtin-check-digit", ["not-enforced"], call.number)
    for index in call.created[:1]:
        data = call.entries[index].members.get("data")
        if isinstance(data, dict):
            whole = "productId" in data or "createdAt" in data
            notes.observe("items.created-data", ["full" if whole else "trimmed"], call.number)


def _refusal(call: Call, notes: Notes) -> None:
    passports = call.body_sent.get("passports")
    if isinstance(passports, list) and not call.has_right_size:
        notes.observe("batch.size-refusal", [str(call.status)], call.number)
    if call.asks_for_consent:
        error = call.answer.get("error")
        where = "error" if isinstance(error, str) and "overage_required" in error else "nested"
        notes.observe("quota.token-place", [where], call.number)
    if call.status == 429:
        names = {name.lower() for name in call.exchange.answer_headers}
        limits = any(name.startswith("ratelimit") for name in names)
        headers = "ratelimit" if limits else "retry-after" if "retry-after" in names else "none"
        notes.observe("budget.refusal-headers", [headers], call.number)
    pairs = [item.pair for item in call.items]
    if call.status == 409 and call.is_sound and call.key is None and len(set(pairs)) < len(pairs):
        notes.observe("items.duplicate-in-batch", ["whole-refused"], call.number)


def _consent(call: Call, notes: Notes) -> None:
    """The effect of consent where there is nothing to consent to. The call consents in every place."""
    given, says = call.given, [item.says for item in call.items]
    if given is None or consents(call.body_sent.get("confirmOverage"), says) != IN_EVERY_WAY:
        return
    if given.overage_supported is False and call.status in (402, 403):
        answer = "403" if call.status == 403 else "same-402" if call.asks_for_consent else "402-other-token"
        notes.observe("quota.without-overage", [answer], call.number)
    if given.unlimited_slots and call.is_sound and (call.status == 400 or call.outcome is Outcome.EXECUTED):
        answer = "ignored" if call.outcome is Outcome.EXECUTED else "refused"
        notes.observe("quota.consent-within-quota", [answer], call.number)


def _unknown_product(call: Call, notes: Notes) -> None:
    """Items of an unknown product together with items of a known one."""
    product = call.given.product_id if call.given is not None else None
    others = [index for index, item in enumerate(call.items) if item.product_id != product]
    if product is None or not call.is_sound or not others:
        return
    if call.status == 404 and call.outcome is Outcome.REFUSED:
        notes.observe("items.unknown-product", ["whole-404"], call.number)
    elif 0 < len(call.created) == len(call.items) - len(others) and not set(others) & set(call.created):
        notes.observe("items.unknown-product", ["item-error"], call.number)


def _key(call: Call, notes: Notes) -> None:
    """The effect of a key that is no UUID, where nothing else is wrong with the call."""
    if call.key is None:
        return
    executed, refused = call.outcome is Outcome.EXECUTED, call.status == 400
    if not call.key_in_range:
        if executed or (refused and _sound_but_for_key(call)):
            notes.observe("idempotency.key-out-of-range", ["ignored" if executed else "refused"], call.number)
    elif not UUID.fullmatch(call.key):
        if executed:
            notes.conforms("idempotency.key-is-opaque", CHECK, call.number)
        if executed or (refused and call.is_sound and _sound_but_for_key(call)):
            notes.observe("idempotency.key-syntax", ["any-1-to-255" if executed else "uuid"], call.number)


def _single_flaw(call: Call, notes: Notes, *, is_new: bool) -> None:
    """The effect of one flaw, where everything else about the call is valid."""
    flawed = [index for index, item in enumerate(call.items) if call.flaws_of(item)]
    flaws = {flaw for index in flawed for flaw in call.flaws_of(call.items[index])}
    if len(flaws) != 1 or not _is_valid_but_for_its_items(call):
        return
    flaw = flaws.pop()
    if flaw is Flaw.SPELLING:
        _spelling(call, flawed, notes)
    reading = READING_OF.get(flaw)
    if reading is None:
        return
    for fate in sorted({_fate(call, index) for index in flawed} & FATES[flaw].keys()):
        may_have_another_cause = flaw is Flaw.UNKNOWN_MEMBER and not (is_new and _fails_for_it(call, flawed))
        if fate != "error" or not may_have_another_cause:
            notes.observe(reading, FATES[flaw][fate], call.number)


def _is_valid_but_for_its_items(call: Call) -> bool:
    """Whether the call has no key, no consent in its items, and only documented members."""
    documented = call.body_sent.keys() <= {"passports", "confirmOverage"} and call.has_right_size
    return documented and call.key is None and all(item.says is None for item in call.items)


def _fails_for_it(call: Call, flawed: Sequence[int]) -> bool:
    """Whether exactly the flawed items failed, and no pair is repeated."""
    pairs = [item.pair for item in call.items]
    alike = len({item.product_id for item in call.items}) == 1 and len(set(pairs)) == len(pairs)
    return alike and 0 < len(call.created) == len(pairs) - len(flawed)


def _spelling(call: Call, flawed: Sequence[int], notes: Notes) -> None:
    for index in flawed:
        thirteen = len(call.items[index].sent["gs1"]["gtin"]) == 13
        taken = ["13-padded", "8-12-13-14-padded"] if thirteen else ["8-12-13-14-padded"]
        left = {"created": taken, "refused": ["14-digits"] if thirteen else ["14-digits", "13-padded"]}
        notes.observe("items.gtin-spellings", left.get(_fate(call, index), ()), call.number)


def _fate(call: Call, index: int) -> Fate:
    if call.outcome is Outcome.EXECUTED and index in call.entries:
        return "created" if call.entries[index].created else "error"
    return "refused" if call.outcome is Outcome.REFUSED and call.status in FOR_SHAPE and _unconsented(call) else ""


def _unconsented(call: Call) -> bool:
    return "confirmOverage" not in call.body_sent


def _sound_but_for_key(call: Call) -> bool:
    sound = all(call.is_sound_item(item) and item.says is None for item in call.items)
    return sound and call.has_right_size and call.body_sent.keys() == {"passports"}
