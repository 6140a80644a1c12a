//! The policy's section on governed acts: how much time may be granted, how long a case may rest, how soon whoever
//! was called has to be there. A city that states nothing here has none of these acts: each is refused.
//!
//! ```toml
//! [acts]
//! source = "where these limits come from"
//! extensions_max = 2                  # granted in one leg; each at most one original limit
//! suspension_max = "365nd"            # the longest rest 挂账, once a case
//! helper_share = 80                   # percent of the lead's time left that a helper has
//! repeats_supervised = 5              # after so many further callers, and as many again, the holder is supervised;
//!                                     # absent: never by itself
//! [acts.report_in]                    # from the whistle 吹哨 to the report 报到, by kind
//! emergency = "30um"
//! ```

use crate::{limit::Limit, vocabulary::governed::WhistleKind};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Bounds of what the level above may grant, and limits of those who are called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acts {
    /// Where they come from.
    pub source: String,
    /// Most extensions that are granted in one leg of a case.
    pub extensions_max: u8,
    /// The longest suspension.
    pub suspension_max: Limit,
    /// Percent of the time that the lead has left, for whoever helps.
    pub helper_share: u8,
    /// After so many further callers the holder is supervised 督办, and after as many again; absent: never by itself.
    #[serde(default)]
    pub repeats_supervised: Option<u32>,
    /// From the whistle to the report, by kind.
    #[serde(default)]
    pub report_in: BTreeMap<WhistleKind, Limit>,
}

impl Acts {
    /// What contradicts itself.
    pub fn contradictions(&self) -> Vec<String> {
        let mut findings = Vec::new();
        if !(1..100).contains(&self.helper_share) {
            findings.push("acts.helper_share is 1 to 99: a helper is done before the lead".to_owned());
        }
        if self.repeats_supervised == Some(0) {
            findings.push("acts.repeats_supervised counts callers: at least 1".to_owned());
        }
        if matches!(self.suspension_max, Limit::Given(_)) {
            findings.push("acts.suspension_max is a length and no instant".to_owned());
        }
        findings
    }
}
