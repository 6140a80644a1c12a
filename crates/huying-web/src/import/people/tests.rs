use super::*;
use crate::import::units::tests::city;

fn account(name: &str, unit: &str, roles: &[Role]) -> Account {
    Account {
        name: name.parse().expect("a name"),
        words: Words::new(name, name),
        unit: unit.parse().expect("a unit"),
        roles: roles.to_vec(),
        area: None,
        cleared: Vec::new(),
        password: Some("a hash".to_owned()),
        totp: Some("a secret".to_owned()),
        vouched: None,
        locked: false,
    }
}

fn book() -> Book {
    let all = [
        account("boss", "centre", &[Role::Operator]),
        account("wang", "grid-1-1", &[Role::Handler]),
        account("zhao", "street-1", &[Role::Supervisor, Role::Handler]),
        Account { locked: true, ..account("left", "grid-1-2", &[Role::Handler]) },
    ];
    all.into_iter().map(|account| (account.name.clone(), account)).collect()
}

fn text() -> String {
    exported(&book()).iter().map(|row| row.join(",") + "\n").collect()
}

fn plan_by(text: &str, (name, unit): (&str, &str)) -> Plan {
    let (name, unit) = (name.parse().expect("a name"), unit.parse().expect("a unit"));
    let by = Bringer { account: Some(&name), unit: &unit };
    Plan::of(Table::read(text.as_bytes()).expect("a table"), &book(), &city(None), by).expect("all columns")
}

fn plan(text: &str) -> Plan {
    plan_by(text, ("boss", "centre"))
}

fn refused(plan: &Plan) -> Vec<(&'static str, Option<u32>, Option<&'static str>)> {
    plan.difference.refused.iter().map(|problem| (problem.code, problem.line, problem.field)).collect()
}

#[test]
fn what_was_exported_changes_nothing_and_holds_no_secret() {
    let text = text();
    assert!(!text.contains("a hash") && !text.contains("a secret"), "{text}");
    let plan = plan(&text);
    assert!(
        plan.difference.is_nothing() && plan.accounts.is_empty() && refused(&plan).is_empty(),
        "{plan:?}"
    );
}

#[test]
fn a_change_keeps_secrets_and_who_is_gone_is_locked() {
    let moved = text().replace("wang,wang,wang,grid-1-1,handler", "wang,王,wang,grid-1-2,承办人、督办员");
    let moved = moved.replace("zhao,zhao,zhao,street-1,supervisor handler,,,\n", "li,李,,water,handler,,,\n");
    let plan = plan(&moved);
    assert_eq!(refused(&plan), []);
    let by_name =
        |name: &str| plan.accounts.iter().find(|one| one.name.as_str() == name).expect("it is there");
    let wang = by_name("wang");
    assert_eq!(
        (wang.unit.as_str(), wang.roles.as_slice()),
        ("grid-1-2", &[Role::Handler, Role::Supervisor][..])
    );
    assert_eq!(wang.password.as_deref(), Some("a hash"));
    assert_eq!(wang.totp.as_deref(), Some("a secret"));
    assert!(by_name("zhao").locked && by_name("li").password.is_none());
    let fields: Vec<_> = plan.difference.changed[0].fields.iter().map(|one| one.field).collect();
    assert_eq!(fields, ["zh", "unit", "roles"]);
    assert_eq!(plan.difference.gone[0].key, "zhao");
    let without = text()
        .lines()
        .filter(|line| !line.starts_with("left"))
        .fold(String::new(), |all, line| all + line + "\n");
    assert!(self::plan(&without).difference.is_nothing(), "who is locked needs no line to stay so");
}

#[test]
fn each_row_that_cannot_be_is_named_with_its_line_and_field() {
    let with = |row: &str| plan(&(text() + row + "\n"));
    let at = |code, field| vec![(code, Some(6), Some(field))];
    assert_eq!(refused(&with("li,李,,moon,handler,,,")), at("unknown_unit", "unit"));
    assert_eq!(refused(&with("li,李,,water,king,,,")), at("unknown_role", "roles"));
    assert_eq!(refused(&with("li,李,,water,,,,")), at("missing", "roles"));
    assert_eq!(refused(&with("li,李,,water,handler,9,,")), at("unknown_area", "area"));
    assert_eq!(refused(&with("li,李,,water,handler,,secret,")), at("unknown_tag", "cleared"));
    assert_eq!(refused(&with("li,李,,water,handler,,,maybe")), at("bad_flag", "locked"));
    assert_eq!(refused(&with("li,,,water,handler,,,")), at("missing", "zh"));
    assert_eq!(refused(&with("wang,王,,water,handler,,,")), at("twice", "account"));
}

#[test]
fn nobody_locks_themselves_out_nor_reaches_beyond_their_unit() {
    let own = |to: &str| refused(&plan(&text().replace("boss,boss,boss,centre,operator,,,\n", to)));
    assert_eq!(own(""), [("own_account", None, None)]);
    assert_eq!(own("boss,boss,boss,centre,operator,,,yes\n"), [("own_account", Some(2), Some("roles"))]);
    assert_eq!(own("boss,boss,boss,centre,auditor,,,\n"), [("own_account", Some(2), Some("roles"))]);
    let street = ("zhao", "street-1");
    let raised = text().replace("wang,wang,wang,grid-1-1,", "wang,wang,wang,centre,");
    assert_eq!(refused(&plan_by(&raised, street)), [("not_below_you", Some(4), Some("unit"))]);
    let moved = text().replace("wang,wang,wang,grid-1-1,", "wang,wang,wang,grid-1-2,");
    assert_eq!(refused(&plan_by(&moved, street)), []);
    let without = text().replace("boss,boss,boss,centre,operator,,,\n", "");
    assert_eq!(refused(&plan_by(&without, street)), [("not_below_you", None, None)]);
}

#[test]
fn the_name_of_what_was_shown_is_another_one_once_the_accounts_have_moved() {
    let (text, rules, unit) =
        (text().replace("zhao,zhao,", "zhao,赵,"), city(None), "centre".parse().expect("a unit"));
    let by = Bringer { account: None, unit: &unit };
    let of = |book: &Book| {
        Plan::of(Table::read(text.as_bytes()).expect("a table"), book, &rules, by).expect("a plan").name
    };
    let (shown, mut moved) = (of(&book()), book());
    assert_eq!(of(&moved), shown);
    moved.values_mut().for_each(|account| account.area = "211081001".parse().ok());
    assert_ne!(of(&moved), shown);
}
