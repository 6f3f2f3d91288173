//! Two files of one take, side by side.

use surae_trial::{Note, Trial};

/// Puts the streams, markers, plates and events of `companion` beside those of `main` and says so in a note.
///
/// Both clocks must start together (an OpenSim `.sto` of EMG and the `.mot` of angles of the same take): times are
/// kept as each file has them. A stream name that is taken gets the suffix ` 2`, ` 3`, ... Markers of `main` win.
#[must_use]
pub fn merge(main: Trial, companion: Trial) -> Trial {
    let mut trial = main;
    let names: Vec<&str> = companion.streams.iter().map(|stream| stream.name.as_str()).collect();
    let text = format!(
        "'{}' was put beside '{}' (streams: {}); both are taken to start at the same instant",
        companion.path,
        trial.path,
        names.join(", ")
    );
    let mut notes = vec![Note::info("merged", text)];
    let mut renamed: Vec<(String, String)> = Vec::new();
    for mut stream in companion.streams {
        let wanted = stream.name.clone();
        let mut number = 1;
        while trial.streams.iter().any(|other| other.name == stream.name) {
            number += 1;
            stream.name = format!("{wanted} {number}");
        }
        renamed.push((wanted, stream.name.clone()));
        trial.streams.push(stream);
    }
    for mut plate in companion.plates {
        if let Some((_, new)) = renamed.iter().find(|(old, _)| *old == plate.stream) {
            plate.stream.clone_from(new);
        }
        trial.plates.push(plate);
    }
    match (&trial.markers, companion.markers) {
        (None, theirs) => trial.markers = theirs,
        (Some(_), Some(_)) => notes.push(Note::warning(
            "merge_markers_dropped",
            format!("both files hold markers; those of '{}' are not used", companion.path),
        )),
        (Some(_), None) => {}
    }
    trial.events.extend(companion.events);
    trial.events.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
    trial.task = trial.task.or(companion.task);
    trial.synthetic |= companion.synthetic;
    let subject = companion.subject;
    trial.subject.name = trial.subject.name.take().or(subject.name);
    trial.subject.mass_kg = trial.subject.mass_kg.or(subject.mass_kg);
    trial.subject.height_m = trial.subject.height_m.or(subject.height_m);
    trial.notes.extend(companion.notes);
    trial.notes.append(&mut notes);
    trial
}
