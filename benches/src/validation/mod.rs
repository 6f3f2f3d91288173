//! How often the dominance of the method is right, measured on pairs of known sources.
//!
//! One [`Cell`] is one combination of signal to noise, leak, spread between strides and median frequency; cells are never pooled.
//! Windows go through the functions that the review calls: `Emg::of`, `rest_level`, `Leg::levels`, `classify`, `by_phase`,
//! `straight_of_trial`, `by_angle`.
//! Speed is not measured here.

mod change;

use crate::pairs::{self, Electrodes, FULL_UV, PAIR_RATE_HZ, Random, Spectrum, Step};
use surae_gait::Mode;
use surae_gait::cycles::Cycle;
use surae_gait::dominance::{Bound, Class, Ratio, Verdict, log_ratio_of};
use surae_gait::emg::Emg;
use surae_gait::leg::{Leg, LegMuscle};
use surae_gait::noise::{Rest, rest_level};
use surae_gait::normalise::Reference;
use surae_gait::phases::{Phase, by_phase};
use surae_trial::{
    Channel, Estimator, Kind, Muscle, NormalisationKind, Role, Samples, Seconds, Settings, Side, Stream,
    Task, Unit,
};

/// Strides of one session: what "over 10 strides" means.
pub const STRIDES: usize = 10;
/// Drive that the geometric mean of both muscles has; the ratio of signal to noise is stated at it.
const DRIVE: f64 = 0.3;
/// A stride: both muscles at constant drive, then rest.
const ACTIVE_S: f64 = 0.24;
const QUIET_S: f64 = 0.1;
/// The scored window of a stride: a phase of 0.2 s, clear of the ramp and of the filter's reach.
const WINDOW_S: [f64; 2] = [0.03, 0.23];
/// True |D| goes up to this.
const WIDEST_D: f64 = 0.6;
/// Spread of a reference over its repetitions; drawn for every session and stated to the method.
const REFERENCE_CV: f64 = 0.03;
/// Sessions that are filtered as one record.
const SESSIONS_A_RECORD: usize = 50;

/// One combination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Signal to noise in 20-450 Hz at the geometric mean of both drives.
    pub snr_db: f64,
    /// Part of the soleus amplitude picked up over gastrocnemius.
    pub leak: f64,
    /// Standard deviation of the log ratio from stride to stride.
    pub stride_sd: f64,
    /// Median frequency of the EMG.
    pub median_hz: f64,
}

/// How many sessions of ten strides each part of a cell has.
#[derive(Clone, Copy, Debug)]
pub struct Sessions {
    /// True D spread evenly from -0.6 to 0.6.
    pub spread: usize,
    /// Equal drives.
    pub equal: usize,
    /// Bent knee: gastrocnemius under its floor.
    pub bent: usize,
}

/// What came of the calls and intervals of one kind of window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Windows.
    pub n: u32,
    /// Calls: dominant or balanced.
    pub called: u32,
    /// Calls that are the class of the source.
    pub right: u32,
    /// Calls that are the class at the electrode.
    pub right_at_electrode: u32,
    /// Dominance of the muscle that is the less active one at the source.
    pub wrong_sign: u32,
    /// Dominant calls.
    pub dominant: u32,
    /// Soleus called dominant.
    pub soleus: u32,
    /// Two-sided intervals.
    pub intervals: u32,
    /// Of those, with the source's log ratio inside.
    pub covered: u32,
    /// Of those, with the electrode's log ratio inside.
    pub covered_at_electrode: u32,
    /// One-sided results, unknown ones included.
    pub bounded: u32,
    /// Of those, with the source's log ratio on the stated side.
    pub bound_held: u32,
    /// Sum of estimate minus source over two-sided results.
    pub bias: f64,
}

/// The scores of a cell: of single stride phases, and of ten strides together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    /// Spread of true D, per stride phase and over ten strides.
    pub spread: [Tally; 2],
    /// Equal drives, alike.
    pub equal: [Tally; 2],
    /// Gastrocnemius under its floor, alike.
    pub bent: [Tally; 2],
    /// Change of the log ratio between ten strides with a straight knee and ten with a bent one, of two sessions of the spread.
    pub change: Tally,
}

