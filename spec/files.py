"""YAML files, as far as the documents and the fixtures need them."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same language, faster where libyaml is there


class UnreadableFile(ValueError):
    """A file that can't be read as YAML; the message says which, and where in it."""


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises `UnreadableFile`."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506  a safe loader
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:  # a text that is no UTF-8, a date or a number that can't be
        raise UnreadableFile(f"{path}: expected YAML, found {' '.join(str(error).split())}") from None


@cache
def load(name: str) -> Any:
    """The content of a file of this folder, read once. Not to be changed by whoever reads it."""
    return read_yaml(HERE / name)
