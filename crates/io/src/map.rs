//! Maps: what the user states about a trial's channels, beyond what labels say.
//!
//! ```toml
//! schema = "surae.map/1"
//! side = "right"                  # for EMG and angle channels whose label states none
//! unit = "uV"                     # for EMG channels whose unit is unknown
//! task = "walk"
//! rate_hz = 2000.0                # for a table that has neither times nor a rate
//! events = "cycles.csv"           # columns of times, beside this map: touchdown_s, liftoff_s, ...
//!
//! [[channel]]
//! label = "GM"
//! kind = "raw_emg"
//! muscle = "MG"
//! side = "right"
//! unit = "uV"
//! name = "RMG"                    # another label to give it (`R shank gyro x`, `R_knee_angle`)
//! scale = 1.0                     # unit per stored value
//! offset = 0.0                    # stored value of zero
//!
//! [[event]]
//! time_s = 1.414
//! kind = "foot_contact"
//! side = "right"
//! ```

use crate::error::{Blame, Error, Position};
use crate::roles::parse_unit;
use crate::toml_file;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::Path;
use surae_trial::label::{Labelled, roles_of};
use surae_trial::{
    Channel, Event, EventKind, EventSource, Joint, Kind, Muscle, Note, Scale, Seconds, SessionLayout, Side,
    Task, Trial, Unit,
};

const FORMAT: &str = "map";
const SCHEMA: &str = "surae.map/1";

/// What a map states. Everything is optional; what it does not state stays as it was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// `"surae.map/1"`.
    pub schema: String,
    /// Side of EMG, angle and switch channels without one, and of events without one.
    #[serde(default)]
    pub side: Option<Side>,
    /// Unit of EMG channels without a known one.
    #[serde(default)]
    pub unit: Option<String>,
    /// What the person did.
    #[serde(default)]
    pub task: Option<Task>,
    /// Rate of a table that has neither times nor a rate: see [`crate::read_trial_at`].
    #[serde(default)]
    pub rate_hz: Option<f64>,
    /// A CSV of event times beside the map, one column per kind of event.
    #[serde(default)]
    pub events: Option<String>,
    /// Channels by label.
    #[serde(default, rename = "channel")]
    pub channels: Vec<MapChannel>,
    /// Events to add.
    #[serde(default, rename = "event")]
    pub event: Vec<MapEvent>,
}

/// What a map states about one channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapChannel {
    /// Label as in the trial; every channel of this label is meant.
    pub label: String,
    /// Only in this stream.
    #[serde(default)]
    pub stream: Option<String>,
    /// Label to give it; what nothing else tells (kind, muscle, side, joint) is read from this label.
    #[serde(default)]
    pub name: Option<String>,
    /// Kind.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Muscle.
    #[serde(default)]
    pub muscle: Option<Muscle>,
    /// Leg.
    #[serde(default)]
    pub side: Option<Side>,
    /// Joint of an angle.
    #[serde(default)]
    pub joint: Option<Joint>,
    /// Unit of the physical values.
    #[serde(default)]
    pub unit: Option<String>,
    /// Unit per stored value.
    #[serde(default)]
    pub scale: Option<f64>,
    /// Stored value of physical zero.
    #[serde(default)]
    pub offset: Option<f64>,
}

/// An event that a map states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapEvent {
    /// Trial time.
    pub time_s: f64,
    /// What.
    pub kind: EventKind,
    /// Leg.
    #[serde(default)]
    pub side: Option<Side>,
    /// Name, or empty.
    #[serde(default)]
    pub label: String,
}

/// Reads a map and the file of events that it names.
///
/// # Errors
/// The map or its events file cannot be read or understood; the message names the line.
pub fn read(path: &Path) -> Result<Map, Error> {
    let name = path.display().to_string();
    let mut map = check(toml_file::read(path, FORMAT)?, &name)?;
    if let Some(events) = &map.events {
        let path = path.parent().unwrap_or(Path::new("")).join(events);
        let input = crate::Input::file(&path)?;
        let events = crate::csv_trial::read_events(&input.name, input.bytes()?)?;
        map.event.extend(events.into_iter().map(|(time_s, kind, label)| MapEvent {
            time_s,
            kind,
            side: None,
            label,
        }));
    }
    Ok(map)
}

