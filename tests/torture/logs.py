"""Reads what the program logs at its loudest, and looks for what may stand in no log: callers' numbers, names, addresses
and words, keys, passwords and tokens.

An engine with a NATS server of its own logs at trace level while feeds bring calls over HTTP and NATS (some of which cannot
be taken), a resident reports and looks at the case, somebody signs in, a department works over NATS and reads the caller's number. Then
an hour of the demo city is played with every station in a process of its own. All that is known to be secret is looked for
in every file that was logged to, and whatever looks like a telephone number besides.

    logs.py --program PROGRAM --city CITY
"""

import argparse
import asyncio
import base64
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from house import House, call

try:
    import nats
    from department import Department
except ImportError as absent:
    print(f"skipped: {absent}; `make clients` brings it", file=sys.stderr)
    sys.exit(0)

LOUD = "HUYING_LOG=trace"
CALLER = {"number": "13987654321", "name": "欧阳百合", "home": "梧桐里九十九号"}
WORDS = "水管爆裂漫到紫藤架下"
RESIDENT = {"number": "18612345670", "name": "司徒青松", "home": "银杏巷七十七号"}
RESIDENT_WORDS = "井盖塌在玉兰树旁"
# Eleven digits of a mobile telephone that stand by themselves.
NUMBER = re.compile(rb"(?<![0-9a-zA-Z.])1[3-9][0-9]{9}(?![0-9a-zA-Z])")
HITS_SHOWN_MAX = 5
UNIT = "works"
FEED = "exchange"
# How long the engine may take to listen to a feed that was granted just now.
LISTENING_LOOKS_MAX = 100
LISTENING_LOOK_S = 0.1
# What the callers of the demo are called.
DEMO_NAME = "演示居民"


def told(program, *args, **more):
    done = subprocess.run([program, *args], capture_output=True, text=True, check=True, **more)
    return json.loads(done.stdout)


def ask(house, method, path, body=None, **headers):
    link = http.client.HTTPConnection(house.address, timeout=30)
    try:
        text = None if body is None else json.dumps(body)
        link.request(method, path, text, {"Content-Type": "application/json", **headers})
        answer = link.getresponse()
        said = answer.read()
        return answer.status, json.loads(said) if said[:1] in (b"{", b"[") else said, answer.getheader("Set-Cookie") or ""
    finally:
        link.close()


class Reads(Department):
    """A department that reads the caller's number of each case that it takes up."""

    numbers = 0

    async def _take_up(self, link, message):
        case = json.loads(message.data)["case"]
        body = {"id": f"reveal-{case}", "case": case, "person": "clerk-1",
                "deed": {"verb": "reveal", "with": {"purpose": "联系来电人"}}}
        answer = await self.request(link, "reveal", json.dumps(body).encode())
        self.numbers += CALLER["number"] in str(answer) or RESIDENT["number"] in str(answer)
        # Whoever has settled a case holds it no longer, and is told nothing.
        await super()._take_up(link, message)


async def asked(link, subject, body):
    """The answer; an account that was granted a moment ago may be there before the engine listens to it."""
    for _ in range(LISTENING_LOOKS_MAX):
        try:
            return await link.request(subject, body, timeout=10)
        except nats.errors.NoRespondersError:
            await asyncio.sleep(LISTENING_LOOK_S)
    raise RuntimeError(f"nobody listens to {subject}")


def over_nats(house, account, calls):
    """Brings calls as a request and into the durable inbox."""
    async def bring():
        user = account["user"]
        link = await nats.connect(house.nats, user=user, password=account["password"], inbox_prefix=f"_INBOX_{user}".encode())
        answer = await asked(link, f"huying.v1.intake.{FEED}.call", json.dumps(calls).encode())
        await link.publish(f"huying.v1.inbox.{FEED}.call", json.dumps([dict(calls[0], external_id="log-inbox")]).encode())
        await link.publish(f"huying.v1.inbox.{FEED}.call", json.dumps(calls).encode()[:-3])
        await link.flush()
        await link.close()
        return json.loads(answer.data)

    return asyncio.run(bring())


