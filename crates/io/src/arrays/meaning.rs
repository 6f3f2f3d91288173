//! Which array is a signal, which the rate, which the labels: stated beside the file, else by the names of variables.

use super::beside::{self, Axis, Beside, BesideStream};
use super::{Array, Found, gathered};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::roles::{UNSEEN, parse_unit};
use crate::text::{Timing, list};
use surae_trial::{Channel, Note, Role, Seconds, SessionLayout, Stream, Trial, Unit};

const RATES: &[&str] = &[
    "fs",
    "sr",
    "rate",
    "ratehz",
    "hz",
    "srate",
    "fsamp",
    "freq",
    "frequency",
    "samplerate",
    "samplingrate",
    "samplefrequency",
    "samplingfrequency",
    "samplefreq",
    "samplingfreq",
    "samplehz",
    "fshz",
    "emgfs",
    "fsemg",
    "emgrate",
    "rateemg",
    "emgfreq",
    "fsampling",
    "sf",
    "sfreq",
    "abtastrate",
];
const TIMES: &[&str] = &[
    "t",
    "time",
    "times",
    "timestamp",
    "timestamps",
    "ts",
    "timevector",
    "timeseconds",
    "tvec",
    "zeit",
    "temps",
    "tiempo",
    "tempo",
];
const LABELS: &[&str] = &[
    "label",
    "labels",
    "name",
    "names",
    "channel",
    "channels",
    "channelnames",
    "channellabels",
    "chnames",
    "chlabels",
    "muscle",
    "muscles",
    "musclenames",
    "emglabels",
    "emgnames",
    "columns",
    "header",
    "headers",
    "varnames",
];
const UNITS: &[&str] = &["unit", "units", "emgunit", "emgunits"];

/// Base name of a path without its last ending.
pub(crate) fn name_of(path: &str) -> String {
    std::path::Path::new(path).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The last part of a variable's path, plain: `emg.Fs_Hz` is `fshz`.
fn plain(name: &str) -> String {
    let last = name.rsplit(['.', '/']).next().unwrap_or(name);
    last.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn parent(name: &str) -> &str {
    name.rsplit_once(['.', '/']).map_or("", |(parent, _)| parent)
}

impl Array {
    /// Lengths of the axes that are longer than one.
    fn long_axes(&self) -> Vec<usize> {
        self.shape.iter().copied().filter(|n| *n != 1).collect()
    }

    fn is_number(&self) -> bool {
        self.values.len() == 1
    }

    fn is_vector(&self) -> bool {
        self.long_axes().len() == 1 && self.values.len() > 1
    }

    /// A table of two axes, also an n x 1 one.
    fn is_table(&self) -> bool {
        self.shape.len() <= 2 && self.values.len() > 1
    }

    fn numbers(&self) -> Vec<f64> {
        (0..self.values.len()).map(|k| self.values.get(k)).collect()
    }

    /// Rows and columns; a vector is one column.
    fn table(&self) -> (usize, usize) {
        match self.shape[..] {
            [rows, columns] => (rows, columns),
            _ => (self.values.len(), 1),
        }
    }

    /// Values with frames interleaved, and the number of channels.
    fn frames_first(&self, axis: Option<Axis>) -> (surae_trial::Samples, usize) {
        let (rows, columns) = self.table();
        let by_rows = axis.map_or(rows >= columns, |axis| axis == Axis::Rows);
        let (frames, channels) = if by_rows { (rows, columns) } else { (columns, rows) };
        let at = move |frame: usize, channel: usize| {
            let (row, column) = if by_rows { (frame, channel) } else { (channel, frame) };
            if self.column_major { column * rows + row } else { row * columns + column }
        };
        let order = (0..frames).flat_map(move |f| (0..channels).map(move |c| (f, c))).map(|(f, c)| at(f, c));
        (gathered(&self.values, order), channels)
    }
}

/// A stream before its numbers are put in order.
struct Plan<'a> {
    arrays: Vec<&'a Array>,
    name: String,
    rate_hz: f64,
    start_s: f64,
    labels: Vec<String>,
    unit: Unit,
    axis: Option<Axis>,
    times_s: Vec<f64>,
}

/// The trial in a file of arrays.
///
/// # Errors
/// No table of numbers, or no rate: nothing is assumed.
pub(crate) fn trial(found: Found, input: &Input<'_>, blame: &Blame<'_>) -> Result<Trial, Error> {
    let mut notes = Vec::new();
    if !found.skipped.is_empty() {
        let text = format!("not read: {}", list(&found.skipped, 8));
        notes.push(Note::warning("arrays_skipped", text));
    }
    let beside = beside::read(input)?;
    let plans = match &beside {
        Some(beside) if !beside.streams.is_empty() => {
            notes.push(Note::info(
                "arrays_described",
                format!("described by '{}' beside it", beside::name(input)),
            ));
            stated(&found, beside, blame)?
        }
        _ => guessed(&found, beside.and_then(|b| b.rate_hz), input, blame, &mut notes)?,
    };
    let streams: Result<Vec<Stream>, Error> = plans.into_iter().map(|plan| stream(plan, blame)).collect();
    let mut streams = streams?;
    for k in 1..streams.len() {
        if streams[..k].iter().any(|s| s.name == streams[k].name) {
            streams[k].name = format!("{}_{}", streams[k].name, k + 1);
        }
    }
    let mut trial = Trial { streams, notes, ..Trial::default() };
    crate::roles::assign(&mut trial);
    Ok(trial)
}

fn stated<'a>(found: &'a Found, beside: &Beside, blame: &Blame<'_>) -> Result<Vec<Plan<'a>>, Error> {
    let named = |name: &str| {
        found.arrays.iter().find(|a| a.name == name).ok_or_else(|| {
            let there: Vec<&str> = found.arrays.iter().map(|a| a.name.as_str()).collect();
            let todo = format!("the file has: {}", list(&there, 12));
            blame.malformed(
                Position::Whole,
                format!("the description names '{name}', which is no array"),
                todo,
            )
        })
    };
    let one = |stream: &BesideStream| {
        let array = named(&stream.data)?;
        if !array.is_table() {
            let what = format!("'{}' with axes {:?}", array.name, array.shape);
            return Err(blame.unsupported(Position::Whole, what, "name a table of at most two axes"));
        }
        let mut plan = Plan {
            arrays: vec![array],
            name: stream.name.clone().unwrap_or_else(|| stream.data.clone()),
            rate_hz: 0.0,
            start_s: stream.start_s,
            labels: stream.labels.clone(),
            unit: stream.unit.as_deref().map_or(Unit::Arbitrary, parse_unit),
            axis: stream.frames,
            times_s: Vec::new(),
        };
        if let Some(from) = &stream.labels_from {
            plan.labels =
                found.texts.iter().find(|t| t.name == *from).map(|t| t.items.clone()).unwrap_or_default();
        }
        if let Some(time) = &stream.time {
            plan.time(named(time)?);
        } else if let Some(rate) = &stream.rate {
            plan.rate_hz = named(rate)?.numbers().first().copied().unwrap_or(f64::NAN);
        } else {
            plan.rate_hz = stream.rate_hz.or(beside.rate_hz).unwrap_or(f64::NAN);
        }
        if plan.rate_hz > 0.0 && plan.rate_hz <= 1e6 {
            return Ok(plan);
        }
        let what = format!("the description states no rate for '{}'", stream.data);
        Err(blame.malformed(Position::Whole, what, "state rate_hz, rate or time"))
    };
    beside.streams.iter().map(one).collect()
}

impl Plan<'_> {
    fn time(&mut self, time: &Array) {
        let times = time.numbers();
        if times.len() < 2 || !times.iter().all(|t| t.is_finite()) {
            return;
        }
        let timing = Timing::of(&times);
        self.rate_hz = timing.rate_hz;
        self.start_s = timing.start_s;
        if !timing.regular {
            self.times_s = times;
        }
    }
}

