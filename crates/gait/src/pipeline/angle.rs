//! The knee angle on its way to the decision: low-passed as the envelope is, so that both lag alike, and interpolated at ticks.
//!
//! Not for knee angles from markers or sensors (`knee`), nor for review's zero-phase angle.

use surae_signal::design::{Band, Sos, butterworth};
use surae_signal::filter::FilterBank;

/// An angle older than this is missing.
pub(super) const STALE_S: f64 = 0.1;

/// Step lags after a restart before the angle counts.
const SETTLING_LAGS: f64 = 3.0;

/// The low-pass of an angle and the delay that it leaves to make up.
#[derive(Clone, Copy, Debug)]
pub(super) struct AngleDesign {
    low_pass: Sos,
    /// Seconds to add to the time of a filtered sample so that its delay is the envelope's.
    shift_s: f64,
    settling: u64,
}

impl AngleDesign {
    /// The envelope's cut-off and order at the angle's own rate. Where that rate is too low for the cut-off, the angle passes
    /// unfiltered and is delayed only; `envelope` is `None` for sensors that smooth themselves.
    pub(super) fn new(envelope: Option<(&Sos, f64)>, cutoff_hz: f64, order: u8, rate_hz: f64) -> Self {
        let Some((envelope, emg_rate_hz)) = envelope else {
            return Self { low_pass: Sos::IDENTITY, shift_s: 0.0, settling: 0 };
        };
        let wanted_s = envelope.group_delay_s(0.0, emg_rate_hz);
        let design = (cutoff_hz < 0.4 * rate_hz)
            .then(|| butterworth(usize::from(order), Band::LowPass(cutoff_hz), rate_hz).ok())
            .flatten();
        match design {
            None => Self { low_pass: Sos::IDENTITY, shift_s: wanted_s, settling: 0 },
            Some(low_pass) => Self {
                shift_s: wanted_s - low_pass.group_delay_s(0.0, rate_hz),
                settling: (SETTLING_LAGS * low_pass.step_t50_s(rate_hz) * rate_hz).ceil() as u64,
                low_pass,
            },
        }
    }
}

/// A filtered angle sample on the master clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct AnglePoint {
    /// Position in master samples, delay made up.
    pub(super) position: f64,
    pub(super) deg: f64,
}

/// The running filter of one angle channel.
#[derive(Clone, Debug)]
pub(super) struct AngleTrack {
    filter: FilterBank,
    design: AngleDesign,
    last: f64,
    missing: u64,
    settling_left: u64,
    previous: Option<AnglePoint>,
}

impl AngleTrack {
    pub(super) fn new(design: AngleDesign) -> Self {
        Self {
            filter: FilterBank::new(&design.low_pass, 1),
            design,
            last: f64::NAN,
            missing: u64::MAX,
            settling_left: 0,
            previous: None,
        }
    }

    pub(super) fn set_design(&mut self, design: AngleDesign) {
        self.design = design;
        self.reset();
    }

    /// Equals a new track.
    pub(super) fn reset(&mut self) {
        self.filter.set_design(&self.design.low_pass);
        (self.last, self.missing, self.settling_left, self.previous) = (f64::NAN, u64::MAX, 0, None);
    }

    /// Samples that never came.
    pub(super) fn lost(&mut self, frames: u64) {
        self.missing = self.missing.saturating_add(frames);
    }

