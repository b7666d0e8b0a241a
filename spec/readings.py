"""The readings: spec/readings.yaml, and whether a set of answers can be run with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from .files import load


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer. `likely` is our estimate for the real service, in percent."""

    id: str
    means: str
    likely: int | None = None
    contradicts: str | None = None  # the rule that it breaks, where it is offered all the same
    overlay: Sequence[Mapping[str, Any]] = ()  # what it changes in the OpenAPI document


@dataclass(frozen=True, slots=True)
class Reading:
    """One question that the documentation leaves open. A reading that is not settable has one answer in the mock."""

    id: str
    number: str
    question: str
    answers: Mapping[str, Answer]
    default: str
    reason: str
    evidence: str
    advice: str
    observe: str
    settable: bool = True
    fixed_because: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Answers that can't hold together."""

    when: Mapping[str, Sequence[str]]
    because: str


@cache
def readings() -> Mapping[str, Reading]:
    """Every reading by its id, in the order of the file."""
    return {entry["id"]: _reading(entry) for entry in load("readings.yaml")["readings"]}


@cache
def conflicts() -> Sequence[Conflict]:
    return [Conflict(**entry) for entry in load("readings.yaml")["conflicts"]]


def answers_in(given: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The answers that are given as ID=ANSWER each, and what is wrong with how they are given, a sentence each."""
    answers: dict[str, str] = {}
    wrong = []
    for each in given:
        reading, equals, answer = each.partition("=")
        if not equals:
            wrong.append(f"expected ID=ANSWER, found {each}.")
        elif reading in answers:
            wrong.append(f"expected one answer to {reading}, found {answers[reading]} and {answer}.")
        answers[reading] = answer
    return answers, wrong


def check_answers(answers: Mapping[str, str]) -> list[str]:
    """What is wrong with these answers, a sentence each; none where the mock can be run with them.

    Without any, those in force are the defaults: they go together, and the file need not be read.
    """
    return [*_unknown(answers)] or [*_contradictory(answers)] if answers else []


def fitting(answers: Mapping[str, str], candidates: Iterable[tuple[str, str]]) -> Mapping[str, str] | None:
    """The answers, if the mock can be run with them; else with the first candidate that makes it so; else None."""
    if not check_answers(answers):
        return answers
    more = ({**answers, reading: answer} for reading, answer in candidates if reading not in answers)
    return next((each for each in more if not check_answers(each)), None)


def no_such_reading(reading_id: str) -> str:
    """A sentence that says so, with what may have been meant."""
    near = get_close_matches(reading_id, readings(), n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "`tracepass-mock readings` lists them."
    return f"{reading_id}: there is no such reading. {hint}"


def _unknown(answers: Mapping[str, str]) -> Iterator[str]:
    for reading_id, answer in answers.items():
        reading = readings().get(reading_id)
        if reading is None:
            yield no_such_reading(reading_id)
        elif not reading.settable and answer != reading.default:
            yield f"{reading_id}: expected {reading.default}, found {answer}. {reading.fixed_because}"
        elif answer not in reading.answers:
            yield f"{reading_id}: expected one of {', '.join(reading.answers)}; found {answer}."


def _contradictory(answers: Mapping[str, str]) -> Iterator[str]:
    in_force = {each.id: answers.get(each.id, each.default) for each in readings().values()}
    for conflict in conflicts():
        if all(in_force[reading] in chosen for reading, chosen in conflict.when.items()):
            pair = " and ".join(f"{reading}={in_force[reading]}" for reading in conflict.when)
            others = "; ".join(
                f"{reading}: {', '.join(answer for answer in readings()[reading].answers if answer not in chosen)}"
                for reading, chosen in conflict.when.items()
            )
            yield f"{pair} contradict each other: {conflict.because} Choose otherwise for one of them ({others})."


def _reading(entry: Mapping[str, Any]) -> Reading:
    answers = {answer["id"]: Answer(**answer) for answer in entry["answers"]}
    return Reading(**{**entry, "answers": answers})
