//! The gate: so many connections at once, and none that stays silent for long. Without it a few thousand sockets that
//! never say a word would keep everybody else out.
//!
//! Waiting for their silence to grow long is not enough: ten thousand that come again would keep the door shut for
//! good. So when all places are taken and somebody waits outside, whoever was let in a while ago and has not asked for
//! anything (a *stranger*) gives up the place. Who has sent a whole request is answered, however long that takes; who was
//! answered once is a client, and stays.

use crate::{
    asked::{self, Asked},
    limit::Peer,
};
use axum::{
    Router,
    extract::connect_info::{Connected, IntoMakeServiceWithConnectInfo},
    middleware,
    serve::{IncomingStream, Listener},
};
use huying_engine::clock::Stopwatch;
use std::{
    collections::VecDeque,
    io,
    net::{self, SocketAddr},
    os::fd::AsFd,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Sleep, sleep, timeout},
};

/// Most connections at once; further ones wait before the door.
const CONNECTIONS_MAX: usize = 1_024;
/// How long a connection may say nothing; longer than any request may take.
const SILENCE_MAX_S: u64 = 60;

/// How long a stranger keeps a place for which somebody waits: longer than any call takes to be answered.
const STRANGER_MAX_MS: u64 = 1_000;
/// How long a stranger who was told to go is waited for before the next one is told.
const GOING_MAX: Duration = Duration::from_millis(20);
/// How many strangers are told to go at once: where one waits outside, a crowd does.
const TOLD_AT_ONCE: usize = 16;
/// How often it is looked whether a stranger who was told to go has said something after all, and the pause before
/// each look: in it the runtime hears what came in on the wire, and what was read becomes a request.
const LAST_LOOKS: u8 = 3;
const LOOK_PAUSE: Duration = Duration::from_millis(2);

/// How long somebody may keep a place without using it.
#[derive(Clone, Copy)]
struct Patience {
    silence: Duration,
    stranger: Duration,
}

/// A listener behind the gate.
pub struct Gate {
    listener: TcpListener,
    places: Arc<Semaphore>,
    patience: Patience,
    /// Who was let in and not answered yet, the first first; those who were answered or went are closed.
    strangers: VecDeque<Stranger>,
}

/// Somebody who was let in and has not been answered.
struct Stranger {
    since: Stopwatch,
    asked: Asked,
    told: oneshot::Sender<()>,
}

impl Stranger {
    /// Whether nobody need ask them to go: they are answered, gone, or about to be answered.
    fn is_none(&self) -> bool {
        self.told.is_closed() || self.asked.is_whole()
    }
}

/// What stands behind a gate: a router that says when a whole request has come.
pub(crate) fn behind(router: Router) -> IntoMakeServiceWithConnectInfo<Router, Peer> {
    router.layer(middleware::from_fn(asked::noted)).into_make_service_with_connect_info::<Peer>()
}

impl Connected<IncomingStream<'_, Gate>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        Self { address: *stream.remote_addr(), asked: stream.io().asked.clone() }
    }
}

impl Gate {
    pub(crate) fn new(listener: TcpListener) -> Self {
        let silence = Duration::from_secs(SILENCE_MAX_S);
        let patience = Patience { silence, stranger: Duration::from_millis(STRANGER_MAX_MS) };
        Self::with(listener, CONNECTIONS_MAX, patience)
    }

    fn with(listener: TcpListener, connections_max: usize, patience: Patience) -> Self {
        let places = Arc::new(Semaphore::new(connections_max));
        Self { listener, places, patience, strangers: VecDeque::new() }
    }

    /// A place, for which a stranger has to go if there is none.
    async fn place(&mut self) -> OwnedSemaphorePermit {
        const OPEN: &str = "the gate is never closed";
        // What is kept of those who were answered stays within the number of places.
        self.strangers.retain(|stranger| !stranger.is_none());
        loop {
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                return place;
            }
            let Some(first) = self.strangers.front() else {
                return Arc::clone(&self.places).acquire_owned().await.expect(OPEN);
            };
            let left = self.patience.stranger.saturating_sub(first.since.elapsed());
            tokio::select! {
                place = Arc::clone(&self.places).acquire_owned() => return place.expect(OPEN),
                () = sleep(left) => {
                    self.tell();
                    // One whose request comes after all is answered first: nobody waits for that one alone.
                    let soon = timeout(GOING_MAX, Arc::clone(&self.places).acquire_owned()).await;
                    if let Ok(place) = soon {
                        return place.expect(OPEN);
                    }
                }
            }
        }
    }

    /// Tells some of those who were let in a while ago to go.
    fn tell(&mut self) {
        let patience = self.patience.stranger;
        let mut told = 0;
        while told < TOLD_AT_ONCE
            && let Some(first) = self.strangers.pop_front_if(|first| first.since.elapsed() >= patience)
        {
            if !first.is_none() && first.told.send(()).is_ok() {
                told += 1;
            }
        }
    }
}

