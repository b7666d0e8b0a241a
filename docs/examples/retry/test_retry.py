"""The mock loses an answer after the commit. A correct client still gets its passports and pays once.

Run `pytest` in this folder: the careful client passes, the naive one fails.
"""

import careful
import naive
import pytest


@pytest.mark.parametrize("client", [naive, careful], ids=["naive", "careful"])
def test_a_lost_answer_is_not_paid_twice(client, tracepass_workspace):
    tracepass_workspace.fault("lose-response")
    items = [tracepass_workspace.item("S-1"), tracepass_workspace.item("S-2")]

    result = client.create_passports(tracepass_workspace.base_url, tracepass_workspace.api_key, items)

    assert result["summary"]["created"] == 2
    assert tracepass_workspace.ledger()["totals"]["writes"] == 2