def live(program, city, where, nats_server):
    """Everything that anybody does with a secret; what the secrets were."""
    data = f"{where}/data"
    house = House(program, data, city, nats=nats_server, before=("env", LOUD), log=f"{where}/live.log")
    key = house.grant()
    account = told(program, "nats", "grant", "--json", "--data", data, "--unit", UNIT)
    person = told(program, "account", "add", "--json", "--data", data, "--name", "li", "--unit", "centre", "--role", "dispatcher")
    department = Reads(UNIT, account, 1, signs=100, settles=100)
    department.url = house.nats
    department.start()
    some = dict(call("log-1"), caller=CALLER, words=WORDS)
    assert house.calls(key, [some])[0] == 201
    feed = told(program, "nats", "grant", "--json", "--data", data, "--source", FEED)
    answers = over_nats(house, feed, [some, dict(some, external_id="log-3", caller={**CALLER, "nubmer": CALLER["number"]})])
    assert [answer["answer"] for answer in answers["answers"]] == ["taken", "refused"], answers
    # What is refused is read too.
    assert house.calls(key, [dict(some, external_id="log-2", caller={**CALLER, "nubmer": CALLER["number"]})])[0] != 201
    assert house.calls(key[:-1] + ("0" if key[-1] != "0" else "1"), [some])[0] == 401
    house.post(key, json.dumps([some])[:-3])
    status, session, cookie = ask(house, "POST", "/v1/session", {"account": "li", "password": person["password"]})
    assert status in (200, 201), (status, session)
    cookie = cookie.split(";")[0]
    ask(house, "POST", "/v1/session", {"account": "li", "password": person["password"][:-1]})
    assert ask(house, "GET", "/v1/board", Cookie=cookie)[0] == 200
    report = {"class": "road.manhole", "condition": "missing", "words": RESIDENT_WORDS, "caller": RESIDENT,
              "place": {"area": "900001001001001"}}
    status, reported, _ = ask(house, "POST", "/v1/resident/reports", report)
    assert status == 201, reported
    assert ask(house, "GET", f"/v1/resident/cases/{reported['token']}")[0] == 200
    ask(house, "GET", f"/v1/resident/cases/{reported['token'][:-1]}")
    ask(house, "POST", "/v1/resident/status", {"case": reported["case"], "number_end": RESIDENT["number"][-4:]})
    for _ in range(300):
        if department.numbers >= 2:
            break
        department.join(0.1)
    assert department.numbers >= 2, "the department never read a number"
    department.end()
    assert house.stop() == 0
    secrets = {"a key": key, "a password": person["password"], "a session": cookie.partition("=")[2],
               "a resident's token": reported["token"], "a NATS password": account["password"], "a feed's NATS password": feed["password"]}
    with open(f"{data}/nats/accounts.toml", encoding="utf-8") as accounts:
        for number, password in enumerate(re.findall(r'password = "(.+)"', accounts.read())):
            secrets[f"NATS password {number}"] = password
    for name in ("keys/master.key", "files.key", "resident.key"):
        with open(f"{data}/{name}", "rb") as file:
            raw = file.read()
        secrets |= {f"{name} in hexadecimal": raw.hex(), f"{name} in base64": base64.b64encode(raw).decode().rstrip("="),
                    f"{name} as a list": str(list(raw))[1:-1]}
    for who, said in ((CALLER, WORDS), (RESIDENT, RESIDENT_WORDS)):
        secrets |= {f"{what} {text}": text for what, text in who.items()} | {f"words {said}": said}
    assert all(secrets.values()), [name for name, secret in secrets.items() if not secret]
    return data, secrets


def demo(program, where, nats_server):
    data = f"{where}/demo"
    args = ["demo", "--hours", "1", "--speed", "max", "--processes", "--headless", "--json", "--data", data, *nats_server]
    with open(f"{where}/demo.log", "wb") as log:
        subprocess.run(["env", LOUD, program, *args], check=True, stdout=subprocess.DEVNULL, stderr=log)
    return data


def forms(secret):
    """A secret as it may stand in a log: in letters, escaped as JSON does it, or byte by byte as Rust does it."""
    raw = secret.encode()
    in_bytes = "".join(chr(byte) if byte < 128 else f"\\x{byte:02x}" for byte in raw)
    return {raw, json.dumps(secret)[1:-1].encode(), json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(), in_bytes.encode()}


def logged(*places):
    """Every file that was logged to."""
    for place in places:
        if os.path.isfile(place):
            yield place
        for folder, _, names in os.walk(place):
            yield from (os.path.join(folder, name) for name in names if name.endswith(".log"))


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--program", required=True)
    args.add_argument("--city", required=True)
    args.add_argument("--nats-server")
    asked = args.parse_args()
    server = ("--nats-server", asked.nats_server) if asked.nats_server else ()
    where = tempfile.mkdtemp(prefix="huying-logs-")
    found, looked, lines = [], 0, 0
    try:
        data, secrets = live(asked.program, asked.city, where, server)
        played = demo(asked.program, where, server)
        secrets["the name of a demo caller"] = DEMO_NAME
        wanted = [(name, form) for name, secret in secrets.items() for form in forms(secret)]
        for path in logged(f"{where}/live.log", f"{where}/demo.log", data, played):
            looked += 1
            with open(path, "rb") as file:
                for number, line in enumerate(file, start=1):
                    lines += 1
                    for name, form in wanted:
                        if form in line:
                            found.append(f"{os.path.relpath(path, where)}:{number} holds {name}: {line[:160]!r}")
                    if NUMBER.search(line):
                        found.append(f"{os.path.relpath(path, where)}:{number} holds a number: {line[:300]!r}")
    finally:
        House.end_all()
        shutil.rmtree(where, ignore_errors=True)
    for one in found[:HITS_SHOWN_MAX]:
        print(one)
    print(f"{lines} lines in {looked} files, {len(secrets)} secrets looked for, {len(found)} found")
    return 1 if found or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
