//! A resident's report brings photographs, which only those see who handle the case.

use crate::{access::Client, data::new_city, stage::Running};
use huying_web::rights::Role;
use serde_json::json;

const PHOTOGRAPH: &str = "RIFF0000WEBPVP8 what a telephone took";

/// A form with the report, and a photograph for each of these.
fn form(report: &str, photographs: &[&str]) -> String {
    let mut form = format!("--x\r\nContent-Disposition: form-data; name=\"report\"\r\n\r\n{report}\r\n");
    for photograph in photographs {
        form += "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"photo-1\"\r\n\r\n";
        form += &format!("{photograph}\r\n");
    }
    form + "--x--\r\n"
}

#[test]
fn a_photograph_comes_with_a_residents_report_and_is_shown_to_whoever_handles_it() {
    let (_folder, city, data) = new_city();
    let (running, told) =
        Running::start_with(&data, Some(&city), &["--nats", "none", "--http", "127.0.0.1:0"]);
    let nobody = Client::at(told["http"].as_str().expect("an address"));
    let worker = nobody.signed_in(&data, "worker", "grid-1-1", Role::Handler);
    let report = json!({
        "words": "路灯不亮", "class": "noise.neighbour", "place": { "area": "211081001001001" },
        "photos": ["0000000000000000000000000000000000000000000000000000000000000000"],
    });
    let report = report.to_string();
    let bring = |body: &str| {
        nobody.ask("POST", "/v1/resident/reports", "content-type: multipart/form-data; boundary=x\r\n", body)
    };
    let taken = bring(&form(&report, &[PHOTOGRAPH]));
    assert_eq!(taken.status, 201, "{}", taken.body);
    let case = taken.json()["case"].as_str().expect("a case").to_owned();
    running.until(&case, "assigned");
    let page = worker.get(&format!("/v1/cases/{case}")).json();
    let evidence = page["evidence"].as_array().expect("a list");
    assert_eq!(evidence.len(), 1, "the one that came along, and none that was only named: {page}");
    let file = format!("/v1/cases/{case}/files/{}", evidence[0]["hash"].as_str().expect("a hash"));
    assert_eq!(worker.get(&file).body, PHOTOGRAPH);
    assert_eq!(nobody.get(&file).status, 401, "nobody else sees it");
    let token = taken.json()["token"].as_str().expect("a token").to_owned();
    assert!(!nobody.get(&format!("/v1/resident/cases/{token}")).body.contains("WEBP"));
    for broken in
        [form(&report, &["%PDF-1.4 no photograph"]), form(&report, &[PHOTOGRAPH; 5]), form("{", &[])]
    {
        let refused = bring(&broken);
        assert!((400..500).contains(&refused.status), "{} {}", refused.status, refused.body);
    }
    assert_eq!(running.stop(), 0);
}
