//! What the Coach view draws, as plain values: painters read this and nothing else.
//!
//! [`super::from_review`] fills it from a reviewed trial, tests fill it by hand. Missing is `None` with a reason beside
//! it, never 0. Not for anything that computes.

use crate::model::{Bound, Class, Grade};
use surae_gait::stats::{mean_ci90, median};
use surae_trial::{Muscle, Side, Task};

/// Contacts that make a firm answer: from here on their own spread makes the interval.
pub const FIRM: usize = surae_gait::pushoff::ENOUGH_CONTACTS;
/// Wedges of one turn of the calf clock.
pub const WEDGES: usize = 72;
/// A full ring of the calf clock, 1 = the reference.
pub const FULL_RING: f32 = 1.25;

/// Where the references of the activations come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// There are none.
    #[default]
    None,
    /// A measured profile.
    Profile,
    /// A profile whose values are illustrative.
    Illustrative,
}

/// Everything the Coach view draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoachModel {
    /// What it is: task and name of the trial or device.
    pub title: String,
    /// What runs: `"live"`, `"replay 0.1×"`; empty when nothing does.
    pub running: String,
    /// References of the activations.
    pub references: References,
    /// Legs that have sensors or efforts, left first.
    pub legs: Vec<CoachLeg>,
    /// What is said when there is no effort at all, and what is needed.
    pub empty: (String, Vec<String>),
    /// How far a first review has come, 0 to 1.
    pub progress: Option<f32>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// Contacts in walking, running, sprinting.
    #[default]
    PushOff,
    /// Jumps.
    Jump,
    /// Slow plantar flexions.
    HeelRaise,
}

/// One leg: the answer over all its efforts, and each of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoachLeg {
    /// Which leg; `None` where no channel says it.
    pub side: Option<Side>,
    /// What is counted.
    pub effort: Effort,
    /// What the person does.
    pub task: Option<Task>,
    /// Worst grade of the calf channels.
    pub quality: Grade,
    /// Names of the calf channels whose grade is below fair.
    pub bad: Vec<String>,
    /// True when the leg has EMG of the calf.
    pub has_emg: bool,
    /// Over all efforts: who was active first.
    pub lead: Option<Lead>,
    /// Half interval of the lead of one effort, from the model; `None` where no effort has a lead.
    pub half_of_one_ms: Option<f64>,
    /// Why there is no lead; unused where there is one.
    pub no_lead: String,
    /// Over all efforts: which muscle is relatively more active (heel raises).
    pub set_word: Option<Word>,
    /// What the three tiles show.
    pub measures: [Measure; 3],
    /// Efforts, oldest first.
    pub cards: Vec<CoachCard>,
}

/// Who was active first, over several efforts: positive when gastrocnemius was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lead {
    /// Median in ms.
    pub median_ms: f64,
    /// 90 % interval in ms.
    pub interval_ms: [f64; 2],
    /// Efforts that have one.
    pub n: usize,
}

impl Lead {
    /// The lead over efforts; `half_of_one_ms` is the half interval of one by the model. `None` without an effort.
    #[must_use]
    pub fn of(leads_ms: &[f64], half_of_one_ms: f64) -> Option<Self> {
        let (n, median_ms) = (leads_ms.len(), median(leads_ms)?);
        let interval_ms = if n >= FIRM {
            mean_ci90(leads_ms)?.1
        } else {
            let half = half_of_one_ms / (n as f64).sqrt();
            [median_ms - half, median_ms + half]
        };
        Some(Self { median_ms, interval_ms, n })
    }

    /// The muscle that was first, where the interval leaves no doubt: true for gastrocnemius.
    #[must_use]
    pub fn first(&self) -> Option<bool> {
        match self.interval_ms {
            [low, _] if low > 0.0 => Some(true),
            [_, high] if high < 0.0 => Some(false),
            _ => None,
        }
    }
}

/// A quantity of a tile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Foot on the ground, s.
    #[default]
    Contact,
    /// In the air, s.
    Flight,
    /// From contact to the next one of the same foot, s.
    Stride,
    /// Height by flight time, m.
    Height,
    /// Flexion at toe-off, deg.
    KneeAtToeOff,
    /// Flexion at take-off, deg.
    KneeAtTakeOff,
    /// Mean flexion, deg.
    Knee,
    /// From the start of an effort to its end, s.
    Length,
    /// How many efforts there are.
    Count,
}

