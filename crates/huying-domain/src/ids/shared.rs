//! Texts that are kept once, however many cases bear them: to whoever holds one it is a pointer.

use compact_str::CompactString;
use serde::{Serialize, Serializer};
use std::{
    borrow::Borrow,
    cmp::Ordering,
    collections::HashSet, // lookup only
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::{Arc, LazyLock, Mutex},
};

/// So many texts are kept before it is looked for the first time which of them nobody bears any more.
const SWEEP_TEXTS_MIN: usize = 4_096;

/// A text that is kept once. Equal texts are the same one, so two of them are compared by where they lie; their order is
/// that of what they say.
#[derive(Clone)]
pub(super) struct Shared(Arc<CompactString>);

/// Every text that somebody bears, and some that nobody does.
struct Kept {
    texts: HashSet<Shared>, // lookup only
    sweep_at: usize,
}

static KEPT: LazyLock<Mutex<Kept>> =
    LazyLock::new(|| Mutex::new(Kept { texts: HashSet::new(), sweep_at: SWEEP_TEXTS_MIN })); // lookup only

impl Kept {
    fn take(&mut self, text: CompactString) -> Shared {
        if let Some(kept) = self.texts.get(text.as_str()) {
            return kept.clone();
        }
        if self.texts.len() >= self.sweep_at {
            self.sweep();
        }
        let kept = Shared(Arc::new(text));
        self.texts.insert(kept.clone());
        kept
    }

    /// Lets go what nobody bears. Whoever wants a copy of such a text has to come by here, so none is made meanwhile.
    fn sweep(&mut self) {
        self.texts.retain(|kept| Arc::strong_count(&kept.0) > 1);
        self.sweep_at = SWEEP_TEXTS_MIN.max(2 * self.texts.len());
    }
}

impl From<CompactString> for Shared {
    fn from(text: CompactString) -> Self {
        KEPT.lock().expect("nobody panics while taking a name").take(text)
    }
}

impl Deref for Shared {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Shared {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Shared {}

impl PartialOrd for Shared {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shared {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_lie_at_one_place_and_are_ordered_by_what_they_say() {
        let [one, same, next] =
            ["grid-1", "grid-1", "grid-2"].map(|text| Shared::from(CompactString::from(text)));
        assert!(Arc::ptr_eq(&one.0, &same.0));
        assert_eq!(one, same);
        assert_ne!(one, next);
        assert_eq!(one.cmp(&same), Ordering::Equal);
        assert_eq!(one.cmp(&next), Ordering::Less);
        assert_eq!(next.cmp(&one), Ordering::Greater);
    }

    #[test]
    fn what_nobody_bears_is_let_go_and_what_somebody_bears_stays() {
        let mut kept = Kept { texts: HashSet::new(), sweep_at: SWEEP_TEXTS_MIN }; // lookup only
        let borne = kept.take("borne".into());
        for number in 0..10 * SWEEP_TEXTS_MIN {
            kept.take(format!("nobody-{number}").into());
            assert!(kept.texts.len() <= SWEEP_TEXTS_MIN);
        }
        assert_eq!(kept.take("borne".into()), borne);
    }
}
