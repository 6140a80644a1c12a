//! The catalogue: every sentence that the command line says, in Chinese and in English.
//!
//! A sentence has places such as `{case}`, which are filled when it is said. What the engine refuses, what
//! happened to a case and why a clock counted have their words where they are decided.

use clap::ValueEnum;
use huying_domain::words::Words;
use std::fmt::Display;

/// In which language people are spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl Lang {
    /// The language that a locale such as `en_GB.UTF-8` asks for; Chinese for every other.
    pub fn of_locale(locale: &str) -> Self {
        if locale == "en" || locale.starts_with("en_") || locale.starts_with("en-") {
            Self::En
        } else {
            Self::Zh
        }
    }

    /// The sentence in this language.
    pub fn of(self, words: &Words) -> &str {
        match self {
            Self::Zh => &words.zh,
            Self::En => &words.en,
        }
    }

    /// The text in this language.
    pub const fn pick<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

macro_rules! catalogue {
    ($($name:ident = $zh:literal, $en:literal;)+) => {
        /// A sentence of the catalogue.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "each is its own sentence, below")]
        pub enum Say { $($name),+ }

        impl Say {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn both(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($zh, $en)),+ }
            }
        }
    };
}

catalogue! {
    // Failures.
    NoJournal = "{dir} 中没有日志。", "There is no journal in {dir}.";
    HeldSilent = "{dir} 正被另一个进程使用，而它不应答（可能是重放或演示）。",
        "Another process holds {dir} and does not answer there; it may be a replay or a demo.";
    NotRunning = "{dir} 没有正在运行的引擎。请先执行 huying up。", "No engine runs on {dir}. Start one with huying up.";
    VirtualJournal = "{dir} 是虚拟时钟的日志（重放或演示），不能在真实时钟上继续。",
        "The journal in {dir} has a virtual clock (a replay or a demo); it cannot go on by the real one.";
    NeedsCity = "{dir} 是新目录：请用 --city 指明城市。", "{dir} is new: say with --city which city it is for.";
    CityIgnored = "{dir} 已有规则，--city 不起作用。", "{dir} has its rules already; --city changes nothing.";
    CannotStart = "无法打开 {dir}。", "Cannot open {dir}.";
    EngineFault = "引擎已停止。已答复的内容不会丢失，请重新启动。",
        "The engine has stopped. What was answered is safe; start it again.";
    EngineGone = "引擎在答复之前停止了。原样再次提交不会重复。",
        "The engine stopped before it answered. Send the same again: nothing happens twice.";
    SocketFailed = "无法使用套接字 {path}。", "Cannot use the socket {path}.";
    ProtocolBroken = "与引擎的通信出错：版本可能不同。", "The talk with the engine broke off: the versions may differ.";
    CannotRead = "无法读取 {path}。", "Cannot read {path}.";
    CannotWrite = "无法写入 {path}。", "Cannot write {path}.";
    NotACommand = "输入既不是来电也不是操作：{why}", "This is neither a call nor an act: {why}";
    TooLongInput = "输入超过 {max} 字节。", "The input is longer than {max} bytes.";
    CannotReadCase = "无法读取工单 {case} 的记录。", "The records of case {case} cannot be read.";
    AnswerTooLong = "答复超过 {max} 字节，无法传送。", "The answer is longer than {max} bytes and cannot be sent.";
    NoCalendar = "没有日历 {name}。现有：{known}", "There is no calendar {name}. There are: {known}";
    CityUnusable = "城市 {dir} 的规则不能使用。", "The rules of the city {dir} cannot be used.";
    BackupFailed = "备份未完成。", "The backup did not come about.";
    RestoreFailed = "恢复未完成。", "The restore did not come about.";
    ReplayFailed = "重放未完成。", "The replay did not come about.";
    DemoFailed = "演示未完成。", "The demo did not come about.";
    CityFailed = "城市文件不能使用。", "The city cannot be used.";
    SignalsFailed = "无法接收信号。", "Signals cannot be caught.";
    AccountsUnusable = "NATS 账号文件不能使用。", "The accounts of NATS cannot be used.";
    AccountBadUser = "用户名应为 1 至 32 个小写字母、数字或短横线。", "A user is 1 to 32 of a-z, 0-9 and dash.";
    AccountNeedsUser = "一个账号对应多个单位时，请用 --user 指定用户名。",
        "An account for several units needs a name of its own: give --user.";
    AccountUnknown = "没有用户 {user}。", "There is no user {user}.";
    NatsNeedsProof = "连接已有的 NATS 服务器需要 --nats-password-file 或 --nats-creds。",
        "Joining a NATS server needs --nats-password-file or --nats-creds.";
    DemoStands = "一切仍在运行，可另开终端查看：\n  huying status --data {dir}\n  huying case --data {dir} 0-1\n  huying why --data {dir} 0-1\nNATS {nats}，账号见 {dir}/nats/accounts.toml，进程见 {dir}/processes.json\n网页 {http}\n{accounts}\n按 Ctrl-C 结束。",
        "Everything still runs. To look, from another terminal:\n  huying status --data {dir}\n  huying case --data {dir} 0-1\n  huying why --data {dir} 0-1\nNATS {nats}, accounts in {dir}/nats/accounts.toml, processes in {dir}/processes.json\npages {http}\n{accounts}\nCtrl-C ends it.";
    DemoNeedsNats = "多进程演示需要 NATS 服务器。", "A demo with processes needs a NATS server.";
    DemoNotResumed = "多进程演示不能接续，请换一个空目录。",
        "A demo with departments in a process of their own is not gone on with: give an empty folder.";
    ChildFailed = "进程 {name} 无法启动。", "The process {name} does not start.";
    DepartmentsFailed = "单位进程已停止。", "The process of the departments has stopped.";
    StationsReady = "环节已启动：{stations}", "Running: {stations}";
    StationsNeedUrl = "单独运行环节需要 --nats 加服务器地址。", "Stations alone need --nats with the URL of the server.";
    StationFailed = "环节已停止。", "A station has stopped.";
    NervesFailed = "无法接通消息服务。", "The nerves cannot be connected.";
    HttpFailed = "无法在 {addr} 提供 HTTP 服务。", "HTTP cannot be served at {addr}.";
    AdapterUnusable = "告知渠道不能启动。", "The adapter cannot start.";
    CannotReadUntold = "无法读取待告知名单。", "Who is to be told cannot be read.";
    // Findings and results.
    AdapterReady = "渠道 {channel} 已就绪。", "The channel {channel} is ready.";
    AdapterStopped = "渠道已停止。", "The adapter has stopped.";
    NobodyUnheard = "没有待回访的来电人。", "Nobody is to be called back.";
    HeardNow = "工单 {case} 的回访已记录（记录 {seq}）。", "What the caller of case {case} said is written down (record {seq}).";
    NobodyReached = "工单 {case} 未联系上，已记录（记录 {seq}）。", "The caller of case {case} was not reached; written down (record {seq}).";
    CallBackTotal = "共 {all} 件，其中 {late} 件已超期；联系 {max} 次未果可由人工结案。",
        "{all} in all, {late} of them late; after {max} attempts a person may close a case as unreached.";
    HeadDue = "应于", "due";
    HeadState = "状态", "state";
    Late = "超期", "late";
    InTime = "正常", "in time";
    HeadAttempts = "已联系次数", "attempts";
    NobodyUntold = "没有待告知的来电人。", "Nobody is still to be told.";
    NoNumberLeft = "来电人未留下号码，或号码已删除。请等候其再次来电。",
        "The caller left no number, or it is erased: have the answer ready when they call again.";
    NumberIs = "工单 {case} 的来电号码：{number}", "The number of case {case}: {number}";
    ToldNow = "工单 {case} 已告知（记录 {seq}）。", "The caller of case {case} is told (record {seq}).";
    AccountGranted = "用户 {user}\n密码 {password}", "user {user}\npassword {password}";
    AccountMade = "账号 {account}\n密码 {password}", "account {account}\npassword {password}";
    AccountVouched = "账号 {account}，由身份提供方认证", "account {account}, for whom an identity provider vouches";
    NoSuchAccount = "没有账号 {account}。", "There is no account {account}.";
    AccountLocked = "账号 {account} 已停用。", "The account {account} is locked.";
    AccountUnlocked = "账号 {account} 已启用。", "The account {account} may sign in again.";
    HeadSpeaksFor = "单位", "unit";
    HeadAccount = "账号", "account";
    HeadRoles = "角色", "roles";
    HeadLocked = "停用", "locked";
    KeyGranted = "来源 {source}\n密钥 {key}", "source {source}\nkey {key}";
    KeyRevoked = "已撤销来源 {source} 的 {count} 个密钥。", "{count} keys of {source} were taken away.";
    KeyUnknown = "来源 {source} 没有密钥。", "The source {source} has no key.";
    ReadyAt = "引擎已就绪：{dir}，头 {head}\n  NATS {nats}\n  HTTP {http}",
        "The engine is ready: {dir}, head {head}\n  NATS {nats}\n  HTTP {http}";
    AccountRevoked = "已撤销用户 {user}。", "The user {user} was taken away.";
    Whole = "完整：{records} 条记录，头 {head}", "Whole: {records} records, head {head}";
    Mendable = "日志完整（{records} 条记录，头 {head}），下次启动会据此重建 sled，什么也没有丢失。", "The log is whole ({records} records, head {head}); the next start rebuilds sled from it, and nothing is lost.";
    Broken = "损坏：发现 {count} 处，可用记录 {records} 条", "Broken: {count} findings, {records} records that hold";
    UnreadBeside = "账本旁的 {count} 个文件无法读取，修复或移走之前引擎的入口打不开：",
        "Files beside the journal that cannot be read: {count}; until they are mended or moved away the engine's doors do not open:";
    CannotVerify = "无法检查：{why}", "Cannot be checked: {why}";
    WhileRunning = "引擎正在运行：只读日志与密钥文件，未比对 sled。",
        "The engine runs: the log and the keys were read as they stand, sled was not compared.";
    TornTail = "末尾有 {bytes} 字节未写完的批次，无人收到过答复，下次启动时清除。",
        "A batch of {bytes} bytes at the end was never whole and never answered; the next start cuts it.";
    ShelfCompared = "与 sled 比对 {records} 条。", "{records} records of sled were compared.";
    BackedUp = "已备份到 {to}。请把 {keys} 与日志分开保管。", "Backed up to {to}. Keep {keys} apart from the log.";
    Restored = "已恢复：头 {head}，纪元 {epoch}，已删除的密钥 {erased} 个",
        "Restored: head {head}, epoch {epoch}, {erased} keys erased";
    Erased = "工单 {case} 的个人信息已删除（记录 {seq}）。", "The personal data of case {case} are erased (record {seq}).";
    Registered = "工单 {case}（记录 {seq}）", "Case {case} (record {seq})";
    AcceptedAs = "已受理（记录 {seq}）", "Accepted (record {seq})";
    RepeatOf = "此前已受理，这是第一次的答复：", "Accepted before; this is the first answer again:";
    Ready = "引擎已就绪：{dir}，头 {head}", "The engine is ready: {dir}, head {head}";
    StoppedCleanly = "引擎已停止。", "The engine has stopped.";
    CityWritten = "城市已写入 {dir}", "The city was written to {dir}";
    CityWhole = "城市文件没有问题。", "Nothing is wrong with the city.";
    // Headings.
    HeadSource = "来源", "source";
    HeadChannels = "渠道", "channels";
    HeadUser = "用户", "user";
    HeadRole = "身份", "speaks as";
    HeadCase = "工单", "case";
    HeadSince = "待告知自", "owed since";
    HeadChannel = "渠道", "channel";
    HeadNumber = "号码", "number";
    HeadSay = "告知内容", "what to say";
    HasNumber = "有", "yes";
    HasNone = "无", "none";
    HeadSeq = "记录", "record";
    HeadAt = "时间", "at";
    HeadWho = "谁", "who";
    HeadWhat = "事项", "what happened";
    HeadFrom = "从", "from";
    HeadTo = "到", "to";
    HeadLength = "时长", "length";
    HeadCounted = "计时", "counted";
    HeadWhy = "原因", "why";
    HeadDay = "日期", "day";
    HeadCount = "数量", "count";
    HeadFinding = "问题", "finding";
    HeadExamples = "例", "such as";
    HeadLevel = "层级", "level";
    HeadOpen = "在办", "open";
    Yes = "计", "yes";
    No = "不计", "no";
    // Clocks.
    ClockTitle = "{clock} · 第 {leg} 轮 · {holder} · {verdict}", "{clock} · leg {leg} · {holder} · {verdict}";
    ClockLimit = "时限 {limit}（{calendar}），应于 {due} 前", "limit {limit} ({calendar}), due {due}";
    ClockNoTarget = "没有时限：按未知统计", "no target: it counts as unknown";
    ClockProvisional = "（暂定：假期尚未公布）", " (provisional: the days off are not published yet)";
    ClockSum = "计时合计 {elapsed} = {sum}", "counted {elapsed} = {sum}";
    ClockBreached = "已于 {at} 超期", "breached at {at}";
    ClockExempted = "免责：{ground}", "exempted: {ground}";
    ClockEnded = "已于 {at} 结束", "ended {at}";
    NoClocks = "工单 {case} 没有时钟。", "Case {case} has had no clock.";
    LeftOut = "另有 {count} 项未列出", "{count} more are left out";
    // Due.
    DueFirst = "起始日，不计", "the day of the start is not counted";
    DueCountedAs = "第 {nth} 日（{why}）", "day {nth} ({why})";
    DueMoved = "末日逢休，顺延至此", "the last day is off: moved here";
    DueRule = "{limit} 从 {from} 起，日历 {calendar}（{title}）",
        "{limit} from {from} on calendar {calendar} ({title})";
    DueSource = "依据：{source}", "by: {source}";
    Working = "工作时间", "working hours";
    Makeup = "调休上班", "make-up workday";
    OffHours = "非工作时段", "outside working hours";
    Weekend = "周末休息", "weekend";
    Always = "昼夜连续", "day and night";
    // Reports.
    NoMonth = "没有这个月份。", "There is no such month.";
    DaysBackwards = "起始日晚于截止日。", "The last day lies before the first.";
    NoLine = "报表中没有 {line} 这一行。", "The report has no line {line}.";
    OtherPage = "{number} 不在本页，请用其所在页的命令。", "{number} stands on another page: ask there.";
    NotANumber = "没有指标 {number}。本页有：{known}", "There is no number {number}. This page has: {known}";
    ReportDays = "统计期 {first} 至 {last}（{from} 起，{to} 止，{zone}），截至记录 {seq}",
        "{first} to {last} (from {from}, until {to}, {zone}), up to record {seq}";
    ReportEver = "全部记录（{zone}），截至记录 {seq}", "all records ({zone}), up to record {seq}";
    ReportSource = "依据：{source}", "by: {source}";
    ReportSmall = "带 * 的行数量少于 {small}，比率仅供参考", "* fewer than {small}: the rates say little";
    ReportNone = "短横：分母为零，无比率", "A dash: nothing to divide by, so there is no rate";
    ReportList = "{number} · {line}：{count} 项", "{number} · {line}: {count}";
    HeadTopic = "热点", "topic";
    HeadCases = "工单", "cases";
    NoTopics = "没有热点。", "There is no topic.";
    CannotReadRecords = "无法读取日志记录。", "The records of the journal cannot be read.";
    ProposalSure = "类别 {class}，把握 {sure} %（其次 {second}），依据：{reasons}",
        "class {class}, {sure} % sure (next {second}), because of: {reasons}";
    ProposalUnsure = "未达阈值，由人工定类。文本提示 {class}，把握 {sure} %（其次 {second}），依据：{reasons}",
        "Below the threshold: a person decides. The words hint at {class}, {sure} % sure (next {second}), because of: {reasons}";
    NoModel = "{dir} 中没有 classes.model，请先执行 huying train。",
        "There is no classes.model in {dir}: make one with huying train.";
    HeadLine = "对象", "line";
    HeadScore = "综合成绩", "score";
    HeadHolder = "单位", "unit";
    HeadLeg = "轮次", "leg";
    // Personal data.
    KeyEngineRuns = "{dir} 的引擎正在运行。请先停止引擎，再更换主密钥。",
        "The engine runs on {dir}. Stop it, then rotate the master key.";
    KeySlotUnreadable = "密钥槽 {slot} 的两份副本都无法读取，主密钥未更换。请先从备份恢复，或删除该工单的个人信息。",
        "Neither copy of key slot {slot} can be read, and the master key stays. Restore a backup, or erase that case.";
    KeyRotated = "主密钥已更换：重新封装 {keys} 个密钥，已删除 {erased} 个，重新加密文件 {files} 个。旧主密钥已销毁，请将 {file} 另存一份。此前的备份仍用其自带的密钥。",
        "The master key is another one: {keys} keys are wrapped anew, {erased} are erased, {files} files are sealed anew. The old one is destroyed; keep a copy of {file} elsewhere. Earlier backups open with the keys kept beside them.";
    FilesUnopened = "{count} 个文件无法解开，旧文件密钥予以保留：{names}", "{count} files do not open, so the old key of the files stays: {names}";
    PersonNeedsBoth = "请写明号码和用途。", "Say whose number it is and what it is for.";
    PersonExported = "共 {cases} 张工单，已写入 {file} 和 {text}（仅本人可读写）。每张工单均已记录本次查阅。",
        "{cases} cases were written to {file} and {text}, for their owner alone; each case's records say that they were read.";
    RetentionDue = "到期应删除 {total} 张，未到期 {kept} 张，政策未规定保存期限 {without} 张（{policy}）",
        "{total} are due to be erased, {kept} are not due yet, {without} are of classes without a rule ({policy})";
    RetentionHow = "确认后删除：huying retention DIR --confirm --reason 理由 [--until 日期 | --cases 工单,…]",
        "To erase them: huying retention DIR --confirm --reason WHY [--until DAY | --cases CASE,...]";
    RetentionNotProposed = "工单 {case} 不在到期名单中，未删除任何信息。", "Case {case} is not among the proposed; nothing was erased.";
    RetentionErased = "已删除 {erased} 张工单的个人信息，被拒 {refused} 张，尚余 {left} 张。",
        "The personal data of {erased} cases are erased, {refused} were refused, {left} are left.";
    RulesUnusable = "规则文件不能使用：{why}", "The rule file cannot be used: {why}";
    RulesWhich = "{file} 是哪一种规则？请用 --as 指明。", "Which rule file is {file}? Say so with --as.";
    RulesTried = "在办 {open} 张，其中已超期 {late} 张；按新规则从头计时，{at_once} 张会立即超期，{loses} 张不再有办结时限；新日历使 {moves} 个时钟改期。现有时限不因新政策改变。",
        "{open} open cases, {late} of them late already; measured by the new rules from the start {at_once} would be late at once, {loses} would have no resolve limit; a new calendar moves {moves} clocks. A new policy changes no limit that runs.";
    RulesValidFrom = "该政策自 {from} 起有效，在此之前不能发布。", "The policy holds from {from} on and cannot be published before.";
    RulesPublishedNow = "已生效（记录 {seq}）：{cases} 张工单的 {clocks} 个时钟改期。", "In force (record {seq}): {clocks} clocks of {cases} cases are due at another instant.";
    RulesLeft = "尚有 {left} 张工单待重新计算，引擎会继续。", "{left} cases are still to be computed afresh; the engine goes on.";
    HeadClock = "时钟", "clock";
    HeadWasDue = "原时限", "was due";
    HeadIsDue = "现时限", "is due";
    HeadClosedAt = "结案时间", "closed at";
    HeadClass = "类别", "class";
    HeadRule = "保存期限", "kept for";
    HeadDueSince = "到期自", "due since";
    SampleDrawn = "{days}：结案 {closed} 张，抽取 {picked} 张（种子 {seed}，千分之 {permille}，截至记录 {seq}）",
        "{days}: {picked} of {closed} closed cases drawn (seed {seed}, {permille} of a thousand, up to record {seq})";
    SampleHow = "核查后逐件登记回头看：", "After a check, write down what was found:";
    HeadHandler = "承办", "handled by";
    HeadClosedBy = "结案", "closed by";
    HeadMayCheck = "可核查", "may check";
    ByProgram = "自动结案", "by itself";
    CheckerBut = "{unit}（{not} 除外）", "{unit} (not {not})";
    // Status.
    StatusJournal = "日志", "journal";
    StatusHead = "头", "head";
    StatusNow = "时钟", "clock";
    StatusHeldClock = "时钟跳变，计时器暂停；时钟若正确，请执行 huying status --confirm-clock", "the clock jumped and timers wait; if it is right: huying status --confirm-clock";
    StatusNext = "下一个到期", "next due";
    StatusSilent = "未接收派单的单位", "silent unit";
    StatusCases = "工单总数", "cases ever";
    StatusRecords = "记录数", "records";
    StatusOrphans = "无网格工单", "orphans";
    StatusNoTarget = "无时限工单", "without target";
    StatusNoNext = "无人跟进工单", "nothing will wake";
    StatusUnaccepted = "未签收", "not signed for";
    StatusLag = "计时延迟（秒）", "watch behind (s)";
    StatusShelf = "sled 待写记录", "records sled lacks";
    StatusAll = "全部", "all";
    RunningEngine = "引擎运行中", "the engine runs";
    AtRest = "引擎未运行", "no engine runs";
}

