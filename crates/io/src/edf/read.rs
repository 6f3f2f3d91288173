//! Records become streams, one per number of samples a record; annotations become events.

use super::Width;
use super::annotation::{self, Annotation};
use super::header::{self, Header};
use super::signals::{Oddities, channel};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use surae_trial::{
    Channel, Event, EventKind, EventSource, Gap, Kind, Note, Role, SampleIndex, Samples, Scale, Seconds,
    SessionLayout, Stream, Trial, Unit,
};

/// Most streams, that is different rates.
const MOST_STREAMS: usize = 64;

/// Signals of one rate: where each stands in a record.
struct Group {
    samples: usize,
    /// Byte of each signal within a record.
    at: Vec<usize>,
    channels: Vec<Channel>,
    /// Code for "no sample" of each channel, in files of Surae.
    voids: Vec<Option<i32>>,
}

pub fn read(input: &Input<'_>) -> Result<Trial, Error> {
    let blame = Blame { path: &input.name, format: "EDF/BDF" };
    let bytes = input.bytes()?;
    let mut notes = Vec::new();
    let header = header::parse(bytes, &blame, &mut notes)?;
    let mut odd = Oddities::default();
    let groups = groups(&header, &mut odd, &blame)?;
    notes.extend(odd.notes(&header));
    let records = records(&header, bytes, &blame, &mut notes)?;
    let told = told(&header, bytes, records, &mut notes);
    let origin_s = told.starts.first().copied().flatten().unwrap_or(0.0);
    let starts = starts(&header, &told.starts, origin_s, &mut notes);
    let mut events = events(&told.annotations, origin_s, &mut notes);
    let many = groups.len() > 1;
    let mut streams = Vec::new();
    for group in groups {
        let rate_hz = group.samples as f64 / header.record_s;
        let name = if many { format!("signals_{}_hz", short(rate_hz)) } else { "signals".to_owned() };
        let voids = group.voids.clone();
        let mut stream = stream(group, (name, rate_hz), &header, bytes, starts.as_deref(), &mut notes);
        triggers(&mut stream, header.width, &mut events);
        super::void::take_out(&mut stream, &voids);
        streams.push(stream);
    }
    unique_names(&mut streams);
    if let Some(at) = header::recorded_at(&header) {
        notes.push(Note::info("recorded_at", format!("the recording began at {at} (local time, as stated)")));
    }
    let mut trial = Trial { streams, events, notes, time_origin_s: origin_s, ..Trial::default() };
    trial.subject.name = header::person(&header);
    crate::roles::assign(&mut trial);
    Ok(trial)
}

