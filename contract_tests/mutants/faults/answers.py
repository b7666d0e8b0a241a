"""Faults of the answers: the call is executed correctly, but the answer is wrong."""

from typing import Any

import orjson

from tracepass_contract.mockserver.http import middleware
from tracepass_contract.mockserver.http.api import batch_json

from ..mutant import Family

family = Family("items.created-data=trimmed batch.mixed-status=207")


@family.around(middleware, "send_reply", "SHP-01", rule="items.one-result-each")
async def no_results(send_reply: Any, send: Any, reply: Any) -> None:
    """The results are an object by index instead of an array."""
    shown = _results_of(reply)
    if shown:
        by_index = {str(entry["index"]): entry for entry in shown["results"]}
        reply = reply._replace(body=orjson.dumps({**shown, "results": by_index}))
    await send_reply(send, reply)


@family.around(batch_json, "batch_result", "SHP-02", rule="summary.adds-up")
def adds_up_wrongly(batch_result: Any, result: Any, now: Any) -> Any:
    """The summary counts every item as created."""
    shown = batch_result(result, now)
    return {**shown, "summary": {**shown["summary"], "created": result.total}}


@family.around(middleware, "send_reply", "SHP-03", rule="summary.adds-up")
async def no_summary(send_reply: Any, send: Any, reply: Any) -> None:
    """The answer has no summary."""
    if shown := _results_of(reply):
        reply = reply._replace(body=orjson.dumps({"results": shown["results"]}))
    await send_reply(send, reply)


@family.around(middleware, "send_reply", "SHP-04", rule="items.created-carries-data")
async def no_ids(send_reply: Any, send: Any, reply: Any) -> None:
    """A created passport is shown without its `_id`."""
    await send_reply(send, _each_created(reply, lambda data: {k: v for k, v in data.items() if k != "_id"}))


@family.around(middleware, "send_reply", "SHP-06", rule="items.one-result-each")
async def another_vocabulary(send_reply: Any, send: Any, reply: Any) -> None:
    """Items have the status `success` or `failed`."""
    if shown := _results_of(reply):
        words = {"created": "success", "error": "failed"}
        results = [{**entry, "status": words[entry["status"]]} for entry in shown["results"]]
        reply = reply._replace(body=orjson.dumps({**shown, "results": results}))
    await send_reply(send, reply)


@family.around(middleware, "send_reply", "SHP-07", rule="items.error-carries-reason")
async def no_reason(send_reply: Any, send: Any, reply: Any) -> None:
    """The error text of a failed item is empty."""
    if shown := _results_of(reply):
        results = [{**entry, "error": ""} if "error" in entry else entry for entry in shown["results"]]
        reply = reply._replace(body=orjson.dumps({**shown, "results": results}))
    await send_reply(send, reply)


@family.around(middleware, "send_reply", "SHP-09", rule="items.created-carries-data")
async def published_at_once(send_reply: Any, send: Any, reply: Any) -> None:
    """A new passport is not a draft."""
    await send_reply(send, _each_created(reply, lambda data: {**data, "status": "published"}))


@family.around(middleware, "send_reply", "SHP-10", rule="items.created-carries-data")
async def another_serial(send_reply: Any, send: Any, reply: Any) -> None:
    """A created passport is shown with a different serial number than its item."""

    def renumber(data: Any) -> Any:
        gs1 = data.get("gs1")  # of a product there is none
        return {**data, "gs1": {**gs1, "serialNumber": f"{gs1['serialNumber']}-1"}} if gs1 else data

    await send_reply(send, _each_created(reply, renumber))


@family.around(middleware, "send_reply", "SHP-11", rule="items.created-carries-data", severity="N")
async def counts_with_gtins(send_reply: Any, send: Any, reply: Any) -> None:
    """A GTIN is shown as a number."""

    def as_number(data: Any) -> Any:
        return {**data, "gs1": {**data["gs1"], "gtin": int(data["gs1"]["gtin"])}} if "gs1" in data else data

    await send_reply(send, _each_created(reply, as_number))


@family.around(middleware, "send_reply", "SHP-13", rule="items.one-result-each errors.envelope", severity="N")
async def adds_a_remark(send_reply: Any, send: Any, reply: Any) -> None:
    """An answer with results has text after its JSON."""
    await send_reply(send, reply._replace(body=reply.body + b" -- ok") if _results_of(reply) else reply)


@family.around(middleware, "send_reply", "SHP-12", rule="errors.envelope", severity="D")
async def no_token(send_reply: Any, send: Any, reply: Any) -> None:
    """The `error` of a refusal is a number."""
    if reply.status >= 400 and reply.body.startswith(b'{"error":'):
        reply = reply._replace(body=orjson.dumps({**orjson.loads(reply.body), "error": reply.status}))
    await send_reply(send, reply)


def _results_of(reply: Any) -> Any:
    """The answer, if it has results."""
    return orjson.loads(reply.body) if reply.body.startswith(b'{"results":') else None


def _each_created(reply: Any, change: Any) -> Any:
    shown = _results_of(reply)
    if not shown:
        return reply
    results = [{**e, "data": change(e["data"])} if e["status"] == "created" else e for e in shown["results"]]
    return reply._replace(body=orjson.dumps({**shown, "results": results}))
