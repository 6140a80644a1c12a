//! The HTTP face: an empty room until the issue of the faces.
//!
//! Here will stand `router(handle) -> Router`: the HTTP interface, the live stream, the Open311 door, sign-in and
//! the built pages, on top of the engine's handle and the projections. Until then the command line is the only face,
//! and nothing here listens, answers or acts as if it did.
