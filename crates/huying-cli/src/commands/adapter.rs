//! `adapter`: tells residents on one channel, until it is told to stop.

use super::stations::{address, runtime};
use crate::{
    adapters::{
        mail::{Mail, SmtpSetup},
        serve_mail,
    },
    exit::Exit,
    failure::{Failure, Output},
    nerves::NatsArgs,
    words::{Lang, Say},
};
use huying_bus::{link::Link, role::Role, subject::token::TellChannel};
use serde_json::json;
use std::{fs, path::PathBuf};
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
};

/// Which channel.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum AdapterCommand {
    /// Tell residents by mail 邮件
    Mail(MailArgs),
}

/// Where the messages come from and where the mail goes.
#[derive(Clone, Debug, clap::Args)]
pub struct MailArgs {
    /// The engine's data folder, if it is on this machine: its accounts are used
    #[arg(long, default_value = ".")]
    pub data: PathBuf,
    /// Which NATS server: the URL that `up` says.
    #[command(flatten)]
    pub nats: NatsArgs,
    /// The SMTP server: smtp://host:port (STARTTLS unless on this machine) or smtps://host:port
    #[arg(long)]
    pub smtp: String,
    /// The sender, such as '12345 <noreply@city.example>'
    #[arg(long)]
    pub from: String,
    /// The user at the SMTP server
    #[arg(long, requires = "smtp_password_file")]
    pub smtp_user: Option<String>,
    /// A file with the password and nothing else
    #[arg(long, requires = "smtp_user")]
    pub smtp_password_file: Option<PathBuf>,
    /// Certificates of the authority that signed the SMTP server's, in PEM
    #[arg(long)]
    pub smtp_ca: Option<PathBuf>,
}

/// Runs the adapter. `ready` is called once it is connected.
pub fn run(command: &AdapterCommand, lang: Lang, ready: &mut dyn FnMut(&Output)) -> Result<Output, Failure> {
    let AdapterCommand::Mail(args) = command;
    let mail = Mail::new(&smtp(args)?).map_err(|error| unusable("smtp", error))?;
    let address = address(&args.nats, &args.data, &Role::Adapter { channel: TellChannel::Mail })?;
    runtime()?.block_on(async {
        let mut told = signal(SignalKind::terminate()).map_err(|error| unusable("signals", error))?;
        let mut interrupted = signal(SignalKind::interrupt()).map_err(|error| unusable("signals", error))?;
        let link = Link::connect(&address).await.map_err(|error| unusable("nats", error))?;
        let serving = async {
            link.is_up().await;
            ready(&Output::done(
                json!({ "ready": true, "channel": TellChannel::Mail.name() }),
                Say::AdapterReady.filled(lang, &[("channel", &TellChannel::Mail)]),
            ));
            serve_mail(&link, &mail).await
        };
        select! {
            served = serving => served.map_err(|error| unusable("nats", error))?,
            _ = told.recv() => {}
            _ = interrupted.recv() => {}
        }
        Ok(Output::done(json!({ "stopped": true }), Say::AdapterStopped.text(lang).to_owned()))
    })
}

fn smtp(args: &MailArgs) -> Result<SmtpSetup, Failure> {
    let read = |path: &PathBuf| fs::read(path).map_err(|error| Failure::unreadable(path.display(), error));
    let login = match (&args.smtp_user, &args.smtp_password_file) {
        (Some(user), Some(path)) => {
            let password = String::from_utf8_lossy(&read(path)?).trim().to_owned();
            Some((user.clone(), password))
        }
        _ => None,
    };
    let authority = args.smtp_ca.as_ref().map(read).transpose()?;
    Ok(SmtpSetup { url: args.smtp.clone(), from: args.from.clone(), login, authority })
}

fn unusable(code: &str, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(Exit::Unreadable, code, Say::AdapterUnusable.with(&[])).because(error)
}
