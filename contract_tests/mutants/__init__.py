"""Mutants and conforming variants: the mock, each with one change, to test the suite.

The mock does not know them. A mutant replaces one named function where the mock looks it up, in the process that serves
and only while it serves: `tracepass-mock --mutant IDM-01`.
"""

from .catalogue import FIRST_EIGHT, catalogue
from .mutant import Mutant, Severity

__all__ = ["FIRST_EIGHT", "Mutant", "Severity", "catalogue"]
