"""Lets a fuzzer loose on every parser and on days that it makes up, a while each, and says what came of it.

Needs cargo-fuzz (`cargo install cargo-fuzz`) and a C++ compiler. No nightly toolchain is needed: no sanitizer is asked
for, since the project has no `unsafe` of its own to watch, and what a fuzzer can find here are panics, endless loops,
runaway memory and broken laws. Debug assertions and overflow checks are on.

Seeds are made of the project's own files (rule files, profiles, golden journals) and of the folder `corpus`, in which
each input stands that once found something. What a run finds new stays in the target folder, as does all that the
fuzzer says.
"""

import argparse
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGETS = ["calls", "rows", "profile", "outlines", "rules", "calendar", "payloads", "records", "names", "asks", "days"]
# Inputs longer than this are cut before they are tried: every bound of a door lies below, but for files of rules.
INPUT_BYTES_MAX = 8192
# One input that takes longer is a finding, as is a process that grows beyond this.
INPUT_MAX_S = 10
MEMORY_MAX_MB = 2048
RECORDS_MAX = 40
DAYS = 24

CALL = """{"external_id":"c-1","kind":"help","class":"noise.neighbour","condition":"night","words":"打 13912345678 找张三",
"place":{"point":{"lon":121.4,"lat":37.5,"system":"gcj02"},"address":"和平路 8 号","area":"211081001001001"},
"caller":{"number":"13912345678","name":"张三","home":"和平路 8 号"},"occurred_at":"2026-11-22T01:02:03Z",
"confidential":true,"accused":"water","department":"urban","promised_by":"2026-11-23T01:02:03Z"}"""
OUTLINES = """{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":211081001001001,"name":"甲"},
"geometry":{"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[2,2],[4,2],[4,4],[2,4],[2,2]]]}},
{"type":"Feature","properties":{"code":"211081001001002","name":"乙"},"geometry":{"type":"MultiPolygon",
"coordinates":[[[[10,0],[20,0],[20,10],[10,0]]]]}}]}"""
BOSTON = (
    "case_enquiry_id,open_dt,target_dt,closed_dt,ontime_status,case_status,subject,reason,type,queue,department,ward,"
    "precinct,neighborhood,latitude,longitude,source\n"
    "101,2015-07-01T09:00:00,2015-07-03T08:30:00,,ONTIME,Open,Works,Street,Pothole,q,PWDx,Ward 7,1,N,42.3,-71.0,App\n"
    '102,2015-11-01T01:30:00,,2015-07-01T10:00:00,OVERDUE,Closed,"a ""b""\nc",Street,x,q,PWDx,7,1,N,0,0,City\n'
)
NAMES = [
    "0-7", "211081001001001", "grid-1-1", "noise.neighbour", "callback-list", "2026-11-22T01:02:03+08:00", "3wd", "15um",
    "1uh", "0" * 64, "source,device,kind,area,silent_s\nbox,d-1,smoke,211081001001001,3600\n", "打 13912345678 找张三先生",
    "身份证 210102199001011234，邮箱 a@b.cn",
]
DEEDS = [
    '{"verb":"accept"}', '{"verb":"escalate","with":{"reason":"难"}}', '{"verb":"resolve","with":{"result":"好了"}}',
    '{"verb":"return","with":{"ground":"not_ours","reason":"不是","proposed":"water"}}',
    '{"verb":"arrive","with":{"point":{"lon":121.4,"lat":37.5,"system":"bd09"}}}',
]
SUBJECTS = ["intake.box.call", "as.grid-1-1.accept", "assignment.water.0-7", "record.0-7", "tell.sms", "notice.water.reminder"]
ASKS = [
    '{"ask":"accept"}', '{"ask":"progress","with":{"note":"在路上"}}', '{"ask":"escalate","with":{"reason":"难"}}',
    '{"ask":"extend","with":{"until":"2026-11-24T01:00:00Z","reason":"等料"}}',
    '{"ask":"check_clock","with":{"clock":"accept","scheduled":"2026-11-23T01:00:00Z","away_since":null}}',
    '{"ask":"consult","with":{"participants":["works"],"decision":"先围","tasks":[{"owner":"works","what":"围","due":"2026-11-24T01:00:00Z"}]}}',
    '{"ask":"merge","with":{"into":"0-1","reason":"同一件事"}}', '{"ask":"rule","with":{"holder":"works","rung":"department","reason":"定"}}',
    '{"ask":"suspend","with":{"ground":"weather","until":"2027-11-24T01:00:00Z","reason":"雪"}}',
    '{"ask":"call_back","with":{"way":"phone","verdict":{"contacted":true,"solved":"no","grade":null,"beyond":null}}}',
]


