"""A department's software that goes on through every kill, and remembers what it was told.

It takes up its assignments from a durable consumer, signs most of them, settles some, and acknowledges not all: what
it leaves comes again. What it leaves lying is what the engine's clocks are for.
"""

import asyncio
import hashlib
import json
import threading
import uuid

import nats

FETCH_TIMEOUT_S = 0.5
ANSWER_TIMEOUT_S = 5
AGAIN_S = 0.05
CONNECT_TIMEOUT_S = 2


def share(*of):
    """The same number between 0 and 99 for the same words, so that a seed's department does the same."""
    return hashlib.sha256("/".join(map(str, of)).encode()).digest()[0] * 100 // 256


class Department(threading.Thread):
    def __init__(self, unit, account, seed, signs=75, settles=60, saw=True, acks=True):
        super().__init__(daemon=True)
        # One that never acknowledges takes everything and says nothing.
        self.acks = acks
        # Of a hundred assignments, so many are signed, and of those so many settled at once.
        self.signs, self.settles, self.saw = signs, settles, saw
        self.unit, self.account, self.seed = unit, account, seed
        self.url, self.over = None, False
        self.done, self.seen, self.cases, self.again, self.faults = {}, {}, set(), 0, []

    def run(self):
        asyncio.run(self._live())

    def end(self):
        self.over = True
        self.join()

    async def _live(self):
        while not self.over:
            if self.url is None:
                await asyncio.sleep(AGAIN_S)
                continue
            try:
                await self._work(await self._connect())
            except (nats.errors.Error, OSError, asyncio.TimeoutError, ValueError):
                await asyncio.sleep(AGAIN_S)

    async def _connect(self):
        async def silent(_error):
            pass

        user = self.account["user"]
        return await nats.connect(
            self.url, user=user, password=self.account["password"], inbox_prefix=f"_INBOX_{user}".encode(),
            allow_reconnect=False, connect_timeout=CONNECT_TIMEOUT_S, error_cb=silent,
        )

    async def _work(self, link):
        try:
            inbox = f"_INBOX_{self.account['user']}.".encode()
            stream = link.jetstream(domain="huying")
            work = await stream.pull_subscribe_bind(f"unit-{self.unit}", "HUYING_ASSIGNMENTS", inbox_prefix=inbox)
            while not self.over:
                try:
                    messages = await work.fetch(20, timeout=FETCH_TIMEOUT_S)
                except nats.errors.TimeoutError:
                    if not link.is_connected:
                        return
                    continue
                for message in messages:
                    await self._take_up(link, message)
        finally:
            await asyncio.wait_for(link.close(), CONNECT_TIMEOUT_S)

    async def _take_up(self, link, message):
        order, name = json.loads(message.data), message.headers["ce-id"]
        self.again += name in self.seen
        if self.seen.setdefault(name, message.data) != message.data:
            self.faults.append(f"{name} came with two bodies")
        case = order["case"]
        self.cases.add(case)
        if not self.acks:
            return
        delivered = message.metadata.num_delivered
        if order["part"] == "lead" and share(self.seed, case) < self.signs:
            await self._ask(link, "accept", case, order["version"] if self.saw else None)
            if share(self.seed, case, "done") < self.settles:
                await self._ask(link, "resolve", case, None, result="已处理", evidence=[])
        if share(self.seed, name, delivered) < 85:
            await message.ack()
        else:
            await message.nak()

    async def _ask(self, link, verb, case, saw, **details):
        # The name is the deed's and not the try's: what is asked again after a kill is a repeat or the first time.
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.seed}/{case}/{verb}/{saw}"))
        deed = {"verb": verb, "with": details} if details else {"verb": verb}
        body = json.dumps({"id": name, "case": case, "saw": saw, "person": "clerk-1", "deed": deed}).encode()
        answer = await self.request(link, verb, body)
        if answer["answer"] == "done":
            first = self.done.setdefault(name, (verb, case, answer["seq"], body))
            if first[2] != answer["seq"]:
                self.faults.append(f"{verb} of {case} was done as {first[2]} and as {answer['seq']}")

    async def request(self, link, verb, body):
        reply = await link.request(f"huying.v1.as.{self.unit}.{verb}", body, timeout=ANSWER_TIMEOUT_S)
        return json.loads(reply.data)

    def ask_again(self, url):
        """Asks for everything that was done once more, and says what was not the first answer again."""
        async def all_again():
            self.url, wrong = url, []
            link = await self._connect()
            for name, (verb, case, seq, body) in self.done.items():
                answer = await self.request(link, verb, body)
                if (answer["answer"], answer.get("repeat"), answer.get("seq")) != ("done", True, seq):
                    wrong.append(f"{verb} of {case} ({name}) was record {seq}, and is {answer}")
            await link.close()
            return wrong

        return asyncio.run(all_again())
