"""The command line: `python -m tracepass_contract.contract_tests.mutants`."""

import click

from .black_box.command import mutate_mock_command
from .matrix.fuzz_command import fuzz_command


@click.group()
def main() -> None:
    """Other ways to test the suite than `tracepass-check mutants`."""


main.add_command(fuzz_command)
main.add_command(mutate_mock_command)

if __name__ == "__main__":
    main()
