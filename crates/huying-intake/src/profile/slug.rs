//! Foreign names as stable ids: `Noise - Residential` is `noise-residential` today and for ever.

/// The id that a foreign name becomes, of at most `chars_max` characters; none when nothing of it is left.
///
/// Letters become lower case, everything that is neither letter nor digit becomes one dash between words. A
/// name that is too long keeps its beginning and ends in eight hexadecimal digits over the whole, so that two
/// long names stay two. Frozen: cases, limits and duty lists are filed under these ids.
pub fn slug(name: &str, chars_max: usize) -> Option<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    if slug.is_empty() {
        return None;
    }
    if slug.chars().count() <= chars_max {
        return Some(slug);
    }
    let kept: String = slug.chars().take(chars_max.saturating_sub(9)).collect();
    Some(format!("{}-{:08x}", kept.trim_end_matches('-'), fold(&slug)))
}

/// FNV-1a over the bytes, 32 bits.
fn fold(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use huying_domain::ids::{ClassId, NAME_CHARS_MAX, UNIT_ID_CHARS_MAX};
    use proptest::prelude::*;

    #[test]
    fn a_foreign_name_becomes_a_readable_id() {
        for (name, id) in [
            ("Noise - Residential", "noise-residential"),
            ("HEAT/HOT WATER", "heat-hot-water"),
            ("HS_O", "hs-o"),
            ("  Heat - Excessive  Insufficient ", "heat-excessive-insufficient"),
            ("占道经营", "占道经营"),
        ] {
            assert_eq!(slug(name, NAME_CHARS_MAX).as_deref(), Some(id));
        }
        assert_eq!(slug(" - / ", NAME_CHARS_MAX), None);
    }

    #[test]
    fn two_long_names_with_one_beginning_stay_two() {
        let beginning = "a".repeat(60);
        let ids = ["north", "south"].map(|end| slug(&format!("{beginning} {end}"), UNIT_ID_CHARS_MAX));
        assert_ne!(ids[0], ids[1]);
        assert!(ids.iter().flatten().all(|id| id.len() == UNIT_ID_CHARS_MAX));
    }

    proptest! {
        #[test]
        fn whatever_is_left_of_a_name_is_a_class_id(name in "\\PC{0,120}") {
            if let Some(id) = slug(&name, NAME_CHARS_MAX) {
                prop_assert!(ClassId::new(id.as_str()).is_ok());
                prop_assert!(id.chars().count() <= NAME_CHARS_MAX);
            }
        }
    }
}