/// By the names of variables. Tables stand for themselves; vectors of one length in one place are channels of one stream.
fn guessed<'a>(
    found: &'a Found,
    rate_hz: Option<f64>,
    input: &Input<'_>,
    blame: &Blame<'_>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Plan<'a>>, Error> {
    let is = |array: &Array, names: &[&str]| names.contains(&plain(&array.name).as_str());
    let (times, rest): (Vec<&Array>, Vec<&Array>) =
        found.arrays.iter().partition(|a| a.is_vector() && is(a, TIMES));
    let signals: Vec<&Array> =
        rest.iter().copied().filter(|a| a.is_table() && !is(a, RATES) && a.values.len() >= 4).collect();
    let deep: Vec<&str> =
        rest.iter().filter(|a| !a.is_table() && a.values.len() > 1).map(|a| a.name.as_str()).collect();
    if !deep.is_empty() {
        let text = format!("{}: arrays of more than two axes are not read", list(&deep, 6));
        notes.push(Note::warning("arrays_skipped", text));
    }
    if signals.is_empty() {
        let todo = "save the samples as a table of numbers, frames by channels";
        return Err(blame.malformed(Position::Whole, "no table of numbers was found", todo));
    }
    let mut plans: Vec<Plan<'a>> = Vec::new();
    let mut said = Vec::new();
    let mut rateless = Vec::new();
    for (arrays, name) in together(&signals) {
        let frames = {
            let (rows, columns) = arrays[0].table();
            rows.max(columns)
        };
        let home = parent(&arrays[0].name);
        let near = |name: &str| parent(name) == home;
        let labels = found
            .texts
            .iter()
            .filter(|t| LABELS.contains(&plain(&t.name).as_str()))
            .filter(|t| arrays.len() == 1 && t.items.len() == arrays[0].values.len() / frames.max(1))
            .max_by_key(|t| near(&t.name));
        let unit = found
            .texts
            .iter()
            .filter(|t| {
                UNITS.contains(&plain(&t.name).as_str()) && (near(&t.name) || parent(&t.name).is_empty())
            })
            .find_map(|t| t.items.first())
            .map_or(Unit::Arbitrary, |text| parse_unit(text));
        let mut plan = Plan {
            name,
            rate_hz: 0.0,
            start_s: 0.0,
            labels: labels.map(|t| t.items.clone()).unwrap_or_default(),
            unit,
            axis: None,
            times_s: Vec::new(),
            arrays,
        };
        let time = times.iter().filter(|t| t.values.len() == frames).max_by_key(|t| near(&t.name));
        let rates = found.arrays.iter().filter(|a| a.is_number() && is(a, RATES));
        let rate = rates
            .filter(|a| near(&a.name) || parent(&a.name).is_empty() || parent(home) == parent(&a.name))
            .max_by_key(|a| near(&a.name));
        let source = if let Some(rate_hz) = rate_hz {
            plan.rate_hz = rate_hz;
            "stated beside the file".to_owned()
        } else if let Some(rate) = rate {
            plan.rate_hz = rate.numbers()[0];
            format!("from '{}'", rate.name)
        } else if let Some(time) = time {
            plan.time(time);
            format!("from the times in '{}', taken as s", time.name)
        } else {
            String::new()
        };
        if plan.rate_hz > 0.0 && plan.rate_hz <= 1e6 {
            let labels = labels
                .map_or("its channels are numbered".to_owned(), |t| format!("labels from '{}'", t.name));
            let labels = if plan.arrays.len() > 1 { "each variable is a channel".to_owned() } else { labels };
            said.push(format!(
                "'{}': {frames} frames at {} Hz ({source}), {labels}",
                plan.name, plan.rate_hz
            ));
            plans.push(plan);
        } else {
            rateless.push(plan.name);
        }
    }
    let remedy = format!(
        "state rate_hz (and labels) in a file '{}' beside it, as docs/formats.md shows",
        beside::name(input)
    );
    if plans.is_empty() {
        let what = format!("the rate of {} (no variable such as fs, rate_hz or time)", list(&rateless, 6));
        return Err(blame.unsupported(Position::Whole, what, remedy));
    }
    if !rateless.is_empty() {
        let text = format!("{}: no rate is stated, not read; {remedy}", list(&rateless, 6));
        notes.push(Note::warning("arrays_skipped", text));
    }
    notes.push(Note::warning(
        "arrays_guessed",
        format!("taken by the names of variables: {}", said.join("; ")),
    ));
    Ok(plans)
}

