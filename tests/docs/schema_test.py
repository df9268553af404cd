#!/usr/bin/env python3
"""Holds what `espdump --json` prints against docs/schema.   schema_test.py ESPDUMP CAPTURES SCHEMA

Every line must be valid, and every field that is printed must be named in the schema. Exit 77: no jsonschema here.
"""
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("schema: python3-jsonschema is not installed")
    sys.exit(77)

FREE = ("path", "flows", "crossings", "counters", "nat")  # told in docs/output.md


def lines(espdump, place, name, *options):
    files = os.listdir(place)
    keys = [word for key in ("xfrm-state.txt", "charon.log") if key in files
            for word in ("--keys", os.path.join(place, key))]
    keys += ["--kernel-stats", os.path.join(place, "xfrm_stat-g2.txt")] if "xfrm_stat-g2.txt" in files else []
    done = subprocess.run([espdump, os.path.join(place, name), *keys, "--json", *options], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def index_lines(espdump, *arguments):
    done = subprocess.run([espdump, "index", "--json", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def long_capture(place):
    """One that can be cut."""
    with open(os.path.join(place, "wire.pcap"), "rb") as file:
        data = file.read()
    out = tempfile.NamedTemporaryFile(suffix=".pcap")
    out.write(data[:24] + data[24:] * (400000 // len(data)))
    out.flush()
    return out


def unnamed(value, schema, definitions, where):
    """Fields that the schema does not name."""
    schema = definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    if isinstance(value, list):
        return [name for one in value for name in unnamed(one, schema.get("items", {}), definitions, where)]
    if not isinstance(value, dict) or "additionalProperties" in schema:
        return []
    out = []
    for name, inner in value.items():
        if name in FREE or name == "type":
            continue
        known = schema.get("properties", {})
        out += unnamed(inner, known[name], definitions, where + "." + name) if name in known else [where + "." + name]
    return out


def main():
    espdump, captures, path = sys.argv[1:4]
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems, seen = set(), {}

    def take(line):
        seen[line["type"]] = seen.get(line["type"], 0) + 1
        problems.update("%s %s: %s" % (line["type"], error.json_path, error.message)
                        for error in validator.iter_errors(line))
        definition = schema["$defs"].get(line["type"])
        if definition is None:
            problems.add("%s: no such type in the schema" % line["type"])
        else:
            problems.update(unnamed(line, definition, schema["$defs"], line["type"]))

    for scenario in sorted(os.listdir(captures)):
        place = os.path.join(captures, scenario)
        names = sorted(name for name in os.listdir(place) if ".pcap" in name) if os.path.isdir(place) else []
        for name in names:
            for line in (lines(espdump, place, name, "-q") + lines(espdump, place, name, "-c", "25") +
                         index_lines(espdump, os.path.join(place, name))):
                take(line)
    with long_capture(os.path.join(captures, "replay-and-icv")) as file:
        for line in index_lines(espdump, file.name, "--slice", "64K"):
            take(line)
    for problem in sorted(problems):
        print(problem)
    print(", ".join("%d %s" % (count, kind) for kind, count in sorted(seen.items())))
    missing = set(schema["$defs"]) & {"packet", "finding", "sa", "ike_sa", "summary", "capture", "range"} - set(seen)
    return 1 if problems or missing else 0


if __name__ == "__main__":
    sys.exit(main())
