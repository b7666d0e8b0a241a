"""The mock, served as it serves itself, with many passports in the workspace `unlimited` before it is ready.

python -m benchmarks.servers.filled PORT PASSPORTS [STATE_FILE]
"""

import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path

from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.cli.serve_command import log_as
from tracepass_contract.mockserver.cli.serving import config_for, listen, serve
from tracepass_contract.mockserver.cli.state_file import opened, owned, saved

from ..measures.lists import filled

API_KEY = "tp_mock_unlimited"


def filled_mock(passports: int) -> Mock:
    mock = create_app(log=log_as("text"))
    workspace = mock.state.workspace_of(API_KEY)
    if workspace is None:
        raise SystemExit(f"no workspace has the key {API_KEY}")
    filled(mock, workspace, passports)
    return mock


def main(port: str, passports: str, *state_file: str) -> None:
    mock = filled_mock(int(passports))
    with ExitStack() as until_the_end:
        for path in map(Path, state_file):
            until_the_end.enter_context(owned(path))
            until_the_end.enter_context(saved(opened(mock, path, {}, 1), path))
        serve(config_for(mock), listen("127.0.0.1", int(port)), nullcontext())


if __name__ == "__main__":
    main(*sys.argv[1:])
