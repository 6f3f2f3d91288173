//! Outputs of gait models (Plug-in Gait, CGM) as C3D and Vicon's tables name them: three components under one label.

use surae_trial::{Channel, Joint, Kind, Role, Side, Unit};

/// Side and joint of a Plug-in Gait / CGM angle name.
pub(crate) fn joint_angle(label: &str) -> Option<(Side, Joint)> {
    let mut letters = label.chars();
    let side = match letters.next()? {
        'R' => Side::Right,
        'L' => Side::Left,
        _ => return None,
    };
    let joint = match letters.as_str().to_lowercase().as_str() {
        "kneeangles" | "kneeangle" => Joint::Knee,
        "ankleangles" | "ankleangle" => Joint::Ankle,
        "hipangles" | "hipangle" => Joint::Hip,
        _ => return None,
    };
    Some((side, joint))
}

/// Channels of one angle output: x is flexion (dorsiflexion), y and z are the other planes.
pub(crate) fn angle_channels(label: &str) -> Vec<Channel> {
    let main = match joint_angle(label) {
        Some((side, joint)) => Role {
            kind: Kind::Angle,
            muscle: None,
            side: Some(side),
            joint: Some(joint),
            reason: format!(
                "model output '{label}': {} = {side}, x component = flexion",
                label.chars().next().unwrap_or(' ')
            ),
        },
        // Other programs' names (`knee_angle_r`, `Right Knee Angle`) are read as labels are.
        None => match surae_trial::label::role_of(label, "", &Unit::Degree) {
            role if role.kind == Kind::Angle => role,
            _ => Role { kind: Kind::Angle, ..Role::unknown(format!("model output '{label}'")) },
        },
    };
    let plane = |axis: &str| {
        let reason = format!("model output '{label}', {axis} component: not the flexion plane");
        let role = Role { kind: Kind::Angle, ..Role::unknown(reason) };
        Channel::new(format!("{label}.{axis}"), role, Unit::Degree)
    };
    vec![Channel::new(label, main, Unit::Degree), plane("y"), plane("z")]
}

/// The label without its subject (`Anna:RKNE`); prefixes met are collected.
pub(crate) fn strip_prefix(full: &str, stripped: &mut Vec<String>) -> String {
    match full.rsplit_once(':') {
        Some((prefix, label)) if !label.is_empty() => {
            let prefix = format!("'{prefix}:'");
            if !stripped.contains(&prefix) {
                stripped.push(prefix);
            }
            label.trim().to_owned()
        }
        _ => full.to_owned(),
    }
}
