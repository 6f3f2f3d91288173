//! What the Lab view draws, as plain values: panels read this and nothing else.
//!
//! [`crate::feed`] fills it from a running session; tests fill it by hand. Missing is `None` or `NaN`, never 0, and
//! panels say why. Not for anything that computes.

use surae_gait::dominance::{dominance_of, expected_change_range};
use surae_trial::{Muscle, Severity, Side, Task};

/// Which muscle is relatively more active, or why that cannot be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// Gastrocnemius more active.
    Gastrocnemius,
    /// Soleus more active.
    Soleus,
    /// Neither beyond the threshold.
    Balanced,
    /// Neither muscle is active.
    Rest,
    /// Cannot be told; a reason stands beside it.
    #[default]
    NotClear,
}

/// Whether a log ratio is a value or a one-sided statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bound {
    /// A value with an interval.
    #[default]
    None,
    /// "At least": soleus is at its floor.
    AtLeast,
    /// "At most": gastrocnemius is at its floor.
    AtMost,
}

/// State of the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceState {
    /// A device delivers.
    Live,
    /// A device is silent.
    Stalled,
    /// The port is gone and is being looked for.
    Reconnecting,
    /// Given up.
    Lost,
    /// A trial plays.
    #[default]
    Replay,
    /// A trial stands still.
    Paused,
    /// A trial has come to its end.
    Ended,
}

impl SourceState {
    /// True for states of a trial.
    #[must_use]
    pub fn is_replay(self) -> bool {
        matches!(self, Self::Replay | Self::Paused | Self::Ended)
    }
}

/// The source, for the top bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceModel {
    /// What it is, in words.
    pub name: String,
    /// State.
    pub state: SourceState,
    /// For stalled: since when; for others unused.
    pub silent_s: Option<f64>,
    /// Nominal or measured rate of the EMG stream.
    pub rate_hz: Option<f64>,
    /// True when the rate was measured against a clock.
    pub rate_is_measured: bool,
    /// Share of samples lost in the session, 0 to 1.
    pub lost_session: Option<f64>,
    /// Samples lost in the last 10 s.
    pub lost_10s: Option<u64>,
    /// Lag of the causal filters in ms.
    pub lag_filter_ms: Option<f64>,
    /// Time from the last needed sample to the decision in ms; `None` where there is no live device.
    pub lag_decision_ms: Option<f64>,
    /// Profile in use, if any.
    pub profile: Option<String>,
    /// True when the profile's values are illustrative.
    pub profile_is_illustrative: bool,
    /// What the person does.
    pub task: Task,
    /// Cut-off of the envelope, Hz, and its order.
    pub envelope_hz: f64,
    /// Order of the envelope low-pass.
    pub envelope_order: u8,
    /// Period of decisions in ms.
    pub tick_ms: f64,
}

/// Grade of a channel's quality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Not judged yet.
    #[default]
    Unknown,
    /// Usable.
    Good,
    /// Usable with care.
    Fair,
    /// Not usable: no class from it.
    Bad,
}

/// Quality of a channel in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// Grade.
    pub grade: Grade,
    /// Why it is not good: `"mains hum 14 %"`; empty when good.
    pub reason: String,
    /// One sentence of what to do; empty when nothing is to be done.
    pub advice: String,
    /// Signal to noise ratio in dB.
    pub snr_db: Option<f32>,
}

/// Min/max columns and envelope of one lane over the shown window; `NaN` is no data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Lowest raw value per column.
    pub low: Vec<f32>,
    /// Highest raw value per column.
    pub high: Vec<f32>,
    /// Envelope per column.
    pub envelope: Vec<f32>,
}

/// One EMG lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    /// Short name: `MG`, or the label.
    pub name: String,
    /// Full name.
    pub full_name: String,
    /// Muscle, where known.
    pub muscle: Option<Muscle>,
    /// Unit symbol of the amplitude.
    pub unit: String,
    /// True when the source delivers an envelope: there is no raw trace and no spectrum.
    pub is_envelope: bool,
    /// Activation as a share of the reference (1 = 100 %), `None` without reference.
    pub activation: Option<f32>,
    /// Envelope now, in the unit.
    pub amplitude: Option<f32>,
    /// Quality.
    pub quality: Quality,
    /// Columns over the window.
    pub columns: Columns,
    /// Half height of the lane in the unit.
    pub scale: f32,
    /// What the lane is centred on, in the unit: 0 unless the source has an offset.
    pub centre: f32,
}

/// The knee lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Knee {
    /// Angle now in deg; `None` when missing or stale.
    pub now_deg: Option<f32>,
    /// Age of the angle in s, where it is stale.
    pub stale_s: Option<f32>,
    /// Where the angle comes from.
    pub source: String,
    /// Rate of its stream.
    pub rate_hz: f64,
    /// Degrees per column, `NaN` without data.
    pub columns: Vec<f32>,
    /// Lower and upper end of the lane in deg.
    pub range_deg: (f32, f32),
}

