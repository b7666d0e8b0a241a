"""The document for a deployment that is no mock: generated calls are cheap and have recognizable serial numbers.

`python -m tracepass_contract.contract_tests.checks.fuzzing.safe_document --product-id … --gtin … --run …` prints it.
"""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import click

from tracepass_contract.spec import openapi_document

from .exchanges import BATCH


def safe_document(document: Mapping[str, Any], product_id: str, gtin: str, run: str) -> dict[str, Any]:
    """The document for a deployment that is not a mock: only the batch endpoint, no consent, at most three items,
    serial numbers of this run. Calls from it create drafts of one product and can't cost money. Use it with valid input
    only.
    """
    safe = deepcopy(dict(document))
    safe["paths"] = {path: safe["paths"][path] for path in safe["paths"] if path == BATCH}
    schemas = safe["components"]["schemas"]
    batch, each, gs1 = schemas["CreatePassportBatch"], schemas["CreatePassportInput"], schemas["Gs1Input"]
    for holder in (batch, each):
        holder["properties"].pop("confirmOverage", None)
        holder["additionalProperties"] = False
    schemas.pop("ConfirmOverage", None)
    gs1["additionalProperties"] = False
    batch["properties"]["passports"]["maxItems"] = 3
    each["properties"].pop("parties", None)
    each["properties"].pop("identifier", None)  # a deployment may not know it (reading items.identifier)
    each.pop("anyOf", None)
    each["required"] = ["productId", "gs1"]
    each["properties"]["productId"] = {"enum": [product_id]}
    gs1["properties"]["gtin"] = {"enum": [gtin]}
    gs1["properties"]["serialNumber"] = {"type": "string", "pattern": f"^CONF-{run}-[0-9]{{6}}$"}
    for path in safe["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                response.pop("links", None)  # they point to operations that are left out
            content = operation.get("requestBody", {}).get("content", {})
            for media in content.values():
                media.pop("examples", None)
                media.pop("example", None)
    return safe


@click.command()
@click.option("--product-id", required=True, help="Id of a product of the workspace.")
@click.option("--gtin", required=True, help="Its GTIN.")
@click.option(
    "--run",
    required=True,
    help="Name of this run, new each time: 1 to 8 characters of A-Z, 0-9 and -. Each serial number contains it.",
)
def main(product_id: str, gtin: str, run: str) -> None:
    """Print the safe document as JSON."""
    if not re.fullmatch("[A-Z0-9-]{1,8}", run):
        raise click.UsageError(f'--run must have 1 to 8 characters of A-Z, 0-9 and -, is "{run}".')
    click.echo(json.dumps(safe_document(openapi_document(), product_id, gtin, run), indent=2))


if __name__ == "__main__":
    main()
