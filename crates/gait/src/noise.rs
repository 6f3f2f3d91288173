//! The rest level of a channel (METHOD R2): from quiet standing, else from the quietest part of the trial itself.
//!
//! Swing is not rest: gastrocnemius has real bursts there. Nor is standing always rest: soleus holds the body up. The
//! lower of the two levels is therefore the one used; `docs/method.md` shows the recording that proves it.

use crate::emg::Emg;
use crate::stats::{median, percentile};
use serde::{Deserialize, Serialize};

/// Where a rest level comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestSource {
    /// The profile.
    Profile,
    /// Median of 100 ms windows of a quiet standing trial.
    QuietStanding,
    /// 5th percentile of 100 ms windows of the trial: biased, high when the muscle never rests.
    TrialPercentile,
    /// The resolution of the converter: the signal is below it.
    Resolution,
    /// A fixed part of the 99th percentile of an envelope that the source made: its true floor is not known.
    PeakFraction,
}

/// The rest level of one channel, in its unit, in both amplitude measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rest {
    /// Rectified mean.
    pub arv: f64,
    /// Root mean square.
    pub rms: f64,
    /// Where it comes from.
    pub source: RestSource,
}

/// Window of the rest level.
pub const WINDOW_S: f64 = 0.1;
/// Percentile of the trial's windows.
const PERCENT: f64 = 5.0;
/// Least rest level of an envelope that the source made, as a part of its 99th percentile. The gate then opens at about
/// a tenth of the peak; below that such envelopes hold their own noise floor and nothing else.
const PEAK_FRACTION: f64 = 0.07;
/// Root mean square of the rounding of a converter, in steps.
const ROUNDING: f64 = 0.288_675_134_594_812_9;
/// Rectified mean over root mean square of a uniform error.
const ROUNDING_ARV: f64 = 0.866_025_403_784_438_6;

/// The rest level of a recording in which the muscle is quiet: the median of its 100 ms windows. `None` when it is shorter than
/// that.
#[must_use]
pub fn quiet_level(emg: &Emg) -> Option<Rest> {
    let (arv, rms) = windows(emg);
    Some(Rest { arv: median(&arv)?, rms: median(&rms)?, source: RestSource::QuietStanding })
}

/// The 5th percentile of the 100 ms windows of a recording; `None` when it is shorter than that.
#[must_use]
pub fn lowest_level(emg: &Emg) -> Option<Rest> {
    let (arv, rms) = windows(emg);
    Some(Rest {
        arv: percentile(&arv, PERCENT)?,
        rms: percentile(&rms, PERCENT)?,
        source: RestSource::TrialPercentile,
    })
}

/// The rest level of `emg`, given the same channel of a standing trial where there is one.
#[must_use]
pub fn rest_level(emg: &Emg, standing: Option<&Emg>) -> Rest {
    let mut rest =
        lowest_level(emg).unwrap_or(Rest { arv: 0.0, rms: 0.0, source: RestSource::TrialPercentile });
    if let Some(quiet) = standing.and_then(quiet_level)
        && quiet.rms < rest.rms
    {
        rest = quiet;
    }
    if !emg.is_raw() {
        let least = PEAK_FRACTION * percentile(&emg.envelope, 99.0).unwrap_or(0.0);
        if rest.rms < least {
            rest = Rest { arv: least, rms: least, source: RestSource::PeakFraction };
        }
    }
    let step = emg.step * ROUNDING;
    if emg.is_raw() && rest.rms < step {
        rest = Rest { arv: step * ROUNDING_ARV, rms: step, source: RestSource::Resolution };
    }
    rest
}

/// Rectified mean and RMS of consecutive whole windows.
fn windows(emg: &Emg) -> (Vec<f64>, Vec<f64>) {
    let count = (emg.envelope.len() as f64 / emg.rate_hz / WINDOW_S).floor() as usize;
    (0..count)
        .map(|i| (emg.start_s + i as f64 * WINDOW_S, emg.start_s + (i + 1) as f64 * WINDOW_S))
        .filter(|(from, to)| emg.is_whole(*from, *to))
        .map(|(from, to)| emg.sums(from, to))
        .map(|sums| (sums.arv(), sums.rms()))
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::{Mode, tests::stream};
    use surae_trial::{Conditioning, Kind, Muscle};

    fn envelope(values: Vec<f64>) -> Emg {
        let stream = stream(Kind::Envelope, Muscle::SOL, 100.0, values);
        Emg::of(&stream, (0, 0), &Conditioning::default(), 0.005, Mode::ZeroPhase, &mut Vec::new())
            .unwrap()
            .unwrap()
    }

    #[test]
    fn the_lower_of_standing_and_trial_is_rest() {
        let mut values = vec![8.0; 1000];
        values[..100].fill(1.0);
        let trial = envelope(values);
        assert_eq!(rest_level(&trial, None).source, RestSource::TrialPercentile);
        assert!((rest_level(&trial, None).rms - 1.0).abs() < 1e-9);
        let standing = rest_level(&trial, Some(&envelope(vec![0.5; 300])));
        // 0.5 is below 7 % of the peak of an envelope, which is then the floor.
        assert_eq!((standing.source, standing.rms), (RestSource::PeakFraction, 0.07 * 8.0));
        let low = rest_level(&trial, Some(&envelope(vec![0.8; 300])));
        assert_eq!(low.source, RestSource::QuietStanding);
        let tonic = rest_level(&trial, Some(&envelope(vec![3.0; 300])));
        assert_eq!(tonic.source, RestSource::TrialPercentile);
    }
}
