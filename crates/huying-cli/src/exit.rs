//! What the program's end tells the program that called it.

use std::process::ExitCode;

/// How a command ended. Each member is something that the caller does differently; the numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Done, and nothing was found.
    Done,
    /// It was looked at, and the answer is no: a broken journal, a city with errors, a refused command.
    No,
    /// What was given cannot be read or makes no sense; also whatever the argument parser refuses.
    Unreadable,
    /// Somebody else holds the folder, nobody runs an engine there, or the engine is busy: try again later.
    Held,
    /// The engine or the disk failed in the midst of the work; what was answered is safe.
    Fault,
    /// Stopped by a signal before the work was finished; begun again, it goes on.
    Stopped,
}

impl Exit {
    /// Every member, best first.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::No, Self::Unreadable, Self::Held, Self::Fault, Self::Stopped];

    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Unreadable => 2,
            Self::Held => 3,
            Self::Fault => 4,
            Self::Stopped => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The table that `--help` ends with.
pub const HELP: &str = "\
Exit codes 退出码:
  0  done 完成
  1  looked at, and the answer is no: journal broken, city with errors, command refused 有问题或被拒绝
  2  cannot be read or makes no sense, wrong arguments 无法读取或参数有误
  3  the folder is held, nobody runs an engine there, or it is busy 目录被占用、引擎未运行或繁忙
  4  the engine or the disk failed; what was answered is safe 引擎或磁盘故障，已答复的内容不会丢失
  5  stopped by a signal; begun again with the same arguments it goes on 被信号中止，可原样重新开始

HUYING_LOG sets what is logged on stderr, such as HUYING_LOG=huying_engine=debug.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_code_and_no_code_twice() {
        for (place, exit) in Exit::ALL.iter().enumerate() {
            assert_eq!(usize::from(exit.code()), place, "codes go up from 0 without a gap");
            assert!(HELP.contains(&format!("\n  {}  ", exit.code())), "the help lacks {}", exit.code());
        }
    }
}
