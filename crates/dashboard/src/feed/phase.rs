//! Strides of the shown window, brought to 0-100 % of the gait cycle.
//!
//! Works on the columns that are on screen: a picture of what is shown, not a result. The result over a whole
//! trial, with kept and rejected cycles, is `surae_gait`'s review.

use crate::model::{Columns, Contact, Phase, PhaseRow, Signals};
use crate::text::missing;

/// Points of a cycle: 0 to 100 %.
pub const POINTS: usize = 101;
/// A burst is where the mean is over this share of the row's peak.
const BURST: f32 = 0.2;
/// Shortest and longest stride that is believed, in s: beyond them a contact was missed.
const STRIDE_S: std::ops::RangeInclusive<f64> = 0.35..=2.5;

/// A stride between two contacts of one foot.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stride {
    start_s: f64,
    off_s: Option<f64>,
    end_s: f64,
}

/// Whole strides between the contacts that lie wholly inside the data of the window.
fn strides(contacts: &[Contact], seams_s: &[f64], from_s: f64, to_s: f64) -> Vec<Stride> {
    contacts
        .windows(2)
        .map(|pair| Stride { start_s: pair[0].t0_s, off_s: pair[0].t1_s, end_s: pair[1].t0_s })
        .filter(|stride| stride.start_s >= from_s && stride.end_s <= to_s)
        .filter(|stride| STRIDE_S.contains(&(stride.end_s - stride.start_s)))
        .filter(|stride| !seams_s.iter().any(|seam| (stride.start_s..stride.end_s).contains(seam)))
        .collect()
}

/// The phase view of these signals. `lag_ms` is the lag of the causal envelope, passed on for the caption.
#[must_use]
pub fn of(signals: &Signals, lag_ms: Option<f64>) -> Phase {
    let strides =
        strides(&signals.contacts, &signals.seams_s, signals.t0_s.max(0.0), signals.now_s.min(signals.t1_s));
    if strides.is_empty() {
        let missing = if signals.contacts.is_empty() { missing::CONTACTS } else { missing::STRIDES };
        return Phase { missing: missing.to_owned(), ..Phase::default() };
    }
    let offs: Vec<f64> = strides
        .iter()
        .filter_map(|s| s.off_s.map(|off| 100.0 * (off - s.start_s) / (s.end_s - s.start_s)))
        .collect();
    let foot_off = (!offs.is_empty()).then(|| (offs.iter().sum::<f64>() / offs.len() as f64) as f32);
    let rows = signals
        .lanes
        .iter()
        .map(|lane| PhaseRow {
            name: lane.name.clone(),
            muscle: lane.muscle,
            ..row(&lane.columns, &strides, signals)
        })
        .collect();
    Phase { rows, n: strides.len(), foot_off_percent: foot_off, lag_ms, missing: String::new() }
}

/// Strides, mean, SD and bursts of one lane.
fn row(columns: &Columns, strides: &[Stride], signals: &Signals) -> PhaseRow {
    let curves: Vec<Vec<f32>> =
        strides.iter().map(|stride| resample(&columns.envelope, stride, signals)).collect();
    let mut mean = vec![f32::NAN; POINTS];
    let mut sd = Vec::new();
    for k in 0..POINTS {
        let values: Vec<f32> = curves.iter().map(|curve| curve[k]).filter(|v| v.is_finite()).collect();
        let n = values.len() as f32;
        if values.is_empty() {
            if curves.len() >= 3 {
                sd.push(f32::NAN);
            }
            continue;
        }
        mean[k] = values.iter().sum::<f32>() / n;
        if curves.len() >= 3 {
            let squares = values.iter().map(|v| (v - mean[k]).powi(2)).sum::<f32>();
            sd.push(if values.len() >= 3 { (squares / (n - 1.0)).sqrt() } else { f32::NAN });
        }
    }
    let bursts = bursts(&mean);
    PhaseRow { strides: curves, mean, sd, bursts, ..PhaseRow::default() }
}

