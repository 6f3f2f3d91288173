//! A view of the history, column by column.

use super::{History, SLOTS_HZ, class_of, slot};
use surae_gait::dominance::Class;
use surae_trial::{EventKind, Side, StreamId};

/// A stretch of session time and how finely it is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Left edge, s.
    pub t0_s: f64,
    /// Right edge, s.
    pub t1_s: f64,
    /// Columns.
    pub pixels: u16,
}

/// One EMG channel: minimum and maximum of the unfiltered samples of each column, and the envelope at its middle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelColumns {
    /// Smallest sample, channel's unit; `NaN` where there is none.
    pub raw_min: Vec<f32>,
    /// Largest sample.
    pub raw_max: Vec<f32>,
    /// Envelope.
    pub envelope: Vec<f32>,
}

/// A gap that touches the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnGap {
    /// First lost sample, s.
    pub t0_s: f64,
    /// First sample after it, s.
    pub t1_s: f64,
    /// Stream.
    pub stream: StreamId,
    /// How many samples.
    pub lost_samples: u64,
    /// False when the length is an estimate.
    pub certain: bool,
}

/// A stretch of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassRun {
    /// From, s.
    pub t0_s: f64,
    /// To, s.
    pub t1_s: f64,
    /// The class shown.
    pub class: Class,
}

/// A gait event or a mark inside the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnEvent {
    /// When, s.
    pub time_s: f64,
    /// What.
    pub kind: EventKind,
    /// Leg.
    pub side: Option<Side>,
    /// Key of a mark, else 0.
    pub code: u8,
}

/// The answer to a [`View`]. All times are session times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Left edge, s.
    pub t0_s: f64,
    /// Right edge, s.
    pub t1_s: f64,
    /// Columns.
    pub pixels: u16,
    /// EMG channels, in the order of the layout (that of the snapshot).
    pub channels: Vec<ChannelColumns>,
    /// Knee flexion in deg, left and right; empty without a leg.
    pub knee: [Vec<f32>; 2],
    /// Gaps that touch the view.
    pub gaps: Vec<ColumnGap>,
    /// Classes, left and right.
    pub class_runs: [Vec<ClassRun>; 2],
    /// Events inside the view.
    pub events: Vec<ColumnEvent>,
}

/// Widest view that is answered.
const MAX_PIXELS: u16 = 8192;

impl History {
    pub(super) fn columns(&self, view: &View) -> Columns {
        let pixels = view.pixels.clamp(1, MAX_PIXELS);
        let (t0_s, t1_s) = (view.t0_s, view.t1_s);
        let mut columns = Columns { t0_s, t1_s, pixels, ..Columns::default() };
        if !(t0_s.is_finite() && t1_s.is_finite() && t1_s > t0_s) {
            return columns;
        }
        let width_s = (t1_s - t0_s) / f64::from(pixels);
        let edges: Vec<f64> = (0..=pixels).map(|p| self.place(t0_s + f64::from(p) * width_s)).collect();
        for (stream, history) in self.streams.iter().enumerate() {
            let Some(history) = history else { continue };
            let (index, position, step) = history.mapped;
            let to_index = |time_s: f64| (time_s * self.rate_hz - position) / step + index as f64;
            for (at, &column) in history.emg.iter().enumerate() {
                let mut channel = ChannelColumns::default();
                for edge in edges.windows(2) {
                    let (from, to) = (to_index(edge[0]).ceil(), to_index(edge[1]).ceil());
                    let (from, to) = (from.max(0.0) as u64, to.max(0.0) as u64);
                    let (low, high) = history.raw.extremes(from, to.max(from), at);
                    channel.raw_min.push(low);
                    channel.raw_max.push(high);
                    let middle = f64::midpoint(edge[0], edge[1]);
                    let known = middle >= 0.0;
                    channel.envelope.push(if known {
                        history.envelope.get(slot(middle), column)
                    } else {
                        f32::NAN
                    });
                }
                // A column narrower than a sample holds none: draw the line through it.
                fill_between_samples(&mut channel, width_s, self.layout.streams[stream].rate_hz);
                columns.channels.push(channel);
            }
        }
        for side in Side::BOTH {
            let leg = &self.legs[side as usize];
            let middles = edges.windows(2).map(|edge| f64::midpoint(edge[0], edge[1]));
            columns.knee[side as usize] =
                middles.map(|m| if m < 0.0 { f32::NAN } else { leg.knee.get(slot(m), 0) }).collect();
            columns.class_runs[side as usize] = self.class_runs(side, t0_s, t1_s);
        }
        self.add_gaps_and_events(&mut columns);
        columns
    }

