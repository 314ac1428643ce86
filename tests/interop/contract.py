"""What Schemathesis is told beside the document: the ids that the service knows, and how a webhook is signed.

A made-up id reaches nothing, so every second one is exchanged for one that is known; and every answer of a refusal
must carry a code that the document lists for it.
"""

import base64
import hashlib
import hmac
import os
import zlib

import requests
import schemathesis
from schemathesis.core.failures import Failure

KNOWN = {
    "client": os.environ["CONTRACT_CLIENT"],
    "chl_": os.environ["CONTRACT_CHALLENGE"],
    "evt_": os.environ["CONTRACT_EVENT"],
    "sgn_": os.environ["CONTRACT_SIGNING"],
    "session": "ses-7",
    "participant": "p-1",
    "user": "u-77",
    "device": "dev_00000000000000000000000000",
    "login": os.environ["CONTRACT_LOGIN"],
    "contact": "c-1",
    "tenant": "cornerstone",
}
SECRET = base64.b64decode(os.environ["CONTRACT_SECRET"].removeprefix("whsec_"))
AT = os.environ["CONTRACT_AT"]


def chosen(*values):
    """The same half of all values each time."""
    return zlib.crc32(repr(values).encode()) % 2 == 0


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    kept = dict(path_parameters or {})
    for name in kept:
        key = name
        if name == "id":
            kinds = {"events": "evt_", "signings": "sgn_", "sessions": "session"}
            key = kinds.get(context.operation.path.split("/")[3], "chl_")
        if chosen(context.operation.label, kept[name]):
            kept[name] = KNOWN[key]
    return kept


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and isinstance(body.get("contact"), str) and chosen(body):
        return {**body, "contact": KNOWN["contact"]}
    return body


class Signature(requests.auth.AuthBase):
    """Signs what is about to be sent, as it is."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        name = "msg_" + hashlib.sha256(body).hexdigest()
        mac = hmac.new(SECRET, f"{name}.{AT}.".encode() + body, hashlib.sha256).digest()
        request.headers["webhook-id"] = name
        request.headers["webhook-timestamp"] = AT
        request.headers["webhook-signature"] = "v1," + base64.b64encode(mac).decode()
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    named = {name.lower() for name in (case.headers or {})}
    if case.path.startswith("/webhooks/") and {"webhook-id", "webhook-timestamp", "webhook-signature"} <= named:
        kwargs["auth"] = Signature()


@schemathesis.check
def every_code_is_listed(ctx, response, case):
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return
    code = response.json()["code"]
    told = case.operation.definition.raw["responses"].get(str(response.status_code))
    if told is not None and code not in told["content"]["application/problem+json"]["examples"]:
        raise Failure(operation=case.operation.label, title="A code that is not listed", message=code)
