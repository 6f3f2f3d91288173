//! The short form of the validation of dominance: a few cells, limits wide enough for their few sessions. The full form is the program
//! `dominance`, its tables are in `docs/validation/dominance.md`.

use surae_benches::validation::{Cell, Score, Sessions, run};

const SESSIONS: Sessions = Sessions { spread: 120, equal: 40, bent: 20 };

fn scored(snr_db: f64, leak: f64, stride_sd: f64, median_hz: f64) -> Score {
    run(Cell { snr_db, leak, stride_sd, median_hz }, SESSIONS, 20_260)
}

/// What every cell from 12 dB up must hold, with room for chance: 1200 stride phases have a standard error of 0.9 % of coverage,
/// 120 sessions of 2.7 %.
fn check(score: &Score) {
    let [one, ten] = &score.spread;
    for tally in [one, ten] {
        assert!(tally.right_percent() >= 95.0, "right calls {} %", tally.right_percent());
        assert!(tally.percent(tally.wrong_sign) <= 0.5, "wrong sign {} %", tally.percent(tally.wrong_sign));
    }
    assert!(one.undetermined_percent() <= 45.0, "undetermined {} %", one.undetermined_percent());
    assert!((86.5..=93.5).contains(&one.coverage_percent()), "one stride: {} %", one.coverage_percent());
    assert!((81.0..=97.0).contains(&ten.coverage_percent()), "ten strides: {} %", ten.coverage_percent());
    for tally in &score.equal {
        assert!(tally.percent(tally.dominant) <= 1.0, "equal drive called dominant");
    }
}

#[test]
fn a_typical_cell_holds() {
    let score = scored(15.0, 0.05, 0.15, 95.0);
    check(&score);
    assert!(score.spread[1].undetermined_percent() <= 28.0, "{}", score.spread[1].undetermined_percent());
    for tally in &score.bent {
        assert!(tally.percent(tally.soleus) >= 90.0, "bent knee: {} %", tally.percent(tally.soleus));
    }
    let change = score.change.electrode_coverage_percent();
    assert!((78.0..=99.0).contains(&change), "change: {change} %");
}

#[test]
fn a_narrow_spectrum_near_the_limit_of_noise_holds() {
    check(&scored(12.0, 0.0, 0.0, 65.0));
}

#[test]
fn a_wide_spectrum_with_strides_that_differ_holds() {
    check(&scored(20.0, 0.0, 0.30, 125.0));
}

/// The scoring can fail: a truth shifted by one threshold is not covered, and calls of it are wrong.
#[test]
fn a_person_whose_leak_is_half_of_soleus_is_found_out() {
    let score = scored(20.0, 0.5, 0.0, 95.0);
    let [one, _] = &score.spread;
    assert!(one.coverage_percent() < 80.0, "{}", one.coverage_percent());
    assert!(
        (86.0..=94.0).contains(&one.electrode_coverage_percent()),
        "{}",
        one.electrode_coverage_percent()
    );
}
