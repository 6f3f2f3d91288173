//! Jumps over time: forces in closed form, flights that follow from them, knee and drives.
//!
//! The body is one mass point that moves vertically. The impulse of each push is exact, so take-off speed, height and
//! flight time are.

use super::curve::{half_cosine, through};
use super::jump_scenario::{Jumps, Movement, Style, bursts, knee};
use super::legs::{Leg, MUSCLES, factors, purpose_of};
use super::noise::{normal, random};
use super::{Request, frames};
use serde::Serialize;
use std::f64::consts::PI;
use surae_trial::Side;

/// Standard gravity in m/s^2.
pub const GRAVITY: f64 = 9.806_65;
/// Rate of force, knee angle and foot switch.
pub const AUX_RATE_HZ: f64 = 1000.0;
/// Durations of unweighting, braking and propulsion of a countermovement jump, in s.
const COUNTER_S: [f64; 3] = [0.38, 0.24, 0.26];
/// Largest downward acceleration of the countermovement, in m/s^2.
const COUNTER_DOWN: f64 = 6.0;
/// Duration of a push from a held squat, in s.
const SQUAT_PUSH_S: f64 = 0.36;
/// Duration of a landing that comes to rest, in s.
const LAND_S: f64 = 0.5;
/// How sharply the force falls before take-off.
const FALL_EXPONENT: i32 = 6;

/// A stretch of one movement.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub movement: Movement,
    pub start_s: f64,
    pub end_s: f64,
    /// Vertical speed at its start and end, up positive, in m/s.
    pub speed_mps: [f64; 2],
    /// Level factor of each muscle.
    factor: [f64; 4],
}

/// One jump of the truth.
#[derive(Clone, Debug, Serialize)]
pub struct JumpTruth {
    /// First moment at which force leaves body weight; null for a jump out of a landing.
    pub movement_onset_s: Option<f64>,
    /// Lowest speed (end of unweighting); null without a countermovement.
    pub lowest_speed_s: Option<f64>,
    /// Turn from down to up; null for a rebound, whose force has no separate phases.
    pub turn_s: Option<f64>,
    /// Landing before it (drop jump, hop).
    pub contact_s: Option<f64>,
    pub take_off_s: f64,
    pub landing_s: f64,
    pub flight_time_s: f64,
    pub take_off_speed_mps: f64,
    pub height_m: f64,
}

/// The movements of a trial.
pub struct Timeline {
    pub style: Style,
    pub segments: Vec<Segment>,
}

impl Timeline {
    pub fn new(request: &Request, jumps: &Jumps) -> Self {
        let mut levels = random(request.seed, 3);
        let mut line = Self { style: jumps.style, segments: Vec::new() };
        let speed =
            |levels: &mut _| jumps.take_off_mps * (1.0 + jumps.take_off_cv * normal(levels).clamp(-3.0, 3.0));
        let first = if matches!(jumps.style, Style::Drop(_)) { Movement::Away } else { Movement::Stand };
        line.add(first, jumps.quiet_s, [0.0; 2], &mut levels);
        while line.end_s() + longest_s(jumps) + jumps.rest_s / 2.0 <= request.duration_s {
            let mut up = speed(&mut levels);
            match jumps.style {
                Style::Countermovement => line.push(true, up, &mut levels),
                Style::Squat => line.push(false, up, &mut levels),
                Style::Drop(height_m) => {
                    let down = -(2.0 * GRAVITY * height_m).sqrt();
                    line.add(Movement::Rebound, 0.2, [down, up], &mut levels);
                }
                Style::Hops(_) => line.push(true, up, &mut levels),
            }
            line.fly(up, &mut levels);
            if let Style::Hops(n) = jumps.style {
                for _ in 1..n {
                    let next = speed(&mut levels);
                    line.add(Movement::Rebound, 0.25, [-up, next], &mut levels);
                    line.fly(next, &mut levels);
                    up = next;
                }
            }
            line.add(Movement::Land, LAND_S, [-up, 0.0], &mut levels);
            line.add(Movement::Stand, jumps.rest_s, [0.0; 2], &mut levels);
            if matches!(jumps.style, Style::Drop(_)) {
                line.add(Movement::Away, jumps.quiet_s, [0.0; 2], &mut levels);
            }
        }
        let rest_s = (request.duration_s - line.end_s()).max(0.0);
        let last = line.segments.last().map_or(Movement::Stand, |segment| segment.movement);
        line.add(last, rest_s, [0.0; 2], &mut levels);
        line
    }

    fn end_s(&self) -> f64 {
        self.segments.last().map_or(0.0, |segment| segment.end_s)
    }

    fn add(
        &mut self,
        movement: Movement,
        length_s: f64,
        speed_mps: [f64; 2],
        levels: &mut rand_chacha::ChaCha8Rng,
    ) {
        let start_s = self.end_s();
        let factor = factors(levels);
        self.segments.push(Segment { movement, start_s, end_s: start_s + length_s, speed_mps, factor });
    }