/// As [`read`], from text; a file of events is refused, there is no folder to look in.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str) -> Result<Map, Error> {
    let blame = Blame { path: "map", format: FORMAT };
    let map = check(toml_file::parse(text, 0, &blame)?, "map")?;
    match &map.events {
        Some(file) => Err(blame.unsupported(
            Position::Whole,
            format!("events = '{file}' without a folder"),
            "write [[event]] entries",
        )),
        None => Ok(map),
    }
}

fn check(map: Map, path: &str) -> Result<Map, Error> {
    let blame = Blame { path, format: FORMAT };
    if map.schema != SCHEMA {
        let what = format!("schema '{}'", map.schema);
        return Err(blame.unsupported(Position::Whole, what, format!("a map has schema = \"{SCHEMA}\"")));
    }
    for channel in &map.channels {
        let numbers = [channel.scale.unwrap_or(1.0), channel.offset.unwrap_or(0.0)];
        if numbers.iter().any(|v| !v.is_finite()) || channel.scale == Some(0.0) {
            let what = format!("scale or offset of '{}'", channel.label);
            return Err(blame.malformed(Position::Whole, what, "a scale is a finite number other than 0"));
        }
    }
    if let Some(event) = map.event.iter().find(|event| !event.time_s.is_finite()) {
        return Err(blame.malformed(
            Position::Whole,
            format!("event at {} s", event.time_s),
            "give a finite time",
        ));
    }
    Ok(map)
}

impl Map {
    /// Applies the map: channels, events, task. A label that no channel has becomes a note.
    pub fn apply(&self, trial: &mut Trial) {
        let mut met = vec![false; self.channels.len()];
        for stream in &mut trial.streams {
            for channel in &mut stream.channels {
                self.channel(&stream.name, channel, &mut met);
            }
        }
        let mut notes = self.unmet(&met);
        if self.side.is_some() || self.channels.iter().any(|channel| channel.side.is_some()) {
            let open = |c: &Channel| c.role.kind.is_emg() && c.role.muscle.is_some() && c.role.side.is_none();
            if !trial.streams.iter().flat_map(|s| &s.channels).any(open) {
                trial.notes.retain(|note| note.code != "side_not_stated");
            }
        }
        if let Some(side) = self.side {
            trial
                .events
                .iter_mut()
                .filter(|event| event.side.is_none())
                .for_each(|event| event.side = Some(side));
        }
        trial.events.extend(self.event.iter().map(|event| Event {
            time_s: Seconds(event.time_s),
            kind: event.kind,
            side: event.side.or(self.side),
            source: EventSource::File,
            label: event.label.clone(),
        }));
        trial.events.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
        trial.task = self.task.or(trial.task);
        trial.notes.append(&mut notes);
        trial.notes.push(Note::info("mapped", self.summary()));
    }

    /// Applies the map's channels to the layout of a live session.
    pub fn apply_layout(&self, layout: &mut SessionLayout) -> Vec<Note> {
        let mut met = vec![false; self.channels.len()];
        for stream in &mut layout.streams {
            for channel in &mut stream.channels {
                self.channel(&stream.name, channel, &mut met);
            }
        }
        *layout = SessionLayout::new(std::mem::take(&mut layout.streams));
        self.unmet(&met)
    }

    fn channel(&self, stream: &str, channel: &mut Channel, met: &mut [bool]) {
        let wanted = |entry: &MapChannel| {
            // A recording made with this map has its names already.
            (entry.label == channel.label || entry.name.as_ref() == Some(&channel.label))
                && entry.stream.as_deref().is_none_or(|name| name == stream)
        };
        let found: Vec<usize> = (0..self.channels.len()).filter(|k| wanted(&self.channels[*k])).collect();
        for k in found {
            met[k] = true;
            state(&self.channels[k], channel);
        }
        let sided = channel.role.kind.is_emg() || matches!(channel.role.kind, Kind::Angle | Kind::Switch);
        if sided
            && channel.role.side.is_none()
            && let Some(side) = self.side
        {
            channel.role.side = Some(side);
            let _ = write!(channel.role.reason, "; side stated by the map");
        }
        if channel.role.kind.is_emg()
            && channel.unit == Unit::Arbitrary
            && let Some(unit) = &self.unit
        {
            channel.unit = parse_unit(unit);
        }
    }

