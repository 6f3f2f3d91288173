//! Records as the JSON lines of `surae.stream/1`.
//!
//! Only shapes: the caller serialises. Numbers that are not known are `null`; `NaN` never reaches a line.

use super::records::{Record, StateChange};
use super::{Lag, Pipeline};
use serde::Serialize;
use surae_trial::{EventKind, SessionLayout, Settings, StreamId};

/// The first line of a stream of results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Header<'a> {
    r#type: &'static str,
    schema: &'static str,
    mode: &'static str,
    settings: &'a Settings,
    lag_ms: LagMs,
    master_stream: Option<&'a str>,
    rate_hz: Option<f64>,
    activation_estimator: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct LagMs {
    /// Step lag of the envelope filter: estimates trail the muscles by it.
    envelope: f64,
    /// Longest wait for the knee angle, stream time.
    angle_wait: f64,
    /// Delay of a change between classes.
    dwell: f64,
}

/// The schema of the lines.
pub const SCHEMA: &str = "surae.stream/1";

/// The header line of a pipeline; `mode` is `causal` for every use of the pipeline, live or not.
#[must_use]
pub fn header<'a>(pipeline: &Pipeline, layout: &'a SessionLayout, settings: &'a Settings) -> Header<'a> {
    header_of(pipeline.lag(), layout, settings)
}

/// As [`header`], where the pipeline has moved to its thread.
#[must_use]
pub fn header_of<'a>(lag: Lag, layout: &'a SessionLayout, settings: &'a Settings) -> Header<'a> {
    let ms = |s: f64| (s * 1e6).round() / 1e3;
    Header {
        r#type: "header",
        schema: SCHEMA,
        mode: "causal",
        settings,
        lag_ms: LagMs {
            envelope: ms(lag.envelope_s),
            angle_wait: ms(lag.angle_wait_s),
            dwell: ms(lag.dwell_s),
        },
        master_stream: layout.master_stream().map(|stream| stream.name.as_str()),
        rate_hz: layout.master_stream().map(|stream| stream.rate_hz),
        activation_estimator: "arv",
    }
}

/// One line of results.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line<'a> {
    /// A decision.
    Estimate {
        /// Seconds from trial start.
        time_s: f64,
        /// Master sample.
        index: u64,
        /// `left` or `right`.
        side: &'static str,
        /// Class shown.
        class: &'static str,
        /// Why it is undetermined, else `null`.
        reason: Option<&'static str>,
        /// Class before dwell.
        class_before_dwell: &'static str,
        /// `(G - S)/(G + S)`.
        dominance: Option<f64>,
        /// Its 90 % interval; an open end is -1 or 1.
        dominance_ci90: Option<[f64; 2]>,
        /// `ln(G/S)`.
        log_ratio: Option<f64>,
        /// `none`, or `upper`/`lower` when the ratio is only a bound.
        bound: &'static str,
        /// Gastrocnemius.
        gastrocnemius: Option<f64>,
        /// Soleus.
        soleus: Option<f64>,
        /// Unit of the two.
        activation_unit: &'static str,
        /// Knee flexion, 0 = straight.
        knee_flexion_deg: Option<f64>,
        /// `clean`, `bridged`, `settling` or `missing`.
        quality: &'static str,
    },
    /// Samples that never arrived.
    Gap {
        /// Seconds from trial start.
        time_s: f64,
        /// First lost sample on its stream.
        index: u64,
        /// Stream.
        stream: &'a str,
        /// How many.
        lost_samples: u64,
        /// False when the length is an estimate.
        certain: bool,
        /// True when the filters bridge it.
        bridged: bool,
    },
    /// A gait event.
    Event {
        /// Seconds from trial start.
        time_s: f64,
        /// Master sample.
        index: u64,
        /// What.
        kind: EventKind,
        /// Leg.
        side: Option<&'static str>,
        /// Who says so.
        source: &'static str,
    },
    /// A mark.
    Mark {
        /// Seconds from trial start.
        time_s: f64,
        /// Master sample.
        index: u64,
        /// Key.
        code: u8,
    },
    /// A block the pipeline had no room for.
    Drop {
        /// Seconds from trial start.
        time_s: f64,
        /// Stream.
        stream: &'a str,
        /// First sample.
        first: u64,
        /// Last sample.
        last: u64,
    },
    /// Something changed.
    State {
        /// Seconds from trial start.
        time_s: f64,
        /// Master sample.
        index: u64,
        /// `settings`, `settings_refused`, `reference`, `straight`, `unused` or `end`.
        change: &'static str,
        /// Muscle of a reference.
        #[serde(skip_serializing_if = "Option::is_none")]
        muscle: Option<&'static str>,
        /// Leg of a reference.
        #[serde(skip_serializing_if = "Option::is_none")]
        side: Option<&'static str>,
        /// Samples that came too late or twice.
        #[serde(skip_serializing_if = "Option::is_none")]
        samples: Option<u64>,
    },
}

