"""When two bodies or two answers are the same, for certain and under each reading; and bodies that repeat a member."""

import json
from collections.abc import Mapping, Sequence, Set
from typing import Any

import orjson

FINGERPRINTS = frozenset({"raw-bytes", "parsed-json", "canonical-json"})  # reading idempotency.fingerprint


def same_under(one: bytes | None, other: bytes | None) -> Set[str]:
    """The answers of reading idempotency.fingerprint under which the two bodies are the same."""
    if one == other:
        return FINGERPRINTS
    try:
        first, second = orjson.loads(one or b""), orjson.loads(other or b"")
    except orjson.JSONDecodeError:
        return frozenset()
    if orjson.dumps(first) == orjson.dumps(second):
        return FINGERPRINTS - {"raw-bytes"}
    if _sorted(first) == _sorted(second):
        return frozenset({"canonical-json"})
    return frozenset()


def same_result(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two answers have the same results and summary, in any order and with any other members."""
    return one.get("summary") == other.get("summary") and _by_index(one) == _by_index(other)


def has_each_member_once(body: bytes | None) -> bool:
    """Whether no JSON object in the body names a member twice."""
    try:
        json.loads(body or b"null", object_pairs_hook=_once)
    except _Repeated:
        return False
    except (ValueError, RecursionError):
        return True  # it is no JSON
    return True


class _Repeated(Exception):
    """An object names a member twice."""


def _once(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise _Repeated
    return found


def _by_index(answer: Mapping[str, Any]) -> list[bytes]:
    results = answer.get("results")
    return sorted(_sorted(entry) for entry in results) if isinstance(results, list) else []


def _sorted(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
