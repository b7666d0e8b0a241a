"""Calls whose only purpose is to learn readings: their answers differ from reading to reading.

Nothing is asserted here. The oracle draws the conclusions from all calls of the run. A reading that could not be asked
about stays open. Every question has an isolated workspace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

import orjson

from ..client.api import Batch
from ..judging.judgement import is_selected
from ..model import clock
from ..model.outcomes import Inconclusive, NotApplicable, Untested
from ..target.target import Target
from ..target.workspace import BATCH_ITEMS_MAX, Account

Ask = Callable[[Account], object]


@dataclass(frozen=True, slots=True)
class Question:
    """Readings, the capabilities that asking needs (codes of spec/rules.yaml), and the calls."""

    readings: Sequence[str]
    needs: Sequence[str]
    ask: Ask


QUESTIONS: list[Question] = []


def learn(target: Target, prefixes: Sequence[str] = ()) -> None:
    """Ask all questions about readings that start with one of the prefixes. Does nothing without a control plane."""
    for question in QUESTIONS if target.provisions else ():
        wanted = any(is_selected(reading, prefixes) for reading in question.readings)
        if not wanted or target.missing(question.needs):
            continue
        purpose = target.session.purpose = f"learning {' and '.join(question.readings)}"
        try:
            question.ask(target.account())
        except (Untested, NotApplicable, Inconclusive):
            continue
        except Exception as error:  # what the run has found stays found
            target.session.notes.append(f"{purpose}: the suite failed ({type(error).__name__}: {error})")


def _question(*readings: str, needs: Sequence[str] = ()) -> Callable[[Ask], Ask]:
    def enter(ask: Ask) -> Ask:
        QUESTIONS.append(Question(readings, needs, ask))
        return ask

    return enter


@_question("budget.refused-shape")
def writes_of_a_malformed_call(account: Account) -> None:
    """Four writes are left. How many are left after a batch of two, one without `gs1`, or after one item too many?"""
    account.has(writes_left=4)
    good, bad = account.passports(2)
    if account.api.create_batch([good, {"productId": bad["productId"]}]).is_result:
        account.has(writes_left=4)
        account.api.create_batch(account.passports(BATCH_ITEMS_MAX + 1))
    account.writes_left(4)


@_question("budget.refused-by-quota", needs=("O",))
def writes_of_a_batch_over_the_quota(account: Account) -> None:
    """Four writes and two passports are left. After a batch of three, does a batch of two fit?"""
    account.has(writes_left=4, slots_left=2, overage=True)
    account.api.create_batch(account.passports(3))
    account.api.create_batch(account.passports(2))


@_question("quota.compares-with", needs=("O",))
def passports_of_a_batch_that_fails_in_part(account: Account) -> None:
    """One passport is left. Does a batch of a known and a new item exceed the quota?"""
    known = account.has(known=1, slots_left=1, overage=True)
    account.api.create_batch([*known, account.passport()])


@_question("quota.consent-within-quota", needs=("O",))
def consent_to_nothing(account: Account) -> None:
    account.api.create_batch([account.passport(None, confirmOverage=True)], consent=True)


@_question("quota.consent-place", "quota.conflicting-consent", needs=("O",))
def every_way_to_consent(account: Account) -> None:
    """No passport is left. Consent next to the items, in one of two, in both, and contradictory."""
    account.has(slots_left=0, overage=True)
    for beside, *of_items in (
        (True, None),
        (None, True, None),
        (None, True, True),
        (True, False),
        (False, True),
        (None, True, False),
    ):
        consents = [{} if said is None else {"confirmOverage": said} for said in of_items]
        account.api.create_batch([account.passport(None, **each) for each in consents], consent=beside)


@_question("idempotency.remembered-outcomes", needs=("O",))
def keys_of_refused_calls(account: Account) -> None:
    """A 402 and a 429 under a key. Without the limit, can another body use the key?"""
    for limit in ({"slots_left": 0}, {"writes_left": 0}):
        account.has(**limit, overage=True)
        key = clock.new_key()
        account.api.create_batch(account.passports(1), key=key)
        account.lift(writes=True, slots=True)
        account.api.create_batch(account.passports(1), key=key)


@_question("idempotency.key-identity")
def one_key_under_two_api_keys(account: Account) -> None:
    batch = Batch(account.passports(1), clock.new_key())
    account.api.send(batch).sure()
    account.second_key().send(batch).sure()


@_question("idempotency.fingerprint")
def one_body_in_three_forms(account: Account) -> None:
    """One body, the body with other spacing, and with its members in another order."""
    item, key = account.passport(), clock.new_key()
    turned = {name: item[name] for name in reversed(item)}
    for body in (
        orjson.dumps({"passports": [item]}),
        orjson.dumps({"passports": [item]}, option=orjson.OPT_INDENT_2),
        orjson.dumps({"passports": [turned]}),
    ):
        account.api.send(Batch([item], key, raw=body)).sure()


@_question("idempotency.lifetime-from", needs=("T",))
def a_key_that_is_used_again(account: Account) -> None:
    """The key is used again after 20 hours and after 40 hours."""
    batch = Batch(account.passports(1), clock.new_key())
    account.api.send(batch).sure()
    for _ in range(2):
        account.advance_clock(hours=20)
        account.api.send(batch).sure()


@_question("idempotency.replay-when-budget-spent")
def a_replay_of_the_last_write(account: Account) -> None:
    account.has(writes_left=1)
    batch = Batch(account.passports(1), clock.new_key())
    account.api.send(batch).sure()
    account.api.send(batch).sure()


@_question("items.gtin-spellings")
def a_gtin_of_13_digits(account: Account) -> None:
    """The GTIN of the workspace without its leading zero."""
    item = account.passport()
    item["gs1"]["gtin"] = item["gs1"]["gtin"].zfill(14)[1:]
    account.api.create_batch([item])


@_question("items.serial-equality")
def serial_numbers_that_look_alike(account: Account) -> None:
    """A serial number with an accent, in capitals, decomposed, and with spaces around it."""
    serial = f"{account.session.serial()}-\N{LATIN SMALL LETTER E WITH ACUTE}"
    for alike in (serial, serial.upper(), normalize("NFD", serial), f" {serial} "):
        account.api.create_batch([account.passport(alike)])
