//! `person`: what is held of a person, for that person. Each case is written down as read before it is opened.

use super::{out_of_turn, submit::fresh_id};
use crate::{
    dossier::{Dossier, Erased, Searched, Told, Unread},
    exit::Exit,
    failure::{Failure, Output},
    live::{Act, Answer, BesideAsk, OpenedTold, Request, folder, folder::Folder},
    words::{Lang, Say},
};
use huying_domain::{
    command::Ask,
    event::Event,
    ids::{CaseId, PersonId},
    record::Record,
};
use huying_engine::person::Holding;
use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Only the owner reads what was exported.
const EXPORT_MODE: u32 = 0o600;

/// What is done for a person.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PersonCommand {
    /// Everything that is held of whoever has this number, and who read it 个人信息查阅
    Export(ExportArgs),
}

/// Where, whose, what for.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// The data folder
    pub dir: PathBuf,
    /// The number as the person gives it
    #[arg(long)]
    pub phone: String,
    /// What for; it stands in each case's records for ever
    #[arg(long)]
    pub purpose: String,
    /// JSON into this new file, and the same to be read into a file beside it that ends with .txt
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// A case that the person names, such as 0-12: of an erased one nobody can say any more whose it was
    #[arg(long, value_name = "CASE")]
    pub case: Vec<CaseId>,
    /// Who hands it out
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Does it.
pub fn run(command: &PersonCommand, lang: Lang) -> Result<Output, Failure> {
    match command {
        PersonCommand::Export(args) => export(args, lang),
    }
}

fn export(args: &ExportArgs, lang: Lang) -> Result<Output, Failure> {
    if !args.phone.chars().any(char::is_alphanumeric) || args.purpose.trim().is_empty() {
        return Err(Failure::new(Exit::Unreadable, "no_number", Say::PersonNeedsBoth.with(&[])));
    }
    let mut folder = folder::open(&args.dir)?;
    // Files that cannot be written are said before anything is written down as read.
    let files = args.out.as_deref().map(files).transpose()?;
    let holding = match folder.ask(Request::Beside(BesideAsk::Holding(args.phone.clone())))? {
        Answer::Holding(holding) => holding,
        answer => return Err(out_of_turn(&answer)),
    };
    let dossier = gather(args, &mut folder, &holding)?;
    let (json, text) = (json!(dossier), dossier.text());
    let Some([(to, mut data), (beside, mut words)]) = files else {
        return Ok(Output::done(json, text));
    };
    let pretty = serde_json::to_string_pretty(&json).expect("it is made of texts and numbers");
    for (path, file, told) in [(&to, &mut data, &pretty), (&beside, &mut words, &text)] {
        let written = writeln!(file, "{told}").and_then(|()| file.sync_all());
        written.map_err(|error| not_written(path, error))?;
    }
    let said = Say::PersonExported.filled(
        lang,
        &[("cases", &dossier.cases.len()), ("file", &to.display()), ("text", &beside.display())],
    );
    Ok(Output::done(json!({ "cases": dossier.cases.len(), "file": to, "text": beside }), said))
}

fn gather(args: &ExportArgs, folder: &mut Folder, holding: &Holding) -> Result<Dossier, Failure> {
    let mut dossier = Dossier::new(&args.phone, &args.purpose, Searched::from(holding));
    for &case in &holding.cases {
        let act = Act {
            id: fresh_id(),
            case: Some(case),
            saw: None,
            ask: Ask::Reveal { purpose: args.purpose.clone() },
            private: None,
            person: args.person.clone(),
        };
        match folder.ask(Request::Open(Box::new(act), args.phone.clone())) {
            Ok(Answer::Opened(OpenedTold { own, of_others, case: told })) => {
                let records = read(args, &told)?;
                dossier.zone.clone_from(&told.zone);
                dossier.cases.push(Told::of(case, &records, &own, of_others, &told.zone));
            }
            Ok(answer) => return Err(out_of_turn(&answer)),
            // One case about this very office may not be opened here; the others are told all the same.
            Err(failure) if failure.exit == Exit::No => {
                dossier.unread.push(Unread { case, code: failure.code, words: failure.words });
            }
            Err(failure) => return Err(failure),
        }
    }
    for &case in args.case.iter().filter(|case| !holding.cases.contains(case)) {
        let told = match folder.ask(Request::Case(case))? {
            Answer::Case(told) => told,
            answer => return Err(out_of_turn(&answer)),
        };
        match erased(case, &read(args, &told)?) {
            Some(erased) => dossier.erased.push(erased),
            None => dossier.not_held.push(case),
        }
    }
    Ok(dossier)
}

fn read(args: &ExportArgs, told: &crate::live::CaseTold) -> Result<Vec<Record>, Failure> {
    told.read().map_err(|error| Failure::unreadable(args.dir.display(), error))
}

/// Nothing but that it is erased, when and why: whose it was cannot be known.
fn erased(case: CaseId, records: &[Record]) -> Option<Erased> {
    records.iter().rev().find_map(|record| {
        let own = record.parts.iter().filter(|part| part.case() == Some(case));
        own.flat_map(|part| &part.events).find_map(|event| match event {
            Event::Erased(erased) => {
                Some(Erased { case, seq: record.seq, at: record.at, reason: erased.reason.clone() })
            }
            _ => None,
        })
    })
}

/// The two files, new and the owner's alone.
fn files(to: &Path) -> Result<[(PathBuf, File); 2], Failure> {
    let new = |path: PathBuf| {
        let file = OpenOptions::new().write(true).create_new(true).mode(EXPORT_MODE).open(&path);
        file.map_err(|error| not_written(&path, error)).map(|file| (path, file))
    };
    Ok([new(to.to_owned())?, new(to.with_extension("txt"))?])
}

fn not_written(path: &Path, error: std::io::Error) -> Failure {
    let words = Say::CannotWrite.with(&[("path", &path.display())]);
    Failure::new(Exit::Unreadable, "cannot_write", words).because(error)
}
