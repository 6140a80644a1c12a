//! `classify`: what the words of a call speak for under a city's model, as the call desk would have it. Nothing is
//! filed.

use crate::{
    city::City,
    exit::Exit,
    failure::{Failure, Output},
    live::folder::classes,
    words::{Lang, Say},
};
use serde_json::json;
use std::path::PathBuf;

/// Whose model, which words.
#[derive(Clone, Debug, clap::Args)]
pub struct ClassifyArgs {
    /// The city's folder, with its classes.model
    #[arg(long)]
    pub city: PathBuf,
    /// What the caller says
    pub words: String,
}

/// Says the proposal.
pub fn run(args: &ClassifyArgs, lang: Lang) -> Result<Output, Failure> {
    let fill: &[(&str, &dyn std::fmt::Display)] = &[("dir", &args.city.display())];
    let unusable = || Failure::new(Exit::Unreadable, "city_unusable", Say::CityUnusable.with(fill));
    let city = City::load(&args.city).map_err(|error| unusable().because(error))?;
    let rules = city.rules().map_err(|error| unusable().because(error))?;
    let classes = classes(&args.city, &rules)?.ok_or_else(|| {
        let words = Say::NoModel.with(fill);
        Failure::new(Exit::Unreadable, "no_model", words)
    })?;
    let (proposal, strongest) = classes.propose_of(&rules, &args.words);
    let permille = proposal.confidence_permille;
    let sure = format!("{}.{}", permille / 10, permille % 10);
    let second = proposal.second.as_ref().map_or("—", |class| class.as_str());
    let reasons = if strongest.is_empty() { "—".to_owned() } else { strongest.join(" · ") };
    let mut class = proposal.class.to_string();
    for more in [
        proposal.condition.as_ref().map(ToString::to_string),
        proposal.department.as_ref().map(ToString::to_string),
    ] {
        class.extend(more.map(|more| format!(" · {more}")));
    }
    let say = if proposal.sure { Say::ProposalSure } else { Say::ProposalUnsure };
    let text =
        say.filled(lang, &[("class", &class), ("sure", &sure), ("second", &second), ("reasons", &reasons)]);
    Ok(Output::done(json!({ "proposal": proposal, "strongest": strongest }), text))
}
