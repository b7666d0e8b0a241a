"""httpx in its default settings."""

import httpx
from steps import Answer, Step, serve

with httpx.Client() as client:

    def send(step: Step) -> Answer:
        reply = client.request(step.method, step.url, headers=dict(step.headers), content=step.body)
        return Answer(reply.status_code, reply.headers.get("Retry-After", ""), reply.text)

    serve(send)
