//! `submit`: one call, or one act of the centre's, as JSON, to a running engine.
//!
//! A call has the form that intake reads from every source. An act names what is asked, and is about a case:
//!
//! ```json
//! {"case": "0-12", "ask": "check", "with": {"passed": true, "note": "seen on the spot"}, "person": "li"}
//! ```
//!
//! `id` (32 hexadecimal digits) makes an act that is sent twice happen once; `saw` refuses it as stale when the case
//! has moved on; `private` is sealed.

use super::out_of_turn;
use crate::{
    exit::Exit,
    failure::{Failure, Output},
    live::{Accepted, Act, Answer, Call, Request, client::Client, folder},
    words::{Lang, Say},
};
use huying_domain::{command::Ask, ids::PersonId, record::CommandId, vocabulary::Channel};
use huying_intake::read::CALL_BYTES_MAX;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;
use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The file name that means standard input.
const STDIN: &str = "-";
/// What an act may hold beside what is asked.
const ACT_FIELDS: [&str; 5] = ["id", "case", "saw", "private", "person"];
/// What is asked.
const ASK_FIELDS: [&str; 2] = ["ask", "with"];

/// What is submitted, where.
#[derive(Clone, Debug, clap::Args)]
pub struct SubmitArgs {
    /// A file with one JSON object, or - for standard input
    pub file: PathBuf,
    /// The data folder of a running engine
    #[arg(long)]
    pub data: PathBuf,
    /// How a call came in
    #[arg(long, default_value = "call")]
    pub channel: Channel,
    /// Who took the call, or acts; an act may name its own
    #[arg(long)]
    pub person: Option<PersonId>,
}

/// Submits, and waits until it is on the platter.
pub fn run(args: &SubmitArgs, lang: Lang) -> Result<Output, Failure> {
    let bytes = read(&args.file)?;
    let request = request(bytes, args)?;
    folder::clock_kind(&args.data)?.ok_or_else(|| folder::no_journal(&args.data))?;
    let Some(client) = Client::connect(&args.data)? else {
        let words = Say::NotRunning.with(&[("dir", &args.data.display())]);
        return Err(Failure::new(Exit::Held, "not_running", words));
    };
    let is_call = matches!(request, Request::Call(_));
    match folder::Folder::Running(client).ask(request)? {
        Answer::Accepted(accepted) => Ok(Output::done(json!(accepted), said(&accepted, is_call, lang))),
        answer => Err(out_of_turn(&answer)),
    }
}

fn said(accepted: &Accepted, is_call: bool, lang: Lang) -> String {
    let done = match accepted.case.filter(|_| is_call) {
        Some(case) => Say::Registered.filled(lang, &[("case", &case), ("seq", &accepted.seq)]),
        None => Say::AcceptedAs.filled(lang, &[("seq", &accepted.seq)]),
    };
    if accepted.repeat { format!("{}\n{done}", Say::RepeatOf.text(lang)) } else { done }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: io::Error| Failure::unreadable(file.display(), error);
    let mut bytes = Vec::new();
    let most = CALL_BYTES_MAX as u64 + 1;
    if file == Path::new(STDIN) {
        io::stdin().take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        File::open(file).and_then(|open| open.take(most).read_to_end(&mut bytes)).map_err(unreadable)?;
    }
    if bytes.len() > CALL_BYTES_MAX {
        let words = Say::TooLongInput.with(&[("max", &CALL_BYTES_MAX)]);
        return Err(Failure::new(Exit::Unreadable, "too_long", words));
    }
    Ok(bytes)
}

/// Tells an act from a call by its `ask`; what a call says is the engine's to read.
fn request(bytes: Vec<u8>, args: &SubmitArgs) -> Result<Request, Failure> {
    let object: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|error| neither(&error))?;
    if !object.contains_key("ask") {
        let (id, json) = (fresh_id(), ByteBuf::from(bytes));
        return Ok(Request::Call(Call { id, channel: args.channel, json, person: args.person.clone() }));
    }
    act(object, args.person.clone()).map(|act| Request::Act(Box::new(act))).map_err(|why| neither(&why))
}

fn neither(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Unreadable, "not_a_command", Say::NotACommand.with(&[("why", why)]))
}

fn act(mut object: Map<String, Value>, person: Option<PersonId>) -> Result<Act, String> {
    if let Some(unknown) =
        object.keys().find(|key| !ACT_FIELDS.iter().chain(&ASK_FIELDS).any(|known| known == key))
    {
        return Err(format!("unknown field {unknown}"));
    }
    let act = Act {
        id: field(&mut object, "id")?.unwrap_or_else(fresh_id),
        case: field(&mut object, "case")?,
        saw: field(&mut object, "saw")?,
        private: field(&mut object, "private")?,
        person: field(&mut object, "person")?.or(person),
        ask: serde_json::from_value::<Ask>(Value::Object(object)).map_err(|error| error.to_string())?,
    };
    Ok(act)
}

fn field<T: DeserializeOwned>(object: &mut Map<String, Value>, name: &str) -> Result<Option<T>, String> {
    let value = object.remove(name).unwrap_or(Value::Null);
    serde_json::from_value(value).map_err(|error| format!("{name}: {error}"))
}

/// An id that nothing else has.
pub(super) fn fresh_id() -> CommandId {
    let mut id = CommandId([0; 16]);
    folder::entropy()(&mut id.0);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Act, String> {
        act(serde_json::from_str(text).expect("an object"), None)
    }

    #[test]
    fn an_act_names_its_case_and_what_is_asked() {
        let act = parse(r#"{"case":"0-7","ask":"check","with":{"passed":true,"note":"好"},"person":"li"}"#);
        let act = act.expect("an act");
        assert_eq!(act.case.map(|case| case.to_string()).as_deref(), Some("0-7"));
        assert_eq!(act.person.map(|person| person.to_string()).as_deref(), Some("li"));
        assert_eq!(act.ask, Ask::Check { passed: true, note: "好".to_owned() });
        assert_eq!(parse(r#"{"case":"0-7","ask":"accept"}"#).expect("an act").ask, Ask::Accept);
    }

    #[test]
    fn a_slip_of_the_pen_is_not_passed_over() {
        for (text, why) in [
            (r#"{"case":"0-7","ask":"accept","unit":"water"}"#, "unit"),
            (r#"{"case":"seven","ask":"accept"}"#, "case"),
            (r#"{"case":"0-7","ask":"vanish"}"#, "vanish"),
            (r#"{"case":"0-7","ask":"check","with":{"passed":true}}"#, "note"),
        ] {
            let said = parse(text).expect_err("it makes no sense");
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
