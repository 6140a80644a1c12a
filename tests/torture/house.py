"""An engine in a process of its own, and callers that remember what they were promised."""

import http.client
import json
import os
import random
import signal
import subprocess
import threading

SOURCE = "hotline"
CALLS_PER_REQUEST_MAX = 64
ANSWER_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30


class House:
    """A running engine on a folder."""

    def __init__(self, program, data, city=None):
        self.program, self.data = program, data
        args = [program, "up", "--json", "--data", data, "--nats", "none", "--http", "127.0.0.1:0"]
        args += ["--city", city] if city else []
        # stderr goes to a file beside the folder: a full pipe would stop the engine.
        self.log = open(data.rstrip("/") + ".log", "ab")
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        told = json.loads(line) if line else {}
        if not told.get("ready"):
            raise RuntimeError(f"the engine did not start: {line.strip()}")
        self.address = told["http"].removeprefix("http://")

    def grant(self):
        """A key for the feed."""
        args = [self.program, "http", "grant", "--json", "--data", self.data, "--source", SOURCE, "--channel", "call"]
        return json.loads(subprocess.run(args, check=True, capture_output=True, text=True).stdout)["key"]

    def stand_still(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_TIMEOUT_S)
        self.log.close()
        return code

    def calls(self, key, calls):
        """Brings calls, and gives back the answers."""
        body = json.dumps(calls)
        link = http.client.HTTPConnection(self.address, timeout=ANSWER_TIMEOUT_S)
        try:
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            link.request("POST", "/v1/calls", body, headers)
            answer = link.getresponse()
            told = json.loads(answer.read())
            return answer.status, told
        finally:
            link.close()


def verify(program, data):
    """Whether the journal is whole, and what `verify` says."""
    done = subprocess.run([program, "verify", "--json", data], capture_output=True, text=True)
    return done.returncode, done.stdout.strip() or done.stderr.strip()


class Callers:
    """Threads that bring calls as fast as they are answered; `promised` is what they were told."""

    def __init__(self, house, key, prefix, threads, seed):
        self.house, self.key, self.prefix = house, key, prefix
        self.promised, self.sent = {}, 0
        self.lock, self.over = threading.Lock(), threading.Event()
        self.threads = [
            threading.Thread(target=self._bring, args=(number, random.Random(f"{seed}-{number}")), daemon=True)
            for number in range(threads)
        ]
        for thread in self.threads:
            thread.start()

    def _bring(self, thread, chance):
        number = 0
        while not self.over.is_set():
            size = chance.choice([1, 1, 1, 8, CALLS_PER_REQUEST_MAX])
            calls = [call(f"{self.prefix}-{thread}-{number + n}") for n in range(size)]
            number += size
            with self.lock:
                self.sent += size
            try:
                status, told = self.house.calls(self.key, calls)
            except (OSError, http.client.HTTPException, ValueError):
                return
            # An answer that arrives counts as a promise, even while the engine is being stopped.
            with self.lock:
                for one, answer in zip(calls, told.get("answers", [])):
                    if answer.get("answer") == "taken":
                        self.promised[one["external_id"]] = answer["case"]
            if status not in (200, 201, 207):
                self.over.wait(0.01)

    def end(self):
        self.over.set()


def call(external_id):
    """A call; the same id has the same body, so that it can be brought again."""
    return {
        "external_id": external_id,
        "class": "road.manhole",
        "condition": "missing",
        "words": f"路口缺井盖，编号 {external_id}",
        "place": {"area": "900001001001001"},
        "caller": {"number": "13900000000"},
    }


def broken_promises(house, key, promised):
    """Brings every promised call again: each has to be there already, once, as the same case."""
    wrong, names = [], list(promised)
    for start in range(0, len(names), CALLS_PER_REQUEST_MAX):
        some = names[start : start + CALLS_PER_REQUEST_MAX]
        _, told = house.calls(key, [call(name) for name in some])
        for name, answer in zip(some, told["answers"]):
            if answer.get("case") != promised[name] or not answer.get("repeat"):
                wrong.append((name, promised[name], answer))
    return wrong
