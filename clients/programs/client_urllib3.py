"""urllib3 in its default settings."""

import urllib3
from steps import Answer, Step, serve

pool = urllib3.PoolManager()


def send(step: Step) -> Answer:
    reply = pool.request(step.method, step.url, headers=dict(step.headers), body=step.body)
    return Answer(reply.status, reply.headers.get("Retry-After", ""), reply.data.decode())


serve(send)
