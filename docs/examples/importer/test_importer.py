"""5,000 passports, with each obstacle that an import meets. Run `pytest` in this folder."""

import pytest
from importer import Importer, ImportStopped

PASSPORTS = 5_000


@pytest.mark.tracepass_workspace(writes_per_day=3_000, passports_included=4_000, overage_supported=True)
def test_5000_passports_are_created_once_in_spite_of_everything(tracepass_workspace):
    tracepass_workspace.set_clock("2026-01-15T12:00:00Z", frozen=True)
    tracepass_workspace.fault("lose-response", skip=3)  # the fourth batch is executed, and its answer is lost
    tracepass_workspace.fault("status", status=503, skip=9)
    tracepass_workspace.fault("status", status=409, headers={"Retry-After": "1"}, skip=19)  # the key is in flight
    items = [tracepass_workspace.item(f"S-{number}") for number in range(PASSPORTS)]
    items[4_999] = items[0]  # exists by then
    waits = []

    def wait(seconds):
        waits.append(seconds)
        tracepass_workspace.advance_clock(seconds)

    importer = importer_for(tracepass_workspace, accept_charges=True, sleep=wait)
    report = importer.run(items)

    assert (report.created, report.existing, report.failed) == (4_999, 1, {})
    assert max(waits) > 3_600  # after 3,000 writes it waits for the next day
    balances = tracepass_workspace.balances()
    assert balances["passports_used"] == 4_999
    assert balances["overage_count"] == 999
    assert tracepass_workspace.ledger()["totals"]["writes"] == PASSPORTS


@pytest.mark.tracepass_workspace(passports_included=250, overage_supported=True)
def test_an_import_without_consent_stops_before_a_charge_and_goes_on_later(tracepass_workspace):
    items = [tracepass_workspace.item(f"S-{number}") for number in range(300)]

    with pytest.raises(ImportStopped, match="402 overage_required"):
        importer_for(tracepass_workspace, accept_charges=False).run(items)
    report = importer_for(tracepass_workspace, accept_charges=True).run(items)

    assert report.created == 300
    assert tracepass_workspace.balances()["overage_count"] == 50
    assert tracepass_workspace.ledger()["totals"]["writes"] == 300


def importer_for(workspace, **options):
    return Importer(workspace.base_url, workspace.api_key, **options)
