//! The turn of parties in processes of their own: while they have it, the loop goes on and the clock stands.

use super::{Drive, DriveError};
use crate::people::{company::Company, departments::Turn, world::World};
use huying_journal::disk::Disk;
use std::{thread, time::Duration};

/// Pause of the loop while it waits for another process, in microseconds.
const NAP_US: u64 = 100;

impl<W: World, D: Disk + Clone> Drive<W, D> {
    /// Whether the run was told to stop while another process was waited for.
    pub(super) fn is_stopping(&self) -> bool {
        self.company.as_ref().is_some_and(Company::is_stopping)
    }

    /// Lets the departments fetch what was posted and do what is due. False if they had nothing to do.
    pub(super) fn departments_turn(&mut self) -> Result<bool, DriveError> {
        let head = self.engine.journal().synced_head().seq;
        let now = self.now;
        let Some(company) = &mut self.company else { return Ok(false) };
        if !company.departments.as_ref().is_some_and(|departments| departments.want(now, head)) {
            return Ok(false);
        }
        while company.posted() < head {
            if company.is_stopping() {
                return Ok(false);
            }
            thread::sleep(Duration::from_micros(NAP_US));
        }
        let Some(departments) = &mut company.departments else { return Ok(false) };
        departments.give(Turn { now, posted: head })?;
        loop {
            let Some(company) = &mut self.company else { return Ok(false) };
            if company.is_stopping() {
                return Ok(false);
            }
            let Some(departments) = &mut company.departments else { return Ok(false) };
            if let Some(done) = departments.wait(Duration::from_micros(NAP_US))? {
                return Ok(done.asked > 0);
            }
            // Their requests wait at the door.
            while !self.engine.step(now)?.idle {}
        }
    }
}
