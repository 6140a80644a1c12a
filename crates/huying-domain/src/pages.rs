//! What is known of each of many cases, by id: neighbours lie on a page, and a page is as long as what stands on it.
//!
//! Cases are numbered one after the other, and the newest are those that are open. A B-tree splits its nodes as ids grow
//! and so leaves each of them half empty; here the newest page is filled before the next begins, and a page whose cases
//! have gone gives their room back.

use crate::ids::CaseId;
use std::{collections::BTreeMap, ops::Bound};

/// A map from cases to what is known of them, in the order of their ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pages<T> {
    pages: BTreeMap<u64, Vec<(CaseId, T)>>,
    len: usize,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: BTreeMap::new(), len: 0 }
    }
}

impl<T> Pages<T> {
    /// How many cases there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What is known of a case.
    pub fn get(&self, case: CaseId) -> Option<&T> {
        let page = self.pages.get(&case.page())?;
        Some(&page[place_on(page, case).ok()?].1)
    }

    /// What is known of a case, to be changed.
    pub fn get_mut(&mut self, case: CaseId) -> Option<&mut T> {
        let page = self.pages.get_mut(&case.page())?;
        let place = place_on(page, case).ok()?;
        Some(&mut page[place].1)
    }

    /// Whether anything is known of a case.
    pub fn contains(&self, case: CaseId) -> bool {
        self.get(case).is_some()
    }

    /// Says what is known of a case from now on, and hands out what was.
    pub fn insert(&mut self, case: CaseId, known: T) -> Option<T> {
        let newest = self.pages.last_key_value().is_none_or(|(last, _)| *last < case.page());
        let page = self.pages.entry(case.page()).or_default();
        match place_on(page, case) {
            Ok(place) => Some(std::mem::replace(&mut page[place].1, known)),
            Err(place) => {
                page.reserve_exact(if newest { CaseId::PAGE_CASES } else { 1 });
                page.insert(place, (case, known));
                self.len += 1;
                None
            }
        }
    }

    /// What is known of a case; where nothing is, this from now on.
    pub fn or_insert(&mut self, case: CaseId, known: impl FnOnce() -> T) -> &mut T {
        if !self.contains(case) {
            self.insert(case, known());
        }
        self.get_mut(case).expect("it stands there")
    }

    /// Lets a case go, and hands out what was known of it.
    pub fn remove(&mut self, case: CaseId) -> Option<T> {
        let page = self.pages.get_mut(&case.page())?;
        let place = place_on(page, case).ok()?;
        let (_, known) = page.remove(place);
        self.len -= 1;
        if page.is_empty() {
            self.pages.remove(&case.page());
        } else {
            shorten(page);
        }
        Some(known)
    }

    /// Lets every case go of which this is not so.
    pub fn retain(&mut self, mut stays: impl FnMut(CaseId, &T) -> bool) {
        self.pages.retain(|_, page| {
            let before = page.len();
            page.retain(|(case, known)| stays(*case, known));
            self.len -= before - page.len();
            shorten(page);
            !page.is_empty()
        });
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (CaseId, &T)> {
        self.pages.values().flatten().map(|(case, known)| (*case, known))
    }

    /// Those behind a case, by id; all where none is named.
    pub fn after(&self, case: Option<CaseId>) -> impl Iterator<Item = (CaseId, &T)> {
        let first = case.map_or(Bound::Unbounded, |case| Bound::Included(case.page()));
        let pages = self.pages.range((first, Bound::Unbounded)).flat_map(|(_, page)| page);
        let behind = pages.skip_while(move |(at, _)| case.is_some_and(|case| *at <= case));
        behind.map(|(case, known)| (*case, known))
    }

    /// What is known of each, by id.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.iter().map(|(_, known)| known)
    }
}

/// Where a case stands on its page, or where it would. On a page from which none is missing its number says so.
fn place_on<T>(page: &[(CaseId, T)], case: CaseId) -> Result<usize, usize> {
    let place = case.place_on_page();
    if page.get(place).is_some_and(|(at, _)| *at == case) {
        return Ok(place);
    }
    page.binary_search_by_key(&case, |(at, _)| *at)
}

/// Gives room back when half of a page has gone.
fn shorten<T>(page: &mut Vec<T>) {
    if page.len() <= page.capacity() / 2 {
        page.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn case(number: u64) -> CaseId {
        CaseId::new(3, number)
    }

    proptest! {
        #[test]
        fn it_knows_what_a_map_would_know(steps in proptest::collection::vec((0..4_u8, 1..80_u64), 0..200)) {
            let (mut pages, mut map) = (Pages::default(), BTreeMap::new());
            for (step, (what, number)) in steps.into_iter().enumerate() {
                let id = case(number);
                match what {
                    0 | 1 => prop_assert_eq!(pages.insert(id, step), map.insert(id, step)),
                    2 => prop_assert_eq!(pages.remove(id), map.remove(&id)),
                    _ => {
                        pages.retain(|at, _| at.number() % 16 != number % 16);
                        map.retain(|at, _| at.number() % 16 != number % 16);
                    }
                }
                prop_assert_eq!(pages.len(), map.len());
                prop_assert_eq!(pages.get(id), map.get(&id));
                prop_assert!(pages.iter().eq(map.iter().map(|(at, known)| (*at, known))));
                prop_assert!(pages.iter().rev().eq(map.iter().rev().map(|(at, known)| (*at, known))));
                let behind = map.range((Bound::Excluded(id), Bound::Unbounded));
                prop_assert!(pages.after(Some(id)).eq(behind.map(|(at, known)| (*at, known))));
            }
        }
    }

    #[test]
    fn a_page_is_filled_before_the_next_begins_and_gives_room_back() {
        let mut pages = Pages::default();
        (1..=1_000).for_each(|number| _ = pages.insert(case(number), ()));
        let room = |pages: &Pages<()>| pages.pages.values().map(Vec::len).sum::<usize>();
        assert_eq!(room(&pages), 1_000);
        assert!(pages.pages.len() <= 1_000 / CaseId::PAGE_CASES + 1);
        let mut pages = Pages::default();
        (1..=1_000_u64).for_each(|number| _ = pages.insert(case(number), number));
        (1..=1_000).filter(|number| number % 16 > 0).for_each(|number| _ = pages.remove(case(number)));
        assert!(pages.pages.values().all(|page| page.capacity() <= 2), "one case of sixteen is left on each");
        pages.insert(case(100_000), 0);
        pages.insert(case(50_000), 0);
        let rooms: Vec<usize> = pages.pages.values().rev().take(2).map(Vec::capacity).collect();
        assert_eq!(rooms, [CaseId::PAGE_CASES, 1], "an older case that comes back is alone on its page");
    }
}
