"""Writes down every message that passes the server, for validate.py: one line of JSON each.

    capture.py FILE     NATS_URL, NATS_USER and NATS_PASSWORD must be those of a user that may hear everything

Prints `listening` when it does, and ends when its standard input does.
"""

import asyncio
import base64
import json
import os
import sys

import nats

NOT_OURS = ("$SYS.", "$JS.ACK.")


async def main(path):
    user = os.environ["NATS_USER"]
    link = await nats.connect(
        os.environ["NATS_URL"],
        user=user,
        password=os.environ["NATS_PASSWORD"],
        inbox_prefix=f"_INBOX_{user}".encode(),
        pending_size=64 * 1024 * 1024,
    )
    with open(path, "w", encoding="utf-8") as kept:

        async def keep(message):
            if message.subject.startswith(NOT_OURS):
                return
            line = {
                "subject": message.subject,
                "reply": message.reply,
                "headers": message.headers or {},
                "body": base64.b64encode(message.data).decode(),
            }
            kept.write(json.dumps(line, ensure_ascii=False) + "\n")

        await link.subscribe(">", cb=keep, pending_msgs_limit=-1, pending_bytes_limit=-1)
        await link.flush()
        print("listening", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        if link.is_connected:  # a server that is gone has nothing more to say
            await link.drain()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
