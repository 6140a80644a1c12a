//! The closed lists of what comes after the end, and of what may be settled at the desk.

use crate::refusal::Malformed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

list! {
    /// Why somebody looks at a closed case again 回头看.
    LookKind, "kind of look" {
        /// Its day had come.
        Planned = "planned", "到期回看";
        /// It was drawn as a sample 抽查.
        Sample = "sample", "抽查";
    }
}

list! {
    /// How the caller was called back.
    #[derive(Default)]
    CallBackWay, "way of calling back" {
        /// By telephone.
        #[default]
        Phone = "phone", "电话";
        /// By a text message and its answer.
        Sms = "sms", "短信";
        /// By the page that the caller opens with a token.
        Web = "web", "网页";
        /// Face to face.
        InPerson = "in_person", "当面";
    }
}

list! {
    /// What lay outside the unit's power where a caller is not content: such a case is not reopened by a program.
    BeyondPower, "what is beyond the unit's power" {
        /// A law or a plan stands against it.
        Law = "law", "法律政策限制";
        /// Money or works that nobody below can decide on.
        Means = "means", "资金规划条件";
        /// It is between private parties.
        Private = "private", "民事纠纷";
        /// What the caller asks is more than can be asked.
        Demand = "demand", "诉求不合理";
    }
}
