//! Foot contacts and foot offs from markers of heel, forefoot and pelvis, on the floor or on a treadmill.
//!
//! The walking direction is where the feet point. Coarse events are those of Zeni et al. (2008): the heel furthest ahead
//! of the pelvis, the toe furthest behind it. That coordinate turns back before the foot lands (42 ms in the walks of
//! `docs/validation.md`) and, in running, turns forward long after it left; so contact is placed on the peak upward
//! acceleration of the heel (in running of heel or toe, whichever is first), and the off of running on that of the toe.
//! Without pelvis markers the speed of the foot decides, on the floor only. Not for walking backwards: said and refused.

use crate::emg::{Mode, lowpass};
use crate::knee::{self, Point, heel, pelvis, toe};
use crate::stats::{mean, median, percentile};
use surae_trial::{Correction, Event, EventKind, EventSource, MarkerSet, Note, Seconds, Side, Task, Trial};

/// Low-pass of positions: steps stay, tracking noise goes.
const POSITION_HZ: f64 = 20.0;
/// Slowest marker rate that a contact can be told from.
const SLOWEST_HZ: f64 = 40.0;
/// A turning point is the extreme within this time to either side; shorter than half of any stride.
const TURN_S: f64 = 0.15;
/// A foot that moves less than this against the pelvis is not stepping, in mm.
const STEPPING_MM: f64 = 150.0;
/// A turning point lies in the outer part of the foot's path.
const OUTER_SHARE: f64 = 0.3;
/// Contact is looked for from this long before the coarse event to this long after it.
const CONTACT_WINDOW_S: [f64; 2] = [0.02, 0.12];
/// A foot that is stopped by the ground, or kicked off it, accelerates upwards by more than this, in mm/s^2.
const STOPPED_MM_S2: f64 = 2000.0;
/// Pelvis travel below this is a treadmill, in mm; as much backwards is walking backwards.
const TRAVEL_MM: f64 = 500.0;
/// Foot-speed thresholds of gaitutils: contact below 0.2, off above 0.45 of the largest speed.
const SPEED_SHARE: [f64; 2] = [0.2, 0.45];

/// Events of both feet; a note says from what, and how the person moves.
pub(super) fn events(trial: &Trial, notes: &mut Vec<Note>) -> Vec<Event> {
    let Some(set) = trial.markers.as_ref() else { return Vec::new() };
    if !(set.rate_hz >= SLOWEST_HZ && set.rate_hz.is_finite() && set.start_s.0.is_finite()) {
        return Vec::new();
    }
    let feet: Vec<Foot> = Side::BOTH.into_iter().filter_map(|side| Foot::of(set, side)).collect();
    if feet.is_empty() {
        return Vec::new();
    }
    let Some((back, back_words)) = pelvis_mm(set) else { return by_foot_speed(set, &feet, notes) };
    let back = smooth_points(&back, set.rate_hz);
    let Some(frame) = Directions::find(&feet, &back, set) else { return Vec::new() };
    if frame.travel_mm < -TRAVEL_MM {
        notes.push(Note::warning(
            "event_kinematic",
            "The pelvis travels against the direction in which the feet point (walking backwards, or heel and toe markers swapped): no \
             events are taken from the markers.",
        ));
        return Vec::new();
    }
    let coarse: Vec<[Vec<f64>; 2]> = feet.iter().map(|foot| foot.coarse(&back, &frame)).collect();
    let running = match trial.task {
        Some(Task::Run | Task::Sprint) => true,
        Some(Task::Walk) => false,
        _ => is_running(&coarse, &back, &frame),
    };
    let mut found = Vec::new();
    for (foot, [ahead, behind]) in feet.iter().zip(&coarse) {
        found.extend(foot.events(ahead, behind, &frame, running));
    }
    if !found.is_empty() {
        notes.push(Note::info("event_kinematic", frame.words(&feet, &back_words, running)));
    }
    found
}

/// Heel and forefoot of one foot, smoothed, in mm.
pub(crate) struct Foot {
    pub side: Side,
    pub heel: Vec<Point>,
    pub toe: Vec<Point>,
    labels: [String; 2],
}

