//! Lists of subjects that a user may publish, hear and answer.

use crate::{
    consumers,
    stream::{API_PREFIX, Stream},
    subject::{
        filter::{Family, Filter},
        token::Station,
    },
    user::User,
};

/// How many messages may answer one request.
pub const ANSWERS_TO_A_REQUEST_MAX: u32 = 1;
/// How long after a request its answer may come, in seconds.
pub const ANSWER_WITHIN_S: u32 = 120;

/// What can be asked of services.
pub(super) const SERVICE_VERBS: [&str; 3] = ["PING", "INFO", "STATS"];

/// What a user may do. A subject that stands in no list is refused; a denial goes before what is allowed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// Subjects that it may publish.
    pub publish: Vec<String>,
    /// Subjects among those that it may not publish all the same.
    pub publish_denied: Vec<String>,
    /// Subjects that it may hear.
    pub subscribe: Vec<String>,
    /// Subjects among those that it may not hear all the same.
    pub subscribe_denied: Vec<String>,
    /// Whether it may answer requests that reached it, on whatever subject the answer is wanted:
    /// [`ANSWERS_TO_A_REQUEST_MAX`] times within [`ANSWER_WITHIN_S`].
    pub allow_responses: bool,
}

impl Permissions {
    /// Everything, as the engine may.
    pub(super) fn all() -> Self {
        Self { publish: vec![">".to_owned()], subscribe: vec![">".to_owned()], ..Self::default() }
    }

    /// What all may: hear their own answers.
    pub(super) fn common(user: &User) -> Self {
        let mut may = Self::default();
        may.subscribe(user.reply_filter());
        may
    }

    /// To ask which services there are. Not for adapters: they live among the streams, and an answer that is sent
    /// to a stream's subject would be kept there.
    pub(super) fn ask_services(&mut self) {
        for verb in SERVICE_VERBS {
            self.publish(format!("$SRV.{verb}"));
            self.publish(format!("$SRV.{verb}.>"));
        }
    }

    pub(super) fn publish(&mut self, subject: impl ToString) {
        self.publish.push(subject.to_string());
    }

    pub(super) fn subscribe(&mut self, subject: impl ToString) {
        self.subscribe.push(subject.to_string());
    }

    pub(super) const fn answer(&mut self) {
        self.allow_responses = true;
    }

    /// To be found by those who ask which services there are.
    pub(super) fn serve(&mut self) {
        self.subscribe("$SRV.>");
        self.answer();
    }

    /// To take work from a consumer that the engine made: see how it stands, fetch, acknowledge.
    pub(super) fn consume(&mut self, stream: Stream, consumer: &str) {
        self.publish(format!("{API_PREFIX}.CONSUMER.INFO.{stream}.{consumer}"));
        self.publish(format!("{API_PREFIX}.CONSUMER.MSG.NEXT.{stream}.{consumer}"));
        self.publish(format!("$JS.ACK.{stream}.{consumer}.>"));
    }

    /// To hear the echo, and to read it from any record on.
    pub(super) fn read_records(&mut self) {
        let records = Stream::Records;
        self.subscribe(Filter::Whole(Family::Record));
        self.publish(format!("{API_PREFIX}.STREAM.INFO.{records}"));
        self.publish(format!("{API_PREFIX}.DIRECT.GET.{records}"));
        self.publish(format!("{API_PREFIX}.DIRECT.GET.{records}.>"));
    }

    /// To follow the echo by consumers: passing ones of its own making, and the durable one of this station; those
    /// of the others are left to them.
    pub(super) fn follow_records(&mut self, station: Station) {
        let records = Stream::Records;
        self.publish(format!("{API_PREFIX}.CONSUMER.CREATE.{records}.>"));
        self.publish(format!("{API_PREFIX}.CONSUMER.INFO.{records}.*"));
        self.publish(format!("{API_PREFIX}.CONSUMER.MSG.NEXT.{records}.*"));
        self.publish(format!("$JS.ACK.{records}.>"));
        for other in Station::ALL {
            let consumer = consumers::of_station(*other);
            self.deny(format!("{API_PREFIX}.CONSUMER.CREATE.{records}.{consumer}"));
            self.deny(format!("{API_PREFIX}.CONSUMER.CREATE.{records}.{consumer}.>"));
            if *other != station {
                self.deny(format!("{API_PREFIX}.CONSUMER.MSG.NEXT.{records}.{consumer}"));
                self.deny(format!("$JS.ACK.{records}.{consumer}.>"));
            }
        }
    }

    fn deny(&mut self, subject: String) {
        self.publish_denied.push(subject);
    }
}
