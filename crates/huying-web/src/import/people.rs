//! People as a table: who may sign in, for which unit, in which roles. No password and no secret stands in it, neither
//! on the way out nor on the way in. Who is no longer in the table is locked and not forgotten: records name them.

use super::{
    difference::{Difference, Fields, RowProblem, problem},
    table::{Column, Row, Table, TableError},
};
use crate::{
    rights::{Right, Role, any},
    sign_in::account::{Account, Book, Vouched},
};
use huying_domain::{
    area::AreaCode,
    ids::{PersonId, UnitId},
    record::Hash,
    rules::Rules,
    vocabulary::Tag,
    words::Words,
};
use std::collections::{BTreeMap, BTreeSet};

/// The columns.
pub const COLUMNS: [Column; 8] = [
    Column { name: "account", zh: &["账号"], needed: true },
    Column { name: "zh", zh: &["姓名", "名称"], needed: true },
    Column { name: "en", zh: &["英文名"], needed: true },
    Column { name: "unit", zh: &["单位", "单位编号"], needed: true },
    Column { name: "roles", zh: &["角色"], needed: true },
    Column { name: "area", zh: &["区域", "区域代码"], needed: true },
    Column { name: "cleared", zh: &["可见标记"], needed: true },
    Column { name: "locked", zh: &["停用"], needed: true },
];
/// The columns behind the name.
const OF_PERSON: [&str; 7] = ["zh", "en", "unit", "roles", "area", "cleared", "locked"];
/// Most characters of what somebody is called.
pub const PERSON_WORDS_CHARS_MAX: usize = 100;

/// What a table of people would change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The difference.
    pub difference: Difference,
    /// The accounts that are new or other, as they would be.
    pub accounts: Vec<Account>,
    /// What names it: a hash over what stood there before and what would stand there.
    pub name: Hash,
}

/// Who brings a table, as far as it matters to what they may change.
#[derive(Clone, Copy, Debug)]
pub struct Bringer<'b> {
    /// Their account; nobody takes their own rights away by mistake. None on the command line.
    pub account: Option<&'b PersonId>,
    /// For which unit they speak.
    pub unit: &'b UnitId,
}

impl Plan {
    /// Holds a table to the accounts and the rules in force.
    ///
    /// # Errors
    /// The table lacks a column.
    pub fn of(table: Table, book: &Book, rules: &Rules, by: Bringer<'_>) -> Result<Self, TableError> {
        let rows = table.columns(&COLUMNS)?;
        let before: BTreeMap<String, Fields> =
            book.values().map(|account| (account.name.to_string(), fields(account))).collect();
        let mut check = Check { rules, book, by, problems: Vec::new(), accounts: Vec::new() };
        let mut after = check.all(&rows);
        let said: BTreeSet<&str> =
            rows.iter().filter_map(|(_, row)| row.first()).map(String::as_str).collect();
        // Who was locked before needs no line to stay so.
        for (name, fields) in before.iter().filter(|(name, _)| !said.contains(name.as_str())) {
            if fields.last().is_some_and(|locked| !locked.is_empty()) {
                after.insert(name.clone(), (0, fields.clone()));
            }
        }
        let mut difference = Difference::between(&OF_PERSON, &before, &after);
        difference.gone.retain(|gone| !said.contains(gone.key.as_str()));
        for gone in &mut difference.gone {
            gone.note = Some(Words::new("将被停用，会话即刻结束。", "Is locked, and its sessions end."));
            if let Some(account) = book.values().find(|account| account.name.as_str() == gone.key) {
                check.gone(account);
            }
        }
        for added in &mut difference.added {
            added.note = Some(Words::new(
                "尚无密码：请另设密码，或由身份提供方认证。",
                "Has no password yet: set one, or let an identity provider vouch.",
            ));
        }
        let (problems, accounts) = (check.problems, check.accounts);
        let name = name(&before, &after);
        Ok(Self { difference: difference.with(problems), accounts, name })
    }
}

/// The table of the accounts: head and rows.
pub fn exported(book: &Book) -> Vec<Fields> {
    let head = COLUMNS.iter().map(|column| column.name.to_owned()).collect();
    let row = |account: &Account| [vec![account.name.to_string()], fields(account)].concat();
    std::iter::once(head).chain(book.values().map(row)).collect()
}

fn fields(account: &Account) -> Fields {
    let joined = |names: Vec<&str>| names.join(" ");
    vec![
        account.words.zh.clone(),
        account.words.en.clone(),
        account.unit.to_string(),
        joined(account.roles.iter().map(|role| role.name()).collect()),
        account.area.map(|area| area.to_string()).unwrap_or_default(),
        joined(account.cleared.iter().map(|tag| tag.name()).collect()),
        if account.locked { "yes".to_owned() } else { String::new() },
    ]
}