impl Listener for Gate {
    type Io = Guest;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guest, SocketAddr) {
        // Somebody waits before a place is looked for: while nobody does, nobody has to go.
        // Fully named: a listener of tokio has an `accept` of its own, which gives up at the first error.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let place = self.place().await;
        let (told, put_out) = oneshot::channel();
        let asked = Asked::default();
        self.strangers.push_back(Stranger { since: Stopwatch::start(), asked: asked.clone(), told });
        let silence_max = self.patience.silence;
        let silence = Box::pin(sleep(silence_max));
        let going = Going::Hears(put_out);
        (Guest { stream, silence, silence_max, asked, going, _place: place }, address)
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
    pub(crate) asked: Asked,
    going: Going,
    _place: OwnedSemaphorePermit,
}

/// Whether somebody has to go.
enum Going {
    /// A stranger, who hears of it.
    Hears(oneshot::Receiver<()>),
    /// A stranger who was told: so many looks at what may have come meanwhile, and the pause before the next.
    Told(u8, Pin<Box<Sleep>>),
    /// Whoever was answered.
    Never,
}

impl Guest {
    /// Whether a stranger has to go, who has nothing more to say at the moment. What they said before that may be a
    /// whole request which nobody has read yet: so it is looked a few times more, each behind a turn of the connection.
    fn has_to_go(&mut self, cx: &mut Context<'_>) -> bool {
        if let Going::Hears(told) = &mut self.going {
            match Pin::new(told).poll(cx) {
                Poll::Ready(Ok(())) => self.going = Going::Told(0, Box::pin(sleep(LOOK_PAUSE))),
                // Nobody will say it any more: a whole request has come, or the gate is closed.
                Poll::Ready(Err(_)) => self.going = Going::Never,
                Poll::Pending => {}
            }
        }
        let Going::Told(looks, pause) = &mut self.going else { return false };
        while !self.asked.is_whole() && pause.as_mut().poll(cx).is_ready() {
            *looks = looks.saturating_add(1);
            if *looks >= LAST_LOOKS && !has_more(&self.stream) {
                return true;
            }
            pause.set(sleep(LOOK_PAUSE));
        }
        false
    }
}

/// Whether bytes have come that the runtime has not heard of yet: in a crowd it is a while behind.
fn has_more(stream: &TcpStream) -> bool {
    let own = stream.as_fd().try_clone_to_owned().map(net::TcpStream::from);
    own.and_then(|own| own.peek(&mut [0])).is_ok_and(|bytes| bytes > 0)
}

impl AsyncRead for Guest {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let guest = self.get_mut();
        match Pin::new(&mut guest.stream).poll_read(cx, into) {
            Poll::Ready(read) => {
                guest.silence.set(sleep(guest.silence_max));
                Poll::Ready(read)
            }
            Poll::Pending if guest.silence.as_mut().poll(cx).is_ready() || guest.has_to_go(cx) => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Guest {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let guest = self.get_mut();
        let written = Pin::new(&mut guest.stream).poll_write(cx, bytes);
        // What is written before that is a handshake, or word that the rest may come.
        if guest.asked.is_whole() && matches!(written, Poll::Ready(Ok(1..))) {
            guest.going = Going::Never;
        }
        written
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
    use axum::routing::get;
    use std::{
        io::{Read, Write},
        thread,
    };
    use tokio::{io::AsyncWriteExt, sync::Notify};

    const SILENCE_MAX: Duration = Duration::from_millis(300);

    /// Whoever is not answered by then stands before a shut door.
    const ANSWER_MAX: Duration = Duration::from_secs(20);
    /// Longer than any test runs.
    const FOR_EVER: Duration = Duration::from_secs(3_600);

    /// A gate with two places.
    fn gate(patience: Patience) -> (Gate, SocketAddr, tokio::runtime::Runtime) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        (Gate::with(listener, 2, patience), address, runtime)
    }

    /// A door behind it, with one answer that waits.
    fn door(patience: Patience) -> (SocketAddr, Arc<Notify>, tokio::runtime::Runtime) {
        let (gate, address, runtime) = gate(patience);
        let release = Arc::new(Notify::new());
        let waits = Arc::clone(&release);
        let slow = async move |body: String| {
            waits.notified().await;
            body
        };
        let hello =
            Router::new().route("/", get(async || "hello")).route("/slow", get(slow.clone()).post(slow));
        runtime.spawn(async move { axum::serve(gate, behind(hello)).await });
        (address, release, runtime)
    }

    fn says(address: SocketAddr, request: &str) -> net::TcpStream {
        let mut stream = net::TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(ANSWER_MAX)).expect("it is not zero");
        stream.write_all(request.as_bytes()).expect("it reads");
        stream
    }

