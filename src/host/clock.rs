//! The time of the machine.

use std::time::Duration;
use std::time::SystemTime;

use crate::host::Host;
use crate::machine::Clock;

impl Clock for Host {
    fn seconds(&self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
