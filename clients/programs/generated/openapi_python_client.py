"""The client that openapi-python-client generates: a batch, a 402, and the consent to its charge."""

import json
import sys

from generated_client import AuthenticatedClient
from generated_client.api.passports import create_passport_batch
from generated_client.models import CreatePassportBatch

base_url, token, product_id, gtin = sys.argv[1:]
client = AuthenticatedClient(base_url=base_url, token=token)
for serials, more in ((["1", "2"], {}), (["3"], {}), (["3"], {"confirmOverage": True})):
    items = [{"productId": product_id, "gs1": {"gtin": gtin, "serialNumber": serial}} for serial in serials]
    body = CreatePassportBatch.from_dict({"passports": items, **more})
    reply = create_passport_batch.sync_detailed(client=client, body=body)
    print(json.dumps([int(reply.status_code), reply.parsed.to_dict()]))
