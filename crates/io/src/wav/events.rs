//! SpikeRecorder's events file: `id,<tab>12.3456` after two comment lines.

use surae_trial::{Event, EventSource, Note, Seconds};

/// Events of the text, with a note where lines could not be understood.
pub fn parse(text: &str, notes: &mut Vec<Note>) -> Vec<Event> {
    let mut events = Vec::new();
    let mut odd = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // Names may not hold commas, times are last.
        let parsed = line.rsplit_once(',').and_then(|(name, time)| {
            let time_s = time.trim().parse::<f64>().ok().filter(|t| t.is_finite())?;
            Some((name.trim(), time_s))
        });
        match parsed {
            Some((name, time_s)) => {
                let (kind, side) = crate::event_name::meaning(name);
                let label = name.to_owned();
                events.push(Event { time_s: Seconds(time_s), kind, side, source: EventSource::File, label });
            }
            None => odd.push((number + 1).to_string()),
        }
    }
    if !odd.is_empty() {
        let text =
            format!("events file: lines {} are no 'id, time' and are left out", crate::text::list(&odd, 6));
        notes.push(Note::warning("events_odd_lines", text));
    }
    events
}

/// The text for events, in SpikeRecorder's form.
pub fn encode(events: &[Event]) -> String {
    let mut text = "# Marker IDs can be arbitrary strings.\n# Marker ID,\tTime (in s)\n".to_owned();
    for event in events {
        let name = crate::event_name::text(event).replace([',', '\n', '\r', '#'], " ");
        text.push_str(&format!("{name},\t{:.4}\n", event.time_s.0));
    }
    text
}
