"""Kills a running engine with SIGKILL, again and again, and asks whether a promise was broken.

The program runs as people run it, with a NATS server of its own. Callers bring calls over HTTP, a department's
software takes up work from its durable consumer and signs and settles it over NATS, a grid's takes everything and never
acknowledges, clocks run out (the city's limits are a minute). The engine is killed at random instants, some of them while it starts; now and then its server is
killed, made to stand still or has its store wiped besides. In the end everything that anybody was told is held
against what the journal holds.

Needs what `make clients` and `make nats` bring.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter

from house import Callers, House, broken_promises, call, end_server, server_of, verify

try:
    from department import Department
    from echo import faults_of, owed, read
except ImportError as absent:
    print(f"skipped: {absent}; `make clients` brings it", file=sys.stderr)
    sys.exit(0)

UNIT = "works"
# Takes its messages and never acknowledges one.
SILENT = "900001001001001"
# So many that it has not acknowledged, and the server gives it nothing more: what comes behind waits in its queue.
UNACKED_MAX = 1_000
CALLERS = 2
SIZES = (1, 1, 1, 4, 16)
CALL_PAUSE_S = 0.03
# A folder is killed so often before a new one begins: what is tried is short histories and many.
KILLS_PER_FOLDER_MAX = 100
START_S = 1.5
LIFE_S = 1.2
OWED_LOOKS_MAX = 60
LOOK_EVERY_S = 5


def hasty(city, into):
    """The city with limits of a minute, so that clocks run out, and without joining: each call is a case to be worked."""
    shutil.copytree(city, into)
    path = os.path.join(into, "policy.toml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        text = re.sub(r"^\[join\].*?(?=^\[)", "", text, flags=re.MULTILINE | re.DOTALL)
        file.write(text.replace('accept = "15um", resolve = "2uh"', 'accept = "1um", resolve = "2uh"'))
    return into


def harm_server(data, chance):
    """Something happens to the NATS server too. What is stopped stays so: the next start has to cope with it."""
    harm = chance.choice(["nothing"] * 6 + ["killed", "stopped", "wiped"])
    pid = server_of(data)
    if harm == "nothing" or pid is None:
        return "nothing"
    os.kill(pid, signal.SIGSTOP if harm == "stopped" else signal.SIGKILL)
    if harm == "wiped":
        shutil.rmtree(f"{data}/nats/store", ignore_errors=True)
    return harm


def queue_of(case, unit=UNIT):
    return f"huying.v1.assignment.{unit}.{case}"


def for_the_silent(name):
    """A call that is the first grid's."""
    return dict(call(name), condition=None, words=f"楼道灯坏了，编号 {name}", **{"class": "other"})


