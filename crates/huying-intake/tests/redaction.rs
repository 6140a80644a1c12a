//! What leaves the summary, and what must stay in it.

use huying_intake::redact::redact;
use proptest::prelude::*;

#[test]
fn numbers_names_and_accounts_leave_the_words() {
    for (words, clean) in [
        ("请打13812345678联系我", "请打[电话]联系我"),
        ("手机138 1234 5678，急", "手机[电话]，急"),
        ("手机１３８１２３４５６７８", "手机[电话]"),
        ("+86-138-1234-5678", "[电话]"),
        ("座机0532-85912345", "座机[电话]"),
        ("座机(0532)85912345。", "座机[电话]。"),
        ("打85912345", "打[电话]"),
        ("call 617-555-0142 now", "call [电话] now"),
        ("call (617) 555-0142 now", "call [电话] now"),
        ("call +1 617.555.0142", "call [电话]"),
        ("电话一三八一二三四五六七八", "电话[电话]"),
        ("身份证37020219900101123X", "身份证[证件号]"),
        ("身份证370202199001011234", "身份证[证件号]"),
        ("卡号6222021234567890123", "卡号[号码]"),
        ("卡号6222 0212 3456 7890", "卡号[号码]"),
        ("邮箱li.lei_88@example.com.cn谢谢", "邮箱[邮箱]谢谢"),
        ("微信号：lilei_1988", "微信号：[账号]"),
        ("车牌鲁B·12345违停", "车牌[车牌]违停"),
        ("辽KD12345占道", "[车牌]占道"),
        ("我叫王小明，住在三楼", "我叫[姓名]，住在三楼"),
        ("我是李雷，反映停水", "我是[姓名]，反映停水"),
        ("姓名：张三丰 反映", "姓名：[姓名] 反映"),
        ("联系人：欧阳小燕。", "联系人：[姓名]。"),
        ("My name is John Smith and the light is out", "My name is [姓名] and the light is out"),
        ("家住5号楼3单元501室漏水", "家住5号楼[门牌]漏水"),
    ] {
        assert_eq!(redact(words), clean);
    }
}

#[test]
fn what_the_handler_needs_stays() {
    for words in [
        "2019年2月28日晚上10点在福州路12号",
        "2019-02-28 11:25 停水",
        "20190228 起停电",
        "2019/2/28 11:25:05",
        "拖欠工资1200000元",
        "面积1234567平方米",
        "路灯编号 4411 不亮",
        "我是一名退休教师，反映噪音",
        "我是三中的学生家长",
        "拨打12345多次，110也来过",
        "G22高速K125+300处",
        "公交321路和638路",
    ] {
        assert_eq!(redact(words), words);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mobile_number_survives(
        before in "[^0-9０-９+]{0,20}",
        number in "1[3-9][0-9]{9}",
        after in "[^0-9０-９]{0,20}",
        gap in prop::sample::select(vec!["", "-", " ", "－"]),
    ) {
        let spaced = format!("{}{gap}{}{gap}{}", &number[..3], &number[3..7], &number[7..]);
        let clean = redact(&format!("{before}{spaced}{after}"));
        prop_assert!(!clean.contains(&spaced), "{clean}");
        prop_assert!(!clean.contains(&number[3..]), "{clean}");
    }

    #[test]
    fn no_identity_number_survives(
        before in "[^0-9０-９]{0,20}",
        number in "[1-8][0-9]{16}[0-9X]",
        after in "[^0-9０-９]{0,20}",
    ) {
        let clean = redact(&format!("{before}{number}{after}"));
        prop_assert!(!clean.contains(&number[4..16]), "{clean}");
    }

    #[test]
    fn redacting_twice_changes_nothing_more(
        words in "[\\PC]{0,80}",
        number in "(1[3-9][0-9]{9})?",
        name in "(我叫王小明|姓名：李四|微信：abc123)?",
    ) {
        let once = redact(&format!("{words}{number}{name}"));
        prop_assert_eq!(redact(&once), once);
    }
}

#[test]
fn what_is_left_behind_an_account_is_no_number_either() {
    // Found by the fuzzer: an account takes twenty letters at most, and what it left of a date read like a number.
    let long = format!("24qqqqq\u{3}\0{}2026-11-22T00[C", "q".repeat(65));
    let once = redact(&long);
    assert_eq!(redact(&once), once);
}
