//! Stations elsewhere: what they name comes in here, the rule files go out, and in virtual time the instant.

use super::Ctx;
use crate::{
    door::{Answer, Ticket},
    doors::lane_of,
};
use huying_bus::{
    message::{
        answer::RefusalMessage,
        station::{
            COMMANDS_PER_MESSAGE_MAX, Named, NamedAnswer, NamedCommand, NamedReply, RULES_PIECE_BYTES_MAX,
            RulesAsk, RulesPiece, decode, encode,
        },
    },
    subject::{
        Subject,
        filter::{Family, Filter},
        token::Station,
    },
};
use huying_domain::{
    command::{Ask, Command},
    record::Origin,
    refusal::Refusal,
};
use huying_journal::disk::Disk;
use std::{sync::Arc, time::Duration};

/// How often the instant is told again while an answer is missing, in milliseconds: the station may just have begun.
const TELL_AGAIN_MS: u64 = 250;

/// Runs until the nerves are told to stop.
pub(super) async fn run<D: Disk>(ctx: Arc<Ctx<D>>) {
    if ctx.elsewhere.is_empty() {
        return ctx.stopped().await;
    }
    loop {
        tokio::select! { biased; () = ctx.stopped() => return, () = ctx.ground.may_serve() => {} }
        tokio::select! {
            biased;
            () = ctx.stopped() => return,
            // The stations there are another journal's.
            () = ctx.ground.refused() => {}
            () = serve(&ctx) => return,
        }
    }
}

async fn serve<D: Disk>(ctx: &Ctx<D>) {
    let named = ctx.link.serve(Filter::Whole(Family::Station), |subject, words| hear(ctx, subject, words));
    let asked = ctx.link.serve(Filter::Whole(Family::Rules), |subject, words| hand_out(ctx, subject, words));
    tokio::select! {
        ended = named => tracing::error!(?ended, "the stations elsewhere are not heard any more"),
        ended = asked => tracing::error!(?ended, "the stations elsewhere get no rules any more"),
        () = tell_time(ctx) => {}
    }
}

/// What a station names, and the answer.
async fn hear<D: Disk>(ctx: &Ctx<D>, subject: String, words: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let named: Named = match decode(words.as_ref()) {
        Ok(named) => named,
        Err(error) => {
            tracing::warn!(%error, "a station cannot be understood");
            return None;
        }
    };
    let said_by = Subject::Station { station: named.station }.to_string();
    let bound = named.commands.len() <= COMMANDS_PER_MESSAGE_MAX;
    if subject != said_by || !ctx.elsewhere.contains(&named.station) || !bound {
        tracing::warn!(station = %named.station, %subject, "not a station's to say");
        return None;
    }
    let tick = *ctx.elsewhere.asked().borrow();
    let noted = vec![NamedAnswer::Noted; named.commands.len()];
    let answers = if tick.is_some() && named.station != Station::Intake {
        ctx.elsewhere.hear(named);
        noted
    } else if named.station == Station::Intake && ctx.elsewhere.drives_calls() && !noted.is_empty() {
        let own = named.commands.iter().all(|named| is_its_own(Station::Intake, &named.command));
        let commands = named.commands.into_iter().map(|named| named.command).collect();
        let answers = if own { ctx.elsewhere.put_call(commands).await } else { None };
        answers.map_or(noted, |answers| answers.into_iter().map(told).collect())
    } else {
        ctx.elsewhere.note(&named);
        submit(ctx, named).await
    };
    Some(encode(&NamedReply { answers, tick }))
}

/// Puts the commands in by the one door, in their order, and waits until each answer stands.
async fn submit<D: Disk>(ctx: &Ctx<D>, named: Named) -> Vec<NamedAnswer> {
    let station = named.station;
    let put = |NamedCommand { command, scheduled }: NamedCommand| {
        if !is_its_own(station, &command) {
            return Err(Refusal::NotYours);
        }
        let lane = lane_of(&command.ask);
        ctx.handle.submit_timer(command, scheduled, lane)
    };
    let tickets: Vec<_> = named.commands.into_iter().map(put).collect();
    let mut answers = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let answer = match ticket {
            Ok(ticket) => Ticket::answer(ticket).await.unwrap_or(Err(Refusal::Stopping)),
            Err(refusal) => Err(refusal),
        };
        answers.push(told(answer));
    }
    answers
}

/// Whether a command is one that this station may name: a program that stands in for it can do no more.
fn is_its_own(station: Station, command: &Command) -> bool {
    match station {
        Station::Intake => {
            matches!(command.ask, Ask::Register(_) | Ask::RegisterSettled { .. } | Ask::Join { .. })
        }
        Station::Routing => command.by == Origin::Station && matches!(command.ask, Ask::Assign { .. }),
        Station::Escalation => {
            let asks = matches!(command.ask, Ask::CheckClock { .. } | Ask::CheckNotice { .. });
            command.by == Origin::Timer && asks
        }
        Station::Feedback => {
            let asks = matches!(
                command.ask,
                Ask::Tell { .. } | Ask::Inform { .. } | Ask::PassOn | Ask::Close { .. } | Ask::Reopen { .. }
            );
            command.by == Origin::Station && asks
        }
    }
}

fn told(answer: Answer) -> NamedAnswer {
    match answer {
        Ok(accepted) => NamedAnswer::Accepted {
            seq: accepted.seq,
            case: accepted.case,
            version: accepted.version,
            repeat: accepted.repeat,
        },
        Err(Refusal::Busy | Refusal::Stopping) => NamedAnswer::Noted,
        Err(refusal) => NamedAnswer::Refused { refusal: RefusalMessage::from(&refusal) },
    }
}

/// A piece of a rule file.
async fn hand_out<D: Disk>(ctx: &Ctx<D>, subject: String, words: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let Ok(Subject::Rules { hash }) = subject.parse() else { return None };
    let RulesAsk { offset } = decode(words.as_ref()).ok()?;
    Some(encode(&piece(ctx.elsewhere.rule_file(hash).as_deref(), offset)))
}

fn piece(file: Option<&[u8]>, offset: u64) -> RulesPiece {
    let Some(bytes) = file else { return RulesPiece { bytes: None, piece: Vec::new() } };
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    let to = from.saturating_add(RULES_PIECE_BYTES_MAX).min(bytes.len());
    RulesPiece { bytes: Some(bytes.len() as u64), piece: bytes[from..to].to_vec() }
}

/// Tells the virtual instant whenever the loop asks, and again while an answer is missing.
async fn tell_time<D: Disk>(ctx: &Ctx<D>) {
    let mut asked = ctx.elsewhere.asked();
    loop {
        let tick = *asked.borrow_and_update();
        if let Some(tick) = tick.filter(|_| ctx.elsewhere.waits())
            && let Err(error) = ctx.link.tell(Subject::Clock, encode(&tick)).await
        {
            tracing::debug!(%error, "the instant is not told; it is told again");
        }
        tokio::select! {
            changed = asked.changed() => if changed.is_err() { return std::future::pending().await },
            () = tokio::time::sleep(Duration::from_millis(TELL_AGAIN_MS)) => {}
        }
    }
}
