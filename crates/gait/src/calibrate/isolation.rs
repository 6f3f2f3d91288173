//! How much of soleus the electrodes over gastrocnemius see (METHOD 1.7): an isolation trial, seated with the knee bent, of light plantar
//! flexion, in which gastrocnemius should be silent.
//!
//! Nobody can tell from the surface whether what is left over gastrocnemius is soleus or gastrocnemius itself, so the coefficient is a
//! bound from above, kept and shown, never subtracted.

use super::{CalibrationInputs, Prepared, WINDOW_S};
use crate::emg::{Emg, Mode, Sums};
use crate::noise::{Rest, lowest_level, quiet_level};
use crate::review::{ReviewOptions, review};
use crate::stats::median;
use surae_trial::{IsolationLeak, Muscle, Note, Profile, Side, Trial};

/// Soleus is active in a window whose RMS is this much above its rest level: 12 dB, where noise adds under a tenth to the power.
const ACTIVE: f64 = 4.0;
/// Windows that a coefficient needs; three seconds of light effort.
const LEAST_WINDOWS: u32 = 6;
/// Beyond this gastrocnemius was at work: |D| could not pass 0.54 on such a leg, and published leaks are of some percent
/// (Vieira 2017: 6 %).
const MOST: f64 = 0.3;
/// A knee straighter than this lets gastrocnemius join in.
const BENT_DEG: f64 = 60.0;

/// Adds the leak into each head of each leg of the trial; says why of those without.
pub(super) fn add(
    profile: &mut Profile,
    trial: &Trial,
    rest: &Prepared,
    inputs: &CalibrationInputs<'_>,
    notes: &mut Vec<Note>,
) {
    let isolated = Prepared::of(trial, inputs.settings, notes);
    for side in Side::BOTH {
        let Some(soleus) = isolated.channel(Muscle::SOL, side) else { continue };
        let knee_deg = knee(trial, profile, inputs, side, notes);
        for muscle in [Muscle::MG, Muscle::LG, Muscle::GAS] {
            let Some(head) = isolated.channel(muscle, side) else { continue };
            match leak(head, soleus, rest) {
                Ok((coefficient, n)) => {
                    profile.isolation.push(IsolationLeak { muscle, side, coefficient, n, knee_deg });
                }
                Err(why) => notes.push(Note::warning("no_isolation", format!("{side} {muscle}: {why}"))),
            }
        }
    }
}

/// Median knee angle of the trial; a doubt when it is not bent or not known.
fn knee(
    trial: &Trial,
    profile: &Profile,
    inputs: &CalibrationInputs<'_>,
    side: Side,
    notes: &mut Vec<Note>,
) -> Option<f64> {
    let options =
        ReviewOptions { mode: Mode::ZeroPhase, settings: Some(*inputs.settings), ..ReviewOptions::default() };
    let model = review(trial, None, Some(profile), &options);
    let angles = model.series.side(side).knee.as_ref();
    let known: Vec<f64> =
        angles.iter().flat_map(|k| k.deg.iter().copied()).filter(|deg| deg.is_finite()).collect();
    let found = median(&known);
    let text = match found {
        Some(deg) if deg < BENT_DEG => format!(
            "{side} leg: the knee of the isolation trial is bent by {deg:.0} deg only; gastrocnemius may have helped."
        ),
        Some(_) => return found,
        None => format!("{side} leg: no knee angle in the isolation trial; taken as bent, as you say."),
    };
    notes.push(Note::warning("isolation_knee", text));
    found
}

/// RMS over the head by RMS over soleus where soleus is active, rest taken off in power; and the windows.
fn leak(head: &Emg, soleus: &Emg, rest: &Prepared) -> Result<(f64, u32), String> {
    if head.unit != soleus.unit || !(head.is_raw() && soleus.is_raw()) {
        return Err("an isolation trial needs raw EMG of both muscles in one unit".to_owned());
    }
    let quiet = |emg: &Emg| -> Option<Rest> {
        let of_rest = rest.channel(emg.muscle, emg.side).filter(|r| r.unit == emg.unit).and_then(quiet_level);
        let here = lowest_level(emg);
        [of_rest, here].into_iter().flatten().min_by(|a, b| a.rms.total_cmp(&b.rms))
    };
    let (Some(head_rest), Some(soleus_rest)) = (quiet(head), quiet(soleus)) else {
        return Err("the isolation trial is shorter than 0.1 s".to_owned());
    };
    let (mut over_head, mut over_soleus, mut n) = (Sums::default(), Sums::default(), 0);
    let length_s = soleus.envelope.len() as f64 / soleus.rate_hz;
    for at in 0..(length_s / WINDOW_S) as usize {
        let from = soleus.start_s + at as f64 * WINDOW_S;
        let to = from + WINDOW_S;
        let window = soleus.sums(from, to);
        if soleus.is_whole(from, to)
            && head.is_whole(from, to)
            && window.rms() > ACTIVE * soleus_rest.rms.max(f64::MIN_POSITIVE)
        {
            over_head.add(head.sums(from, to));
            over_soleus.add(window);
            n += 1;
        }
    }
    if n < LEAST_WINDOWS {
        return Err(format!(
            "soleus was clear of rest for {:.1} s of the isolation trial; {:.0} s are needed",
            f64::from(n) * WINDOW_S,
            f64::from(LEAST_WINDOWS) * WINDOW_S
        ));
    }
    let power = |sums: Sums, rest: Rest| (sums.rms().powi(2) - rest.rms.powi(2)).max(0.0);
    let coefficient = (power(over_head, head_rest) / power(over_soleus, soleus_rest)).sqrt();
    if coefficient > MOST {
        return Err(format!(
            "it had {:.0} % of the amplitude of soleus in the isolation trial: it was at work, which is no isolation; bend the knee \
             further and press more lightly",
            100.0 * coefficient
        ));
    }
    Ok((coefficient, n))
}