impl Say {
    /// The sentence in a language, its places unfilled.
    pub const fn text(self, lang: Lang) -> &'static str {
        let (zh, en) = self.both();
        lang.pick(zh, en)
    }

    /// The sentence in both languages, with its places filled.
    pub fn with(self, fills: &[(&str, &dyn Display)]) -> Words {
        let (zh, en) = self.both();
        Words::new(fill(zh, fills), fill(en, fills))
    }

    /// The sentence in one language, with its places filled.
    pub fn filled(self, lang: Lang, fills: &[(&str, &dyn Display)]) -> String {
        fill(self.text(lang), fills)
    }
}

/// Fills the places of a sentence from left to right; what is filled in is not looked at again.
fn fill(text: &str, fills: &[(&str, &dyn Display)]) -> String {
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        told.push_str(before);
        let Some((name, after)) = behind.split_once('}') else { break };
        match fills.iter().find(|(place, _)| *place == name) {
            Some((_, value)) => told.push_str(&value.to_string()),
            None => debug_assert!(false, "nothing fills {name} in {text}"),
        }
        rest = after;
    }
    told.push_str(rest);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_sentence_is_said_in_both_languages_with_the_same_places() {
        for say in Say::ALL {
            let (zh, en) = (say.text(Lang::Zh), say.text(Lang::En));
            assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{say:?} lacks a language");
            assert!(!zh.is_ascii(), "{say:?} is not Chinese: {zh}");
            assert!(en.is_ascii() || en.contains('·'), "{say:?} is not English: {en}");
            assert_eq!(places(zh), places(en), "{say:?} fills other places in one language");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let said = Say::NotACommand.filled(Lang::En, &[("why", &"{why}")]);
        assert_eq!(said, "This is neither a call nor an act: {why}");
    }

    #[test]
    fn english_is_spoken_to_english_locales_and_chinese_to_all_others() {
        for (locale, lang) in [
            ("en_GB.UTF-8", Lang::En),
            ("en", Lang::En),
            ("zh_CN.UTF-8", Lang::Zh),
            ("C", Lang::Zh),
            ("", Lang::Zh),
        ] {
            assert_eq!(Lang::of_locale(locale), lang, "{locale}");
        }
    }
}