fn name(before: &BTreeMap<String, Fields>, after: &BTreeMap<String, (u32, Fields)>) -> Hash {
    let after: BTreeMap<_, _> = after.iter().map(|(name, (_, fields))| (name, fields)).collect();
    let both = serde_json::to_vec(&(before, after)).expect("texts have a form");
    Rules::hash(&both)
}

/// Several names in one field, however they are kept apart.
fn several(said: &str) -> impl Iterator<Item = &str> {
    said.split([' ', '\u{3000}', '、', '，', ',', ';', '；', '/', '|']).filter(|name| !name.is_empty())
}

/// Rows on their way to becoming accounts.
struct Check<'c> {
    rules: &'c Rules,
    book: &'c Book,
    by: Bringer<'c>,
    problems: Vec<RowProblem>,
    accounts: Vec<Account>,
}

impl Check<'_> {
    fn all(&mut self, rows: &[Row]) -> BTreeMap<String, (u32, Fields)> {
        let mut after: BTreeMap<String, (u32, Fields)> = BTreeMap::new();
        for (line, row) in rows {
            let Some(account) = self.row(*line, row) else { continue };
            let name = account.name.to_string();
            if after.contains_key(&name) {
                let words =
                    (format!("账号 {name} 出现了两次。"), format!("The account {name} stands twice."));
                self.problems.push(problem((*line, &name), "account", "twice", words));
                continue;
            }
            after.insert(name, (*line, fields(&account)));
            if self.book.get(&account.name) != Some(&account) {
                self.accounts.push(account);
            }
        }
        after
    }

    /// One row as an account, its secrets as they were.
    fn row(&mut self, line: u32, row: &[String]) -> Option<Account> {
        let [name, zh, en, unit, roles, area, cleared, locked] = row else { return None };
        let before = self.problems.len();
        let at = (line, name.as_str());
        let parsed = name.parse::<PersonId>();
        if let Err(error) = &parsed {
            let words = ("账号不正确：1 至 64 字，首尾无空格。".to_owned(), error.to_string());
            self.problems.push(problem(at, "account", "bad_id", words));
        }
        let known = parsed.as_ref().ok().and_then(|name| self.book.get(name)).cloned();
        let unit = self.unit(at, unit, known.as_ref());
        let roles = self.roles(at, roles);
        let area = self.area(at, area);
        let cleared = self.cleared(at, cleared);
        let locked = self.locked(at, locked);
        self.words(at, zh, en);
        let (Ok(name), Some(unit)) = (parsed, unit) else { return None };
        let account = Account {
            words: Words::new(zh.as_str(), en.as_str()),
            unit,
            roles,
            area,
            cleared,
            locked,
            password: known.as_ref().and_then(|known| known.password.clone()),
            totp: known.as_ref().and_then(|known| known.totp.clone()),
            vouched: known.as_ref().and_then(|known| known.vouched.clone()),
            name,
        };
        let account = match &known {
            Some(known) if fields(known) == fields(&account) => known.clone(),
            _ => {
                self.below(at, known.as_ref(), &account);
                self.own(at, &account);
                // What a clerk says of an account holds from now on, whatever a group said.
                let vouched = account.vouched.map(|vouched| Vouched { by_group: false, ..vouched });
                Account { vouched, ..account }
            }
        };
        (self.problems.len() == before).then_some(account)
    }

    fn unit(&mut self, at: (u32, &str), said: &str, known: Option<&Account>) -> Option<UnitId> {
        let unit: Option<UnitId> = said.parse().ok();
        let stays = known.is_some_and(|known| known.unit.as_str() == said);
        match unit.filter(|unit| stays || self.rules.unit(unit).is_some()) {
            None => {
                let words = (format!("没有单位“{said}”。"), format!("There is no unit “{said}”."));
                self.problems.push(problem(at, "unit", "unknown_unit", words));
                None
            }
            unit => unit,
        }
    }

    /// Both the unit for which they spoke and the new one lie below that of whoever brings the table.
    fn below(&mut self, at: (u32, &str), known: Option<&Account>, account: &Account) {
        let units = known.map(|known| &known.unit).into_iter().chain([&account.unit]);
        let mut above = units.filter(|unit| !may_set(self.rules, self.by.unit, unit));
        if let Some(unit) = above.next() {
            let words =
                (format!("单位 {unit} 不在您单位之下。"), format!("The unit {unit} is not below yours."));
            self.problems.push(problem(at, "unit", "not_below_you", words));
        }
    }

    fn roles(&mut self, at: (u32, &str), said: &str) -> Vec<Role> {
        let mut roles = Vec::new();
        for name in several(said) {
            match name.parse::<Role>() {
                Ok(role) if !roles.contains(&role) => roles.push(role),
                Ok(_) => {}
                Err(all) => {
                    let zh: Vec<_> = Role::ALL.map(Role::zh).into();
                    let words = (
                        format!("没有角色“{name}”，可用：{}。", zh.join("、")),
                        format!("There is no role “{name}”; it is {all}."),
                    );
                    self.problems.push(problem(at, "roles", "unknown_role", words));
                }
            }
        }
        if roles.is_empty() && said.trim().is_empty() {
            let words = ("缺少角色。".to_owned(), "The roles are missing.".to_owned());
            self.problems.push(problem(at, "roles", "missing", words));
        }
        roles
    }

    fn area(&mut self, at: (u32, &str), said: &str) -> Option<AreaCode> {
        if said.is_empty() {
            return None;
        }
        let area = said.parse::<AreaCode>().ok().filter(|area| self.rules.territory.name(*area).is_some());
        if area.is_none() {
            let words = (format!("没有区域“{said}”。"), format!("There is no area “{said}”."));
            self.problems.push(problem(at, "area", "unknown_area", words));
        }
        area
    }

    fn cleared(&mut self, at: (u32, &str), said: &str) -> Vec<Tag> {
        let mut tags = Vec::new();
        for name in several(said) {
            match name.parse::<Tag>() {
                Ok(tag) if !tags.contains(&tag) => tags.push(tag),
                Ok(_) => {}
                Err(_) => {
                    let words = (format!("没有标记“{name}”。"), format!("There is no mark “{name}”."));
                    self.problems.push(problem(at, "cleared", "unknown_tag", words));
                }
            }
        }
        tags
    }

    fn locked(&mut self, at: (u32, &str), said: &str) -> bool {
        match said.to_lowercase().as_str() {
            "" | "no" | "false" | "0" | "否" => false,
            "yes" | "true" | "1" | "是" => true,
            _ => {
                let words = ("停用一列填“是”或留空。".to_owned(), "Locked is yes, or empty.".to_owned());
                self.problems.push(problem(at, "locked", "bad_flag", words));
                false
            }
        }
    }

    fn words(&mut self, at: (u32, &str), zh: &str, en: &str) {
        for (field, said) in [("zh", zh), ("en", en)] {
            if said.chars().count() > PERSON_WORDS_CHARS_MAX || said.chars().any(char::is_control) {
                let words = (
                    format!("名称超过 {PERSON_WORDS_CHARS_MAX} 字或含有换行。"),
                    format!("The name is longer than {PERSON_WORDS_CHARS_MAX} characters, or breaks a line."),
                );
                self.problems.push(problem(at, field, "bad_text", words));
            }
        }
        if zh.is_empty() {
            let words = ("缺少姓名。".to_owned(), "The name is missing.".to_owned());
            self.problems.push(problem(at, "zh", "missing", words));
        }
    }

    /// Whoever brings the table keeps the right to bring another.
    fn own(&mut self, at: (u32, &str), account: &Account) {
        let loses = account.locked || !any(&account.roles, Right::Accounts.roles());
        if self.by.account == Some(&account.name) && loses {
            let words = (
                "不能停用自己，也不能取消自己的运维角色。".to_owned(),
                "You cannot lock yourself out, nor drop your own operator's role.".to_owned(),
            );
            self.problems.push(problem(at, "roles", "own_account", words));
        }
    }

    /// Somebody who is no longer in the table.
    fn gone(&mut self, account: &Account) {
        let name = account.name.as_str();
        if self.by.account == Some(&account.name) {
            let words = Words::new("表中没有您自己的账号。", "The table lacks your own account.");
            let problem =
                RowProblem { line: None, key: name.to_owned(), field: None, code: "own_account", words };
            self.problems.push(problem);
        } else if !may_set(self.rules, self.by.unit, &account.unit) {
            let words = Words::new(
                format!("账号 {name} 的单位不在您单位之下，表中不能没有它。"),
                format!("The unit of {name} is not below yours; the table cannot lack it."),
            );
            let problem =
                RowProblem { line: None, key: name.to_owned(), field: None, code: "not_below_you", words };
            self.problems.push(problem);
        } else {
            self.accounts.push(Account { locked: true, ..account.clone() });
        }
    }
}

/// Whether somebody who speaks for a unit may set accounts of another one.
pub(crate) fn may_set(rules: &Rules, by: &UnitId, unit: &UnitId) -> bool {
    by == unit || rules.supervises(by, unit)
}

#[cfg(test)]
mod tests;
