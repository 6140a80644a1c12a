"""Ten thousand clients that connect and hang: real calls still have to pass.

A third of them says nothing, a third half a head, a third half a body. They come from a process of their own, each
again as soon as it is put out.
"""

import resource
import select
import socket
import sys

WORDS = (b"", b"POST /v1/calls HTTP/1.1\r\nhost: door\r\nauthor", b"POST /v1/calls HTTP/1.1\r\nhost: door\r\n"
         b"content-length: 4096\r\ncontent-type: application/json\r\n\r\n{\"external_id\"")
LOOK_S = 0.2


def hang(host, port, number):
    link = socket.socket()
    link.setblocking(False)
    link.connect_ex((host, port))
    return link, WORDS[number % len(WORDS)]


def main(address, count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 100)), hard))
    host, port = address.split(":")
    watch, clients = select.epoll(), {}

    def begin(number):
        link, word = hang(host, int(port), number)
        clients[link.fileno()] = (link, word, number)
        watch.register(link, select.EPOLLIN | select.EPOLLOUT | select.EPOLLHUP)

    for number in range(count):
        begin(number)
    print("hanging", flush=True)
    while True:
        for file, what in watch.poll(LOOK_S):
            link, word, number = clients[file]
            try:
                if what & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                    raise ConnectionError
                link.send(word)
                watch.modify(link, select.EPOLLIN | select.EPOLLHUP)
            except OSError:
                watch.unregister(link)
                link.close()
                del clients[file]
                begin(number)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
