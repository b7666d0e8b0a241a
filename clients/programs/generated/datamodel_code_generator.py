"""The models that datamodel-code-generator generates, on both sides of httpx: a batch, a 402, and the consent."""

import json
import sys

import generated_models as models
import httpx

base_url, token, product_id, gtin = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
for serials, more in ((["1", "2"], {}), (["3"], {}), (["3"], {"confirmOverage": True})):
    items = [{"productId": product_id, "gs1": {"gtin": gtin, "serialNumber": serial}} for serial in serials]
    body = models.CreatePassportBatch.model_validate({"passports": items, **more})
    sent = body.model_dump_json(by_alias=True, exclude_unset=True)
    reply = httpx.post(f"{base_url}/passports/batch", headers=headers, content=sent)
    answer = (models.BatchResult if reply.is_success else models.Error).model_validate_json(reply.content)
    print(json.dumps([reply.status_code, answer.model_dump(mode="json", by_alias=True)]))
