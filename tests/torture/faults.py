"""What else goes wrong with a machine, each tried on the running program: a second engine on the folder, a disk that is
full or read-only, a clock that is a day off, ten thousand clients that hang, a flood of requests that must not be served,
a department that takes its work and never acknowledges it, a way to NATS that is cut in one direction.

    faults.py --program PROGRAM --city CITY [--only NAME …]

Each prints what it tried and ends with `passed`, `FAILED` and why, or `skipped` and what is missing here. A full and a
read-only disk need root (a tmpfs is mounted), the clock needs libfaketime: it is the engine's that is wrong, never the
machine's.
"""

import argparse
import glob
import http.client
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from house import CALLS_PER_REQUEST_MAX, Callers, House, broken_promises, call, verify
from proxy import Proxy

SMALL_DISK = "size=160m"
DISK_FULL_TIMEOUT_S = 120
DAY_S = 86_400
HANGING = 10_000
HANGING_CALLS = 30
HANGING_P99_MAX_S = 20
# How often real callers may be put out with the crowd before the trial is lost.
AGAIN_MAX = 10
FLOOD_CALLS = 100
FLOODED_MAX_S = 20
# A real caller from another address than the flood's.
ELSEWHERE = "127.0.0.2"
# What the door lets one address ask in a minute without having signed in.
GUESSES_A_MINUTE_MAX = 60
ONE_WAY_S = 4
# The limit in that trial is a minute, and half of it may pass unseen.
SILENCE_SHOWN_MAX_S = 58
ANSWERED_MAX_S = 30
BURST_CALLS = 5_000
BURST_S = 0
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NATS = ("--nats-server", os.path.join(ROOT, "tools", "nats-server")) if not shutil.which("nats-server") else ()


class Skipped(Exception):
    pass


def refuses(program, data, code, city=None):
    """Starts the engine where it must not start: the code, and a sentence in each language."""
    said = []
    for lang, is_right in (("zh", lambda text: not text.isascii()), ("en", lambda text: bool(text.strip()))):
        args = [program, "up", "--data", data, "--nats", "none", "--http", "none", "--lang", lang]
        done = subprocess.run(args + (["--city", city] if city else []), capture_output=True, text=True, timeout=60)
        assert done.returncode == code, (done.returncode, done.stderr)
        assert is_right(done.stderr), done.stderr
        said.append(done.stderr.strip().splitlines()[0])
    return said


def two_engines(program, city, where):
    data = f"{where}/data"
    house = House(program, data, city)
    key = house.grant()
    callers = Callers(house, key, "two", 2, 1)
    callers.first_answer()
    said = refuses(program, data, 3)
    callers.join()
    assert callers.promised and not broken_promises(house, key, callers.promised)
    assert house.stop() == 0 and verify(program, data)[0] == 0
    return f"{len(callers.promised)} calls meanwhile, none lost; the second said: {said[1]}"


class Tmpfs:
    def __init__(self, where):
        if os.geteuid() != 0:
            raise Skipped("mounting a small disk needs root")
        self.where = where
        os.makedirs(where)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", where], capture_output=True).returncode:
            raise Skipped("no tmpfs can be mounted here")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.where], check=True)

    def again(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.where], check=True)


def full_disk(program, city, where):
    with Tmpfs(f"{where}/disk"):
        data = f"{where}/disk/data"
        house = House(program, data, city, log=f"{where}/log")
        key = house.grant()
        callers = Callers(house, key, "full", 2, 1, sizes=(CALLS_PER_REQUEST_MAX,))
        callers.first_answer()
        filler = f"{where}/disk/filler"
        with open(filler, "wb") as file:
            while True:
                try:
                    file.write(b"0" * 65_536)
                    file.flush()
                except OSError:
                    break
        code = house.process.wait(DISK_FULL_TIMEOUT_S)
        callers.join()
        with open(f"{where}/log", encoding="utf-8", errors="replace") as log:
            said = log.read()
        assert code == 4, (code, said)
        assert "引擎已停止" in said or "The engine has stopped" in said, said
        # A start needs room for what it makes: it says so, or goes on with what there is, and loses nothing.
        os.remove(filler)
        house = House(program, data)
        assert not (wrong := broken_promises(house, key, callers.promised)), wrong[:3]
        assert house.stop() == 0 and verify(program, data)[0] == 0
        return f"stopped with {code} and said so; {len(callers.promised)} answered calls, none lost"


