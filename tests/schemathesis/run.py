"""Lets schemathesis loose on /openapi.json of an engine of its own: whatever is sent, no answer is a fault of the
server, and each is of the form that the document promises.

    .venv/bin/python run.py --program ../../target/debug/huying --city ../../deploy/cities/sample
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# What would end the run's own session, or never ends by itself.
LEFT_OUT = [("DELETE", "/v1/session"), ("POST", "/v1/session/password"), ("POST", "/v1/session/totp"), ("GET", "/v1/live")]
ROLES = ["call_taker", "handler", "dispatcher", "supervisor", "checker", "auditor", "operator"]
ENDS_WITHIN_S = 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the built program")
    parser.add_argument("--city", required=True, help="a city's folder")
    parser.add_argument("--examples", type=int, default=30, help="most examples for each operation")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def post(origin, path, body, headers=None):
    headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(origin + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer), answer.headers


def signed_in(program, data, origin):
    """The headers of somebody who is everything at once."""
    roles = [word for role in ROLES for word in ("--role", role)]
    made = subprocess.run(
        [program, "account", "add", "--json", "--data", data, "--name", "everybody", "--unit", "centre", "--cleared", "sensitive", *roles],
        check=True,
        capture_output=True,
        text=True,
    )
    said, headers = post(origin, "/v1/session", {"account": "everybody", "password": json.loads(made.stdout)["password"]})
    return {"Cookie": headers["Set-Cookie"].split(";")[0], "X-Huying-CSRF": said["csrf"]}


def run(args, origin, headers):
    command = [str(HERE / ".venv/bin/st"), "run", f"{origin}/openapi.json", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", str(args.examples), "--seed", str(args.seed), "--continue-on-failure", "--request-timeout", "60"]
    command += ["--suppress-health-check", "all", "--warnings", "off", "--output-truncate", "true", "--report-dir", tempfile.mkdtemp()]
    for name, value in headers.items():
        command += ["-H", f"{name}:{value}"]
    left_out = "|".join(sorted({f"^{method} {path}$" for method, path in LEFT_OUT}))
    command += ["--exclude-name-regex", left_out]
    return subprocess.run(command, cwd=tempfile.gettempdir()).returncode


def main():
    args = arguments()
    program = str(Path(args.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "data")
        engine = subprocess.Popen(
            [program, "up", "--json", "--data", data, "--city", str(Path(args.city).resolve()), "--http", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            told = json.loads(engine.stdout.readline())
            origin = told["http"]
            headers = signed_in(program, data, origin)
            for n in range(5):
                call = {"external_id": f"S-{n}", "class": "road.pothole", "words": "路坏了", "place": {"area": "900001001001001"}}
                try:
                    post(origin, "/v1/calls?channel=call", call, headers)
                except urllib.error.HTTPError as refused:
                    print("a call was refused:", refused.read().decode(), file=sys.stderr)
            code = run(args, origin, headers)
            alive = urllib.request.urlopen(f"{origin}/readyz", timeout=30).status == 200
        finally:
            engine.send_signal(signal.SIGTERM)
            ended = engine.wait(timeout=ENDS_WITHIN_S)
    if not alive or ended != 0:
        sys.exit(f"the engine did not outlive it: ready {alive}, ended with {ended}")
    sys.exit(code)


main()
