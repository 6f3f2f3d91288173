//! Signals that each have their own rate, put together to streams.

use crate::roles::UNSEEN;
use surae_trial::{Channel, Note, Role, Samples, Seconds, Stream, Unit};

/// One column of a table, with what the file says about it.
#[derive(Clone, Debug)]
pub struct Signal {
    pub label: String,
    pub description: String,
    pub unit: Unit,
    pub rate_hz: f64,
    pub start_s: f64,
    pub values: Vec<f64>,
}

/// One stream per rate and start, in the order in which they are met. Signals of a stream that end early are missing
/// (`NaN`) at its end, with a note.
pub fn streams(signals: Vec<Signal>, notes: &mut Vec<Note>) -> Vec<Stream> {
    let mut groups: Vec<Vec<Signal>> = Vec::new();
    for signal in signals {
        let same = |group: &&mut Vec<Signal>| {
            let first = &group[0];
            (first.rate_hz - signal.rate_hz).abs() <= 1e-6 * first.rate_hz
                && (first.start_s - signal.start_s).abs() <= 0.5 / first.rate_hz
                && group.len() < surae_trial::SessionLayout::MAX_CHANNELS
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(signal),
            None => groups.push(vec![signal]),
        }
    }
    let most = surae_trial::SessionLayout::MAX_STREAMS;
    if groups.len() > most {
        let text = format!("{} rates in one file: those beyond {most} are left out", groups.len());
        notes.push(Note::warning("streams_left_out", text));
        groups.truncate(most);
    }
    let mut names: Vec<String> = Vec::new();
    groups.into_iter().map(|group| stream(group, &mut names, notes)).collect()
}

fn stream(group: Vec<Signal>, names: &mut Vec<String>, notes: &mut Vec<Note>) -> Stream {
    let frames = group.iter().map(|signal| signal.values.len()).max().unwrap_or(0);
    let short: Vec<String> =
        group.iter().filter(|s| s.values.len() < frames).map(|s| s.label.clone()).collect();
    if !short.is_empty() {
        let list = crate::text::list(&short, 4);
        let text = format!("{list} end before the other signals of their rate; the rest is missing");
        notes.push(Note::info("signals_end_early", text));
    }
    let mut values = Vec::with_capacity(frames * group.len());
    for frame in 0..frames {
        values.extend(group.iter().map(|s| s.values.get(frame).copied().unwrap_or(f64::NAN)));
    }
    let (rate_hz, start_s) = (group[0].rate_hz, group[0].start_s);
    let name = name(&group, names);
    let channel = |signal: Signal| {
        let mut channel = Channel::new(signal.label, Role::unknown(UNSEEN), signal.unit);
        channel.description = signal.description;
        channel
    };
    Stream {
        name,
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(start_s),
        channels: group.into_iter().map(channel).collect(),
        samples: Samples::F64(values),
        gaps: Vec::new(),
        times_s: Vec::new(),
    }
}

/// `emg`, `imu` or `signals`; a second one of a name gets a number.
fn name(group: &[Signal], names: &mut Vec<String>) -> String {
    let any = |word: &str| group.iter().any(|signal| signal.label.to_lowercase().contains(word));
    let base = if any("emg") {
        "emg"
    } else if any("acc") || any("gyr") {
        "imu"
    } else {
        "signals"
    };
    let taken = |name: &String| names.contains(name);
    let name = std::iter::once(base.to_owned())
        .chain((2..).map(|k| format!("{base} {k}")))
        .find(|name| !taken(name))
        .unwrap_or_default();
    names.push(name.clone());
    name
}
