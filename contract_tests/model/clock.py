"""Time and randomness: the only module of the suite with them, so that everything else is repeatable."""

import random
import time
import uuid
from datetime import UTC, datetime

_RUN_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_RUN_LENGTH = 8  # `CONF-` + run + `-` + six digits are 20 characters, the most that GS1 allows


def utc_now() -> datetime:
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds, for measuring how long something takes."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def new_run() -> str:
    """A unique name for a run, in upper case, so that case folding does not change it."""
    return "".join(random.SystemRandom().choices(_RUN_ALPHABET, k=_RUN_LENGTH))


def new_key() -> str:
    return str(uuid.uuid4())


def new_seed() -> int:
    return random.SystemRandom().randrange(1, 2**31)


Dice = random.Random


def dice(seed: int) -> Dice:
    """A random generator with this seed."""
    return random.Random(seed)