/// The envelope at 0 to 100 % of a stride, linear between column centres; `NaN` beside missing columns.
fn resample(envelope: &[f32], stride: &Stride, signals: &Signals) -> Vec<f32> {
    let width_s = (signals.t1_s - signals.t0_s) / envelope.len().max(1) as f64;
    (0..POINTS)
        .map(|k| {
            let time_s = stride.start_s + (stride.end_s - stride.start_s) * k as f64 / 100.0;
            let place = (time_s - signals.t0_s) / width_s - 0.5;
            if place < 0.0 {
                return f32::NAN;
            }
            let (at, share) = (place.floor() as usize, place.fract() as f32);
            match (envelope.get(at), envelope.get(at + 1)) {
                (Some(a), Some(b)) => a + (b - a) * share,
                _ => f32::NAN,
            }
        })
        .collect()
}

/// Spans in % of the cycle where the mean is over [`BURST`] of its peak.
pub(crate) fn bursts(mean: &[f32]) -> Vec<(f32, f32)> {
    let peak = mean.iter().copied().filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
    let mut bursts: Vec<(f32, f32)> = Vec::new();
    if peak <= 0.0 {
        return bursts;
    }
    let mut start = None;
    for (k, value) in mean.iter().enumerate() {
        // A comparison with NaN is false: a missing point ends a burst.
        let is_on = *value > BURST * peak;
        match (is_on, start) {
            (true, None) => start = Some(k),
            (false, Some(from)) => {
                bursts.push((from as f32, k as f32));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        bursts.push((from as f32, (POINTS - 1) as f32));
    }
    bursts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lane;

    /// Ten seconds at 100 columns/s; one stride a second, active from 20 to 40 % of each.
    fn signals() -> Signals {
        let envelope: Vec<f32> = (0..1000)
            .map(|k| {
                let percent = (k as f32 + 0.5) % 100.0;
                if (20.0..40.0).contains(&percent) { 2.0 } else { 0.0 }
            })
            .collect();
        let lane = Lane { columns: Columns { envelope, ..Columns::default() }, ..Lane::default() };
        let contacts =
            (0..10).map(|k| Contact { t0_s: f64::from(k), t1_s: Some(f64::from(k) + 0.6) }).collect();
        Signals { t0_s: 0.0, t1_s: 10.0, now_s: 10.0, lanes: vec![lane], contacts, ..Signals::default() }
    }

    #[test]
    fn strides_come_back_in_percent() {
        let phase = of(&signals(), None);
        assert_eq!(phase.n, 9);
        assert!((phase.foot_off_percent.unwrap() - 60.0).abs() < 1e-3);
        let row = &phase.rows[0];
        assert_eq!(row.mean.len(), POINTS);
        assert!((row.mean[30] - 2.0).abs() < 1e-5);
        assert!(row.mean[60].abs() < 1e-5);
        assert_eq!(row.bursts.len(), 1);
        assert!((row.bursts[0].0 - 20.0).abs() <= 1.0 && (row.bursts[0].1 - 40.0).abs() <= 1.0);
        assert_eq!(row.sd.len(), POINTS);
        assert!(row.sd[30] < 1e-3);
    }

    #[test]
    fn a_missed_contact_and_a_gap_are_not_averaged_in() {
        let mut signals = signals();
        signals.contacts.remove(4);
        signals.contacts.remove(4);
        signals.contacts.remove(4);
        for value in &mut signals.lanes[0].columns.envelope[125..135] {
            *value = f32::NAN;
        }
        let phase = of(&signals, None);
        assert_eq!(phase.n, 5, "a stride of 4 s is not believed");
        assert!(phase.rows[0].strides[1][30].is_nan());
        assert!((phase.rows[0].mean[30] - 2.0).abs() < 1e-5);
    }

    #[test]
    fn two_strides_have_no_spread() {
        let mut signals = signals();
        signals.contacts.truncate(3);
        let phase = of(&signals, None);
        assert_eq!(phase.n, 2);
        assert!(phase.rows[0].sd.is_empty());
    }

    #[test]
    fn without_contacts_it_says_so() {
        let mut signals = signals();
        signals.contacts.clear();
        assert_eq!(of(&signals, None).missing, missing::CONTACTS);
    }
}
