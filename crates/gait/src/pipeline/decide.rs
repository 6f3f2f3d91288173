//! The decision for one leg at one tick: amplitudes and references in, a class or the reason why not out.
//!
//! Formulas are those of [`crate::dominance`]; here is only their order and what is carried from tick to tick.

use super::plan::{LegPlan, MUSCLES, SOL};
use super::records::{ActivationUnit, SignalState};
use crate::dominance::{
    Activation, Class, Dwell, Gate, Hysteresis, Level, REST_CV, Ratio, Reason, Verdict, arithmetic_heads,
};
use crate::normalise::ARV_OVER_RMS;
use surae_trial::{Estimator, Muscle, NormalisationKind, Profile, Settings, Side, Unit};

/// Amplitudes of a leg at a tick, per muscle of [`MUSCLES`]; `NaN` where the muscle has no channel or no sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amplitudes {
    pub(super) values: [f64; 4],
    pub(super) state: SignalState,
    /// A channel is of bad quality: hum, clipping, an electrode that is off.
    pub(super) bad: bool,
}

impl Amplitudes {
    pub(super) const MISSING: Self = Self { values: [f64::NAN; 4], state: SignalState::Missing, bad: false };
}

/// A reference as the decision needs it, in the channel's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reference {
    value: f64,
    rest: f64,
    cv: f64,
    /// `None` for references set during the session.
    kind: Option<NormalisationKind>,
    /// False when its unit cannot be compared with the channel's.
    usable: bool,
}

/// What a leg carries from tick to tick.
#[derive(Clone, Debug)]
pub(super) struct Decider {
    plan: LegPlan,
    unit: ActivationUnit,
    references: [Option<Reference>; 4],
    gates: [Gate; 4],
    hysteresis: Hysteresis,
    dwell: Dwell,
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Decision {
    pub(super) shown: Verdict,
    pub(super) before_dwell: Verdict,
    pub(super) ratio: Ratio,
    pub(super) gastrocnemius: Activation,
    pub(super) soleus: Activation,
    pub(super) unit: ActivationUnit,
    /// Whether the two muscles may be compared here: nothing but the ratio itself stands between them and a class.
    pub(super) comparable: bool,
}

const UNKNOWN: Activation = Activation { value: f64::NAN, sd: f64::NAN, floor: 0.0, reference_cv: 0.0 };

impl Decider {
    /// `unit` is that of the leg's EMG channels.
    pub(super) fn new(plan: LegPlan, unit: &Unit, profile: Option<&Profile>) -> Self {
        let references = MUSCLES.map(|muscle| {
            let found = profile?.reference(muscle, plan.side)?;
            // The envelope is a rectified mean; a root mean square is converted as for Gaussian EMG, as review does.
            let estimator = if found.estimator == Estimator::Rms { ARV_OVER_RMS } else { 1.0 };
            let factor = unit_factor(&found.unit, unit).map(|factor| factor * estimator);
            Some(Reference {
                value: found.value * factor.unwrap_or(f64::NAN),
                rest: found.rest * factor.unwrap_or(f64::NAN),
                cv: found.repeat_cv.filter(|cv| cv.is_finite() && *cv >= 0.0).unwrap_or(0.0),
                kind: Some(found.kind),
                usable: factor.is_some(),
            })
        });
        Self {
            plan,
            unit: ActivationUnit::of_channel(unit),
            references,
            gates: [Gate::default(); 4],
            hysteresis: Hysteresis::default(),
            dwell: Dwell::default(),
        }
    }

    pub(super) fn side(&self) -> Side {
        self.plan.side
    }

    /// A reference from the log; the muscle must be one of [`MUSCLES`], others are ignored.
    pub(super) fn set_reference(&mut self, muscle: Muscle, value: f64, rest: f64) {
        if let Some(at) = MUSCLES.iter().position(|&m| m == muscle) {
            self.references[at] = Some(Reference { value, rest, cv: 0.0, kind: None, usable: true });
        }
    }

    /// Reference of a muscle as a plain number, for display; `NaN` without.
    pub(super) fn reference_of(&self, muscle: usize) -> f64 {
        self.references[muscle].map_or(f64::NAN, |reference| reference.value)
    }

    /// Forgets what was carried, keeps the references.
    pub(super) fn reset(&mut self) {
        self.gates = [Gate::default(); 4];
        self.hysteresis.reset();
        self.dwell = Dwell::default();
    }

