//! The parameters of a written file.

use super::plan::{HEADER_FRAMES, List, Plan};
use super::section::Section;
use surae_trial::{Event, EventKind, Note, Side, Unit};

/// Events that one parameter can count.
const MOST_EVENTS: usize = 255;
/// Plates that are written.
const MOST_PLATES: usize = 30;

/// The section; descriptions are left out when the format cannot count its blocks with them.
pub fn encode(
    plan: &Plan<'_>,
    data_block: u16,
    descriptions: bool,
    notes: &mut Vec<Note>,
) -> Option<Vec<u8>> {
    let mut section = Section::default();
    trial(&mut section, plan);
    point(&mut section, plan, data_block);
    analog(&mut section, plan, descriptions);
    plates(&mut section, plan, notes);
    events(&mut section, plan, notes);
    subject(&mut section, plan);
    section.group("MANUFACTURER");
    section.text("COMPANY", "The Surae developers");
    section.text("SOFTWARE", "Surae");
    section.text("VERSION_LABEL", env!("CARGO_PKG_VERSION"));
    section.finish()
}

fn trial(section: &mut Section, plan: &Plan<'_>) {
    let words = |frame: usize| [(frame as u16).cast_signed(), ((frame >> 16) as u16).cast_signed()];
    section.group("TRIAL");
    section.ints("ACTUAL_START_FIELD", &[2], &words(plan.first_frame));
    section.ints("ACTUAL_END_FIELD", &[2], &words(plan.first_frame + plan.frames - 1));
    section.floats("CAMERA_RATE", &[], &[plan.rate_hz as f32]);
}

fn point(section: &mut Section, plan: &Plan<'_>, data_block: u16) {
    let labels = |list: Option<List>| -> Vec<String> {
        let mine = |p: &&super::plan::Point<'_>| list.is_none_or(|list| p.list == list);
        plan.points.iter().filter(mine).map(|p| p.label.clone()).collect()
    };
    section.group("POINT");
    section.count("USED", plan.points.len());
    section.floats("SCALE", &[], &[-1.0]);
    section.floats("RATE", &[], &[plan.rate_hz as f32]);
    section.ints("DATA_START", &[], &[data_block.cast_signed()]);
    if plan.frames > HEADER_FRAMES {
        section.floats("FRAMES", &[], &[plan.frames as f32]);
        section.floats("LONG_FRAMES", &[], &[plan.frames as f32]);
    } else {
        section.count("FRAMES", plan.frames);
    }
    section.texts("LABELS", &labels(None));
    section.texts("DESCRIPTIONS", &vec![String::new(); plan.points.len()]);
    section.text("UNITS", plan.unit.symbol());
    section.text("X_SCREEN", "+X");
    section.text("Y_SCREEN", "+Z");
    for (list, name, units) in [
        (List::Angles, "ANGLES", "ANGLE_UNITS"),
        (List::Forces, "FORCES", "FORCE_UNITS"),
        (List::Moments, "MOMENTS", "MOMENT_UNITS"),
        (List::Powers, "POWERS", "POWER_UNITS"),
    ] {
        let labels = labels(Some(list));
        if labels.is_empty() {
            continue;
        }
        section.texts(name, &labels);
        let first = plan.points.iter().find(|point| point.list == list);
        if let Some(super::plan::Track::Output { stream, channels: [Some(channel), ..] }) =
            first.map(|point| &point.track)
        {
            let unit = &stream.channels[*channel].unit;
            if *unit != Unit::Arbitrary {
                section.text(units, unit.symbol());
            }
        }
    }
}

fn analog(section: &mut Section, plan: &Plan<'_>, descriptions: bool) {
    let channels = || plan.analog.iter().map(|a| &a.stream.channels[a.channel]);
    section.group("ANALOG");
    section.count("USED", plan.analog.len());
    section.texts("LABELS", &channels().map(|c| c.label.clone()).collect::<Vec<_>>());
    if descriptions {
        section.texts("DESCRIPTIONS", &channels().map(description).collect::<Vec<_>>());
    }
    section.floats("GEN_SCALE", &[], &[1.0]);
    let scale = |a: &super::plan::AnalogChannel<'_>| super::stored_gain(a) as f32;
    section.float_list("SCALE", &plan.analog.iter().map(scale).collect::<Vec<_>>());
    section.int_list("OFFSET", &vec![0; plan.analog.len()]);
    section.texts("UNITS", &channels().map(|c| c.unit.symbol().to_owned()).collect::<Vec<_>>());
    section.floats("RATE", &[], &[(plan.rate_hz * plan.samples_per_frame as f64) as f32]);
    section.text("FORMAT", "SIGNED");
    section.ints("BITS", &[], &[16]);
}

/// The channel's own description, else what it was taken for: labels alone do not say what a map said.
fn description(channel: &surae_trial::Channel) -> String {
    let role = &channel.role;
    match (role.kind.is_emg(), role.muscle) {
        (true, Some(muscle)) if channel.description.is_empty() => {
            let side = role.side.map_or(String::new(), |side| format!("{side} "));
            format!("{side}{}", muscle.name())
        }
        _ => channel.description.clone(),
    }
}

