//! How far a case is, in both languages and in the states of the updates' extension. Only words of the trade stand here.

use super::instant;
use huying_domain::words::Words;
use huying_projection::requests::standing::Standing;
use jiff::tz::TimeZone;

/// How far it is, and on which ground.
pub(super) fn words(standing: Standing, zone: &TimeZone) -> Words {
    let with = |zh: &str, en: &str, ground_zh: &str, ground: &str| {
        Words::new(format!("{zh}：{ground_zh}"), format!("{en}: {}", ground.replace('_', " ")))
    };
    match standing {
        Standing::Received => Words::new("已受理", "received"),
        Standing::Joined(lead) => {
            Words::new(format!("与 {lead} 并案办理"), format!("handled together with {lead}"))
        }
        Standing::Parted => Words::new("已拆分，单独办理", "handled on its own again"),
        Standing::Assigned => Words::new("已派遣", "assigned"),
        Standing::Accepted => Words::new("已签收，办理中", "accepted, in progress"),
        Standing::Returned => Words::new("已退回，重新派遣中", "given back, to be assigned again"),
        Standing::Escalated(ground) => with("已升级", "escalated", ground.zh(), ground.name()),
        Standing::Extended(until) => {
            let until = instant::shown(until, zone);
            Words::new(format!("已延期至 {until}"), format!("extended until {until}"))
        }
        Standing::Suspended(ground, until) => {
            let until = instant::shown(until, zone);
            with(&format!("挂账至 {until}"), &format!("at rest until {until}"), ground.zh(), ground.name())
        }
        Standing::Resumed => Words::new("恢复办理", "in progress again"),
        Standing::Terminated(ground) => with("终止办理", "given up", ground.zh(), ground.name()),
        Standing::Refused(ground) => with("不予受理", "not taken on", ground.zh(), ground.name()),
        Standing::Referred(line) => {
            with("已转紧急热线", "handed to an emergency line", line.zh(), line.name())
        }
        Standing::Cancelled(ground) => with("已撤销", "cancelled", ground.zh(), ground.name()),
        Standing::Resolved => Words::new("已办结，核查中", "done, being checked"),
        Standing::NotDone => Words::new("核查未通过，继续办理", "checked and not done yet"),
        Standing::Answered => Words::new("已答复", "answered"),
        Standing::Reopened => Words::new("返工，重新办理", "reopened"),
        Standing::Closed(condition) => with("已结案", "closed", condition.zh(), condition.name()),
    }
}

/// The same as a state of the updates' extension.
pub(super) const fn state(standing: Standing) -> &'static str {
    match standing {
        Standing::Received | Standing::Parted | Standing::Reopened => "open",
        Standing::Joined(_) => "duplicate",
        Standing::Assigned | Standing::NotDone => "investigating",
        Standing::Accepted | Standing::Resumed | Standing::Extended(_) => "in_progress",
        Standing::Returned | Standing::Escalated(_) => "internal_referral",
        Standing::Suspended(..) => "action_scheduled",
        Standing::Terminated(_) => "no_further_action",
        Standing::Refused(_) | Standing::Referred(_) => "not_councils_responsibility",
        Standing::Cancelled(_) => "cancelled",
        Standing::Resolved => "fixed",
        Standing::Answered => "unchanged",
        Standing::Closed(_) => "closed",
    }
}
