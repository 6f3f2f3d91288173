//! The words of the dashboard in one file, so that another language needs one file; panels only join them with numbers.
//!
//! The words are a contract: dominance is relative activity, never force, and nothing is "normal". Numbers stand
//! with their unit; missing is `—`. Not for layout or colour.

pub mod calibration;
pub mod coach;
pub mod keys;
pub mod menu;
mod number;
pub mod quality;
pub mod review;
pub mod start;

pub use number::*;

use crate::model::{Class, Grade, SourceState};
use crate::state::Tab;
use surae_trial::{Severity, Side, Task};

/// Shown for a missing value, always with a reason nearby.
pub const MISSING: &str = "—";
/// Under every class.
pub const RELATIVE: &str = "relative to its own maximum · says nothing about force";
/// Name of the program.
pub const PROGRAM: &str = "Surae";

/// Titles of panels.
pub mod title {
    /// Traces.
    pub const SIGNALS: &str = "Signals";
    /// Gauge.
    pub const DOMINANCE: &str = "Dominance now";
    /// Map.
    pub const MAP: &str = "Knee angle and dominance";
    /// Spectrum.
    pub const SPECTRUM: &str = "Spectrum";
    /// Gait cycle.
    pub const PHASE: &str = "Phase view";
    /// Source and session.
    pub const SESSION: &str = "Source and session";
    /// Keys overlay.
    pub const KEYS: &str = "Keys";
}

/// Short labels on panels.
pub mod label {
    /// Left end of the gauge.
    pub const SOLEUS_END: &str = "◀ soleus";
    /// Middle of the gauge.
    pub const BALANCED: &str = "balanced";
    /// Right end of the gauge.
    pub const GASTROCNEMIUS_END: &str = "gastrocnemius ▶";
    /// Over the activation of gastrocnemius.
    pub const GASTROCNEMIUS: &str = "gastrocnemius";
    /// Over the activation of soleus.
    pub const SOLEUS: &str = "soleus";
    /// Over D and its interval.
    pub const D_INTERVAL: &str = "D, 90 % interval";
    /// Over the knee angle.
    pub const KNEE_NOW: &str = "knee";
    /// No profile is loaded.
    pub const NO_PROFILE: &str = "▲ No profile: load one with --profile; timing and quality stay available.";
    /// The profile is illustrative.
    pub const DEMO_PROFILE: &str = "▲ Demo profile: reference values are illustrative, not measured.";
    /// Only one head was recorded.
    pub const SINGLE_HEAD: &str = "single head of gastrocnemius";
    /// What the map holds.
    pub const MAP_CAPTION: &str = "active time of this session";
    /// The same, where there is little room.
    pub const MAP_CAPTION_SHORT: &str = "this session";
    /// What a ring is.
    pub const BIN_LEGEND: &str = "mean and 90 % interval per 10°";
    /// What the dot is.
    pub const TRAIL_LEGEND: &str = "now, 0.6 s trail";
    /// What the arrows are.
    pub const BOUND_LEGEND: &str = "⬆ at least  ⬇ at most";
    /// Axis of the map.
    pub const KNEE_FLEXION: &str = "knee flexion";
    /// Upper half of the map.
    pub const UPPER_HALF: &str = "▲ gastrocnemius more active";
    /// Lower half of the map.
    pub const LOWER_HALF: &str = "▼ soleus more active";
    /// Caption of the published range.
    pub const PUBLISHED_RANGE: &str = "range of 3 published group means";
    /// Under a bin of too few efforts for an interval.
    pub const FEW: &str = "few";
    /// The list is empty.
    pub const NOTHING_HAPPENED: &str = "No problem, no gap, no mark so far.";
    /// Unit of the spectrum.
    pub const DECIBEL: &str = "dB re own strongest bin";
    /// The spectrum for screen readers.
    pub const SPECTRUM_SPOKEN: &str = "Spectrum in dB against frequency in Hz";
    /// A rate against a clock.
    pub const MEASURED_RATE: &str = "measured rate";
    /// A rate as stated.
    pub const NOMINAL_RATE: &str = "nominal rate";
    /// Share lost in the session.
    pub const LOST_SESSION: &str = "lost, session";
    /// Samples lost just now.
    pub const LOST_RECENT: &str = "lost, last 10 s";
    /// Lag of a live session.
    pub const LAG_BOTH: &str = "lag: filter + decision";
    /// Lag of the filters.
    pub const LAG_FILTER: &str = "lag: filter";
    /// Over an illustrative profile.
    pub const PROFILE_ILLUSTRATIVE: &str = "profile, illustrative";
    /// Over the profile.
    pub const PROFILE: &str = "profile";
    /// No profile.
    pub const NONE: &str = "none";
    /// On the bookmark button.
    pub const BOOKMARK_HINT: &str = "bookmark here, M; Ctrl and an arrow goes to one";
    /// Time until the disk is full.
    pub const DISK_LEFT: &str = "disk time left";
    /// On the speed menu.
    pub const SPEED_HINT: &str = "speed: [ and ]";
    /// Unit of a clock time.
    pub const CLOCK_UNIT: &str = "min:s";
    /// After a share of the reference.
    pub const OF_REFERENCE: &str = "of reference";
    /// Name of the knee lane.
    pub const KNEE: &str = "Knee";
    /// What its numbers are.
    pub const FLEXION: &str = "flexion";
    /// In the lane of an envelope sensor.
    pub const SENSOR_ENVELOPE: &str = "envelope from the sensor";
    /// In an empty contact lane.
    pub const NO_CONTACTS: &str = "no foot contacts in this window";
    /// Name of the class lane.
    pub const CLASS_LANE: &str = "Relatively more active";
    /// How to read it.
    pub const CLASS_LANE_NOTE: &str = "hatched: not clear · thin: rest";
    /// Name of the contact lane.
    pub const CONTACT_LANE: &str = "Foot contact and marks";
    /// Name of the time axis.
    pub const TIME_AXIS: &str = "time, min:s";
    /// On the zoom buttons.
    pub const LONGER_HINT: &str = "longer window, −";
    /// On the zoom buttons.
    pub const SHORTER_HINT: &str = "shorter window, +";
}