def read_only_disk(program, city, where):
    with Tmpfs(f"{where}/disk") as disk:
        data = f"{where}/disk/data"
        house = House(program, data, city)
        key = house.grant()
        callers = Callers(house, key, "ro", 2, 1)
        callers.first_answer()
        callers.join()
        house.kill()
        disk.again("ro")
        said = refuses(program, data, 2)
        refuses(program, f"{where}/disk/other", 2, city)
        assert verify(program, data)[0] == 0, "verify reads only"
        disk.again("rw")
        house = House(program, data)
        assert not broken_promises(house, key, callers.promised)
        assert house.stop() == 0
        return f"{len(callers.promised)} answered calls, none lost; it said: {said[1]}"


def wrong_clock(program, city, where):
    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
    if not library:
        raise Skipped("no libfaketime (the package faketime)")
    data, offset = f"{where}/data", f"{where}/offset"

    def set_clock(seconds):
        with open(f"{offset}.new", "w", encoding="utf-8") as file:
            file.write(f"{seconds:+d}s")
        os.rename(f"{offset}.new", offset)

    def status(*more):
        args = [program, "status", "--json", "--data", data, *more]
        return json.loads(subprocess.run(args, check=True, capture_output=True, text=True).stdout)

    before = ["env", f"LD_PRELOAD={library}", f"FAKETIME_TIMESTAMP_FILE={offset}", "FAKETIME_NO_CACHE=1",
              "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"]
    set_clock(0)
    promised, told = {}, []

    def bring(house, key, name):
        _, said = house.calls(key, [call(f"{name}-{n}") for n in range(20)])
        for n, answer in enumerate(said["answers"]):
            assert answer["answer"] == "taken", (name, answer)
            promised[f"{name}-{n}"] = answer["case"]

    house = House(program, data, city, before=before)
    key = house.grant()
    bring(house, key, "right")
    set_clock(DAY_S)
    time.sleep(2)
    bring(house, key, "ahead")
    now = status()
    assert now["clock_held"], now
    confirmed = status("--confirm-clock")
    assert not confirmed["clock_held"] and not status()["clock_held"], confirmed
    told.append("a day ahead under it: timers held, 20 calls taken, and they go on when a person says that it is right")
    set_clock(0)
    time.sleep(1)
    bring(house, key, "right again")
    assert house.stop() == 0
    for name, seconds in (("a day back", -DAY_S), ("a day ahead", DAY_S), ("right", 0)):
        set_clock(seconds)
        house = House(program, data, before=before)
        bring(house, key, name)
        assert not (wrong := broken_promises(house, key, promised)), wrong[:3]
        told.append(f"started {name}: 20 calls taken, clock held: {status()['clock_held']}")
        assert house.stop() == 0
    assert verify(program, data)[0] == 0
    return "; ".join(told)


def timed(house, key, name, count):
    """How long each call takes to be answered, and how often one was put out and came again, as clients do."""
    took, again = [], 0
    for number in range(count):
        begun = time.monotonic()
        while True:
            try:
                status, _ = house.calls(key, [call(f"{name}-{number}")])
                break
            except (ConnectionError, http.client.HTTPException):
                again += 1
                assert again <= AGAIN_MAX, f"{again} times put out in {number + 1} calls"
        assert status in (200, 201), status
        took.append(time.monotonic() - begun)
    took.sort()
    return took, again


def hanging(program, city, where, tls=False):
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < HANGING + 100:
        raise Skipped(f"fewer than {HANGING} open files are allowed here")
    house = House(program, f"{where}/data", city, more=certificate(where) if tls else ())
    key = house.grant()
    time.sleep(1)
    quiet, _ = timed(house, key, "quiet", HANGING_CALLS)
    crowd = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hanging.py")
    crowd = [sys.executable, crowd, house.address, str(HANGING), *(["tls"] if tls else [])]
    crowd = subprocess.Popen(crowd, stdout=subprocess.PIPE, text=True)
    try:
        crowd.stdout.readline()
        time.sleep(3)
        crowded, again = timed(house, key, "crowded", HANGING_CALLS)
    finally:
        crowd.kill()
        crowd.wait()
    assert crowded[-1] < HANGING_P99_MAX_S, crowded
    assert house.stop() == 0
    return (f"{HANGING_CALLS} calls alone: median {quiet[len(quiet) // 2]:.3f} s, worst {quiet[-1]:.3f} s; "
            f"beside {HANGING} that hang: median {crowded[len(crowded) // 2]:.3f} s, worst {crowded[-1]:.3f} s, {again} came again")


