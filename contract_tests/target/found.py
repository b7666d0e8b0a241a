"""What a run finds out by itself about a deployment, with reads and with calls that must be refused.

Nobody judges these calls: a deployment need not serve them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..client.api import Api
from ..client.known_passports import pair_of
from ..client.reply import Reply
from ..client.spend import Price
from ..model.outcomes import Inconclusive, Untested
from .clean_up import objects_in
from .deployment import Deployment

_ROOM_TO_LOOK = Price(10)  # with less left, no write is spent on what may not be there
_UNKNOWN = "f" * 24
_NO_SUCH_CALL = frozenset({404, 405, 501})


def not_served(api: Api, deployment: Deployment) -> frozenset[str]:
    """The capabilities that the deployment file does not mention, that were looked for, and that are not there."""
    silent = Api(api.session.with_own_history(), api.credential, api.pairs)
    missing = set()
    if deployment.read_back is None and not _reads(silent):
        missing.add("L")
    looks = deployment.single_create is None and deployment.may_create_singly and _has_room(api)
    if looks and not _refuses(_asked(silent.create_nothing)):
        missing.add("S")
    return frozenset(missing)


def not_looked_for(api: Api, deployment: Deployment) -> frozenset[str]:
    """The capabilities that may be there, where the run has no write to spare to look."""
    return frozenset("S") if deployment.single_create is None and not _has_room(api) else frozenset()


def _has_room(api: Api) -> bool:
    return api.session.purse.refusal(_ROOM_TO_LOOK) is None


def _reads(api: Api) -> bool:
    """Whether there is a list, and a passport of it can be read. Without one, the read of an unknown passport has to be
    refused in the words of the API: an unknown path gets 404, too.
    """
    listed = _asked(lambda: api.list_passports(limit="1"))
    if not _is_list(listed):
        return False
    first = next(iter(objects_in(listed.json if listed is not None else None)), {})
    found = _asked(lambda: api.get_passport(str(first.get("_id", _UNKNOWN))))
    return found is not None and (found.exchange.succeeded or bool(found.error and "_id" not in first))


def _is_list(reply: Reply | None) -> bool:
    return reply is not None and reply.exchange.succeeded and bool(reply.members)


def _refuses(reply: Reply | None) -> bool:
    """Whether it refused the call, and not as one that it does not know."""
    return reply is not None and reply.is_refusal and reply.status not in _NO_SUCH_CALL and bool(reply.members)


def _asked(ask: Callable[[], Reply]) -> Reply | None:
    """The answer; None where there is none, or none of the API."""
    try:
        return ask()
    except (Inconclusive, Untested):
        return None


@dataclass(frozen=True, slots=True)
class Found:
    """What a deployment serves, each with the answer that shows it."""

    lists: bool
    on_reads: str
    creates_singly: bool
    on_single_creates: str
    on_deletion: str
    on_limits: str


def look(api: Api) -> Found:
    """All that can be found out. Creates, changes and deletes nothing."""
    silent = Api(api.session.with_own_history(), api.credential, api.pairs)
    listed = _asked(lambda: silent.list_passports(limit="1"))
    single = _asked(silent.create_nothing)
    lists, singly = _is_list(listed), _refuses(single)
    deletion = _asked(silent.delete_nothing)
    return Found(
        lists=lists,
        on_reads="; ".join(
            [f"GET /passports got {_answer(listed)}", *(_reads_of_first(silent, listed) if lists else ())]
        ),
        creates_singly=singly,
        on_single_creates=f"POST /passports without an item got {_answer(single)}",
        on_deletion=_of_deletion(deletion),
        on_limits=_limits([reply for reply in (listed, single) if reply is not None]),
    )


def _reads_of_first(api: Api, listed: Reply | None) -> Iterator[str]:
    """Reads of a passport in the list, by its id and by its serial number."""
    first = next(iter(objects_in(listed.json if listed is not None else None)), {})
    pair = pair_of(first)
    if not isinstance(first.get("_id"), str) or pair is None:
        yield "no passport to read yet"
        return
    yield f"one by its id {_answer(_asked(lambda: api.get_passport(first['_id'])))}"
    yield f"by its serial number {_answer(_asked(lambda: api.get_by_serial(pair[1], gtin=pair[0])))}"


def _of_deletion(reply: Reply | None) -> str:
    """By a deletion of a passport that does not exist."""
    if reply is None or reply.status in {405, 501}:
        return f"not served ({_answer(reply)}); a run can't delete what it creates"
    if reply.status == 403:
        return "refused with 403, perhaps by the plan; a run may not be able to delete what it creates"
    return f"DELETE of a passport that does not exist got {_answer(reply)}; a run tries to delete what it creates"


def _limits(replies: Sequence[Reply]) -> str:
    named = {
        name: value
        for reply in replies
        for name, value in reply.exchange.answer_headers.items()
        if re.search(r"ratelimit|rate-limit|quota|remaining", name.lower())
    }
    return ", ".join(f"{name}: {value}" for name, value in named.items()) or "no answer had a header of a limit"


def _answer(reply: Reply | None) -> str:
    return "no answer" if reply is None else str(reply.status)