impl Tally {
    fn add_call(&mut self, verdict: Verdict, source: f64, electrode: f64) {
        let is_call = verdict.class.is_dominant() || verdict.class == Class::Balanced;
        self.called += u32::from(is_call);
        self.right += u32::from(is_call && verdict.class == class_of(source));
        self.right_at_electrode += u32::from(is_call && verdict.class == class_of(electrode));
        self.dominant += u32::from(verdict.class.is_dominant());
        self.soleus += u32::from(verdict.class == Class::SoleusDominant);
        self.wrong_sign += u32::from(match verdict.class {
            Class::SoleusDominant => source > 0.0,
            Class::GastrocnemiusDominant => source < 0.0,
            _ => false,
        });
    }

    fn add(&mut self, verdict: Verdict, ratio: &Ratio, source: f64, electrode: f64) {
        self.add_call(verdict, source, electrode);
        self.add_interval(ratio, source, electrode);
    }

    /// Counts one result of whatever kind.
    fn add_interval(&mut self, ratio: &Ratio, source: f64, electrode: f64) {
        self.n += 1;
        let inside = |truth: f64| u32::from(ratio.ci90[0] <= truth && truth <= ratio.ci90[1]);
        if ratio.is_known() && ratio.bound == Bound::None {
            self.intervals += 1;
            self.covered += inside(source);
            self.covered_at_electrode += inside(electrode);
            self.bias += ratio.log_ratio - source;
        } else {
            self.bounded += 1;
            self.bound_held += inside(source);
        }
    }

    /// A count in percent of the windows; `NaN` without any.
    #[must_use]
    pub fn percent(&self, count: u32) -> f64 {
        100.0 * f64::from(count) / f64::from(self.n)
    }

    /// Windows without a call, in percent.
    #[must_use]
    pub fn undetermined_percent(&self) -> f64 {
        self.percent(self.n - self.called)
    }

    /// Right calls in percent of the calls.
    #[must_use]
    pub fn right_percent(&self) -> f64 {
        100.0 * f64::from(self.right) / f64::from(self.called)
    }

    /// Coverage of the source by two-sided intervals, in percent.
    #[must_use]
    pub fn coverage_percent(&self) -> f64 {
        100.0 * f64::from(self.covered) / f64::from(self.intervals)
    }

    /// Coverage of the ratio at the electrode, in percent.
    #[must_use]
    pub fn electrode_coverage_percent(&self) -> f64 {
        100.0 * f64::from(self.covered_at_electrode) / f64::from(self.intervals)
    }

    /// Coverage of the source by all results, one-sided ones included, in percent.
    #[must_use]
    pub fn held_percent(&self) -> f64 {
        self.percent(self.covered + self.bound_held)
    }

    /// Mean of estimate minus source, in log ratio.
    #[must_use]
    pub fn mean_bias(&self) -> f64 {
        self.bias / f64::from(self.intervals)
    }
}

fn class_of(log_ratio: f64) -> Class {
    let limit = log_ratio_of(Settings::default().dominance.class_threshold);
    if log_ratio > limit {
        Class::GastrocnemiusDominant
    } else if log_ratio < -limit {
        Class::SoleusDominant
    } else {
        Class::Balanced
    }
}

/// Log ratio of two drives at the electrodes, each of its own maximum there: leak adds in the square, to the maximum too.
fn at_electrode(drive: [f64; 2], leak: f64) -> f64 {
    (drive[0].hypot(leak * drive[1]) / 1.0_f64.hypot(leak) / drive[1]).ln()
}

/// A session: drives of each stride, and the log ratio of the person in it.
struct Session {
    drives: Vec<[f64; 2]>,
    log_ratio: f64,
}

impl Session {
    fn of_ratio(log_ratio: f64, stride_sd: f64, random: &mut Random) -> Self {
        let drives = (0..STRIDES)
            .map(|_| {
                let half = (log_ratio + stride_sd * random.normal()) / 2.0;
                [DRIVE * half.exp(), DRIVE * (-half).exp()]
            })
            .collect();
        Self { drives, log_ratio }
    }

