//! What a guided calibration consists of, for the channels that a session has.

use surae_trial::{
    Channel, Joint, Kind, Muscle, NormalisationKind, Profile, SessionLayout, Settings, Side, Unit,
};

/// Duration of the guided rest (LIVE 3: 5 s).
const REST_S: f64 = 5.0;
/// Duration of a goniometer position (chosen): long enough to show that it is held.
const HELD_S: f64 = 3.0;
/// One maximal contraction: 2 s of rise, 3 s of hold (METHOD 2.2).
const MAXIMUM_S: f64 = 5.0;
/// Time for five heel raises; three are needed (chosen).
const STRAIGHT_S: f64 = 20.0;
/// Repetitions of a maximum (METHOD 2.2).
const REPETITIONS: usize = 3;
/// Rest between maximal contractions (METHOD 2.2: 60 to 120 s).
const REST_BETWEEN_S: f64 = 60.0;
/// Recordings of one step before it is left as it is (chosen): a tired muscle gives no maximum.
const MOST_TAKES: usize = 6;

/// The kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Relaxed, for the rest level.
    Rest,
    /// Knee straight, for the goniometer's zero.
    GoniometerZero,
    /// Knee bent by a right angle.
    GoniometerNinety,
    /// Maximal contractions.
    Maximum,
    /// Efforts with a straight knee.
    Straight,
}

impl StepKind {
    /// All of them, in the order in which they are best done: an effort with a straight knee needs the maxima and the angle.
    pub const ALL: [Self; 5] =
        [Self::Rest, Self::GoniometerZero, Self::GoniometerNinety, Self::Maximum, Self::Straight];

    /// The word of the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::GoniometerZero => "gonio0",
            Self::GoniometerNinety => "gonio90",
            Self::Maximum => "mvc",
            Self::Straight => "straight",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Kind.
    pub kind: StepKind,
    /// Name that is unique in the plan: `rest`, `mvc standing right`.
    pub name: String,
    /// A heading.
    pub title: String,
    /// What the person does, in sentences.
    pub instruction: String,
    /// Duration of one recording in s.
    pub duration_s: f64,
    /// Accepted recordings that it needs.
    pub repetitions: usize,
    /// Muscles that must be good in it; empty for all.
    pub targets: Vec<(Muscle, Side)>,
    /// Posture of a maximum; empty otherwise.
    pub posture: String,
}

/// A channel that carries a goniometer.
#[derive(Clone, Debug, PartialEq)]
pub struct GoniometerChannel {
    /// Its label.
    pub label: String,
    /// The leg.
    pub side: Side,
    /// Its unit, as the session has it.
    pub unit: Unit,
}

/// A plan: steps, and everything that the profile needs besides. Change what does not fit before the run begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Steps, in order.
    pub steps: Vec<Step>,
    /// Channels with a goniometer.
    pub goniometers: Vec<GoniometerChannel>,
    /// Seconds between [`go`](super::CalibrationRun::go) and the recording.
    pub countdown_s: f64,
    /// Rest between maximal contractions, in s; advice, not a lock.
    pub rest_s: f64,
    /// Recordings of one step, refused ones included, after which it is left as it is.
    pub most_takes: usize,
    /// Filters, and the task of the straight-knee efforts.
    pub settings: Settings,
    /// Which of the CEDE approaches the maxima are.
    pub kind: NormalisationKind,
    /// Name or code of the person.
    pub athlete: String,
    /// Day, `YYYY-MM-DD`.
    pub date: String,
    /// Electrode placement in words.
    pub placement: String,
    /// A profile of the same placement and day whose other values are kept.
    pub base: Option<Profile>,
}

