//! OpenSignals recordings: one group per device, named by its address, with `raw/channel_N`, `raw/nSeq`, `digital`.

use super::arrays::{element, values};
use super::{number, numbers, sane, text};
use crate::error::{Blame, Error, Position};
use hdf5_pure::{AttrValue, File, Group};
use std::collections::HashMap;
use surae_trial::{
    Channel, Gap, Kind, Note, Role, SampleIndex, Samples, Scale, Seconds, Stream, Trial, Unit,
};

/// One device.
pub struct Device {
    name: String,
    group: Group,
    attributes: HashMap<String, AttrValue>,
}

/// The devices of a recording; `None` for other files.
pub fn devices(file: &File) -> Option<Vec<Device>> {
    let root = file.root();
    let mut found = Vec::new();
    for name in root.groups().ok()? {
        let group = root.group(&name).ok()?;
        let attributes = group.attrs().ok()?;
        if attributes.contains_key("sampling rate") && group.groups().ok()?.iter().any(|g| g == "raw") {
            found.push(Device { name, group, attributes });
        }
    }
    (!found.is_empty()).then_some(found)
}

pub fn read(devices: &[Device], blame: &Blame<'_>) -> Result<Trial, Error> {
    let mut notes = Vec::new();
    let mut streams = Vec::new();
    for device in devices {
        streams.push(device.stream(devices.len() > 1, blame, &mut notes)?);
    }
    if devices.len() > 1 {
        let text =
            "the recording holds several devices: each is a stream of its own, taken to start together";
        notes.push(Note::warning("devices_start_together", text));
    }
    let mut trial = Trial { streams, notes, ..Trial::default() };
    crate::roles::assign(&mut trial);
    Ok(trial)
}

impl Device {
    fn text(&self, key: &str) -> String {
        self.attributes.get(key).and_then(text).unwrap_or_default()
    }

