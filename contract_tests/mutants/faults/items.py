"""Faults of partial success: the results of items, and their entries."""

from dataclasses import fields, replace
from typing import Any

from tracepass_contract.mockserver.http.api import batch_json, operations
from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.semantics.checks.items import JudgedItems
from tracepass_contract.mockserver.semantics.operations.interrupted_batch import FailAt, interrupt
from tracepass_contract.mockserver.semantics.types.answers import BatchResult, Failed
from tracepass_contract.mockserver.semantics.types.readings import FailureInTheMiddle, Readings
from tracepass_contract.mockserver.semantics.types.request import BATCH_ITEMS_MAX
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.collections import ByText
from tracepass_contract.mockserver.state.view import View
from tracepass_contract.mockserver.state.workspace import NO_OWNER

from ..mutant import Broken, Family

family = Family("items.malformed-item=item-error items.duplicate-in-batch=last-wins batch.all-failed-status=207")


@family.around(JudgedItems, "results", "PAR-01", rule="items.fail-independently")
def all_or_nothing(results: Any, self: Any, now: Any) -> Any:
    """One failed item makes all items fail."""
    answer = results(self, now)
    if not self.failures:
        return answer
    undone = "Another item of the batch failed"
    return [
        each if isinstance(each, Failed) else Failed(index, undone, "items.fail-independently")
        for index, each in enumerate(answer)
    ]


@family.around(batch_json, "batch_result", "PAR-03", rule="items.one-result-each")
def drops_the_failed(batch_result: Any, result: Any, now: Any) -> Any:
    """Failed items have no entry in `results`."""
    answer = batch_result(result, now)
    return {**answer, "results": [entry for entry in answer["results"] if entry["status"] == "created"]}


@family.around(View, "existing_pairs", "PAR-04", rule="items.serial-unique-per-gtin")
def forgets_what_exists(_existing_pairs: Any, _self: Any, _pairs: Any) -> Any:
    """A pair that exists is created again."""
    return frozenset()


@family.around(batch_json, "batch_result", "PAR-05", rule="items.created-is-readable items.fail-independently")
def hides_a_created_one(batch_result: Any, result: Any, now: Any) -> Any:
    """The last of several created items exists, but its entry says that it failed."""
    answer = batch_result(result, now)
    created = [entry for entry in answer["results"] if entry["status"] == "created"]
    if len(created) < 2:
        return answer
    failed = {"index": created[-1]["index"], "status": "error", "error": "The passport could not be created"}
    results = [failed if entry is created[-1] else entry for entry in answer["results"]]
    summary = {**answer["summary"], "created": len(created) - 1, "errors": result.total - len(created) + 1}
    return {**answer, "results": results, "summary": summary}


@family.around(operations, "decide", "PAR-06", rule="items.fail-independently")
def breaks_at_a_bad_item(decide: Any, write: Any, now: Any) -> Any:
    """A failed item breaks the call with 500, and the items before it are created."""
    decision = decide(write, now)
    results = decision.answer.results if isinstance(decision.answer, BatchResult) else ()
    failed = [result.position for result in results if isinstance(result, Failed)]
    readings = {each.name: getattr(write.readings, each.name) for each in fields(Readings)}  # whatever notes their use
    rows_kept = replace(Readings(**readings), failure_in_the_middle=FailureInTheMiddle.ROWS_KEPT)
    return interrupt(decision, write.state.account, FailAt(failed[0], 500), rows_kept) if failed else decision


@family.around(State, "add_passports", "PAR-07", rule="items.created-is-readable items.serial-unique-per-gtin")
def rolls_back(_add_passports: Any, _self: Any, _workspace: Any, _passports: Any) -> None:
    """The answer says `created`, but nothing exists."""


@family.around(JudgedItems, "_failure", "PAR-09", rule="items.serial-unique-per-gtin")
def creates_twins(failure: Any, self: Any, index: Any, item: Any, pair: Any, _claimed: Any) -> Any:
    """A pair that is repeated in one batch is created twice."""
    return failure(self, index, item, pair, set())


@family.around(JudgedItems, "_failure", "PAR-10", rule="items.one-result-each items.serial-unique-per-gtin")
def breaks_on_twins(failure: Any, self: Any, index: Any, item: Any, pair: Any, claimed: Any) -> Any:
    """A pair that is repeated in one batch breaks the server."""
    if pair in claimed:
        raise Broken("duplicate key")
    return failure(self, index, item, pair, claimed)


@family.around(JudgedItems, "results", "PER-03", rule="items.fail-independently items.created-is-readable")
def keeps_what_failed(results: Any, self: Any, now: Any) -> Any:
    """The pair of a failed item counts as taken afterwards."""
    answer = results(self, now)
    for index in self.failures:
        gtin, serial = self._pairs[index]
        self._state._workspace.pairs.setdefault(gtin, ByText()).setdefault(serial, NO_OWNER)
    return answer


@family.around(batch_json, "batch_result", "ORD-01", rule="items.one-result-each")
def counts_from_one(batch_result: Any, result: Any, now: Any) -> Any:
    """`index` starts at 1."""
    answer = batch_result(result, now)
    return {**answer, "results": [{**entry, "index": entry["index"] + 1} for entry in answer["results"]]}


@family.around(batch_json, "batch_result", "ORD-03", rule="items.one-result-each")
def counts_by_chunks(batch_result: Any, result: Any, now: Any) -> Any:
    """`index` restarts after every ten items."""
    answer = batch_result(result, now)
    return {**answer, "results": [{**entry, "index": entry["index"] % 10} for entry in answer["results"]]}


@family.around(batch_json, "batch_result", "ORD-05", rule="items.one-result-each items.created-carries-data")
def mixes_up_the_order(batch_result: Any, result: Any, now: Any) -> Any:
    """The entries are in a different order than the items, and `index` counts the entries."""
    answer = batch_result(result, now)
    turned = [{**entry, "index": index} for index, entry in enumerate(reversed(answer["results"]))]
    return {**answer, "results": turned}


@family.around(batch_json, "batch_result", "ORD-06", rule="items.one-result-each")
def counts_the_distinct(batch_result: Any, result: Any, now: Any) -> Any:
    """`index` does not count failed items: each has the index of the next item."""
    answer, index, results = batch_result(result, now), 0, []
    for entry in answer["results"]:
        results.append({**entry, "index": index})
        index += entry["status"] == "created"
    return {**answer, "results": results}


@family.around(View, "has_product", "VAL-16", rule="items.fail-independently", severity="D")
def takes_any_product(_has_product: Any, _self: Any, _product_id: Any) -> bool:
    """An unknown product is accepted."""
    return True


@family.around(problems, "of_body", "VAL-13", rule="batch.holds-1-to-100-items")
def takes_101(of_body: Any, validator: Any, body: Any) -> Any:
    """A batch may have more than 100 items."""
    items = problems.items_in(body, "passports")
    if len(items) <= BATCH_ITEMS_MAX:
        return of_body(validator, body)
    chunks = [items[start : start + BATCH_ITEMS_MAX] for start in range(0, len(items), BATCH_ITEMS_MAX)]
    return [problem for chunk in chunks for problem in of_body(validator, {**body, "passports": chunk})]


@family.around(problems, "of_body", "VAL-14", rule="batch.holds-1-to-100-items")
def takes_none(of_body: Any, validator: Any, body: Any) -> Any:
    """A batch may have no items."""
    return () if isinstance(body, dict) and body.get("passports") == [] else of_body(validator, body)
