//! `city`: builds a city's folder from polygons, and says what is wrong with one.

use crate::{
    city::{
        build::{Built, COUNTY_DEFAULT, Plan, build},
        check::check,
        finding::{Findings, Weight},
    },
    exit::Exit,
    failure::{Failure, Output},
    table::table,
    words::{Lang, Say},
};
use huying_domain::{
    area::{AreaCode, Level},
    ids::CalendarName,
    words::Words,
};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is done with a city.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum CityCommand {
    /// Build a city's folder from polygons 由区域图形生成城市
    Build(BuildArgs),
    /// Say what is wrong with a city's folder 检查城市
    Check(CheckArgs),
}

/// Of what a city is built.
#[derive(Clone, Debug, clap::Args)]
pub struct BuildArgs {
    /// A level and its GeoJSON file: county, street, community, grid or micro_grid
    #[arg(long = "level", value_name = "LEVEL=FILE", value_parser = level, required = true)]
    pub levels: Vec<(Level, PathBuf)>,
    /// The folder that is written
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The 6-digit code above all others
    #[arg(long, value_name = "CODE")]
    pub county: Option<AreaCode>,
    /// The city's name in Chinese
    #[arg(long, default_value = "未命名")]
    pub name_zh: String,
    /// The city's name in English
    #[arg(long, default_value = "Unnamed")]
    pub name_en: String,
    /// The zone of its clocks on the wall
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// The calendar of its offices, one of those that come with the program
    #[arg(long, default_value = "cn-office")]
    pub calendar: CalendarName,
    /// Where the polygons come from, a sentence each
    #[arg(long)]
    pub source: Vec<String>,
}

/// Which city.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// The city's folder
    pub dir: PathBuf,
}

fn level(text: &str) -> Result<(Level, PathBuf), String> {
    let (level, file) = text.split_once('=').ok_or("expected LEVEL=FILE")?;
    Ok((level.parse().map_err(|error| format!("{error}"))?, PathBuf::from(file)))
}

/// Builds or checks.
pub fn run(command: &CityCommand, lang: Lang) -> Result<Output, Failure> {
    let failed = |error| Failure::new(Exit::Unreadable, "city", Say::CityFailed.with(&[])).because(error);
    match command {
        CityCommand::Build(args) => {
            let built = build(&plan(args)).map_err(failed)?;
            built.city.write(&args.out).map_err(failed)?;
            Ok(written(args, &built, lang))
        }
        CityCommand::Check(args) => {
            let findings = check(&args.dir).map_err(failed)?;
            let text = if findings.is_empty() {
                Say::CityWhole.text(lang).to_owned()
            } else {
                listed(&findings, lang)
            };
            Ok(Output { exit: exit(&findings), json: json!({ "findings": for_programs(&findings) }), text })
        }
    }
}

/// Warnings are for people to look at; only what makes a city unusable is a *no*.
fn exit(findings: &Findings) -> Exit {
    if findings.weight() == Some(Weight::Error) { Exit::No } else { Exit::Done }
}

fn plan(args: &BuildArgs) -> Plan {
    let county = || AreaCode::new(COUNTY_DEFAULT).expect("the default code has six digits");
    Plan {
        name: Words::new(&args.name_zh, &args.name_en),
        zone: args.zone.clone(),
        calendar: args.calendar.clone(),
        county: args.county.unwrap_or_else(county),
        levels: args.levels.clone(),
        sources: args.source.clone(),
    }
}

fn written(args: &BuildArgs, built: &Built, lang: Lang) -> Output {
    let mut rows = table(lang, &[Say::HeadLevel, Say::HeadCount]);
    for (level, count) in &built.counts {
        rows.add_row([level.name().to_owned(), count.to_string()]);
    }
    let mut text = rows.to_string();
    if !built.findings.is_empty() {
        text = format!("{text}\n\n{}", listed(&built.findings, lang));
    }
    text = format!("{text}\n{}", Say::CityWritten.filled(lang, &[("dir", &args.out.display())]));
    let counts: serde_json::Map<String, Value> =
        built.counts.iter().map(|(level, count)| (level.name().to_owned(), json!(count))).collect();
    let json = json!({ "city": args.out, "areas": counts, "findings": for_programs(&built.findings) });
    Output { exit: exit(&built.findings), json, text }
}

fn listed(findings: &Findings, lang: Lang) -> String {
    let mut rows = table(lang, &[Say::HeadFinding, Say::HeadCount, Say::HeadExamples]);
    for finding in findings.iter() {
        let sentence = lang.pick(finding.trouble.zh(), finding.trouble.en());
        rows.add_row([sentence.to_owned(), finding.count.to_string(), finding.examples.join("; ")]);
    }
    rows.to_string()
}

fn for_programs(findings: &Findings) -> Vec<Value> {
    findings
        .iter()
        .map(|finding| {
            json!({
                "trouble": format!("{:?}", finding.trouble),
                "weight": format!("{:?}", finding.trouble.weight()),
                "sentence": finding.trouble.en(),
                "count": finding.count,
                "examples": finding.examples,
            })
        })
        .collect()
}
