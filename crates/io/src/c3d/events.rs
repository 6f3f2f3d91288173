//! Events of the EVENT group and of the header, on the trial's time.

use super::header::Header;
use super::parameters::{Parameter, Parameters};
use surae_trial::{Event, EventKind, EventSource, Note, Seconds, Side};

/// Events by ascending trial time: `t = stored - origin_s`, with `origin_s = (first_frame - 1) / rate` (METHOD R14).
///
/// Events outside the recorded time are kept, and counted in a note: plates and analysis programs store events of
/// frames that were cut away.
pub fn read(
    header: &Header,
    parameters: &Parameters,
    origin_s: f64,
    duration_s: f64,
    notes: &mut Vec<Note>,
) -> Vec<Event> {
    let mut events = group(parameters, origin_s, notes);
    let in_group = events.len();
    for (stored, label) in &header.events {
        let time_s = f64::from(*stored) - origin_s;
        if events[..in_group].iter().any(|event| (event.time_s.0 - time_s).abs() < 1e-3) {
            continue;
        }
        events.push(event(time_s, label, side_of(label)));
    }
    events.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
    let outside = events.iter().filter(|e| e.time_s.0 < -1e-3 || e.time_s.0 > duration_s + 1e-3).count();
    if outside > 0 {
        notes.push(Note::warning(
            "events_outside",
            format!("{outside} of {} events lie outside the recorded {duration_s:.3} s", events.len()),
        ));
    }
    events
}

fn group(parameters: &Parameters, origin_s: f64, notes: &mut Vec<Note>) -> Vec<Event> {
    let Some(times) = parameters.get("EVENT", "TIMES") else { return Vec::new() };
    let used = parameters.count("EVENT", "USED").unwrap_or(0);
    let labels = parameters.strings("EVENT", "LABELS");
    let contexts = parameters.strings("EVENT", "CONTEXTS");
    let seconds = seconds(times, used);
    if seconds.len() < used {
        notes.push(Note::warning(
            "events_incomplete",
            format!("EVENT:USED is {used} but only {} times are stored", seconds.len()),
        ));
    }
    let mut unknown: Vec<String> = Vec::new();
    let events = (0..used.min(seconds.len()))
        .filter(|k| seconds[*k].is_finite())
        .map(|k| {
            let label = labels.get(k).cloned().unwrap_or_default();
            let context = contexts.get(k).map_or("", String::as_str);
            let side = side_of(context).or_else(|| side_of(&label));
            let event = event(seconds[k] - origin_s, &label, side);
            if event.kind == EventKind::Mark && !label.is_empty() && !unknown.contains(&label) {
                unknown.push(label);
            }
            event
        })
        .collect();
    if !unknown.is_empty() {
        notes.push(Note::info(
            "events_general",
            format!("events named {} are kept as marks", crate::text::list(&unknown, 6)),
        ));
    }
    events
}

/// TIMES is 2 x n: minutes (in practice 0) and seconds; some files store the same pairs as one row of 2 n.
fn seconds(times: &Parameter, used: usize) -> Vec<f64> {
    let values = times.numbers();
    if times.dims.first() == Some(&2) || values.len() >= 2 * used.max(1) {
        values.chunks_exact(2).map(|pair| pair[0] * 60.0 + pair[1]).collect()
    } else {
        values
    }
}

fn event(time_s: f64, label: &str, side: Option<Side>) -> Event {
    let kind = kind_of(label);
    Event { time_s: Seconds(time_s), kind, side, source: EventSource::File, label: label.to_owned() }
}

/// Kind of an event from its name; what is not known is a mark with its name.
pub fn kind_of(label: &str) -> EventKind {
    let plain: String = label.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let has = |word: &str| plain.contains(word);
    if has("strike") || has("footcontact") || has("initialcontact") || has("heelcontact") || has("touchdown")
    {
        return EventKind::FootContact;
    }
    if has("footoff") || has("toeoff") || has("liftoff") {
        return EventKind::FootOff;
    }
    if has("takeoff") {
        return EventKind::TakeOff;
    }
    if has("landing") {
        return EventKind::Landing;
    }
    match plain.as_str() {
        "fs" | "rfs" | "lfs" | "hs" | "rhs" | "lhs" | "ic" | "ric" | "lic" | "fc" | "rfc" | "lfc" | "td" => {
            EventKind::FootContact
        }
        "fo" | "rfo" | "lfo" | "to" | "rto" | "lto" | "lo" => EventKind::FootOff,
        _ => EventKind::Mark,
    }
}

pub fn side_of(text: &str) -> Option<Side> {
    let text = text.trim().to_lowercase();
    if ["right", "droit", "rechts", "derech", "direit", "destr"].iter().any(|w| text.contains(w)) {
        return Some(Side::Right);
    }
    if ["left", "gauche", "links", "izquierd", "esquerd", "sinistr"].iter().any(|w| text.contains(w)) {
        return Some(Side::Left);
    }
    match text.as_str() {
        "r" | "rfs" | "rhs" | "ric" | "rfc" | "rfo" | "rto" => Some(Side::Right),
        "l" | "lfs" | "lhs" | "lic" | "lfc" | "lfo" | "lto" => Some(Side::Left),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_several_programs_are_understood() {
        for label in ["Foot Strike", "foot_strike", "RHS", "Initial Contact", "touchdown"] {
            assert_eq!(kind_of(label), EventKind::FootContact, "{label}");
        }
        for label in ["Foot Off", "Toe Off", "LTO", "lift-off"] {
            assert_eq!(kind_of(label), EventKind::FootOff, "{label}");
        }
        assert_eq!(kind_of("Take-off"), EventKind::TakeOff);
        assert_eq!(kind_of("Event"), EventKind::Mark);
        assert_eq!(side_of("Right"), Some(Side::Right));
        assert_eq!(side_of("Gauche"), Some(Side::Left));
        assert_eq!(side_of("General"), None);
    }
}