/// A gap in the shown window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GapSpan {
    /// Start, session time.
    pub t0_s: f64,
    /// End, session time.
    pub t1_s: f64,
    /// Lost samples.
    pub lost: u64,
    /// False when the length is an estimate.
    pub certain: bool,
}

/// A run of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassRun {
    /// Start, session time.
    pub t0_s: f64,
    /// End, session time.
    pub t1_s: f64,
    /// Class.
    pub class: Class,
}

/// A foot on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contact {
    /// Foot contact, session time.
    pub t0_s: f64,
    /// Foot off; `None` while on the ground.
    pub t1_s: Option<f64>,
}

/// A mark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Session time.
    pub time_s: f64,
    /// What stands in its flag.
    pub label: String,
    /// What was typed; empty for a key.
    pub words: String,
}

/// The signals of one leg over the shown window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// Start of the window, session time.
    pub t0_s: f64,
    /// End of the window, session time.
    pub t1_s: f64,
    /// The last time there is data for.
    pub now_s: f64,
    /// Where a looped trial started over, session time: nothing is joined across it.
    pub seams_s: Vec<f64>,
    /// EMG lanes in display order.
    pub lanes: Vec<Lane>,
    /// The knee, where there is an angle.
    pub knee: Option<Knee>,
    /// Gaps.
    pub gaps: Vec<GapSpan>,
    /// Class runs.
    pub runs: Vec<ClassRun>,
    /// Contacts of the shown leg; empty when there are none.
    pub contacts: Vec<Contact>,
    /// Marks.
    pub marks: Vec<Mark>,
}

/// Dominance now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dominance {
    /// Class.
    pub class: Class,
    /// Why not clear, in words; empty otherwise.
    pub reason: String,
    /// `D = (G - S) / (G + S)`, -1 to 1.
    pub value: Option<f32>,
    /// 90 % interval of D.
    pub interval: Option<(f32, f32)>,
    /// One-sided or not.
    pub bound: Bound,
    /// Gastrocnemius activation (1 = 100 % of reference).
    pub gastrocnemius: Option<f32>,
    /// Soleus activation.
    pub soleus: Option<f32>,
    /// True when the leg has a soleus channel.
    pub has_soleus: bool,
    /// True when the leg has a gastrocnemius channel.
    pub has_gastrocnemius: bool,
    /// True with one head of gastrocnemius only.
    pub is_single_head: bool,
}

/// A knee-angle bin of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapBin {
    /// Centre in deg.
    pub knee_deg: f32,
    /// Mean D over efforts.
    pub mean: f32,
    /// 90 % interval across efforts; `None` under three efforts.
    pub interval: Option<(f32, f32)>,
    /// Efforts.
    pub n: u32,
    /// One-sided or not.
    pub bound: Bound,
    /// The whole interval lies outside the published range, where that applies.
    pub is_outside: bool,
}

/// Density cell of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapCell {
    /// Lower edge in deg.
    pub knee_deg: f32,
    /// Lower edge in D.
    pub dominance: f32,
    /// Share of the fullest cell, 0 to 1.
    pub share: f32,
}

/// The published range of three group means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedRange {
    /// Knee angle of the straight reference, deg.
    pub reference_deg: f32,
    /// ln(G/S) of the straight reference.
    pub reference_log_ratio: f32,
}

impl PublishedRange {
    /// Lower and upper D of the range at a knee angle.
    #[must_use]
    pub fn at(&self, knee_deg: f32) -> (f32, f32) {
        let change = expected_change_range(f64::from(knee_deg), f64::from(self.reference_deg));
        let ends = change.map(|change| dominance_of(f64::from(self.reference_log_ratio) + change) as f32);
        (ends[0], ends[1])
    }
}

/// A place on the trail of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrailPoint {
    /// Knee flexion.
    pub knee_deg: f32,
    /// D.
    pub dominance: f32,
    /// Age in s.
    pub age_s: f32,
}

/// Knee angle against dominance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Bins by ascending angle.
    pub bins: Vec<MapBin>,
    /// Density.
    pub cells: Vec<MapCell>,
    /// Width and height of a cell in deg and D.
    pub cell_size: (f32, f32),
    /// Trail, oldest first; the last one is now where `has_dot`.
    pub trail: Vec<TrailPoint>,
    /// True when there is a dot now.
    pub has_dot: bool,
    /// Why there is no dot; empty where there is one or nothing needs saying.
    pub no_dot: String,
    /// The published range, only where it applies.
    pub published: Option<PublishedRange>,
    /// Why it is not drawn; empty where it is.
    pub not_published: String,
}

/// Spectrum of one lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpectrumLine {
    /// Short name.
    pub name: String,
    /// Muscle.
    pub muscle: Option<Muscle>,
    /// Frequency of the first bin, Hz.
    pub first_hz: f64,
    /// Distance of bins, Hz.
    pub step_hz: f64,
    /// Power density in dB re the strongest bin of all lines.
    pub decibel: Vec<f32>,
    /// Median frequency.
    pub median_hz: Option<f32>,
}

