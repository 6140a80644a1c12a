//! The tiny city's files, as the simulated engine gets them.

use huying_domain::{record::RuleFile, rules::RuleTexts};
use huying_journal::{disk::sim::SplitMix, seal::Entropy};

/// Units of the city; the last is none of its.
pub(crate) const UNITS: [&str; 14] = [
    "centre",
    "street-1",
    "community-1",
    "community-2",
    "grid-1-1",
    "grid-1-2",
    "grid-2-1",
    "grid-2-2",
    "water",
    "urban",
    "police",
    "power",
    "heat",
    "nobody-knows",
];
/// How many of these are the city's own.
pub(crate) const UNITS_KNOWN: usize = UNITS.len() - 1;

/// Classes with a condition each; the last stands in no catalogue and has no resolve limit.
pub(crate) const MATTERS: [(&str, Option<&str>); 9] = [
    ("water.burst", None),
    ("water.burst", Some("flooding")),
    ("road.pothole", Some("deep")),
    ("road.pothole", None),
    ("noise.construction", None),
    ("noise.neighbour", None),
    ("light.street", Some("pole_down")),
    ("heat.cold", None),
    ("cat.in.tree", None),
];

/// Areas: four grids, a community, the street.
pub(crate) const AREAS: [u64; 6] = [
    211_081_001_001_001,
    211_081_001_001_002,
    211_081_001_002_001,
    211_081_001_002_002,
    211_081_001_002,
    211_081_001,
];

/// The tiny city's policy, with notices and quiet hours of its own.
const POLICY: &str = concat!(
    include_str!("../../city/policy.toml"),
    r#"
[quiet]
source = "made up for tests"
from = "22:00"
to = "07:00"
[[notice]]
source = "made up for tests"
clock = "resolve"
before = 20
to = ["holder", "above", "sponsor"]
holds = "2uh"
[[notice]]
source = "made up for tests"
clock = "hold"
before = 50
to = ["holder"]
holds = "1uh"
[[notice]]
source = "made up for tests"
clock = "dispatch"
to = ["centre"]
holds = "1uh"
urgent = true
[sponsors]
street-1 = "urban"
"#
);

/// The same, with a day on which somebody looks again at what was closed.
fn policy_text() -> String {
    POLICY.replace("call_back = \"2wd\"", "call_back = \"2wd\"\nlook_again = \"1nd\"")
}

/// The five rule files.
pub(crate) fn texts() -> RuleTexts {
    let policy = policy_text();
    let texts = [
        (RuleFile::Policy, policy.as_str()),
        (RuleFile::Duty, include_str!("../../city/duty.toml")),
        (RuleFile::Calendar, include_str!("../../city/calendar.toml")),
        (RuleFile::Territory, include_str!("../../city/territory.csv")),
        (RuleFile::Units, include_str!("../../city/units.csv")),
    ];
    texts.into_iter().map(|(file, text)| (file, text.as_bytes().to_vec())).collect()
}

/// The policy, or the same with other limits: what a city publishes in the middle of a day.
pub(crate) fn policy(hurried: bool) -> Vec<u8> {
    let text = if hurried {
        policy_text().replace("tiny-2026", "tiny-hurried").replace("accept = \"2wh\"", "accept = \"30um\"")
    } else {
        policy_text()
    };
    text.into_bytes()
}

/// Random bytes from the seed. Each start of the engine has its own, or it would seal twice with one nonce.
pub(crate) fn entropy(seed: u64, start: u64) -> Entropy {
    let mut random = SplitMix(seed.wrapping_mul(0x1000_0001).wrapping_add(start));
    Box::new(move |bytes| random.fill(bytes))
}
