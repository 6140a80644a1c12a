"""A department in Python: takes up its assignments, asks for the caller, and says what was done.

NATS_URL, NATS_USER and NATS_PASSWORD say where and as whom (`huying nats grant --unit works` prints them). The
account can fetch from its own consumer and speak for its own unit; everything else the server refuses.

    department.py UNIT [CASES]      ends after so many cases, else never
"""

import asyncio
import json
import os
import sys
import uuid

import nats


async def main(unit, cases):
    user = os.environ["NATS_USER"]
    inbox = f"_INBOX_{user}".encode()  # answers come to a subject that nobody else can hear
    link = await nats.connect(
        os.environ["NATS_URL"], user=user, password=os.environ["NATS_PASSWORD"], inbox_prefix=inbox
    )

    async def ask(verb, case, saw, **details):
        deed = {"verb": verb, "with": details} if details else {"verb": verb}
        body = {"id": str(uuid.uuid4()), "case": case, "saw": saw, "person": "clerk-1", "deed": deed}
        reply = await link.request(f"huying.v1.as.{unit}.{verb}", json.dumps(body).encode(), timeout=10)
        answer = json.loads(reply.data)
        print(case, verb, answer["answer"], answer.get("refusal", {}).get("code", ""), flush=True)
        return answer

    # The consumer is there already, and waits for us while we are off.
    work = await link.jetstream(domain="huying").pull_subscribe_bind(f"unit-{unit}", "HUYING_ASSIGNMENTS", inbox_prefix=inbox + b".")
    done = 0
    while cases is None or done < cases:
        try:
            messages = await work.fetch(10, timeout=5)
        except nats.errors.TimeoutError:
            continue
        for message in messages:
            order = json.loads(message.data)
            if order["part"] == "lead":  # not told, not withdrawn: it is ours to do
                answer = await ask("accept", order["case"], order["version"])
                if answer["answer"] == "done":
                    await ask("reveal", order["case"], None, purpose="联系来电人")
                    await ask("resolve", order["case"], None, result="已处理", evidence=[])
                    done += 1
            await message.ack()
    await link.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))