/// Words on controls.
pub mod control {
    /// Starts or goes on.
    pub const PLAY: &str = "▶ Play";
    /// Stands still.
    pub const PAUSE: &str = "⏸ Pause";
    /// To the start.
    pub const START: &str = "⏮ Start";
    /// Starts over at the end.
    pub const LOOP: &str = "↻ Loop";
    /// Stands still while recording goes on.
    pub const FREEZE: &str = "❄ Freeze";
    /// Back to now.
    pub const LIVE_EDGE: &str = "⏭ Live edge";
    /// Fits the scales to what is shown.
    pub const FIT: &str = "↔ Fit scales";
    /// What the lanes show.
    pub const RAW_AND_ENVELOPE: &str = "raw + envelope";
    /// What the lanes show.
    pub const RAW: &str = "raw";
    /// What the lanes show.
    pub const ENVELOPE: &str = "envelope";
    /// Begins a recording.
    pub const RECORD: &str = "⏺ Record";
    /// Types a note.
    pub const NOTE: &str = "N note";
    /// Guided calibration.
    pub const CALIBRATE: &str = "⌖ Calibrate";
    /// Bookmark.
    pub const BOOKMARK: &str = "⚑";
    /// Label before the mark keys.
    pub const MARK: &str = "Mark";
    /// The menu.
    pub const MENU: &str = "≡";
    /// Theme.
    pub const THEME: &str = "☀";
    /// Help.
    pub const HELP: &str = "?";
    /// Opens a file that was written.
    pub const OPEN_FILE: &str = "Open";
    /// Copies where it is.
    pub const COPY_PATH: &str = "Copy its path";
    /// Closes a note.
    pub const CLOSE: &str = "✖";
}

/// Sentences for what is missing.
pub mod missing {
    /// No knee angle.
    pub const KNEE: &str = "No knee angle: the straight-knee/bent-knee comparison is not available";
    /// No soleus.
    pub const SOLEUS: &str = "Soleus missing: activity of MG and LG only";
    /// No gastrocnemius.
    pub const GASTROCNEMIUS: &str = "Gastrocnemius missing: activity of soleus only";
    /// No EMG at all.
    pub const EMG: &str = "No EMG channel in this source. Open another trial, or give the roles with --map.";
    /// Envelope sensors have no spectrum.
    pub const SPECTRUM_OF_ENVELOPE: &str = "This sensor sends an envelope: no spectrum";
    /// Not enough samples yet.
    pub const SPECTRUM_YET: &str = "Spectrum follows after one window of signal";
    /// No contacts.
    pub const CONTACTS: &str = "No foot contacts in this source: no gait cycle";
    /// Not one whole stride in the window.
    pub const STRIDES: &str = "Waiting for a whole stride in the shown window";
    /// No change with angle.
    pub const CHANGE: &str = "No change with knee angle: it needs a straight-knee reference of this task. Calibrate, or load a profile that has one.";
    /// Nothing played yet.
    pub const MAP_YET: &str = "Nothing active with a knee angle yet";
    /// Why the published range is not there.
    pub const PUBLISHED: &str = "Published range not drawn: it holds for slow plantar flexion only.";
    /// Why the published range is not there.
    pub const STRAIGHT: &str = "Published range not drawn: no straight-knee reference in the profile.";
}

