//! What a caller's words say by themselves where nobody at a desk has said it. A proposal, which a person may
//! correct.

use huying_domain::vocabulary::CaseKind;

/// Words that tell the kind of demand, in the order in which they are asked: who reports a wrong is
/// protected, so that kind is looked for first; thanks are looked for last, since they end many complaints
/// too.
const KIND_WORDS: [(CaseKind, &[&str]); 5] = [
    (CaseKind::Accusation, &["举报", "检举", "贪污", "受贿", "whistleblow"]),
    (CaseKind::Complaint, &["投诉", "扰民", "违规", "不作为", "乱收费", "complain"]),
    (CaseKind::Suggestion, &["建议", "希望能", "意见", "suggest"]),
    (
        CaseKind::Inquiry,
        &["咨询", "请问", "如何", "怎么办理", "什么时候", "是否", "吗？", "吗?", "when will", "how do i"],
    ),
    (CaseKind::Praise, &["表扬", "点赞", "感谢", "锦旗", "thank you"]),
];

/// The kind of demand that the words tell; none when they tell none.
pub fn kind_of(words: &str) -> Option<CaseKind> {
    let words = words.to_lowercase();
    KIND_WORDS.iter().find(|(_, signs)| signs.iter().any(|sign| words.contains(sign))).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_the_kind_and_an_accusation_comes_before_all_else() {
        for (words, kind) in [
            ("楼下夜市扰民，谢谢", Some(CaseKind::Complaint)),
            ("请问社保卡在哪里补办？", Some(CaseKind::Inquiry)),
            ("投诉并举报物业侵占维修基金", Some(CaseKind::Accusation)),
            ("建议在路口加装路灯", Some(CaseKind::Suggestion)),
            ("表扬网格员小李", Some(CaseKind::Praise)),
            ("水管爆了", None),
        ] {
            assert_eq!(kind_of(words), kind, "{words}");
        }
    }
}
