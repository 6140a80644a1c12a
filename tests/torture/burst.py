"""A pipe bursts, and five thousand people call about it: one case leads, everybody is answered, one unit hears of it once.

Other people call meanwhile about other things; how long each of them waits is measured before and during the burst.
"""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter

from house import House, call

CALLERS = 8
ORDINARY = 200
ORDINARY_PAUSE_S = 0.05
ANSWERED_TIMEOUT_S = 600
LOOK_EVERY_S = 2


def about_the_pipe(number, chance):
    """Within a few metres, in one's own words."""
    words = chance.choice(["井盖被水冲走了，水管爆裂", "水管爆了，井盖冲没了", "路口水管爆裂，井盖没有了", "爆管，井盖不见了"])
    point = {"lon": 123.005 + chance.uniform(-5e-5, 5e-5), "lat": 41.205 + chance.uniform(-5e-5, 5e-5), "system": "wgs84"}
    return dict(call(f"pipe-{number}"), words=words, place={"point": point},
                caller={"number": f"138{number:08d}"})


class Waits(threading.Thread):
    """Somebody else calls, again and again."""

    def __init__(self, house, key, name, pause_s=ORDINARY_PAUSE_S):
        super().__init__(daemon=True)
        self.house, self.key, self.name_of, self.took, self.refused = house, key, name, [], Counter()
        self.pause_s = pause_s

    def run(self):
        for number in range(ORDINARY):
            one = dict(call(f"{self.name_of}-{number}"), condition=None, words=f"想问社保怎么转，第 {number} 位")
            one["class"] = "other"
            one["place"] = {"area": "900001001001002"}
            begun = time.monotonic()
            status, told = self.house.calls(self.key, [one])
            self.took.append(time.monotonic() - begun)
            if status not in (200, 201):
                self.refused[str(told)[:200]] += 1
            time.sleep(self.pause_s)

    def told(self):
        took = sorted(self.took)
        return f"median {took[len(took) // 2] * 1000:.1f} ms, p99 {took[len(took) * 99 // 100] * 1000:.1f} ms"


def submit(house, **act):
    args = [house.program, "submit", "-", "--json", "--data", house.data]
    done = subprocess.run(args, input=json.dumps(act), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def bring(house, key, calls, seed, over_s):
    """Everybody calls, eight at once, evenly over so many seconds; what each was told."""
    chance, left, told, lock = random.Random(seed), iter(range(calls)), {}, threading.Lock()
    begun = time.monotonic()

    def callers():
        while True:
            with lock:
                number = next(left, None)
                one = None if number is None else about_the_pipe(number, chance)
            if one is None:
                return
            # The first ones at one instant: nobody else's call is a case yet.
            if number >= CALLERS:
                time.sleep(max(0, begun + over_s * number / calls - time.monotonic()))
            status, said = house.calls(key, [one])
            with lock:
                told[number] = said["answers"][0].get("case") if status == 201 else f"{status} {said}"

    threads = [threading.Thread(target=callers) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def events(records):
    for _, record in records:
        for part in record["parts"]:
            for event in part["events"]:
                yield part["id"], event["event"], event["data"]


def assigns(record, case):
    return any(id == case and name == "case.assigned/1" for id, name, _ in events([(0, record)]))


def burst(program, city, where, nats, calls, over_s, unit="works"):
    from department import Department
    from echo import read

    data = f"{where}/data"
    house = House(program, data, city, nats=nats)
    key = house.grant()
    args = [program, "nats", "grant", "--json", "--data", data, "--unit", unit]
    account = json.loads(subprocess.run(args, check=True, capture_output=True, text=True).stdout)
    before = Waits(house, key, "before")
    before.run()
    during = Waits(house, key, "during", max(ORDINARY_PAUSE_S, over_s / ORDINARY))
    during.start()
    begun = time.monotonic()
    told = bring(house, key, calls, 1, over_s)
    took = time.monotonic() - begun
    during.join()
    assert not before.refused and not during.refused, (before.refused, during.refused)
    refused = [answer for answer in told.values() if not answer or not answer.startswith("0-")]
    assert not refused, refused[:2]
    assert len(set(told.values())) == calls, "each caller has a case of their own"

    def head():
        said = subprocess.run([program, "verify", "--json", data], capture_output=True, text=True).stdout
        return int(json.loads(said)["head"].split(":")[0])

    records, work = read(house.nats, data, head())
    ours = set(told.values())
    leads = [case for case, name, _ in events(records) if name == "case.registered/1" and case in ours]
    assert len(leads) == 1, f"{len(leads)} cases lead"
    queue = [subject for subject in work if subject.startswith(f"huying.v1.assignment.{unit}.")]
    assert len(queue) == 1, f"{unit} has {len(queue)} messages"
    notice = json.loads(work[queue[0]].data)["seq"]
    given = [seq for seq, record in records if assigns(record, leads[0])]
    assert given == [notice], f"assigned by records {given}, and the message in the queue tells of record {notice}"
    # Each further call moves the lead's version, and no message says so: who signs does not say what it saw.
    department = Department(unit, account, 1, signs=100, settles=100, saw=False)
    department.url = house.nats
    department.start()
    deadline = time.monotonic() + ANSWERED_TIMEOUT_S
    while not any(deed[0] == "resolve" for deed in list(department.done.values())) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert department.done, "the department could not settle it"
    submit(house, case=leads[0], ask="check", person="li", **{"with": {"passed": True, "note": "现场已核实"}})
    submit(house, case=leads[0], ask="answer", person="li",
           **{"with": {"when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "contacted": "来电人", "done": "水管已修好"}})
    answered = Counter()
    while len(answered) < calls and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        records, _ = read(house.nats, data, head())
        answered = Counter(case for case, name, _ in events(records) if name == "case.answered/1" and case in ours)
    assert len(answered) == calls, f"{len(answered)} of {calls} answered"
    assert max(answered.values()) == 1, "somebody was answered twice"
    department.end()
    assert house.stop() == 0
    return (f"{calls} calls in {took:.0f} s: 1 leads, {calls - 1} joined, {len(answered)} answered once each, {unit} told "
            f"once, by record {notice}; other people's calls before: {before.told()}; during: {during.told()}")


if __name__ == "__main__":
    sys.exit("run faults.py --only burst")
