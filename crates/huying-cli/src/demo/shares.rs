//! The shares and rates of the demo's calls. Each says where it comes from; most are assumed.

use crate::people::governed::GovernedShares;
use huying_domain::vocabulary::{CaseKind, Channel, EmergencyLine, RefusalGround};

/// Share of calls that repeat another of the last hour, same matter and place, in permille: 14 % of New
/// York's 311 calls of 2026 had the same point and type as another within an hour.
pub const REPEATS_PERMILLE: u32 = 140;
/// How far back a repeated call looks, in seconds.
pub const REPEAT_WINDOW_S: i64 = 3600;
/// Share of calls that name a community and no point. Assumed.
pub const BY_NAME_PERMILLE: u32 = 120;
/// Share of calls that nobody can place. Assumed, after the 0.02 to 0.7 % of New York's points outside every
/// area.
pub const NOWHERE_PERMILLE: u32 = 5;
/// Share of questions that the call-taker answers at once. Assumed.
pub const ANSWERED_AT_ONCE_PERMILLE: u32 = 900;
/// Share of a patrol's finds that the finder puts right at once 自行处置. Assumed.
pub const FINDER_SOLVES_PERMILLE: u32 = 500;
/// Share of calls that are not taken on. Assumed.
pub const REFUSED_PERMILLE: u32 = 8;
/// Share of calls that go to an emergency line. Assumed.
pub const REFERRED_PERMILLE: u32 = 6;
/// Share of calls that are about the unit of their own grid. Assumed.
pub const ACCUSES_PERMILLE: u32 = 4;
/// Share of results that the checker does not accept. Assumed.
pub const CHECK_FAILS_PERMILLE: u32 = 30;

/// Presses of one-key alarms among all calls. A city reported 884 alarms of 700 homes from June to September 2025, about
/// one a day for each hundred homes; another reported 1,100 devices in a county: eleven presses a day, beside the demo's
/// 2,880 calls.
pub const ALARMS_PERMILLE: u32 = 4;
/// Share of presses that are drills. Assumed: each grid tries one device a quarter.
pub const DRILLS_PERMILLE: u32 = 100;

/// How often what happens beside the main flow. Where nothing else is said it is assumed, and chosen so that a month has
/// some of each and most cases have none.
pub const GOVERNED: GovernedShares = GovernedShares {
    extends_permille: 20,
    suspends_permille: 3,
    terminates_permille: 2,
    whistles_permille: 12,
    helped_permille: 10,
    granted_permille: 850,
    in_time_permille: 930,
    resumed_early_permille: 250,
    consulted_permille: 100,
    supervised_permille: 300,
    reminded_permille: 150,
    instructed_permille: 2,
    answers_permille: 800,
    // The first hop to the platform was answered in 12 seconds where that was reported; people at a telephone take longer.
    answers_median_s: 25,
    decides_median_s: 20 * 60,
    rests_days: (2, 15),
    task_days: (1, 3),
    rest_grounds: [30, 25, 15, 25, 5],
    end_grounds: [20, 35, 2, 15, 3, 5, 20],
    whistle_kinds: [70, 10, 15, 5],
    degrees: [85, 12, 3],
};

/// Weights of the hours of the day, local time, from 0 to 23. The form is assumed: a day of a Chinese county
/// with its morning and afternoon peaks, quiet at night.
pub const HOURS: [u32; 24] =
    [30, 20, 15, 12, 12, 15, 30, 55, 75, 85, 85, 80, 65, 68, 75, 74, 70, 65, 60, 55, 50, 45, 40, 34];

/// How calls come in, in permille. By telephone 90.7 %: Beijing's 12345 in 2020. The rest is assumed.
pub const CHANNELS: [(Channel, u32); 8] = [
    (Channel::Call, 907),
    (Channel::App, 40),
    (Channel::Web, 14),
    (Channel::Counter, 12),
    (Channel::Patrol, 20),
    (Channel::Device, 3),
    (Channel::Deputies, 3),
    (Channel::Reception, 1),
];

/// Grounds of refusing, by weight. Assumed.
pub const GROUNDS: [(RefusalGround, u32); 4] = [
    (RefusalGround::OtherLegalWay, 45),
    (RefusalGround::NothingNew, 30),
    (RefusalGround::BeyondDuty, 20),
    (RefusalGround::Malicious, 5),
];

