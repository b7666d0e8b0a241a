"""Wrong and conforming servers of a test's own, as a package that is installed for the processes it starts."""

from pathlib import Path

import pytest

_METADATA = "Metadata-Version: 2.1\nName: own-servers\nVersion: 1\n"
_HEAD = """
from tracepass_contract.contract_tests.mutants.mutant import Family
from tracepass_contract.contract_tests.mutants.variants.variant import VariantFamily

family, conforming = Family(), VariantFamily()
mutants = lambda: {each.id: each for each in family.mutants}
variants = lambda: {each.id: each for each in conforming.variants}
"""


def install(folder: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`source` enters servers in `family` and `conforming`."""
    (folder / "own_servers_of_a_test.py").write_text(_HEAD + source)
    metadata = folder / "own_servers-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(_METADATA)
    (metadata / "entry_points.txt").write_text(
        "[tracepass_mock.mutants]\nown = own_servers_of_a_test:mutants\n"
        "[tracepass_mock.variants]\nown = own_servers_of_a_test:variants\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    monkeypatch.syspath_prepend(folder)  # processes that are forked have the path of this one
