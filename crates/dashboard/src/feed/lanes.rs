//! Lanes of a leg: which channels, in which order and unit, and their columns over the window.

use super::map::STALE_S;
use super::words;
use crate::model::{ClassRun, Contact, GapSpan, Grade, Knee, Lane, Mark, Quality, Signals, Transport};
use crate::request::SourceFacts;
use crate::state::ViewState;
use crate::text;
use surae_engine::{Columns, Snapshot};
use surae_gait::pipeline::SignalState;
use surae_trial::{Channel, EventKind, Joint, Kind, Muscle, SessionLayout, Side, Unit};

/// Two events of one kind nearer than this are the same one from two sources.
const SAME_EVENT_S: f64 = 0.06;

/// Where a lane's channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Stream of the layout.
    pub stream: usize,
    /// Channel in that stream.
    pub channel: usize,
    /// Position among all EMG channels of the layout: that of snapshot and columns.
    pub emg: usize,
}

/// The EMG channels of a leg in display order; channels without a side stand with any leg.
#[must_use]
pub fn places(layout: &SessionLayout, side: Option<Side>) -> Vec<Place> {
    let mut places = Vec::new();
    let mut emg = 0;
    for (stream, of) in layout.streams.iter().enumerate() {
        for (channel, description) in of.channels.iter().enumerate() {
            if description.role.kind.is_emg() {
                if description.role.side == side || description.role.side.is_none() {
                    places.push(Place { stream, channel, emg });
                }
                emg += 1;
            }
        }
    }
    places.sort_by_key(|place| {
        let muscle = layout.streams[place.stream].channels[place.channel].role.muscle;
        (muscle.unwrap_or(Muscle::Other), place.emg)
    });
    places
}

/// Legs with EMG, left first.
#[must_use]
pub fn sides(layout: &SessionLayout) -> Vec<Side> {
    let has = |side: &Side| {
        layout
            .streams
            .iter()
            .flat_map(|stream| &stream.channels)
            .any(|channel| channel.role.kind.is_emg() && channel.role.side == Some(*side))
    };
    Side::BOTH.into_iter().filter(has).collect()
}

/// The short name of a lane.
#[must_use]
pub fn name(channel: &Channel) -> String {
    match channel.role.muscle {
        Some(muscle) if muscle != Muscle::Other => muscle.short().to_owned(),
        _ => channel.label.clone(),
    }
}

/// Unit on screen and what a value of the channel is multiplied with: µV at the electrode or where the source says
/// µV itself, mV at an amplifier.
#[must_use]
pub fn display_unit(channel: &Channel) -> (String, f64) {
    match channel.unit.volts() {
        Some(volts) if channel.amplifier.input_referred || channel.unit == Unit::Microvolt => {
            ("µV".to_owned(), volts / 1e-6)
        }
        Some(volts) => ("mV".to_owned(), volts / 1e-3),
        None => (channel.unit.symbol().to_owned(), 1.0),
    }
}

/// True when an EMG channel of the leg is in volts of which nobody said where they were measured.
#[must_use]
pub fn has_unstated_gain(layout: &SessionLayout, side: Option<Side>) -> bool {
    places(layout, side)
        .iter()
        .map(|place| channel(layout, place))
        .any(|channel| display_unit(channel).0 == "mV" && channel.amplifier.gain.is_none())
}

/// Lanes without data yet.
#[must_use]
pub fn lanes(layout: &SessionLayout, side: Option<Side>) -> Vec<Lane> {
    let places = places(layout, side);
    let channel = |place: &Place| &layout.streams[place.stream].channels[place.channel];
    places
        .iter()
        .map(|place| {
            let channel = channel(place);
            let twice =
                places.iter().filter(|other| name(self::channel(layout, other)) == name(channel)).count();
            Lane {
                name: name(channel),
                full_name: match channel.role.muscle {
                    Some(muscle) if muscle != Muscle::Other && twice < 2 => muscle.name().to_owned(),
                    _ if name(channel) == channel.label => channel.description.clone(),
                    _ => channel.label.clone(),
                },
                muscle: channel.role.muscle,
                unit: display_unit(channel).0,
                is_envelope: channel.role.kind != Kind::RawEmg,
                ..Lane::default()
            }
        })
        .collect()
}

fn channel<'a>(layout: &'a SessionLayout, place: &Place) -> &'a Channel {
    &layout.streams[place.stream].channels[place.channel]
}

/// The knee of a leg, without data yet.
#[must_use]
pub fn knee(layout: &SessionLayout, snapshot: &Snapshot, side: Side) -> Option<Knee> {
    let has_knee = snapshot.legs.iter().any(|leg| leg.side == side && leg.has_knee);
    let found = layout.streams.iter().find_map(|stream| {
        let channel = stream.channels.iter().find(|channel| channel.is_angle_of(Joint::Knee, side))?;
        Some((stream, channel))
    });
    let (stream, channel) = found.filter(|_| has_knee)?;
    let source = if stream.name == "knee" { text::FROM_MARKERS.to_owned() } else { channel.label.clone() };
    Some(Knee { source, rate_hz: stream.rate_hz, range_deg: (0.0, 60.0), ..Knee::default() })
}