/// Why a class is not clear.
pub mod reason {
    /// The interval includes the threshold.
    pub const STRADDLES: &str = "interval too wide";
    /// No reference.
    pub const NO_REFERENCE: &str = "no reference: load a profile";
    /// References that do not compare.
    pub const MISMATCH: &str = "references of different kinds";
    /// Gastrocnemius at its floor.
    pub const GASTROCNEMIUS_FLOOR: &str = "gastrocnemius at its floor";
    /// Soleus at its floor.
    pub const SOLEUS_FLOOR: &str = "soleus at its floor";
    /// Both at their floors.
    pub const BOTH_FLOOR: &str = "both muscles at their floor";
    /// Bad channel.
    pub const BAD_SIGNAL: &str = "signal bad";
    /// After a gap.
    pub const SETTLING: &str = "settling after a gap or the start";
    /// Streams not tied.
    pub const CLOCKS: &str = "different clocks";
    /// Half a pair.
    pub const MISSING_MUSCLE: &str = "a muscle of the pair is missing";
    /// No label states the leg.
    pub const NO_LEG: &str = "no leg stated: use --side or --map";
    /// Too few.
    pub const ONE_CONTACT: &str = "one contact";
    /// No samples.
    pub const NO_DATA: &str = "no samples";
}

/// What is said of samples that are not all there.
pub mod signal {
    /// A short gap was bridged.
    pub const BRIDGED: &str = "short gap bridged";
    /// Filters settle.
    pub const SETTLING: &str = "settling";
    /// No samples.
    pub const MISSING: &str = "no samples";
    /// What to do about it.
    pub const MISSING_ADVICE: &str = "Check cable, port and battery";
}

/// The class as a headline.
#[must_use]
pub fn headline(class: Class) -> &'static str {
    match class {
        Class::Gastrocnemius => "Gastrocnemius more active",
        Class::Soleus => "Soleus more active",
        Class::Balanced => "Balanced",
        Class::Rest => "Rest",
        Class::NotClear => "Not clear",
    }
}

/// The class in a narrow place.
#[must_use]
pub fn headline_short(class: Class) -> &'static str {
    match class {
        Class::Gastrocnemius => "Gastroc. more",
        Class::Soleus => "Soleus more",
        other => headline(other),
    }
}

/// The leg in a title: `" · right leg"`.
#[must_use]
pub fn of_leg(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => " · left leg",
        Some(Side::Right) => " · right leg",
        None => "",
    }
}

/// The state pill.
#[must_use]
pub fn state(state: SourceState, silent_s: Option<f64>) -> String {
    match (state, silent_s) {
        (SourceState::Live, _) => "● Live".to_owned(),
        (SourceState::Stalled, Some(s)) => format!("▲ Stalled {s:.1} s"),
        (SourceState::Stalled, None) => "▲ Stalled".to_owned(),
        (SourceState::Reconnecting, _) => "↻ Reconnecting".to_owned(),
        (SourceState::Lost, _) => "✖ Lost".to_owned(),
        (SourceState::Replay, _) => "▶ Replay".to_owned(),
        (SourceState::Paused, _) => "⏸ Replay paused".to_owned(),
        (SourceState::Ended, _) => "⏸ Replay ended".to_owned(),
    }
}

/// Which bins of the map lie wholly outside the published range.
#[must_use]
pub fn outside_published(knee_deg: &[f32]) -> String {
    if knee_deg.is_empty() {
        return "No bin lies wholly outside the published group means.".to_owned();
    }
    let angles: Vec<String> = knee_deg.iter().map(|deg| degrees(Some(*deg))).collect();
    format!("◇ at {}: outside published group means.", angles.join(", "))
}

/// The glyph of a grade.
#[must_use]
pub fn grade_glyph(grade: Grade) -> &'static str {
    match grade {
        Grade::Unknown => "○",
        Grade::Good => "✔",
        Grade::Fair => "▲",
        Grade::Bad => "✖",
    }
}

