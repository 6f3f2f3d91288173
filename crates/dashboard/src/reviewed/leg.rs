//! The traces of one leg of a review: EMG, knee, force, classes and contacts, ready to be drawn.

use super::Trace;
use crate::feed::words;
use crate::model::{Class, Contact, Grade};
use surae_gait::report::Report;
use surae_gait::review::ReviewModel;
use surae_trial::{EventKind, Muscle, Side};

/// One EMG channel of a leg.
#[derive(Clone, Debug, PartialEq)]
pub struct EmgTrace {
    /// Muscle.
    pub muscle: Muscle,
    /// Label of the channel in the file.
    pub label: String,
    /// Unit symbol of the amplitude.
    pub unit: String,
    /// True when the source gives an envelope: there is no raw trace.
    pub is_envelope: bool,
    /// Band-passed EMG; empty for an envelope.
    pub band: Trace,
    /// Linear envelope.
    pub envelope: Trace,
    /// Grade over the trial.
    pub grade: Grade,
    /// What lowers the grade; empty when good.
    pub reasons: Vec<String>,
}

/// The vertical force under one foot, or on a plate whose foot is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct ForceTrace {
    /// The foot; `None` where a plate could not be given to a foot.
    pub side: Option<Side>,
    /// Force in N.
    pub trace: Trace,
}

/// A run of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassSpan {
    /// Start in s.
    pub t0_s: f64,
    /// End in s.
    pub t1_s: f64,
    /// Class.
    pub class: Class,
    /// Why not clear; empty otherwise.
    pub reason: &'static str,
}

/// Traces of one leg.
#[derive(Clone, Debug, PartialEq)]
pub struct LegTraces {
    /// Which.
    pub side: Side,
    /// EMG: the calf first (MG, LG, GAS, SOL, TA), then the others as in the trial.
    pub emg: Vec<EmgTrace>,
    /// Knee flexion in deg.
    pub knee: Option<Trace>,
    /// Gastrocnemius, 1 = its reference; empty without gastrocnemius and soleus.
    pub gastrocnemius: Trace,
    /// Soleus, 1 = its reference.
    pub soleus: Trace,
    /// Vertical forces of both feet.
    pub forces: Vec<ForceTrace>,
    /// Class runs.
    pub classes: Vec<ClassSpan>,
    /// Contacts of this foot.
    pub contacts: Vec<Contact>,
    /// Contacts of the other foot.
    pub other_contacts: Vec<Contact>,
}

impl LegTraces {
    /// The traces of a leg; `None` where the review has nothing of it.
    #[must_use]
    pub fn of(model: &ReviewModel, side: Side) -> Option<Self> {
        let (report, series) = (&model.report, model.series.side(side));
        let leg = report.sides.of(side)?;
        let mut emg: Vec<EmgTrace> = model
            .series
            .emg
            .iter()
            .filter(|emg| emg.side == side)
            .map(|emg| emg_trace(report, emg))
            .collect();
        emg.sort_by_key(|emg| rank(emg.muscle));
        let track = series.track.as_ref();
        let step_hz = 1.0 / surae_gait::track::STEP_S;
        let activation = |values: fn(&surae_gait::track::Track) -> &Vec<f64>| {
            track.map_or_else(Trace::default, |t| Trace::new(t.start_s, step_hz, values(t).iter().copied()))
        };
        let classes = track.map(|track| track.runs()).unwrap_or_default();
        let contacts = contacts(report, side);
        let knee = series.knee.as_ref().map(|k| Trace::new(k.start_s, k.rate_hz, k.deg.iter().copied()));
        let is_nothing = emg.is_empty() && knee.is_none() && contacts.is_empty() && leg.pushoffs.is_empty();
        if is_nothing {
            return None;
        }
        Some(Self {
            side,
            emg,
            knee,
            gastrocnemius: activation(|t| &t.gastrocnemius),
            soleus: activation(|t| &t.soleus),
            forces: forces(model),
            classes: classes
                .into_iter()
                .map(|(t0_s, t1_s, verdict)| ClassSpan {
                    t0_s,
                    t1_s,
                    class: words::class(verdict.class),
                    reason: verdict.reason.map_or("", words::reason),
                })
                .collect(),
            contacts,
            other_contacts: self::contacts(report, side.other()),
        })
    }

    /// The trace of a muscle; `None` where it was not recorded.
    #[must_use]
    pub fn muscle(&self, muscle: Muscle) -> Option<&EmgTrace> {
        self.emg.iter().find(|emg| emg.muscle == muscle)
    }

    /// The class at a time.
    #[must_use]
    pub fn class_at(&self, time_s: f64) -> Option<&ClassSpan> {
        self.classes.iter().find(|run| (run.t0_s..run.t1_s).contains(&time_s))
    }
}

/// The calf first.
fn rank(muscle: Muscle) -> usize {
    let order = [Muscle::MG, Muscle::LG, Muscle::GAS, Muscle::SOL, Muscle::TA];
    order.iter().position(|one| *one == muscle).unwrap_or(order.len())
}

