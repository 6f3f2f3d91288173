//! The calf pump of standing: how often the triceps surae contracts, and the longest time it does not.
//!
//! Counts contractions only; says nothing about blood flow. Not for gait.

use crate::track::Track;

/// Shorter activity is not a contraction, in s.
pub const SHORTEST_S: f64 = 0.2;
/// Contractions closer than this are one, in s.
pub const CLOSE_S: f64 = 0.3;

/// Contractions of one leg over a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct CalfPump {
    /// Starts and ends in s.
    pub contractions: Vec<(f64, f64)>,
    /// Contractions per minute.
    pub per_min: f64,
    /// Longest time without a contraction, in s.
    pub longest_still_s: f64,
    /// Time looked at, in s.
    pub duration_s: f64,
}

/// Contractions of gastrocnemius or soleus in the activity of a leg; `None` for an empty track.
#[must_use]
pub fn calf_pump(track: &Track) -> Option<CalfPump> {
    let steps = track.active.len();
    if steps == 0 {
        return None;
    }
    let (from_s, to_s) = (track.time(0), track.time(steps));
    let mut contractions: Vec<(f64, f64)> = Vec::new();
    for (from, to) in track.bursts(0.02) {
        match contractions.last_mut() {
            Some(last) if from - last.1 <= CLOSE_S => last.1 = to,
            _ => contractions.push((from, to)),
        }
    }
    contractions.retain(|(from, to)| to - from >= SHORTEST_S);
    let mut longest_still_s: f64 = 0.0;
    let mut still_from = from_s;
    for (from, to) in &contractions {
        longest_still_s = longest_still_s.max(from - still_from);
        still_from = *to;
    }
    longest_still_s = longest_still_s.max(to_s - still_from);
    let duration_s = to_s - from_s;
    Some(CalfPump {
        per_min: 60.0 * contractions.len() as f64 / duration_s,
        contractions,
        longest_still_s,
        duration_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::STEP_S;

    fn track(bursts: &[(f64, f64)], duration_s: f64) -> Track {
        let steps = (duration_s / STEP_S).round() as usize;
        let active = (0..steps)
            .map(|k| bursts.iter().any(|(a, b)| (*a..*b).contains(&((k as f64 + 0.5) * STEP_S))))
            .collect();
        Track { active, ..Track::default() }
    }

    #[test]
    fn contractions_are_counted_and_the_longest_pause_found() {
        let found = calf_pump(&track(&[(5.0, 6.0), (6.1, 7.0), (20.0, 20.1), (30.0, 31.0)], 60.0)).unwrap();
        // 6.0 to 6.1 is one contraction, 0.1 s is none: two in a minute; still from 31 to 60 s.
        assert_eq!(found.contractions.len(), 2);
        assert!((found.per_min - 2.0).abs() < 1e-9);
        assert!((found.longest_still_s - 29.0).abs() < 0.011, "{}", found.longest_still_s);
        let none = calf_pump(&track(&[], 30.0)).unwrap();
        assert!((none.longest_still_s - 30.0).abs() < 1e-9 && none.per_min == 0.0);
        assert!(calf_pump(&Track::default()).is_none());
    }
}
