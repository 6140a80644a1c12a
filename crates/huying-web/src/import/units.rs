//! Units as a table. What comes of it is the rule file of units, which is published like any other: the journal names
//! it by its hash, and every table that was ever in force stays in the rulebook.

use super::{
    difference::{Difference, Fields, RowProblem, problem},
    table::{Column, Row, Table, TableError},
};
use huying_domain::{
    area::AreaCode,
    ids::{CalendarName, UnitId},
    record::Hash,
    rules::{
        Rules,
        alarm::AlarmPlan,
        units::{UNITS_MAX, Unit},
    },
    words::Words,
};
use std::collections::{BTreeMap, BTreeSet};

/// The columns, as the city's file has them.
pub const COLUMNS: [Column; 7] = [
    Column { name: "id", zh: &["编号", "单位编号"], needed: true },
    Column { name: "area", zh: &["区域", "区域代码"], needed: true },
    Column { name: "parent", zh: &["上级", "上级单位"], needed: true },
    Column { name: "calendar", zh: &["日历", "工作日历"], needed: true },
    Column { name: "staff", zh: &["人数"], needed: true },
    Column { name: "zh", zh: &["名称", "中文名"], needed: true },
    Column { name: "en", zh: &["英文名"], needed: true },
];
/// The columns behind the name.
const OF_UNIT: [&str; 6] = ["area", "parent", "calendar", "staff", "zh", "en"];
/// Most characters of a unit's name.
pub const UNIT_NAME_CHARS_MAX: usize = 100;
/// Most units that stand one above the other.
pub const UNITS_ABOVE_MAX: usize = 32;
/// Most people of one unit; a larger number is a slip of the pen.
pub const STAFF_MAX: u32 = 100_000;

/// What a table of units would change, and the rule file that it would become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The difference.
    pub difference: Difference,
    /// The rule file; of no use while any row is refused.
    pub text: String,
}

impl Plan {
    /// What names it: the hash under which the rulebook would keep it.
    pub fn name(&self) -> Hash {
        Rules::hash(self.text.as_bytes())
    }

    /// Holds a table to the rules in force. `work` says how many open cases each unit has.
    ///
    /// # Errors
    /// The table lacks a column.
    pub fn of(table: Table, rules: &Rules, work: &BTreeMap<UnitId, u64>) -> Result<Self, TableError> {
        let rows = table.columns(&COLUMNS)?;
        let before: BTreeMap<String, Fields> =
            rules.units.iter().map(|unit| (unit.id.to_string(), fields(unit))).collect();
        let mut check = Check { rules, before: &before, problems: Vec::new() };
        let after = check.all(&rows);
        let mut refused = check.problems;
        let mut difference = Difference::between(&OF_UNIT, &before, &after);
        // A row that cannot be read takes nobody away: it is refused already.
        let named: BTreeSet<&str> = refused.iter().map(|problem| problem.key.as_str()).collect();
        difference.gone.retain(|gone| !named.contains(gone.key.as_str()));
        for gone in &difference.gone {
            refused.extend(cannot_go(&gone.key, rules, work));
        }
        let text = text(&after);
        Ok(Self { difference: difference.with(refused), text })
    }
}

/// The table of the units in force: head and rows.
pub fn exported(rules: &Rules) -> Vec<Fields> {
    let head = COLUMNS.iter().map(|column| column.name.to_owned()).collect();
    let row = |unit: &Unit| [vec![unit.id.to_string()], fields(unit)].concat();
    std::iter::once(head).chain(rules.units.iter().map(row)).collect()
}

fn fields(unit: &Unit) -> Fields {
    vec![
        unit.area.map(|area| area.to_string()).unwrap_or_default(),
        unit.parent.as_ref().map(ToString::to_string).unwrap_or_default(),
        unit.calendar.to_string(),
        unit.staff.to_string(),
        unit.name.zh.clone(),
        unit.name.en.clone(),
    ]
}

/// The rule file.
fn text(after: &BTreeMap<String, (u32, Fields)>) -> String {
    let mut text = String::from("id,area,parent,calendar,staff,zh,en\n");
    for (id, (_, fields)) in after {
        text += &format!("{id},{}\n", fields.join(","));
    }
    text
}

