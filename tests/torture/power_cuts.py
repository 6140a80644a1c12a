"""Cuts the power under a running engine, again and again, and asks whether a promise was broken.

The engine runs on a file system of its own on a loop device. While callers bring calls, it is made to stand still and
the file behind the device is copied: what a disk holds at that instant, and nothing of what only memory held. The copy
is mounted (the file system mends itself), `verify` reads the journal, an engine starts on it, and every call that had
been answered is brought again: it has to be there, once, as the same case.

Needs root and loop devices. Counts the flush requests of the device beside the batches that the engine wrote.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from house import Callers, House, broken_promises, verify

IMAGE_BYTES = 400 * 1024 * 1024
CALLERS = 8
# How long the first answer may take, in looks of 10 ms: a cut before it would try nothing.
FIRST_ANSWER_LOOKS_MAX = 3_000


def run(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True).stdout.strip()


class Disk:
    """A file system on a loop device."""

    def __init__(self, image, place, new):
        self.place = place
        if new:
            with open(image, "wb") as file:
                file.truncate(IMAGE_BYTES)
        self.device = run("losetup", "--find", "--show", image)
        try:
            if new:
                run("mkfs.ext4", "-q", self.device)
            os.makedirs(place, exist_ok=True)
            run("mount", self.device, place)
        except subprocess.CalledProcessError:
            run("losetup", "--detach", self.device)
            raise

    def flushes(self):
        with open(f"/sys/block/{os.path.basename(self.device)}/stat") as stat:
            return int(stat.read().split()[15])

    def close(self):
        run("umount", "--lazy", self.place)
        run("losetup", "--detach", self.device)


def trial(program, city, seed, folder):
    chance = random.Random(seed)
    disk = Disk(f"{folder}/disk", f"{folder}/mount", new=True)
    data = f"{folder}/mount/data"
    house = House(program, data, city)
    key = house.grant()
    # The key's file is the operator's; what is tried here is what callers are promised.
    subprocess.run(["sync", "--file-system", f"{folder}/mount"], check=True)
    flushes = disk.flushes()
    callers = Callers(house, key, f"t{seed}", CALLERS, seed)
    for _ in range(FIRST_ANSWER_LOOKS_MAX):
        if callers.promised:
            break
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 2))
    house.stand_still()
    flushes = disk.flushes() - flushes
    shutil.copyfile(f"{folder}/disk", f"{folder}/cut")
    with callers.lock:
        promised, sent = dict(callers.promised), callers.sent
    callers.end()
    house.kill()
    disk.close()
    cut = Disk(f"{folder}/cut", f"{folder}/mount-cut", new=False)
    data = f"{folder}/mount-cut/data"
    try:
        code, said = verify(program, data)
        again = House(program, data)
        wrong = broken_promises(again, key, promised)
        stopped = again.stop()
        after, said_after = verify(program, data)
    finally:
        cut.close()
    return {
        "seed": seed, "sent": sent, "promised": len(promised), "broken": wrong[:3], "broken_count": len(wrong),
        "flushes": flushes, "verify": code, "stopped": stopped, "verify_after": after,
        "verdict": json.loads(said).get("verdict"), "said": said if code else "", "said_after": said_after if after else "",
    }


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--program", required=True)
    args.add_argument("--city", required=True)
    args.add_argument("--trials", type=int, default=3)
    args.add_argument("--seed", type=int, default=1)
    asked = args.parse_args()
    if os.geteuid() != 0 or not os.path.exists("/dev/loop-control"):
        print("skipped: cutting the power needs root and loop devices", file=sys.stderr)
        return 0
    try:
        probe = run("losetup", "--find")
    except (OSError, subprocess.CalledProcessError):
        probe = ""
    if not probe:
        print("skipped: no loop device is to be had here", file=sys.stderr)
        return 0
    kept, bad = [], 0
    for seed in range(asked.seed, asked.seed + asked.trials):
        folder = tempfile.mkdtemp(prefix="huying-cut-")
        told = trial(asked.program, asked.city, seed, folder)
        shutil.rmtree(folder, ignore_errors=True)
        # sled does not outlive a cut of power, and is built anew of the log: `verify` has to say just that.
        good = told["verdict"] in ("whole", "mendable") and told["promised"] and not told["broken_count"]
        good = good and told["verify_after"] == told["stopped"] == 0
        bad += not good
        kept.append(told)
        if not good:
            print(json.dumps(told, ensure_ascii=False), flush=True)
    promised = sum(told["promised"] for told in kept)
    flushes = sum(told["flushes"] for told in kept)
    rebuilt = sum(told["verdict"] == "mendable" for told in kept)
    print(f"{len(kept)} cuts of power, {promised} calls promised, {sum(t['broken_count'] for t in kept)} broken; "
          f"sled rebuilt after {rebuilt}; {flushes} flush requests at the device")
    print(f"{len(kept) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
