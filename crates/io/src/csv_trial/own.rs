//! Surae's CSV, read.

use super::{Header, HeaderChannel, SCHEMA, table};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::roles::{UNSEEN, parse_unit};
use crate::text::Timing;
use crate::toml_file;
use surae_trial::{
    Channel, Event, EventSource, Gap, Kind, NativeType, Note, Role, SampleIndex, Samples, Scale, Seconds,
    Stream, Trial, Unit,
};

pub fn read(input: &Input<'_>) -> Result<Trial, Error> {
    let (mut trial, header) = one(input)?;
    for name in &header.companions {
        match input.companion(name) {
            Ok(companion) => {
                let (other, _) = one(&companion)?;
                trial.streams.extend(other.streams);
                trial.events.extend(other.events);
                trial.notes.extend(other.notes);
            }
            Err(_) if input.folder.is_none() => trial.notes.push(Note::info(
                "companion_not_read",
                format!("the file names '{name}', which lies outside these bytes and was not read"),
            )),
            // A moved file still gives what it holds; the missing stream is said.
            Err(error) => trial.notes.push(Note::error("companion_missing", error.to_string())),
        }
    }
    crate::roles::assign(&mut trial);
    Ok(trial)
}

/// The files that a header names, also where the text ends within its table; none of anything else.
pub(super) fn companions(head: &str) -> Vec<String> {
    let nobody = Blame { path: "", format: "Surae CSV" };
    header(head, &nobody).map_or_else(|_| Vec::new(), |(header, ..)| header.companions)
}

/// One file without its companions.
fn one(input: &Input<'_>) -> Result<(Trial, Header), Error> {
    let blame = Blame { path: &input.name, format: "Surae CSV" };
    let content = crate::text::decode(input.bytes()?);
    let (header, body_at, body_line) = header(&content, &blame)?;
    let body = &content[body_at..];
    let row = body.lines().next().unwrap_or("");
    let mut first = csv::StringRecord::new();
    let found = table::reader(row, b',').read_record(&mut first).unwrap_or(false);
    let labels: Vec<String> = first.iter().map(str::to_owned).collect();
    if !found || labels.len() < 2 || labels[0] != "time_s" {
        return Err(blame.malformed(
            Position::Line(body_line),
            format!("the row after the header is '{}'", row.chars().take(60).collect::<String>()),
            "it must be time_s and one label per channel",
        ));
    }
    if labels.len() > surae_trial::SessionLayout::MAX_CHANNELS {
        return Err(blame.limit(
            Position::Line(body_line),
            format!("{} columns", labels.len()),
            "1024 columns",
        ));
    }
    let mut notes = Vec::new();
    let rows = body.split_once('\n').map_or("", |(_, rows)| rows);
    let table = table::read(rows, body_line + 1, b',', false, labels.len(), &blame, &mut notes)?;
    if table.first.is_empty() {
        return Err(blame.malformed(
            Position::Line(body_line),
            "no row of numbers follows",
            "record or export it again",
        ));
    }
    let channels = labels[1..].iter().map(|label| channel(label, &header.channels)).collect();
    let stream = stream(&header, table, channels, &mut notes, &blame)?;
    let events = header.events.iter().filter(|event| event.time_s.is_finite()).map(|event| Event {
        time_s: Seconds(event.time_s),
        kind: event.kind,
        side: event.side,
        source: event.source.unwrap_or(EventSource::File),
        label: event.label.clone(),
    });
    let trial = Trial {
        time_origin_s: header.time_origin_s.unwrap_or(0.0),
        task: header.task,
        recorded_on: header.recorded_on.clone(),
        synthetic: header.synthetic,
        subject: header.subject.clone().unwrap_or_default(),
        events: events.collect(),
        streams: vec![stream],
        notes,
        ..Trial::default()
    };
    Ok((trial, header))
}

/// The header, and where the table starts: byte and line.
fn header(content: &str, blame: &Blame<'_>) -> Result<(Header, usize, u64), Error> {
    let mut toml = String::new();
    let mut at = 0;
    let mut line = 1u64;
    for text in content.split_inclusive('\n') {
        let Some(inner) = text.trim_start().strip_prefix('#') else { break };
        toml.push_str(inner.strip_prefix(' ').unwrap_or(inner));
        if !toml.ends_with('\n') {
            toml.push('\n');
        }
        at += text.len();
        line += 1;
    }
    let header: Header = toml_file::parse(&toml, 0, blame)?;
    if header.schema != SCHEMA {
        let what = format!("schema '{}'", header.schema);
        return Err(blame.unsupported(Position::Line(1), what, format!("this version reads '{SCHEMA}'")));
    }
    if header.rate_hz.is_some_and(|rate| !(rate.is_finite() && rate > 0.0 && rate <= 1e6)) {
        let what = format!("rate_hz = {}", header.rate_hz.unwrap_or(f64::NAN));
        return Err(blame.malformed(Position::Whole, what, "give a rate above 0 Hz"));
    }
    Ok((header, at, line))
}

