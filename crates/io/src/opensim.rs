//! OpenSim storage files: `.sto` and `.mot`, versions 1 to 3 and the variants that programs write.
//!
//! Header lines up to `endheader`, a line of tab-separated labels beginning with `time`, rows. Version line, row and
//! column counts, `inDegrees` and `DataType` may be missing; blank lines and free text may stand between. The flexion
//! sign is left as it is: `surae-gait` proposes and logs a change.

use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use crate::roles::UNSEEN;
use crate::text;
use surae_trial::{Channel, Note, Role, Samples, Scale, Seconds, Stream, Trial, Unit};

/// The OpenSim format.
pub struct OpenSim;

/// Values a file may hold.
const MAX_VALUES: usize = 1 << 28;

impl Format for OpenSim {
    fn name(&self) -> &'static str {
        "opensim"
    }

    fn title(&self) -> &'static str {
        "OpenSim .mot/.sto"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        let head = text::decode(&bytes[..bytes.len().min(16 << 10)]);
        let ends = head.lines().any(|line| line.trim().eq_ignore_ascii_case("endheader"));
        if ends { Confidence::Sure } else { Confidence::No }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "OpenSim" };
        let content = text::decode(input.bytes()?);
        let mut lines = content.lines().enumerate();
        let header = Header::read(&mut lines, &blame)?;
        let (labels, labels_line) = labels(&mut lines, &blame)?;
        let mut notes = Vec::new();
        let table = Table::read(lines, labels.len(), labels_line, &blame, &mut notes)?;
        header.compare(&table, &labels, &mut notes);
        let mut trial = Trial { notes, ..Trial::default() };
        let stream = stream(&header, &labels, table, &mut trial.notes);
        trial.time_origin_s = 0.0;
        trial.streams.push(stream);
        crate::roles::assign(&mut trial);
        Ok(trial)
    }
}

type Lines<'a> = std::iter::Enumerate<std::str::Lines<'a>>;

/// What the header says, as far as it says it.
#[derive(Debug, Default)]
struct Header {
    title: String,
    rows: Option<usize>,
    columns: Option<usize>,
    in_degrees: Option<bool>,
}

impl Header {
    fn read(lines: &mut Lines<'_>, blame: &Blame<'_>) -> Result<Self, Error> {
        let mut header = Self::default();
        for (number, line) in lines.by_ref() {
            let line = line.trim();
            if line.eq_ignore_ascii_case("endheader") {
                return Ok(header);
            }
            match line.split_once('=') {
                Some((key, value)) => header.set(key.trim(), value.trim()),
                None if number == 0 => line.clone_into(&mut header.title),
                // Older files write `nRows 100` and `datarows 100`.
                None => {
                    if let Some((key, value)) = line.split_once(char::is_whitespace) {
                        header.set(key.trim(), value.trim());
                    }
                }
            }
        }
        Err(blame.malformed(Position::Whole, "no line 'endheader'", "export the file again from OpenSim"))
    }

    fn set(&mut self, key: &str, value: &str) {
        match key.to_lowercase().as_str() {
            "nrows" | "datarows" => self.rows = value.parse().ok(),
            "ncolumns" | "datacolumns" => self.columns = value.parse().ok(),
            "indegrees" => {
                self.in_degrees = match value.to_lowercase().as_str() {
                    "yes" | "true" | "1" => Some(true),
                    "no" | "false" | "0" => Some(false),
                    _ => None,
                }
            }
            _ => {}
        }
    }

    fn compare(&self, table: &Table, labels: &[String], notes: &mut Vec<Note>) {
        let mut note = |what: &str, stated: Option<usize>, found: usize| {
            if let Some(stated) = stated.filter(|stated| *stated != found) {
                let text =
                    format!("the header states {stated} {what}, the table has {found}; the table is used");
                notes.push(Note::warning("opensim_counts_differ", text));
            }
        };
        note("rows", self.rows, table.times.len());
        note("columns", self.columns, labels.len() + 1);
    }
}