def seeds(target):
    """What a target begins with, as bytes."""
    city = ROOT / "tests/city"
    sample = ROOT / "deploy/cities/sample"
    if target == "calls":
        return [CALL.encode(), f"[{CALL},{CALL}]".encode(), b'{"words":"x"}']
    if target == "rows":
        return [bytes([which]) + BOSTON.encode() for which in range(2)]
    if target == "profile":
        profiles = sorted((ROOT / "crates/huying-intake/profiles").glob("*.toml"))
        return [path.read_bytes() + b"\0" + BOSTON.encode() for path in profiles]
    if target == "outlines":
        return [OUTLINES.encode()]
    if target == "rules":
        files = ["policy.toml", "duty.toml", "calendar.toml", "territory.csv", "units.csv"]
        return [bytes([n]) + (folder / file).read_bytes() for folder in (city, sample) for n, file in enumerate(files)]
    if target == "calendar":
        return [(city / "calendar.toml").read_bytes(), (sample / "calendar.toml").read_bytes()]
    if target == "payloads":
        asked = [f'{{"id":"r-{n}","case":"0-7","saw":{n},"person":"li","deed":{deed}}}' for n, deed in enumerate(DEEDS)]
        subjects = [b"\0huying.v1." + subject.encode() for subject in SUBJECTS]
        taken = b'\x02{"answers":[{"answer":"taken","external_id":"c-1","case":"0-7"},{"answer":"heard","device":"d"}]}'
        done = b'\x03{"answer":"done","seq":9,"version":3}'
        return [b"\x01" + one.encode() for one in asked] + subjects + [taken, done]
    if target == "records":
        return records()
    if target == "names":
        return [name.encode() for name in NAMES]
    dice = random.Random(7)
    if target == "asks":
        said = "\n".join(chr(48 + n) + ask for n, ask in enumerate(ASKS)).encode()
        begun = bytes([0, 0, 0, 1, 1, 0, 4, 5, 0, 0, 9, 5, 0, 0, 0, 0])
        return [begun + said] + [bytes([0, 0, 0, 1, 0, 0, 0, 0]) + b"1" + ask.encode() for ask in ASKS]
    steps = lambda: bytes(dice.randrange(256) for _ in range(4 * 60))
    return [bytes([3, 1, 1, 1, 1, 1, 1, 1]) + steps() for _ in range(DAYS)]


def records():
    """The records of the golden journals, each behind its length there."""
    found = []
    for path in sorted((ROOT / "tests/golden").glob("*.records")):
        data = path.read_bytes()
        at = 0
        while at < len(data):
            (length,) = struct.unpack_from(">I", data, at)
            found.append(data[at + 4 : at + 4 + length])
            at += 4 + length
    return found[:: max(1, len(found) // RECORDS_MAX)]


def run(target, seconds, built):
    """One target for a while. Returns whether nothing was found."""
    corpus = built / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed[:INPUT_BYTES_MAX])
    for kept in (HERE / "corpus" / target).glob("*"):
        shutil.copy(kept, corpus / kept.name)
    artifacts = built / "found" / target
    artifacts.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", f"-timeout={INPUT_MAX_S}",
               f"-rss_limit_mb={MEMORY_MAX_MB}", f"-artifact_prefix={artifacts}/", "-print_final_stats=1", "-verbosity=1"]
    log = built / "found" / f"{target}.log"
    # Into a file: what a parser prints of its own would fill a pipe.
    with open(log, "wb") as out:
        done = subprocess.run([built / machine() / "release" / target, *options, corpus], cwd=ROOT, stdout=out, stderr=out)
    said = log.read_text(errors="replace")
    tried = re.search(r"number_of_executed_units: *(\d+)", said)
    cover = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/", said)
    edges, features, kept = cover[-1] if cover else ("?", "?", "?")
    words = (f"{target}: {tried[1] if tried else '?'} inputs in {seconds} s, {edges} edges, {features} features, "
             f"{kept} inputs kept")
    if done.returncode == 0:
        print(f"{words}: nothing found", flush=True)
        return True
    print(f"{words}: FOUND SOMETHING, see {artifacts}\n{said[-4000:]}", flush=True)
    return False


def machine():
    """The name of this machine's kind: cargo-fuzz builds for a named one, even where that is this one."""
    about = subprocess.run(["rustc", "-vV"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return re.search(r"^host: (.+)$", about, re.MULTILINE)[1]


def build(built):
    """All targets, once, so that what changes in the sources meanwhile does not make them different programs."""
    fuzz = ["cargo", "fuzz", "build", "--fuzz-dir", str(HERE), "--target", machine(), "-s", "none", "--target-dir", str(built)]
    if subprocess.run(fuzz, cwd=ROOT).returncode:
        sys.exit("the fuzzers are not built")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="how long each target runs")
    parser.add_argument("targets", nargs="*", default=TARGETS, metavar="target", help=f"which of {', '.join(TARGETS)}")
    parser.add_argument("--built", type=pathlib.Path, default=ROOT / "target/fuzz", help="where it is built")
    options = parser.parse_args()
    if shutil.which("cargo-fuzz") is None:
        sys.exit("没有 cargo-fuzz：请先执行 cargo install cargo-fuzz。\nNo cargo-fuzz here: cargo install cargo-fuzz, first.")
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        sys.exit(f"no such target: {', '.join(sorted(unknown))}")
    build(options.built)
    results = [run(target, options.seconds, options.built) for target in options.targets]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
