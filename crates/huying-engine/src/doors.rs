//! What every door has in common, whether a call or a deed comes by NATS, HTTP or the socket.

use crate::door::Handle;
use huying_journal::disk::Disk;

/// The common ground of the doors.
pub struct Doors<D: Disk> {
    #[expect(dead_code, reason = "the doors are being built")]
    handle: Handle<D>,
}

impl<D: Disk> Doors<D> {
    /// Doors into this engine.
    pub const fn new(handle: Handle<D>) -> Self {
        Self { handle }
    }
}
