//! How a channel is coded in 16 or 24 bits: its own integers where they fit, else the finest steps over its range.

use super::Width;
use super::decimal::{Round, eight};
use surae_trial::{Channel, Scale, Stream, Unit};

/// Codes and the header's fields of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Coding {
    /// `"-1.65"` and the like: physical minimum and maximum.
    pub physical: (String, String),
    pub digital: (i32, i32),
    pub dimension: String,
    /// The scale that eight characters cannot hold, for Surae.
    pub exact: Option<String>,
    /// Code for "no sample", where one is needed; never a code of a sample.
    pub void: Option<i32>,
    /// Native to code: identity for integers.
    code: Scale,
    /// Physical size of a step where values were rounded; `None` where every value is exact.
    pub step: Option<f64>,
}

impl Coding {
    /// The code of a native value; `NaN` is "no sample".
    pub fn code(&self, native: f64) -> i32 {
        if native.is_nan() {
            return self.void.unwrap_or(self.digital.0);
        }
        let code = self.code.physical(native).round();
        // Saturates: infinities become the rails.
        (code as i32).clamp(self.digital.0, self.digital.1)
    }
}

/// Smallest and largest finite native value, whether all are whole numbers, whether one is missing.
fn extent(stream: &Stream, channel: usize) -> (f64, f64, bool, bool) {
    let count = stream.channels.len();
    let mut whole = true;
    let mut missing = false;
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    for frame in 0..stream.frames() {
        let value = stream.samples.get(frame * count + channel);
        if value.is_nan() {
            missing = true;
            continue;
        }
        whole &= value.is_finite() && value.fract() == 0.0;
        if value.is_finite() {
            range = (range.0.min(value), range.1.max(value));
        }
    }
    if range.0 > range.1 { (0.0, 0.0, whole, missing) } else { (range.0, range.1, whole, missing) }
}

/// The coding of one channel; `None` when its values are beyond what eight characters can say.
pub fn coding(stream: &Stream, channel: usize, width: Width, needs_void: bool) -> Option<Coding> {
    let (low, high, whole, missing) = extent(stream, channel);
    let needs_void = needs_void || missing;
    let (first, last) = width.limits();
    let described = &stream.channels[channel];
    let inside = |low: f64, high: f64| low >= f64::from(first) && high <= f64::from(last);
    if whole && inside(low, high) {
        let (low, high) = (low as i32, high as i32);
        let (void, digital) = if !needs_void {
            (None, (first, last))
        } else if low > first {
            (Some(first), (first + 1, last))
        } else {
            (Some(last), (first, last - 1))
        };
        if !needs_void || low > first || high < last {
            return native(described, digital, void);
        }
    }
    scaled(described, low, high, (first + 1, last), needs_void.then_some(first))
}

/// Volts of the skin are too small for eight characters: uV, mV or V, by size.
fn readable(unit: &Unit, largest: f64) -> (Unit, f64) {
    let Some(volts) = unit.volts() else { return (unit.clone(), 1.0) };
    let size = largest * volts;
    let (unit, per) = if size >= 1.0 {
        (Unit::Volt, 1.0)
    } else if size >= 0.05 {
        (Unit::Millivolt, 1e-3)
    } else {
        (Unit::Microvolt, 1e-6)
    };
    (unit, volts / per)
}

fn dimension(unit: &Unit) -> String {
    let text = match unit {
        Unit::Arbitrary => "",
        other => other.symbol(),
    };
    text.chars().filter(char::is_ascii).take(8).collect()
}

fn native(channel: &Channel, digital: (i32, i32), void: Option<i32>) -> Option<Coding> {
    let scale = channel.scale;
    let usable = scale.gain != 0.0 && scale.gain.is_finite() && scale.offset.is_finite();
    let scale = if usable { scale } else { Scale::IDENTITY };
    let ends = (scale.physical(f64::from(digital.0)), scale.physical(f64::from(digital.1)));
    let (unit, factor) = readable(&channel.unit, ends.0.abs().max(ends.1.abs()));
    let physical = (eight(ends.0 * factor, Round::Nearest)?, eight(ends.1 * factor, Round::Nearest)?);
    if physical.0 == physical.1 {
        return None;
    }
    let stated: (f64, f64) = (physical.0.parse().ok()?, physical.1.parse().ok()?);
    let gain = (stated.1 - stated.0) / f64::from(digital.1 - digital.0);
    let offset = f64::from(digital.0) - stated.0 / gain;
    let same = gain == scale.gain && offset == scale.offset && unit == channel.unit;
    let exact = (!same)
        .then(|| {
            format!("surae gain={:e} zero={:e} unit={}", scale.gain, scale.offset, channel.unit.symbol())
        })
        .filter(|text| text.len() <= 80);
    Some(Coding {
        physical,
        digital,
        dimension: dimension(&unit),
        exact,
        void,
        code: Scale::IDENTITY,
        step: None,
    })
}

fn scaled(channel: &Channel, low: f64, high: f64, digital: (i32, i32), void: Option<i32>) -> Option<Coding> {
    let ends = (channel.scale.physical(low), channel.scale.physical(high));
    let (low, high) = (ends.0.min(ends.1), ends.0.max(ends.1));
    let (unit, factor) = readable(&channel.unit, low.abs().max(high.abs()));
    let (mut least, mut most) = (low * factor, high * factor);
    if most - least <= 1e-6 * most.abs().max(least.abs()).max(1e-3) {
        // One value throughout still needs two different limits.
        let room = least.abs().max(1.0);
        (least, most) = (least - room, most + room);
    }
    let physical = (eight(least, Round::Down)?, eight(most, Round::Up)?);
    let stated: (f64, f64) = (physical.0.parse().ok()?, physical.1.parse().ok()?);
    let gain = (stated.1 - stated.0) / f64::from(digital.1 - digital.0);
    if gain <= 0.0 || !gain.is_finite() {
        return None;
    }
    let offset = f64::from(digital.0) - stated.0 / gain;
    // code = (native - o) * g * factor / gain + offset, written as a scale of its own.
    let slope = channel.scale.gain * factor / gain;
    let zero = channel.scale.offset - offset / slope;
    if slope == 0.0 || !slope.is_finite() || !zero.is_finite() {
        return None;
    }
    Some(Coding {
        physical,
        digital,
        dimension: dimension(&unit),
        exact: None,
        void,
        code: Scale { gain: slope, offset: zero },
        step: Some(gain / factor),
    })
}
