//! The one loop: commands in, records out.