impl Plan {
    /// The plan for the channels of a session. `goniometers` names channels that carry one; without any name, those count whose
    /// label says knee or goniometer. Steps of `kinds` come in the order of [`StepKind::ALL`].
    ///
    /// # Errors
    /// In words: no EMG channel of a known muscle and leg, no goniometer for its steps, a name that no channel has.
    pub fn new(layout: &SessionLayout, kinds: &[StepKind], goniometers: &[String]) -> Result<Self, String> {
        let muscles = muscles(layout);
        let has = |kind| kinds.contains(&kind);
        let emg_steps = [StepKind::Rest, StepKind::Maximum, StepKind::Straight];
        if muscles.is_empty() && kinds.iter().any(|kind| emg_steps.contains(kind)) {
            return Err("no channel is EMG of a known muscle and leg: name them with a map".to_owned());
        }
        let turned = has(StepKind::GoniometerZero) || has(StepKind::GoniometerNinety);
        let goniometers = if turned { goniometer_channels(layout, goniometers)? } else { Vec::new() };
        let needs_two = goniometers.iter().any(|channel| channel.unit != Unit::Degree);
        if has(StepKind::GoniometerZero) != has(StepKind::GoniometerNinety)
            && (needs_two || has(StepKind::GoniometerNinety))
        {
            return Err("a goniometer needs both points: gonio0 and gonio90".to_owned());
        }
        let mut steps = Vec::new();
        for kind in StepKind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
            match kind {
                StepKind::Maximum => steps.extend(maxima(&muscles)),
                other => steps.push(single(other)),
            }
        }
        Ok(Self {
            steps,
            goniometers,
            countdown_s: 3.0,
            rest_s: REST_BETWEEN_S,
            most_takes: MOST_TAKES,
            settings: Settings::for_task(surae_trial::Task::PlantarFlexion),
            kind: NormalisationKind::MvcIso,
            athlete: String::new(),
            date: String::new(),
            placement: String::new(),
            base: None,
        })
    }

    /// The steps that a session offers: goniometer steps only where a channel says knee or goniometer, and the straight knee
    /// only with both gastrocnemius and soleus of a leg.
    #[must_use]
    pub fn possible(layout: &SessionLayout) -> Vec<StepKind> {
        let muscles = muscles(layout);
        let turned = goniometer_channels(layout, &[]).is_ok_and(|found| !found.is_empty());
        let pair = Side::BOTH.into_iter().any(|side| {
            let on = |wanted: fn(Muscle) -> bool| muscles.iter().any(|(m, s)| *s == side && wanted(*m));
            on(Muscle::is_gastrocnemius) && on(|muscle| muscle == Muscle::SOL)
        });
        StepKind::ALL
            .into_iter()
            .filter(|kind| match kind {
                StepKind::GoniometerZero | StepKind::GoniometerNinety => turned,
                StepKind::Straight => pair,
                StepKind::Rest | StepKind::Maximum => !muscles.is_empty(),
            })
            .collect()
    }
}

/// EMG channels of a known muscle and leg, each once.
fn muscles(layout: &SessionLayout) -> Vec<(Muscle, Side)> {
    let mut found = Vec::new();
    for channel in layout.streams.iter().flat_map(|stream| &stream.channels) {
        let role = &channel.role;
        if let (true, Some(muscle), Some(side)) = (role.kind.is_emg(), role.muscle, role.side)
            && muscle != Muscle::Other
            && !found.contains(&(muscle, side))
        {
            found.push((muscle, side));
        }
    }
    found
}

fn goniometer_channels(layout: &SessionLayout, named: &[String]) -> Result<Vec<GoniometerChannel>, String> {
    let channels: Vec<&Channel> = layout.streams.iter().flat_map(|stream| &stream.channels).collect();
    let is_named = |channel: &&&Channel| named.iter().any(|name| name.eq_ignore_ascii_case(&channel.label));
    let looks_it = |channel: &&&Channel| {
        !channel.role.kind.is_emg()
            && (channel.role.joint == Some(Joint::Knee) && channel.role.kind == Kind::Angle
                || ["gonio", "knee"].iter().any(|word| channel.label.to_lowercase().contains(word)))
    };
    let chosen: Vec<&&Channel> = if named.is_empty() {
        channels.iter().filter(looks_it).collect()
    } else {
        channels.iter().filter(is_named).collect()
    };
    if let Some(missing) =
        named.iter().find(|name| !channels.iter().any(|c| c.label.eq_ignore_ascii_case(name)))
    {
        let labels: Vec<&str> = channels.iter().map(|c| c.label.as_str()).collect();
        return Err(format!("no channel is called '{missing}'; there are {}", labels.join(", ")));
    }
    if chosen.is_empty() {
        return Err("no channel looks like a knee goniometer: name it".to_owned());
    }
    let legs: Vec<Side> =
        Side::BOTH.into_iter().filter(|side| muscles(layout).iter().any(|(_, s)| s == side)).collect();
    chosen
        .into_iter()
        .map(|channel| {
            if channel.role.kind.is_emg() {
                return Err(format!("'{}' is EMG, not a goniometer", channel.label));
            }
            if channel.role.reason.starts_with("goniometer '") {
                return Err(format!(
                    "'{}' already is an angle by the profile's calibration: start without that profile",
                    channel.label
                ));
            }
            let side = match (channel.role.side, &legs[..]) {
                (Some(side), _) => side,
                (None, [only]) => *only,
                _ => return Err(format!("'{}' does not say which leg: state it with a map", channel.label)),
            };
            Ok(GoniometerChannel { label: channel.label.clone(), side, unit: channel.unit.clone() })
        })
        .collect()
}