    /// The decision, `settings.tick_s` after the one before. `amplitude_cv` is that of the envelope filter.
    pub(super) fn decide(&mut self, now: &Amplitudes, settings: &Settings, amplitude_cv: f64) -> Decision {
        let measured = self.measure(now, settings, amplitude_cv);
        let (gastrocnemius, soleus, unit) = (measured.gastrocnemius, measured.soleus, measured.unit);
        let mut ratio = Ratio::UNKNOWN;
        let refusal = self.refusal(now);
        let verdict = match refusal {
            Some(reason) => {
                self.gates = [Gate::default(); 4];
                self.hysteresis.reset();
                Verdict::undetermined(reason)
            }
            None => {
                ratio = Ratio::of(&gastrocnemius, &soleus);
                self.classify(now, &ratio, settings, amplitude_cv)
            }
        };
        let shown = self.dwell.step(verdict, settings.tick_s, settings.dominance.dwell_s);
        Decision {
            shown,
            before_dwell: verdict,
            ratio,
            gastrocnemius,
            soleus,
            unit,
            comparable: refusal.is_none(),
        }
    }

    fn classify(&mut self, now: &Amplitudes, ratio: &Ratio, settings: &Settings, cv: f64) -> Verdict {
        let mut any_on = false;
        for (at, gate) in self.gates.iter_mut().enumerate() {
            if !self.plan.sites[at].is_empty() {
                let rest = self.references[at].map_or(0.0, |reference| reference.rest);
                any_on |= gate.step(now.values[at], rest, cv, settings.tick_s);
            }
        }
        if !any_on {
            self.hysteresis.reset();
            return Verdict::of(Class::Rest);
        }
        let d = &settings.dominance;
        self.hysteresis.step(ratio, d.class_threshold, d.hysteresis)
    }

    /// Why there can be no class now.
    fn refusal(&self, now: &Amplitudes) -> Option<Reason> {
        if let Some(reason) = self.plan.refused {
            return Some(reason);
        }
        match now.state {
            SignalState::Missing => return Some(Reason::NoData),
            SignalState::Settling => return Some(Reason::Settling),
            SignalState::Clean | SignalState::Bridged => {}
        }
        if now.bad {
            return Some(Reason::BadSignal);
        }
        let mut kind = None;
        for (sites, reference) in self.plan.sites.iter().zip(&self.references) {
            if sites.is_empty() {
                continue;
            }
            let Some(reference) = reference else { return Some(Reason::NoReference) };
            let comparable = reference.kind.is_none_or(NormalisationKind::supports_dominance);
            if !reference.usable || !comparable || *kind.get_or_insert(reference.kind) != reference.kind {
                return Some(Reason::ReferenceMismatch);
            }
            if !(reference.value.is_finite() && reference.value > reference.rest) {
                return Some(Reason::NoReference);
            }
        }
        None
    }

    /// Gastrocnemius and soleus as fractions of their references where all references are there, else in the channels' unit.
    fn measure(&self, now: &Amplitudes, settings: &Settings, amplitude_cv: f64) -> Measured {
        let referenced = self
            .plan
            .sites
            .iter()
            .zip(&self.references)
            .all(|(sites, r)| sites.is_empty() || r.is_some_and(|r| r.usable && r.value > r.rest));
        let activation = |at: usize| {
            let reference = if referenced { self.references[at] } else { None };
            let level = Level {
                amplitude: now.values[at],
                rest: reference.map_or(0.0, |r| r.rest),
                reference: reference.map_or(f64::NAN, |r| r.value),
                amplitude_cv,
                rest_cv: REST_CV,
                reference_cv: reference.map_or(0.0, |r| r.cv),
            };
            if referenced { level.activation() } else { level.unreferenced() }
        };
        let mut heads = [(0.0, UNKNOWN); SOL];
        let mut n = 0;
        // A head of unstated name stands for the muscle only where neither named head is there.
        let named = !self.plan.sites[0].is_empty() || !self.plan.sites[1].is_empty();
        for (at, (&muscle, sites)) in MUSCLES[..SOL].iter().zip(&self.plan.sites).enumerate() {
            let stands_aside = named && muscle == Muscle::GAS;
            if !(sites.is_empty() || stands_aside) {
                heads[n] = (settings.head_weight(muscle), activation(at));
                n += 1;
            }
        }
        let soleus = if self.plan.sites[SOL].is_empty() { UNKNOWN } else { activation(SOL) };
        let gastrocnemius = if n == 0 { UNKNOWN } else { arithmetic_heads(&heads[..n]) };
        let unit = if referenced { ActivationUnit::Reference } else { self.unit };
        Measured { gastrocnemius, soleus, unit }
    }
}

struct Measured {
    gastrocnemius: Activation,
    soleus: Activation,
    unit: ActivationUnit,
}

/// Factor from a reference's unit to the channel's; `None` when they cannot be compared.
fn unit_factor(from: &Unit, to: &Unit) -> Option<f64> {
    if from == to { Some(1.0) } else { Some(from.volts()? / to.volts()?) }
}
