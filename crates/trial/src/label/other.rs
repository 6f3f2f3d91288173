//! Labels of everything that is not EMG: angles, forces, switches, inertial sensors, counters, clocks.

use super::side;
use super::words::Word;
use crate::{Joint, Kind, Role, Side, Unit};

/// The role of a label that names something other than EMG; `None` when nothing says so.
pub(super) fn role(label: &str, words: &[Word], unit: &Unit) -> Option<Role> {
    let plain: Vec<&str> = words.iter().map(|w| w.plain.as_str()).collect();
    by_unit(label, &plain, unit)
        .or_else(|| inertial(label, &plain))
        .or_else(|| switch(label, &plain))
        .or_else(|| plate(label, &plain))
        .or_else(|| angle(label, &plain, unit))
        .or_else(|| clock(label, &plain))
}

fn of(kind: Kind, reason: String) -> Role {
    Role { kind, ..Role::unknown(reason) }
}

fn side_of(plain: &[&str]) -> Option<Side> {
    plain.iter().find_map(|word| side::side(word))
}

/// A unit of mechanics decides by itself; an electrical or unknown one does not.
fn by_unit(label: &str, plain: &[&str], unit: &Unit) -> Option<Role> {
    let stated = |kind: Kind| Some(of(kind, format!("unit {unit} of '{label}'")));
    match unit {
        Unit::Newton => stated(Kind::Force),
        Unit::NewtonMetre | Unit::NewtonMillimetre => stated(Kind::Moment),
        Unit::Gravity => stated(Kind::Acceleration),
        Unit::DegreePerSecond => stated(Kind::Gyro),
        Unit::Degree | Unit::Radian => angle(label, plain, unit).or_else(|| {
            let role = of(Kind::Angle, format!("unit {unit} of '{label}', joint not stated"));
            Some(Role { side: side_of(plain), ..role })
        }),
        Unit::Metre | Unit::Millimetre => Some(of(Kind::Unknown, format!("'{label}' is a length in {unit}"))),
        _ => None,
    }
}

fn inertial(label: &str, plain: &[&str]) -> Option<Role> {
    let any = |stems: &[&str]| plain.iter().any(|w| stems.iter().any(|s| w.starts_with(s)));
    let lone = |names: &[&str]| plain.len() == 1 && names.contains(&plain[0]);
    if any(&["acc", "beschleun", "acel"]) || lone(&["ax", "ay", "az"]) {
        return Some(of(Kind::Acceleration, format!("label '{label}' names an acceleration")));
    }
    if any(&["gyr", "giro"]) || lone(&["gx", "gy", "gz"]) {
        return Some(of(Kind::Gyro, format!("label '{label}' names an angular velocity")));
    }
    if any(&["magnet"]) || plain.contains(&"mag") || lone(&["mx", "my", "mz"]) {
        return Some(Role::unknown(format!("label '{label}' names a magnetometer")));
    }
    None
}

fn switch(label: &str, plain: &[&str]) -> Option<Role> {
    let any = |stems: &[&str]| plain.iter().any(|w| stems.iter().any(|s| w.starts_with(s)));
    let named = any(&["fsr", "footsw", "fsw", "fussschalter"]) || any(&["switch"]) || any(&["interrupteur"]);
    let contact = any(&["contact"]) && any(&["foot", "heel", "toe"]);
    (named || contact).then(|| {
        let role = of(Kind::Switch, format!("label '{label}' names a foot switch"));
        Role { side: side_of(plain), ..role }
    })
}

/// `F1X`, `Fx1`, `FZ`, `M2Y`, `PF1Fx`, `ground_force_r_vy`.
fn plate(label: &str, plain: &[&str]) -> Option<Role> {
    let joined: String = plain.concat().chars().filter(|c| !c.is_ascii_digit()).collect();
    let component = joined.strip_prefix("pf").unwrap_or(&joined);
    let kind = match component {
        "fx" | "fy" | "fz" | "forcex" | "forcey" | "forcez" => Kind::Force,
        "mx" | "my" | "mz" | "momentx" | "momenty" | "momentz" => Kind::Moment,
        _ if plain.starts_with(&["ground", "force"]) => {
            let axis = plain.last().copied().unwrap_or("");
            if !axis.starts_with('v') {
                return Some(Role::unknown(format!("'{label}' is a point of force application")));
            }
            Kind::Force
        }
        _ if plain.starts_with(&["ground", "torque"]) || plain.starts_with(&["ground", "moment"]) => {
            Kind::Moment
        }
        _ => return None,
    };
    let role = of(kind, format!("label '{label}' names a component of a force plate"));
    Some(Role { side: side_of(plain), ..role })
}

