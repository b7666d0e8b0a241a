"""The clock of a workspace: show, freeze, set and advance it."""

from datetime import datetime, timedelta
from typing import Any

from ...state import Workspace
from ..api.reply_bodies import timestamp

Json = dict[str, Any]


def shown(workspace: Workspace) -> Json:
    return {"now": timestamp(workspace.clock.now()), "frozen": workspace.clock.frozen}


def change(workspace: Workspace, body: Json) -> Json:
    """Set the clock first, then freeze or run it. Raises `OverflowError` outside its calendar, `ValueError` for a leap
    second.
    """
    at = datetime.fromisoformat(body["now"].upper()) if "now" in body else None  # RFC 3339, 5.6 allows t and z
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
    """Advance by `seconds`. Raises `OverflowError` outside the calendar of the clock."""
    workspace.clock.advance(timedelta(seconds=body["seconds"]))
    return shown(workspace)
