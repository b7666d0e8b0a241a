"""A run can't overspend."""

import pytest

from tracepass_contract.contract_tests.client.api import Api, Batch
from tracepass_contract.contract_tests.client.known_passports import Pairs
from tracepass_contract.contract_tests.client.session import Credential, Session
from tracepass_contract.contract_tests.client.spend import FREE, Ceilings, Price, Purse
from tracepass_contract.contract_tests.model.outcomes import Untested


def test_what_would_go_beyond_a_ceiling_is_refused_before() -> None:
    purse = Purse(Ceilings(writes=10, slots=3, cents=0, allow_charges=False))

    assert purse.hold(Price(8, 3)) is None
    assert purse.hold(Price(2)) is None
    refusal = purse.hold(Price(1))

    assert refusal == "a higher --max-writes (now 10, 0 left, up to 1 needed)"
    assert purse.requests == 2


def test_what_a_refused_call_did_not_take_can_be_spent_again() -> None:
    purse = Purse(Ceilings(writes=10))
    purse.hold(Price(10))

    purse.settle(Price(10), FREE, of="main")

    assert purse.hold(Price(10)) is None
    assert purse.taken == FREE


@pytest.mark.parametrize(("budget_is_ceiling", "fits"), [(False, False), (True, True)])
def test_what_is_not_sure_counts_unless_the_budget_is_the_ceiling(budget_is_ceiling: bool, fits: bool) -> None:
    purse = Purse(Ceilings(writes=10), budget_is_ceiling=budget_is_ceiling)
    purse.hold(Price(5))

    purse.settle(Price(5), FREE, of="main", unsure=Price(5))

    assert (purse.refusal(Price(10)) is None) is fits
    assert purse.unsure == Price(5)
    assert purse.as_spend().writes_perhaps == (0 if fits else 5)


def test_consent_needs_leave_whatever_it_costs() -> None:
    purse = Purse(Ceilings(writes=10, slots=3, cents=0, allow_charges=False))

    assert "--allow-charges" in (purse.hold(FREE, consents=True) or "")


def test_consent_has_a_ceiling_of_its_own() -> None:
    purse = Purse(Ceilings(writes=10, slots=3, cents=200, allow_charges=True))

    assert purse.hold(Price(1, 1, 150), consents=True) is None
    assert purse.hold(Price(1, 1, 150), consents=True) is not None


@pytest.mark.parametrize("place", ["beside", "inside", "in raw text"])
def test_no_body_with_consent_is_sent_without_leave(place: str) -> None:
    """Nothing listens at the address: what is refused never gets so far."""
    session = Session("http://127.0.0.1:9", Purse(Ceilings(allow_charges=False)), call_seconds=1, time_limit_seconds=9)
    api = Api(session, Credential("key", "main", "tp_x"), Pairs())
    item = {"productId": "p", "gs1": {"gtin": "09506000140018", "serialNumber": "S-1"}}

    batch = {
        "beside": Batch([item], consent=True),
        "inside": Batch([{**item, "confirmOverage": True}]),
        "in raw text": Batch(raw=b'{"passports":[],"confirmOverage":"yes"}'),
    }[place]

    with pytest.raises(Untested, match="--allow-charges"):
        api.send(batch)

    assert session.history.exchanges == []


def test_a_single_create_with_consent_is_not_sent_either() -> None:
    session = Session("http://127.0.0.1:9", Purse(Ceilings(allow_charges=False)), call_seconds=1, time_limit_seconds=9)

    with pytest.raises(Untested, match="--allow-charges"):
        Api(session, Credential("key", "main", "tp_x"), Pairs()).create_one({"confirmOverage": True})