    fn stream(&self, many: bool, blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<Stream, Error> {
        let damaged = |what: String| {
            let todo = "the file is damaged or cut; export it again from OpenSignals";
            blame.malformed(Position::Whole, format!("device {}: {what}", self.name), todo)
        };
        let refuse = |error: hdf5_pure::Error| damaged(error.to_string());
        let rate_hz = self.attributes.get("sampling rate").and_then(number).unwrap_or(f64::NAN);
        if !(rate_hz > 0.0 && rate_hz <= 1e6) {
            return Err(damaged(format!("its sampling rate is {rate_hz}")));
        }
        let raw = self.group.group("raw").map_err(refuse)?;
        let mut numbered: Vec<(u32, String)> = raw
            .datasets()
            .map_err(refuse)?
            .into_iter()
            .filter_map(|name| Some((name.strip_prefix("channel_")?.parse().ok()?, name)))
            .collect();
        numbered.sort_unstable();
        let resolutions = self.attributes.get("resolution").map(numbers).unwrap_or_default();
        let mut channels = Vec::new();
        let mut columns: Vec<Samples> = Vec::new();
        for (position, (_, name)) in numbered.iter().enumerate() {
            let dataset = raw.dataset(name).map_err(refuse)?;
            let element = element(&dataset.dtype().map_err(refuse)?)
                .filter(|_| sane(&dataset))
                .ok_or_else(|| damaged(format!("'{name}' holds no numbers")))?;
            columns.push(values(&dataset, element).map_err(refuse)?);
            let attributes = dataset.attrs().map_err(refuse)?;
            let word = |key: &str| attributes.get(key).and_then(text).unwrap_or_default();
            let bits = resolutions.get(position).copied().filter(|b| (1.0..=32.0).contains(b));
            channels.push(channel(&word("sensor"), &word("label"), bits));
        }
        let frames = columns.iter().map(Samples::len).min().unwrap_or(0);
        if frames == 0 {
            return Err(damaged("no channel holds samples".to_owned()));
        }
        let longest = columns.iter().map(Samples::len).max().unwrap_or(0);
        if longest > frames {
            let text = format!(
                "device {}: channels differ in length ({frames} to {longest} samples); the shortest counts",
                self.name
            );
            notes.push(Note::warning("channels_differ", text));
        }
        let gaps = self.gaps(&raw, frames, rate_hz, notes);
        self.told(notes);
        let whole = |f: usize| columns.iter().map(move |c| c.get(f) as i32);
        let float = columns.iter().any(|c| matches!(c, Samples::F32(_) | Samples::F64(_)));
        let samples = if float {
            Samples::F64((0..frames).flat_map(|f| columns.iter().map(move |c| c.get(f))).collect())
        } else {
            Samples::I32((0..frames).flat_map(whole).collect())
        };
        Ok(Stream {
            name: if many { format!("signals {}", self.name) } else { "signals".to_owned() },
            rate_hz,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels,
            samples,
            gaps,
            times_s: Vec::new(),
        })
    }

    /// Jumps of the sequence number; its width is inferred from the largest value.
    fn gaps(&self, raw: &Group, frames: usize, rate_hz: f64, notes: &mut Vec<Note>) -> Vec<Gap> {
        let Some(numbers) = raw.dataset("nSeq").ok().filter(sane).and_then(|d| d.read_i64().ok()) else {
            return Vec::new();
        };
        if numbers.len() != frames || frames < 2 {
            return Vec::new();
        }
        let largest = numbers.iter().copied().max().unwrap_or(0).max(1);
        let period = (largest as u64 + 1).next_power_of_two() as i64;
        // Without a wrap in sight the counter's width is unknown and jumps cannot wrap either.
        let wraps = numbers.windows(2).any(|pair| pair[1] < pair[0]);
        let mut gaps = Vec::new();
        let mut lost = 0u64;
        let mut back = 0usize;
        for (k, pair) in numbers.windows(2).enumerate() {
            let step = if wraps { (pair[1] - pair[0]).rem_euclid(period) } else { pair[1] - pair[0] };
            if step > 1
                && lost + (step as u64) < crate::text::MOST_LOST_SAMPLES
                && !(wraps && step > period / 2)
            {
                let index = k as u64 + 1 + lost;
                gaps.push(Gap {
                    index: SampleIndex(index),
                    time_s: Seconds(index as f64 / rate_hz),
                    lost_samples: step as u64 - 1,
                    certain: period >= 1 << 12,
                });
                lost += step as u64 - 1;
            } else if step != 1 {
                back += 1;
            }
        }
        if back > 0 {
            let text = format!(
                "device {}: the sequence number stands still or jumps back {back} times; no gap is derived there",
                self.name
            );
            notes.push(Note::warning("sequence_odd", text));
        }
        gaps
    }

    fn told(&self, notes: &mut Vec<Note>) {
        let (date, time) = (self.text("date"), self.text("time"));
        if !date.is_empty() {
            let text = format!(
                "device {}: the recording began on {date} at {time} (local time, as stated)",
                self.name
            );
            notes.push(Note::info("recorded_at", text));
        }
        let comments = self.text("comments");
        if !comments.is_empty() {
            notes.push(Note::info("comments", format!("device {}: {comments}", self.name)));
        }
    }
}

/// A channel by its sensor. The EMG sensor of biosignalsplux: `mV = (count / 2^n - 0.5) * 3 V / 1000` (its data sheet).
fn channel(sensor: &str, label: &str, bits: Option<f64>) -> Channel {
    let kind = sensor.trim().to_uppercase();
    let mut channel = Channel::new(label, Role::unknown(crate::roles::UNSEEN), Unit::Count);
    channel.description = sensor.to_owned();
    let full = bits.map(|bits| bits.exp2());
    if let (Some(bits), Some(full)) = (bits, full) {
        channel.amplifier.resolution_bits = Some(bits as u8);
        channel.amplifier.rails = Some((0.0, full - 1.0));
    }
    match (kind.as_str(), full) {
        ("EMG", Some(full)) => {
            channel.scale = Scale { gain: 3.0 / full, offset: full / 2.0 };
            channel.unit = Unit::Millivolt;
            channel.amplifier.gain = Some(1000.0);
            // The sensor says that it is EMG; the muscle only a label or a map can say.
            let named = surae_trial::label::role_of(label, "", &Unit::Millivolt);
            channel.role =
                Role { kind: Kind::RawEmg, reason: format!("sensor EMG; {}", named.reason), ..named };
        }
        ("XYZ" | "ACC", _) => channel.role = of(Kind::Acceleration, &kind),
        ("FORCEPLATFORM" | "FORCE PLATFORM" | "LOADCELL" | "LOAD CELL", _) => {
            channel.role = of(Kind::Force, &kind)
        }
        _ => {}
    }
    channel
}

fn of(kind: Kind, sensor: &str) -> Role {
    Role { kind, ..Role::unknown(format!("sensor {sensor}; no scale is stated: counts")) }
}