class Folder:
    """One history: a folder, those who use it, and what they were told."""

    def __init__(self, program, city, folder, seed, nats):
        self.program, self.seed, self.nats = program, seed, nats
        self.data, self.chance = f"{folder}/data", random.Random(seed)
        self.promised, self.sent, self.wrong, self.counts = {}, 0, [], Counter()
        self.silent_promised = {}
        house = House(program, self.data, hasty(city, f"{folder}/city"), nats)
        self.key = house.grant()
        def account(unit):
            args = [program, "nats", "grant", "--json", "--data", self.data, "--unit", unit]
            return json.loads(subprocess.run(args, check=True, capture_output=True, text=True).stdout)

        self.department = Department(UNIT, account(UNIT), seed)
        self.silent = Department(SILENT, account(SILENT), seed, acks=False)
        assert house.stop() == 0
        self.department.start()
        self.silent.start()

    def at(self, url):
        self.department.url = self.silent.url = url

    def call_for_the_silent(self, house, name):
        try:
            _, told = house.calls(self.key, [for_the_silent(name)])
            self.silent_promised |= {name: answer["case"] for answer in told["answers"] if answer["answer"] == "taken"}
        except (OSError, http.client.HTTPException, ValueError):
            self.counts["calls cut off"] += 1

    def round(self, number):
        """One life of the engine, and its end."""
        if self.chance.random() < 0.3:
            house = House(self.program, self.data, nats=self.nats, wait=False)
            time.sleep(self.chance.uniform(0, START_S))
            house.kill()
            self.counts["killed while it started"] += 1
        else:
            house = House(self.program, self.data, nats=self.nats)
            self.at(house.nats)
            callers = Callers(house, self.key, f"t{self.seed}-{number}", CALLERS, f"{self.seed}-{number}", SIZES, CALL_PAUSE_S)
            self.call_for_the_silent(house, f"silent-{self.seed}-{number}")
            if self.chance.random() < 0.15:
                time.sleep(self.chance.uniform(0, LIFE_S / 2))
                self.counts[f"server {harm_server(self.data, self.chance)} under it"] += 1
            time.sleep(self.chance.uniform(0.01, LIFE_S))
            house.kill()
            callers.join()
            self.promised |= callers.promised
            self.sent += callers.sent
            self.counts["killed at work"] += 1
        self.counts[f"server {harm_server(self.data, self.chance)} between"] += 1
        if self.chance.random() < 0.1:
            self.look()

    def look(self):
        code, said = verify(self.program, self.data)
        if code or json.loads(said).get("verdict") not in ("whole", "mendable"):
            self.wrong.append(f"verify: {said}")
        self.counts["verified"] += 1

    def unserved(self, records, work):
        """What is owed to the two and is in no queue, and what was never given to them."""
        absent, unseen = set(), set()
        for department in (self.department, self.silent):
            held = owed(records, department.unit)
            absent |= {case for case in held if queue_of(case, department.unit) not in work}
            if department.acks or len(department.seen) < UNACKED_MAX:
                unseen |= held - department.cases
        return absent, unseen

    def head(self):
        _, said = verify(self.program, self.data)
        return int(json.loads(said)["head"].split(":")[0])

    def end(self):
        """Everything that anybody was told, against what the journal holds."""
        house = House(self.program, self.data, nats=self.nats)
        self.at(house.nats)
        for name, case, answer in broken_promises(house, self.key, self.promised):
            self.wrong.append(f"{name} was promised {case} and is {answer}")
        # The outbox sends what it could not, and what was in somebody's hands when a kill came is given out again once
        # the server gave up waiting for it.
        for _ in range(OWED_LOOKS_MAX):
            records, work = read(house.nats, self.data, self.head())
            if not any(self.unserved(records, work)):
                break
            time.sleep(LOOK_EVERY_S)
        self.department.end()
        self.silent.end()
        self.wrong += self.department.faults
        self.wrong += self.department.ask_again(house.nats)
        head = self.head()
        records, work = read(house.nats, self.data, head)
        faults, registered, breaches = faults_of(records)
        self.wrong += faults
        if len(records) < head:
            self.wrong.append(f"the echo holds {len(records)} records, the journal {head}")
        lost = [case for case in (self.promised | self.silent_promised).values() if case not in registered]
        self.wrong += [f"{case} was promised and is in no record" for case in lost]
        absent, unseen = self.unserved(records, work)
        self.wrong += [f"{case} is owed and not in the stream" for case in absent]
        self.wrong += [f"{case} is owed and its holder never saw it" for case in unseen]
        stopped = house.stop()
        self.look()
        if stopped:
            self.wrong.append(f"a clean stop ended with {stopped}")
        self.counts.update({
            "calls promised": len(self.promised), "deeds promised": len(self.department.done), "records": len(records),
            "cases": len(registered), "clocks run out": sum(breaches.values()), "given twice, marked": self.department.again,
            "for the silent": len(self.silent_promised), "given again to the silent": self.silent.again,
        })
        end_server(self.data)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--program", required=True)
    args.add_argument("--city", required=True)
    args.add_argument("--nats-server")
    args.add_argument("--kills", type=int, default=10)
    args.add_argument("--seed", type=int, default=1)
    asked = args.parse_args()
    nats = ("--nats-server", asked.nats_server) if asked.nats_server else ()
    counts, wrong, left, seed = Counter(), 0, asked.kills, asked.seed
    while left > 0:
        where = tempfile.mkdtemp(prefix="huying-kills-")
        try:
            folder = Folder(asked.program, asked.city, where, seed, nats)
            for number in range(min(left, KILLS_PER_FOLDER_MAX)):
                folder.round(number)
            folder.end()
        finally:
            House.end_all()
        counts += folder.counts
        wrong += len(folder.wrong)
        print(f"seed {seed}: {dict(sorted(folder.counts.items()))}", flush=True)
        for one in folder.wrong[:10]:
            print(f"  WRONG {one}", flush=True)
        if folder.wrong:
            print(f"  kept: {where}", flush=True)
        else:
            shutil.rmtree(where, ignore_errors=True)
        left -= KILLS_PER_FOLDER_MAX
        seed += 1
    print(", ".join(f"{number} {what}" for what, number in sorted(counts.items())))
    print(f"{asked.kills} kills, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
