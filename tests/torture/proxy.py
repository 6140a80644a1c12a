"""A way between two, which can be cut in one direction: what one says still arrives, what the other says does not."""

import socket
import threading

CHUNK_BYTES = 65_536


class Proxy:
    def __init__(self, to):
        self.to, self.links, self.lock = to, [], threading.Lock()
        # What stands in the way of each direction while it is cleared.
        self.open = {"there": threading.Event(), "back": threading.Event()}
        self.heal()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, direction):
        self.open[direction].clear()

    def heal(self):
        """The links that were cut are gone, as a router forgets them; new ones pass."""
        with self.lock:
            for link in self.links:
                try:
                    link.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.links.clear()
        for direction in self.open.values():
            direction.set()

    def _accept(self):
        while True:
            near, _ = self.door.accept()
            try:
                far = socket.create_connection(self.to)
            except OSError:
                near.close()
                continue
            with self.lock:
                self.links += [near, far]
            for source, sink, direction in ((near, far, "there"), (far, near, "back")):
                threading.Thread(target=self._carry, args=(source, sink, direction), daemon=True).start()

    def _carry(self, source, sink, direction):
        try:
            while data := source.recv(CHUNK_BYTES):
                self.open[direction].wait()
                sink.sendall(data)
        except OSError:
            pass
        for link in (source, sink):
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
