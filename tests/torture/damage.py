"""Damages a real journal's folder, a byte or a block at a time, and asks whether anything else is taken for the truth.

An engine takes calls and stops. Each trial copies its folder, flips bits, writes rubbish or zeroes over a piece or cuts a
file off, somewhere in any of the files, and then: `verify` looks at it, an engine starts on it, and what that engine
tells of the cases is compared with what was true. A start either refuses and names what is broken, or has every record
as it was (the head that was published before the damage proves it). What `verify` calls whole starts; what does not start
is not called whole.

    damage.py --program PROGRAM --city CITY [--trials 300] [--seed 1]
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

from house import CALLS_PER_REQUEST_MAX, House, call, verify

CALLS = 600
CANCELLED = 40
CASES_COMPARED = 8
START_TIMEOUT_S = 90
# Where the damage goes, by weight: the first name that a file's path begins with.
WEIGHTS = {"log/head": 8, "log/": 45, "sled/": 30, "keys/master": 3, "keys/": 9, "rulebook/": 4, "": 5}
# Damage that is not in the used part of a file: the zeroes behind.
ANYWHERE = 0.05
BLOCK_BYTES = 4096
RUBBISH_BYTES_MAX = 200
# What `verify` does not look at: it needs no key.
UNSEEN = ("alive", "lock", "keys/master.key")
# Where there is memory enough, no disk is worn out.
MEMORY = "/dev/shm"
MEMORY_BYTES_MIN = 1 << 30


def make(program, city, data):
    """A journal with open cases, cases at rest and sealed words."""
    house = House(program, data, city)
    key = house.grant()
    cases = []
    for start in range(0, CALLS, CALLS_PER_REQUEST_MAX):
        numbers = range(start, min(start + CALLS_PER_REQUEST_MAX, CALLS))
        _, told = house.calls(key, [call(f"d-{number}") for number in numbers])
        cases += [answer["case"] for answer in told["answers"]]
    for case in cases[:CANCELLED]:
        act = {"case": case, "ask": "cancel", "person": "li", "with": {"ground": "void", "reason": "空号"}}
        done = subprocess.run([program, "submit", "-", "--json", "--data", data], input=json.dumps(act),
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert house.stop() == 0
    code, said = verify(program, data)
    assert code == 0, said
    return cases, json.loads(said)["head"]


def histories(program, data, cases, last):
    """What the engine tells of these cases, up to a record."""
    told = {}
    for case in cases:
        done = subprocess.run([program, "case", case, "--json", "--data", data], capture_output=True, text=True)
        records = json.loads(done.stdout)["records"] if done.returncode == 0 else done.stdout + done.stderr
        told[case] = [one for one in records if one["seq"] <= last] if isinstance(records, list) else records
    return told


def files_of(data):
    found = []
    for folder, _, names in os.walk(data):
        found += [os.path.relpath(os.path.join(folder, name), data) for name in names]
    return sorted(name for name in found if os.path.getsize(os.path.join(data, name)))


def used_bytes(path):
    """Up to the last byte that is not zero."""
    with open(path, "rb") as file:
        return len(file.read().rstrip(b"\0")) or 1


def damage(data, chance):
    """Does something to one file, and says what. Nothing where the bytes were so already."""
    by_weight = {}
    for name in files_of(data):
        by_weight.setdefault(next(start for start in WEIGHTS if name.startswith(start)), []).append(name)
    starts = sorted(by_weight)
    start = chance.choices(starts, [WEIGHTS[start] for start in starts])[0]
    name = chance.choice(by_weight[start])
    path = os.path.join(data, name)
    length = os.path.getsize(path)
    room = length if chance.random() < ANYWHERE else min(used_bytes(path), length)
    at, how = chance.randrange(room), chance.choices(["flip", "rubbish", "zeroes", "cut"], [60, 15, 10, 15])[0]
    with open(path, "r+b") as file:
        if how == "cut":
            file.truncate(at)
            return name, how, at, True
        if how == "zeroes":
            at -= at % BLOCK_BYTES
        file.seek(at)
        count = {"flip": 1, "rubbish": chance.randint(1, RUBBISH_BYTES_MAX), "zeroes": BLOCK_BYTES}[how]
        before = file.read(count)
        after = {"flip": bytes([before[0] ^ 1 << chance.randrange(8)]), "rubbish": chance.randbytes(len(before)),
                 "zeroes": bytes(len(before))}[how]
        file.seek(at)
        file.write(after)
    return name, how, at, before != after


def start(program, data, log):
    """An engine on the folder: it, or none and what it said."""
    args = [program, "up", "--json", "--data", data, "--nats", "none", "--http", "127.0.0.1:0"]
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=log, text=True)
    line = process.stdout.readline()
    told = json.loads(line) if line.startswith("{") else {}
    if told.get("ready"):
        return process, None
    process.wait(START_TIMEOUT_S)
    return None, (process.returncode, line)


def trial(program, base, truth, seed, where):
    cases, head = truth["cases"], truth["head"]
    data, chance = f"{where}/data", random.Random(seed)
    shutil.rmtree(data, ignore_errors=True)
    # A segment is mostly zeroes: they need no room.
    subprocess.run(["cp", "-a", "--sparse=always", base, data], check=True)
    name, how, at, is_changed = damage(data, chance)
    told = {"seed": seed, "file": name, "how": how, "at": at, "wrong": []}
    wrong = told["wrong"]
    code, said = verify(program, data)
    verdict = json.loads(said).get("verdict", "unreadable") if said.startswith("{") else "unreadable"
    told["verdict"] = verdict if code < 2 else "unreadable"
    if not is_changed and code:
        wrong.append("nothing was changed, and it is called broken")
    with open(f"{where}/log", "w+b") as log:
        engine, refusal = start(program, data, log)
        log.seek(0)
        words = log.read().decode(errors="replace")
    if engine is None:
        told["start"] = f"refused with {refusal[0]}"
        told["said"] = (refusal[1] + words)[:400]
        if refusal[0] not in (1, 2):
            wrong.append("it did not say what is the matter")
        if told["verdict"] in ("whole", "mendable") and name not in UNSEEN:
            wrong.append("verify called it whole")
        return told
    some = chance.sample(cases[:CANCELLED], CASES_COMPARED // 2) + chance.sample(cases, CASES_COMPARED // 2)
    found = histories(program, data, some, truth["last"])
    wrong += [f"{case} is told otherwise" for case in some if found[case] != truth["histories"][case]]
    engine.terminate()
    stopped = engine.wait(START_TIMEOUT_S)
    if stopped:
        wrong.append(f"it stopped with {stopped}")
    done = subprocess.run([program, "verify", "--json", data, "--head", head], capture_output=True, text=True)
    after = json.loads(done.stdout) if done.stdout.startswith("{") else {"verdict": "unreadable", "said": done.stderr}
    told["start"] = "started" if told["verdict"] == "whole" else "started and healed"
    # Zeroes in the place of a key are what an erasure leaves: nobody makes a key of them again, the mirror answers.
    named = {found["kind"] for found in after.get("findings", [])}
    if named == {"KeyMirrorDiffers"} and told["verdict"] == "broken" and how in ("zeroes", "rubbish"):
        told["start"] = "started, named before and after, and the mirror answers"
    elif after["verdict"] != "whole":
        wrong.append(f"after the start: {json.dumps(after, ensure_ascii=False)[:400]}")
    return told


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--program", required=True)
    args.add_argument("--city", required=True)
    args.add_argument("--trials", type=int, default=300)
    args.add_argument("--seed", type=int, default=1)
    asked = args.parse_args()
    is_roomy = os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN
    where = tempfile.mkdtemp(prefix="huying-damage-", dir=MEMORY if is_roomy else None)
    outcomes, bad = Counter(), 0
    try:
        base = f"{where}/base"
        cases, head = make(asked.program, asked.city, base)
        # What is true is asked of an engine on a copy: a start may write.
        subprocess.run(["cp", "-a", "--sparse=always", base, f"{where}/true"], check=True)
        with open(f"{where}/log", "w+b") as log:
            engine, refusal = start(asked.program, f"{where}/true", log)
        assert engine, refusal
        last = int(head.split(":")[0])
        truth = {"cases": cases, "head": head, "last": last}
        truth["histories"] = histories(asked.program, f"{where}/true", cases, last)
        engine.terminate()
        engine.wait(START_TIMEOUT_S)
        for seed in range(asked.seed, asked.seed + asked.trials):
            told = trial(asked.program, base, truth, seed, where)
            kind = told["file"] if told["file"].startswith(("log/head", "keys/master")) else told["file"].split("/")[0]
            outcomes[f"{kind}: {told['verdict']}, {told['start']}"] += 1
            if told["wrong"]:
                bad += 1
                print(json.dumps(told, ensure_ascii=False), flush=True)
    finally:
        House.end_all()
        shutil.rmtree(where, ignore_errors=True)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:5} {outcome}")
    print(f"{asked.trials} damaged folders of {last} records, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
