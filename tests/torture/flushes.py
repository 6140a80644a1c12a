"""Counts what reaches the disk: each answered call has to have made the device flush.

The engine runs on a file system of its own on a loop device, and one caller brings one call after another. Before each
the device is at rest; when the call is answered, the device has to have been asked to flush at least once more, or the
answer stood in memory only. In the end the commits that the engine counts stand beside the flushes that the device
counted. Needs root and loop devices.

    flushes.py --program PROGRAM --city CITY [--calls 200]
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from house import House, call
from power_cuts import Disk, run

# The device is at rest when it was not asked for anything for so long.
REST_S = 0.06
REST_LOOKS_MAX = 200


def at_rest(disk):
    """Waits until the stations and the shelf have done with the call before; gives back the count of flushes."""
    last = disk.flushes()
    for _ in range(REST_LOOKS_MAX):
        time.sleep(REST_S)
        now = disk.flushes()
        if now == last:
            return now
        last = now
    raise RuntimeError("the device is never at rest")


def commits(program, data):
    """Batches and records that the engine has on the platter, by its own count."""
    said = subprocess.run([program, "status", "--json", "--data", data], check=True, capture_output=True, text=True).stdout
    metrics = json.loads(said)["metrics"]
    count = lambda name: int(re.search(rf"^huying_batch_records_{name} (\d+)", metrics, re.MULTILINE)[1])
    return count("count"), count("sum")


def count(program, city, calls, folder):
    disk = Disk(f"{folder}/disk", f"{folder}/mount", new=True)
    try:
        data = f"{folder}/mount/data"
        house = House(program, data, city, log=f"{folder}/log")
        key = house.grant()
        first, (batches, records) = at_rest(disk), commits(program, data)
        unflushed = []
        for number in range(calls):
            before = at_rest(disk)
            status, told = house.calls(key, [call(f"flush-{number}")])
            assert status == 201, told
            if disk.flushes() == before:
                unflushed.append(number)
        flushes = at_rest(disk) - first
        batches, records = (now - then for now, then in zip(commits(program, data), (batches, records)))
        assert house.stop() == 0
    finally:
        House.end_all()
        disk.close()
    print(f"{calls} calls answered one after another, {len(unflushed)} of them without a flush at the device; "
          f"{batches} commits of {records} records, {flushes} flush requests ({flushes / batches:.2f} a commit)")
    return 1 if unflushed or flushes < batches else 0


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--program", required=True)
    args.add_argument("--city", required=True)
    args.add_argument("--calls", type=int, default=200)
    asked = args.parse_args()
    try:
        free = os.geteuid() == 0 and os.path.exists("/dev/loop-control") and run("losetup", "--find")
    except (OSError, subprocess.CalledProcessError):
        free = ""
    if not free:
        print("skipped: counting flushes needs root and loop devices", file=sys.stderr)
        return 0
    folder = tempfile.mkdtemp(prefix="huying-flush-")
    try:
        return count(asked.program, asked.city, asked.calls, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
