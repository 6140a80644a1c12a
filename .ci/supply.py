#!/usr/bin/env python3
"""What the program is made of: a bill of materials in CycloneDX, the count of packages, and how long a build from nothing
takes.

    supply.py sbom [--out FILE]     what goes into the binary, as CycloneDX 1.6 in JSON
    supply.py count                 how many packages are locked, and how many of them go into the binary
    supply.py time                  builds the program from nothing in a folder of its own, and says how long that took
    supply.py reproduce             builds it from nothing in two folders of other names, and asks for the same bytes

The bill names what cargo itself resolves for this machine's kind of system with the features that are used; what only
builds or tests is left out. Names, versions and licences are the packages' own, the checksums those of Cargo.lock, to
which cargo holds every download. The same lock gives the same bytes.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = "huying-cli"
PAGES = "crates/huying-web/ui/dist"


def cargo(*args):
    return subprocess.run(["cargo", *args], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def in_the_binary():
    """Name and version of each package that is linked, and what each of them is linked with."""
    kept, above, depends = [], [], {}
    for line in cargo("tree", "--locked", "-p", PROGRAM, "-e", "normal", "--prefix", "depth", "--no-dedupe").splitlines():
        depth, name, version = re.match(r"(\d+)(\S+) v(\S+)", line).groups()
        del above[int(depth):]
        package = (name, version)
        if above:
            depends.setdefault(above[-1], set()).add(package)
        above.append(package)
        kept.append(package)
    return sorted(set(kept)), depends


def reference(package):
    name, version = package
    return f"pkg:cargo/{urllib.parse.quote(name)}@{urllib.parse.quote(version)}"


def component(package, about, checksums):
    name, version = package
    found = {"type": "library", "bom-ref": reference(package), "name": name, "version": version, "purl": reference(package)}
    if about.get("description"):
        found["description"] = " ".join(about["description"].split())
    if package in checksums:
        found["hashes"] = [{"alg": "SHA-256", "content": checksums[package]}]
    if about.get("license"):
        # An old way of writing a choice.
        found["licenses"] = [{"expression": about["license"].replace("/", " OR ")}]
    if about.get("repository"):
        found["externalReferences"] = [{"type": "vcs", "url": about["repository"]}]
    return found


def bill():
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    checksums = {(one["name"], one["version"]): one["checksum"] for one in locked if "checksum" in one}
    packages = json.loads(cargo("metadata", "--locked", "--format-version", "1"))["packages"]
    about = {(one["name"], one["version"]): one for one in packages}
    linked, depends = in_the_binary()
    program = next(package for package in linked if package[0] == PROGRAM)
    whole = component(program, about[program], checksums) | {"type": "application"}
    others = [package for package in linked if package != program]
    content = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": whole},
        "components": [component(package, about[package], checksums) for package in others],
        "dependencies": [
            {"ref": reference(package), "dependsOn": sorted(map(reference, depends.get(package, ())))} for package in linked
        ],
    }
    # Named by what it says, so that the same bill has the same name.
    name = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", **content, "serialNumber": f"urn:uuid:{name}"}


def say_count():
    locked = len(tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"])
    linked, _ = in_the_binary()
    own = sum(name.startswith("huying-") for name, _ in linked)
    print(f"{locked} packages locked; {len(linked)} in the binary, {own} of them our own crates")


def say_time():
    place = ROOT / "target/supply"
    shutil.rmtree(place, ignore_errors=True)
    begun = time.monotonic()
    env = dict(os.environ, CARGO_TARGET_DIR=str(place))
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "-p", PROGRAM], cwd=ROOT, env=env, check=True)
    took = time.monotonic() - begun
    size = (place / "release/huying").stat().st_size
    print(f"built from nothing in {took:.0f} s on {os.cpu_count()} processors; the binary has {size / 1e6:.0f} MB")
    shutil.rmtree(place)


def copy_sources(to):
    """What is committed or staged, and the pages as they were built of it here."""
    subprocess.run(["git", "checkout-index", "--all", f"--prefix={to}/"], cwd=ROOT, check=True)
    if (ROOT / PAGES).is_dir():
        shutil.copytree(ROOT / PAGES, to / PAGES, dirs_exist_ok=True)


def built_in(place):
    """The program, built in this folder from nothing, with no path of this machine in it."""
    shutil.rmtree(place, ignore_errors=True)
    copy_sources(place / "source")
    home = os.environ.get("CARGO_HOME", str(pathlib.Path.home() / ".cargo"))
    paths = {str(place / "target"): "/target", str(place / "source"): "/source", home: "/cargo"}
    env = dict(os.environ, CARGO_TARGET_DIR=str(place / "target"), CARGO_INCREMENTAL="0")
    env["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(f"--remap-path-prefix={path}={name}" for path, name in paths.items())
    env["CFLAGS"] = " ".join(f"-ffile-prefix-map={path}={name}" for path, name in paths.items())
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "-p", PROGRAM], cwd=place / "source", env=env, check=True)
    return (place / "target/release/huying").read_bytes()


def say_reproduced():
    ground = ROOT / "target/reproduced"
    places = [ground / "here", ground / "somewhere/else"]
    programs = [built_in(place) for place in places]
    for place, program in zip(places, programs):
        print(f"{hashlib.sha256(program).hexdigest()}  {place.relative_to(ROOT)}")
    mine = [path for path in (str(ROOT), str(pathlib.Path.home())) if path.encode() in programs[0]]
    same = programs[0] == programs[1]
    if same and not mine:
        shutil.rmtree(ground)
    print("the same bytes" if same else "OTHER BYTES", *(f"; {path} stands in them" for path in mine))
    return 0 if same and not mine else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["sbom", "count", "time", "reproduce"])
    parser.add_argument("--out", type=pathlib.Path, help="where the bill goes instead of stdout")
    asked = parser.parse_args()
    if asked.what == "count":
        say_count()
    elif asked.what == "time":
        say_time()
    elif asked.what == "reproduce":
        return say_reproduced()
    else:
        text = json.dumps(bill(), indent=2, ensure_ascii=False) + "\n"
        if asked.out:
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(text, encoding="utf-8")
            print(f"{asked.out}: {text.count('bom-ref')} components")
        else:
            sys.stdout.write(text)


if __name__ == "__main__":
    sys.exit(main())
