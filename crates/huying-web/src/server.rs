//! The door's own threads: it listens until it is told to stop, and finishes what it has begun.

use crate::{
    gate::{Gate, behind},
    router::{Ground, router},
    tls::TlsGate,
};
use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    runtime,
    sync::watch,
};
use tokio_rustls::rustls::ServerConfig;

/// How long requests that have begun may take when the door closes.
const CLOSE_MAX_S: u64 = 5;

/// Most connections that the system has made and the door has not looked at yet. With the usual hundred a crowd makes it
/// drop half-made ones, whose callers believe that they are through and are silent for seconds.
const BACKLOG_MAX: u32 = 4_096;

/// A door that is open.
#[derive(Debug)]
pub struct Web {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Web {
    /// Opens the door at an address; port 0 takes a free one.
    pub fn start(address: SocketAddr, tls: Option<Arc<ServerConfig>>, ground: Ground) -> io::Result<Self> {
        let runtime =
            runtime::Builder::new_multi_thread().worker_threads(1).thread_name("web").enable_all().build()?;
        let listener = {
            let _within = runtime.enter();
            listen(address)?
        };
        let address = listener.local_addr()?;
        let (stop, mut stopped) = watch::channel(false);
        let serve = async move {
            let told = async move { _ = stopped.wait_for(|stop| *stop).await };
            let (gate, router) = (Gate::new(listener), behind(router(ground)));
            match tls {
                None => axum::serve(gate, router).with_graceful_shutdown(told).await,
                Some(tls) => axum::serve(TlsGate::new(gate, tls)?, router).with_graceful_shutdown(told).await,
            }
        };
        let mut waiting = stop.subscribe();
        let host = move || {
            let ended = runtime.block_on(async {
                let closing = async move {
                    _ = waiting.wait_for(|stop| *stop).await;
                    tokio::time::sleep(Duration::from_secs(CLOSE_MAX_S)).await;
                };
                tokio::select! { ended = serve => ended, () = closing => Ok(()) }
            });
            if let Err(error) = ended {
                tracing::error!(error = &error as &dyn std::error::Error, "the HTTP door broke");
            }
        };
        let thread = thread::Builder::new().name("web".to_owned()).spawn(host)?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the door; requests that have begun are answered.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the HTTP door panicked");
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A start right after a stop finds the address free.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG_MAX)
}

impl Drop for Web {
    fn drop(&mut self) {
        self.end();
    }
}