    fn push(&mut self, countermovement: bool, up: f64, levels: &mut rand_chacha::ChaCha8Rng) {
        let length_s = if countermovement { COUNTER_S.iter().sum() } else { SQUAT_PUSH_S };
        self.add(Movement::Push { countermovement }, length_s, [0.0, up], levels);
    }

    fn fly(&mut self, up: f64, levels: &mut rand_chacha::ChaCha8Rng) {
        self.add(Movement::Flight, 2.0 * up / GRAVITY, [up, -up], levels);
    }

    /// Vertical force on the plate at each sample of the auxiliary rate, without noise, in N.
    pub fn force_n(&self, duration_s: f64, mass_kg: f64) -> Vec<f64> {
        self.sampled(duration_s, |segment, time_s| {
            mass_kg * (GRAVITY + segment.acceleration(time_s)).max(0.0)
        })
    }

    fn sampled(&self, duration_s: f64, value: impl Fn(&Segment, f64) -> f64) -> Vec<f64> {
        let mut at = 0;
        (0..(duration_s * AUX_RATE_HZ).round() as usize)
            .map(|k| {
                let time_s = k as f64 / AUX_RATE_HZ;
                while at + 1 < self.segments.len() && self.segments[at].end_s <= time_s {
                    at += 1;
                }
                value(&self.segments[at], time_s)
            })
            .collect()
    }

    /// One leg of a person who moves so: both legs alike but for the randomness of their muscles.
    pub fn leg(&self, request: &Request, side: Side) -> Leg {
        let mut levels = random(request.seed, purpose_of(side, 16));
        let own: Vec<[f64; 4]> = self.segments.iter().map(|_| factors(&mut levels)).collect();
        let mut drive: [Vec<f64>; 4] = Default::default();
        for (m, muscle) in MUSCLES.into_iter().enumerate() {
            let mut values = vec![0.0; frames(request)];
            for (segment, own) in self.segments.iter().zip(&own) {
                let length = segment.end_s - segment.start_s;
                for (_, burst) in bursts(segment.movement).iter().filter(|(of, _)| *of == muscle) {
                    let sample =
                        |percent: f64| (segment.start_s + length * percent / 100.0) * request.rate_hz;
                    let from = sample(burst.on_percent).floor().max(0.0) as usize;
                    let to = (sample(burst.off_percent).ceil().max(0.0) as usize).min(values.len());
                    for (k, value) in values.iter_mut().enumerate().take(to).skip(from) {
                        let percent = 100.0 * (k as f64 / request.rate_hz - segment.start_s) / length;
                        *value += segment.factor[m] * own[m] * burst.at(percent);
                    }
                }
            }
            drive[m] = values;
        }
        let points = self.knee_points();
        let knee_deg = self.sampled(request.duration_s, |_, t| (through(&points, t) * 100.0).round() / 100.0);
        let down = |segment: &Segment| !matches!(segment.movement, Movement::Away | Movement::Flight);
        let switch = self.sampled(request.duration_s, |segment, _| f64::from(u8::from(down(segment))));
        Leg { side, drive, knee_deg, switch: Some(switch), aux_rate_hz: AUX_RATE_HZ, spans: Vec::new() }
    }

    fn knee_points(&self) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for segment in &self.segments {
            for (part, deg) in knee(segment.movement, self.style) {
                let time_s = segment.start_s + part * (segment.end_s - segment.start_s);
                if points.last().is_none_or(|(last, _)| time_s > *last + 1e-6) {
                    points.push((time_s, *deg));
                }
            }
        }
        points
    }

    /// Every jump, from take-off to the landing after it.
    pub fn jumps(&self) -> Vec<JumpTruth> {
        let flights = (1..self.segments.len()).filter(|at| self.segments[*at].movement == Movement::Flight);
        flights
            .map(|at| {
                let (before, flight) = (&self.segments[at - 1], &self.segments[at]);
                let pushed = matches!(before.movement, Movement::Push { .. });
                let counter = before.movement == Movement::Push { countermovement: true };
                let [down_s, brake_s, _] = COUNTER_S;
                let up = flight.speed_mps[0];
                JumpTruth {
                    movement_onset_s: pushed.then_some(before.start_s),
                    lowest_speed_s: counter.then_some(before.start_s + down_s),
                    turn_s: counter.then_some(before.start_s + down_s + brake_s),
                    contact_s: (!pushed).then_some(before.start_s),
                    take_off_s: flight.start_s,
                    landing_s: flight.end_s,
                    flight_time_s: flight.end_s - flight.start_s,
                    take_off_speed_mps: up,
                    height_m: up * up / (2.0 * GRAVITY),
                }
            })
            .collect()
    }
}

