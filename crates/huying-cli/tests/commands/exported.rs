//! What is exported over HTTP, read back by programs that we did not write: Python's csv and zipfile.

use crate::{
    access::Client,
    stage::{Running, call, city},
};
use huying_web::rights::Role;
use serde_json::Value;
use std::{path::Path, process::Command};

/// More rows than one page of the list has, so that pages have to join.
const CASES: usize = 510;
/// Calls in one message.
const BATCH: usize = 64;

/// Prints as JSON what Python reads out of both files.
const READER: &str = r#"
import csv, json, re, sys, zipfile, xml.etree.ElementTree as tree
with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    about = file.readline()
    rows = list(csv.DictReader(file))
space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
book = zipfile.ZipFile(sys.argv[2])
shared = []
if "xl/sharedStrings.xml" in book.namelist():
    shared = ["".join(item.itertext()) for item in tree.fromstring(book.read("xl/sharedStrings.xml"))]
def cell(one):
    value = one.find("m:v", space)
    return shared[int(value.text)] if one.get("t") == "s" else "".join(one.itertext())
def sheet(name):
    rows = tree.fromstring(book.read(name)).iterfind(".//m:row", space)
    return [[cell(one) for one in row] for row in rows]
cases, told = sheet("xl/worksheets/sheet1.xml"), dict(sheet("xl/worksheets/sheet2.xml"))
print(json.dumps({
    "about": about.strip(), "csv": [row[next(iter(row))] for row in rows],
    "xlsx": [row[0] for row in cases[1:]], "told": list(told.values()),
}))
"#;

fn read_back(csv: &Path, xlsx: &Path) -> Option<Value> {
    let read = Command::new("python3").args(["-c", READER]).args([csv, xlsx]).output().ok()?;
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    Some(serde_json::from_slice(&read.stdout).expect("JSON"))
}

fn said<'h>(head: &'h str, name: &str) -> &'h str {
    let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {head}"))
}

#[test]
fn an_export_leaves_no_row_out_and_says_how_many_and_up_to_which_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, data) = (folder.path().join("city"), folder.path().join("data"));
    city().write(&made).expect("it can be written");
    let (running, told) = Running::start_with(&data, Some(&made), &["--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let taker = nobody.signed_in(&data, "taker", "centre", Role::CallTaker);
    let names: Vec<usize> = (1..=CASES).collect();
    for batch in names.chunks(BATCH) {
        let calls: Vec<String> = batch.iter().map(|n| call(&format!("E-{n}"), "road.pothole")).collect();
        let taken = taker.ask("POST", "/v1/calls", "", &format!("[{}]", calls.join(",")));
        assert_eq!(taken.status, 207, "{}", taken.body);
    }
    let boss = nobody.signed_in(&data, "boss", "centre", Role::Supervisor);
    let (csv, xlsx) = (boss.get("/v1/cases.csv"), boss.get("/v1/cases.xlsx"));
    let total = boss.get("/v1/cases?limit=1").json()["total"].to_string();
    for file in [&csv, &xlsx] {
        assert_eq!((file.status, said(&file.head, "x-huying-rows")), (200, total.as_str()));
    }
    let (as_csv, as_xlsx) = (folder.path().join("cases.csv"), folder.path().join("cases.xlsx"));
    // The body of CSV is sent in pieces, each with its length before it.
    std::fs::write(&as_csv, joined(&csv.bytes)).expect("it can be written");
    std::fs::write(&as_xlsx, &xlsx.bytes).expect("it can be written");
    let Some(read) = read_back(&as_csv, &as_xlsx) else {
        eprintln!("no python3 here: the exports are not read back");
        return;
    };
    let seq = |file: &str| said(file, "x-huying-seq").to_owned();
    let about = read["about"].as_str().expect("a line");
    assert!(about.starts_with(&format!("# rows {total}, seq {},", seq(&csv.head))), "{about}");
    assert_eq!(read["told"][0], total, "the sheet that says what the workbook holds");
    assert_eq!(read["told"][1], seq(&xlsx.head));
    for form in ["csv", "xlsx"] {
        let rows: Vec<&str> = read[form].as_array().expect("rows").iter().filter_map(Value::as_str).collect();
        let mut once = rows.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((rows.len().to_string(), once.len()), (total.clone(), rows.len()), "{form}: each once");
        assert!(rows.iter().all(|case| case.starts_with("0-")), "{form}: {:?}", &rows[..3]);
    }
    assert_eq!(running.stop(), 0);
}

/// The pieces of a chunked body, joined.
fn joined(body: &[u8]) -> Vec<u8> {
    let (mut whole, mut rest) = (Vec::new(), body);
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let length =
            std::str::from_utf8(&rest[..end]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let length = length.expect("a length before each piece");
        whole.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 4 + length..];
    }
    whole
}
