//! Short numbers for names that repeat: thousands of cases lie with the same units, in the same areas, of few classes.

use std::collections::BTreeMap;

/// The number of no name: nobody has it.
pub(super) const NOBODY: u32 = u32::MAX;
/// The number of a name that was never numbered: it is asked for, and no case bears it.
pub(super) const UNKNOWN: u32 = u32::MAX - 1;

/// The names in the order in which they came up. None is forgotten: there are as many as a city has units, areas and
/// classes, and had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Names<T> {
    numbers: BTreeMap<T, u32>,
    names: Vec<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), names: Vec::new() }
    }
}

impl<T: Ord + Clone> Names<T> {
    /// The number of a name, a new one where it has none. `before` is a number that it is likely to have.
    pub(super) fn number(&mut self, name: &T, before: u32) -> u32 {
        if self.names.get(before as usize) == Some(name) {
            return before;
        }
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(UNKNOWN);
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), number);
        number
    }

    /// The number of a name that is asked for.
    pub(super) fn find(&self, name: &T) -> u32 {
        self.numbers.get(name).copied().unwrap_or(UNKNOWN)
    }

    /// All of them, each at its number.
    pub(super) fn all(&self) -> &[T] {
        &self.names
    }
}