fn plates(section: &mut Section, plan: &Plan<'_>, notes: &mut Vec<Note>) {
    let position = |stream: &str, channel: usize| {
        plan.analog.iter().position(|a| a.stream.name == stream && a.channel == channel)
    };
    let mut kept = Vec::new();
    for (number, plate) in plan.trial.plates.iter().enumerate() {
        let channels: Option<Vec<usize>> =
            plate.channels.iter().map(|c| position(&plate.stream, *c)).collect();
        match channels.filter(|_| kept.len() < MOST_PLATES) {
            Some(channels) => kept.push((plate, channels)),
            None => notes.push(Note::warning(
                "c3d_plate_left_out",
                format!("force plate {} is left out: its channels are not in the file", number + 1),
            )),
        }
    }
    section.group("FORCE_PLATFORM");
    section.count("USED", kept.len());
    if kept.is_empty() {
        return;
    }
    let n = kept.len() as u8;
    let width = kept.iter().map(|(_, channels)| channels.len()).max().unwrap_or(6);
    let mut list = Vec::new();
    for (_, channels) in &kept {
        let one = |k: usize| channels.get(k).map_or(0, |c| ((c + 1) as u16).cast_signed());
        list.extend((0..width).map(one));
    }
    section.ints("TYPE", &[n], &kept.iter().map(|(p, _)| i16::from(p.plate_type)).collect::<Vec<_>>());
    section.ints("CHANNEL", &[width as u8, n], &list);
    let corners = kept.iter().flat_map(|(p, _)| p.corners_mm.as_flattened()).map(|v| *v as f32);
    section.floats("CORNERS", &[3, 4, n], &corners.collect::<Vec<_>>());
    let origin = kept.iter().flat_map(|(p, _)| p.origin_mm).map(|v| v as f32);
    section.floats("ORIGIN", &[3, n], &origin.collect::<Vec<_>>());
    let zero =
        kept[0].0.zero_frames.map_or([1, 0], |(a, b)| [(a as u16).cast_signed(), (b as u16).cast_signed()]);
    section.ints("ZERO", &[2], &zero);
    if kept.iter().any(|(plate, _)| plate.calibration.is_some()) {
        let mut matrices = Vec::new();
        for (plate, _) in &kept {
            let at = |row: usize, column: usize| {
                let identity = if row == column { 1.0 } else { 0.0 };
                let stored = plate.calibration.as_ref().and_then(|m| m.get(row)?.get(column).copied());
                stored.unwrap_or(identity) as f32
            };
            // Fastest over the rows, as the reader takes it.
            matrices.extend((0..36).map(|k| at(k % 6, k / 6)));
        }
        section.floats("CAL_MATRIX", &[6, 6, n], &matrices);
    }
}

fn events(section: &mut Section, plan: &Plan<'_>, notes: &mut Vec<Note>) {
    let events: Vec<&Event> = plan.trial.events.iter().take(MOST_EVENTS).collect();
    if plan.trial.events.len() > MOST_EVENTS {
        let text = format!("C3D holds 255 events: {} are left out", plan.trial.events.len() - MOST_EVENTS);
        notes.push(Note::warning("c3d_events_left_out", text));
    }
    section.group("EVENT");
    section.count("USED", events.len());
    if events.is_empty() {
        return;
    }
    let origin_s = (plan.first_frame - 1) as f64 / plan.rate_hz - plan.start_s;
    let context = |event: &&Event| match event.side {
        Some(Side::Left) => "Left".to_owned(),
        Some(Side::Right) => "Right".to_owned(),
        None => "General".to_owned(),
    };
    let times: Vec<f32> = events.iter().flat_map(|e| [0.0, (e.time_s.0 + origin_s) as f32]).collect();
    section.texts("CONTEXTS", &events.iter().map(context).collect::<Vec<_>>());
    section.texts("LABELS", &events.iter().map(|e| event_label(e)).collect::<Vec<_>>());
    section.floats("TIMES", &[2, events.len() as u8], &times);
}

/// The event's own name where it reads back as the same kind, else the usual one.
fn event_label(event: &Event) -> String {
    if !event.label.is_empty() && crate::c3d::event_kind_of(&event.label) == event.kind {
        return event.label.clone();
    }
    match event.kind {
        EventKind::FootContact => "Foot Strike",
        EventKind::FootOff => "Foot Off",
        EventKind::TakeOff => "Take Off",
        EventKind::Landing => "Landing",
        EventKind::Mark => "Event",
    }
    .to_owned()
}

fn subject(section: &mut Section, plan: &Plan<'_>) {
    let subject = &plan.trial.subject;
    if let Some(name) = subject.name.as_ref().filter(|name| !name.is_empty()) {
        section.group("SUBJECTS");
        section.count("USED", 1);
        section.texts("NAMES", std::slice::from_ref(name));
    }
    if subject.mass_kg.is_some() || subject.height_m.is_some() {
        section.group("PROCESSING");
        if let Some(mass) = subject.mass_kg {
            section.floats("BODYMASS", &[1], &[mass as f32]);
        }
        if let Some(height) = subject.height_m {
            section.floats("HEIGHT", &[1], &[(height * 1000.0) as f32]);
        }
    }
}