/// Tables alone, vectors of one length in one structure together; with the name of each stream.
fn together<'a>(signals: &[&'a Array]) -> Vec<(Vec<&'a Array>, String)> {
    let mut groups: Vec<(Vec<&'a Array>, String)> = Vec::new();
    for array in signals {
        let same = |first: &Array| {
            first.is_vector()
                && first.values.len() == array.values.len()
                && parent(&first.name) == parent(&array.name)
        };
        match groups.iter_mut().find(|(arrays, _)| array.is_vector() && same(arrays[0])) {
            Some((arrays, name)) => {
                arrays.push(array);
                let parent = parent(&array.name);
                *name = if parent.is_empty() { "signals".to_owned() } else { parent.to_owned() };
            }
            None => groups.push((vec![array], array.name.clone())),
        }
    }
    groups
}

fn stream(plan: Plan<'_>, blame: &Blame<'_>) -> Result<Stream, Error> {
    let (samples, channels) = if let [array] = plan.arrays[..] {
        array.frames_first(plan.axis)
    } else {
        let columns: Vec<Vec<f64>> = plan.arrays.iter().map(|a| a.numbers()).collect();
        let frames = columns[0].len();
        let values = (0..frames).flat_map(|f| columns.iter().map(move |c| c[f])).collect();
        (surae_trial::Samples::F64(values), columns.len())
    };
    if channels > SessionLayout::MAX_CHANNELS {
        let what = format!("'{}' with {channels} channels", plan.name);
        return Err(blame.limit(Position::Whole, what, "1024 channels"));
    }
    let label = |k: usize| {
        let stated = plan.labels.get(k).cloned().filter(|l| !l.is_empty());
        let own =
            (plan.arrays.len() > 1).then(|| plan.arrays[k].name.rsplit(['.', '/']).next().map(str::to_owned));
        stated
            .or_else(|| own.flatten())
            .or_else(|| (channels == 1).then(|| plan.name.clone()))
            .unwrap_or_else(|| format!("{} {}", plan.name, k + 1))
    };
    let channels: Vec<Channel> =
        (0..channels).map(|k| Channel::new(label(k), Role::unknown(UNSEEN), plan.unit.clone())).collect();
    let frames = samples.len() / channels.len().max(1);
    Ok(Stream {
        name: plan.name,
        rate_hz: plan.rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(plan.start_s),
        channels,
        samples,
        gaps: Vec::new(),
        times_s: if plan.times_s.len() == frames { plan.times_s } else { Vec::new() },
    })
}