/// `100`, `0.1`, `1259.259`.
fn short(rate_hz: f64) -> String {
    let text = format!("{rate_hz:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn unique_names(streams: &mut [Stream]) {
    for k in 1..streams.len() {
        if streams[..k].iter().any(|s| s.name == streams[k].name) {
            streams[k].name = format!("{}_{}", streams[k].name, k + 1);
        }
    }
}

fn groups(header: &Header, odd: &mut Oddities, blame: &Blame<'_>) -> Result<Vec<Group>, Error> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0usize;
    for signal in &header.signals {
        let here = at;
        at = at.saturating_add(signal.samples.saturating_mul(header.width.bytes()));
        if header.is_annotation(signal) || signal.samples == 0 {
            continue;
        }
        let read = channel(signal, header.width, odd);
        let slot = groups.iter().position(|g| g.samples == signal.samples);
        let group = match slot {
            Some(slot) => &mut groups[slot],
            None => {
                let samples = signal.samples;
                groups.push(Group { samples, at: Vec::new(), channels: Vec::new(), voids: Vec::new() });
                let last = groups.len() - 1;
                &mut groups[last]
            }
        };
        group.at.push(here);
        group.channels.push(read.channel);
        group.voids.push(read.void);
    }
    let most = SessionLayout::MAX_CHANNELS;
    if let Some(group) = groups.iter().find(|g| g.channels.len() > most) {
        let what = format!("{} signals of one rate", group.channels.len());
        return Err(blame.limit(Position::Byte(252), what, format!("{most} channels a stream")));
    }
    if groups.len() > MOST_STREAMS {
        let what = format!("{} different rates", groups.len());
        return Err(blame.limit(Position::Byte(252), what, format!("{MOST_STREAMS} streams")));
    }
    if !groups.is_empty() && header.record_s <= 0.0 {
        let what = "a record duration of 0 s (the rate of its signals is unknown)";
        let todo = "state the duration in the header with an EDF editor, or export it again";
        return Err(blame.unsupported(Position::Byte(244), what, todo));
    }
    Ok(groups)
}

/// Whole records in the file, with a note where the header says otherwise.
fn records(header: &Header, bytes: &[u8], blame: &Blame<'_>, notes: &mut Vec<Note>) -> Result<usize, Error> {
    let size = header.record_bytes();
    let there = bytes.len() - header.data_at;
    if size == 0 {
        let what = "no signal has a sample";
        return Err(blame.malformed(Position::Byte(header.data_at as u64), what, "export it again"));
    }
    let (whole, rest) = (there / size, there % size);
    if whole == 0 {
        let what = format!("not one whole record: {there} bytes after the header, a record has {size}");
        let todo = "the file was cut while it was written or copied; copy or export it again";
        return Err(blame.malformed(Position::Byte(bytes.len() as u64), what, todo));
    }
    let counted = match header.records {
        None => Some(
            "the header does not state how many records there are (the recorder did not finish)".to_owned(),
        ),
        Some(stated) if stated as usize > whole => {
            Some(format!("the header states {stated} records, the file ends before"))
        }
        Some(stated) if (stated as usize) < whole => {
            Some(format!("the header states {stated} records, more follow"))
        }
        Some(_) => None,
    };
    if let Some(text) = counted {
        let duration_s = whole as f64 * header.record_s;
        let text = format!("{text}: all {whole} whole records are read ({duration_s} s)");
        notes.push(Note::warning("edf_record_count", text));
    }
    if rest > 0 {
        let at = bytes.len() - rest;
        let text =
            format!("from byte {at} on {rest} bytes are no whole record ({size} bytes) and are left out");
        notes.push(Note::warning("edf_cut", text));
    }
    Ok(whole)
}

/// What the annotation signals say.
struct Told {
    annotations: Vec<Annotation>,
    /// Start of each record; empty without annotation signals.
    starts: Vec<Option<f64>>,
}

fn told(header: &Header, bytes: &[u8], records: usize, notes: &mut Vec<Note>) -> Told {
    let width = header.width.bytes();
    let mut fields = Vec::new();
    let mut at = 0;
    for signal in &header.signals {
        if header.is_annotation(signal) {
            fields.push(at..at + signal.samples * width);
        }
        at += signal.samples * width;
    }
    let mut told = Told { annotations: Vec::new(), starts: Vec::new() };
    let mut damaged = 0;
    for record in 0..records {
        let start = header.data_at + record * header.record_bytes();
        for (number, field) in fields.iter().enumerate() {
            let lists = annotation::lists(&bytes[start + field.start..start + field.end], number == 0);
            if number == 0 {
                told.starts.push(lists.record_s);
            }
            damaged += lists.damaged;
            told.annotations.extend(lists.annotations);
        }
    }
    if damaged > 0 {
        let text = format!("{damaged} annotation lists could not be understood and are left out");
        notes.push(Note::warning("edf_annotations_damaged", text));
    }
    told
}

/// Start of each record from the first one in s, only where records need not follow each other.
fn starts(header: &Header, told: &[Option<f64>], origin_s: f64, notes: &mut Vec<Note>) -> Option<Vec<f64>> {
    let mut off = 0;
    let mut missing = 0;
    let mut starts = Vec::with_capacity(told.len());
    let mut expected_s = 0.0;
    for start in told {
        let start_s = match start {
            Some(start_s) => start_s - origin_s,
            None => {
                missing += 1;
                expected_s
            }
        };
        off += usize::from((start_s - expected_s).abs() > 1e-3);
        starts.push(start_s);
        expected_s = start_s + header.record_s;
    }
    if header.is_discontinuous() {
        if missing > 0 {
            let text = format!(
                "{missing} records do not state their start; they are taken to follow the one before"
            );
            notes.push(Note::warning("edf_record_time", text));
        }
        return Some(starts).filter(|starts| !starts.is_empty());
    }
    if off > 0 && missing == 0 {
        let text = format!(
            "the file is declared continuous, yet {off} records state a start that is not the end of the one before: the declaration is believed"
        );
        notes.push(Note::warning("edf_record_time", text));
    }
    None
}

fn events(annotations: &[Annotation], origin_s: f64, notes: &mut Vec<Note>) -> Vec<Event> {
    let lasting = annotations.iter().filter(|a| a.duration_s.is_some_and(|d| d > 0.0)).count();
    if lasting > 0 {
        let text = format!(
            "{lasting} annotations have a duration: their event is at the onset, the duration is in its label"
        );
        notes.push(Note::info("annotation_duration", text));
    }
    annotations
        .iter()
        .map(|annotation| {
            let label = match annotation.duration_s.filter(|d| *d > 0.0) {
                Some(duration_s) => format!("{} ({duration_s} s)", annotation.text),
                None => annotation.text.clone(),
            };
            let (kind, side) = crate::event_name::meaning(&annotation.text);
            let time_s = Seconds(annotation.onset_s - origin_s);
            Event { time_s, kind, side, source: EventSource::File, label }
        })
        .collect()
}

/// One group's samples, frame after frame, with the holes that the records' starts leave.
fn stream(
    group: Group,
    names: (String, f64),
    header: &Header,
    bytes: &[u8],
    starts: Option<&[f64]>,
    notes: &mut Vec<Note>,
) -> Stream {
    let (name, rate_hz) = names;
    let record_bytes = header.record_bytes();
    let records = bytes[header.data_at..].chunks_exact(record_bytes);
    let values = records.len() * group.samples * group.at.len();
    let samples = match header.width {
        Width::Two => {
            let mut all: Vec<i16> = Vec::with_capacity(values);
            for record in records {
                for sample in 0..group.samples {
                    all.extend(group.at.iter().map(|at| {
                        let at = at + 2 * sample;
                        i16::from_le_bytes([record[at], record[at + 1]])
                    }));
                }
            }
            Samples::I16(all)
        }
        Width::Three => {
            let mut all: Vec<i32> = Vec::with_capacity(values);
            for record in records {
                for sample in 0..group.samples {
                    all.extend(group.at.iter().map(|at| {
                        let at = at + 3 * sample;
                        i32::from_le_bytes([0, record[at], record[at + 1], record[at + 2]]) >> 8
                    }));
                }
            }
            Samples::I32(all)
        }
    };
    let gaps = starts.map_or_else(Vec::new, |starts| gaps(starts, &group, &name, rate_hz, notes));
    Stream {
        name,
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: group.channels,
        samples,
        gaps,
        times_s: Vec::new(),
    }
}

/// A record that starts later than the samples before it end leaves a hole.
fn gaps(starts: &[f64], group: &Group, name: &str, rate_hz: f64, notes: &mut Vec<Note>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut span = 0u64;
    let mut lost = 0u64;
    let mut refused = 0;
    for start_s in starts {
        let exact = start_s * rate_hz;
        let index = exact.round();
        if index >= 0.0 && index > span as f64 {
            let missing = index - span as f64;
            if missing + lost as f64 <= crate::text::MOST_LOST_SAMPLES as f64 {
                gaps.push(Gap {
                    index: SampleIndex(span),
                    time_s: Seconds(span as f64 / rate_hz),
                    lost_samples: missing as u64,
                    certain: (exact - index).abs() < 0.1,
                });
                lost += missing as u64;
                span += missing as u64;
            } else {
                refused += 1;
            }
        } else if index < span as f64 - 0.5 {
            refused += 1;
        }
        span += group.samples as u64;
    }
    if refused > 0 {
        let text = format!(
            "stream '{name}': {refused} records state a start before the end of the record before, or too far after it; they are put right after it"
        );
        notes.push(Note::warning("edf_record_time", text));
    }
    gaps
}

/// The status channel of BioSemi files is for events, not a signal.
pub fn is_status(channel: &Channel, width: Width) -> bool {
    width == Width::Three && channel.label.eq_ignore_ascii_case("status")
}

/// The low 16 bits of the status channel are triggers: each change to another code than 0 is an event.
fn triggers(stream: &mut Stream, width: Width, events: &mut Vec<Event>) {
    let Some(at) = stream.channels.iter().position(|c| is_status(c, width)) else { return };
    let channel = &mut stream.channels[at];
    channel.role = Role {
        kind: Kind::Event,
        ..Role::unknown("label 'Status' of a BDF file: trigger codes in the low 16 bits")
    };
    channel.scale = Scale::IDENTITY;
    channel.unit = Unit::Count;
    let count = stream.channels.len();
    let Samples::I32(values) = &stream.samples else { return };
    let mut last = 0;
    for frame in 0..values.len() / count {
        let code = values[frame * count + at] & 0xffff;
        if code != last && code != 0 {
            events.push(Event {
                time_s: stream.time_of(stream.index_of_frame(frame).0),
                kind: EventKind::Mark,
                side: None,
                source: EventSource::File,
                label: format!("trigger {code}"),
            });
        }
        last = code;
    }
}
