"""Signs callbacks by Twilio's official library, as its servers do.

Reads callbacks as JSON from standard input, each an address with its parameters or the text of a body, and writes
the address that a server would call and the signature of each.
"""

import json
import sys

from twilio.request_validator import RequestValidator


def signed(token, callback):
    validator = RequestValidator(token)
    url, params = callback["url"], callback.get("params")
    if params is None:
        mark = "&" if "?" in url else "?"
        url = f"{url}{mark}bodySHA256={validator.compute_hash(callback['body'])}"
        params = {}
    signature = validator.compute_signature(callback.get("signed_url", url), params)
    return {"url": url, "signature": signature}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump([signed(given["token"], callback) for callback in given["callbacks"]], sys.stdout)