/// The word of a grade.
#[must_use]
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Unknown => "not judged yet",
        Grade::Good => "good",
        Grade::Fair => "fair",
        Grade::Bad => "bad",
    }
}

/// The glyph before a problem.
#[must_use]
pub fn severity_glyph(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "·",
        Severity::Warning => "▲",
        Severity::Error => "✖",
    }
}

/// A task in words.
#[must_use]
pub fn task(task: Task) -> &'static str {
    match task {
        Task::Standing => "standing",
        Task::PlantarFlexion => "plantar flexion",
        Task::Walk => "walking",
        Task::Run => "running",
        Task::Sprint => "sprint",
        Task::Jump => "jump",
        Task::KneeExtension => "knee extension",
    }
}

/// A caution under the map for tasks in which the angle stands for the phase.
#[must_use]
pub fn map_caution(task: Task) -> &'static str {
    match task {
        Task::Walk => "Walking mixes gait phases with angle: read with the phase view.",
        Task::Run | Task::Sprint => "Running mixes gait phases with angle: read with the phase view.",
        Task::Jump => "Jumping mixes phases with angle: read with the phase view.",
        Task::KneeExtension => "Knee extension effort confounds the comparison of angles.",
        Task::Standing | Task::PlantarFlexion => "",
    }
}

/// Label of a gap.
#[must_use]
pub fn gap(duration_s: f64, lost: u64, certain: bool) -> (String, String) {
    let about = if certain { "" } else { "~" };
    let length = if duration_s < 1.0 {
        format!("gap {about}{:.0} ms", duration_s * 1e3)
    } else {
        format!("gap {about}{duration_s:.1} s")
    };
    (length, format!("{about}{lost} samples lost"))
}

/// Where a derived knee angle comes from.
pub const FROM_MARKERS: &str = "from markers";
/// Told when a trial that does not loop is over.
pub const ENDED: &str = "end of the trial";

/// Problems of the session, each with what to do.
pub mod problem {
    /// The profile is illustrative.
    pub const ILLUSTRATIVE: &str =
        "Demo profile: classes and % are illustrative. Load a measured profile with --profile.";

    /// Generated data.
    pub const SYNTHETIC: &str = "Synthetic data: made by surae generate, with known truth.";
    /// Volts of which nobody said where they were measured.
    pub const GAIN: &str = "Amplifier gain not stated: mV are at its output.";

    /// A leg without sensors.
    #[must_use]
    pub fn no_leg(side: super::Side) -> String {
        let mut name = side.name().to_owned();
        name[..1].make_ascii_uppercase();
        format!("{name} leg: no channels.")
    }

    /// Samples were lost just now.
    #[must_use]
    pub fn lost(samples: u64) -> String {
        format!("{samples} samples lost in the last 10 s. Check the cable and the port.")
    }
}

/// A mark's label: its key, or N for a typed note.
#[must_use]
pub fn mark_label(code: u8) -> String {
    if code == u8::MAX { "N".to_owned() } else { code.to_string() }
}

/// A mark in the session's list; `words` are what was typed.
#[must_use]
pub fn mark_entry(code: u8, words: &str) -> String {
    match (code, words) {
        (u8::MAX, "") => "note".to_owned(),
        (u8::MAX, words) => format!("note: {words}"),
        (code, _) => format!("mark {code}"),
    }
}

/// A recording was ended in order.
#[must_use]
pub fn recorded(path: &std::path::Path) -> String {
    format!("Recorded: {}", path.display())
}

/// The same, and what becomes of it.
#[must_use]
pub fn recorded_and_read(path: &std::path::Path) -> String {
    format!("{}. F2 reviews it; the board goes on.", recorded(path))
}

/// What the record button does now.
#[must_use]
pub fn record_caption(is_running: bool, held_s: f64) -> String {
    if is_running { "R R stops".to_owned() } else { format!("R or a mark starts · {held_s:.0} s held") }
}

/// A gap in the session's list.
#[must_use]
pub fn gap_entry(duration_s: f64, lost: u64, certain: bool) -> String {
    let (length, samples) = gap(duration_s, lost, certain);
    let kind = if certain { "exact" } else { "estimated" };
    format!("{length}, {samples}, {kind}")
}

