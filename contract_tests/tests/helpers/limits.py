"""Batches of a story that are about a limit: their size, and how they are answered."""

from typing import Any

import orjson

from tracepass_contract.contract_tests.tests.helpers.histories import Story, batch, passport


def new(size: int, prefix: str = "n") -> bytes:
    return batch(*(f"{prefix}{index}" for index in range(size)))


def fits(story: Story, size: int, name: str = "n", **about: Any) -> None:
    story.executed(new(size, name), "c" * size, **about)


def over_budget(story: Story, size: int, name: str = "o", **about: Any) -> None:
    story.refused(new(size, name), 429, "Daily write budget exceeded", **about)


def over_quota(story: Story, size: int, name: str = "q", **about: Any) -> None:
    story.refused(about.pop("body", None) or new(size, name), 402, "overage_required", **about)


def consented(story: Story, size: int, name: str = "x", said: object = True) -> None:
    body = orjson.dumps({**orjson.loads(new(size, name)), "confirmOverage": said})
    story.executed(body, "c" * size)


def say(story: Story, status: int, said: bool | None, *items: bool | None) -> None:
    """Two items are executed, or refused with 402, while one slot is left or none."""
    name = f"c{len(story.events)}-"
    passports = [
        passport(f"{name}{index}") if each is None else passport(f"{name}{index}", confirmOverage=each)
        for index, each in enumerate(items)
    ]
    body = orjson.dumps({"passports": passports} | ({} if said is None else {"confirmOverage": said}))
    if status == 402:
        over_quota(story, 2, body=body)
    else:
        story.executed(body, "cc")
