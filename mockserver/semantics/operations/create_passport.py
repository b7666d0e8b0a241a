"""POST /api/v1/passports: a batch of one item. The failure of the item refuses the call."""

from datetime import datetime

from ..checks.other_refusals import item_failed
from ..checks.write import Outcome
from ..types.answers import Failed, Refusal
from ..types.results import PassportShown
from .create_batch import CreateBatch


class CreatePassport(CreateBatch):
    """A single create takes one write and one slot. A refused call takes neither."""

    shape_rule = "calls.documented-shape"
    rule = "items.created-carries-data"

    def outcome(self, now: datetime) -> Outcome | Refusal:
        (result,) = self.items.results(now)
        if isinstance(result, Failed):
            return item_failed(result)
        return PassportShown(201, result.as_known()), self.effects([result])