    /// Takes the sample at `position` (master samples) and gives the filtered point and its predecessor.
    ///
    /// `None` for a missing sample (not finite); the point's angle is `NaN` while the filter settles. One lost sample is bridged
    /// linearly inside the filter, more restart it.
    pub(super) fn push(
        &mut self,
        deg: f64,
        position: f64,
        master_rate_hz: f64,
    ) -> Option<(Option<AnglePoint>, AnglePoint)> {
        if !deg.is_finite() {
            self.missing = self.missing.saturating_add(1);
            return None;
        }
        match self.missing {
            0 => {}
            1 => {
                self.filter.process(&mut [f64::midpoint(self.last, deg)]);
            }
            _ => {
                self.filter.prime_channel(0, deg);
                self.settling_left = self.design.settling;
                self.previous = None;
            }
        }
        (self.missing, self.last) = (0, deg);
        let mut value = [deg];
        self.filter.process(&mut value);
        let settled = self.settling_left == 0;
        self.settling_left = self.settling_left.saturating_sub(1);
        let point = AnglePoint {
            position: position + self.design.shift_s * master_rate_hz,
            deg: if settled { value[0] } else { f64::NAN },
        };
        Some((self.previous.replace(point), point))
    }
}

/// The angle at `position` between two neighbouring points; `NaN` outside, when stale, or when either is unknown.
pub(super) fn at(from: Option<AnglePoint>, to: AnglePoint, position: f64, master_rate_hz: f64) -> f64 {
    if position == to.position {
        return to.deg;
    }
    let Some(from) = from else { return f64::NAN };
    let span = to.position - from.position;
    if position < from.position || position > to.position || span > STALE_S * master_rate_hz * (1.0 + 1e-9) {
        return f64::NAN;
    }
    from.deg + (to.deg - from.deg) * ((position - from.position) / span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(rate_hz: f64) -> Sos {
        butterworth(2, Band::LowPass(6.0), rate_hz).expect("6 Hz fits")
    }

    #[test]
    fn a_ramp_comes_out_with_the_envelopes_delay_at_any_angle_rate() {
        // 300 deg/s: METHOD R12. A ramp through a low-pass is the ramp delayed by its group delay at 0 Hz.
        let sos = envelope(2000.0);
        let delay_s = sos.group_delay_s(0.0, 2000.0);
        for rate_hz in [12.0, 50.0, 100.0, 148.1, 2000.0] {
            let mut track = AngleTrack::new(AngleDesign::new(Some((&sos, 2000.0)), 6.0, 2, rate_hz));
            let step = 2000.0 / rate_hz;
            let mut last = None;
            for k in 0..(2.0 * rate_hz) as u32 {
                let time_s = f64::from(k) / rate_hz;
                last = track.push(300.0 * time_s, f64::from(k) * step, 2000.0);
            }
            let (_, point) = last.expect("finite samples give points");
            let expected = 300.0 * (point.position / 2000.0 - delay_s);
            assert!((point.deg - expected).abs() < 0.05, "{rate_hz} Hz: {} against {expected}", point.deg);
        }
    }

    #[test]
    fn one_lost_sample_is_bridged_and_two_restart() {
        let sos = envelope(2000.0);
        let mut track = AngleTrack::new(AngleDesign::new(Some((&sos, 2000.0)), 6.0, 2, 100.0));
        let mut push = |k: u32, deg: f64| track.push(deg, f64::from(k) * 20.0, 2000.0);
        for k in 0..50 {
            push(k, 30.0);
        }
        assert!(push(50, f64::NAN).is_none());
        let (from, to) = push(51, 30.0).expect("valid");
        assert!((at(from, to, from.expect("bridged").position + 1.0, 2000.0) - 30.0).abs() < 1e-9);
        push(52, f64::NAN);
        push(53, f64::INFINITY);
        let (from, to) = push(54, 30.0).expect("valid");
        assert!(from.is_none() && to.deg.is_nan(), "restarted and settling");
    }

    #[test]
    fn points_too_far_apart_are_stale() {
        let a = AnglePoint { position: 0.0, deg: 10.0 };
        let b = AnglePoint { position: 200.0, deg: 20.0 };
        assert_eq!(at(Some(a), b, 100.0, 2000.0), 15.0);
        assert!(at(Some(a), AnglePoint { position: 201.0, deg: 20.0 }, 100.0, 2000.0).is_nan());
    }
}