/// The labels after `time`, and the line they stand on (from 1).
fn labels(lines: &mut Lines<'_>, blame: &Blame<'_>) -> Result<(Vec<String>, usize), Error> {
    let (number, line) = lines.by_ref().find(|(_, line)| !line.trim().is_empty()).ok_or_else(|| {
        blame.malformed(
            Position::Whole,
            "nothing follows 'endheader'",
            "export the file again with data in it",
        )
    })?;
    let separator = |c: char| c == '\t' || c == ',';
    let all: Vec<&str> = if line.contains(separator) {
        line.trim_end_matches(separator).split(separator).map(str::trim).collect()
    } else {
        line.split_whitespace().collect()
    };
    let at = Position::Line(number as u64 + 1);
    let first = all.first().copied().unwrap_or("");
    if !first.eq_ignore_ascii_case("time") || all.len() < 2 {
        let what = format!("the line after the header begins with '{first}', not with 'time' and labels");
        return Err(blame.malformed(at, what, "the label row must be: time<TAB>label<TAB>label ..."));
    }
    if all.len() > surae_trial::SessionLayout::MAX_CHANNELS {
        return Err(blame.limit(at, format!("{} columns", all.len()), "1024 columns"));
    }
    let label = |(k, label): (usize, &&str)| {
        if label.is_empty() { format!("column {}", k + 2) } else { (*label).to_owned() }
    };
    Ok((all[1..].iter().enumerate().map(label).collect(), number + 1))
}

/// The numbers of the file, row after row.
#[derive(Debug, Default)]
struct Table {
    times: Vec<f64>,
    values: Vec<f64>,
}

impl Table {
    fn read(
        lines: Lines<'_>,
        columns: usize,
        labels_line: usize,
        blame: &Blame<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Error> {
        let mut table = Self::default();
        let mut row: Vec<f64> = Vec::with_capacity(columns + 1);
        let mut skipped: Vec<u64> = Vec::new();
        let mut last_line = labels_line as u64;
        for (number, line) in lines {
            if line.trim().is_empty() {
                continue;
            }
            last_line = number as u64 + 1;
            row.clear();
            row.extend(
                line.split([' ', '\t', ',']).filter(|t| !t.is_empty()).map(|t| t.parse().unwrap_or(f64::NAN)),
            );
            // A row of another length or without a time cannot be placed; a token that is no number is a missing value.
            if row.len() != columns + 1 || !row[0].is_finite() {
                skipped.push(last_line);
                continue;
            }
            table.times.push(row[0]);
            table.values.extend_from_slice(&row[1..]);
            if table.values.len() > MAX_VALUES {
                return Err(blame.limit(Position::Line(last_line), "the number of values", "2^28 values"));
            }
        }
        if table.times.len() < 2 {
            let what = format!("{} usable rows of {} columns", table.times.len(), columns + 1);
            return Err(blame.malformed(
                Position::Line(last_line),
                what,
                "export the file again with data in it",
            ));
        }
        if !skipped.is_empty() {
            let torn = skipped.len() == 1 && skipped[0] == last_line;
            let lines: Vec<String> = skipped.iter().map(u64::to_string).collect();
            let why = if torn { "the file was cut there" } else { "they do not hold one number per column" };
            let text =
                format!("{} rows were left out (line {}): {why}", skipped.len(), text::list(&lines, 6));
            notes.push(Note::warning("rows_skipped", text));
        }
        Ok(table)
    }
}

fn stream(header: &Header, labels: &[String], table: Table, notes: &mut Vec<Note>) -> Stream {
    let timing = crate::text::Timing::of(&table.times);
    notes.extend(timing.note.clone());
    let mut angles = Vec::new();
    let channels: Vec<Channel> = labels
        .iter()
        .map(|label| {
            let channel = channel(header, label);
            if channel.unit == Unit::Degree {
                angles.push(label.clone());
            }
            channel
        })
        .collect();
    if header.in_degrees.is_none() && !angles.is_empty() {
        notes.push(Note::warning(
            "opensim_degrees_assumed",
            format!("the header has no inDegrees; angles ({}) are taken as degrees", text::list(&angles, 4)),
        ));
    }
    if !header.title.is_empty() {
        notes.push(Note::info("opensim_title", format!("the file calls itself '{}'", header.title)));
    }
    Stream {
        name: name(header, &channels).to_owned(),
        rate_hz: timing.rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(timing.start_s),
        channels,
        samples: Samples::F64(table.values),
        gaps: Vec::new(),
        times_s: if timing.regular { Vec::new() } else { table.times },
    }
}

fn name(header: &Header, channels: &[Channel]) -> &'static str {
    let title = header.title.to_lowercase();
    let angles = channels.iter().filter(|c| c.unit == Unit::Degree).count();
    if angles > 0 {
        "coordinates"
    } else if title.contains("emg") || title.contains("electromyo") {
        "emg"
    } else {
        "analog"
    }
}

