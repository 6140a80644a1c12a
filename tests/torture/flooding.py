"""A flood: requests as fast as they are answered, none of which may cost anybody else their answer.

Some guess at callers' numbers without having signed in, some bring calls under a wrong key, some bring what is no call
under the right one, some look at the board without an account. At the end of its input the flood ends, and says how
often each was answered with what.
"""

import http.client
import itertools
import json
import sys
import threading
from collections import Counter

CONNECTIONS_EACH = 4
TIMEOUT_S = 30
FIRST_GUESS = 1_000_000


def guess(number):
    """Each at another case, so that it is the address that has had enough and not the case; none of them exists."""
    return json.dumps({"case": f"0-{FIRST_GUESS + number}", "number_end": "4321"})


def kinds(key):
    """What is asked, as (name, method, path, body or what makes the nth, key)."""
    return [
        ("guesses", "POST", "/v1/resident/status", guess, None),
        ("wrong key", "POST", "/v1/calls", "[]", "huying_0000000000000000"),
        ("no call", "POST", "/v1/calls", '{"external_id": "flood"', key),
        ("no account", "GET", "/v1/board", None, None),
    ]


def pour(address, kind, told, over):
    name, method, path, body, key = kind
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    link = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    for number in itertools.count():
        if over.is_set():
            return
        try:
            link.request(method, path, body(number) if callable(body) else body, headers)
            answer = link.getresponse()
            answer.read()
            told[f"{name} {answer.status}"] += 1
        except (OSError, http.client.HTTPException):
            told[f"{name} put out"] += 1
            link.close()


def main(address, key):
    over, counts = threading.Event(), [Counter() for _ in range(CONNECTIONS_EACH * len(kinds(key)))]
    threads = [threading.Thread(target=pour, args=(address, kinds(key)[n % len(kinds(key))], told, over))
               for n, told in enumerate(counts)]
    for thread in threads:
        thread.start()
    print("flooding", flush=True)
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps(dict(sorted(sum(counts, Counter()).items()))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
