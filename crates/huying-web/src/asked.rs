//! Whether a whole request has come on a connection: then its sender is a caller and nobody who hangs.
//!
//! What a connection itself shows is bytes. A handshake answers bytes with bytes and nobody has asked for anything yet;
//! half a request looks like a whole one. So this is said from within, where a request has a head and a body.

use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, Request},
    middleware::Next,
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use crate::limit::Peer;

/// Whether a whole request has come. Clones speak of the same connection.
#[derive(Clone, Default, Debug)]
pub(crate) struct Asked(Arc<AtomicBool>);

impl Asked {
    pub(crate) fn is_whole(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set_whole(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Notes when a request is whole: at once where it has no body, else with the end of that.
pub(crate) async fn noted(request: Request, next: Next) -> Response {
    let Some(asked) = request.extensions().get::<ConnectInfo<Peer>>().map(|from| from.0.asked.clone()) else {
        return next.run(request).await;
    };
    let (head, body) = request.into_parts();
    let body = Followed { body, asked };
    if hyper::body::Body::is_end_stream(&body) {
        body.asked.set_whole();
    }
    next.run(Request::from_parts(head, Body::new(body))).await
}

/// A body of which it is said when it has ended.
struct Followed {
    body: Body,
    asked: Asked,
}

impl hyper::body::Body for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let followed = self.get_mut();
        let frame = ready!(Pin::new(&mut followed.body).poll_frame(cx));
        if frame.is_none() || followed.body.is_end_stream() {
            followed.asked.set_whole();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
