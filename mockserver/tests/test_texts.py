"""The memory of JSON that is kept."""

import tracemalloc

from tracepass_contract.mockserver.state.texts import as_json


def test_json_that_is_kept_takes_no_more_memory_than_its_bytes() -> None:
    """A mock keeps 100,000 stored answers, and most of them are small."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = [as_json({"number": number}) for number in range(200)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept[7] == b'{"number":7}'
    assert after - before < 200 * 200
