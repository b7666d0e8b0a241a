"""Read the YAML files of this package, and those that users give."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, but faster; only there if PyYAML has libyaml


class UnreadableFile(ValueError):
    """A file that can't be read as YAML. The message names the file and, if known, the place in it."""


class _EachNameOnce(_LOADER):  # type: ignore[misc, valid-type]  # the base class is known only at run time
    """Refuses duplicate keys. YAML forbids them, but PyYAML silently uses the last one."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Check the keys before PyYAML adds merged keys (`<<`): a mapping may replace a key that it merges."""
        names = set()
        for name, _ in () if hasattr(node, "is_flat") else node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in names:
                    raise yaml.constructor.ConstructorError(
                        None, None, f'duplicate key "{name.value}"', name.start_mark
                    )
                names.add(name.value)
        vars(node)["is_flat"] = True
        super().flatten_mapping(node)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file from a user. Raises `UnreadableFile`."""
    return _read(path, _EachNameOnce)


def _read(path: Path, loader: Any) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506  a safe loader
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, or an impossible date or number
        raise UnreadableFile(f"{path}: invalid YAML: {' '.join(str(error).split())}") from None


@cache
def load(name: str) -> Any:
    """The content of a file of this folder. It is read once and shared, so callers must not change it."""
    return _read(HERE / name, _LOADER)
