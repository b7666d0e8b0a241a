"""aiohttp in its default settings."""

import asyncio

import aiohttp
from steps import Answer, Step, serve

loop = asyncio.new_event_loop()


async def opened() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


session = loop.run_until_complete(opened())


async def sent(step: Step) -> Answer:
    async with session.request(step.method, step.url, headers=step.headers, data=step.body) as reply:
        return Answer(reply.status, reply.headers.get("Retry-After", ""), await reply.text())


serve(lambda step: loop.run_until_complete(sent(step)))
loop.run_until_complete(session.close())
