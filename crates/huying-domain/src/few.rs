//! A list that is empty as a rule: while it is, it takes the room of one pointer.

use serde::{Serialize, Serializer};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    slice,
};

/// A list that most cases do not fill.
#[expect(clippy::box_collection, reason = "a list alone takes the room of three pointers while it is empty")]
pub struct Few<T>(Option<Box<Vec<T>>>);

impl<T> Few<T> {
    /// A list of nothing.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Each of them, to be changed.
    pub fn iter_mut(&mut self) -> slice::IterMut<'_, T> {
        match &mut self.0 {
            Some(list) => list.iter_mut(),
            None => Default::default(),
        }
    }

    /// Keeps those of which this is so.
    pub fn retain(&mut self, stays: impl FnMut(&T) -> bool) {
        if let Some(list) = &mut self.0 {
            list.retain(stays);
            if list.is_empty() {
                self.0 = None;
            }
        }
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// Appends these.
    pub fn extend(&mut self, more: impl IntoIterator<Item = T>) {
        for one in more {
            self.push(one);
        }
    }

    /// All of them, as a list of its own.
    pub fn into_vec(self) -> Vec<T> {
        self.0.map_or_else(Vec::new, |list| *list)
    }
}

impl<T> Deref for Few<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        self.0.as_deref().unwrap_or(const { &Vec::new() })
    }
}

/// Whoever wants it as a list that can grow fills it.
impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        self.0.get_or_insert_default()
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for Few<T> {
    fn clone(&self) -> Self {
        self.to_vec().into()
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(mut list: Vec<T>) -> Self {
        list.shrink_to_fit();
        Self((!list.is_empty()).then(|| Box::new(list)))
    }
}

impl<T: Clone> From<&Vec<T>> for Few<T> {
    fn from(list: &Vec<T>) -> Self {
        list.clone().into()
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        all.into_iter().collect::<Vec<T>>().into()
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> slice::Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Few<T> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;

    fn into_iter(self) -> slice::IterMut<'a, T> {
        self.iter_mut()
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T: PartialEq, const N: usize> PartialEq<[T; N]> for Few<T> {
    fn eq(&self, other: &[T; N]) -> bool {
        **self == *other
    }
}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: Serialize> Serialize for Few<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_one_pointer_and_gives_its_room_back() {
        assert_eq!(size_of::<Few<String>>(), size_of::<usize>());
        let mut few: Few<u8> = Few::new();
        few.retain(|_| true);
        assert!(few.iter_mut().next().is_none());
        assert!(few.0.is_none() && few.is_empty());
        few.extend([1, 2, 3]);
        few.retain(|one| *one != 2);
        assert_eq!(few, [1, 3]);
        assert_eq!(few.clone(), Few::from(vec![1, 3]));
        few.retain(|_| false);
        assert!(few.0.is_none());
        assert_eq!(few, Few::from(Vec::new()));
    }
}
