"""POST /api/v1/passports: a batch of one, whose failure is the answer."""

from datetime import datetime

from tracepass_contract.mockserver.semantics.answers import Failed, Refusal
from tracepass_contract.mockserver.semantics.create_batch import CreateBatch
from tracepass_contract.mockserver.semantics.neighbour_refusals import item_failed
from tracepass_contract.mockserver.semantics.shown import PassportShown
from tracepass_contract.mockserver.semantics.write import Outcome


class CreatePassport(CreateBatch):
    """One write, one slot. What fails an item of a batch refuses this call, and then it takes neither."""

    shape_rule = "calls.documented-shape"
    rule = "items.created-carries-data"

    def outcome(self, now: datetime) -> Outcome | Refusal:
        (result,) = self.items.results(now)
        if isinstance(result, Failed):
            return item_failed(result)
        return PassportShown(201, result.as_known()), self.effects([result])
