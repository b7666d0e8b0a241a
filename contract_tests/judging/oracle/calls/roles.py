"""What a call is to the idempotency key that it came with."""

from enum import Enum, auto


class Role(Enum):
    """Of one call of the batch endpoint."""

    OWN = auto()  # it stands for itself: without a key, or the first with it
    REPLAY = auto()  # it was answered with an earlier result
    REFUSED_BY_KEY = auto()  # the key was in use
    UNCLEAR = auto()  # its own or a replay, and the answer can't tell
    BROKEN = auto()  # it was answered as no call with its key may be; what it did is anyone's guess
    STALE = auto()  # likewise: it was answered with the result of another body


WRONG = (Role.BROKEN, Role.STALE)
