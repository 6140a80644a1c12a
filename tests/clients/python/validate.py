"""Holds captured messages to what schemas/asyncapi.json says of their subjects: body, headers, and what is answered.

    validate.py SCHEMAS CAPTURED

Every message under huying.v1 and every answer to one must fit; then each kind is broken on purpose and must not.
Prints how many of each channel were seen, and ends with 1 if any is not as it should be.
"""

import base64
import collections
import json
import pathlib
import re
import sys

import jsonschema
import msgpack
import referencing


class Document:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        read = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
        self.document = read.pop("asyncapi.json")
        resources = {
            f"./{name}": referencing.Resource.from_contents(schema, referencing.jsonschema.DRAFT202012)
            for name, schema in read.items()
        }
        self.registry = referencing.Registry().with_resources(list(resources.items()))
        self.checkers = {}
        self.channels = []
        for name, channel in self.document["channels"].items():
            if channel["address"] is not None:
                pattern = re.escape(channel["address"]).replace(r"\{", "{").replace(r"\}", "}")
                pattern = re.sub(r"\{\w+\}", "[^.]+", pattern)
                self.channels.append((name, re.compile(f"^{pattern}$")))
        self.answers = {}
        for operation in self.document["operations"].values():
            if "reply" in operation:
                self.answers[last(operation["channel"])] = last(operation["reply"]["channel"])

    def channel_of(self, subject):
        return next((name for name, pattern in self.channels if pattern.match(subject)), None)

    def parts(self, channel):
        """The checkers of body and headers, and the form, of each message of a channel."""
        if channel not in self.checkers:
            self.checkers[channel] = [
                self.checker(self.document["components"]["messages"][last(message)])
                for message in self.document["channels"][channel]["messages"].values()
            ]
        return self.checkers[channel]

    def checker(self, message):
        def of(schema):
            kind = jsonschema.Draft202012Validator
            return kind(schema, registry=self.registry, format_checker=kind.FORMAT_CHECKER)

        return message["contentType"], of(message["payload"]["schema"]), of(message.get("headers", {}))

    def faults(self, channel, body, headers):
        """Why a message is none of the channel's; nothing where it is one."""
        found = []
        for form, bodies, heads in self.parts(channel):
            try:
                value = decoded(form, body)
            except ValueError as fault:
                found.append([f"not {form}: {fault}"])
                continue
            faults = [f"{one.json_path}: {one.message[:160]}" for one in bodies.iter_errors(value)]
            faults += [f"header {one.json_path}: {one.message[:160]}" for one in heads.iter_errors(headers)]
            found.append(faults)
        return min(found, key=len)


def last(ref):
    return ref["$ref"].rsplit("/", 1)[1]


def decoded(form, body):
    if form == "application/json":
        return json.loads(body)
    if form == "application/vnd.msgpack":
        try:
            return msgpack.unpackb(body)
        except (msgpack.UnpackException, msgpack.ExtraData) as fault:
            raise ValueError(fault) from fault
    return None


def broken(form, body):
    """The same message, spoilt: each field holds something of another kind."""

    def spoil(value):
        return {name: "spoilt" if isinstance(held, list) else ["spoilt"] for name, held in value.items()}

    if form == "application/json":
        value = json.loads(body)
        value = value[0] if isinstance(value, list) else value
        return json.dumps(spoil(value)).encode()
    return msgpack.packb(spoil(msgpack.unpackb(body)))


def main(schemas, captured):
    document = Document(schemas)
    asked, seen, wrong, spoilt = {}, collections.Counter(), [], {}
    with open(captured, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            channel = document.channel_of(line["subject"])
            # A delivery of a stream to its reader comes on the reader's own subject and wants an acknowledgement.
            if channel is None and not line["reply"].startswith("$JS.ACK"):
                channel = asked.get(line["subject"])
                if line["headers"].get("Status"):
                    continue  # the server itself answers: nobody listens
            if channel is None:
                if line["subject"].startswith("huying."):
                    wrong.append((line["subject"], ["no channel has this subject"]))
                continue
            if channel in document.answers and line["reply"]:
                asked[line["reply"]] = document.answers[channel]
            body = base64.b64decode(line["body"])
            seen[channel] += 1
            faults = document.faults(channel, body, line["headers"])
            if faults:
                wrong.append((line["subject"], faults))
            elif channel not in spoilt and body:
                form = document.parts(channel)[0][0]
                if form.startswith("application/") and "octet" not in form:
                    spoilt[channel] = bool(document.faults(channel, broken(form, body), line["headers"]))
    for channel, count in sorted(seen.items()):
        print(f"{count:8} {channel}")
    for subject, faults in wrong[:20]:
        print(subject, faults[:5])
    passes = [channel for channel, refused in spoilt.items() if not refused]
    if passes:
        print("a spoilt message passes on", passes)
    print(f"{sum(seen.values())} messages, {len(wrong)} not valid, {len(spoilt)} kinds spoilt and refused")
    return 1 if wrong or passes or not seen else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
