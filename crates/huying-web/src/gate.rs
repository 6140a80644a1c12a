//! The gate: so many connections at once, and none that stays silent for long. Without it a few thousand sockets that
//! never say a word would keep everybody else out.

use axum::serve::Listener;
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};

/// Most connections at once; further ones wait before the door.
const CONNECTIONS_MAX: usize = 1_024;
/// How long a connection may say nothing; longer than any request may take.
const SILENCE_MAX_S: u64 = 60;

/// A listener behind the gate.
pub struct Gate {
    listener: TcpListener,
    places: Arc<Semaphore>,
    silence_max: Duration,
}

impl Gate {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self::with(listener, CONNECTIONS_MAX, Duration::from_secs(SILENCE_MAX_S))
    }

    fn with(listener: TcpListener, connections_max: usize, silence_max: Duration) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(connections_max)), silence_max }
    }
}

impl Listener for Gate {
    type Io = Guest;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guest, SocketAddr) {
        let place = Arc::clone(&self.places).acquire_owned().await.expect("the gate is never closed");
        // Fully named: a listener of tokio has an `accept` of its own, which gives up at the first error.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let silence_max = self.silence_max;
        (Guest { stream, silence: Box::pin(sleep(silence_max)), silence_max, _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection with its place.
pub struct Guest {
    stream: TcpStream,
    silence: Pin<Box<Sleep>>,
    silence_max: Duration,
    _place: OwnedSemaphorePermit,
}

impl AsyncRead for Guest {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let guest = self.get_mut();
        match Pin::new(&mut guest.stream).poll_read(cx, into) {
            Poll::Ready(read) => {
                guest.silence.set(sleep(guest.silence_max));
                Poll::Ready(read)
            }
            Poll::Pending if guest.silence.as_mut().poll(cx).is_ready() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Guest {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::get};
    use std::{
        io::{Read, Write},
        net,
    };

    const SILENCE_MAX: Duration = Duration::from_millis(300);

    /// A door with two places, whose guests may be silent for a moment.
    fn door() -> (SocketAddr, tokio::runtime::Runtime) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let hello = Router::new().route("/", get(async || "hello"));
        let gate = Gate::with(listener, 2, SILENCE_MAX);
        runtime.spawn(async move { axum::serve(gate, hello).await });
        (address, runtime)
    }

    fn asked(address: SocketAddr) -> String {
        let mut stream = net::TcpStream::connect(address).expect("it listens");
        write!(stream, "GET / HTTP/1.1\r\nhost: door\r\nconnection: close\r\n\r\n").expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        text
    }

    #[test]
    fn who_stays_silent_is_sent_away_and_whoever_waits_behind_is_let_in() {
        let (address, _runtime) = door();
        assert!(asked(address).ends_with("hello"));
        let mut silent: Vec<_> =
            (0..2).map(|_| net::TcpStream::connect(address).expect("it listens")).collect();
        // Half a request is silence too.
        silent[1].write_all(b"GET / HT").expect("it reads");
        assert!(asked(address).ends_with("hello"), "both places were taken and came free");
        for stream in &mut silent {
            stream.set_read_timeout(Some(SILENCE_MAX * 20)).expect("it is not zero");
            let mut rest = Vec::new();
            // Closed or reset, but not left hanging.
            let ended = stream.read_to_end(&mut rest);
            assert!(!ended.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock), "still open");
        }
    }
}