fn single(kind: StepKind) -> Step {
    let (title, instruction, duration_s) = match kind {
        StepKind::GoniometerZero => {
            ("Goniometer at 0 deg", "Stand or lie with the knee fully straight and hold it still.", HELD_S)
        }
        StepKind::GoniometerNinety => (
            "Goniometer at 90 deg",
            "Bend the knee by a right angle (check with a set square or a box) and hold it still.",
            HELD_S,
        ),
        StepKind::Straight => (
            "Straight knee",
            "Raise the heels five times with straight knees: 1 s up, 1 s down, 1 s of standing flat between.",
            STRAIGHT_S,
        ),
        StepKind::Rest | StepKind::Maximum => {
            ("Rest", "Lie or sit relaxed, feet free, and do not move: every muscle at rest.", REST_S)
        }
    };
    Step {
        kind,
        name: kind.name().to_owned(),
        title: title.to_owned(),
        instruction: instruction.to_owned(),
        duration_s,
        repetitions: 1,
        targets: Vec::new(),
        posture: String::new(),
    }
}

/// Postures in which muscles reach their maximum (METHOD 2.2), with those muscles.
fn maxima(muscles: &[(Muscle, Side)]) -> Vec<Step> {
    type Wanted = fn(Muscle) -> bool;
    let postures: [(&str, Wanted, &str); 3] = [
        (
            "standing",
            Muscle::is_gastrocnemius,
            "Stand with a straight knee under a fixed bar or strap and press the forefoot down against it",
        ),
        (
            "seated",
            |muscle| muscle == Muscle::SOL,
            "Sit with hip, knee and ankle at 90 deg, the knee under a strap, and press the forefoot down against it",
        ),
        (
            "dorsiflexion",
            |muscle| muscle == Muscle::TA,
            "Sit with the forefoot under a strap and pull it up against it",
        ),
    ];
    let mut steps = Vec::new();
    for side in Side::BOTH {
        for (posture, wanted, how) in postures {
            let targets: Vec<(Muscle, Side)> =
                muscles.iter().filter(|(m, s)| *s == side && wanted(*m)).copied().collect();
            if targets.is_empty() {
                continue;
            }
            steps.push(Step {
                kind: StepKind::Maximum,
                name: format!("mvc {posture} {side}"),
                title: format!("Maximum, {posture}, {side} leg"),
                instruction: format!("{how}: 2 s of rise, then 3 s as hard as you can."),
                duration_s: MAXIMUM_S,
                repetitions: REPETITIONS,
                targets,
                posture: posture.to_owned(),
            });
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{NativeType, StreamLayout, label};

    pub(super) fn layout(labels: &[(&str, Unit)]) -> SessionLayout {
        let channels = labels
            .iter()
            .map(|(text, unit)| Channel::new(*text, label::role_of(text, "", unit), unit.clone()))
            .collect();
        let stream =
            StreamLayout { name: "emg".to_owned(), rate_hz: 1000.0, native: NativeType::F64, channels };
        SessionLayout::new(vec![stream])
    }

    #[test]
    fn every_muscle_gets_the_posture_of_its_maximum() {
        let layout = layout(&[("RMG", Unit::Microvolt), ("RSOL", Unit::Microvolt), ("gonio", Unit::Volt)]);
        let kinds = Plan::possible(&layout);
        assert_eq!(kinds, StepKind::ALL);
        let plan = Plan::new(&layout, &kinds, &[]).unwrap();
        let names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(
            names,
            ["rest", "gonio0", "gonio90", "mvc standing right", "mvc seated right", "straight"]
        );
        assert_eq!(plan.steps[3].targets, [(Muscle::MG, Side::Right)]);
        // The only leg with EMG is that of a goniometer that does not say one.
        assert_eq!((plan.goniometers[0].side, plan.goniometers.len()), (Side::Right, 1));
    }

    #[test]
    fn what_a_session_lacks_is_said() {
        let without = layout(&[("RMG", Unit::Microvolt)]);
        assert_eq!(Plan::possible(&without), [StepKind::Rest, StepKind::Maximum]);
        let both = [StepKind::GoniometerZero, StepKind::GoniometerNinety];
        assert!(Plan::new(&without, &both, &[]).unwrap_err().contains("name it"));
        assert!(Plan::new(&without, &both, &["A2".to_owned()]).unwrap_err().contains("'A2'"));
        assert!(Plan::new(&without, &both, &["RMG".to_owned()]).unwrap_err().contains("is EMG"));
        let volts = layout(&[("RMG", Unit::Microvolt), ("gonio", Unit::Volt)]);
        assert!(Plan::new(&volts, &both[..1], &[]).unwrap_err().contains("both points"));
        let legs = layout(&[("RMG", Unit::Microvolt), ("LMG", Unit::Microvolt), ("gonio", Unit::Volt)]);
        assert!(Plan::new(&legs, &both, &[]).unwrap_err().contains("which leg"));
        let nothing = layout(&[("CH1", Unit::Microvolt)]);
        assert!(Plan::new(&nothing, &[StepKind::Rest], &[]).unwrap_err().contains("known muscle"));
    }
}
