"""Compares every example of an OpenAPI document with the schema that it is an example of.

Reads the document from standard input, and writes what does not fit, one line each.
"""

import json
import sys

import jsonschema_rs

DOCUMENT = json.load(sys.stdin)
COUNT = 0


def compare(place, schema, example):
    global COUNT
    COUNT += 1
    whole = {"$ref": schema["$ref"]} if "$ref" in schema else dict(schema)
    whole["components"] = DOCUMENT["components"]
    for error in jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(example):
        print(f"{place}: {error.message}")


def content(place, told):
    for body in told.get("content", {}).values():
        if "example" in body:
            compare(place, body["schema"], body["example"])
        for name, example in body.get("examples", {}).items():
            compare(f"{place} {name}", body["schema"], example["value"])


for kind in ["paths", "webhooks"]:
    for path, methods in DOCUMENT[kind].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            for parameter in operation.get("parameters", []):
                if "example" in parameter:
                    compare(f"{place} {parameter['name']}", parameter["schema"], parameter["example"])
            content(place, operation.get("requestBody", {}))
            for status, response in operation["responses"].items():
                content(f"{place} {status}", response)
for name, schema in DOCUMENT["components"]["schemas"].items():
    for example in schema.get("examples", []):
        compare(name, schema, example)
print(f"{COUNT} examples")
