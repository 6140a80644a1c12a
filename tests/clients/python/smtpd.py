"""A real SMTP server for the tests: keeps each mail as one line of JSON, and knows nobody called nobody.

    smtpd.py FILE [PORT] [CERTIFICATE KEY]

Prints its port when it listens, and ends when its standard input does. With a certificate it speaks TLS from the
first byte. Recipients beginning with "nobody" are refused for ever (550), with "later" for now (450).
"""

import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Keep:
    def __init__(self, path):
        self.path = path

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            return "450 4.2.0 try again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        line = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "id": mail["Message-ID"],
            "subject": mail["Subject"],
            "auto": mail["Auto-Submitted"],
            "text": mail.get_content(),
        }
        with open(self.path, "a", encoding="utf-8") as kept:
            kept.write(json.dumps(line, ensure_ascii=False) + "\n")
        return "250 2.0.0 kept"


def main():
    path, port, *pair = sys.argv[1:] + ["0"] * (2 - len(sys.argv[1:]))
    context = None
    if pair:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*pair)
    controller = Controller(Keep(path), hostname="127.0.0.1", port=int(port) or free(), ssl_context=context)
    controller.start()
    print(controller.port, flush=True)
    sys.stdin.read()
    controller.stop()


def free():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


if __name__ == "__main__":
    main()