impl Foot {
    fn of(set: &MarkerSet, side: Side) -> Option<Self> {
        let (heel, toe) = (heel(set, side)?, toe(set, side)?);
        let per_mm = if set.unit == surae_trial::Unit::Metre { 1000.0 } else { 1.0 };
        let smooth = |m: &surae_trial::Marker| {
            let points: Vec<Point> = m.position.iter().map(|p| p.map(|x| x * per_mm)).collect();
            smooth_points(&points, set.rate_hz)
        };
        Some(Self {
            side,
            heel: smooth(heel),
            toe: smooth(toe),
            labels: [heel.label.clone(), toe.label.clone()],
        })
    }

    /// Frames of the heel furthest ahead of the pelvis and of the toe furthest behind it.
    fn coarse(&self, back: &[Point], frame: &Directions) -> [Vec<f64>; 2] {
        let ahead = |points: &[Point], sign: f64| -> Vec<f64> {
            points
                .iter()
                .zip(back)
                .map(|(p, b)| sign * knee::inner(knee::vector(*b, *p), frame.forward))
                .collect()
        };
        let half = (TURN_S * frame.rate_hz).round() as usize;
        [turns(&ahead(&self.heel, 1.0), half), turns(&ahead(&self.toe, -1.0), half)]
    }

    /// Events placed from the coarse ones.
    fn events(&self, ahead: &[f64], behind: &[f64], frame: &Directions, running: bool) -> Vec<Event> {
        let height = |points: &[Point]| points.iter().map(|p| knee::inner(*p, frame.up)).collect::<Vec<_>>();
        let rate = frame.rate_hz;
        let (heel, toe) = (upward(&height(&self.heel), rate), upward(&height(&self.toe), rate));
        let mut found = Vec::new();
        let mut contacts = Vec::new();
        for at in ahead {
            let (from, to) = (at - CONTACT_WINDOW_S[0] * rate, at + CONTACT_WINDOW_S[1] * rate);
            let on_heel = inner_peak(&heel, from, to);
            let placed = if running {
                [on_heel, inner_peak(&toe, from, to)].into_iter().flatten().min_by(f64::total_cmp)
            } else {
                on_heel
            };
            let rule = match (placed.is_some(), running) {
                (false, _) => "heel furthest ahead of the pelvis",
                (true, false) => {
                    "peak upward acceleration of the heel after it is furthest ahead of the pelvis"
                }
                (true, true) => {
                    "first peak upward acceleration of heel or toe after the heel is furthest ahead"
                }
            };
            let contact = placed.unwrap_or(*at);
            contacts.push(contact);
            found.push(self.event(EventKind::FootContact, contact, rule, frame));
        }
        for at in behind {
            let before = contacts.iter().copied().filter(|c| c < at).max_by(f64::total_cmp);
            let (off, rule) = match (running, before) {
                (true, Some(contact)) if (at - contact) / rate < 1.0 => {
                    match inner_peak(&toe, 0.5 * (contact + at), *at) {
                        Some(off) => (off, "peak upward acceleration of the toe late in contact"),
                        // The toe turns forward about 0.1 s after it left: no better guess than none.
                        None => continue,
                    }
                }
                (true, _) => continue,
                (false, _) => (*at, "toe furthest behind the pelvis"),
            };
            found.push(self.event(EventKind::FootOff, off, rule, frame));
        }
        found
    }

    fn event(&self, kind: EventKind, at: f64, rule: &str, frame: &Directions) -> Event {
        Event {
            time_s: Seconds(frame.start_s + at / frame.rate_hz),
            kind,
            side: Some(self.side),
            source: EventSource::Kinematic,
            label: rule.to_owned(),
        }
    }
}

/// Which way is up and forward, and how far the person went.
pub(crate) struct Directions {
    pub up: Point,
    /// Where the feet point, horizontal, of length 1.
    pub forward: Point,
    travel_mm: f64,
    pub rate_hz: f64,
    pub start_s: f64,
}

