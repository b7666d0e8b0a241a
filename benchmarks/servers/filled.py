"""The mock, served as it serves itself, with many passports in the workspace `unlimited` before it is ready.

python -m benchmarks.servers.filled PORT PASSPORTS
"""

import sys
from contextlib import nullcontext

from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.cli.commands import log_as
from tracepass_contract.mockserver.cli.serving import config_for, listen, serve

from ..measures.lists import filled

API_KEY = "tp_mock_unlimited"


def filled_mock(passports: int) -> Mock:
    mock = create_app(log=log_as("text"))
    workspace = mock.state.workspace_of(API_KEY)
    if workspace is None:
        raise SystemExit(f"no workspace has the key {API_KEY}")
    filled(mock, workspace, passports)
    return mock


if __name__ == "__main__":
    serve(config_for(filled_mock(int(sys.argv[2]))), listen("127.0.0.1", int(sys.argv[1])), nullcontext())
