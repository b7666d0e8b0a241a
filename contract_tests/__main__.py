"""The entry point of `tracepass-check`, which needs more packages than the mock."""

import sys
from importlib.util import find_spec

_NEEDED = ("hypothesis", "jinja2", "openapi_core", "pytest", "rich", "schemathesis")  # the extra `check`


def main() -> None:
    """Run the command. Where its packages are missing, say how to install them."""
    missing = [package for package in _NEEDED if not _is_there(package)]
    if missing:
        sys.stderr.write(f"missing packages: {', '.join(missing)}. Run: pip install 'tracepass-contract[check]'\n")
        raise SystemExit(2)
    from .cli.commands import main as command

    command()


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # a test made it unavailable in this process
        return False


if __name__ == "__main__":
    main()