fn channel(label: &str, stated: &[HeaderChannel]) -> Channel {
    let Some(entry) = stated.iter().find(|entry| entry.label == label) else {
        return Channel::new(label, Role::unknown(UNSEEN), Unit::Arbitrary);
    };
    let said = entry.kind.is_some() || entry.muscle.is_some();
    let role = if said {
        Role {
            kind: entry.kind.unwrap_or(Kind::RawEmg),
            muscle: entry.muscle,
            side: entry.side,
            joint: entry.joint,
            reason: format!("'{label}': stated in the file's header"),
        }
    } else {
        Role::unknown(UNSEEN)
    };
    let unit = entry.unit.as_deref().map_or(Unit::Arbitrary, parse_unit);
    let mut channel = Channel::new(label, role, unit);
    channel.description.clone_from(&entry.description);
    let usable = |v: &f64| v.is_finite();
    channel.scale = Scale {
        gain: entry.gain.filter(usable).filter(|gain| *gain != 0.0).unwrap_or(1.0),
        offset: entry.offset.filter(usable).unwrap_or(0.0),
    };
    channel
}

fn stream(
    header: &Header,
    table: table::Table,
    channels: Vec<Channel>,
    notes: &mut Vec<Note>,
    blame: &Blame<'_>,
) -> Result<Stream, Error> {
    // A stated rate needs no look at the steps.
    let timing = (table.first.len() > 1 && header.rate_hz.is_none()).then(|| Timing::of(&table.first));
    let rate_hz = match (header.rate_hz, &timing) {
        (Some(rate), _) => rate,
        (None, Some(timing)) => timing.rate_hz,
        (None, None) => {
            let what = "one row and no rate_hz";
            return Err(blame.malformed(Position::Whole, what, "state rate_hz in the header"));
        }
    };
    let start_s = header.start_s.filter(|s| s.is_finite()).unwrap_or(table.first[0]);
    let (gaps, off_grid) = gaps(&table.first, rate_hz, start_s, header);
    let irregular = off_grid || (header.rate_hz.is_none() && timing.as_ref().is_some_and(|t| !t.regular));
    if irregular {
        let text = format!("the times do not lie on a grid of {rate_hz} Hz; the times of the file are kept");
        notes.push(Note::warning("time_irregular", text));
    }
    Ok(Stream {
        name: header.stream.clone().unwrap_or_else(|| "signals".to_owned()),
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(start_s),
        channels,
        samples: native(table.rest, header.native),
        gaps: if irregular { Vec::new() } else { gaps },
        times_s: if irregular { table.first } else { Vec::new() },
    })
}

/// Holes by missing rows, and whether any time lies off the grid by more than a quarter of a sample.
fn gaps(times: &[f64], rate_hz: f64, start_s: f64, header: &Header) -> (Vec<Gap>, bool) {
    let mut gaps = Vec::new();
    let mut expected = 0u64;
    let mut longest = crate::text::MOST_LOST_SAMPLES as f64;
    for time in times {
        let place = (time - start_s) * rate_hz;
        let index = place.round();
        // Printed times are rounded: allow what is left after the microsecond.
        let slack = 0.25 + 1e-6 * rate_hz;
        if (place - index).abs() > slack || index < expected as f64 || index - expected as f64 > longest {
            return (Vec::new(), true);
        }
        let index = index as u64;
        if index > expected {
            longest -= (index - expected) as f64;
            let certain = header.gaps.iter().find(|gap| gap.index == expected).is_none_or(|gap| gap.certain);
            gaps.push(Gap {
                index: SampleIndex(expected),
                time_s: SampleIndex(expected).at(rate_hz, Seconds(start_s)),
                lost_samples: index - expected,
                certain,
            });
        }
        expected = index + 1;
    }
    (gaps, false)
}

/// The values in the stated type; decimal text without one is f64. A type that cannot hold them is not forced on them.
pub(super) fn native(values: Vec<f64>, wanted: Option<NativeType>) -> Samples {
    let whole = |low: f64, high: f64| values.iter().all(|v| v.fract() == 0.0 && (low..=high).contains(v));
    match wanted {
        Some(NativeType::F32) => Samples::F32(values.into_iter().map(|v| v as f32).collect()),
        Some(NativeType::I16) if whole(f64::from(i16::MIN), f64::from(i16::MAX)) => {
            Samples::I16(values.into_iter().map(|v| v as i16).collect())
        }
        Some(NativeType::I32) if whole(f64::from(i32::MIN), f64::from(i32::MAX)) => {
            Samples::I32(values.into_iter().map(|v| v as i32).collect())
        }
        _ => Samples::F64(values),
    }
}