/// What is best in a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// The smallest value.
    Least,
    /// The largest value.
    Most,
    /// Neither: the median stands for the set.
    Neither,
}

impl Measure {
    /// What is best in it, in this task.
    #[must_use]
    pub fn best(self, task: Option<Task>) -> Best {
        let is_fast = matches!(task, Some(Task::Run | Task::Sprint | Task::Jump));
        match self {
            Self::Contact if is_fast => Best::Least,
            Self::Flight if is_fast => Best::Most,
            Self::Height => Best::Most,
            _ => Best::Neither,
        }
    }

    /// Smallest span of a strip in the unit shown, so that a few ms do not look like much.
    #[must_use]
    pub fn least_span(self) -> f64 {
        match self {
            Self::Contact | Self::Flight => 50.0,
            Self::Height => 4.0,
            Self::KneeAtToeOff | Self::KneeAtTakeOff | Self::Knee => 10.0,
            Self::Stride | Self::Length => 0.2,
            Self::Count => 1.0,
        }
    }

    /// The value as shown: ms, cm, deg or s.
    #[must_use]
    pub fn shown(self, value: f64) -> f64 {
        match self {
            Self::Contact | Self::Flight => value * 1e3,
            Self::Height => value * 100.0,
            _ => value,
        }
    }
}

/// One effort.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoachCard {
    /// Contact, take-off, or start of the rise: trial time in s.
    pub time_s: f64,
    /// When all of it is known: the end of the flight, or of the effort. Trial time in s.
    pub whole_s: f64,
    /// Lead in ms, positive when gastrocnemius was first.
    pub lead_ms: Option<f64>,
    /// True when its lead counts for the set: unlike efforts are not mixed.
    pub is_of_set: bool,
    /// Values of the tiles in s, m or deg.
    pub values: [Option<f64>; 3],
    /// Why a value is missing; empty where there is one.
    pub reasons: [String; 3],
    /// Which muscle is relatively more active at push-off.
    pub word: Word,
    /// The two numbers of the last tile: gastrocnemius and soleus, 1 = 100 %.
    pub shares: [Option<f64>; 2],
    /// The calf clock.
    pub clock: Clock,
}

/// Which muscle is relatively more active, with its doubt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Word {
    /// Class.
    pub class: Class,
    /// Why not clear; empty otherwise.
    pub reason: String,
    /// D, -1 to 1.
    pub value: Option<f32>,
    /// 90 % interval of D; an open end is ±1.
    pub interval: Option<(f32, f32)>,
    /// Value, or one-sided.
    pub bound: Bound,
}

/// What one turn of the clock is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Turn {
    /// Contact to the next contact of the same foot.
    #[default]
    Stride,
    /// From the contact on, as long as the other strides take: there is no next contact.
    FromContact,
    /// From before take-off to landing.
    Jump,
    /// One rise and fall.
    Raise,
}

/// The calf clock: one turn of an effort.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clock {
    /// What a turn is.
    pub turn: Turn,
    /// Length of a turn in s; 0 without a clock.
    pub length_s: f64,
    /// Place of the moment that times are told from (contact, take-off), in s after 12 o'clock.
    pub zero_s: f64,
    /// Toe-off or take-off in s after 12 o'clock.
    pub off_s: Option<f64>,
    /// Rings from outside to inside.
    pub rings: Vec<Ring>,
    /// True when the rings are of the reference; false when each is of its own highest value.
    pub is_of_reference: bool,
    /// This foot on the ground, as shares of the turn.
    pub ground: Vec<(f32, f32)>,
    /// The other foot on the ground, as shares of the turn.
    pub other: Vec<(f32, f32)>,
}

/// One muscle around the clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// Short name.
    pub name: String,
    /// Muscle.
    pub muscle: Option<Muscle>,
    /// Activation in each wedge, 1 = the reference; `NaN` without data.
    pub values: Vec<f32>,
}

/// What the top bar warns of.
#[must_use]
pub fn pill(model: &CoachModel) -> Option<&'static str> {
    let has_emg = model.legs.iter().any(|leg| leg.has_emg);
    match model.references {
        References::Illustrative => Some(crate::text::coach::ILLUSTRATIVE),
        References::None if has_emg => Some(crate::text::coach::NO_PROFILE),
        _ => None,
    }
}

