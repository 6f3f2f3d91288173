//! What an emulated device picks up: a trial's channels as native values of the device's inputs, at the device's rate.

use std::fmt::Write as _;
use surae_io::device::Twin;
use surae_trial::label::{Labelled, roles_of};
use surae_trial::{Channel, Joint, Kind, Side, Stream, Trial, Unit};

/// Microvolts that an unsigned converter behind an amplifier of unknown gain spans: +-1.5 mV.
const SPAN_UV: f64 = 3000.0;

/// Degrees for each count of an input of at most 12 bits that carries an angle, and of a wider one.
const COARSE_DEG: f64 = 0.25;
const FINE_DEG: f64 = 0.01;

/// One input and what it carries: `native = offset + physical / scale`.
struct Input {
    /// Physical values over the trial, `NaN` where samples were lost; empty for an input with nothing on it.
    values: Vec<f64>,
    rate_hz: f64,
    scale: f64,
    offset: f64,
}

/// Rows of native values.
pub(super) struct Rows {
    inputs: Vec<Input>,
    rate_hz: f64,
    duration_s: f64,
    map: String,
    /// True when the device's samples are the trial's.
    plain: bool,
}

impl Rows {
    /// The samples of a stream, one row each, in physical units.
    pub(super) fn as_they_are(stream: &Stream) -> Self {
        let input =
            |at| Input { values: stream.column(at), rate_hz: stream.rate_hz, scale: 1.0, offset: 0.0 };
        Self {
            inputs: (0..stream.channels.len()).map(input).collect(),
            rate_hz: stream.rate_hz,
            duration_s: stream.duration_s(),
            map: "schema = \"surae.map/1\"\nunit = \"uV\"\n".to_owned(),
            plain: true,
        }
    }

    /// EMG of a stream, the trial's knee angles and its foot switches on the inputs of a device.
    pub(super) fn for_device(trial: &Trial, stream: &Stream, twin: &Twin) -> Self {
        let rate_hz = twin.rate_hz().unwrap_or(stream.rate_hz);
        let mut inputs: Vec<Input> = Vec::new();
        let mut map = String::from("schema = \"surae.map/1\"\n");
        let mut emg = emg_of(stream).into_iter();
        let mut angles = knees_of(trial).into_iter().peekable();
        let mut switches = of_trial(trial, |channel| channel.role.kind == Kind::Switch).into_iter();
        let channels = &twin.facts().channels;
        for (at, channel) in channels.iter().enumerate() {
            if let Some((source, column)) = is_line(channel).then(|| switches.next()).flatten() {
                let values = source.column(column);
                inputs.push(Input { values, rate_hz: source.rate_hz, scale: 1.0, offset: 0.0 });
                let side = source.channels[column].role.side;
                describe_switch(&mut map, channel, side);
                continue;
            }
            let bits = channel.amplifier.resolution_bits;
            let is_emg = channel.role.kind.is_emg();
            let analog =
                is_emg || channel.amplifier.rails.is_some_and(|(low, high)| (low, high) == (0.0, 1023.0));
            // The last inputs are for angles where nothing else can carry them.
            let left = channels[at..].iter().filter(|c| c.role.kind.is_emg()).count();
            let spare =
                channels.iter().any(|c| !c.role.kind.is_emg() && c.amplifier.rails == Some((0.0, 1023.0)));
            let for_angle = !is_emg || (!spare && left <= angles.len());
            let picked = if !analog || bits == Some(6) {
                None
            } else if for_angle {
                angles.next().map(|(source, column)| (source, column, true))
            } else {
                emg.next().map(|column| (stream, column, false))
            };
            let Some((source, column, angle)) = picked else {
                inputs.push(Input { values: Vec::new(), rate_hz, scale: 1.0, offset: channel.scale.offset });
                continue;
            };
            let carried = &source.channels[column];
            let coarse = bits.is_none_or(|bits| bits <= 16) && !channel.amplifier.input_referred;
            let (scale, offset) = if angle {
                // Flexion is positive: a quarter of the range is left for the other direction.
                let top =
                    channel.amplifier.rails.map_or(0.0, |(low, high)| if low < 0.0 { 0.0 } else { high });
                let scale = if coarse || top > 0.0 { COARSE_DEG } else { FINE_DEG };
                (scale, (top / 4.0).round())
            } else if channel.unit.volts().is_some() {
                // The device's own scale: its counts are volts already, and the trial's are brought to them.
                let unit = channel.unit.volts().unwrap_or(1e-6) / 1e-6;
                (channel.scale.gain * unit, channel.scale.offset)
            } else {
                let range = channel.amplifier.rails.map_or(32_768.0, |(low, high)| high - low + 1.0);
                (SPAN_UV / range, channel.scale.offset)
            };
            let unit_uv = carried.unit.volts().map_or(1.0, |volts| volts / 1e-6);
            let factor = if angle { 1.0 } else { unit_uv };
            let values = source.column(column).into_iter().map(|value| value * factor).collect();
            inputs.push(Input { values, rate_hz: source.rate_hz, scale, offset });
            describe(&mut map, channel, carried, angle, (scale, offset));
        }
        Self { inputs, rate_hz, duration_s: stream.duration_s(), map, plain: false }
    }