/// Said instead of the dot when the angle is old.
#[must_use]
pub fn stale_angle(age_s: f64) -> String {
    if age_s.is_finite() {
        format!("No dot: angle {age_s:.1} s old")
    } else {
        "No dot: no angle yet".to_owned()
    }
}

/// Said after a mark.
#[must_use]
pub fn marked(code: u8, time_s: f64) -> String {
    format!("Mark {code} at {}", clock(time_s, 1))
}

/// Said when the window went before the picture.
pub const CLOSED_BEFORE_PICTURE: &str = "the window was closed before the picture was taken";
/// Said when a picture could not be handed over.
pub const NOT_SAVED: &str = "the picture was not saved";
/// Said at the first R while a recording runs.
pub const STOP_AGAIN: &str = "Press R again within 2 s to stop the recording.";
/// Said when nothing can be recorded.
pub const NO_RECORDING: &str = "Nothing to record: only a board is recorded. Ctrl+O connects one.";
/// Said when the recording has failed.
pub const RECORDING_FAILED: &str =
    "The disk refused a write: the file holds what came before. Free some space and connect again.";
/// In the field of a typed note.
pub const NOTE_HINT: &str = "what is this mark about? Enter";
/// Said when there is no bookmark to go to.
pub const NO_BOOKMARK: &str = "No bookmark that way. M sets one.";
/// Said when bookmarks do not apply.
pub const BOOKMARKS_OF_TRIALS: &str = "Bookmarks are for trials; 1 to 9 and N mark what comes from a board.";
/// Said when there is no other leg to show.
pub const ONE_LEG: &str = "This source has channels of one leg only.";
/// On the button that closes a note.
pub const CLOSE_NOTE: &str = "close, Esc";
/// Name of the scrub strip.
pub const SCRUB: &str = "Place in the trial, s";

/// What a glyph-only button does.
#[must_use]
pub fn hint(glyph: &str) -> &'static str {
    match glyph {
        control::HELP => "keys, ?",
        control::THEME => "dark or light, T",
        _ => "",
    }
}

/// What a mark button does.
#[must_use]
pub fn mark_hint(code: u8) -> String {
    format!("mark now, key {code}")
}

/// A sample rate: with two decimals when measured, else as stated.
#[must_use]
pub fn rate(rate_hz: f64, is_measured: bool) -> String {
    if is_measured { format!("{rate_hz:.2} Hz") } else { format!("{rate_hz} Hz") }
}

/// A time that is known roughly: `41 h`, `12 min`.
#[must_use]
pub fn rough_time(seconds: f64) -> String {
    match seconds {
        s if s >= 200.0 * 3600.0 => "over 200 h".to_owned(),
        s if s >= 7200.0 => format!("{:.0} h", s / 3600.0),
        s if s >= 120.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} s", s.max(0.0)),
    }
}

/// A tab: its word and its key.
#[must_use]
pub fn tab(tab: Tab) -> (&'static str, &'static str) {
    match tab {
        Tab::Lab => ("Lab", "F1"),
        Tab::Review => ("Review", "F2"),
        Tab::Coach => ("Coach", "F3"),
    }
}

/// Said when opening a file ended without a result.
#[must_use]
pub fn open_failed(name: &str) -> String {
    format!("{name}: reading it failed inside Surae. Try `surae info` on the file and report what it says.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimated_gap_is_marked_as_one() {
        assert_eq!(gap(0.3, 450, false), ("gap ~300 ms".to_owned(), "~450 samples lost".to_owned()));
    }

    #[test]
    fn no_word_claims_force_or_a_norm() {
        let sources = [
            include_str!("text.rs"),
            include_str!("text/coach.rs"),
            include_str!("text/number.rs"),
            include_str!("text/review.rs"),
            include_str!("text/start.rs"),
        ];
        let words = sources.iter().filter_map(|source| source.split("#[cfg(test)]").next());
        let shown: Vec<&str> = words
            .flat_map(str::lines)
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| line.split('"').skip(1).step_by(2))
            .collect();
        assert!(shown.len() > 80);
        for text in shown {
            let lower = text.to_lowercase();
            for word in ["stronger", "weaker", " wins", "power", "normal", "typical", "dominates"] {
                assert!(!lower.contains(word), "'{text}' contains '{word}'");
            }
            // A force on the ground is measured; that of a muscle is never named.
            let is_ground = lower.contains("force plate") || text == review::FORCE;
            let is_caveat = lower.contains("says nothing about force");
            assert!(!lower.contains("force") || is_ground || is_caveat, "{text}");
        }
    }
}
