"""The readings of spec/readings.yaml, and checks of a set of answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from .files import load


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer to a reading."""

    id: str
    means: str
    contradicts: str | None = None  # the id of the rule that it breaks, if any
    overlay: Sequence[Mapping[str, Any]] = ()  # its changes to the OpenAPI document


@dataclass(frozen=True, slots=True)
class Reading:
    """One question that the documentation leaves open.

    `answers` starts with the answer that we guess to be the likeliest for the real service. A reading that is not
    `settable` has one answer in the mock.
    """

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
    """Answers that can't be combined."""

    when: Mapping[str, Sequence[str]]
    because: str


@cache
def readings() -> Mapping[str, Reading]:
    """All readings by id, in the order of the file."""
    return {entry["id"]: _reading(entry) for entry in load("readings.yaml")["readings"]}


@cache
def conflicts() -> Sequence[Conflict]:
    return [Conflict(**entry) for entry in load("readings.yaml")["conflicts"]]


def answers_in(given: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Parse texts of the form ID=ANSWER. Returns the answers, and one message for each mistake in the form."""
    answers: dict[str, str] = {}
    wrong = []
    for each in given:
        reading, equals, answer = each.partition("=")
        if not equals:
            wrong.append(f'"{each}" has no answer. Write ID=ANSWER.')
        elif reading in answers:
            wrong.append(f'{reading} has 2 answers, "{answers[reading]}" and "{answer}". Give one.')
        answers[reading] = answer
    return answers, wrong


def check_answers(answers: Mapping[str, str]) -> list[str]:
    """One message for each mistake in these answers. Without messages, the mock can run with the answers.

    Without answers, the defaults apply. They are valid, so readings.yaml is not read.
    """
    return [*_unknown(answers)] or [*_contradictory(answers)] if answers else []


def fitting(answers: Mapping[str, str], candidates: Iterable[tuple[str, str]]) -> Mapping[str, str] | None:
    """The answers if they are valid, else the answers with the first candidate that makes them valid, else None."""
    if not check_answers(answers):
        return answers
    more = ({**answers, reading: answer} for reading, answer in candidates if reading not in answers)
    return next((each for each in more if not check_answers(each)), None)


def no_such_reading(reading_id: str) -> str:
    """The error message for an unknown reading, with a suggestion."""
    near = get_close_matches(reading_id, readings(), n=1, cutoff=0.5)
    hint = f'Did you mean "{near[0]}"?' if near else "`tracepass-mock readings` lists them."
    return f'unknown reading "{reading_id}". {hint}'


def no_such_answer(reading: Reading, answer: str) -> str:
    """The error message for an unknown answer, with the possible ones."""
    return f'{reading.id}: unknown answer "{answer}". The answers are {", ".join(reading.answers)}.'


def _unknown(answers: Mapping[str, str]) -> Iterator[str]:
    for reading_id, answer in answers.items():
        reading = readings().get(reading_id)
        if reading is None:
            yield no_such_reading(reading_id)
        elif not reading.settable and answer != reading.default:
            only = f'the mock has only the answer "{reading.default}", not "{answer}"'
            yield f"{reading_id}: {only}. {reading.fixed_because}"
        elif answer not in reading.answers:
            yield no_such_answer(reading, answer)


def _contradictory(answers: Mapping[str, str]) -> Iterator[str]:
    in_force = {each.id: answers.get(each.id, each.default) for each in readings().values()}
    for conflict in conflicts():
        if all(in_force[reading] in chosen for reading, chosen in conflict.when.items()):
            pair = " and ".join(f"{reading}={in_force[reading]}" for reading in conflict.when)
            others = "; ".join(
                f"{reading}: {', '.join(answer for answer in readings()[reading].answers if answer not in chosen)}"
                for reading, chosen in conflict.when.items()
            )
            yield f"{pair} contradict each other: {conflict.because} Choose another answer for one of them ({others})."


def _reading(entry: Mapping[str, Any]) -> Reading:
    answers = {answer["id"]: Answer(**answer) for answer in entry["answers"]}
    return Reading(**{**entry, "answers": answers})