    fn unmet(&self, met: &[bool]) -> Vec<Note> {
        let labels: Vec<&str> =
            self.channels.iter().zip(met).filter(|(_, met)| !**met).map(|(c, _)| c.label.as_str()).collect();
        if labels.is_empty() {
            return Vec::new();
        }
        let text = format!("the map names channels that are not here: {}", crate::text::list(&labels, 8));
        vec![Note::warning("map_unmatched", text)]
    }

    fn summary(&self) -> String {
        let side = self.side.map_or(String::new(), |side| format!(", side {side}"));
        format!("a map stated {} channels and {} events{side}", self.channels.len(), self.event.len())
    }
}

fn state(entry: &MapChannel, channel: &mut Channel) {
    if let Some(name) = &entry.name {
        channel.label.clone_from(name);
        let labelled = Labelled { label: name, description: &channel.description, unit: &channel.unit };
        let (named, role) = (roles_of(&[labelled]).remove(0), &mut channel.role);
        if role.kind == Kind::Unknown {
            *role = named;
        } else if role.kind == named.kind || (role.kind.is_emg() && named.kind.is_emg()) {
            let before = (role.muscle, role.side, role.joint);
            role.muscle = role.muscle.or(named.muscle);
            role.side = role.side.or(named.side);
            role.joint = role.joint.or(named.joint);
            if before != (role.muscle, role.side, role.joint) {
                let _ = write!(role.reason, "; {}", named.reason);
            }
        }
    }
    let role = &mut channel.role;
    if entry.muscle.is_some() && entry.kind.is_none() && !role.kind.is_emg() {
        role.kind = Kind::RawEmg;
    }
    role.kind = entry.kind.unwrap_or(role.kind);
    role.muscle = entry.muscle.or(role.muscle);
    role.side = entry.side.or(role.side);
    role.joint = entry.joint.or(role.joint);
    if entry.kind.is_some() || entry.muscle.is_some() || entry.side.is_some() || entry.joint.is_some() {
        role.reason = format!("stated by the map for '{}' (before: {})", entry.label, role.reason);
    }
    if let Some(unit) = &entry.unit {
        channel.unit = parse_unit(unit);
    }
    if entry.scale.is_some() || entry.offset.is_some() {
        channel.scale = Scale {
            gain: entry.scale.unwrap_or(channel.scale.gain),
            offset: entry.offset.unwrap_or(channel.scale.offset),
        };
    }
}

/// A map of what a trial's channels were taken for, with the reasons as comments, to edit and use with `--map`.
#[must_use]
pub fn write_map(trial: &Trial) -> String {
    let mut text =
        format!("# What the channels of {} were taken for; edit and use with --map.\n", comment(&trial.path));
    let _ = writeln!(text, "schema = \"{SCHEMA}\"");
    text.push_str("# side = \"right\"        # for channels whose label states none\n");
    text.push_str("# unit = \"uV\"           # for EMG whose unit is unknown\n");
    text.push_str("# rate_hz = 2000.0     # for a table that has neither times nor a rate\n");
    text.push_str("# events = \"events.csv\" # columns of times: touchdown_s, liftoff_s\n");
    for stream in &trial.streams {
        for channel in &stream.channels {
            let role = &channel.role;
            let _ = writeln!(text, "\n[[channel]] # {}", comment(&role.reason));
            let _ = writeln!(text, "label = {}", quote(&channel.label));
            let _ = writeln!(text, "stream = {}", quote(&stream.name));
            let _ = writeln!(text, "kind = \"{}\"", role.kind.name());
            match role.muscle {
                Some(muscle) => {
                    let name = if muscle == Muscle::Other { "Other" } else { muscle.short() };
                    let _ = writeln!(text, "muscle = \"{name}\"");
                }
                None if role.kind.is_emg() => text.push_str("# muscle = \"MG\"\n"),
                None => {}
            }
            match role.side {
                Some(side) => {
                    let _ = writeln!(text, "side = \"{side}\"");
                }
                None if role.kind.is_emg() => text.push_str("# side = \"right\"\n"),
                None => {}
            }
            if let Some(joint) = role.joint {
                let name = match joint {
                    Joint::Knee => "knee",
                    Joint::Ankle => "ankle",
                    Joint::Hip => "hip",
                };
                let _ = writeln!(text, "joint = \"{name}\"");
            }
            let _ = writeln!(text, "unit = {}", quote(channel.unit.symbol()));
        }
    }
    text
}

