//! Makes the bytes of the device: which frame is due, what it holds, what happens to it on the way.

use super::rows::Rows;
use surae_io::device::Twin;
use surae_io::device::faults::Wire;

pub(super) struct Speaker {
    twin: Twin,
    rows: Rows,
    wire: Wire,
    rate_error: f64,
    /// Samples from the start on, lost ones included.
    pub(super) index: u64,
    /// Sample and time at which the present pace began, s: a device may be told another rate.
    pace: (u64, f64),
    was_reset: bool,
    /// When bytes of a burst were last let go, s, and those that wait.
    let_go_s: f64,
    held: Vec<u8>,
    row: Vec<f64>,
    frame: Vec<u8>,
}

impl Speaker {
    pub(super) fn new(twin: Twin, rows: Rows, wire: Wire, rate_error_ppm: f64) -> Self {
        Self {
            twin,
            rows,
            wire,
            rate_error: 1.0 + rate_error_ppm * 1e-6,
            index: 0,
            pace: (0, 0.0),
            was_reset: false,
            let_go_s: 0.0,
            held: Vec::new(),
            row: Vec::new(),
            frame: Vec::new(),
        }
    }

    /// True for a device that sends without being told.
    pub(super) fn is_streaming(&self) -> bool {
        self.twin.is_streaming()
    }

    /// When the port goes away and comes back, s.
    pub(super) fn replug_s(&self) -> Option<(f64, f64)> {
        self.wire.faults().replug_s
    }

    /// From the first sample again, as if just switched on.
    pub(super) fn restart(&mut self, out: &mut Vec<u8>) {
        self.twin.reset(0, out);
        self.wire = Wire::new(self.wire.faults().clone());
        (self.index, self.pace, self.was_reset, self.let_go_s) = (0, (0, 0.0), false, 0.0);
        self.held.clear();
    }

    /// The cable was pulled and put in again: a device that has its power from it starts anew, its time runs on.
    pub(super) fn unplugged(&mut self, out: &mut Vec<u8>) {
        self.twin.reset(self.index, out);
        self.held.clear();
    }

    /// Takes what the host sent; appends the answers.
    pub(super) fn hear(&mut self, bytes: &[u8], time_s: f64, out: &mut Vec<u8>) {
        if time_s < self.wire.faults().boot_s {
            // A boot loader hears nothing.
            return;
        }
        let before = self.twin.is_streaming();
        self.twin.receive(bytes, self.index, out);
        if let Some(rate_hz) = self.twin.rate_hz().filter(|rate_hz| *rate_hz != self.rows.rate_hz()) {
            self.rows.set_rate_hz(rate_hz);
            self.pace = (self.index, time_s);
        }
        if before && !self.twin.is_streaming() {
            self.held.clear();
        }
    }

    /// Appends every byte whose time has come.
    pub(super) fn until(&mut self, time_s: f64, out: &mut Vec<u8>) {
        let faults = self.wire.faults();
        if time_s < faults.boot_s {
            return;
        }
        if faults.reset_s.is_some_and(|reset_s| time_s >= reset_s) && !self.was_reset {
            self.was_reset = true;
            self.twin.reset(self.index, out);
        }
        let burst_s = self.wire.faults().burst_ms * 1e-3;
        let rate_hz = self.rows.rate_hz() * self.rate_error;
        let due = self.pace.0 + ((time_s - self.pace.1) * rate_hz).max(0.0) as u64;
        while self.index < due {
            let index = self.index;
            self.index += 1;
            if !self.twin.is_streaming() || !self.rows.row(index, &mut self.row) {
                continue;
            }
            if self.wire.swallows(index, self.pace.1 + (index - self.pace.0) as f64 / rate_hz) {
                continue;
            }
            let twin = &self.twin;
            self.wire.values(&mut self.row, twin.header_like(), |at| twin.rail(at));
            self.frame.clear();
            if self.wire.marks(index) {
                self.twin.mark(3, &mut self.frame);
            }
            if self.twin.facts().rate_hz.is_none() {
                let since = index - self.twin.switched_on_at().min(index);
                let us = (since as f64 / self.rows.rate_hz() * 1e6) as u64;
                self.twin.frame_timed(index, us, &self.row, &mut self.frame);
            } else {
                self.twin.frame(index, &self.row, &mut self.frame);
            }
            self.wire.send(index, &self.frame, if burst_s > 0.0 { &mut self.held } else { out });
        }
        if burst_s > 0.0 && time_s - self.let_go_s >= burst_s {
            self.let_go_s = time_s;
            out.append(&mut self.held);
        }
    }
}
