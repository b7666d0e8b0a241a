"""A hook for workspaces of a mock, as a program: `budget|quota|clock VALUE FULL URL …`. Standard library only, because
it is started for each call.

`FULL` is the limit of which `VALUE` is to be left; where it is lower, `VALUE` is the whole limit.
"""

import json
import sys
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 10
_LIMITS = {"budget": ("writes_per_day", "writes_used"), "quota": ("passports_included", "passports_used")}


def main(what: str, value: str, full: str, *workspaces: str) -> None:
    for url in workspaces:
        if what == "clock":
            _ask("PUT", f"{url}/clock", {"now": value, "frozen": False})
        else:
            most = max(int(full), int(value))
            limit, used = _LIMITS[what]
            _ask("PATCH", url, {limit: most, used: most - int(value)})


def _ask(method: str, url: str, content: dict[str, Any]) -> None:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=_SECONDS)
    connection.request(method, parts.path, json.dumps(content), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status >= 400:
        sys.exit(f"{method} {url} got {answer.status}: {answer.read().decode()}")
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
