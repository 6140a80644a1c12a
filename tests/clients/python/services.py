"""Which services answer, as `nats micro` asks: $SRV.PING, $SRV.INFO, $SRV.STATS.

Prints one line of JSON for each answer.
"""

import asyncio
import json
import os

import nats


async def main():
    user = os.environ["NATS_USER"]
    inbox = f"_INBOX_{user}"
    link = await nats.connect(
        os.environ["NATS_URL"], user=user, password=os.environ["NATS_PASSWORD"], inbox_prefix=inbox.encode()
    )
    for verb in ("PING", "INFO", "STATS"):
        answers = await link.subscribe(f"{inbox}.{verb}")
        await link.publish(f"$SRV.{verb}", reply=f"{inbox}.{verb}")
        while True:
            try:
                message = await answers.next_msg(timeout=0.5)
            except nats.errors.TimeoutError:
                break
            print(json.dumps(json.loads(message.data), ensure_ascii=False), flush=True)
        await answers.unsubscribe()
    await link.close()


if __name__ == "__main__":
    asyncio.run(main())
