"""The OpenAPI documents, as written and as a set of readings has them."""

import json
from collections.abc import Mapping
from copy import deepcopy
from hashlib import sha256
from typing import Any

from .files import load
from .readings import readings

Document = dict[str, Any]


def openapi_document() -> Document:
    """The API under the default readings: spec/openapi.yaml."""
    return deepcopy(load("openapi.yaml"))


def control_document() -> Document:
    """The control plane: spec/control.yaml."""
    return deepcopy(load("control.yaml"))


def document_under(answers: Mapping[str, str]) -> Document:
    """The API under these answers: each answer that differs from the default brings its overlay."""
    document = openapi_document()
    for reading in readings().values() if answers else ():  # a file that is not needed is not read
        answer = answers.get(reading.id, reading.default)
        for change in reading.answers[answer].overlay:
            _apply(document, change)
    return document


def sha256_of(document: Mapping[str, Any]) -> str:
    """A digest of the content, whatever the order of its members."""
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _apply(document: Document, change: Mapping[str, Any]) -> None:
    """Set what stands at a JSON pointer."""
    *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in change["path"].split("/")[1:])
    node: Any = document
    for step in steps:
        node = node[step]
    node[last] = deepcopy(change["value"])
