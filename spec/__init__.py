"""The contract of the API as data: the OpenAPI documents, the rules and the readings.

The mock and the conformance suite both import it from here. This package imports neither of them.
"""

from .cards import Card, CardError, card_as_yaml, load_card
from .documents import control_document, document_under, openapi_document, sha256_of
from .files import UnreadableFile
from .readings import (
    Answer,
    Conflict,
    Reading,
    answers_in,
    check_answers,
    conflicts,
    fitting,
    no_such_answer,
    no_such_reading,
    readings,
)
from .rules import Rule, precedence, rules
from .variables import no_such_variables

__all__ = [
    "Answer",
    "Card",
    "CardError",
    "Conflict",
    "Reading",
    "Rule",
    "UnreadableFile",
    "answers_in",
    "card_as_yaml",
    "check_answers",
    "conflicts",
    "control_document",
    "document_under",
    "fitting",
    "load_card",
    "no_such_answer",
    "no_such_reading",
    "no_such_variables",
    "openapi_document",
    "precedence",
    "readings",
    "rules",
    "sha256_of",
]
