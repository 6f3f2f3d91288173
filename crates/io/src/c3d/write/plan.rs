//! What of a trial goes where in a C3D: one point rate, one analog rate that is a multiple of it, one start.

use crate::error::{Blame, Error, Position};
use surae_trial::{Kind, Note, Stream, Trial, Unit};

/// Frames that the 16-bit words of the header can count.
pub const HEADER_FRAMES: usize = 65_535;
/// Channels that all frames of a header word can hold.
const MAX_PER_FRAME: usize = 65_535;

/// One analog channel.
pub struct AnalogChannel<'a> {
    pub stream: &'a Stream,
    pub channel: usize,
    /// Physical values with holes as `NaN`, for streams with gaps only.
    pub column: Option<Vec<f64>>,
}

/// Where the three coordinates of a point come from.
pub enum Track<'a> {
    Marker(&'a [[f64; 3]]),
    /// Channels of a stream; the first is always there.
    Output {
        stream: &'a Stream,
        channels: [Option<usize>; 3],
    },
}

/// The list of the POINT group that a point belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Marker,
    Angles,
    Forces,
    Moments,
    Powers,
}

pub struct Point<'a> {
    pub label: String,
    pub list: List,
    pub track: Track<'a>,
}

pub struct Plan<'a> {
    pub trial: &'a Trial,
    pub rate_hz: f64,
    pub samples_per_frame: usize,
    pub frames: usize,
    pub first_frame: usize,
    /// Trial time of the first frame.
    pub start_s: f64,
    pub unit: Unit,
    pub points: Vec<Point<'a>>,
    pub analog: Vec<AnalogChannel<'a>>,
    pub notes: Vec<Note>,
}

impl<'a> Plan<'a> {
    pub fn of(trial: &'a Trial, path: &str) -> Result<Self, Error> {
        let mut notes = Vec::new();
        let base = base(trial);
        let mut markers = trial.markers.as_ref().filter(|set| !set.markers.is_empty());
        let mut outputs: Vec<&Stream> = trial.streams.iter().filter(|s| is_output(s, base)).collect();
        let start_s = base.map(|s| s.start_s.0).or(markers.map(|m| m.start_s.0));
        let start_s = start_s.or(outputs.first().map(|s| s.start_s.0)).unwrap_or(0.0);
        let fits = |rate_hz: f64, at_s: f64| {
            let same_start = (at_s - start_s).abs() <= 0.5 / rate_hz.max(base.map_or(0.0, |b| b.rate_hz));
            same_start && base.is_none_or(|base| whole_ratio(base.rate_hz, rate_hz).is_some())
        };
        if let Some(set) = markers.filter(|set| !fits(set.rate_hz, set.start_s.0)) {
            markers = None;
            left_out(&mut notes, &format!("the markers ({} Hz)", set.rate_hz), base);
        }
        let rate = markers.map(|set| set.rate_hz);
        let rate = rate.or(outputs.iter().find(|s| fits(s.rate_hz, s.start_s.0)).map(|s| s.rate_hz));
        outputs.retain(|stream| {
            let keep = rate.is_some_and(|rate| same_rate(rate, stream.rate_hz))
                && fits(stream.rate_hz, stream.start_s.0);
            if !keep {
                left_out(&mut notes, &format!("stream '{}' ({} Hz)", stream.name, stream.rate_hz), base);
            }
            keep
        });
        let (rate_hz, samples_per_frame) = rates(rate, base, path)?;
        let mut plan = Self {
            trial,
            rate_hz,
            samples_per_frame,
            frames: 0,
            first_frame: 1,
            start_s,
            unit: markers.map_or(Unit::Millimetre, |set| set.unit.clone()),
            points: Vec::new(),
            analog: Vec::new(),
            notes,
        };
        for marker in markers.iter().flat_map(|set| &set.markers) {
            let track = Track::Marker(&marker.position);
            plan.points.push(Point { label: marker.label.clone(), list: List::Marker, track });
        }
        outputs.iter().for_each(|stream| plan.points.extend(triples(stream)));
        plan.collect_analog(base);
        plan.count_frames(base, markers.map_or(0, surae_trial::MarkerSet::frames), &outputs);
        plan.check(path)?;
        Ok(plan)
    }

