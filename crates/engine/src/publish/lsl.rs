//! Results as Lab Streaming Layer streams, for LabRecorder and whatever else listens on the network.
//!
//! Of `--lsl-out NAME`:
//!
//! | stream | type | rate | channels |
//! |---|---|---|---|
//! | `NAME-envelope` (`-envelope-2` for a second device) | `EMG-envelope` | about 100 Hz | envelope of each EMG channel, in its unit |
//! | `NAME-right`, `NAME-left` | `Dominance` | 50 Hz | log ratio, dominance with its 90 % interval, gastrocnemius, soleus, knee angle, class |
//! | `NAME-events` | `Markers` | as they come | `foot_contact right`, `mark 3`, `gap 40` |
//!
//! Stamps are those of the samples, on LSL's clock: what the filters delay is in the header's `lag_ms` and is not taken out. What is not
//! known is `NaN`; samples that were lost have no row. Of a trial that is replayed, rows are stamped as they are sent.

use crate::session::Session;
use crate::status::SourceNow;
use surae_gait::dominance::Class;
use surae_gait::pipeline::{Estimate, Record};
use surae_io::lsl::{LslError, Offer, Outlet, local_clock};
use surae_trial::{SessionLayout, Side, StreamLayout};

/// Decisions a second.
const DECISIONS_HZ: f64 = 50.0;

/// Channels of a leg's stream: label, unit.
const DECISION: [(&str, &str); 8] = [
    ("log_ratio", "1"),
    ("dominance", "1"),
    ("dominance_low", "1"),
    ("dominance_high", "1"),
    ("gastrocnemius", "1 of its reference; else as the channel"),
    ("soleus", "1 of its reference; else as the channel"),
    ("knee_flexion_deg", "deg"),
    ("class", "-1 undetermined, 0 rest, 1 soleus, 2 balanced, 3 gastrocnemius"),
];

/// The envelopes of one device.
struct Envelopes {
    stream: usize,
    columns: Vec<usize>,
    outlet: Outlet,
    row: Vec<f64>,
}

/// The streams that are offered.
pub(super) struct LslOut {
    envelopes: Vec<Envelopes>,
    sides: [Option<Outlet>; 2],
    events: Outlet,
    /// LSL's clock at the start of the session; `None` for a trial.
    zero_s: Option<f64>,
    /// Of each stream: host time of sample 0 since the start of the session, and per nominal second, s.
    lines: Vec<Option<(f64, f64)>>,
    rates_hz: Vec<f64>,
    master: usize,
    /// Samples that the library refused.
    pub(super) failed: u64,
}

impl LslOut {
    pub(super) fn open(name: &str, session: &Session) -> Result<Self, LslError> {
        let layout = session.layout();
        let offer = |what: &str, kind: &str, rate_hz: f64, channels: Vec<(String, String, String)>| Offer {
            name: format!("{name}-{what}"),
            kind: kind.to_owned(),
            source_id: format!("surae-{name}-{what}"),
            rate_hz,
            is_text: kind == "Markers",
            channels,
        };
        let mut envelopes = Vec::new();
        for (stream, of) in layout.streams.iter().enumerate() {
            let columns: Vec<usize> =
                (0..of.channels.len()).filter(|at| of.channels[*at].role.kind.is_emg()).collect();
            if columns.is_empty() {
                continue;
            }
            let what = if envelopes.is_empty() {
                "envelope".to_owned()
            } else {
                format!("envelope-{}", envelopes.len() + 1)
            };
            let offer = offer(
                &what,
                "EMG-envelope",
                row_rate_hz(of),
                columns.iter().map(|at| described(of, *at)).collect(),
            );
            let row = Vec::with_capacity(columns.len());
            envelopes.push(Envelopes { stream, columns, outlet: Outlet::open(&offer)?, row });
        }
        let channels = || {
            DECISION.map(|(label, unit)| (label.to_owned(), unit.to_owned(), "Dominance".to_owned())).to_vec()
        };
        let mut sides = [None, None];
        for (outlet, side) in sides.iter_mut().zip(Side::BOTH) {
            if has(layout, side) {
                *outlet = Some(Outlet::open(&offer(side.name(), "Dominance", DECISIONS_HZ, channels()))?);
            }
        }
        let text = vec![("event".to_owned(), String::new(), "Markers".to_owned())];
        let events = Outlet::open(&offer("events", "Markers", 0.0, text))?;
        let zero_s = session
            .since_start_s()
            .map(|since_s| Ok::<f64, LslError>(local_clock()? - since_s))
            .transpose()?;
        Ok(Self {
            envelopes,
            sides,
            events,
            zero_s,
            lines: vec![None; layout.streams.len()],
            rates_hz: layout.streams.iter().map(|stream| stream.rate_hz).collect(),
            master: layout.master.map_or(0, |id| usize::from(id.0)),
            failed: 0,
        })
    }

