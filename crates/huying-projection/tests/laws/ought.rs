//! What each unit ought to have: it follows who holds the case, says nothing twice, and survives whatever the wire does.

use crate::{
    town::{self, Town, id, register, unit},
    walk::{Step, walk},
};
use huying_domain::{
    command::Ask,
    ids::{CaseId, UnitId},
    record::Record,
    vocabulary::{Clock, Stage, Tag, governed::WhistleKind},
};
use huying_projection::ought::{
    CLOSED_CASES_MAX, Found, NOTICES_WAITING_MAX, Ought,
    notice::NoticeKind,
    silence::SILENT_AFTER_PERCENT,
    work::{Work, WorkPart},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn ought(records: &[Record]) -> Ought {
    let mut ought = Ought::default();
    records.iter().for_each(|record| ought.follow(record));
    ought
}

fn leads(ought: &Ought) -> BTreeMap<CaseId, UnitId> {
    let leads = ought.owed().filter(|work| work.part == WorkPart::Lead);
    leads.map(|work| (work.case, work.unit)).collect()
}

/// The stream as the server keeps it: the last message for each unit and case.
#[derive(Default)]
struct Stream {
    messages: BTreeMap<(UnitId, CaseId), (Work, u64)>,
    last: u64,
    taken: usize,
}

impl Stream {
    fn take(&mut self, work: &Work) -> u64 {
        self.last += 1;
        self.taken += 1;
        self.messages.insert((work.unit.clone(), work.case), (work.clone(), self.last));
        self.last
    }

    /// As the outbox does it; says what the fold did not know.
    fn compare(&self, ought: &mut Ought) -> Vec<(UnitId, CaseId)> {
        ought.begin_comparison();
        let mut unknown = Vec::new();
        for ((unit, case), (work, sequence)) in &self.messages {
            let found = ought.found(unit, *case, work.seq, *sequence);
            if found == Found::Unknown && work.part != WorkPart::Withdrawn {
                unknown.push((unit.clone(), *case));
            }
        }
        let mut after = None;
        loop {
            after = ought.go_on_comparing(after, 3);
            if after.is_none() {
                return unknown;
            }
        }
    }

    fn drain(&mut self, ought: &mut Ought) {
        loop {
            let taken = ought.take_unsent(7);
            if taken.is_empty() {
                return;
            }
            for work in taken {
                let sequence = self.take(&work);
                ought.sent(&work.unit, work.case, work.seq, sequence);
            }
        }
    }

    fn live(&self) -> Vec<Work> {
        let mut live: Vec<Work> = self.messages.values().map(|(work, _)| work.clone()).collect();
        live.retain(|work| work.part != WorkPart::Withdrawn);
        live.sort_by_key(|work| (work.case, work.unit.clone()));
        live
    }
}

fn owed(ought: &Ought) -> Vec<Work> {
    let mut owed: Vec<Work> = ought.owed().collect();
    owed.sort_by_key(|work| (work.case, work.unit.clone()));
    owed
}

#[test]
fn whoever_reports_in_late_is_named_as_a_helper_although_no_clock_changes() {
    let mut town = Town::new();
    town.handling("light");
    let whistle = Ask::Whistle {
        kind: WhistleKind::Emergency,
        units: vec![unit("police-desk")],
        reason: "井盖塌陷".to_owned(),
    };
    town.must("grid-1", 1, whistle);
    while town.case(1).running(Clock::Errand).is_some() {
        town.tick();
    }
    let holder = town.case(1).holder.clone();
    town.wait(1).must("police-desk", 1, Ask::ReportIn);
    let work = ought(&town.records).work(&holder, id(1)).expect("it has the case");
    assert_eq!(work.co_handlers, [unit("police-desk")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_handles_a_case_and_nobody_else_has_it_in_the_lead(
        steps in prop::collection::vec(any::<Step>(), 1..150),
    ) {
        let mut town = Town::new();
        walk(&mut town, &steps);
        let ought = ought(&town.records);
        let handled = town.state.cases().filter(|case| matches!(case.stage, Stage::Assigned | Stage::Handling));
        let held: BTreeMap<CaseId, UnitId> = handled.map(|case| (case.id, case.holder.clone())).collect();
        prop_assert_eq!(leads(&ought), held);
        for work in ought.owed().filter(|work| work.part == WorkPart::Lead) {
            let case = town.state.case(work.case).expect("it is open");
            prop_assert_eq!(&work.co_handlers, &*case.co_handlers);
            prop_assert_eq!((work.rung, work.leg), (case.rung, case.leg));
            let runs = case.clocks.iter().filter(|clock| clock.paused_at.is_none());
            for clock in runs.filter(|clock| clock.clock == Clock::Resolve || clock.clock == Clock::Accept) {
                let told = work.limits.iter().any(|limit| (limit.clock, limit.due) == (clock.clock, clock.due));
                prop_assert!(told, "{} of {} is not told", clock.clock, work.case);
            }
        }
    }

    #[test]
    fn a_work_of_the_same_record_says_the_same(steps in prop::collection::vec(any::<Step>(), 1..100)) {
        let mut town = Town::new();
        walk(&mut town, &steps);
        let mut ought = Ought::default();
        let mut said: BTreeMap<(u64, CaseId, UnitId), Work> = BTreeMap::new();
        for record in &town.records {
            ought.follow(record);
            for work in ought.owed() {
                let key = (work.seq, work.case, work.unit.clone());
                let before = said.entry(key).or_insert_with(|| work.clone());
                prop_assert_eq!(&*before, &work, "an id that was sent names one message for ever");
            }
        }
    }

    #[test]
    fn the_stream_holds_what_is_owed_however_often_the_wire_breaks(
        steps in prop::collection::vec(any::<Step>(), 1..100),
        breaks in prop::collection::vec(0_u8..8, 400),
    ) {
        let mut town = Town::new();
        walk(&mut town, &steps);
        let (mut ought, mut stream) = (Ought::default(), Stream::default());
        let lost = stream.compare(&mut ought);
        prop_assert!(lost.is_empty());
        for (record, how) in town.records.iter().zip(breaks.iter().cycle()) {
            ought.follow(record);
            match how {
                // Sent and answered.
                0..=2 => stream.drain(&mut ought),
                // Sent, and the answer is lost with the link.
                3 => {
                    for work in ought.take_unsent(2) {
                        stream.take(&work);
                    }
                    stream.compare(&mut ought);
                }
                // Taken, and never sent.
                4 => {
                    ought.take_unsent(2);
                    stream.compare(&mut ought);
                }
                // The store is wiped.
                5 => {
                    stream.messages.clear();
                    stream.compare(&mut ought);
                }
                _ => {}
            }
        }
        let unknown = stream.compare(&mut ought);
        prop_assert!(unknown.is_empty(), "a closed case waits for its withdrawals: {unknown:?}");
        stream.drain(&mut ought);
        prop_assert_eq!(stream.live(), owed(&ought));
        prop_assert_eq!(ought.unsent(), 0);
        let before = stream.taken;
        stream.compare(&mut ought);
        stream.drain(&mut ought);
        prop_assert_eq!(stream.taken, before, "what the stream holds is not sent again");
        let open = town.state.cases().filter(|case| case.stage != Stage::Closed).count();
        prop_assert_eq!(ought.cases(), open, "of a closed case nothing is kept once all is sent");
    }
}

#[test]
fn a_note_sends_nothing_and_a_mark_sends_the_work_anew() {
    let mut town = Town::new();
    let number = town.handling("light");
    let lead = town.case(number).holder.clone();
    let before = ought(&town.records).work(&lead, id(number)).expect("it is owed");
    town.must(lead.as_str(), number, Ask::Progress { note: "在路上".to_owned() });
    let noted = ought(&town.records).work(&lead, id(number)).expect("it is owed");
    assert_eq!(noted, before, "a note is nothing new to whoever wrote it");
    town.must("centre", number, Ask::Tag { tags: vec![Tag::Confidential] });
    let marked = ought(&town.records).work(&lead, id(number)).expect("it is owed");
    assert!(marked.seq > before.seq);
    assert_eq!(marked.face.tags, [Tag::Confidential]);
}

#[test]
fn a_resolved_case_is_withdrawn_and_comes_back_when_the_check_fails() {
    let mut town = Town::new();
    let number = town.handling("light");
    let lead = town.case(number).holder.clone();
    town.must(lead.as_str(), number, town::resolve());
    let gone = ought(&town.records).work(&lead, id(number)).expect("a withdrawal");
    assert_eq!(gone.part, WorkPart::Withdrawn);
    assert_eq!(gone.reason.zh, "已办结，待核查");
    assert_eq!(&*gone.face.summary, "");
    town.must("centre/li", number, town::check(false));
    let back = ought(&town.records).work(&lead, id(number)).expect("work again");
    assert_eq!(back.part, WorkPart::Lead);
    assert_ne!(&*back.face.summary, "");
}

#[test]
fn work_that_a_unit_never_saw_need_not_be_withdrawn() {
    let mut town = Town::new();
    let number = town.handling("light");
    let lead = town.case(number).holder.clone();
    town.must(lead.as_str(), number, town::resolve());
    let (mut ought, mut stream) = (ought(&town.records), Stream::default());
    stream.compare(&mut ought);
    stream.drain(&mut ought);
    assert_eq!(stream.taken, 0, "NATS was away the whole time");
}

#[test]
fn a_message_of_an_older_record_is_not_what_is_owed_now() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    town.must("centre", 1, town::assign("grid-1", huying_domain::vocabulary::Rung::Grid));
    let grid = unit("grid-1");
    let first = ought(&town.records).work(&grid, id(1)).expect("it is owed").seq;
    town.must("centre", 1, Ask::Tag { tags: vec![Tag::Confidential] });
    let mut ought = ought(&town.records);
    let now = ought.work(&grid, id(1)).expect("it is owed").seq;
    assert!(now > first, "what it shows has changed");
    ought.begin_comparison();
    assert_eq!(ought.found(&grid, id(1), first, 9), Found::Differs);
    while ought.go_on_comparing(None, usize::MAX).is_some_and(|last| last < id(1)) {}
    let unsent: Vec<_> =
        ought.take_unsent(9).into_iter().map(|work| (work.unit, work.case, work.seq)).collect();
    assert_eq!(unsent, [(grid, id(1), now)], "it is brought up to date");
}

#[test]
fn silence_begins_past_half_of_the_time_and_only_for_what_was_sent_and_is_not_acknowledged() {
    let mut town = Town::new();
    town.must("centre", 0, register("light"));
    town.must("centre", 1, town::assign("grid-1", huying_domain::vocabulary::Rung::Grid));
    let mut ought = ought(&town.records);
    let grid = unit("grid-1");
    let work = ought.work(&grid, id(1)).expect("it is owed");
    let due = work.limits.first().expect("it has limits").due;
    let half = work.at.plus_seconds(due.seconds_since(work.at) * SILENT_AFTER_PERCENT / 100);
    assert_eq!(ought.silence(&grid, 0, half), None, "it was not sent");
    ought.begin_comparison();
    assert_eq!(ought.found(&grid, id(1), work.seq, 9), Found::Same);
    assert_eq!(ought.silence(&grid, 0, half.plus_seconds(-1)), None);
    let silence = ought.silence(&grid, 8, half).expect("half of the time has passed");
    assert_eq!((silence.case, silence.due), (id(1), due));
    assert!(half < due, "before its first limit passes");
    assert_eq!(ought.silence(&grid, 9, half), None, "it was acknowledged");
    town.must("grid-1", 1, Ask::Accept);
    ought.follow(town.records.last().expect("a record"));
    assert_eq!(ought.silence(&grid, 8, due), None, "it was accepted");
}

#[test]
fn a_climb_is_told_above_and_below_and_no_notice_holds_a_persons_words() {
    let mut town = Town::new();
    town.must("centre", 0, register("noise"));
    town.must("centre", 1, town::assign("grid-1", huying_domain::vocabulary::Rung::Grid));
    town.must("centre", 1, Ask::Remind { note: "来电人是王小二".to_owned() });
    town.must("grid-1", 1, Ask::Escalate { reason: town::words("本级无法解决") });
    let mut ought = ought(&town.records);
    let notices: Vec<_> = std::iter::from_fn(|| ought.take_notice()).collect();
    let told: Vec<_> = notices.iter().map(|notice| (notice.unit.as_str(), notice.kind)).collect();
    let above = town.case(1).holder.clone();
    assert_eq!(
        told,
        [
            ("grid-1", NoticeKind::Reminder),
            (above.as_str(), NoticeKind::Escalation),
            ("grid-1", NoticeKind::Escalation),
            // The community has nobody and was skipped.
            (above.as_str(), NoticeKind::Alarm),
        ]
    );
    for notice in notices {
        assert!(!format!("{notice:?}").contains("王小二"));
        assert!(notice.expires_at > notice.at);
    }
}

#[test]
fn nothing_grows_without_bound_while_nats_is_away() {
    let mut town = Town::new();
    town.must("centre", 0, register("noise"));
    town.must("centre", 1, town::assign("grid-1", huying_domain::vocabulary::Rung::Grid));
    let first = town.records.len();
    town.must("centre", 1, Ask::Remind { note: "快".to_owned() });
    let remind = town.records[first].clone();
    let mut ought = ought(&town.records);
    for _ in 0..2 * NOTICES_WAITING_MAX {
        ought.follow(&remind);
    }
    assert_eq!(std::iter::from_fn(|| ought.take_notice()).count(), NOTICES_WAITING_MAX);

    let mut town = Town::new();
    let cancel = || Ask::Cancel {
        ground: huying_domain::vocabulary::CancelGround::Withdrawn,
        reason: "撤回".to_owned(),
    };
    let mut many = Ought::default();
    let cases = CLOSED_CASES_MAX as u64 + 50;
    for number in 1..=cases {
        town.must("centre", 0, register("noise"));
        town.must("centre", number, town::assign("grid-1", huying_domain::vocabulary::Rung::Grid));
        town.must("centre", number, cancel());
        town.must("centre", number, town::answer());
        town.must("centre", number, town::told());
        town.must("centre", number, town::close(huying_domain::vocabulary::CloseCondition::Cancelled));
        town.records.drain(..).for_each(|record| many.follow(&record));
    }
    assert_eq!(many.cases(), CLOSED_CASES_MAX);
    assert!(many.unsent() <= CLOSED_CASES_MAX);
    assert!(many.has_overflowed(), "and the outbox knows that it has to compare");
}
