//! What a process uses, as Linux tells it.

use std::{fs, time::Instant};

/// What a process uses at a moment.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Resident memory, in MiB.
    pub(crate) mib: u64,
    /// Processor time so far, in seconds.
    busy: f64,
    at: Instant,
}

impl Usage {
    /// Of the process with this id; nothing where there is none.
    pub(crate) fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name, which is in brackets: state, then eleven numbers, then time in user and in system mode,
        // in hundredths of a second.
        let times = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        let hundredths: f64 = times.filter_map(|time| time.parse::<f64>().ok()).sum();
        Self { mib: kib.unwrap_or_default() / 1024, busy: hundredths / 100.0, at: Instant::now() }
    }

    /// Share of one core it used since, in percent.
    pub(crate) fn percent_since(&self, before: &Self) -> f64 {
        let share = (self.busy - before.busy) / (self.at - before.at).as_secs_f64().max(0.001);
        (share * 1000.0).round() / 10.0
    }
}
