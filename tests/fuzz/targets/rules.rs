//! A rule file beside four good ones. The first byte chooses which is the fuzzed one. Rules that were taken answer.
#![no_main]

use huying_domain::{
    event::collect::Brief,
    record::RuleFile,
    rules::{RuleTexts, Rules},
    time::Timestamp,
    vocabulary::{Clock, Rung},
};

const FILES: [(RuleFile, &str); 5] = [
    (RuleFile::Policy, include_str!("../../city/policy.toml")),
    (RuleFile::Duty, include_str!("../../city/duty.toml")),
    (RuleFile::Calendar, include_str!("../../city/calendar.toml")),
    (RuleFile::Territory, include_str!("../../city/territory.csv")),
    (RuleFile::Units, include_str!("../../city/units.csv")),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, text)) = bytes.split_first() else { return };
    let mut texts: RuleTexts = FILES.iter().map(|(file, text)| (*file, text.as_bytes().to_vec())).collect();
    texts.insert(FILES[usize::from(*which) % FILES.len()].0, text.to_vec());
    let Ok(rules) = Rules::read(&texts) else { return };
    let now = Timestamp::from_seconds(1_790_000_000);
    for class in ["noise.neighbour", "alarm.button", "water.burst"] {
        let brief = Brief {
            class: class.parse().expect("a class"),
            condition: None,
            area: "211081001001001".parse().expect("an area"),
            accused: None,
            department: None,
        };
        let _ = rules.duty_for(&brief);
        for rung in Rung::ALL {
            let _ = rules.stands_on(*rung, &brief);
            let _ = rules.calendar_of_matter(&brief).due(&rules.hold(*rung, &brief, None), now);
        }
        for clock in Clock::ALL {
            if let Some(limit) = rules.limit(*clock, &brief) {
                let due = rules.due_for_unit(rules.centre(), &limit, now).at;
                assert!(due >= now, "{clock:?} is due before it began");
            }
        }
    }
});
