"""JSON that is kept for long."""

import orjson


def as_json(value: object) -> bytes:
    """JSON that takes as much memory as it has bytes: what orjson returns takes 4 KiB at least."""
    return bytes(memoryview(orjson.dumps(value)))