    /// Takes over how the streams' clocks run now, and sends the envelopes that wait.
    pub(super) fn follow(&mut self, session: &mut Session) {
        self.lines.clear();
        self.lines.extend(session.status().sources.iter().map(|source: &SourceNow| source.host_line));
        self.lines.resize(self.rates_hz.len(), None);
        session.drain_envelopes(|stream, index, values| self.envelope(usize::from(stream.0), index, values));
    }

    /// LSL's time of a moment of a stream; 0, which means now, where there is none.
    fn stamp(&self, stream: usize, nominal_s: f64) -> f64 {
        let line = self.lines.get(stream).copied().flatten();
        self.zero_s.zip(line).map_or(0.0, |(zero_s, (first_s, per_s))| zero_s + first_s + per_s * nominal_s)
    }

    fn envelope(&mut self, stream: usize, index: u64, values: &[f64]) {
        let stamp = self.stamp(stream, index as f64 / self.rates_hz.get(stream).copied().unwrap_or(1.0));
        let Some(envelopes) = self.envelopes.iter_mut().find(|envelopes| envelopes.stream == stream) else {
            return;
        };
        envelopes.row.clear();
        envelopes.row.extend(envelopes.columns.iter().map(|at| values.get(*at).copied().unwrap_or(f64::NAN)));
        self.failed += u64::from(envelopes.outlet.push(&envelopes.row, stamp).is_err());
    }

    pub(super) fn record(&mut self, record: &Record) {
        let (time_s, text) = match record {
            Record::Estimate(estimate) => return self.decision(estimate),
            Record::Event { time_s, event } => {
                let side = event.side.map_or("unknown", Side::name);
                (time_s, format!("{} {side}", event.kind.name()))
            }
            Record::Mark { time_s, code: u8::MAX, .. } => (time_s, "note".to_owned()),
            Record::Mark { time_s, code, .. } => (time_s, format!("mark {code}")),
            Record::Gap { time_s, gap } => (time_s, format!("gap {}", gap.lost_samples)),
            Record::Drop { .. } | Record::State { .. } => return,
        };
        let stamp = self.stamp(self.master, time_s.0);
        self.failed += u64::from(self.events.push_text(&text, stamp).is_err());
    }

    fn decision(&mut self, estimate: &Estimate) {
        let stamp = self.stamp(self.master, estimate.time_s.0);
        let at = usize::from(estimate.side == Side::BOTH[1]);
        let Some(outlet) = &mut self.sides[at] else { return };
        let known = estimate.ratio.is_known();
        let of = |value: f64| if known { value } else { f64::NAN };
        let [low, high] = estimate.ratio.dominance_ci90();
        let class = match estimate.class {
            Class::Undetermined => -1.0,
            Class::Rest => 0.0,
            Class::SoleusDominant => 1.0,
            Class::Balanced => 2.0,
            Class::GastrocnemiusDominant => 3.0,
        };
        let row = [
            of(estimate.ratio.log_ratio),
            of(estimate.ratio.dominance()),
            of(low),
            of(high),
            estimate.gastrocnemius,
            estimate.soleus,
            estimate.knee_flexion_deg,
            class,
        ];
        self.failed += u64::from(outlet.push(&row, stamp).is_err());
    }
}

/// Rate of the envelope rows of a stream.
fn row_rate_hz(stream: &StreamLayout) -> f64 {
    stream.rate_hz / crate::sample_path::row_distance(stream.rate_hz) as f64
}

fn described(stream: &StreamLayout, at: usize) -> (String, String, String) {
    let channel = &stream.channels[at];
    (channel.label.clone(), channel.unit.symbol().to_owned(), "EMG-envelope".to_owned())
}

/// Whether a leg has EMG of a muscle that takes part in decisions.
fn has(layout: &SessionLayout, side: Side) -> bool {
    let mut channels = layout.streams.iter().flat_map(|stream| &stream.channels);
    channels.any(|channel| {
        channel.role.kind.is_emg() && channel.role.muscle.is_some() && channel.role.side == Some(side)
    })
}