    /// All streams of the analog rate and start, channel by channel; the others are left out with a note.
    fn collect_analog(&mut self, base: Option<&'a Stream>) {
        let Some(base) = base else { return };
        for stream in self.trial.streams.iter().filter(|s| !is_output(s, Some(base))) {
            let same = same_rate(stream.rate_hz, base.rate_hz)
                && (stream.start_s.0 - base.start_s.0).abs() <= 0.5 / base.rate_hz;
            if !same {
                let what = format!("stream '{}' ({} Hz)", stream.name, stream.rate_hz);
                left_out(&mut self.notes, &what, Some(base));
                continue;
            }
            if !stream.gaps.is_empty() {
                let lost: u64 = stream.gaps.iter().map(|gap| gap.lost_samples).sum();
                self.notes.push(Note::warning(
                    "c3d_gaps_as_nan",
                    format!("C3D has no gaps in analog data: {lost} lost samples of stream '{}' are written as not-a-number", stream.name),
                ));
            }
            if !stream.times_s.is_empty() {
                self.notes.push(Note::warning(
                    "c3d_times_lost",
                    format!(
                        "C3D has no times: stream '{}' is irregular and is written at its nominal {} Hz",
                        stream.name, stream.rate_hz
                    ),
                ));
            }
            for channel in 0..stream.channels.len() {
                let column = (!stream.gaps.is_empty()).then(|| stream.column(channel));
                self.analog.push(AnalogChannel { stream, channel, column });
            }
        }
    }

    fn count_frames(&mut self, base: Option<&Stream>, marker_frames: usize, outputs: &[&Stream]) {
        let analog = base.map(|stream| usize::try_from(stream.span()).unwrap_or(usize::MAX));
        let points = outputs.iter().map(|s| s.frames()).fold(marker_frames, usize::max);
        if self.points.is_empty()
            && let Some(samples) = analog.filter(|samples| *samples > HEADER_FRAMES)
        {
            // Several samples a frame keep the count of frames within the header's 16 bits.
            let fitting = |k: &usize| samples.is_multiple_of(*k) && samples / k <= HEADER_FRAMES;
            if let Some(k) = (2..=1000).find(fitting) {
                self.samples_per_frame = k;
                self.rate_hz /= k as f64;
            }
        }
        let analog_frames = analog.map(|samples| samples.div_ceil(self.samples_per_frame));
        self.frames = analog_frames.unwrap_or(0).max(points);
        for (what, missing) in [
            ("points", if self.points.is_empty() { 0 } else { self.frames - points }),
            ("analog", analog.map_or(0, |samples| self.frames * self.samples_per_frame - samples)),
        ] {
            if missing > 0 {
                self.notes.push(Note::warning(
                    "c3d_ends_differ",
                    format!("analog data and points end at different times: the last {missing} {what} samples of the C3D are written as missing"),
                ));
            }
        }
        let first = ((self.trial.time_origin_s + self.start_s) * self.rate_hz).round();
        let last_fits = first >= 0.0 && first + self.frames as f64 <= HEADER_FRAMES as f64;
        if last_fits {
            self.first_frame = first as usize + 1;
        } else if first != 0.0 {
            self.notes.push(Note::info(
                "c3d_first_frame",
                format!("the file's clock begins at frame 1: {} s on the source's clock do not fit its frame numbers", self.trial.time_origin_s),
            ));
        }
        if self.start_s.abs() > 1e-9 {
            self.notes.push(Note::info(
                "c3d_start",
                format!(
                    "the first sample is time 0 of the C3D: all times, also of events, are {:.6} s smaller",
                    self.start_s
                ),
            ));
        }
    }

