"""The time of a world: told, frozen, set and moved on."""

from datetime import datetime, timedelta
from typing import Any

from ...state import Workspace
from ..api.reply_bodies import timestamp

Json = dict[str, Any]


def told(world: Workspace) -> Json:
    return {"now": timestamp(world.clock.now()), "frozen": world.clock.frozen}


def change(world: Workspace, asked: Json) -> Json:
    """Set first, then freeze or run. Raises `OverflowError` beyond the calendar of the clock, `ValueError` for a leap
    second, which it does not have.
    """
    at = datetime.fromisoformat(asked["now"].upper()) if "now" in asked else None  # t and z are as good (RFC 3339, 5.6)
    match at, asked.get("frozen"):
        case None, True:
            world.clock.freeze()
        case datetime(), True:
            world.clock.freeze_at(at)
        case datetime(), _:
            world.clock.set(at)
    if asked.get("frozen") is False:
        world.clock.run()
    return told(world)


def advance(world: Workspace, asked: Json) -> Json:
    """Move on by `seconds`. Raises `OverflowError` beyond the calendar of the clock."""
    world.clock.advance(timedelta(seconds=asked["seconds"]))
    return told(world)
