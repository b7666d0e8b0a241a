"""The time of a workspace: told, frozen, set and moved on."""

from datetime import datetime, timedelta
from typing import Any

from ...state import Workspace
from ..api.reply_bodies import timestamp

Json = dict[str, Any]


def shown(workspace: Workspace) -> Json:
    return {"now": timestamp(workspace.clock.now()), "frozen": workspace.clock.frozen}


def change(workspace: Workspace, body: Json) -> Json:
    """Set first, then freeze or run. Raises `OverflowError` beyond the calendar of the clock, `ValueError` for a leap
    second, which it does not have.
    """
    at = datetime.fromisoformat(body["now"].upper()) if "now" in body else None  # t and z are as good (RFC 3339, 5.6)
    match at, body.get("frozen"):
        case None, True:
            workspace.clock.freeze()
        case datetime(), True:
            workspace.clock.freeze_at(at)
        case datetime(), _:
            workspace.clock.set(at)
    if body.get("frozen") is False:
        workspace.clock.run()
    return shown(workspace)


def advance(workspace: Workspace, body: Json) -> Json:
    """Move on by `seconds`. Raises `OverflowError` beyond the calendar of the clock."""
    workspace.clock.advance(timedelta(seconds=body["seconds"]))
    return shown(workspace)
