//! Whose streams they are: a second folder, a restored backup, a journal that was replaced.

use crate::house::*;
use futures::StreamExt as _;
use huying_bus::{message::assignment::WorkPart, stream::Stream};
use huying_domain::event::Event;
use huying_journal::backup;
use std::time::Duration;

fn state(eye: &Eye) -> Vec<(u64, u64, String)> {
    let info = |stream: Stream| {
        let info = eye.info(stream.name()).expect("the stream is there");
        let mut metadata: Vec<_> = info.config.metadata.into_iter().collect();
        metadata.sort();
        (info.state.last_sequence, info.state.messages, format!("{metadata:?}"))
    };
    Stream::ALL.map(info).to_vec()
}

#[test]
fn a_second_data_folder_on_the_same_server_writes_not_one_message_and_its_calls_and_clocks_go_on() {
    let nats = Nats::new();
    let mut first = House::new(&nats, 1);
    first.call(1);
    first.caught_up();
    let eye = nats.eye();
    let before = state(&eye);

    let mut second = House::new(&nats, 2);
    second.refused();
    second.call(2);
    second.pass(3 * 3_600);
    let went_on = second.records();
    let escalated = went_on.iter().flat_map(|record| &record.parts).flat_map(|part| &part.events);
    assert_eq!(escalated.filter(|event| matches!(event, Event::Escalated(_))).count(), 1);
    assert_eq!(state(&eye), before, "not one message");
    let metrics = second.engine.metrics().text();
    assert!(metrics.contains("huying_streams_refused 1"), "an operator sees it");

    assert_eq!(served(&eye), 1, "and takes no call that is left for the other");

    first.call(3);
    first.caught_up();
    first.stream_is_journal(&eye);
}

/// How many engines answer for calls.
fn served(eye: &Eye) -> usize {
    eye.runtime.block_on(async {
        let client = eye.link.client();
        let reply = client.new_inbox();
        let mut answers = client.subscribe(reply.clone()).await.expect("a subscription");
        let asked = client.publish_with_reply("$SRV.PING.huying-intake", reply, Default::default()).await;
        asked.expect("asked");
        let mut count = 0;
        while let Ok(Some(_)) = tokio::time::timeout(Duration::from_secs(1), answers.next()).await {
            count += 1;
        }
        count
    })
}

#[test]
fn a_restored_backup_sets_the_lost_records_aside_and_what_it_replaced_writes_nothing_more() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    let kept = house.call(1);
    house.caught_up();
    let folders = tempfile::tempdir().expect("a folder");
    let (copy, restored) = (folders.path().join("backup"), tempfile::tempdir().expect("a folder"));
    backup::backup(house.dir.path(), &copy).expect("a backup");
    let lost = house.call(2);
    house.pass(60);
    house.caught_up();
    let echoed = house.records();
    let (old_dir, old_now) = house.close();

    std::fs::remove_dir(restored.path()).expect("an empty folder");
    backup::restore(&copy, restored.path(), None, &[]).expect("a restore");
    copy_rules(old_dir.path(), restored.path());
    let mut house = House::of(restored, old_now, &nats, 2);
    let other = house.call(3);
    house.caught_up();
    let eye = nats.eye();
    house.stream_is_journal(&eye);
    house.stream_is_owed(&eye);
    assert_eq!(lost, other, "the restored journal gives the lost case's number again");
    let aside = eye.messages("HUYING_RECORDS_EPOCH_1");
    assert_eq!(aside.len(), echoed.len(), "the only copy of the lost records is kept");
    assert!(eye.info("HUYING_RECORDS_EPOCH_1").expect("it is there").config.sealed);
    let held = eye.assignments();
    let (seen, assignment) = &held[&(unit(GRID), other)];
    assert!(
        assignment.summary.contains("第3次"),
        "the lost call's work was replaced: {}",
        assignment.summary
    );
    assert!(seen.headers["ce-source"].ends_with(":2"), "a message of the new epoch has another source");
    assert_eq!(held[&(unit(GRID), kept)].1.part, WorkPart::Lead);
    let before = state(&eye);

    let mut replaced = House::of(old_dir, old_now, &nats, 3);
    replaced.refused();
    replaced.call(4);
    assert_eq!(state(&eye), before, "the replaced engine writes nothing");
}

#[test]
fn a_restored_backup_that_lost_nothing_goes_on_in_the_same_stream() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    house.call(1);
    house.caught_up();
    let folders = tempfile::tempdir().expect("a folder");
    let (copy, restored) = (folders.path().join("backup"), tempfile::tempdir().expect("a folder"));
    let (old_dir, now) = house.close();
    backup::backup(old_dir.path(), &copy).expect("a backup");
    std::fs::remove_dir(restored.path()).expect("an empty folder");
    backup::restore(&copy, restored.path(), None, &[]).expect("a restore");
    copy_rules(old_dir.path(), restored.path());
    let mut house = House::of(restored, now, &nats, 2);
    house.call(2);
    house.caught_up();
    let eye = nats.eye();
    house.stream_is_journal(&eye);
    house.stream_is_owed(&eye);
    assert!(eye.info("HUYING_RECORDS_EPOCH_1").is_none(), "there was nothing to set aside");
    let epoch =
        eye.info(Stream::Records.name()).expect("it is there").config.metadata["huying-epoch"].clone();
    assert_eq!(epoch, "2");
}

#[test]
fn a_journal_that_lost_its_tail_without_a_restore_does_not_write_over_the_echo() {
    let nats = Nats::new();
    let mut house = House::new(&nats, 1);
    house.call(1);
    house.caught_up();
    let copy = tempfile::tempdir().expect("a folder");
    copy_all(house.dir.path(), copy.path());
    house.call(2);
    house.caught_up();
    let (_dir, now) = house.close();
    let eye = nats.eye();
    let before = state(&eye);
    let mut strayed = House::of(copy, now, &nats, 2);
    strayed.refused();
    strayed.call(3);
    strayed.call(4);
    assert_eq!(state(&eye), before, "what the stream holds and the journal does not is not written over");
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            if entry.file_name() == "sled" || entry.file_name() == "shelf" {
                continue;
            }
            std::fs::create_dir_all(&target).expect("a folder");
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// The rulebook is kept beside the journal's own backup.
fn copy_rules(from: &std::path::Path, to: &std::path::Path) {
    let to = to.join("rulebook");
    std::fs::create_dir_all(&to).expect("a folder");
    copy_all(&from.join("rulebook"), &to);
}
