"""Holds schemas/asyncapi.json to the official schema of AsyncAPI 3.0.0, and each JSON schema to its own language.

    check_asyncapi.py SCHEMAS OFFICIAL     OFFICIAL: 3.0.0.json of the npm package @asyncapi/specs
"""

import json
import pathlib
import sys

import jsonschema


def main(schemas, official):
    folder = pathlib.Path(schemas)
    with open(official, encoding="utf-8") as file:
        language = json.load(file)
    document = json.loads((folder / "asyncapi.json").read_text(encoding="utf-8"))
    checker = jsonschema.validators.validator_for(language)(language)
    faults = [f"asyncapi.json {fault.json_path}: {fault.message[:200]}" for fault in checker.iter_errors(document)]
    for path in sorted(folder.glob("*.json")):
        if path.name == "asyncapi.json":
            continue
        schema = json.loads(path.read_text(encoding="utf-8"))
        kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
        try:
            kind.check_schema(schema)
        except jsonschema.SchemaError as fault:
            faults.append(f"{path.name} {fault.json_path}: {fault.message[:200]}")
    # A document that is broken must be seen to be: else the check above says nothing.
    broken = json.loads(json.dumps(document))
    broken["channels"]["tell"]["messages"] = "none"
    del broken["info"]["title"]
    if not list(checker.iter_errors(broken)):
        faults.append("a broken document passes")
    print("\n".join(faults) if faults else f"{len(document['channels'])} channels, "
          f"{len(document['operations'])} operations, {len(document['components']['messages'])} messages: valid")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