const JOINTS: &[(Joint, &[&str])] = &[
    (Joint::Knee, &["knee", "genou", "knie", "kniegelenk", "kniewinkel", "rodilla", "joelho", "ginocchio"]),
    (Joint::Ankle, &["ankle", "cheville", "sprunggelenk", "tobillo", "tornozelo", "caviglia"]),
    (Joint::Hip, &["hip", "hanche", "hufte", "huftgelenk", "cadera", "quadril", "anca"]),
];

/// Words that make a joint's column something other than its flexion angle.
const NOT_AN_ANGLE: &[&str] = &[
    "beta",
    "moment",
    "force",
    "velocity",
    "vel",
    "speed",
    "acceleration",
    "torque",
    "power",
    "reserve",
    "load",
    "emg",
    "marker",
    "tx",
    "ty",
    "tz",
];
const OTHER_PLANE: &[&str] =
    &["adduction", "abduction", "rotation", "rot", "add", "varus", "valgus", "y", "z"];

/// A knee, ankle or hip angle: a joint word, unless another word says that it is something else.
fn angle(label: &str, plain: &[&str], unit: &Unit) -> Option<Role> {
    let is_angle = matches!(unit, Unit::Degree | Unit::Radian);
    let word = |w: &str| {
        ["angle", "flex", "winkel", "angulo", "angolo", "goni", "deg", "ang"].iter().any(|s| w.starts_with(s))
    };
    let says_angle = is_angle || plain.iter().any(|w| word(w));
    let voltage = unit.volts().is_some();
    if plain.iter().any(|w| NOT_AN_ANGLE.contains(w)) {
        return None;
    }
    let (joint, glued, name) = plain.iter().find_map(|w| joint_of(w))?;
    if voltage {
        let reason =
            format!("label '{label}' names a joint but its unit is {unit}: state a scale in deg with a map");
        return Some(Role::unknown(reason));
    }
    if !says_angle && plain.len() > 2 {
        return None;
    }
    let side = side_of(plain).or(glued);
    if plain.iter().any(|w| OTHER_PLANE.contains(w)) {
        let role = of(Kind::Angle, format!("label '{label}' names the {name}, not its flexion"));
        return Some(Role { side, ..role });
    }
    let side_reason = side.map_or("no side stated".to_owned(), |side| side.name().to_owned());
    let reason = format!("label '{label}': {name} = flexion angle, {side_reason}");
    Some(Role { kind: Kind::Angle, muscle: None, side, joint: Some(joint), reason })
}

fn joint_of(word: &str) -> Option<(Joint, Option<Side>, &'static str)> {
    let named = |text: &str| {
        JOINTS
            .iter()
            .find_map(|(joint, names)| names.iter().find(|name| **name == text).map(|name| (*joint, *name)))
    };
    if let Some((joint, name)) = named(word) {
        return Some((joint, None, name));
    }
    let (side, _, rest) = side::glued(word)?;
    named(rest).map(|(joint, name)| (joint, Some(side), name))
}

fn clock(label: &str, plain: &[&str]) -> Option<Role> {
    match plain {
        ["n" | "seq" | "nseq" | "counter" | "count" | "sample" | "index"]
        | ["sample", "index" | "number"] => {
            Some(of(Kind::Counter, format!("label '{label}' names a sample counter")))
        }
        ["t" | "time" | "timestamp" | "micros" | "millis"]
        | ["t" | "time" | "timestamp", "us" | "ms" | "s"]
        | ["time", "stamp"] => Some(of(Kind::DeviceTime, format!("label '{label}' names a clock"))),
        _ => None,
    }
}
