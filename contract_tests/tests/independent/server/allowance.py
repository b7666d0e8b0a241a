"""The two limits of a workspace: writes of the UTC day, and passports of the plan."""

from datetime import datetime, timedelta
from email.utils import format_datetime

from tracepass_contract.contract_tests.tests.independent.server.messages import Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Choices, Space
from tracepass_contract.contract_tests.tests.independent.server.rows import Rows


class Allowance:
    def __init__(self, rows: Rows, choices: Choices) -> None:
        self.rows = rows
        self.choices = choices

    def day(self, now: datetime) -> str:
        return now.date().isoformat()

    def owner(self, space: Space, key: str) -> str:  # noqa: ARG002  a fault looks at the key
        """Whose budget a call draws on."""
        return space.name

    def used(self, owner: str, now: datetime) -> int:
        return self.rows.number("SELECT writes FROM days WHERE owner = ? AND day = ?", owner, self.day(now))

    def start(self, space: Space, key: str, now: datetime) -> None:
        """Take from the first day what the plan says is gone."""
        plan = space.plan
        if plan.writes_per_day is not None and plan.writes_left is not None:
            self.set_left(space, key, plan.writes_left, now)

    def set_left(self, space: Space, key: str, left: int, now: datetime) -> None:
        used = (space.plan.writes_per_day or 0) - left
        self.rows.write("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", self.owner(space, key), self.day(now), used)

    def fits(self, used: int, wanted: int, most: int) -> bool:
        return used + wanted <= most

    def check_writes(self, space: Space, key: str, writes: int, now: datetime) -> None:
        """Raises `Refused` where today has not so many left."""
        most = space.plan.writes_per_day
        if most is None or not writes or self.fits(self.used(self.owner(space, key), now), writes, most):
            return
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        headers = {"RETRY-AFTER": format_datetime(midnight, usegmt=True), "ratelimit-remaining": "0"}
        raise Refused(429, "today's writes do not suffice", headers, resets=midnight.isoformat())

    def take_writes(self, space: Space, key: str, writes: int, now: datetime) -> None:
        self.rows.write(
            "INSERT INTO days VALUES (?, ?, ?)"
            " ON CONFLICT (owner, day) DO UPDATE SET writes = writes + excluded.writes",
            self.owner(space, key),
            self.day(now),
            writes,
        )
        self.rows.write("UPDATE spaces SET writes = writes + ? WHERE name = ?", writes, space.name)

    def slots(self, space: Space) -> int:
        return self.rows.number("SELECT slots FROM spaces WHERE name = ?", space.name)

    def consents(self, found: object) -> bool:
        return found is True

    def check_slots(self, space: Space, wanted: int, consent: object) -> None:
        """Raises `Refused` where the plan has no room for so many, unless overage is sold and accepted."""
        most = space.plan.passports
        if most is None or self.fits_quota(self.slots(space), wanted, most):
            return
        if space.plan.overage_cents is None:
            raise Refused(403, "the plan is full, and sells no more", plan=most)
        if not self.consents(consent):
            details = {"included": most, "used": self.slots(space), "centsEach": space.plan.overage_cents}
            raise Refused(402, "overage_required", message=f"The plan has {most} passports.", details=details)

    def fits_quota(self, used: int, wanted: int, most: int) -> bool:
        return used + wanted <= most

    def take_slots(self, space: Space, created: int, failed: int) -> None:  # noqa: ARG002  a fault looks at the failed
        """Count the created passports, and charge those beyond the plan."""
        used, plan = self.slots(space), space.plan
        beyond = 0 if plan.passports is None else max(0, used + created - max(plan.passports, used))
        self.rows.write(
            "UPDATE spaces SET slots = slots + ?, created = created + ?, cents = cents + ? WHERE name = ?",
            created,
            created,
            beyond * (plan.overage_cents or 0),
            space.name,
        )

    def give_slot_back(self, space: Space) -> None:
        self.rows.write("UPDATE spaces SET slots = slots - 1 WHERE name = ?", space.name)
