//! What a city owes the people whose data it keeps.

use crate::stage::{Running, call, city, huying, path};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) fn new_city() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    (folder, made, data)
}

fn master(data: &Path) -> Vec<u8> {
    fs::read(data.join("keys/master.key")).expect("it is there")
}

#[test]
fn a_master_key_is_rotated_on_a_free_folder_and_never_under_a_running_engine() {
    let (folder, city, data) = new_city();
    let running = Running::start(&data, Some(&city));
    running.submit(&call("K-1", "noise.neighbour")).ends(0);
    let old = master(&data);
    let refused = huying(&["key", "rotate", "--json", path(&data)]).ends(3).json();
    assert_eq!(refused["error"], "engine_runs");
    assert_eq!(master(&data), old);
    let backup = folder.path().join("backup");
    huying(&["backup", "--data", path(&data), "--to", path(&backup)]).ends(0);
    assert_eq!(running.stop(), 0);
    huying(&["key", "rotate", path(&folder.path().join("nowhere"))]).ends(2);
    let rotated = huying(&["key", "rotate", "--json", path(&data)]).ends(0).json();
    assert_eq!((&rotated["keys"], &rotated["erased"]), (&1024.into(), &0.into()));
    assert_ne!(master(&data), old);
    huying(&["verify", path(&data)]).ends(0);
    let number = |data: &Path| {
        huying(&["callbacks", "--json", "--ring", "0-1", "--data", path(data)]).ends(0).json()["number"]
            .clone()
    };
    let running = Running::start(&data, None);
    assert_eq!(number(&data), "13900000042", "what was sealed before opens");
    let again = running.submit(&call("K-1", "noise.neighbour")).ends(0).json();
    assert_eq!((&again["case"], &again["repeat"]), (&"0-1".into(), &true.into()));
    running.submit(&call("K-2", "road.pothole")).ends(0);
    assert_eq!(running.stop(), 0);
    let restored = folder.path().join("restored");
    huying(&["restore", "--from", path(&backup), "--data", path(&restored)]).ends(0);
    assert_eq!(number(&restored), "13900000042", "a backup made before has its own keys");
    assert_eq!(master(&restored), old);
}
