"""An engine in a process of its own, and callers that remember what they were promised."""

import http.client
import json
import os
import random
import signal
import ssl
import subprocess
import threading
import time

SOURCE = "hotline"
CALLS_PER_REQUEST_MAX = 64
ANSWER_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30
# How long the first answer may take, in looks of 10 ms.
FIRST_ANSWER_LOOKS_MAX = 3_000
# How often it is looked whether the engine took a key over.
KEY_LOOKS_MAX = 200


def server_of(data):
    """The NATS server's process, if the folder names one that lives."""
    try:
        with open(f"{data}/nats/server.pid", encoding="utf-8") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return pid if data in file.read() else None
    except (OSError, ValueError):
        return None


def end_server(data):
    """Ends the NATS server that a killed engine left behind, whatever state it is in."""
    pid = server_of(data)
    if pid:
        os.kill(pid, signal.SIGKILL)


class House:
    """A running engine on a folder. `wait=False` leaves it at its start: it may be killed before it is ready."""

    running = set()
    folders = set()

    @classmethod
    def end_all(cls):
        """Ends whatever a trial that broke off has left running, NATS servers that lost their engine among it."""
        for house in list(cls.running):
            house.kill()
        for data in cls.folders:
            end_server(data)

    def __init__(self, program, data, city=None, nats=("--nats", "none"), wait=True, before=(), more=(), log=None):
        self.program, self.data = program, data
        args = [*before, program, "up", "--json", "--data", data, *nats, "--http", "127.0.0.1:0", *more]
        args += ["--city", city] if city else []
        # stderr goes to a file beside the folder: a full pipe would stop the engine.
        self.log = open(log or data.rstrip("/") + ".log", "ab")
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=self.log, text=True)
        House.running.add(self)
        House.folders.add(data)
        if wait:
            self.ready()

    def ready(self):
        line = self.process.stdout.readline()
        told = json.loads(line) if line else {}
        if not told.get("ready"):
            raise RuntimeError(f"the engine did not start: {line.strip()}")
        self.kind, self.address = told["http"].split("://", 1)
        self.nats = told["nats"]

    def grant(self):
        """A key for the feed."""
        args = [self.program, "http", "grant", "--json", "--data", self.data, "--source", SOURCE, "--channel", "call"]
        key = json.loads(subprocess.run(args, check=True, capture_output=True, text=True).stdout)["key"]
        for _ in range(KEY_LOOKS_MAX):
            if self.post(key, "{")[0] != 401:
                return key
            time.sleep(0.05)
        raise RuntimeError("the engine never took the key over")

    def stand_still(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()
        House.running.discard(self)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_TIMEOUT_S)
        self.log.close()
        House.running.discard(self)
        return code

    def calls(self, key, calls):
        """Brings calls, and gives back the answers."""
        return self.post(key, json.dumps(calls))

    def connection(self):
        if self.kind == "http":
            return http.client.HTTPConnection(self.address, timeout=ANSWER_TIMEOUT_S)
        # The certificate of a trial is nobody's.
        trusting = ssl._create_unverified_context()
        return http.client.HTTPSConnection(self.address, timeout=ANSWER_TIMEOUT_S, context=trusting)

    def post(self, key, body):
        link = self.connection()
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

    def __init__(self, house, key, prefix, threads, seed, sizes=(1, 1, 1, 8, CALLS_PER_REQUEST_MAX), pause_s=0):
        self.house, self.key, self.prefix = house, key, prefix
        self.sizes, self.pause_s = sizes, pause_s
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
            size = chance.choice(self.sizes)
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
            elif self.pause_s:
                self.over.wait(self.pause_s)

    def first_answer(self):
        """Waits until somebody was promised something."""
        for _ in range(FIRST_ANSWER_LOOKS_MAX):
            if self.promised:
                return
            time.sleep(0.01)
        raise RuntimeError("nobody was answered")

    def end(self):
        self.over.set()

    def join(self):
        """Waits for the last of them: what they were told is then complete."""
        self.end()
        for thread in self.threads:
            thread.join(ANSWER_TIMEOUT_S)


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
