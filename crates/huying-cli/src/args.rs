//! The arguments. What each command takes stands beside the command.

use crate::{
    commands::{
        account::AccountCommand, adapter::AdapterCommand, backup::BackupArgs, calibrate::CalibrateArgs,
        call_back::CallBackArgs, callbacks::CallbacksArgs, case::CaseArgs, city::CityCommand,
        classify::ClassifyArgs, departments::DepartmentsArgs, due::DueArgs, erase::EraseArgs,
        http::HttpCommand, key::KeyCommand, nats::NatsCommand, person::PersonCommand, report::ReportArgs,
        restore::RestoreArgs, retention::RetentionArgs, rules::RulesCommand, sample::SampleArgs,
        status::StatusArgs, submit::SubmitArgs, topics::TopicsArgs, train::TrainArgs, up::UpArgs,
        verify::VerifyArgs, what_if::WhatIfArgs, why::WhyArgs,
    },
    demo::DemoArgs,
    exit,
    replay::ReplayArgs,
    words::Lang,
};
use clap::{Parser, Subcommand};

/// 有呼必应: residents' calls become cases, and every step stands in the journal
#[derive(Debug, Parser)]
#[command(name = "huying", version, after_help = exit::HELP, max_term_width = 110)]
pub struct Arguments {
    /// One JSON object on stdout, for programs 输出 JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// The language of sentences; without it the locale's, else Chinese 语言
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the engine on the machine's clock until SIGINT or SIGTERM 启动引擎
    Up(UpArgs),
    /// Submit one call or act as JSON to a running engine 提交来电或操作
    Submit(SubmitArgs),
    /// What happened to a case 工单经过
    Case(CaseArgs),
    /// Each clock of a case, stretch by stretch: counted or not, and why 时限说明
    Why(WhyArgs),
    /// What is open, and how the engine is 运行状况
    Status(StatusArgs),
    /// The three rates 三率 and the score, per unit, level, class or area
    Rates(ReportArgs),
    /// Due cohorts 应结案: closed, closed in time, reworked
    Cohorts(ReportArgs),
    /// Who solves it: done and done on the spot 自行处置, per level
    Levels(ReportArgs),
    /// Whistles 吹哨报到, and both their sides scored 双考核
    Whistles(ReportArgs),
    /// What can make a number look better than the work 考核核查
    Integrity(ReportArgs),
    /// A reproducible sample of closed cases, to be checked by somebody else 抽查
    Sample(SampleArgs),
    /// What many call about: clusters of one class, place and matter, with their cases 热点
    Topics(TopicsArgs),
    /// Destroy the key of a closed case's personal data 删除个人信息
    Erase(EraseArgs),
    /// What is held of a person, for that person 个人信息
    #[command(subcommand)]
    Person(PersonCommand),
    /// Try a rule file on the open cases, or bring it into force 规则
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Whose personal data are kept longer than the policy says; erase what is confirmed 保存期限
    Retention(RetentionArgs),
    /// The master key of personal data 主密钥
    #[command(subcommand)]
    Key(KeyCommand),
    /// Is the journal whole? 核验日志
    Verify(VerifyArgs),
    /// Copy the journal and its rules, of a running engine too 备份
    Backup(BackupArgs),
    /// Make a data folder of a backup 恢复
    Restore(RestoreArgs),
    /// When a limit ends, and what was counted on the way 时限计算
    Due(DueArgs),
    /// Who is still to be told by telephone; read a number, say that somebody was told 待回电名单
    Callbacks(CallbacksArgs),
    /// Who is to be asked whether it helped; write down what they said 回访名单
    CallBack(CallBackArgs),
    /// Tell residents on one channel until SIGINT or SIGTERM 告知渠道
    #[command(subcommand)]
    Adapter(AdapterCommand),
    /// Build or check a city's folder 城市文件
    #[command(subcommand)]
    City(CityCommand),
    /// Accounts of the engine's own NATS server 消息服务账号
    #[command(subcommand)]
    Nats(NatsCommand),
    /// Keys of feeds that bring calls over HTTP 接入密钥
    #[command(subcommand)]
    Http(HttpCommand),
    /// Accounts with which people sign in over HTTP 登录账号
    #[command(subcommand)]
    Account(AccountCommand),
    /// Make the model that proposes a class from a call's words 训练文本分类
    Train(TrainArgs),
    /// What the words of a call speak for: class, condition, department and why 试分类
    Classify(ClassifyArgs),
    /// Find limits in a city's own history, and write them as a policy 由历史推算时限
    Calibrate(CalibrateArgs),
    /// A journal's outside acts under another policy, duty list or calendar 政策试算
    WhatIf(WhatIfArgs),
    /// Replay a file of past calls in virtual time 重放历史来电
    Replay(ReplayArgs),
    /// A day in the demo city, its calls and people simulated 演示
    Demo(DemoArgs),
    /// The people of all units in a demo, for the demo itself
    #[command(hide = true)]
    Departments(DepartmentsArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }
}
