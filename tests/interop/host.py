"""A CRM in another language, by the official Standard Webhooks library: asks, checks, and takes pushes.

Each command reads JSON from standard input and writes JSON to standard output.
"""

import json
import sys
import urllib.error
import urllib.request
from base64 import b64decode
from datetime import datetime, timezone

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# Nothing here leaves this machine, whatever the environment says of proxies.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, url, body=None, headers=None):
    """Gives the status and the JSON of an answer."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    request.add_header("content-type", "application/json")
    try:
        with OPENER.open(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def webhook(given, body, sent):
    """Posts `sent` under the signature of `body`."""
    at = datetime.now(tz=timezone.utc)
    headers = {
        "webhook-id": given["id"],
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(given["secret"]).sign(given["id"], at, body),
    }
    return call("POST", given["base"] + "/webhooks/cornerstone", sent.encode(), headers)


def ask(given):
    """Posts the webhook of the example file, and asks for a code with the token that came back."""
    body = given["body"]
    forged, problem = webhook(given, body, body.replace("lead-10482", "lead-10483"))
    status, answer = webhook(given, body, body)
    client = json.loads(body)["data"]["client"]["id"]
    wanted = json.dumps({"contact": "c-1", "surface": "lead_card"}).encode()
    token = {"authorization": "Bearer " + answer["agent_token"]}
    asked, challenge = call("POST", given["base"] + f"/api/v1/clients/{client}/codes", wanted, token)
    return {
        "forged": [forged, problem["code"]],
        "webhook": status,
        "codes": asked,
        "token": answer["agent_token"],
        "client": client,
        "challenge": challenge["id"],
    }


def check(given):
    """Checks the code that the contact read out, and reads the status."""
    token = {"authorization": "Bearer " + given["token"]}
    code = json.dumps({"code": given["code"]}).encode()
    checked = call("POST", given["base"] + f"/api/v1/challenges/{given['challenge']}/check", code, token)
    status = call("GET", given["base"] + f"/api/v1/clients/{given['client']}/status", None, token)
    return {"check": checked[1]["result"], "status": status[1]["state"]}


def fits(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


def changed(data, at):
    """The same bytes with one bit of one of them flipped."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def verify(given):
    """Says of each push whether it fits, and how many of its changed copies do."""
    results = []
    for push in given["pushes"]:
        body, headers = b64decode(push["body"]), push["headers"]
        copies = [(changed(body, at), headers) for at in range(len(body))]
        for name in ["webhook-id", "webhook-timestamp"]:
            value = headers[name].encode()
            for at in range(len(value)):
                copies.append((body, headers | {name: changed(value, at).decode("latin-1")}))
        signature = headers["webhook-signature"]
        for at in range(len("v1,"), len(signature) - 2):
            other = "B" if signature[at] == "A" else "A"
            copies.append((body, headers | {"webhook-signature": signature[:at] + other + signature[at + 1 :]}))
        copies.append((body, headers | {"webhook-signature": ""}))
        fooled = sum(fits(given["secret"], copy, copied) for copy, copied in copies)
        other = fits(given["other"], body, headers)
        results.append({"genuine": fits(given["secret"], body, headers), "fooled": fooled, "other_secret": other})
    return results


if __name__ == "__main__":
    answer = {"ask": ask, "check": check, "verify": verify}[sys.argv[1]](json.load(sys.stdin))
    json.dump(answer, sys.stdout)