    /// Seconds from master sample 0, nominal rate, of a session time; of a looped trial, also of the loop before.
    fn place(&self, session_s: f64) -> f64 {
        let (zero_s, measured_hz) = self.clock;
        let here = (session_s - self.offset_s - self.origin_s - zero_s) * (measured_hz / self.rate_hz);
        if here < 0.0 && self.loops > 0 && self.duration_s.is_finite() {
            here + self.duration_s
        } else {
            here
        }
    }

    /// Session time of seconds from master sample 0.
    fn session_time(&self, place_s: f64) -> f64 {
        let (zero_s, measured_hz) = self.clock;
        place_s * (self.rate_hz / measured_hz) + self.offset_s + self.origin_s + zero_s
    }

    fn class_runs(&self, side: Side, t0_s: f64, t1_s: f64) -> Vec<ClassRun> {
        let mut runs: Vec<ClassRun> = Vec::new();
        let step_s = 1.0 / SLOTS_HZ;
        let slots = ((t1_s - t0_s) / step_s).min(1e6) as u64 + 1;
        let start_s = (t0_s / step_s).floor() * step_s;
        for k in 0..slots {
            let time_s = start_s + k as f64 * step_s;
            let place = self.place(time_s + 0.5 * step_s);
            let code =
                if place < 0.0 { f32::NAN } else { self.legs[side as usize].class.get(slot(place), 0) };
            let Some(class) = class_of(code) else { continue };
            match runs.last_mut() {
                Some(run) if run.class == class && time_s - run.t1_s < 0.5 * step_s => {
                    run.t1_s = time_s + step_s
                }
                _ => runs.push(ClassRun { t0_s: time_s, t1_s: time_s + step_s, class }),
            }
        }
        runs
    }

    fn add_gaps_and_events(&self, columns: &mut Columns) {
        let before =
            if self.loops > 0 && self.duration_s.is_finite() { Some(-self.duration_s) } else { None };
        for shift in [Some(0.0), before].into_iter().flatten() {
            let session = |time_s: f64| self.session_time(time_s - self.origin_s + shift);
            for gap in &self.gaps {
                let gap = ColumnGap { t0_s: session(gap.t0_s), t1_s: session(gap.t1_s), ..*gap };
                if gap.t1_s > columns.t0_s && gap.t0_s < columns.t1_s {
                    columns.gaps.push(gap);
                }
            }
            for event in &self.events {
                let event = ColumnEvent { time_s: session(event.time_s), ..*event };
                if event.time_s >= columns.t0_s && event.time_s < columns.t1_s {
                    columns.events.push(event);
                }
            }
        }
    }
}

/// Carries the neighbouring values into columns between two samples; a real hole is wider than a sample and stays.
fn fill_between_samples(channel: &mut ChannelColumns, width_s: f64, rate_hz: f64) {
    let reach = (1.0 / (rate_hz * width_s)).ceil();
    if reach <= 1.0 {
        return;
    }
    let reach = reach as usize;
    let mut last: Option<usize> = None;
    for at in 0..channel.raw_min.len() {
        if channel.raw_min[at].is_nan() {
            continue;
        }
        if let Some(from) = last.filter(|from| at - from <= reach + 1) {
            for between in from + 1..at {
                channel.raw_min[between] = channel.raw_min[from];
                channel.raw_max[between] = channel.raw_max[from];
            }
        }
        last = Some(at);
    }
}
