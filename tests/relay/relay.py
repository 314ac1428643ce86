"""A real SMTP server for the tests: plain, STARTTLS or TLS, well behaved or at fault. Prints its port, then each message as a line of JSON."""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult


class Keep:
    """Takes everything, unless it was told of a fault."""

    def __init__(self, fault):
        self.fault = fault

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.fault == "silent at the sender":
            await asyncio.Event().wait()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.fault[:3].isdigit():
            return f"{self.fault} <{address}>"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.fault == "silent after the message":
            await asyncio.Event().wait()
        if self.fault == "gone after the message":
            server.transport.abort()
        message = message_from_bytes(envelope.content, policy=policy.default)
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": session.authenticated, "subject": message["subject"], "sender": message["from"],
            "auto_submitted": message["auto-submitted"],
            "text": message.get_body(("plain",)).get_content(), "html": message.get_body(("html",)).get_content(),
        }), flush=True)
        return "250 kept"


def login(server, session, envelope, mechanism, data):
    right = data.login == b"countersign" and data.password == b"relay-password"
    return AuthResult(success=right, handled=False)


def main(mode, certificate, key, fault=""):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    more = {"authenticator": login, "auth_required": True}
    if mode == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    else:
        more |= {"auth_require_tls": False}
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(
        lambda: SMTP(Keep(fault), hostname="127.0.0.1", loop=loop, enable_SMTPUTF8=True, **more),
        host="127.0.0.1", port=0, ssl=context if mode == "tls" else None))
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.run_forever()


main(*sys.argv[1:])
