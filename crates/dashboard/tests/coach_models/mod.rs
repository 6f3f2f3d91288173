//! Models of the Coach view made by hand: a jog as in the design, jumps, heel raises.

#![allow(dead_code)]

use surae_dashboard::coach::model::*;
use surae_dashboard::model::{Class, Grade};
use surae_trial::{Muscle, Side, Task};

fn ring(name: &str, muscle: Muscle, peak: f32, at: f32) -> Ring {
    let value = |k: usize| {
        let share = (k as f32 + 0.5) / WEDGES as f32;
        peak * (-((share - at) / 0.09).powi(2)).exp() + 0.02
    };
    Ring { name: name.to_owned(), muscle: Some(muscle), values: (0..WEDGES).map(value).collect() }
}

fn rings() -> Vec<Ring> {
    vec![
        ring("MG", Muscle::MG, 0.8, 0.22),
        ring("LG", Muscle::LG, 1.4, 0.2),
        ring("SOL", Muscle::SOL, 0.7, 0.16),
    ]
}

/// `n` push-offs of a right leg: contacts of 244, 256, 268 ms and so on.
pub fn jog(n: usize) -> CoachModel {
    let card = |k: usize| CoachCard {
        time_s: 0.9 + 0.75 * k as f64,
        whole_s: 1.3 + 0.75 * k as f64,
        lead_ms: Some([2.0, -3.0, -9.0][k % 3]),
        is_of_set: true,
        values: [
            Some(0.244 + 0.012 * (k % 3) as f64),
            Some([0.128, 0.120, 0.124][k % 3]),
            Some([6.9, 6.5, 7.4][k % 3]),
        ],
        reasons: Default::default(),
        word: Word {
            class: Class::Balanced,
            value: Some(-0.04),
            interval: Some((-0.1, 0.06)),
            ..Word::default()
        },
        shares: [Some(0.12), Some(0.03)],
        clock: Clock {
            turn: Turn::Stride,
            length_s: 0.75,
            zero_s: 0.0,
            off_s: Some(0.244 + 0.012 * (k % 3) as f64),
            rings: rings(),
            is_of_reference: true,
            ground: vec![(0.0, 0.33)],
            other: vec![(0.49, 0.82)],
        },
    };
    CoachModel {
        title: "Jog · athlete JA1".to_owned(),
        references: References::Illustrative,
        legs: vec![CoachLeg {
            side: Some(Side::Right),
            effort: Effort::PushOff,
            task: Some(Task::Run),
            quality: Grade::Good,
            has_emg: true,
            lead: Some(Lead { median_ms: -3.0, interval_ms: [-13.0, 8.0], n }),
            measures: [Measure::Contact, Measure::Flight, Measure::KneeAtToeOff],
            cards: (0..n).map(card).collect(),
            ..CoachLeg::default()
        }],
        ..CoachModel::default()
    }
}

/// Two countermovement jumps and a drop jump.
pub fn jumps() -> CoachModel {
    let mut model = jog(3);
    let leg = &mut model.legs[0];
    leg.effort = Effort::Jump;
    leg.task = Some(Task::Jump);
    leg.lead = Some(Lead { median_ms: -64.0, interval_ms: [-90.0, -38.0], n: 3 });
    leg.measures = [Measure::Height, Measure::Contact, Measure::KneeAtTakeOff];
    for (k, card) in leg.cards.iter_mut().enumerate() {
        card.lead_ms = Some(-60.0 - 4.0 * k as f64);
        card.values = [Some(0.29 + 0.01 * k as f64), (k == 2).then_some(0.21), Some(9.0)];
        if k < 2 {
            card.reasons[1] = surae_dashboard::text::coach::NO_CONTACT.to_owned();
        }
        card.word = Word {
            class: Class::NotClear,
            reason: "interval too wide".to_owned(),
            value: Some(-0.3),
            interval: Some((-0.6, 0.1)),
            ..Word::default()
        };
        card.clock = Clock {
            turn: Turn::Jump,
            length_s: 0.8,
            zero_s: 0.3,
            off_s: Some(0.3),
            ground: vec![(0.0, 0.375)],
            other: Vec::new(),
            ..card.clock.clone()
        };
    }
    model
}

/// Twelve heel raises.
pub fn heel_raises() -> CoachModel {
    let mut model = jog(12);
    let leg = &mut model.legs[0];
    leg.effort = Effort::HeelRaise;
    leg.task = Some(Task::PlantarFlexion);
    leg.lead = None;
    leg.no_lead = surae_dashboard::text::coach::SLOW.to_owned();
    leg.set_word = Some(Word {
        class: Class::Soleus,
        value: Some(-0.45),
        interval: Some((-0.55, -0.35)),
        ..Word::default()
    });
    leg.measures = [Measure::Count, Measure::Knee, Measure::Length];
    for card in &mut leg.cards {
        card.values = [None, Some(31.0), Some(1.9)];
        card.reasons[0] = "24 a minute".to_owned();
        card.word.value = Some(-0.4);
        card.clock = Clock {
            turn: Turn::Raise,
            length_s: 1.9,
            zero_s: 0.0,
            off_s: None,
            ground: Vec::new(),
            other: Vec::new(),
            ..card.clock.clone()
        };
    }
    model
}
