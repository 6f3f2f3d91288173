//! Force plates of the FORCE_PLATFORM group.

use super::parameters::Parameters;
use surae_trial::{ForcePlate, Note};

/// The plates whose channels the file holds; what is wrong with the others is a note.
pub fn read(parameters: &Parameters, channels: usize, notes: &mut Vec<Note>) -> Vec<ForcePlate> {
    let used = parameters.count("FORCE_PLATFORM", "USED").unwrap_or(0).min(64);
    let types = parameters.numbers("FORCE_PLATFORM", "TYPE");
    let mut plates = Vec::new();
    for plate in 0..used {
        match one(parameters, &types, plate, channels) {
            Ok(found) => plates.push(found),
            Err(why) => notes.push(Note::warning(
                "force_plate_unusable",
                format!("force plate {} cannot be used: {why}", plate + 1),
            )),
        }
    }
    plates
}

fn one(parameters: &Parameters, types: &[f64], plate: usize, channels: usize) -> Result<ForcePlate, String> {
    let plate_type = types.get(plate).copied().ok_or("FORCE_PLATFORM:TYPE has no entry for it")?;
    if ![1.0, 2.0, 3.0, 4.0].contains(&plate_type) {
        return Err(format!(
            "its type is {plate_type}, and Surae reads types 1 to 4; its channels are kept as they are. Export the plate's forces and moments (type 2) for contacts from it"
        ));
    }
    let list = parameters.get("FORCE_PLATFORM", "CHANNEL").ok_or("FORCE_PLATFORM:CHANNEL is missing")?;
    let per_plate = list.dims.first().copied().unwrap_or(0);
    let needed = if plate_type == 3.0 { 8 } else { 6 };
    let numbers = list.numbers();
    let own = numbers.get(plate * per_plate..).unwrap_or(&[]);
    let own = own.get(..needed.min(per_plate)).filter(|own| own.len() == needed);
    let own =
        own.ok_or_else(|| format!("FORCE_PLATFORM:CHANNEL lists fewer than {needed} channels for it"))?;
    let positions: Vec<usize> = own.iter().filter(|n| **n >= 1.0).map(|n| *n as usize - 1).collect();
    if positions.len() != needed || positions.iter().any(|p| *p >= channels) {
        return Err(format!("its channels {own:?} are not all among the {channels} analog channels"));
    }
    let corners = block(parameters, "CORNERS", plate, 12).ok_or("FORCE_PLATFORM:CORNERS is too short")?;
    let origin = block(parameters, "ORIGIN", plate, 3).ok_or("FORCE_PLATFORM:ORIGIN is too short")?;
    let calibration = if plate_type == 4.0 { Some(calibration(parameters, plate)?) } else { None };
    let mut corners_mm = [[0.0; 3]; 4];
    for (k, value) in corners.iter().enumerate() {
        corners_mm[k / 3][k % 3] = *value;
    }
    Ok(ForcePlate {
        plate_type: plate_type as u8,
        stream: super::analog::NAME.to_owned(),
        channels: positions,
        corners_mm,
        origin_mm: [origin[0], origin[1], origin[2]],
        calibration,
        zero_frames: zero_frames(parameters),
    })
}

/// The `size` numbers of one plate in a parameter that lists plate after plate.
fn block(parameters: &Parameters, name: &str, plate: usize, size: usize) -> Option<Vec<f64>> {
    let numbers = parameters.numbers("FORCE_PLATFORM", name);
    numbers.get(plate * size..(plate + 1) * size).map(<[f64]>::to_vec)
}

/// CAL_MATRIX of one plate, row after row. C3D arrays run fastest over the first index: row i, column j stands at
/// `i + 6 j`, as BTK and ezc3d read it.
fn calibration(parameters: &Parameters, plate: usize) -> Result<Vec<Vec<f64>>, String> {
    let numbers = block(parameters, "CAL_MATRIX", plate, 36)
        .ok_or("FORCE_PLATFORM:CAL_MATRIX holds no 6 x 6 matrix for it (needed by type 4)")?;
    Ok((0..6).map(|row| (0..6).map(|column| numbers[row + 6 * column]).collect()).collect())
}

/// ZERO: first and last frame of the unloaded baseline; (1, 0) and (0, 0) mean none, (0, n) is the first n frames.
fn zero_frames(parameters: &Parameters) -> Option<(u32, u32)> {
    let numbers = parameters.numbers("FORCE_PLATFORM", "ZERO");
    let (first, last) = (*numbers.first()?, *numbers.get(1)?);
    (first >= 0.0 && last >= 1.0 && last >= first).then_some((first.max(1.0) as u32, last as u32))
}