    /// The person's ratio, shifted by what leak does to these strides.
    fn at_electrode(&self, leak: f64) -> f64 {
        let shift: f64 = self.drives.iter().map(|d| at_electrode(*d, leak) - (d[0] / d[1]).ln()).sum();
        self.log_ratio + shift / self.drives.len() as f64
    }
}

/// Runs one cell.
#[must_use]
pub fn run(cell: Cell, sessions: Sessions, seed: u64) -> Score {
    let mut random = Random::new(seed, 10);
    let spectrum = Spectrum::of_median(cell.median_hz);
    let spread: Vec<Session> = (0..sessions.spread)
        .map(|i| {
            // Strata of equal width; neighbours in time are far apart in D.
            let at = (i * 7) % sessions.spread.max(1);
            let d = WIDEST_D * (2.0 * (at as f64 + 0.5) / sessions.spread as f64 - 1.0);
            Session::of_ratio(log_ratio_of(d), cell.stride_sd, &mut random)
        })
        .collect();
    let equal: Vec<Session> = (0..sessions.equal).map(|_| Session::of_ratio(0.0, 0.0, &mut random)).collect();
    let electrodes =
        Electrodes { leak: cell.leak, noise_uv: pairs::noise_for_snr(&spectrum, cell.snr_db, DRIVE) };
    // Gastrocnemius from nothing to its floor; the ratio of signal to noise is that of soleus, the only one active.
    let floor = DRIVE * 10.0_f64.powf(-cell.snr_db / 20.0);
    let bent: Vec<Session> = (0..sessions.bent)
        .map(|i| {
            let g = floor * (i as f64 + 0.5) / sessions.bent as f64;
            Session { drives: vec![[g, DRIVE]; STRIDES], log_ratio: (g / DRIVE).ln() }
        })
        .collect();
    let (spread, change) = score(&spread, &spectrum, electrodes, &mut random, seed);
    Score {
        spread,
        equal: score(&equal, &spectrum, electrodes, &mut random, seed + 1).0,
        bent: score(&bent, &spectrum, electrodes, &mut random, seed + 2).0,
        change,
    }
}

fn score(
    sessions: &[Session],
    spectrum: &Spectrum,
    electrodes: Electrodes,
    random: &mut Random,
    seed: u64,
) -> ([Tally; 2], Tally) {
    let mut tallies = [Tally::default(); 2];
    let mut changes = Tally::default();
    // A stream of its own: the other scores do not depend on whether changes are scored.
    let mut random_of_changes = Random::new(seed, 11);
    for (k, part) in sessions.chunks(SESSIONS_A_RECORD).enumerate() {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(k as u64);
        let quiet = [Step { duration_s: 10.0, drive: [0.0; 2] }];
        let standing = emg(spectrum, electrodes, &quiet, seed.wrapping_add(1 << 40));
        let steps: Vec<Step> = part
            .iter()
            .flat_map(|session| &session.drives)
            .flat_map(|drive| {
                [Step { duration_s: ACTIVE_S, drive: *drive }, Step { duration_s: QUIET_S, drive: [0.0; 2] }]
            })
            .collect();
        let moving = emg(spectrum, electrodes, &steps, seed);
        let rest = [0, 1].map(|m| rest_level(&moving[m], Some(&standing[m])));
        for (at, session) in part.iter().enumerate() {
            let leg = leg(&moving, rest, maximum(spectrum, electrodes), random);
            score_session(&leg, session, at, electrodes.leak, &mut tallies);
        }
        for (at, two) in part.chunks_exact(2).enumerate() {
            let leg = leg(&moving, rest, maximum(spectrum, electrodes), &mut random_of_changes);
            change::score(&leg, two, 2 * at, electrodes.leak, &mut changes);
        }
    }
    (tallies, changes)
}