    fn check(&self, path: &str) -> Result<(), Error> {
        let blame = Blame { path, format: "C3D" };
        if self.frames == 0 || (self.points.is_empty() && self.analog.is_empty()) {
            return Err(blame.unsupported(
                Position::Whole,
                "writing a trial without samples",
                "choose a trial that holds markers or streams",
            ));
        }
        let per_frame = self.analog.len() * self.samples_per_frame;
        if per_frame > MAX_PER_FRAME || self.points.len() > MAX_PER_FRAME {
            return Err(blame.limit(Position::Whole, format!("{per_frame} analog values a frame"), "65535"));
        }
        Ok(())
    }
}

/// The stream whose rate is the analog rate: EMG, else a plate's, else the first that is no model output.
fn base(trial: &Trial) -> Option<&Stream> {
    let plate = || trial.plates.first().and_then(|plate| trial.stream(&plate.stream));
    let master = trial.master_stream().map(|at| &trial.streams[at]);
    master.or_else(plate).or_else(|| trial.streams.iter().find(|stream| !is_output(stream, None)))
}

/// Angles, and forces and moments of a model: what C3D keeps among the points.
fn is_output(stream: &Stream, base: Option<&Stream>) -> bool {
    // At the analog rate an angle is an analog channel (a goniometer).
    let among_analog = base.is_some_and(|base| same_rate(base.rate_hz, stream.rate_hz));
    let angles = stream.channels.iter().all(|c| c.role.kind == Kind::Angle);
    let is_base = base.is_some_and(|base| std::ptr::eq(base, stream));
    !is_base && (stream.name == "angles" || stream.name == "model" || (angles && !among_analog))
}

fn same_rate(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs()
}

/// How many samples of the faster rate fall on one of the slower, when that is a whole number.
fn whole_ratio(fast: f64, slow: f64) -> Option<usize> {
    let ratio = (fast / slow).round();
    ((1.0..1e5).contains(&ratio) && same_rate(fast, ratio * slow)).then_some(ratio as usize)
}

fn rates(points: Option<f64>, base: Option<&Stream>, path: &str) -> Result<(f64, usize), Error> {
    let (rate_hz, per_frame) = match (points, base) {
        (Some(rate), Some(base)) => (rate, whole_ratio(base.rate_hz, rate).unwrap_or(1)),
        (Some(rate), None) => (rate, 1),
        (None, Some(base)) => (base.rate_hz, 1),
        (None, None) => (0.0, 1),
    };
    if !(rate_hz.is_finite() && rate_hz > 0.0) {
        let blame = Blame { path, format: "C3D" };
        let what = "writing a trial without samples at a known rate";
        return Err(blame.unsupported(Position::Whole, what, "choose a trial that holds markers or streams"));
    }
    Ok((rate_hz, per_frame))
}

fn left_out(notes: &mut Vec<Note>, what: &str, base: Option<&Stream>) {
    let base = base.map_or("the other data".to_owned(), |s| format!("'{}' ({} Hz)", s.name, s.rate_hz));
    notes.push(Note::warning(
        "c3d_cannot_hold",
        format!("C3D holds one analog rate, a point rate that divides it, and one start: {what} does not fit {base} and is left out"),
    ));
}

/// Channels `L`, `L.y`, `L.z` or `L.x`, `L.y`, `L.z` are one point; a lone channel is a point with y = z = 0.
fn triples(stream: &Stream) -> Vec<Point<'_>> {
    let mut points = Vec::new();
    let mut at = 0;
    while let Some(channel) = stream.channels.get(at) {
        let stem = channel.label.strip_suffix(".x").unwrap_or(&channel.label);
        let named = |k: usize, axis: &str| {
            stream.channels.get(k).is_some_and(|c| c.label.strip_suffix(axis) == Some(stem))
        };
        let whole = named(at + 1, ".y") && named(at + 2, ".z");
        let list = match channel.role.kind {
            Kind::Angle => List::Angles,
            Kind::Force => List::Forces,
            Kind::Moment => List::Moments,
            _ => List::Powers,
        };
        let rest = |k: usize| whole.then_some(at + k);
        let channels = [Some(at), rest(1), rest(2)];
        let label = if whole { stem.to_owned() } else { channel.label.clone() };
        points.push(Point { label, list, track: Track::Output { stream, channels } });
        at += if whole { 3 } else { 1 };
    }
    points
}
