"""Wrong servers: the mock, each with one fault, to show that the suite finds it.

Nothing of the mock knows of them. A mutant replaces one named function at the place where the mock looks it up, in the
process that serves it, for as long as it serves: `tracepass-mock --mutant IDM-01`.
"""

from .catalogue import FIRST_EIGHT, catalogue
from .mutant import Mutant, Severity

__all__ = ["FIRST_EIGHT", "Mutant", "Severity", "catalogue"]
