"""A run as the page sees it, made up."""

from typing import Any

from benchmarks.subjects.cases import CASES


def rounds_of(per_second: float, p50_ms: float = 1.0, p99_ms: float = 2.0) -> list[dict[str, float]]:
    """Three rounds, the middle one as given."""
    return [
        {
            "requests": 2 * per_second * each,
            "per_second": per_second * each,
            "p50_ms": p50_ms,
            "p99_ms": p99_ms,
            "max_ms": 2 * p99_ms,
        }
        for each in (0.9, 1.0, 1.1)
    ]


def cells(**per_second: float) -> dict[str, Any]:
    """By contender, the same rate in every case; a word for a contender as its id has it, with `_` for `-`."""
    return {name.replace("_", "-"): {case.id: rounds_of(rate) for case in CASES} for name, rate in per_second.items()}


def profile(cpu_us: float, layers: dict[str, float]) -> dict[str, Any]:
    """Of one case: what a request costs in all, and which part of it each layer has."""
    return {
        "samples": 700,
        "cpu_us": cpu_us,
        "layers": layers,
        "functions": [("parse (mockserver/http/call/body.py)", 0.25)],
        "files": [("mockserver/http/call/body.py", 0.5)],
    }


def run(**per_second: float) -> dict[str, Any]:
    """What `python -m benchmarks run` found."""
    found = cells(**per_second)
    part = {"command": "make bench", "commit": "1234567", "day": "2026-01-15", "minutes": 3.0}
    packages = {"starlette": "1.10.0"}
    return {
        "parts": {name: dict(part) for name in ("rates", "measures", "profiles", "suite")},
        "machine": {
            "cpu": "A processor",
            "cores": 2,
            "memory_gb": 8,
            "system": "Linux",
            "python": "3.11.7",
            "node": "v20",
            "java": "17",
            "wrk": "wrk 4.1.0",
            "packages": packages,
            "commit": "1234567",
            "changed": False,
        },
        "plan": {"rounds": 3, "seconds": 2},
        "titles": {name: name.title() for name in (*found, "prism")},
        "lacks": dict.fromkeys((*found, "prism"), "nothing"),
        "failures": {"prism": "npm is not there"},
        "rounds": {"cells": found, "broken": {}, "ready": {"ours": {"seconds": 0.3, "rss_bytes": 66_000_000}}},
        "measures": {
            "start": {"ready_seconds": 0.31, "rss_bytes": 66_000_000},
            "import": {"import_seconds": 0.34, "create_seconds": 0.05},
            "control": {
                "a reset": {"median_ms": 6.5, "p99_ms": 7.0},
                "a new workspace": {"median_ms": 0.1, "p99_ms": 0.2},
            },
            "passport": {"passports": 1_000_000, "bytes_each": 432.0, "seconds": 5.0},
            "flat": [{"requests": 100_000, "rss_bytes": 80_000_000}, {"requests": 1_000_000, "rss_bytes": 84_000_000}],
        },
        "profiles": {
            "ours": {"1": profile(200, {"own code: http": 0.5, "own code: state": 0.25, "Connexion": 0.25})},
            "floor": {"1": profile(80, {"own code": 0.75, "Starlette": 0.25})},
        },
        "suite": {
            "whole": {"seconds": 11.0, "requests": 1200},
            "families": {"batch": {"seconds": 3.0, "requests": 100}},
            "shares": {"judging": 0.4},
            "cells": {"cells": 3, "seconds_each": 4.5},
            "matrix": {"minutes": 98.4, "cells": 247, "seeds": [1, 2], "requests_to_a_kill": 458},
        },
    }
