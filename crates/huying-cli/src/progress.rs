//! Progress of long work: a bar on stderr where that is a terminal, else nothing.

use indicatif::{ProgressBar, ProgressStyle};

/// Whoever wants to know how far long work has come.
pub trait Progress {
    /// Work begins; `total` where it is known.
    fn begin(&mut self, what: &str, total: Option<u64>);
    /// So much is done; `note` is a short text such as the virtual instant.
    fn at(&mut self, done: u64, note: &str);
    /// The work has ended.
    fn end(&mut self);
}

/// Nobody wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _: &str, _: Option<u64>) {}
    fn at(&mut self, _: u64, _: &str) {}
    fn end(&mut self) {}
}

/// A bar on stderr; hidden by its library where stderr is no terminal.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that is not drawn yet.
    pub fn new() -> Self {
        Self(ProgressBar::hidden())
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn begin(&mut self, what: &str, total: Option<u64>) {
        self.0 = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let form = if total.is_some() {
            "{prefix} {wide_bar} {pos}/{len} {elapsed} {msg}"
        } else {
            "{prefix} {spinner} {pos} {elapsed} {msg}"
        };
        self.0.set_style(ProgressStyle::with_template(form).expect("the template is well formed"));
        self.0.set_prefix(what.to_owned());
    }

    fn at(&mut self, done: u64, note: &str) {
        self.0.set_position(done);
        self.0.set_message(note.to_owned());
    }

    fn end(&mut self) {
        self.0.finish_and_clear();
    }
}