/// Upper limit of one jump with its landing, in s.
fn longest_s(jumps: &Jumps) -> f64 {
    let flight_s = 2.3 * jumps.take_off_mps / GRAVITY;
    match jumps.style {
        Style::Hops(n) => 1.0 + n as f64 * (flight_s + 0.25) + LAND_S,
        _ => 1.0 + flight_s + LAND_S,
    }
}

impl Segment {
    /// Acceleration of the mass point, up positive; -g where nothing touches the plate.
    fn acceleration(&self, time_s: f64) -> f64 {
        let length = self.end_s - self.start_s;
        let u = ((time_s - self.start_s) / length).clamp(0.0, 1.0);
        let [before, after] = self.speed_mps;
        match self.movement {
            Movement::Stand => 0.0,
            Movement::Away | Movement::Flight => -GRAVITY,
            Movement::Push { countermovement: true } => counter_push(time_s - self.start_s, after),
            Movement::Push { countermovement: false } => {
                let fall = GRAVITY / f64::from(FALL_EXPONENT + 1);
                let bump = PI / 2.0 * (after / length + fall);
                bump * (PI * u).sin() - GRAVITY * u.powi(FALL_EXPONENT)
            }
            Movement::Rebound => {
                let peak = PI / 2.0 * (GRAVITY + (after - before) / length);
                peak * (PI * u).sin() - GRAVITY
            }
            // u (1 - u)^4 has the integral 1/30.
            Movement::Land => {
                let peak = 30.0 * (-before / length + GRAVITY / 2.0);
                peak * u * (1.0 - u).powi(4) - GRAVITY * (1.0 - half_cosine(u))
            }
        }
    }
}

/// Acceleration `t` seconds into a push with a countermovement that ends at the speed `up`.
fn counter_push(t: f64, up: f64) -> f64 {
    let [down_s, brake_s, rise_s] = COUNTER_S;
    // Speed after unweighting is -COUNTER_DOWN down_s / 2; braking takes it out along half a cosine.
    let brake = COUNTER_DOWN * down_s / brake_s;
    if t < down_s {
        -COUNTER_DOWN * (PI * t / down_s).sin().powi(2)
    } else if t < down_s + brake_s {
        brake * half_cosine((t - down_s) / brake_s)
    } else {
        let u = ((t - down_s - brake_s) / rise_s).min(1.0);
        let fall = (brake + GRAVITY) / f64::from(FALL_EXPONENT + 1);
        let bump = PI / 2.0 * (up / rise_s - brake + fall);
        brake - (brake + GRAVITY) * u.powi(FALL_EXPONENT) + bump * (PI * u).sin()
    }
}

#[cfg(test)]
mod tests {
    use super::super::jump_scenario::{COUNTERMOVEMENT_JUMP, DROP_JUMP, HOPS, SQUAT_JUMP};
    use super::super::{Scenario, Shwedyk};
    use super::*;

    fn request(duration_s: f64) -> Request {
        Request {
            scenario: Scenario::Cmj,
            seed: 5,
            knee_deg: 0.0,
            duration_s,
            rate_hz: 1000.0,
            sides: vec![Side::Right],
            spectrum: Shwedyk { low_hz: 60.0, high_hz: 120.0 },
            crosstalk: 0.0,
            noise_uv: 0.0,
            hum: None,
            gap: None,
            mass_kg: 75.0,
            force_noise_n: 0.0,
            law: None,
            fatigue: None,
        }
    }

    /// Newton's second law, by a fine midpoint sum over the closed forms.
    #[test]
    fn each_movement_ends_at_the_speed_it_promises() {
        for jumps in [COUNTERMOVEMENT_JUMP, SQUAT_JUMP, DROP_JUMP, HOPS] {
            let line = Timeline::new(&request(20.0), &jumps);
            assert!(!line.jumps().is_empty());
            for segment in
                line.segments.iter().filter(|s| s.movement != Movement::Away && s.end_s > s.start_s)
            {
                let steps = 20_000;
                let step = (segment.end_s - segment.start_s) / f64::from(steps);
                let gained: f64 = (0..steps)
                    .map(|k| segment.acceleration(segment.start_s + (f64::from(k) + 0.5) * step) * step)
                    .sum();
                let [before, after] = segment.speed_mps;
                assert!((before + gained - after).abs() < 1e-5, "{:?}: {gained}", segment.movement);
            }
        }
    }

    #[test]
    fn force_is_weight_at_rest_and_nothing_in_the_air() {
        let line = Timeline::new(&request(10.0), &COUNTERMOVEMENT_JUMP);
        let force = line.force_n(10.0, 75.0);
        assert!((force[1000] - 735.498_75).abs() < 1e-9);
        let jump = &line.jumps()[0];
        let middle = ((jump.take_off_s + jump.landing_s) / 2.0 * AUX_RATE_HZ) as usize;
        assert_eq!(force[middle], 0.0);
        assert!((jump.height_m - GRAVITY * jump.flight_time_s.powi(2) / 8.0).abs() < 1e-12);
    }
}
