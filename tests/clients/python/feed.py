"""A call centre in Python: brings calls, in three ways.

NATS_URL, NATS_USER and NATS_PASSWORD say where and as whom (`huying nats grant --source hotline` prints them).

    feed.py SOURCE FILE     FILE holds one JSON list of calls, at most 64

First as a request: the answer is the case number. Then the same calls once more: each gets its first answer again.
Then one call durably: it is kept while the engine is down, and what became of it comes as a receipt.
"""

import asyncio
import json
import os
import sys
import uuid

import nats


async def main(source, path):
    user = os.environ["NATS_USER"]
    inbox = f"_INBOX_{user}".encode()
    link = await nats.connect(
        os.environ["NATS_URL"], user=user, password=os.environ["NATS_PASSWORD"], inbox_prefix=inbox
    )
    with open(path, encoding="utf-8") as file:
        calls = json.load(file)
    for _ in range(2):
        reply = await link.request(f"huying.v1.intake.{source}.call", json.dumps(calls).encode(), timeout=10)
        for answer in json.loads(reply.data)["answers"]:
            print(answer["answer"], answer.get("case", ""), answer.get("repeat", False), flush=True)
    durable = dict(calls[0], external_id=str(uuid.uuid4()))
    kept = await link.jetstream(domain="huying").publish(f"huying.v1.inbox.{source}.call", json.dumps(durable).encode())
    receipts = await link.jetstream(domain="huying").pull_subscribe_bind(
        f"source-{source}", "HUYING_RECEIPTS", inbox_prefix=inbox + b"."
    )
    for message in await receipts.fetch(1, timeout=30):
        receipt = json.loads(message.data)
        assert receipt["sequence"] == kept.seq, (receipt, kept)
        print("receipt", receipt["answers"][0]["answer"], receipt["answers"][0].get("case", ""), flush=True)
        await message.ack()
    await link.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