/// The spectrum panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// Lines.
    pub lines: Vec<SpectrumLine>,
    /// How it was made: `"Welch 0.5 s"`.
    pub caption: String,
    /// Why there is none; empty where there is.
    pub missing: String,
    /// Mains frequency with a hum problem, and the channels that have it.
    pub hum: Option<(f32, String)>,
    /// Band of the median frequency, Hz.
    pub band_hz: (f64, f64),
}

/// One row of the phase view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseRow {
    /// Short name.
    pub name: String,
    /// Muscle.
    pub muscle: Option<Muscle>,
    /// Each stride, 0 to 100 % in 101 points, `NaN` where data are missing.
    pub strides: Vec<Vec<f32>>,
    /// Mean.
    pub mean: Vec<f32>,
    /// Standard deviation, from three strides; else empty.
    pub sd: Vec<f32>,
    /// Bursts in % of the cycle: over 20 % of the peak.
    pub bursts: Vec<(f32, f32)>,
}

/// The gait cycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phase {
    /// Rows.
    pub rows: Vec<PhaseRow>,
    /// Strides in it.
    pub n: usize,
    /// Mean foot off in % of the cycle.
    pub foot_off_percent: Option<f32>,
    /// Lag of the causal envelope in ms: by so much the curves are late.
    pub lag_ms: Option<f64>,
    /// Why there is none; empty where there is.
    pub missing: String,
}

/// A problem or a fact of the session.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// What, and what to do.
    pub text: String,
}

/// An entry of the session's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Session time.
    pub time_s: f64,
    /// What happened.
    pub text: String,
}

/// Problems, then what happened, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionList {
    /// Open problems first, then facts.
    pub problems: Vec<Problem>,
    /// Gaps, marks, quality changes; newest first.
    pub entries: Vec<Entry>,
}

/// The transport strip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transport {
    /// True when a trial is played.
    pub is_replay: bool,
    /// Place in the trial, or session time.
    pub position_s: f64,
    /// Length of the trial; `None` for a device.
    pub duration_s: Option<f64>,
    /// Playing.
    pub playing: bool,
    /// Times real time; infinite for as fast as possible.
    pub speed: f64,
    /// Starts over at the end.
    pub looped: bool,
    /// Envelope over the whole trial, one value a column, for the scrub strip.
    pub overview: Vec<f32>,
    /// Muscle the overview belongs to.
    pub overview_muscle: Option<Muscle>,
    /// Gaps in the trial as shares of its length.
    pub overview_gaps: Vec<(f32, f32)>,
    /// Bookmarks as shares of the trial.
    pub bookmarks: Vec<f32>,
    /// Session time that the strip of a device stands for; `None` of a trial.
    pub span_s: Option<(f64, f64)>,
    /// Window shown in Signals, as shares of the trial.
    pub overview_window: Option<(f32, f32)>,
}

/// The recording of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recording {
    /// The session can record.
    pub is_possible: bool,
    /// Samples are written.
    pub is_running: bool,
    /// The disk refused a write; the file holds what was written before.
    pub has_failed: bool,
    /// Since it began, in s.
    pub seconds: f64,
    /// Held in memory for the next one, in s.
    pub held_s: f64,
    /// Until the disk is full at the present rate, in s; an estimate.
    pub disk_time_left_s: Option<f64>,
}

/// Everything the Lab view draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabModel {
    /// Legs that have EMG.
    pub sides: Vec<Side>,
    /// The leg shown; `None` when no channel states one.
    pub side: Option<Side>,
    /// Source.
    pub source: SourceModel,
    /// Traces.
    pub signals: Signals,
    /// Dominance.
    pub dominance: Dominance,
    /// Map.
    pub map: Map,
    /// Spectrum.
    pub spectrum: Spectrum,
    /// Gait cycle.
    pub phase: Phase,
    /// Problems and entries.
    pub session: SessionList,
    /// Transport.
    pub transport: Transport,
    /// Recording.
    pub recording: Recording,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_range_follows_the_table_of_the_method() {
        // METHOD 3.4, rows "band k=.006" and "band k=.018" for an even straight-knee reference.
        let range = PublishedRange { reference_deg: 0.0, reference_log_ratio: 0.0 };
        for (deg, narrow, wide) in
            [(10.0, -0.03, -0.09), (50.0, -0.15, -0.42), (90.0, -0.26, -0.67), (120.0, -0.32, -0.76)]
        {
            let (low, high) = range.at(deg);
            assert!((high - narrow).abs() < 0.006, "{deg}: {high}");
            assert!((low - wide).abs() < 0.006, "{deg}: {low}");
        }
        let (low, high) = range.at(-5.0);
        assert_eq!((low, high), (0.0, 0.0));
    }
}
