//! Holes told by a sample counter of a device.

use surae_trial::{Gap, Note, SampleIndex, Seconds};

/// Values after which counters of devices start again at 0: BITalino 16, Ganglion 101 and 201, Cyton 256, plux 65536.
const PERIODS: [f64; 5] = [16.0, 101.0, 201.0, 256.0, 65_536.0];

/// Holes in a column of counter values. A counter that starts again at 0 hides whole periods, so its gaps are not certain.
///
/// No gaps (and a note) when the counter does not count.
pub fn gaps(counter: &[f64], rate_hz: f64, notes: &mut Vec<Note>) -> Vec<Gap> {
    let Some(step) = usual_step(counter) else {
        if counter.len() > 1 {
            let text = "the sample counter does not advance evenly: lost samples cannot be told";
            notes.push(Note::warning("counter_unusable", text));
        }
        return Vec::new();
    };
    let falls = counter.windows(2).any(|pair| pair[1] < pair[0]);
    let period = falls.then(|| period(counter, step)).flatten();
    if falls && period.is_none() {
        let text = "the sample counter starts again at an unknown value: lost samples cannot be told";
        notes.push(Note::warning("counter_unusable", text));
        return Vec::new();
    }
    let mut gaps: Vec<Gap> = Vec::new();
    let mut lost_before = 0u64;
    for (frame, pair) in counter.windows(2).enumerate() {
        let jump = match period {
            Some(period) => (pair[1] - pair[0]).rem_euclid(period),
            None => pair[1] - pair[0],
        };
        let lost = (jump / step).round() - 1.0;
        if lost.is_nan() || !(1.0..=crate::text::MOST_LOST_SAMPLES as f64).contains(&lost) {
            continue;
        }
        let index = SampleIndex(frame as u64 + 1 + lost_before);
        lost_before += lost as u64;
        gaps.push(Gap {
            index,
            time_s: index.at(rate_hz, Seconds(0.0)),
            lost_samples: lost as u64,
            certain: period.is_none(),
        });
        if lost_before > crate::text::MOST_LOST_SAMPLES {
            let text = "the sample counter jumps by hours: lost samples cannot be told";
            notes.push(Note::warning("counter_unusable", text));
            return Vec::new();
        }
    }
    if !gaps.is_empty() {
        let text = format!("the sample counter tells {lost_before} lost samples in {} holes", gaps.len());
        notes.push(Note::warning("samples_lost", text));
    }
    gaps
}

/// The step that nine of ten samples make.
fn usual_step(counter: &[f64]) -> Option<f64> {
    let steps: Vec<f64> = counter.windows(2).map(|pair| pair[1] - pair[0]).collect();
    [1.0, 2.0].into_iter().find(|step| {
        let made = steps.iter().filter(|s| *s == step).count();
        made > 0 && made * 10 >= steps.len() * 9
    })
}

fn period(counter: &[f64], step: f64) -> Option<f64> {
    let top = counter.iter().copied().fold(0.0, f64::max);
    PERIODS.into_iter().find(|period| top < *period && top + 2.0 * step >= *period)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(counter: &[f64]) -> Vec<(u64, u64, bool)> {
        let gaps = gaps(counter, 100.0, &mut Vec::new());
        gaps.iter().map(|gap| (gap.index.0, gap.lost_samples, gap.certain)).collect()
    }

    #[test]
    fn a_counter_that_wraps_has_no_gap_there_and_a_jump_is_one() {
        let wrapping: Vec<f64> = (0..600).map(|k| f64::from(k % 256)).collect();
        assert!(found(&wrapping).is_empty());
        let mut lost = wrapping.clone();
        lost.drain(300..303);
        assert_eq!(found(&lost), [(300, 3, false)]);
        let even: Vec<f64> = (0..600).map(|k| f64::from(2 * k % 256)).collect();
        assert!(found(&even).is_empty());
        let mut long: Vec<f64> = (0..100).map(f64::from).collect();
        long.drain(10..20);
        long.drain(50..52);
        assert_eq!(found(&long), [(10, 10, true), (60, 2, true)]);
    }

    #[test]
    fn what_does_not_count_is_said() {
        for counter in [vec![5.0; 100], vec![f64::NAN; 100]] {
            let mut notes = Vec::new();
            assert!(gaps(&counter, 100.0, &mut notes).is_empty());
            assert_eq!(notes[0].code, "counter_unusable");
        }
    }
}
