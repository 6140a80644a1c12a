"""Plants bugs in a copy of the sources, one at a time, and asks whether the laws see them: the test of the tests.

Each `planted/*.patch` says which law it breaks and which tests have to notice. The tests are green without it; with it
they have to be red. A bug that is not caught is a law that nobody holds.

    planted.py [--only PART_OF_A_NAME_OR_OF_ITS_TESTS]
"""

import argparse
import os
import re
import subprocess
import sys
import time

TESTS_TIMEOUT_S = 1_800
CAUGHT_BY_SHOWN_MAX = 3

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACE = os.path.join(ROOT, "target", "planted")
SOURCE = os.path.join(PLACE, "source")


def copy_sources():
    """What the project holds as it stands here; only what differs is written, so that little is built anew."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    names = [name for name in listed.decode().split("\0") if name]
    for name in names:
        path, to = os.path.join(ROOT, name), os.path.join(SOURCE, name)
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            wanted = file.read()
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if not os.path.exists(to) or open(to, "rb").read() != wanted:
            with open(to, "wb") as file:
                file.write(wanted)
    tools = os.path.join(SOURCE, "tools")
    if os.path.isdir(os.path.join(ROOT, "tools")) and not os.path.lexists(tools):
        os.symlink(os.path.realpath(os.path.join(ROOT, "tools")), tools)


def plant(patch, back=False):
    # Without the ceiling git would take the copy for a part of the project around it, and do nothing.
    env = dict(os.environ, GIT_CEILING_DIRECTORIES=PLACE)
    subprocess.run(["git", "apply", *(["-R"] if back else []), patch], cwd=SOURCE, env=env, check=True)


def tests(args):
    """Runs tests, and says whether they were built, passed, and which failed."""
    target = os.environ.get("HUYING_PLANTED_TARGET", os.path.join(PLACE, "build"))
    env = dict(os.environ, CARGO_TARGET_DIR=target)
    command = ["cargo", "test", "--locked", "--no-fail-fast", "--quiet", *args]
    built = subprocess.run(["cargo", "test", "--locked", "--no-run", "--quiet", *options(args)], cwd=SOURCE, env=env,
                           capture_output=True, text=True)
    if built.returncode:
        return False, False, built.stderr[-2_000:]
    try:
        ran = subprocess.run(command, cwd=SOURCE, env=env, capture_output=True, text=True, timeout=TESTS_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return True, False, ["they never came to an end"]
    return True, ran.returncode == 0, sorted(set(re.findall(r"^    ([a-z_0-9:]+)$", ran.stdout, re.MULTILINE)))


def options(args):
    """The arguments without the names that choose among the tests: those are for the run and not for the build."""
    kept, takes = [], False
    for arg in args:
        if arg.startswith("-") or takes:
            kept.append(arg)
        takes = arg.startswith("-")
    return kept


def read(patch):
    with open(patch, encoding="utf-8") as file:
        head = dict(line.strip().split(": ", 1) for line in file.read().split("\n\n")[0].splitlines())
    return head["Law"], head["Tests"].split()


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--only", default="")
    asked = args.parse_args()
    folder = os.path.join(ROOT, "tests", "torture", "planted")
    patches = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    patches = [patch for patch in patches if asked.only in os.path.basename(patch) + " ".join(read(patch)[1])]
    copy_sources()
    green, caught, missed = set(), 0, []
    for patch in sorted(patches, key=lambda patch: read(patch)[1]):
        (law, which), name = read(patch), os.path.basename(patch).removesuffix(".patch")
        if tuple(which) not in green:
            built, passed, said = tests(which)
            if not (built and passed):
                print(f"not green without any bug: {' '.join(which)}: {said}", flush=True)
                return 1
            green.add(tuple(which))
        begun = time.monotonic()
        plant(patch)
        try:
            built, passed, said = tests(which)
        finally:
            plant(patch, back=True)
        took = round(time.monotonic() - begun)
        if built and not passed:
            caught += 1
            shown = ", ".join(said[:CAUGHT_BY_SHOWN_MAX]) or "the run as a whole"
            more = f" and {len(said) - CAUGHT_BY_SHOWN_MAX} more" if len(said) > CAUGHT_BY_SHOWN_MAX else ""
            print(f"caught   {name} ({took} s): {shown}{more}", flush=True)
        else:
            missed.append(name)
            print(f"{'MISSED' if built else 'NOT BUILT'}   {name}: {law} {said if not built else ''}", flush=True)
    print(f"{caught} of {len(patches)} planted bugs caught" + (f", missed: {', '.join(missed)}" if missed else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
