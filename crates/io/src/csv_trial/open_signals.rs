//! OpenSignals text (PLUX biosignalsplux, BITalino): `# ` lines with a JSON header, then counts.
//!
//! EMG counts become volts at the electrode by the sensors' transfer functions (data sheets of the biosignalsplux EMG sensor
//! and of the BITalino EMG board); other sensors need calibrations that the file does not hold and stay counts.

use super::{counter, table};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::UNSEEN;
use surae_trial::{
    Amplifier, Channel, Kind, NativeType, Note, Role, Samples, Scale, Seconds, Stream, Trial, Unit,
};

/// OpenSignals text.
pub struct OpenSignalsText;

/// Lines of header that are looked at.
const LOOK: usize = 64;

impl Format for OpenSignalsText {
    fn name(&self) -> &'static str {
        "opensignals-txt"
    }

    fn title(&self) -> &'static str {
        "OpenSignals text"
    }

    fn recognise(&self, head: &[u8]) -> Confidence {
        let head = crate::text::decode(&head[..head.len().min(4096)]);
        let named = head.lines().take(2).any(|line| line.starts_with('#') && line.contains("OpenSignals"));
        if named { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "OpenSignals text" };
        let content = crate::text::decode(input.bytes()?);
        let (columns, rate_hz, rows) = header(&content, &blame)?;
        let mut notes = Vec::new();
        let line = rows as u64 + 1;
        let start: usize = content.split_inclusive('\n').take(rows).map(str::len).sum();
        let table = table::read(&content[start..], line, b'\t', false, columns.len(), &blame, &mut notes)?;
        if table.first.is_empty() {
            return Err(blame.malformed(
                Position::Line(line),
                "no rows of numbers",
                "record again with data",
            ));
        }
        let counted = columns.first().is_some_and(|column| column.name.eq_ignore_ascii_case("nSeq"));
        let gaps = if counted { counter::gaps(&table.first, rate_hz, &mut notes) } else { Vec::new() };
        let channels = columns.iter().map(channel).collect();
        let kept = columns.iter().any(|c| c.sensor.is_some() && emg_volts(c).is_none());
        if kept {
            let text = "sensors other than EMG stay counts: OpenSignals text holds no calibration. State scales with a map";
            notes.push(Note::info("opensignals_counts", text));
        }
        let stream = Stream {
            name: "opensignals".to_owned(),
            rate_hz,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels,
            samples: interleave(&table, columns.len()),
            gaps,
            times_s: Vec::new(),
        };
        let mut trial = Trial { streams: vec![stream], notes, ..Trial::default() };
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

/// One column of the table.
struct Column {
    name: String,
    /// `None` for counters and digital lines.
    sensor: Option<String>,
    label: String,
    bits: u8,
    device: String,
}

/// Columns of all devices side by side, the rate, and the number of header lines.
fn header(content: &str, blame: &Blame<'_>) -> Result<(Vec<Column>, f64, usize), Error> {
    const AGAIN: &str = "export the file again from OpenSignals";
    let lines: Vec<&str> = content.lines().take(LOOK).take_while(|line| line.starts_with('#')).collect();
    let json = lines.iter().position(|line| line.contains('{'));
    let Some((at, text)) = json.map(|at| (at, lines[at].trim_start_matches(['#', ' ']))) else {
        return Err(blame.malformed(Position::Line(2), "no JSON header", AGAIN));
    };
    let here = Position::Line(at as u64 + 1);
    let parsed: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| blame.malformed(here, format!("the JSON header is damaged ({error})"), AGAIN))?;
    let Some(devices) = parsed.as_object() else {
        return Err(blame.malformed(here, "the JSON header names no device", AGAIN));
    };
    let mut columns = Vec::new();
    let mut rate_hz = 0.0;
    for device in devices.values() {
        rate_hz = device["sampling rate"].as_f64().filter(|r| r.is_finite() && *r > 0.0).unwrap_or(rate_hz);
        columns.extend(device_columns(device));
    }
    if rate_hz <= 0.0 || columns.len() < 2 || columns.len() > surae_trial::SessionLayout::MAX_CHANNELS {
        let what = format!("{} columns at {rate_hz} Hz", columns.len());
        return Err(blame.malformed(here, what, AGAIN));
    }
    Ok((columns, rate_hz, lines.len()))
}

fn device_columns(device: &serde_json::Value) -> Vec<Column> {
    let texts = |key: &str| -> Vec<String> {
        let list = device[key].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|v| v.as_str().unwrap_or("").to_owned()).collect()
    };
    let (sensors, labels) = (texts("sensor"), texts("label"));
    let bits: Vec<u64> =
        device["resolution"].as_array().into_iter().flatten().filter_map(|v| v.as_u64()).collect();
    let kind = device["device"].as_str().unwrap_or("").to_owned();
    let names = texts("column");
    // Sensors stand in the last columns; counters and digital lines before them.
    let before = names.len().saturating_sub(sensors.len());
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| {
            let k = at.checked_sub(before);
            let sensor = k.and_then(|k| sensors.get(k).cloned());
            let label = k.and_then(|k| labels.get(k).cloned()).filter(|label| !label.is_empty());
            let own = k.and_then(|k| bits.get(k + bits.len().saturating_sub(sensors.len())).copied());
            Column {
                label: label.unwrap_or_else(|| name.clone()),
                sensor,
                bits: own.and_then(|b| u8::try_from(b).ok()).filter(|b| (1..=24).contains(b)).unwrap_or(16),
                device: kind.clone(),
                name,
            }
        })
        .collect()
}

/// `V = (ADC / 2^n - 1/2) * VCC / G`: biosignalsplux VCC 3 V and G 1000, BITalino 3.3 V and 1009.
fn emg_volts(column: &Column) -> Option<(Scale, f64)> {
    if !column.sensor.as_deref()?.to_uppercase().contains("EMG") {
        return None;
    }
    let (supply, gain) =
        if column.device.to_lowercase().contains("bitalino") { (3.3, 1009.0) } else { (3.0, 1000.0) };
    let steps = 2f64.powi(i32::from(column.bits));
    Some((Scale { gain: supply / gain / steps, offset: steps / 2.0 }, gain))
}

fn channel(column: &Column) -> Channel {
    let mut channel = Channel::new(column.label.clone(), Role::unknown(UNSEEN), Unit::Count);
    channel.description = column.sensor.clone().unwrap_or_default();
    let counter = column.sensor.is_none() && column.name.eq_ignore_ascii_case("nSeq");
    if counter {
        let role = Role::unknown(format!("column '{}' is the sample counter", column.name));
        channel.role = Role { kind: Kind::Counter, ..role };
    } else if column.sensor.is_none() {
        channel.role = Role::unknown(format!("column '{}' is a digital line", column.name));
    } else {
        let top = 2f64.powi(i32::from(column.bits)) - 1.0;
        channel.amplifier =
            Amplifier { resolution_bits: Some(column.bits), rails: Some((0.0, top)), ..Amplifier::default() };
    }
    if let Some((scale, gain)) = emg_volts(column) {
        channel.scale = scale;
        channel.unit = Unit::Volt;
        channel.amplifier.gain = Some(gain);
        channel.amplifier.input_referred = true;
    }
    channel
}

fn interleave(table: &table::Table, columns: usize) -> Samples {
    let mut values = Vec::with_capacity(table.first.len() * columns);
    for (first, rest) in table.first.iter().zip(table.rest.chunks_exact(columns - 1)) {
        values.push(*first);
        values.extend_from_slice(rest);
    }
    super::own::native(values, Some(NativeType::I32))
}