/// The line of a record; stream names come from `layout`.
#[must_use]
pub fn line<'a>(record: &Record, layout: &'a SessionLayout) -> Line<'a> {
    match *record {
        Record::Estimate(e) => {
            let known = e.ratio.is_known();
            Line::Estimate {
                time_s: e.time_s.0,
                index: e.index.0,
                side: e.side.name(),
                class: e.class.name(),
                reason: e.reason.map(|reason| reason.name()),
                class_before_dwell: e.class_before_dwell.name(),
                dominance: known.then(|| e.ratio.dominance()),
                dominance_ci90: known.then(|| e.ratio.dominance_ci90()),
                log_ratio: known.then_some(e.ratio.log_ratio),
                bound: bound_name(e.ratio.bound),
                gastrocnemius: finite(e.gastrocnemius),
                soleus: finite(e.soleus),
                activation_unit: e.unit.name(),
                knee_flexion_deg: finite(e.knee_flexion_deg),
                quality: e.quality.name(),
            }
        }
        Record::Gap { time_s, gap } => Line::Gap {
            time_s: time_s.0,
            index: gap.index.0,
            stream: name(layout, gap.stream),
            lost_samples: gap.lost_samples,
            certain: gap.certain,
            bridged: gap.bridged,
        },
        Record::Event { time_s, event } => Line::Event {
            time_s: time_s.0,
            index: event.index.0,
            kind: event.kind,
            side: event.side.map(|side| side.name()),
            source: event.source.name(),
        },
        Record::Mark { time_s, code, index } => Line::Mark { time_s: time_s.0, index: index.0, code },
        Record::Drop { time_s, stream, first, last } => {
            Line::Drop { time_s: time_s.0, stream: name(layout, stream), first: first.0, last: last.0 }
        }
        Record::State { time_s, index, change } => state(time_s.0, index.0, change),
    }
}

fn state<'a>(time_s: f64, index: u64, what: StateChange) -> Line<'a> {
    let (change, muscle, side, samples) = match what {
        StateChange::Settings => ("settings", None, None, None),
        StateChange::SettingsRefused => ("settings_refused", None, None, None),
        StateChange::Reference(muscle, side) => ("reference", Some(muscle.short()), Some(side.name()), None),
        StateChange::Straight(side) => ("straight", None, Some(side.name()), None),
        StateChange::Unused(count) => ("unused", None, None, Some(count)),
        StateChange::End => ("end", None, None, None),
    };
    Line::State { time_s, index, change, muscle, side, samples }
}

fn bound_name(bound: crate::dominance::Bound) -> &'static str {
    match bound {
        crate::dominance::Bound::None => "none",
        crate::dominance::Bound::Upper => "upper",
        crate::dominance::Bound::Lower => "lower",
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn name(layout: &SessionLayout, stream: StreamId) -> &str {
    layout.stream(stream).map_or("", |stream| stream.name.as_str())
}
