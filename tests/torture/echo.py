"""What the journal holds, read from its echo: the whole of it, and whether it keeps the laws.

A record is what `schemas/record.json` says, in MessagePack; the stream's sequence is its seq.
"""

import asyncio
from collections import Counter

import msgpack
import nats

LISTING_TIMEOUT_S = 20
CAUGHT_UP_LOOKS_MAX = 600
LOOK_EVERY_S = 0.1
TAKEN_AWAY = ("case.assigned/1", "case.escalated/1", "case.returned/1", "case.resolved/1", "case.closed/1")


def engine_account(data):
    """The engine's own account, which may read every stream."""
    user = None
    with open(f"{data}/nats/accounts.toml", encoding="utf-8") as lines:
        for line in lines:
            name, _, value = line.strip().partition(" = ")
            if name == "user":
                user = value.strip('"')
            if name == "password" and user == "engine":
                return {"user": "engine", "password": value.strip('"')}
    raise RuntimeError("there is no engine among the accounts")


async def listed(stream, name):
    """Every message of a stream, in order."""
    count, found = (await stream.stream_info(name)).state.messages, []
    consumer = await stream.subscribe("", stream=name, ordered_consumer=True)
    while len(found) < count:
        found.append(await consumer.next_msg(timeout=LISTING_TIMEOUT_S))
    await consumer.unsubscribe()
    return found


def read(url, data, head):
    """The records up to the head and the assignments, once the echo has caught up."""

    async def go():
        account = engine_account(data)
        link = await nats.connect(
            url, user=account["user"], password=account["password"],
            inbox_prefix=f"_INBOX_{account['user']}".encode(), pending_size=64 * 1024 * 1024,
        )
        stream = link.jetstream(domain="huying")
        for _ in range(CAUGHT_UP_LOOKS_MAX):
            if (await stream.stream_info("HUYING_RECORDS")).state.last_seq >= head:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        records = [(m.metadata.sequence.stream, msgpack.unpackb(m.data)) for m in await listed(stream, "HUYING_RECORDS")]
        work = {m.subject: m for m in await listed(stream, "HUYING_ASSIGNMENTS")}
        await link.close()
        return records, work

    return asyncio.run(go())


def faults_of(records):
    """What in a history no history may hold."""
    faults, commands, versions, registered, breaches = [], {}, {}, Counter(), Counter()
    at = 0
    for place, (sequence, record) in enumerate(records, start=1):
        seq = record["seq"]
        if not place == sequence == seq:
            faults.append(f"record {seq} stands at {sequence} and is the {place}th: a gap or a double")
        if record["at"] < at:
            faults.append(f"record {seq} is dated before the one before it")
        at = max(at, record["at"])
        name = bytes(record["command"])
        if name in commands:
            faults.append(f"one command is record {commands[name]} and record {seq}")
        commands[name] = seq
        for part in record["parts"]:
            whose = (part["kind"], part["id"])
            if whose in versions and part["version"] != versions[whose]:
                faults.append(f"{part['id']} was at {versions[whose]}, and record {seq} begins at {part['version']}")
            versions[whose] = part["version"] + len(part["events"])
            for event in part["events"]:
                told = event["data"]
                registered[part["id"]] += event["event"] in ("case.registered/1", "case.joined/1")
                if event["event"] == "case.clock_breached/1":
                    breaches[part["id"], told["clock"], told["due"]] += 1
    faults += [f"{case} was registered {n} times" for case, n in registered.items() if n > 1]
    faults += [f"the {clock} of {case} was breached {n} times" for (case, clock, _), n in breaches.items() if n > 1]
    return faults, registered, breaches


def owed(records, unit):
    """Cases that the unit holds. What was taken from it again while its queue was wiped it need never have seen."""
    held = set()
    for _, record in records:
        for part in record["parts"]:
            for event in part["events"]:
                name, told = event["event"], event["data"]
                if name == "case.assigned/1" and told["lead"] == unit:
                    held.add(part["id"])
                elif name in TAKEN_AWAY:
                    held.discard(part["id"])
    return held