/// The numbers of the cards.
pub fn numbers(
    signals: &mut Signals,
    layout: &SessionLayout,
    snapshot: &Snapshot,
    side: Option<Side>,
    facts: &SourceFacts,
) {
    for (lane, place) in signals.lanes.iter_mut().zip(places(layout, side)) {
        let Some(now) = snapshot.channels.get(place.emg) else { continue };
        let factor = display_unit(channel(layout, &place)).1;
        lane.activation = now.activation.is_finite().then_some(now.activation as f32);
        // The low-pass swings a little below zero after a burst; an amplitude is never shown negative.
        lane.amplitude = now.envelope.is_finite().then_some((now.envelope.max(0.0) * factor) as f32);
        // A trial was judged as a whole; a board is judged as it runs.
        let judged = facts.quality.get(place.emg).cloned();
        let judged = judged.or_else(|| now.quality.as_ref().map(super::quality::in_words));
        lane.quality = quality(judged.as_ref(), now.state);
    }
    let leg = snapshot.legs.iter().find(|leg| Some(leg.side) == side);
    if let (Some(knee), Some(leg)) = (&mut signals.knee, leg) {
        let now = leg.last.map_or(f64::NAN, |last| last.knee_flexion_deg);
        knee.now_deg = now.is_finite().then_some(now as f32);
        knee.stale_s = (leg.knee_age_s > STALE_S).then_some(leg.knee_age_s as f32);
    }
}

/// What is known of the whole trial, unless samples are missing right now.
fn quality(known: Option<&Quality>, state: SignalState) -> Quality {
    match words::signal(state) {
        Some(words) if state == SignalState::Missing => Quality {
            grade: Grade::Bad,
            reason: words.to_owned(),
            advice: text::signal::MISSING_ADVICE.to_owned(),
            snr_db: None,
        },
        Some(words) => {
            let known = known.cloned().unwrap_or_default();
            if known.reason.is_empty() { Quality { reason: words.to_owned(), ..known } } else { known }
        }
        None => known.cloned().unwrap_or_default(),
    }
}

/// The window that ends now, on whole columns so that the picture moves by whole pixels; at the start it waits to be
/// filled from the left.
#[must_use]
pub fn window(now_s: f64, origin_s: f64, length_s: f64, pixels: u16) -> (f64, f64) {
    let step_s = length_s / f64::from(pixels.max(1));
    let end_s = (now_s / step_s).ceil() * step_s;
    let end_s = end_s.max(origin_s + length_s);
    (end_s - length_s, end_s)
}

/// Brings traces, gaps, runs, contacts and marks over the window up to date.
pub fn columns(
    signals: &mut Signals,
    columns: &Columns,
    layout: &SessionLayout,
    side: Option<Side>,
    facts: &SourceFacts,
    view: &mut ViewState,
) {
    (signals.t0_s, signals.t1_s) = (columns.t0_s, columns.t1_s);
    for (lane, place) in signals.lanes.iter_mut().zip(places(layout, side)) {
        let Some(data) = columns.channels.get(place.emg) else { continue };
        let factor = display_unit(channel(layout, &place)).1;
        let known = facts.spans.get(place.emg).copied().flatten();
        let (low, high) = known.map_or((f64::NAN, f64::NAN), |(low, high)| (low * factor, high * factor));
        let raw =
            |values: &[f32]| -> Vec<f32> { values.iter().map(|v| (f64::from(*v) * factor) as f32).collect() };
        lane.columns.low = raw(&data.raw_min);
        lane.columns.high = raw(&data.raw_max);
        lane.columns.envelope = raw(&data.envelope);
        centre(lane, low, high);
        let needed = needed(lane, low, high);
        lane.scale = scale(view, &lane.name, needed);
    }
    if let (Some(knee), Some(side)) = (&mut signals.knee, side) {
        knee.columns.clone_from(&columns.knee[side as usize]);
        let known = facts.knee_range_deg[side as usize];
        let shown = knee.columns.iter().copied().filter(|deg| deg.is_finite());
        let (low, high) = known.unwrap_or(knee.range_deg);
        let (low, high) = shown.fold((low, high), |(low, high), deg| (low.min(deg), high.max(deg)));
        knee.range_deg = ((low / 10.0).floor() * 10.0, (high / 10.0).ceil() * 10.0);
    }
    signals.gaps = columns
        .gaps
        .iter()
        .map(|gap| GapSpan { t0_s: gap.t0_s, t1_s: gap.t1_s, lost: gap.lost_samples, certain: gap.certain })
        .collect();
    signals.runs = match side {
        Some(side) => columns.class_runs[side as usize]
            .iter()
            .map(|run| ClassRun { t0_s: run.t0_s, t1_s: run.t1_s, class: words::class(run.class) })
            .collect(),
        None => Vec::new(),
    };
    signals.contacts = contacts(columns, side, &signals.seams_s);
    signals.marks = marks(columns)
        .map(|(time_s, code)| Mark { time_s, label: text::mark_label(code), words: String::new() })
        .collect();
}

