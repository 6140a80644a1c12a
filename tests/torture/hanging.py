"""Ten thousand clients that connect and hang: real calls still have to pass.

A third of them says nothing, a third half a head, a third half a body. Over TLS a third says nothing, a third half a
hello, and a third shakes hands and then says half a head. They come from a process of their own, each again as soon as it
is put out.

    hanging.py HOST:PORT COUNT [tls]
"""

import resource
import select
import socket
import ssl
import sys

HALF_A_HEAD = b"POST /v1/calls HTTP/1.1\r\nhost: door\r\nauthor"
HALF_A_BODY = (b"POST /v1/calls HTTP/1.1\r\nhost: door\r\ncontent-length: 4096\r\ncontent-type: application/json\r\n\r\n"
               b"{\"external_id\"")
# How a record of a handshake begins that promises more than comes.
HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
LOOK_S = 0.2
READ_BYTES = 65_536
ENDED = select.EPOLLHUP | select.EPOLLERR


class Plain:
    """Says its word and waits."""

    wants_words = False

    def __init__(self, word):
        self.word = word

    def begin(self):
        return self.word


class Shaking:
    """Shakes hands, then says half a head and waits."""

    wants_words = True

    def __init__(self, context):
        self.heard, self.says = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.heard, self.says)
        self.shaken = False

    def begin(self):
        return self.hear(b"")

    def hear(self, said):
        """What to say to what the door said."""
        self.heard.write(said)
        if not self.shaken:
            try:
                self.tls.do_handshake()
                self.shaken = True
                self.tls.write(HALF_A_HEAD)
            except ssl.SSLWantReadError:
                pass
        return self.says.read()


def manners(tls):
    """What the clients of a crowd do, in turn."""
    if not tls:
        return (lambda: Plain(b""), lambda: Plain(HALF_A_HEAD), lambda: Plain(HALF_A_BODY))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return (lambda: Plain(b""), lambda: Plain(HALF_A_HELLO), lambda: Shaking(context))


class Crowd:
    def __init__(self, address, count, tls):
        host, port = address.split(":")
        self.address, self.manners = (host, int(port)), manners(tls)
        self.watch, self.clients = select.epoll(), {}
        for number in range(count):
            self.begin(number)

    def begin(self, number):
        link = socket.socket()
        link.setblocking(False)
        link.connect_ex(self.address)
        self.clients[link.fileno()] = (link, self.manners[number % len(self.manners)](), number)
        self.watch.register(link, select.EPOLLIN | select.EPOLLOUT | select.EPOLLHUP)

    def turn(self, file, what):
        """Something came about with this client; an OSError means that it was put out."""
        link, client, _ = self.clients[file]
        if what & ENDED:
            raise ConnectionError
        if what & select.EPOLLIN:
            said = link.recv(READ_BYTES)
            if not said or not client.wants_words:
                raise ConnectionError
            link.send(client.hear(said))
        elif what & select.EPOLLOUT:
            link.send(client.begin())
            self.watch.modify(link, select.EPOLLIN | select.EPOLLHUP)

    def hang(self):
        while True:
            for file, what in self.watch.poll(LOOK_S):
                try:
                    self.turn(file, what)
                except OSError:
                    link, _, number = self.clients.pop(file)
                    self.watch.unregister(link)
                    link.close()
                    self.begin(number)


def main(address, count, *how):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 100)), hard))
    crowd = Crowd(address, count, "tls" in how)
    print("hanging", flush=True)
    crowd.hang()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
