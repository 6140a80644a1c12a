//! What the measurements have in common: a small city on a real disk, the life of a case, clients, and how a
//! figure is told.
//!
//! The measurements themselves stand in `benches/`, each a file whose name is the question. Every one prints
//! the cores, the sizes and the spread, and how busy others kept the machine meanwhile; a figure belongs to
//! the machine that it was taken on. With `--smoke` each runs on sizes that take a second or two and proves
//! only that it runs.
//!
//! What it does not do: it judges no figure, and fails only when something is refused or lost.
//!
//! Begin with `clients.rs`.

pub mod apart;
pub mod clients;
pub mod clocks;
pub mod compared;
pub mod growth;
pub mod life;
pub mod lives;
pub mod machine;
pub mod nerved;
pub mod places;
pub mod replayed;
pub mod spread;
pub mod stage;
pub mod standing;
pub mod webbed;
pub mod yardstick;