impl CoachLeg {
    /// The other efforts' values of a tile, as shown.
    pub fn set(&self, tile: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let measure = self.measures[tile];
        self.cards.iter().enumerate().filter_map(move |(at, card)| {
            Some((at, measure.shown(card.values[tile].filter(|v| v.is_finite())?)))
        })
    }

    /// Median of a tile over the efforts, as shown.
    #[must_use]
    pub fn median(&self, tile: usize) -> Option<f64> {
        median(&self.set(tile).map(|(_, value)| value).collect::<Vec<f64>>())
    }

    /// The best value of a tile over the efforts, as shown; `None` where neither direction is best.
    #[must_use]
    pub fn best(&self, tile: usize) -> Option<f64> {
        let values = self.set(tile).map(|(_, value)| value);
        match self.measures[tile].best(self.task) {
            Best::Least => values.min_by(f64::total_cmp),
            Best::Most => values.max_by(f64::total_cmp),
            Best::Neither => None,
        }
    }

    /// Makes the lead of the set from its efforts (METHOD R8): by t from five on, else from the interval of one.
    pub fn settle(&mut self) {
        let of_set = self.cards.iter().filter(|card| card.is_of_set);
        let leads: Vec<f64> = of_set.filter_map(|card| card.lead_ms).collect();
        self.lead = self.half_of_one_ms.and_then(|half| Lead::of(&leads, half));
    }

    /// The lead, where it may be shown: quality at least fair, and numbers.
    #[must_use]
    pub fn shown_lead(&self) -> Option<Lead> {
        let is_finite =
            |lead: &Lead| lead.median_ms.is_finite() && lead.interval_ms.iter().all(|ms| ms.is_finite());
        self.lead.filter(is_finite).filter(|_| !self.is_bad())
    }

    /// True when the quality is below fair: no lead is shown.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.quality == Grade::Bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg(values: &[f64], task: Task) -> CoachLeg {
        CoachLeg {
            task: Some(task),
            measures: [Measure::Contact, Measure::Flight, Measure::Height],
            cards: values
                .iter()
                .map(|v| CoachCard { values: [Some(*v); 3], ..CoachCard::default() })
                .collect(),
            ..CoachLeg::default()
        }
    }

    #[test]
    fn the_best_contact_is_the_shortest_and_the_best_flight_the_longest() {
        let run = leg(&[0.256, 0.244, 0.268], Task::Run);
        assert!((run.best(0).unwrap() - 244.0).abs() < 1e-9);
        assert!((run.best(1).unwrap() - 268.0).abs() < 1e-9);
        assert!((run.best(2).unwrap() - 26.8).abs() < 1e-9);
        assert!((run.median(0).unwrap() - 256.0).abs() < 1e-9);
        let walk = leg(&[0.6, 0.7], Task::Walk);
        assert_eq!(walk.best(0), None);
    }

    #[test]
    fn a_lead_needs_an_interval_that_leaves_zero_out() {
        let lead = |interval_ms| Lead { median_ms: 0.0, interval_ms, n: 5 };
        assert_eq!(lead([1.0, 20.0]).first(), Some(true));
        assert_eq!(lead([-20.0, -1.0]).first(), Some(false));
        assert_eq!(lead([-13.0, 8.0]).first(), None);
    }

    #[test]
    fn few_leads_have_the_model_interval_and_five_their_own() {
        // METHOD R8: a model SD of 8 ms a muscle; Z90 x 8 x sqrt 2 for one contact.
        let half = 1.644_854 * 8.0 * 2f64.sqrt();
        let three = Lead::of(&[2.0, -3.0, -9.0], half).unwrap();
        assert_eq!((three.median_ms, three.n), (-3.0, 3));
        assert!((three.interval_ms[1] - (-3.0 + half / 3f64.sqrt())).abs() < 1e-9);
        // SD 1.581, t(4 df) 2.132.
        let five = Lead::of(&[40.0, 42.0, 44.0, 41.0, 43.0], half).unwrap();
        assert!((five.interval_ms[1] - 42.0 - 2.132 * 1.581_1 / 5f64.sqrt()).abs() < 0.01);
        assert_eq!(Lead::of(&[], half), None);
    }

    #[test]
    fn missing_values_are_no_part_of_the_set() {
        let mut jump = leg(&[0.3, f64::NAN], Task::Jump);
        jump.cards[0].values[1] = None;
        assert_eq!(jump.set(0).count(), 1);
        assert_eq!(jump.median(1), None);
    }
}