/// Moves a lane to its middle where the source has an offset that would push the trace aside.
fn centre(lane: &mut Lane, low: f64, high: f64) {
    let middle = ((low + high) / 2.0) as f32;
    let half = ((high - low) / 2.0) as f32;
    lane.centre = if !lane.is_envelope && middle.is_finite() && middle.abs() > half { middle } else { 0.0 };
    if lane.centre != 0.0 {
        for value in lane.columns.low.iter_mut().chain(&mut lane.columns.high) {
            *value -= lane.centre;
        }
    }
}

/// Half scale that shows the whole trial, or else what is in the window.
fn needed(lane: &Lane, low: f64, high: f64) -> f32 {
    let known = (low - f64::from(lane.centre)).abs().max((high - f64::from(lane.centre)).abs()) as f32;
    let shown = if lane.is_envelope {
        lane.columns.envelope.iter().copied().fold(0.0, f32::max)
    } else {
        let values = lane.columns.low.iter().chain(&lane.columns.high);
        values.map(|v| v.abs()).filter(|v| v.is_finite()).fold(0.0, f32::max)
    };
    if known.is_finite() && known > 0.0 { known } else { shown }
}

/// The scale of a lane: a round value that only grows until the person asks for a fit.
fn scale(view: &mut ViewState, name: &str, needed: f32) -> f32 {
    let round = round_up(needed);
    match view.scales.iter_mut().find(|(lane, _)| lane == name) {
        Some((name, scale)) => {
            if !view.held_scales.contains(name) {
                *scale = scale.max(round);
            }
            *scale
        }
        None if round > 0.0 => {
            view.scales.push((name.to_owned(), round));
            round
        }
        None => 0.0,
    }
}

/// The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten.
fn round_up(value: f32) -> f32 {
    if !(value.is_finite() && value > 0.0) {
        return 0.0;
    }
    let decade = 10f32.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * decade).find(|step| *step >= value * 0.999).unwrap_or(10.0 * decade)
}

/// Contacts of a leg: each foot contact with the foot off that follows it.
fn contacts(columns: &Columns, side: Option<Side>, seams_s: &[f64]) -> Vec<Contact> {
    let mut events: Vec<(f64, EventKind)> = columns
        .events
        .iter()
        .filter(|event| event.side == side || event.side.is_none())
        .filter(|event| matches!(event.kind, EventKind::FootContact | EventKind::FootOff))
        .map(|event| (event.time_s, event.kind))
        .collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut contacts: Vec<Contact> = Vec::new();
    for (time_s, kind) in events {
        match (kind, contacts.last_mut()) {
            (EventKind::FootContact, Some(last)) if time_s - last.t0_s < SAME_EVENT_S => {}
            (EventKind::FootContact, _) => contacts.push(Contact { t0_s: time_s, t1_s: None }),
            (_, Some(last)) => match seams_s.iter().find(|seam| (last.t0_s..time_s).contains(*seam)) {
                // The foot was on the ground where the loop ends, and where it begins.
                Some(seam) => {
                    last.t1_s.get_or_insert(*seam);
                    contacts.push(Contact { t0_s: *seam, t1_s: Some(time_s) });
                }
                None => {
                    last.t1_s.get_or_insert(time_s);
                }
            },
            // The contact came before the window: drawn from its edge, and never the start of a stride.
            (_, None) => contacts.push(Contact { t0_s: columns.t0_s - 1e-6, t1_s: Some(time_s) }),
        }
    }
    // A foot that left the ground unseen has no known end; only the last contact may still be on.
    let last = contacts.len().saturating_sub(1);
    contacts.retain({
        let mut at = 0;
        move |contact| {
            at += 1;
            contact.t1_s.is_some() || at > last
        }
    });
    contacts
}

/// Marks of the columns: time and key.
pub fn marks(columns: &Columns) -> impl Iterator<Item = (f64, u8)> {
    columns.events.iter().filter(|e| e.kind == EventKind::Mark).map(|event| (event.time_s, event.code))
}

/// The scrub strip.
pub fn overview(
    transport: &mut Transport,
    columns: &Columns,
    signals: &Signals,
    layout: &SessionLayout,
    side: Option<Side>,
) {
    let places = places(layout, side);
    let best = places
        .iter()
        .find(|place| channel(layout, place).role.muscle == Some(Muscle::SOL))
        .or(places.first());
    let length_s = columns.t1_s - columns.t0_s;
    if let (Some(place), true) = (best, length_s > 0.0) {
        if let Some(data) = columns.channels.get(place.emg) {
            transport.overview.clone_from(&data.envelope);
            transport.overview_muscle = channel(layout, place).role.muscle;
        }
        let share = |time_s: f64| ((time_s - columns.t0_s) / length_s) as f32;
        transport.overview_gaps = columns.gaps.iter().map(|gap| (share(gap.t0_s), share(gap.t1_s))).collect();
        let shown = (share(signals.t0_s).max(0.0), share(signals.t1_s.min(signals.now_s)).min(1.0));
        transport.overview_window = (shown.1 > shown.0).then_some(shown);
    }
}