/// Why a unit cannot be left out.
fn cannot_go(id: &str, rules: &Rules, work: &BTreeMap<UnitId, u64>) -> Option<RowProblem> {
    let unit: UnitId = id.parse().ok()?;
    let gone = |code, words| RowProblem { line: None, key: id.to_owned(), field: None, code, words };
    if let Some(cases) = work.get(&unit) {
        let words = huying_domain::refusal::Refusal::UnitInUse { unit, cases: *cases }.words();
        return Some(gone("unit_in_use", words));
    }
    let policy = &rules.policy;
    let rung = policy.alarm.iter().flat_map(AlarmPlan::units).chain(policy.notices.units());
    let duty = rules.duty.iter().filter_map(|duty| duty.department.as_ref());
    let named = rung.chain(duty).chain([&policy.centre]).any(|one| *one == unit);
    named.then(|| {
        let words = Words::new(
            format!("单位 {id} 仍被政策或派单目录引用，不能撤销。"),
            format!("The policy or the duty list names the unit {id}; it cannot go."),
        );
        gone("unit_named", words)
    })
}

/// Rows on their way to becoming units.
struct Check<'c> {
    rules: &'c Rules,
    before: &'c BTreeMap<String, Fields>,
    problems: Vec<RowProblem>,
}

impl Check<'_> {
    /// The units that the rows are, by id; every row that is none is a problem.
    fn all(&mut self, rows: &[Row]) -> BTreeMap<String, (u32, Fields)> {
        let mut after: BTreeMap<String, (u32, Fields)> = BTreeMap::new();
        for (line, row) in rows {
            let Some((id, fields)) = self.row(*line, row) else { continue };
            if after.contains_key(&id) {
                self.note(
                    *line,
                    &id,
                    "id",
                    "twice",
                    format!("单位 {id} 出现了两次。"),
                    format!("The unit {id} stands twice."),
                );
                continue;
            }
            after.insert(id, (*line, fields));
        }
        if after.len() > UNITS_MAX {
            self.note(
                0,
                "",
                "id",
                "too_many",
                format!("单位超过 {UNITS_MAX} 个。"),
                format!("There are more than {UNITS_MAX} units."),
            );
        }
        self.areas(&after);
        self.parents(&after);
        after
    }

    fn note(
        &mut self,
        line: u32,
        key: &str,
        field: &'static str,
        code: &'static str,
        zh: String,
        en: String,
    ) {
        self.problems.push(problem((line, key), field, code, (zh, en)));
    }

    /// One row by itself. What stands unchanged in force may stay as it is.
    fn row(&mut self, line: u32, row: &[String]) -> Option<(String, Fields)> {
        let (id, fields) = row.split_first()?;
        let before = self.problems.len();
        let mut fields = fields.to_vec();
        if let Err(error) = id.parse::<UnitId>() {
            let zh = format!("单位编号“{id}”不正确：须为小写字母、数字或连字符，至多 32 个。");
            self.note(line, id, "id", "bad_id", zh, error.to_string());
        }
        if self.before.get(id) != Some(&fields) {
            self.area(line, id, &fields[0]);
            self.calendar(line, id, &fields[2]);
            match fields[3].parse::<u32>() {
                Ok(staff) if staff <= STAFF_MAX => fields[3] = staff.to_string(),
                _ => {
                    let zh = format!("人数须为 0 至 {STAFF_MAX} 的整数。");
                    let en = format!("The number of people is a whole number from 0 to {STAFF_MAX}.");
                    self.note(line, id, "staff", "bad_number", zh, en);
                }
            }
            self.names(line, id, &fields);
        }
        (self.problems.len() == before).then(|| (id.clone(), fields))
    }

    fn area(&mut self, line: u32, id: &str, said: &str) {
        if said.is_empty() {
            return;
        }
        match said.parse::<AreaCode>() {
            Ok(area) if self.rules.territory.name(area).is_some() => {}
            Ok(_) => {
                self.note(
                    line,
                    id,
                    "area",
                    "unknown_area",
                    format!("没有区域 {said}。"),
                    format!("There is no area {said}."),
                );
            }
            Err(error) => {
                let zh =
                    format!("区域代码“{said}”不正确。若被表格软件改成了科学计数法，请把该列设为文本后重填。");
                let en =
                    format!("{error}: “{said}”. If a spreadsheet made a number of it, make the column text.");
                self.note(line, id, "area", "bad_area", zh, en);
            }
        }
    }

    fn calendar(&mut self, line: u32, id: &str, said: &str) {
        let name = said.parse::<CalendarName>().ok();
        if name.is_none_or(|name| self.rules.calendars.get(&name).is_none()) {
            let all: Vec<_> = self.rules.calendars.names().map(ToString::to_string).collect();
            let zh = format!("没有日历“{said}”，可用：{}。", all.join("、"));
            let en = format!("There is no calendar “{said}”; there are: {}.", all.join(", "));
            self.note(line, id, "calendar", "unknown_calendar", zh, en);
        }
    }

    fn names(&mut self, line: u32, id: &str, fields: &Fields) {
        for (field, name) in [("zh", &fields[4]), ("en", &fields[5])] {
            if name.chars().any(|c| c.is_control() || matches!(c, ',' | '"')) {
                let zh = "名称不得含英文逗号、双引号或换行。".to_owned();
                let en = "A name has no comma, quote or line break.".to_owned();
                self.note(line, id, field, "bad_text", zh, en);
            } else if name.chars().count() > UNIT_NAME_CHARS_MAX {
                let zh = format!("名称超过 {UNIT_NAME_CHARS_MAX} 字。");
                let en = format!("The name is longer than {UNIT_NAME_CHARS_MAX} characters.");
                self.note(line, id, field, "too_long", zh, en);
            } else if name.is_empty() && field == "zh" {
                self.note(
                    line,
                    id,
                    field,
                    "missing",
                    "缺少名称。".to_owned(),
                    "The name is missing.".to_owned(),
                );
            }
        }
    }

    /// An area has one unit.
    fn areas(&mut self, after: &BTreeMap<String, (u32, Fields)>) {
        let mut by_area: BTreeMap<&str, &str> = BTreeMap::new();
        let mut lines: Vec<_> = after.iter().collect();
        lines.sort_by_key(|(_, (line, _))| *line);
        for (id, (line, fields)) in lines {
            let area = fields[0].as_str();
            if area.is_empty() {
                continue;
            }
            match by_area.get(area) {
                Some(first) => {
                    let zh = format!("区域 {area} 已由单位 {first} 负责。");
                    let en = format!("The area {area} is that of the unit {first} already.");
                    self.note(*line, id, "area", "area_taken", zh, en);
                }
                None => _ = by_area.insert(area, id),
            }
        }
    }

    /// A unit above is one of the table's, and nobody stands above themselves.
    fn parents(&mut self, after: &BTreeMap<String, (u32, Fields)>) {
        for (id, (line, fields)) in after {
            let parent = fields[1].as_str();
            if parent.is_empty() || (self.before.get(id) == Some(fields) && !self.before.contains_key(parent))
            {
                continue;
            }
            if !after.contains_key(parent) {
                let zh = format!("上级单位 {parent} 不在表中。");
                let en = format!("The unit above, {parent}, is not in the table.");
                self.note(*line, id, "parent", "unknown_unit", zh, en);
                continue;
            }
            let above = |unit: &str| after.get(unit).map(|(_, fields)| fields[1].as_str());
            let mut at = parent;
            for _ in 0..UNITS_ABOVE_MAX {
                if at == id || at.is_empty() {
                    break;
                }
                at = above(at).unwrap_or_default();
            }
            if at == id {
                let zh = format!("单位 {id} 成了自己的上级。");
                let en = format!("The unit {id} would stand above itself.");
                self.note(*line, id, "parent", "own_superior", zh, en);
            } else if !at.is_empty() {
                let zh = format!("单位 {id} 之上超过 {UNITS_ABOVE_MAX} 级，或上级之间循环。");
                let en =
                    format!("More than {UNITS_ABOVE_MAX} units stand above {id}, or they stand in a circle.");
                self.note(*line, id, "parent", "too_deep", zh, en);
            }
        }
    }
}

#[cfg(test)]
pub(in crate::import) mod tests;