    fn told(mut stream: net::TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        text
    }

    fn asked(address: SocketAddr) -> String {
        told(says(address, "GET / HTTP/1.1\r\nhost: door\r\nconnection: close\r\n\r\n"))
    }

    #[test]
    fn who_stays_silent_is_sent_away_and_whoever_waits_behind_is_let_in() {
        let (address, _, _runtime) = door(Patience { silence: SILENCE_MAX, stranger: FOR_EVER });
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

    #[test]
    fn a_crowd_that_hangs_keeps_nobody_out_and_who_was_answered_stays() {
        let (address, _, _runtime) =
            door(Patience { silence: FOR_EVER, stranger: Duration::from_millis(20) });
        let mut known = net::TcpStream::connect(address).expect("it listens");
        let ask = b"GET / HTTP/1.1\r\nhost: door\r\n\r\n";
        known.write_all(ask).expect("it reads");
        let mut told = [0; 512];
        assert!(known.read(&mut told).expect("it answers") > 0);
        let crowd: Vec<_> = (0..20)
            .map(|number| {
                let mut one = net::TcpStream::connect(address).expect("it listens");
                // Some say nothing, some half a request.
                one.write_all(if number % 2 == 0 { b"" } else { b"POST / HTTP/1.1\r\nhost: do" })
                    .expect("it reads");
                one
            })
            .collect();
        assert!(asked(address).ends_with("hello"), "a place came free for whoever asks");
        known.write_all(ask).expect("it reads");
        assert!(known.read(&mut told).expect("it answers") > 0, "a client is put out by no crowd");
        drop(crowd);
    }

    #[test]
    fn who_has_sent_a_whole_request_is_answered_however_long_that_takes_and_whoever_waits_outside() {
        let patience = Patience { silence: FOR_EVER, stranger: Duration::from_millis(20) };
        let (address, release, _runtime) = door(patience);
        let close = "host: door\r\nconnection: close\r\n";
        for request in [
            format!("GET /slow HTTP/1.1\r\n{close}\r\n"),
            format!("POST /slow HTTP/1.1\r\n{close}content-length: 6\r\n\r\nwater!"),
        ] {
            let slow = says(address, &request);
            let crowd: Vec<_> = (0..10).map(|_| says(address, "POST / HTTP/1.1\r\nhost: do")).collect();
            assert!(asked(address).ends_with("hello"), "strangers went, the first of whom was let in later");
            release.notify_one();
            let answer = told(slow);
            assert!(answer.starts_with("HTTP/1.1 200"), "{request}{answer}");
            drop(crowd);
        }
    }

    #[test]
    fn a_handshake_is_no_answer() {
        let patience = Patience { silence: FOR_EVER, stranger: Duration::from_millis(20) };
        let (mut gate, address, runtime) = gate(patience);
        let greeted: Vec<_> = (0..3).map(|_| thread::spawn(move || told(says(address, "")))).collect();
        // As many come as there are places, and one more: each is greeted, and none of them asks for anything.
        runtime.block_on(async {
            for _ in 0..3 {
                let (mut guest, _) = timeout(ANSWER_MAX, gate.accept()).await.expect("a place came free");
                guest.write_all(b"greetings").await.expect("it reads");
                tokio::spawn(async move { tokio::io::copy(&mut guest, &mut tokio::io::sink()).await });
            }
        });
        drop(runtime);
        for one in greeted {
            assert_eq!(one.join().expect("it was told"), "greetings");
        }
    }
}