/// Emergency lines, by weight. Assumed.
pub const LINES: [(EmergencyLine, u32); 4] = [
    (EmergencyLine::Police, 50),
    (EmergencyLine::Ambulance, 25),
    (EmergencyLine::Traffic, 15),
    (EmergencyLine::Fire, 10),
];

/// What a simulated caller calls about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Matter {
    /// Class of the demo city's catalogue.
    pub class: &'static str,
    /// Filing condition, where the class has several.
    pub condition: Option<&'static str>,
    /// What the caller wants.
    pub kind: CaseKind,
    /// Weight among all matters. Assumed.
    pub weight: u32,
    /// What is written down.
    pub summary: &'static str,
}

const fn matter(
    class: &'static str,
    condition: &'static str,
    kind: CaseKind,
    weight: u32,
    summary: &'static str,
) -> Matter {
    let condition = if condition.is_empty() { None } else { Some(condition) };
    Matter { class, condition, kind, weight, summary }
}

use CaseKind::{Complaint, Help, Inquiry};

/// A press of a one-key alarm.
pub const ALARM: Matter = matter("alarm.press", "", Help, 0, "独居老人按下一键呼叫");

/// The matters, from the demo city's own catalogue.
pub const MATTERS: [Matter; 38] = [
    matter("ask.policy", "", Inquiry, 180, "咨询政策和办事流程"),
    matter("heat.cold", "low", Complaint, 90, "家中供暖温度偏低"),
    matter("heat.cold", "none", Complaint, 25, "整栋楼没有暖气"),
    matter("heat.pipe", "stop", Help, 6, "供热管道破裂，热水外流"),
    matter("heat.pipe", "restore", Help, 3, "供热管道抢修后路面未恢复"),
    matter("water.outage", "sudden", Help, 30, "小区突然停水"),
    matter("water.outage", "planned", Inquiry, 15, "询问计划停水何时结束"),
    matter("water.pipe", "stop", Help, 10, "供水管道破裂，路面冒水"),
    matter("water.quality", "", Complaint, 12, "自来水发黄"),
    matter("water.drain", "overflow", Help, 15, "下水道堵塞，污水外溢"),
    matter("water.drain", "slow", Complaint, 12, "雨水口排水不畅"),
    matter("power.outage", "area", Help, 14, "附近几栋楼停电"),
    matter("power.outage", "single", Help, 16, "家中停电"),
    matter("power.line", "live", Help, 3, "电线脱落，疑似带电"),
    matter("power.lamp", "single", Complaint, 22, "一盏路灯不亮"),
    matter("power.lamp", "section", Complaint, 8, "一段路的路灯都不亮"),
    matter("road.manhole", "missing", Help, 5, "井盖缺失"),
    matter("road.manhole", "rattling", Complaint, 14, "井盖松动，车过有响声"),
    matter("road.surface", "worn", Complaint, 20, "路面破损"),
    matter("road.surface", "collapse", Help, 2, "路面塌陷"),
    matter("road.flood", "", Help, 5, "道路积水"),
    matter("police.noise", "", Complaint, 55, "夜间有人喧哗扰民"),
    matter("police.parking", "ordinary", Complaint, 45, "车辆乱停"),
    matter("police.parking", "blocking", Complaint, 15, "车辆堵住出口"),
    matter("urban.stall", "", Complaint, 25, "占道经营"),
    matter("urban.smoke", "", Complaint, 8, "露天烧烤油烟"),
    matter("urban.site", "night", Complaint, 25, "工地夜间施工"),
    matter("urban.illegal_build", "ongoing", Complaint, 10, "有人正在违法建设"),
    matter("urban.fire_lane", "", Complaint, 12, "消防通道被占用"),
    matter("env.rubbish", "heap", Complaint, 40, "垃圾堆积未清运"),
    matter("env.dirty_road", "", Complaint, 20, "道路不洁"),
    matter("env.snow", "", Help, 15, "路面积雪结冰"),
    matter("env.green", "danger", Help, 6, "树枝将要折断"),
    matter("neighbour.dispute", "", Help, 25, "邻里纠纷请求调解"),
    matter("care.visit", "need", Help, 15, "独居老人需要上门帮助"),
    matter("property.service", "", Complaint, 50, "物业服务不到位"),
    matter("property.lift", "", Complaint, 14, "电梯停运"),
    matter("other", "", Help, 40, "其他求助"),
];
