//! What was set that is no case's, as an auditor reads it: rules, duty, accounts, keys.

use crate::rights::Role;
use huying_domain::{
    event::{
        Event,
        setting::{AccountField, AccountSet, KeysSet},
    },
    words::Words,
};

/// A sentence for a fact about rules, duty, accounts or keys; none for a case's.
pub(super) fn said(event: &Event) -> Option<Words> {
    match event {
        Event::RulesPublished(event) => Some(Words::new(
            format!("规则文件 {}，{} 字节", &event.hash.to_string()[..12], event.bytes),
            format!("rule file {}, {} bytes", &event.hash.to_string()[..12], event.bytes),
        )),
        Event::DutySet(event) if event.on_duty => Some(Words::new("有人在岗", "somebody is on duty")),
        Event::DutySet(_) => Some(Words::new("无人在岗", "nobody is on duty")),
        Event::AccountSet(set) => Some(account(set)),
        Event::KeysSet(set) => Some(keys(set)),
        _ => None,
    }
}

const fn field(field: AccountField) -> (&'static str, &'static str) {
    match field {
        AccountField::Made => ("新建", "made"),
        AccountField::Words => ("名称", "name"),
        AccountField::Unit => ("单位", "unit"),
        AccountField::Roles => ("角色", "roles"),
        AccountField::Area => ("可见区域", "area"),
        AccountField::Cleared => ("可见标记", "clearing"),
        AccountField::Password => ("密码", "password"),
        AccountField::SecondFactor => ("动态码", "second factor"),
        AccountField::Provider => ("身份提供方", "identity provider"),
        AccountField::Lock => ("启停", "lock"),
    }
}

fn account(set: &AccountSet) -> Words {
    let changed: Vec<_> = set.changed.iter().map(|one| field(*one)).collect();
    let (zh, en): (Vec<_>, Vec<_>) = changed.into_iter().unzip();
    let roles = |pick: fn(Role) -> &'static str| {
        let names = set.roles.iter().map(|name| name.parse().map_or(name.as_str(), pick));
        names.collect::<Vec<_>>().join(" ")
    };
    let (mut said_zh, mut said_en) = (
        format!("账号 {}：{}（现角色 {}）", set.account, zh.join("、"), roles(Role::zh)),
        format!("account {}: {} (roles now {})", set.account, en.join(", "), roles(Role::name)),
    );
    if let Some(was) = &set.was {
        said_zh += &format!("，原单位 {was}");
        said_en += &format!(", unit before {was}");
    }
    if let Some(area) = set.area {
        said_zh += &format!("，可见 {area}");
        said_en += &format!(", sees {area}");
    }
    if !set.cleared.is_empty() {
        let tags = |pick: fn(&huying_domain::vocabulary::Tag) -> &'static str| {
            set.cleared.iter().map(pick).collect::<Vec<_>>().join(" ")
        };
        said_zh += &format!("，可见标记 {}", tags(|tag| tag.zh()));
        said_en += &format!(", cleared for {}", tags(|tag| tag.name()));
    }
    if set.changed.contains(&AccountField::Lock) {
        said_zh += if set.locked { "，停用" } else { "，启用" };
        said_en += if set.locked { ", locked" } else { ", let in again" };
    }
    if let Some(provider) = &set.by_provider {
        said_zh += &format!("，由身份提供方 {provider}");
        said_en += &format!(", by the identity provider {provider}");
    }
    Words::new(said_zh, said_en)
}

fn keys(set: &KeysSet) -> Words {
    if set.channels.is_empty() {
        return Words::new(
            format!("吊销来源 {} 的密钥 {} 个", set.source, set.revoked),
            format!("{} keys of {} taken away", set.revoked, set.source),
        );
    }
    let zh: Vec<_> = set.channels.iter().map(|channel| channel.zh()).collect();
    let en: Vec<_> = set.channels.iter().map(|channel| channel.name()).collect();
    Words::new(
        format!("来源 {} 获发密钥：{}", set.source, zh.join("、")),
        format!("{} got a key for {}", set.source, en.join(", ")),
    )
}