    /// Rows a second.
    pub(super) fn rate_hz(&self) -> f64 {
        self.rate_hz
    }

    /// The device was told another rate.
    pub(super) fn set_rate_hz(&mut self, rate_hz: f64) {
        self.rate_hz = rate_hz;
    }

    /// What each input carries, as a map.
    pub(super) fn map(&self) -> &str {
        &self.map
    }

    /// The row of a sample; the trial starts again at its end. False where the trial itself has no samples.
    pub(super) fn row(&self, index: u64, row: &mut Vec<f64>) -> bool {
        row.clear();
        if self.plain {
            let frames = self.inputs.first().map_or(0, |input| input.values.len()) as u64;
            let Some(at) = index.checked_rem(frames) else { return false };
            row.extend(self.inputs.iter().map(|input| input.values[at as usize]));
            return row.iter().any(|value| !value.is_nan());
        }
        let time_s = (index as f64 / self.rate_hz) % self.duration_s;
        row.extend(self.inputs.iter().map(|input| {
            if input.values.is_empty() {
                input.offset
            } else {
                input.offset + input.at(time_s, self.rate_hz) / input.scale
            }
        }));
        true
    }
}

impl Input {
    /// The value at a time: between samples where the device is faster than the trial, the mean over the device's period where it is
    /// slower, as its converter would give.
    fn at(&self, time_s: f64, rate_hz: f64) -> f64 {
        let value = |at: usize| self.values[at.min(self.values.len() - 1)];
        let place = time_s * self.rate_hz;
        let at = place.floor() as usize;
        if self.rate_hz > rate_hz {
            let n = (self.rate_hz / rate_hz).round().max(1.0) as usize;
            return (at..at + n).map(value).sum::<f64>() / n as f64;
        }
        let part = place - place.floor();
        value(at) * (1.0 - part) + value(at + 1) * part
    }
}

/// Inputs that a trial would like to have: EMG of the stream, and its knee angles.
pub(super) fn wanted(trial: &Trial, stream: &Stream) -> usize {
    emg_of(stream).len() + knees_of(trial).len()
}

fn emg_of(stream: &Stream) -> Vec<usize> {
    (0..stream.channels.len()).filter(|at| stream.channels[*at].role.kind.is_emg()).collect()
}

/// Knee angles of a trial: stream and channel.
pub(super) fn knees_of(trial: &Trial) -> Vec<(&Stream, usize)> {
    of_trial(trial, |channel| channel.role.kind == Kind::Angle && channel.role.joint == Some(Joint::Knee))
}

/// Channels of a trial that are wanted: stream and place in it.
fn of_trial(trial: &Trial, wanted: impl Fn(&Channel) -> bool) -> Vec<(&Stream, usize)> {
    let of = |stream: &Stream| -> Vec<usize> {
        (0..stream.channels.len()).filter(|at| wanted(&stream.channels[*at])).collect()
    };
    trial.streams.iter().flat_map(|stream| of(stream).into_iter().map(move |at| (stream, at))).collect()
}