/// Text for a comment: TOML allows no control characters there.
fn comment(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A TOML string.
fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &[u8] = b"time,GM,SO,x\n0.0,1,2,3\n0.001,-1,2,3\n0.002,1,2,3\n";

    #[test]
    fn a_map_states_what_labels_do_not() {
        let mut trial = crate::read_bytes("a.csv", CSV).expect("readable");
        let map = parse(
            "schema = \"surae.map/1\"\nside = \"left\"\nunit = \"uV\"\ntask = \"run\"\n[[channel]]\nlabel = \"x\"\nkind = \"angle\"\n\
             joint = \"knee\"\nunit = \"deg\"\nscale = 2.0\n[[channel]]\nlabel = \"nobody\"\n[[event]]\ntime_s = 0.001\nkind = \"foot_contact\"\n",
        )
        .expect("a valid map");
        map.apply(&mut trial);
        let stream = &trial.streams[0];
        assert!(stream.emg(Muscle::SOL, Side::Left).is_some());
        assert_eq!(stream.channels[1].unit, Unit::Microvolt);
        assert!(stream.channels[2].is_angle_of(Joint::Knee, Side::Left));
        assert_eq!(stream.column(2)[0], 6.0);
        assert_eq!((trial.events[0].kind, trial.events[0].side), (EventKind::FootContact, Some(Side::Left)));
        assert_eq!(trial.task, Some(Task::Run));
        assert!(trial.notes.iter().any(|note| note.code == "map_unmatched" && note.text.contains("nobody")));
        assert!(!trial.notes.iter().any(|note| note.code == "side_not_stated"));
    }

    #[test]
    fn a_channel_takes_the_name_that_the_map_gives_it() {
        let mut trial = crate::read_bytes("a.csv", CSV).expect("readable");
        // An input of a board: EMG of a muscle that nobody knows.
        trial.streams[0].channels[0].role = surae_trial::Role {
            kind: Kind::RawEmg,
            ..surae_trial::Role::unknown("an input of an EMG board")
        };
        let map = parse(
            "schema = \"surae.map/1\"\n[[channel]]\nlabel = \"GM\"\nname = \"R SOL\"\n\
             [[channel]]\nlabel = \"x\"\nname = \"R_knee_angle\"\nunit = \"deg\"\n",
        )
        .expect("a valid map");
        for _ in 0..2 {
            map.apply(&mut trial);
            let channels = &trial.streams[0].channels;
            assert!(channels[2].label == "R_knee_angle" && channels[2].is_angle_of(Joint::Knee, Side::Right));
            let soleus = &channels[0].role;
            assert_eq!((soleus.muscle, soleus.side), (Some(Muscle::SOL), Some(Side::Right)), "{soleus:?}");
        }
        assert!(!trial.notes.iter().any(|note| note.code == "map_unmatched"));
    }

    #[test]
    fn a_written_map_reads_back_and_changes_nothing() {
        let mut trial = crate::read_bytes("a \"quoted\"\n\u{1}.csv", CSV).expect("readable");
        trial.streams[0].channels[1].role.reason.push('\u{7f}');
        let map = parse(&write_map(&trial)).expect("a valid map");
        let mut mapped = trial.clone();
        map.apply(&mut mapped);
        for (before, after) in trial.streams[0].channels.iter().zip(&mapped.streams[0].channels) {
            let key = |c: &Channel| (c.role.kind, c.role.muscle, c.role.side, c.role.joint, c.unit.clone());
            assert_eq!(key(before), key(after));
        }
    }

    #[test]
    fn bad_maps_are_refused_with_their_line() {
        let error = parse("schema = \"surae.map/1\"\nsied = \"left\"\n").expect_err("a typo");
        assert!(error.to_string().contains("line 2"), "{error}");
        assert!(parse("schema = \"x\"\n").is_err());
        assert!(parse("schema = \"surae.map/1\"\n[[channel]]\nlabel = \"a\"\nscale = 0.0\n").is_err());
    }
}
