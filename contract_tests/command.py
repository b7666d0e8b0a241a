"""The entry of `tracepass-check`, which needs more packages than the mock does."""

import sys


def main() -> None:
    """Run the command; where its packages are not installed, say how they are."""
    try:
        from tracepass_contract.contract_tests.__main__ import main as command
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tracepass_contract"):
            raise
        sys.stderr.write(
            f"tracepass-check needs {(error.name or '').partition('.')[0]}: pip install 'tracepass-contract[check]'\n"
        )
        raise SystemExit(2) from None
    command()