/// The feet, and up and forward; `None` without heel, toe and pelvis markers or at an unusable rate.
pub(crate) fn feet_and_directions(set: &MarkerSet) -> Option<(Vec<Foot>, Directions)> {
    if !(set.rate_hz >= SLOWEST_HZ && set.rate_hz.is_finite() && set.start_s.0.is_finite()) {
        return None;
    }
    let feet: Vec<Foot> = Side::BOTH.into_iter().filter_map(|side| Foot::of(set, side)).collect();
    let back = smooth_points(&pelvis_mm(set)?.0, set.rate_hz);
    let directions = Directions::find(&feet, &back, set)?;
    Some((feet, directions))
}

/// The back of the pelvis in mm, and its labels.
fn pelvis_mm(set: &MarkerSet) -> Option<(Vec<Point>, String)> {
    let (points, labels) = pelvis(set)?;
    let per_mm = if set.unit == surae_trial::Unit::Metre { 1000.0 } else { 1.0 };
    Some((points.iter().map(|p| p.map(|x| x * per_mm)).collect(), labels))
}

impl Directions {
    fn find(feet: &[Foot], back: &[Point], set: &MarkerSet) -> Option<Self> {
        let rise = mean_vector(feet.iter().flat_map(|f| f.heel.iter().zip(back)))?;
        let axis = (0..3).max_by(|a, b| rise[*a].abs().total_cmp(&rise[*b].abs()))?;
        let mut up = [0.0; 3];
        up[axis] = rise[axis].signum();
        let mut forward = mean_vector(feet.iter().flat_map(|f| f.heel.iter().zip(&f.toe)))?;
        forward[axis] = 0.0;
        let length = knee::inner(forward, forward).sqrt();
        if length < 1.0 {
            return None;
        }
        let forward = forward.map(|x| x / length);
        let seen = |p: &&Point| p[0].is_finite();
        let (first, last) = (back.iter().find(seen)?, back.iter().rev().find(seen)?);
        let travel_mm = knee::inner(knee::vector(*first, *last), forward);
        Some(Self { up, forward, travel_mm, rate_hz: set.rate_hz, start_s: set.start_s.0 })
    }

    /// To the person's left or right, of length 1.
    pub fn across(&self) -> Point {
        knee::cross(self.up, self.forward)
    }

    /// The person walks through the room rather than on a treadmill.
    pub fn travels(&self) -> bool {
        self.travel_mm > TRAVEL_MM
    }

    fn words(&self, feet: &[Foot], back: &str, running: bool) -> String {
        let labels: Vec<String> = feet.iter().map(|f| f.labels.join(" ")).collect();
        format!(
            "Events from the markers {} against {back}: the feet point along ({:.2}, {:.2}, {:.2}), the pelvis {}; by the rule for {}.",
            labels.join(", "),
            self.forward[0],
            self.forward[1],
            self.forward[2],
            if self.travel_mm < TRAVEL_MM {
                "stays (treadmill)".to_owned()
            } else {
                format!("travels {:.1} m", self.travel_mm / 1000.0)
            },
            if running { "running" } else { "walking" }
        )
    }
}

/// Running: the pelvis is low in the middle of stance; in walking it is high there.
fn is_running(coarse: &[[Vec<f64>; 2]], back: &[Point], frame: &Directions) -> bool {
    let height: Vec<f64> = back.iter().map(|p| knee::inner(*p, frame.up)).collect();
    let mut rises = Vec::new();
    for [ahead, behind] in coarse {
        for pair in ahead.windows(2) {
            let off = behind.iter().find(|off| **off > pair[0] && **off < pair[1]);
            let whole = mean(height.get(pair[0] as usize..pair[1] as usize).unwrap_or_default());
            if let (Some(off), Some(whole)) = (off, whole) {
                rises.extend(height.get((0.5 * (pair[0] + off)).round() as usize).map(|h| h - whole));
            }
        }
    }
    median(&rises).is_some_and(|rise| rise < 0.0)
}

