"""requests in its default settings."""

import requests
from steps import Answer, Step, serve

with requests.Session() as session:

    def send(step: Step) -> Answer:
        reply = session.request(step.method, step.url, headers=dict(step.headers), data=step.body)
        return Answer(reply.status_code, reply.headers.get("Retry-After", ""), reply.text)

    serve(send)
