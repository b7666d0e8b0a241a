"""YAML files, as far as the documents and the fixtures need them."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same language, faster where libyaml is there


class UnreadableFile(ValueError):
    """A file that can't be read as YAML; the message says which, and where in it."""


class _EachNameOnce(_LOADER):  # type: ignore[misc, valid-type]  # which of two, only a start knows
    """YAML has no mapping with a name that stands twice, and PyYAML takes the last of them without a word."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """What comes before a mapping is made: names that are merged in stand among its own from then on."""
        names = set()
        for name, _ in () if hasattr(node, "is_flat") else node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in names:
                    raise yaml.constructor.ConstructorError(None, None, f"{name.value} once more", name.start_mark)
                names.add(name.value)
        vars(node)["is_flat"] = True
        super().flatten_mapping(node)


def read_yaml(path: Path) -> Any:
    """The content of somebody's YAML file. Raises `UnreadableFile`."""
    return _read(path, _EachNameOnce)


def _read(path: Path, loader: Any) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506  a safe loader
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:  # a text that is no UTF-8, a date or a number that can't be
        raise UnreadableFile(f"{path}: expected YAML, found {' '.join(str(error).split())}") from None


@cache
def load(name: str) -> Any:
    """The content of a file of this folder, read once. Not to be changed by whoever reads it."""
    return _read(HERE / name, _LOADER)