/// Contacts and offs where the foot slows down and speeds up; on the floor only, where a standing foot has no speed.
fn by_foot_speed(set: &MarkerSet, feet: &[Foot], notes: &mut Vec<Note>) -> Vec<Event> {
    let mut found = Vec::new();
    for foot in feet {
        let seen = |p: &&Point| p[0].is_finite();
        let (Some(first), Some(last)) = (foot.heel.iter().find(seen), foot.heel.iter().rev().find(seen))
        else {
            continue;
        };
        let way = knee::vector(*first, *last);
        if knee::inner(way, way).sqrt() < 2.0 * TRAVEL_MM {
            continue;
        }
        let event = |kind, frame: usize, rule: String| Event {
            time_s: Seconds(set.start_s.0 + frame as f64 / set.rate_hz),
            kind,
            side: Some(foot.side),
            source: EventSource::Kinematic,
            label: rule,
        };
        for (points, kind, share) in [
            (&foot.heel, EventKind::FootContact, SPEED_SHARE[0]),
            (&foot.toe, EventKind::FootOff, SPEED_SHARE[1]),
        ] {
            let speed: Vec<f64> = points
                .windows(2)
                .map(|w| knee::vector(w[0], w[1]))
                .map(|v| knee::inner(v, v).sqrt() * set.rate_hz)
                .collect();
            let Some(top) = percentile(&speed, 99.0) else { continue };
            let level = share * top;
            for (i, pair) in speed.windows(2).enumerate() {
                let falls = pair[0] >= level && pair[1] < level;
                let rises = pair[0] < level && pair[1] >= level;
                let rule = format!("foot speed {share} of its largest");
                if kind == EventKind::FootContact && falls || kind == EventKind::FootOff && rises {
                    found.push(event(kind, i + 1, rule));
                }
            }
        }
    }
    if !found.is_empty() {
        notes.push(Note::info(
            "event_kinematic",
            "Events from the speed of heel and toe markers (no pelvis markers): contact under 0.2, off over 0.45 of the largest speed.",
        ));
    }
    found
}

fn smooth_points(points: &[Point], rate_hz: f64) -> Vec<Point> {
    let cutoff = POSITION_HZ.min(0.2 * rate_hz);
    let column = |axis: usize| {
        let values: Vec<f64> = points.iter().map(|p| p[axis]).collect();
        lowpass(&values, rate_hz, cutoff, Correction::Winter, Mode::ZeroPhase).unwrap_or(values)
    };
    let columns = [column(0), column(1), column(2)];
    (0..points.len()).map(|i| [columns[0][i], columns[1][i], columns[2][i]]).collect()
}

/// Mean vector from the first to the second point of the pairs in which both were seen.
fn mean_vector<'a>(pairs: impl Iterator<Item = (&'a Point, &'a Point)>) -> Option<Point> {
    let (mut sum, mut n) = ([0.0; 3], 0.0);
    for (from, to) in pairs {
        let v = knee::vector(*from, *to);
        if v.iter().all(|x| x.is_finite()) {
            sum = [0, 1, 2].map(|i| sum[i] + v[i]);
            n += 1.0;
        }
    }
    (n > 0.0).then(|| sum.map(|x| x / n))
}

/// Frames (with a fraction) at which a coordinate turns back from its outer part; none when it hardly moves.
fn turns(values: &[f64], half: usize) -> Vec<f64> {
    let (Some(low), Some(high)) = (percentile(values, 1.0), percentile(values, 99.0)) else {
        return Vec::new();
    };
    if high - low < STEPPING_MM {
        return Vec::new();
    }
    let level = high - OUTER_SHARE * (high - low);
    (half..values.len().saturating_sub(half))
        .filter(|i| {
            let around = &values[i - half..=i + half];
            values[*i] > level
                && around.iter().all(|v| v.is_finite() && *v <= values[*i])
                && values[i - 1] < values[*i]
        })
        .map(|i| i as f64 + vertex(values, i))
        .collect()
}

/// Upward acceleration in mm/s^2.
fn upward(height: &[f64], rate_hz: f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; height.len()];
    for i in 1..height.len().saturating_sub(1) {
        out[i] = (height[i + 1] - 2.0 * height[i] + height[i - 1]) * rate_hz * rate_hz;
    }
    out
}