fn score_session(leg: &Leg<'_>, session: &Session, at: usize, leak: f64, tallies: &mut [Tally; 2]) {
    let settings = Settings::default().dominance;
    let stride_s = ACTIVE_S + QUIET_S;
    let start_s = |stride: usize| start_of(at, stride);
    for (stride, drive) in session.drives.iter().enumerate() {
        let window = (start_s(stride) + WINDOW_S[0], start_s(stride) + WINDOW_S[1]);
        let ratio = leg.levels(&[window]).ratio();
        let verdict = leg.verdict(&ratio, settings.class_threshold);
        tallies[0].add(verdict, &ratio, (drive[0] / drive[1]).ln(), at_electrode(*drive, leak));
    }
    let cycles: Vec<Cycle> = (0..STRIDES)
        .map(|k| Cycle {
            start_s: start_s(k),
            foot_off_s: None,
            end_s: start_s(k) + stride_s,
            rejected: None,
        })
        .collect();
    let phase = Phase {
        name: "active",
        from_percent: 100.0 * WINDOW_S[0] / stride_s,
        to_percent: 100.0 * WINDOW_S[1] / stride_s,
    };
    for result in by_phase(leg, &cycles, &[phase], &settings) {
        tallies[1].add(result.verdict, &result.ratio, session.log_ratio, session.at_electrode(leak));
    }
}

/// Start of a stride of a session of the record, in s.
fn start_of(session: usize, stride: usize) -> f64 {
    ((session * STRIDES + stride) as f64) * (ACTIVE_S + QUIET_S)
}

/// Rectified mean at drive 1 after an ideal band, noise and leak included, of gastrocnemius and soleus.
fn maximum(spectrum: &Spectrum, electrodes: Electrodes) -> [f64; 2] {
    let noise = electrodes.noise_uv.powi(2) * (pairs::STATED_BAND_HZ[1] - pairs::STATED_BAND_HZ[0])
        / (PAIR_RATE_HZ / 2.0);
    let own = FULL_UV * FULL_UV * spectrum.share_in_band();
    [electrodes.leak, 0.0].map(|leak| {
        let power = own * (1.0 + leak * leak) + noise;
        (power * 2.0 / std::f64::consts::PI).sqrt()
    })
}

fn leg<'a>(moving: &'a [Emg; 2], rest: [Rest; 2], maximum: [f64; 2], random: &mut Random) -> Leg<'a> {
    let mut member = |m: usize| LegMuscle {
        emg: &moving[m],
        weight: 1.0,
        rest: rest[m],
        reference: Some(Reference {
            kind: NormalisationKind::MvcIso,
            value: maximum[m] * (REFERENCE_CV * random.normal()).exp(),
            estimator: Estimator::Arv,
            rest: None,
            repeat_cv: REFERENCE_CV,
            source: String::new(),
            date: None,
            posture: None,
            window_ms: None,
            illustrative: false,
        }),
    };
    Leg { heads: vec![member(0)], soleus: member(1), no_class: None }
}

fn emg(spectrum: &Spectrum, electrodes: Electrodes, steps: &[Step], seed: u64) -> [Emg; 2] {
    let columns = pairs::pair(spectrum, electrodes, steps, seed);
    let settings = Settings::for_task(Task::Walk);
    let mut muscles = [Muscle::MG, Muscle::SOL].into_iter();
    columns.map(|values| {
        let muscle = muscles.next();
        let role = Role {
            kind: Kind::RawEmg,
            muscle,
            side: Some(Side::Right),
            joint: None,
            reason: "generated".to_owned(),
        };
        let stream = Stream {
            name: "pair".to_owned(),
            rate_hz: PAIR_RATE_HZ,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels: vec![Channel::new("pair", role, Unit::Microvolt)],
            samples: Samples::F64(values),
            gaps: Vec::new(),
            times_s: Vec::new(),
        };
        let made = Emg::of(
            &stream,
            (0, 0),
            &settings.conditioning,
            settings.bridge_s,
            Mode::ZeroPhase,
            &mut Vec::new(),
        );
        match made {
            Some(Ok(emg)) => emg,
            Some(Err(why)) => unreachable!("2000 Hz carries 20-450 Hz: {why}"),
            None => unreachable!("the channel is raw EMG of a known muscle and side"),
        }
    })
}
