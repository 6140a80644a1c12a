//! The reason on the work order: it is read by the unit that got it, and by whoever asks why.

use super::{Bar, Skip, Wanted};
use huying_domain::{
    event::dispatch::Returned,
    rules::{Rules, units::Unit},
    vocabulary::Rung,
    words::Words,
};

/// Says where the matter began, whom it passed over, and who leads it.
pub(super) fn words(
    rules: &Rules,
    wanted: &Wanted<'_>,
    skipped: &[Skip<'_>],
    rung: Rung,
    lead: &Unit,
) -> Words {
    let duty = rules.duty_for(wanted.brief);
    let mut said = match wanted.returned {
        Some(returned) => given_back(rules, returned),
        None => vec![Words::new(
            format!("派单目录：{}，从{}起派", duty.reason.zh, duty.start.zh()),
            format!("duty list: {}, from the {} on", duty.reason.en, in_words(duty.start)),
        )],
    };
    said.extend(skipped.iter().map(passed_over));
    said.push(Words::new(
        format!("由{}（{}）主办", lead.name.zh, rung.zh()),
        format!("led by {} ({})", lead.name.en, in_words(rung)),
    ));
    let zh: Vec<_> = said.iter().map(|words| words.zh.as_str()).collect();
    let en: Vec<_> = said.iter().map(|words| words.en.as_str()).collect();
    Words::new(zh.join("；"), en.join("; "))
}

fn given_back(rules: &Rules, returned: &Returned) -> Vec<Words> {
    let name = |id| {
        rules.unit(id).map_or_else(|| Words::new(id.as_str(), id.as_str()), |unit: &Unit| unit.name.clone())
    };
    let returner = name(&returned.unit);
    let ground = returned.ground;
    let first = Words::new(
        format!("{}以“{}”退回（第{}次）", returner.zh, ground.zh(), returned.count),
        format!("given back by {} ({}, return {})", returner.en, spaced(ground.name()), returned.count),
    );
    let proposal = returned.proposed.as_ref().map(name);
    let second = proposal
        .map(|unit| Words::new(format!("建议由{}办理", unit.zh), format!("{} was proposed", unit.en)));
    [first].into_iter().chain(second).collect()
}

fn passed_over(skip: &Skip<'_>) -> Words {
    let (zh, en) = match skip.bar {
        Bar::NoUnit => ("无此层级单位", "no unit there"),
        Bar::Forbidden => ("目录规定该层级不得主办", "the duty list lets no such rung lead it"),
        Bar::Accused => ("涉事单位或其下级，需回避", "the case is about it or a unit above it"),
        Bar::Returner => ("已退回", "it gave the case back"),
        Bar::Vacant => ("空岗", "vacant"),
        Bar::OffDuty => ("无人值守", "nobody on duty"),
    };
    let rung = in_words(skip.rung);
    match skip.unit {
        Some(unit) => Words::new(
            format!("跳过{}（{}）", unit.name.zh, zh),
            format!("{} ({rung}) skipped: {en}", unit.name.en),
        ),
        None => Words::new(format!("跳过{}（{zh}）", skip.rung.zh()), format!("{rung} skipped: {en}")),
    }
}

fn in_words(rung: Rung) -> String {
    spaced(rung.name())
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}