/// One column: coordinates that end in `_tx`, `_ty`, `_tz` are translations in m, other joint words are rotations.
fn channel(header: &Header, label: &str) -> Channel {
    // OpenSim 4 states carry paths: `/jointset/walker_knee_r/knee_angle_r/value`.
    let short = label.strip_suffix("/value").unwrap_or(label);
    let short = short.rsplit('/').next().unwrap_or(short);
    let model = label.ends_with("/speed")
        || label.ends_with("/activation")
        || label.ends_with("/fiber_length")
        || label.ends_with("/normalized_tendon_force");
    if model {
        let role = Role::unknown(format!("'{label}' is a state of a model, not measured"));
        return Channel::new(label, role, Unit::Arbitrary);
    }
    let unseen = || Role::unknown(UNSEEN);
    let lower = short.to_lowercase();
    if lower.starts_with("ground_force") || lower.starts_with("ground_torque") || lower.contains("_force_v") {
        return Channel::new(short, unseen(), ground_unit(&lower));
    }
    if ["_tx", "_ty", "_tz"].iter().any(|end| lower.ends_with(end)) {
        let role = Role::unknown(format!("'{short}' is a translation"));
        return Channel::new(short, role, Unit::Metre);
    }
    if is_rotation(&lower) {
        let mut channel = Channel::new(short, unseen(), Unit::Degree);
        if header.in_degrees == Some(false) {
            channel.scale = Scale { gain: 180.0 / std::f64::consts::PI, offset: 0.0 };
        }
        return channel;
    }
    if header.title.eq_ignore_ascii_case("coordinates") {
        // `arm_add_r` reads like adductors; a file of coordinates holds no EMG.
        let role = Role::unknown(format!("'{short}' stands in a file of model coordinates"));
        return Channel::new(short, role, Unit::Arbitrary);
    }
    Channel::new(short, unseen(), Unit::Arbitrary)
}

fn ground_unit(lower: &str) -> Unit {
    if lower.contains("torque") || lower.contains("moment") {
        Unit::NewtonMetre
    } else if lower.contains("_v") {
        Unit::Newton
    } else {
        Unit::Metre
    }
}

/// Names of rotational coordinates in OpenSim's models.
fn is_rotation(lower: &str) -> bool {
    const WORDS: [&str; 16] = [
        "angle",
        "flexion",
        "adduction",
        "abduction",
        "rotation",
        "tilt",
        "list",
        "obliquity",
        "extension",
        "bending",
        "subtalar",
        "mtp",
        "pro_sup",
        "flex",
        "dev",
        "inversion",
    ];
    let other = ["moment", "force", "torque", "_emg", "activation", "speed", "velocity", "_u"];
    WORDS.iter().any(|word| lower.contains(word)) && !other.iter().any(|word| lower.contains(word))
}

pub(crate) mod write;

#[cfg(test)]
mod tests;