/// Whether an input is a digital line: what a board says of itself (lead-off, buttons) has other names.
fn is_line(channel: &Channel) -> bool {
    let numbered = |name: &str| {
        let number = channel.label.strip_prefix(name);
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    channel.unit == Unit::Count
        && channel.amplifier.rails.is_none()
        && ["I", "D", "GPIO"].into_iter().any(numbered)
}

/// A foot switch on a digital line, as an entry of the map.
fn describe_switch(map: &mut String, input: &Channel, side: Option<Side>) {
    // Writing into a String cannot fail.
    let _ = write!(map, "\n[[channel]]\nlabel = \"{}\"\nkind = \"switch\"\n", input.label);
    if let Some(side) = side {
        let _ = writeln!(map, "side = \"{}\"", side.name());
    }
}

/// One entry of the map.
fn describe(map: &mut String, input: &Channel, carried: &Channel, angle: bool, (scale, offset): (f64, f64)) {
    let mut line = |text: String| {
        // Writing into a String cannot fail.
        let _ = writeln!(map, "{text}");
    };
    line(format!("\n[[channel]]\nlabel = \"{}\"", input.label));
    line(format!("kind = \"{}\"", if angle { "angle" } else { carried.role.kind.name() }));
    if let Some(muscle) = carried.role.muscle {
        line(format!("muscle = \"{}\"", muscle.short()));
    }
    if let Some(side) = carried.role.side {
        line(format!("side = \"{}\"", side.name()));
    }
    if angle {
        line("joint = \"knee\"\nunit = \"deg\"".to_owned());
    } else {
        line("unit = \"uV\"".to_owned());
    }
    line(format!("scale = {scale:?}\noffset = {offset:?}"));
}

/// The channel's label where it says by itself what the channel is, else a name that does.
pub(super) fn column_name(channel: &Channel) -> String {
    let plain: String = channel
        .label
        .chars()
        .map(|c| if c.is_alphanumeric() || "_-.".contains(c) { c } else { '_' })
        .collect();
    let same = |label: &str| {
        let labelled = Labelled { label, description: "", unit: &Unit::Arbitrary };
        roles_of(&[labelled]).first().is_some_and(|role| {
            let wanted = &channel.role;
            (role.kind, role.muscle, role.side, role.joint)
                == (wanted.kind, wanted.muscle, wanted.side, wanted.joint)
        })
    };
    let side = match channel.role.side {
        Some(Side::Left) => "L",
        Some(Side::Right) => "R",
        None => "",
    };
    let muscle = channel.role.muscle.map_or("", |muscle| muscle.short());
    let by_role = match channel.role.kind {
        Kind::RawEmg => format!("{side}{muscle}"),
        Kind::Envelope => format!("{side}{muscle}_env"),
        Kind::RectifiedEmg => format!("{side}{muscle}_rect"),
        Kind::Angle if channel.role.joint == Some(Joint::Knee) => format!("{side}_knee_angle"),
        _ => plain.clone(),
    };
    if same(&plain) || !same(&by_role) { plain } else { by_role }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_io::device::{Options, Protocol};

    /// The foot switch of a walk is on the first digital line of each board that has some, and nowhere else.
    #[test]
    fn a_foot_switch_rides_on_a_digital_line() {
        let request = crate::generate::Request::of(crate::generate::Scenario::Walk, 1);
        let trial = crate::generate::generate(&request).0;
        let stream = &trial.streams[trial.master_stream().unwrap_or(0)];
        for (protocol, label) in
            [(Protocol::Bitalino, Some("I1")), (Protocol::HackEeg, Some("GPIO1")), (Protocol::Knight, None)]
        {
            let twin = Twin::new(protocol, Options::default(), 6);
            let rows = Rows::for_device(&trial, stream, &twin);
            let at = twin.facts().channels.iter().position(|channel| Some(channel.label.as_str()) == label);
            let entry = |label| format!("label = \"{label}\"\nkind = \"switch\"\nside = \"right\"");
            assert_eq!(rows.map().contains("\"switch\""), label.is_some(), "{protocol:?}");
            let (Some(at), Some(label)) = (at, label) else { continue };
            assert!(rows.map().contains(&entry(label)), "{protocol:?}: {}", rows.map());
            let mut row = Vec::new();
            let pressed = (0..3000).filter(|k| rows.row(*k, &mut row) && row[at] > 0.5).count();
            // Stance is about six tenths of a walk.
            assert!((1500..2200).contains(&pressed), "{protocol:?}: {pressed} of 3000");
        }
    }
}
