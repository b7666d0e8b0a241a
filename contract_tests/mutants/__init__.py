"""Wrong servers: the mock, each with one fault, to show that the suite finds it.

Nothing of the mock knows of them. A mutant replaces one named function at the place where the mock looks it up, in the
process that serves it, for as long as it serves: `tracepass-mock --mutant IDM-01`.
"""

from tracepass_contract.contract_tests.mutants.catalogue import FIRST_EIGHT, catalogue
from tracepass_contract.contract_tests.mutants.mutant import Mutant, Severity

__all__ = ["FIRST_EIGHT", "Mutant", "Severity", "catalogue"]
