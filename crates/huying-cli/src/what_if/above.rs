//! Who decides above in the trial: whoever holds a case there may be the one who decided in the journal.

use huying_domain::{
    case::Case,
    command::{Ask, Command},
    rules::Rules,
};

/// Whether it decides what was asked of the level above.
pub const fn decides(ask: &Ask) -> bool {
    matches!(ask, Ask::Grant { .. } | Ask::Deny { .. })
}

/// Gives a decision that the unit may not make in the trial to the centre, which decides wherever nobody else does: the
/// case lies with the unit itself or with one that it does not supervise, or it was the unit that asked.
/// Says whether it did.
pub fn raised(command: &mut Command, case: &Case, rules: &Rules) -> bool {
    let unit = &command.actor.unit;
    let asked_itself = case.request.as_ref().is_some_and(|pending| pending.by.unit == *unit);
    let raised = decides(&command.ask)
        && unit != rules.centre()
        && (asked_itself || !rules.supervises(unit, &case.holder));
    if raised {
        command.actor.unit = rules.centre().clone();
    }
    raised
}
