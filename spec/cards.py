"""Cards: the readings that a deployment shows, or that the mock is to be run with, as a YAML file."""

from difflib import get_close_matches
from pathlib import Path

from tracepass_contract.spec.files import UnreadableFile, read_yaml

MEMBERS = ("readings", "deployment", "observed_at", "spec_sha256")


class CardError(UnreadableFile):
    """The file is no card; the message says where, what was expected and what was found."""


def load_card(path: Path) -> dict[str, str]:
    """The answers of a card by reading id. Numbers are taken as the text they are written in.

    Raises `UnreadableFile`, of which `CardError` is one.
    """
    card = read_yaml(path)
    if not isinstance(card, dict):
        raise CardError(f"{path}: expected a mapping with the member readings, found {type(card).__name__}")
    for member in card:
        if member not in MEMBERS:
            near = get_close_matches(str(member), MEMBERS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise CardError(f"{path}: {member}: expected one of {', '.join(MEMBERS)}{hint}")
    answers = card.get("readings", {})
    if not isinstance(answers, dict):
        raise CardError(f"{path}: readings: expected a mapping from readings to answers, found {answers!r}")
    for reading, answer in answers.items():
        if isinstance(answer, bool) or not isinstance(answer, str | int):
            raise CardError(f"{path}: readings: {reading}: expected the name of an answer, found {answer!r}")
    return {str(reading): str(answer) for reading, answer in answers.items()}
