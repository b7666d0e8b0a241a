"""An answer is lost after the commit. Which client gets its passports, and pays once?

Run `pytest` in this folder: the naive client fails, the careful one passes.
"""

import careful
import naive
import pytest


@pytest.mark.parametrize("client", [naive, careful], ids=["naive", "careful"])
def test_a_lost_answer_costs_nothing(client, tracepass_world):
    tracepass_world.fault("lose-response")
    items = [tracepass_world.item("S-1"), tracepass_world.item("S-2")]

    result = client.create_passports(tracepass_world.base_url, tracepass_world.api_key, items)

    assert result["summary"]["created"] == 2
    assert tracepass_world.ledger()["totals"]["writes"] == 2
