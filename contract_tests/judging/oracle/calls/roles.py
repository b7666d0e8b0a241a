"""What a call is to its idempotency key."""

from enum import Enum, auto


class Role(Enum):
    """The role of one call of the batch endpoint."""

    OWN = auto()  # it has no key, or is the first call with it
    REPLAY = auto()  # it got an earlier result
    REFUSED_BY_KEY = auto()  # the key was in use
    UNCLEAR = auto()  # OWN or REPLAY; the answer does not show which
    BROKEN = auto()  # its answer breaks a rule of keys, so its effect is unknown
    STALE = auto()  # BROKEN, with the result of another body


WRONG = (Role.BROKEN, Role.STALE)