/// Largest upward acceleration of a window, with a fraction of a frame; `None` at the window's edge, where something is missing, or
/// when it is too small for a foot that meets or leaves the ground.
fn inner_peak(values: &[f64], from: f64, to: f64) -> Option<f64> {
    let last = values.len() as f64 - 1.0;
    if !(from >= 0.0 && to <= last && to > from) {
        return None;
    }
    let (from, to) = (from.floor() as usize, to.ceil() as usize);
    let window = values.get(from..=to)?;
    if window.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let at = from + window.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?.0;
    (at > from && at < to && values[at] > STOPPED_MM_S2).then(|| at as f64 + vertex(values, at))
}

/// Where the parabola through a peak and its neighbours is highest, within half a frame of it.
fn vertex(values: &[f64], at: usize) -> f64 {
    let (a, b, c) = (values[at - 1], values[at], values[at + 1]);
    let curvature = a - 2.0 * b + c;
    if curvature < 0.0 { (0.5 * (a - c) / curvature).clamp(-0.5, 0.5) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Marker, Unit};

    /// A walker whose feet swing as sines against the pelvis, in lab axes turned by `heading_deg`, at `speed` mm/s.
    fn walker(heading_deg: f64, speed: f64) -> Trial {
        let rate = 100.0;
        let (s, c) = heading_deg.to_radians().sin_cos();
        let place = |along: f64, across: f64, z: f64| [along * c - across * s, along * s + across * c, z];
        let foot = |phase: f64, toe: f64, across: f64| -> Vec<Point> {
            (0..600)
                .map(|i| {
                    let t = f64::from(i) / rate;
                    let swing = 300.0 * (std::f64::consts::TAU * t / 1.1 + phase).sin();
                    place(speed * t + swing + toe, across, 50.0)
                })
                .collect()
        };
        let pelvis = (0..600).map(|i| place(speed * f64::from(i) / rate, 0.0, 950.0)).collect();
        let marker = |label: &str, position| Marker { label: label.into(), position };
        let pi = std::f64::consts::PI;
        Trial {
            markers: Some(MarkerSet {
                rate_hz: rate,
                start_s: Seconds(0.0),
                unit: Unit::Millimetre,
                markers: vec![
                    marker("SACR", pelvis),
                    marker("RHEE", foot(0.0, 0.0, -80.0)),
                    marker("RTOE", foot(0.0, 180.0, -80.0)),
                    marker("LHEE", foot(pi, 0.0, 80.0)),
                    marker("LTOE", foot(pi, 180.0, 80.0)),
                ],
            }),
            task: Some(Task::Walk),
            ..Trial::default()
        }
    }

    #[test]
    fn turning_points_are_found_in_every_direction_on_floor_and_treadmill() {
        for (heading, speed) in [(0.0, 1300.0), (90.0, 1300.0), (217.0, 1300.0), (45.0, 0.0)] {
            let mut notes = Vec::new();
            let found = events(&walker(heading, speed), &mut notes);
            // Without vertical movement contact stays where Zeni puts it: sine at its top, t = 1.1 (k + 1/4).
            let right: Vec<f64> = found
                .iter()
                .filter(|e| e.side == Some(Side::Right) && e.kind == EventKind::FootContact)
                .map(|e| e.time_s.0)
                .collect();
            // The first and last turns lie within 0.15 s of neither end of the 6 s.
            assert_eq!(right.len(), 6, "{heading}: {right:?}");
            for (k, time) in right.iter().enumerate() {
                let expected = 1.1 * (k as f64 + 0.25);
                assert!((time - expected).abs() < 0.01, "{heading} {time} {expected}");
            }
            let offs = found.iter().filter(|e| e.kind == EventKind::FootOff).count();
            assert!((9..=12).contains(&offs), "{offs}");
            assert_eq!(notes[0].text.contains("treadmill"), speed == 0.0);
        }
    }

    #[test]
    fn standing_and_walking_backwards_give_no_events() {
        let mut still = walker(0.0, 0.0);
        for marker in &mut still.markers.as_mut().unwrap().markers {
            let first = marker.position[0];
            marker.position.fill(first);
        }
        assert!(events(&still, &mut Vec::new()).is_empty());
        let mut notes = Vec::new();
        assert!(events(&walker(0.0, -800.0), &mut notes).is_empty());
        assert!(notes[0].text.contains("backwards"));
    }
}
