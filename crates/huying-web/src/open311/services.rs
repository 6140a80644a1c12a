//! `GET /services`, `/services/{code}`: the classes of the policy, and the filing condition as the one thing to choose.

use super::{
    Asked,
    element::{Document, Element},
    problem::{Problem, Problems},
};
use huying_domain::{
    ids::ClassId,
    rules::{Rules, policy::Class},
    words::Words,
};

/// The attribute that says the filing condition.
pub(super) const CONDITION: &str = "condition";

/// The class of this code, if reports of it are taken here: alarms come from devices alone.
pub(super) fn class_of<'r>(rules: &'r Rules, code: &str) -> Option<(&'r ClassId, &'r Class)> {
    let id: ClassId = code.parse().ok()?;
    let found = rules.policy.classes.get_key_value(&id);
    found.filter(|(id, _)| is_offered(rules, id))
}

/// A plan that names no classes takes whatever a device says, and none of them is an alarm by itself.
fn is_offered(rules: &Rules, id: &ClassId) -> bool {
    let nothing = ClassId::new("-").expect("the word is a class id");
    let alarm = rules.policy.alarm.as_ref();
    !alarm.is_some_and(|alarm| alarm.takes(id) && !alarm.takes(&nothing))
}

pub(super) fn list(asked: &Asked) -> Document {
    let classes = asked.rules.policy.classes.iter().filter(|(id, _)| is_offered(&asked.rules, id));
    let service = |(id, class): (&ClassId, &Class)| {
        let names = class.conditions.values().map(|one| asked.in_words(&Words::new(&one.zh, &one.en)));
        let other = if asked.english { &class.zh } else { &class.en };
        Element::Fields(vec![
            ("service_code", Element::text(id.as_str())),
            ("service_name", Element::text(asked.in_words(&Words::new(&class.zh, &class.en)))),
            ("description", Element::text(other.clone())),
            ("metadata", Element::Flag(!class.conditions.is_empty())),
            ("type", Element::text("realtime")),
            ("keywords", Element::text(names.collect::<Vec<_>>().join(","))),
            ("group", Element::text(id.as_str().split('.').next().unwrap_or_default())),
        ])
    };
    Document::listed("services", "service", classes.map(service).collect())
}

pub(super) fn definition(asked: &Asked, code: &str) -> Result<Document, Problems> {
    let (id, class) = class_of(&asked.rules, code).ok_or_else(|| Problem::unknown("service_code", code))?;
    let values = class.conditions.iter().map(|(id, condition)| {
        let name = asked.in_words(&Words::new(&condition.zh, &condition.en));
        Element::Fields(vec![("key", Element::text(id.as_str())), ("name", Element::text(name))])
    });
    let values: Vec<_> = values.collect();
    let question = Words::new("属于哪一种情形（立案条件）", "Which of these it is (the filing condition)");
    let attribute = || {
        Element::Fields(vec![
            ("variable", Element::Flag(true)),
            ("code", Element::text(CONDITION)),
            ("datatype", Element::text("singlevaluelist")),
            ("required", Element::Flag(false)),
            ("datatype_description", Element::Nothing),
            ("order", Element::Whole(1)),
            ("description", Element::text(asked.in_words(&question))),
            ("values", Element::List("value", values.clone())),
        ])
    };
    let attributes = if values.is_empty() { Vec::new() } else { vec![attribute()] };
    let fields = vec![
        ("service_code", Element::text(id.as_str())),
        ("attributes", Element::List("attribute", attributes)),
    ];
    Ok(Document::new("service_definition", Element::Fields(fields)))
}
