"""A mock with a mechanical change, in a process of its own, forked like the mocks of the matrix.

The forked process imports the modules of the mock again. It compiles the changed module from its changed source, so
that whoever imports from the module has the change, constants and tables included.
"""

import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ...target.settings import StartMock
from ..matrix.forked_mock import forked_mock
from .mutations import Mutation
from .places import MOCK, file_of

_CLOCK = f"{MOCK}.state.clock"  # stays as it is: the tests of the suite have moved it
_REPLIES = f"{MOCK}.http.api.replies"
_SECONDS_MAX = 60  # of the processor, so that an endless loop ends
_BYTES_MAX = 4 * 1024**3  # of memory


def mutated_mock(mutation: Mutation | None) -> StartMock:
    """How to start a mock with this change. None: only without the check of its own answers."""
    source = "" if mutation is None else mutation.source_from(file_of(mutation.module).read_text(encoding="utf-8"))
    module = "" if mutation is None else f"{MOCK}.{mutation.module}"
    return partial(_forked, partial(install, module, source))


def _forked(prepare: Callable[[], None], options: Sequence[str], log: Path | None) -> AbstractContextManager[str]:
    return forked_mock(options, log, prepare)


def install(module: str, source: str) -> None:
    """Import the mock again, with this source of this module. For a process that ends with its mock."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS_MAX, _SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES_MAX, _BYTES_MAX))
    for name in [each for each in sys.modules if f"{each}.".startswith(f"{MOCK}.") and each != _CLOCK]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(module, source))
    replies: Any = import_module(_REPLIES)
    replies._require = _anything_goes


def _anything_goes(*_: object) -> None:
    """In place of the mock's check of its own answers, which would turn every change of an answer into a 500."""


class _Finder(MetaPathFinder):
    def __init__(self, module: str, source: str) -> None:
        self._module, self._source = module, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        assert found is not None
        assert found.origin is not None
        found.loader = _Loader(self._source, fullname, found.origin)
        return found


class _Loader(SourceFileLoader):
    def __init__(self, source: str, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, _fullname: str) -> CodeType | None:
        code: CodeType = compile(self._source, self.path, "exec")
        return code