fn emg_trace(report: &Report, emg: &surae_gait::emg::Emg) -> EmgTrace {
    let channel = report.trial.streams.get(emg.stream).and_then(|stream| stream.channels.get(emg.channel));
    let quality = channel.and_then(|channel| channel.quality.as_ref());
    EmgTrace {
        muscle: emg.muscle,
        label: emg.label.clone(),
        unit: emg.unit.symbol().to_owned(),
        is_envelope: !emg.is_raw(),
        band: Trace::new(emg.start_s, emg.rate_hz, emg.band.iter().copied()),
        envelope: Trace::new(emg.start_s, emg.rate_hz, emg.envelope.iter().copied()),
        grade: match quality.map(|quality| quality.grade.as_str()) {
            Some("good") => Grade::Good,
            Some("fair") => Grade::Fair,
            Some("bad") => Grade::Bad,
            _ => Grade::Unknown,
        },
        reasons: quality.map(|quality| quality.reasons.clone()).unwrap_or_default(),
    }
}

/// Contacts with the first off after each and before the next.
fn contacts(report: &Report, side: Side) -> Vec<Contact> {
    let times = |kind: EventKind| {
        let chosen = report.events.iter().filter(move |e| e.chosen && e.kind == kind && e.side == Some(side));
        chosen.map(|e| e.time_s)
    };
    let starts: Vec<f64> = times(EventKind::FootContact).collect();
    let offs: Vec<f64> = times(EventKind::FootOff).collect();
    starts
        .iter()
        .enumerate()
        .map(|(at, start)| {
            let next = starts.get(at + 1).copied().unwrap_or(f64::INFINITY);
            let off = offs.iter().copied().find(|off| *off > *start && *off < next);
            Contact { t0_s: *start, t1_s: off }
        })
        .collect()
}

/// A contact event this close to the start of a load tells whose foot it is, in s.
const NEAR_S: f64 = 0.06;
/// Load that counts as a foot on the plate, in N.
const LOADED_N: f64 = 20.0;

/// Forces by foot. A plate takes many feet one after the other: each load on it goes to the foot that made contact then.
fn forces(model: &ReviewModel) -> Vec<ForceTrace> {
    let mut forces: Vec<ForceTrace> = Vec::new();
    let mut feet: [Vec<(f64, f64, Vec<f64>)>; 3] = Default::default();
    for plate in &model.series.plates {
        if plate.side.is_some() {
            let trace = Trace::new(plate.start_s, plate.rate_hz, plate.vertical_n.iter().copied());
            forces.push(ForceTrace { side: plate.side, trace });
            continue;
        }
        let mut of_feet: [Vec<f64>; 3] = std::array::from_fn(|_| vec![0.0; plate.vertical_n.len()]);
        let mut used = [false; 3];
        for (from, to) in loads(&plate.vertical_n) {
            let side = foot_at(&model.report, plate.start_s + from as f64 / plate.rate_hz);
            let foot = side.map_or(2, |side| usize::from(side == Side::Right));
            of_feet[foot][from..to].copy_from_slice(&plate.vertical_n[from..to]);
            used[foot] = true;
        }
        for (foot, values) in of_feet.into_iter().enumerate().filter(|(foot, _)| used[*foot]) {
            feet[foot].push((plate.start_s, plate.rate_hz, values));
        }
    }
    for (foot, plates) in feet.into_iter().enumerate() {
        let side = [Some(Side::Left), Some(Side::Right), None][foot];
        let Some(sum) = plates.into_iter().reduce(add) else { continue };
        forces.push(ForceTrace { side, trace: Trace::new(sum.0, sum.1, sum.2) });
    }
    forces
}

/// The sum of two plates of one clock; of other clocks the first stays alone.
fn add(mut sum: (f64, f64, Vec<f64>), other: (f64, f64, Vec<f64>)) -> (f64, f64, Vec<f64>) {
    if sum.0 == other.0 && sum.1 == other.1 {
        sum.2.iter_mut().zip(other.2).for_each(|(a, b)| *a += b);
    }
    sum
}

/// Samples `[from, to)` under load.
fn loads(force: &[f64]) -> Vec<(usize, usize)> {
    let mut loads = Vec::new();
    let mut start = None;
    for (at, value) in force.iter().enumerate() {
        match (*value > LOADED_N, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                loads.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        loads.push((from, force.len()));
    }
    loads
}

/// The foot whose contact is nearest to the start of a load.
fn foot_at(report: &Report, time_s: f64) -> Option<Side> {
    let contacts = report.events.iter().filter(|e| e.kind == EventKind::FootContact && e.side.is_some());
    let near = contacts.map(|e| ((e.time_s - time_s).abs(), e.side)).filter(|(by, _)| *by < NEAR_S);
    near.min_by(|a, b| a.0.total_cmp(&b.0)).and_then(|(_, side)| side)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_begin_and_end_where_the_force_does() {
        assert_eq!(loads(&[0.0, 500.0, 600.0, 0.0, 30.0]), [(1, 3), (4, 5)]);
        assert_eq!(loads(&[f64::NAN; 3]), []);
    }

    #[test]
    fn the_calf_stands_before_the_thigh() {
        let mut muscles = [Muscle::RF, Muscle::TA, Muscle::SOL, Muscle::MG];
        muscles.sort_by_key(|muscle| rank(*muscle));
        assert_eq!(muscles, [Muscle::MG, Muscle::SOL, Muscle::TA, Muscle::RF]);
    }
}
