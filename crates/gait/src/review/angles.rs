//! Joint angles of a leg as the review uses them: in degrees, low-passed.

use super::side::Context;
use crate::emg::lowpass;
use crate::track::AngleSeries;
use crate::{ankle, knee};
use surae_trial::{Joint, Note, Side};

/// A stored or derived joint angle of the leg, low-passed at its own rate.
pub(super) fn joint_angle(
    context: &Context<'_>,
    side: Side,
    joint: Joint,
    notes: &mut Vec<Note>,
) -> Option<AngleSeries> {
    let (stream, channel) = match joint {
        Joint::Knee => knee::source(context.trial, side).map(|s| (s.stream, s.channel))?,
        Joint::Ankle => ankle::source(context.trial, side).map(|s| (s.stream, s.channel))?,
        Joint::Hip => return None,
    };
    let stream = &context.trial.streams[stream];
    if !(stream.rate_hz.is_finite() && stream.rate_hz > 0.0 && stream.start_s.0.is_finite()) {
        let text =
            format!("{side} {joint:?} angle: a rate of {} Hz cannot be used; not analysed.", stream.rate_hz);
        notes.push(Note::warning("angle_rate", text));
        return None;
    }
    let factor =
        if stream.channels[channel].unit == surae_trial::Unit::Radian { 1.0_f64.to_degrees() } else { 1.0 };
    let raw: Vec<f64> = stream.column(channel).iter().map(|v| v * factor).collect();
    let cutoff = context.settings.angle_hz;
    let deg =
        match lowpass(&raw, stream.rate_hz, cutoff, context.settings.conditioning.correction, context.mode) {
            Ok(smooth) => smooth,
            Err(why) => {
                notes.push(Note::warning(
                    "angle_filter",
                    format!("{side} {joint:?} angle is not low-passed: {why}."),
                ));
                raw
            }
        };
    Some(AngleSeries { rate_hz: stream.rate_hz, start_s: stream.start_s.0, deg })
}
