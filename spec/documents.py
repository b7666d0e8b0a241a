"""The OpenAPI documents: as in the files, and changed for a set of readings."""

import json
from collections.abc import Mapping
from copy import deepcopy
from hashlib import sha256
from typing import Any

from .files import load
from .readings import readings

Document = dict[str, Any]


def openapi_document() -> Document:
    """The API with the default readings: spec/openapi.yaml."""
    return deepcopy(load("openapi.yaml"))


def control_document() -> Document:
    """The control plane: spec/control.yaml."""
    return deepcopy(load("control.yaml"))


def document_under(answers: Mapping[str, str]) -> Document:
    """The API with these answers: applies the overlay of each answer that is not the default."""
    document = openapi_document()
    for reading in readings().values() if answers else ():  # without answers, no need to read readings.yaml
        answer = answers.get(reading.id, reading.default)
        for change in reading.answers[answer].overlay:
            _apply(document, change)
    return document


def sha256_of(document: Mapping[str, Any]) -> str:
    """A digest of the content. The order of the members does not matter."""
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _apply(document: Document, change: Mapping[str, Any]) -> None:
    """Set the value at a JSON pointer."""
    *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in change["path"].split("/")[1:])
    node: Any = document
    for step in steps:
        node = node[step]
    node[last] = deepcopy(change["value"])