def certificate(where):
    """Arguments with a certificate that this trial makes for itself."""
    if not shutil.which("openssl"):
        raise Skipped("no openssl here to make a certificate")
    made, key = f"{where}/door.pem", f"{where}/door.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", "/CN=door", "-out", made, "-keyout", key], check=True, capture_output=True)
    return "--tls-cert", made, "--tls-key", key


def hanging_over_tls(program, city, where):
    return hanging(program, city, where, tls=True)


def flood(program, city, where):
    """Some hammer at every door; a feed's calls and a resident from elsewhere are answered all the same."""
    house = House(program, f"{where}/data", city)
    key = house.grant()
    quiet, _ = timed(house, key, "quiet", FLOOD_CALLS)
    water = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flooding.py")
    water = subprocess.Popen([sys.executable, water, house.address, key], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True)
    try:
        water.stdout.readline()
        begun = time.monotonic()
        flooded, again = timed(house, key, "flooded", FLOOD_CALLS)
        # Whoever comes from another address is counted apart.
        link = http.client.HTTPConnection(house.address, timeout=ANSWERED_MAX_S, source_address=(ELSEWHERE, 0))
        link.request("POST", "/v1/resident/status", json.dumps({"case": "0-2", "number_end": "0000"}),
                     {"Content-Type": "application/json"})
        resident = link.getresponse().status
        said, _ = water.communicate("", timeout=ANSWERED_MAX_S)
        took = time.monotonic() - begun
    finally:
        water.kill()
        water.wait()
    told = json.loads(said)
    let_in = [name for name in told if name.split()[-1].startswith("2")]
    assert not let_in, told
    guessed = told.pop("guesses 404", 0)
    # A minute may end meanwhile, and the count begins anew.
    most = GUESSES_A_MINUTE_MAX * (2 + took // 60)
    assert GUESSES_A_MINUTE_MAX <= guessed <= most, f"{guessed} guesses were looked at in {took:.0f} s"
    assert told.get("guesses 429"), told
    assert resident == 200, f"who knows the number of the case was answered {resident}"
    assert flooded[-1] < FLOODED_MAX_S, flooded
    assert house.stop() == 0
    return (f"{FLOOD_CALLS} calls alone: median {quiet[len(quiet) // 2]:.3f} s, worst {quiet[-1]:.3f} s; in a flood of "
            f"{sum(told.values()) / took:.0f} requests a second, all refused ({guessed} guesses looked at): median "
            f"{flooded[len(flooded) // 2]:.3f} s, worst {flooded[-1]:.3f} s, {again} came again")


def never_acks(program, city, where):
    """A department's software takes its work and says nothing: the board says so before its first limit passes, and
    nobody else waits for it."""
    try:
        from department import Department
        from kills import SILENT, UNIT, for_the_silent, hasty
    except ImportError as absent:
        raise Skipped(f"{absent}; `make clients` brings it") from absent
    data = f"{where}/data"
    house = House(program, data, hasty(city, f"{where}/city"), nats=NATS)
    key = house.grant()

    def department(unit, **how):
        args = [program, "nats", "grant", "--json", "--data", data, "--unit", unit]
        account = json.loads(subprocess.run(args, check=True, capture_output=True, text=True).stdout)
        found = Department(unit, account, 1, signs=100, settles=100, **how)
        found.url = house.nats
        found.start()
        return found

    def status():
        args = [program, "status", "--json", "--data", data]
        return json.loads(subprocess.run(args, check=True, capture_output=True, text=True).stdout)

    silent, busy = department(UNIT, acks=False), department(SILENT)
    house.calls(key, [call(f"acks-{number}") for number in range(CALLS_PER_REQUEST_MAX)])
    begun, number = time.monotonic(), 0
    while UNIT not in str((now := status())["silent"]):
        assert time.monotonic() - begun < SILENCE_SHOWN_MAX_S, now["silent"]
        house.calls(key, [for_the_silent(f"busy-{number}")])
        number += 1
        time.sleep(0.5)
    shown = time.monotonic() - begun
    assert now["open"]["breached"] == 0, now["open"]
    assert SILENT not in str(now["silent"]), now["silent"]
    deadline = time.monotonic() + ANSWERED_MAX_S
    while len(busy.done) < 2 * number and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(busy.done) == 2 * number, f"{len(busy.done)} deeds of {2 * number}"
    assert len(silent.cases) == CALLS_PER_REQUEST_MAX, len(silent.cases)
    silent.end()
    busy.end()
    assert house.stop() == 0 and verify(program, data)[0] == 0
    return (f"{len(silent.cases)} taken and none acknowledged: on the board after {shown:.0f} s, before any of its limits of a "
            f"minute passed; beside it {number} cases signed and settled by another")


def one_way(program, city, where):
    """The engine joins a server through a way that is cut in one direction, then in the other, while calls come in."""
    try:
        from echo import engine_account, faults_of, read
    except ImportError as absent:
        raise Skipped(f"{absent}; `make clients` brings it") from absent
    data = f"{where}/data"
    house = House(program, data, city, nats=NATS)
    key, url = house.grant(), house.nats
    assert house.stop() == 0
    server = shutil.which("nats-server") or os.path.join(ROOT, "tools", "nats-server")
    server = subprocess.Popen([server, "-c", f"{data}/nats/server.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    password = f"{where}/password"
    with open(password, "w", encoding="utf-8") as file:
        file.write(engine_account(data)["password"])
    os.chmod(password, 0o600)
    proxy = Proxy(("127.0.0.1", int(url.rsplit(":", 1)[1])))
    joined = ["--nats", f"nats://127.0.0.1:{proxy.port}", "--nats-user", "engine", "--nats-password-file", password]
    promised = {}
    try:
        house = House(program, data, nats=joined)
        for number, direction in enumerate(("there", "back", "there", "back")):
            callers = Callers(house, key, f"way-{number}", 2, number, (1, 4), 0.02)
            callers.first_answer()
            time.sleep(0.5)
            proxy.cut(direction)
            before = len(callers.promised)
            time.sleep(ONE_WAY_S)
            assert len(callers.promised) > before, f"calls stopped with the way {direction}"
            proxy.heal()
            time.sleep(0.5)
            callers.join()
            promised |= callers.promised
        assert not (wrong := broken_promises(house, key, promised)), wrong[:3]
        head = int(json.loads(verify(program, data)[1])["head"].split(":")[0])
        records, _ = read(url, data, head)
        faults, registered, _ = faults_of(records)
        assert len(records) >= head and not faults, (len(records), head, faults[:3])
        assert set(promised.values()) <= set(registered)
        assert house.stop() == 0
    finally:
        server.kill()
        server.wait()
    return f"4 cuts of {ONE_WAY_S} s, {len(promised)} calls answered meanwhile; the echo holds all {len(records)} records once"


def burst_pipe(program, city, where):
    try:
        from burst import burst
        return burst(program, city, where, NATS, BURST_CALLS, BURST_S)
    except ImportError as absent:
        raise Skipped(f"{absent}; `make clients` brings it") from absent


TRIALS = {
    "two-engines": two_engines, "full-disk": full_disk, "read-only": read_only_disk, "clock": wrong_clock,
    "hanging": hanging, "hanging-over-tls": hanging_over_tls, "flood": flood, "never-acks": never_acks,
    "one-way": one_way, "burst": burst_pipe,
}


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--program", required=True)
    args.add_argument("--city", required=True)
    args.add_argument("--burst", type=int, default=5_000, help="how many call about one pipe")
    args.add_argument("--burst-s", type=int, default=0, help="within how many seconds; else as fast as they are answered")
    args.add_argument("--only", nargs="*", choices=TRIALS, default=list(TRIALS))
    asked = args.parse_args()
    global BURST_CALLS, BURST_S
    BURST_CALLS, BURST_S = asked.burst, asked.burst_s
    failed = 0
    for name in asked.only:
        where = tempfile.mkdtemp(prefix="huying-fault-")
        try:
            print(f"{name}: passed: {TRIALS[name](asked.program, asked.city, where)}", flush=True)
            shutil.rmtree(where, ignore_errors=True)
        except Skipped as missing:
            print(f"{name}: skipped: {missing}", flush=True)
        except Exception as why:
            # Whatever broke, the next is tried all the same.
            failed += 1
            House.end_all()
            print(f"{name}: FAILED: {why!r} ({where})", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
