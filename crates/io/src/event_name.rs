//! What the name of an event says: its kind and its leg, the same for every format.

use surae_trial::{EventKind, Side};

/// Kind and side of an event from its text; what is not known is a mark without a side.
pub(crate) fn meaning(text: &str) -> (EventKind, Option<Side>) {
    let whole = crate::c3d::event_kind_of(text);
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // `RHS`, `HS_R`, `TO left`: a short code counts only where the other words name nothing but the leg.
    let kind = match whole {
        EventKind::Mark => words
            .iter()
            .filter(|_| words.len() <= 3)
            .map(|word| crate::c3d::event_kind_of(word))
            .find(|kind| *kind != EventKind::Mark && words.iter().all(|w| is_code_or_side(w)))
            .unwrap_or(EventKind::Mark),
        known => known,
    };
    let side = words.iter().find_map(|word| crate::c3d::event_side(word));
    (kind, side.filter(|_| kind != EventKind::Mark || words.len() <= 4))
}

fn is_code_or_side(word: &str) -> bool {
    crate::c3d::event_kind_of(word) != EventKind::Mark || crate::c3d::event_side(word).is_some()
}

/// A text from which [`meaning`] gives the event back: its label, with the words that the label lacks before it.
pub(crate) fn text(event: &surae_trial::Event) -> String {
    let (kind, side) = meaning(&event.label);
    if kind == event.kind && side == event.side && !event.label.is_empty() {
        return event.label.clone();
    }
    let name = match event.kind {
        EventKind::FootContact => "Foot Strike",
        EventKind::FootOff => "Foot Off",
        EventKind::TakeOff => "Take-off",
        EventKind::Landing => "Landing",
        EventKind::Mark => "Mark",
    };
    let side = event.side.map(|side| match side {
        Side::Left => "Left",
        Side::Right => "Right",
    });
    let told = if kind == event.kind && !event.label.is_empty() { "" } else { name };
    [side.unwrap_or(""), told, &event.label]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Event, EventSource, Seconds};

    #[test]
    fn a_name_gives_kind_and_leg() {
        assert_eq!(meaning("Right Foot Strike"), (EventKind::FootContact, Some(Side::Right)));
        assert_eq!(meaning("HS_R"), (EventKind::FootContact, Some(Side::Right)));
        assert_eq!(meaning("LTO"), (EventKind::FootOff, Some(Side::Left)));
        assert_eq!(meaning("go to the lab"), (EventKind::Mark, None));
        assert_eq!(meaning("Lights off"), (EventKind::Mark, None));
    }

    #[test]
    fn what_is_written_reads_back() {
        for kind in [
            EventKind::FootContact,
            EventKind::FootOff,
            EventKind::TakeOff,
            EventKind::Landing,
            EventKind::Mark,
        ] {
            for side in [None, Some(Side::Left), Some(Side::Right)] {
                for label in ["", "Foot Strike", "step 3"] {
                    if kind == EventKind::Mark && label == "Foot Strike" {
                        continue;
                    }
                    let event = Event {
                        time_s: Seconds(0.0),
                        kind,
                        side,
                        source: EventSource::File,
                        label: label.to_owned(),
                    };
                    let text = text(&event);
                    if kind != EventKind::FootContact && label == "Foot Strike" {
                        continue;
                    }
                    assert_eq!(meaning(&text), (kind, side), "{text}");
                }
            }
        }
    }
}
