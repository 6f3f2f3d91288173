//! What the person does, told from contact times: walking, running or sprinting (METHOD R11).
//!
//! Used only where neither the trial nor the settings say it; the result is a note, because it is a guess.

use crate::events::Events;
use crate::stats::median;
use surae_trial::{EventKind, Note, Side, Task};

/// Contacts shorter than this are those of a sprint: elite sprinters 0.09-0.11 s, first steps of an acceleration up to
/// 0.20 s, running at 3-4 m/s 0.22-0.26 s. A choice, not a published border.
const SPRINT_CONTACT_S: f64 = 0.18;

/// Task from the chosen events of both legs, or `None` without a whole stride.
#[must_use]
pub fn detect(events: &Events) -> Option<(Task, Note)> {
    let (mut stance_percent, mut contact_s) = (Vec::new(), Vec::new());
    for side in Side::BOTH {
        let contacts = events.times(side, EventKind::FootContact);
        let offs = events.times(side, EventKind::FootOff);
        for pair in contacts.windows(2) {
            let stride = pair[1] - pair[0];
            if let Some(off) = offs.iter().find(|off| **off > pair[0] && **off < pair[1])
                && stride < 3.0
            {
                stance_percent.push(100.0 * (off - pair[0]) / stride);
                contact_s.push(off - pair[0]);
            }
        }
    }
    let (Some(stance), Some(contact)) = (median(&stance_percent), median(&contact_s)) else {
        return from_contacts(events);
    };
    let (task, word) = match (stance < 50.0, contact < SPRINT_CONTACT_S) {
        (false, _) => (Task::Walk, "walking"),
        (true, false) => (Task::Run, "running"),
        (true, true) => (Task::Sprint, "sprinting"),
    };
    let text = format!(
        "Taken for {word}: stance is {stance:.0} % of the stride and a contact lasts {:.0} ms (median of {}). \
         State the task in the settings if this is wrong.",
        contact * 1e3,
        contact_s.len()
    );
    Some((task, Note::info("task_detected", text)))
}

/// Contacts longer than this are those of walking, where no whole stride was recorded. A choice: contacts of slow running
/// last about 0.3 s, of fast walking about 0.5 s.
const WALK_CONTACT_S: f64 = 0.4;

/// Task from the length of contacts alone.
fn from_contacts(events: &Events) -> Option<(Task, Note)> {
    let mut contact_s = Vec::new();
    for side in Side::BOTH {
        let offs = events.times(side, EventKind::FootOff);
        for contact in events.times(side, EventKind::FootContact) {
            contact_s.extend(offs.iter().map(|off| off - contact).find(|t| *t > 0.0 && *t < 3.0));
        }
    }
    let contact = median(&contact_s)?;
    let (task, word) = match (contact > WALK_CONTACT_S, contact < SPRINT_CONTACT_S) {
        (true, _) => (Task::Walk, "walking"),
        (false, false) => (Task::Run, "running"),
        (false, true) => (Task::Sprint, "sprinting"),
    };
    let text = format!(
        "Taken for {word} from contacts of {:.0} ms (median of {}); no whole stride was recorded. State the task in the \
         settings if this is wrong.",
        contact * 1e3,
        contact_s.len()
    );
    Some((task, Note::warning("task_detected", text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::GaitEvent;
    use surae_trial::{Event, EventSource, Seconds};

    fn series(stride_s: f64, contact_s: f64) -> Events {
        let event = |time_s, kind| GaitEvent {
            event: Event {
                time_s: Seconds(time_s),
                kind,
                side: Some(Side::Right),
                source: EventSource::File,
                label: String::new(),
            },
            chosen: true,
        };
        let all = (0..5)
            .map(|i| f64::from(i) * stride_s)
            .flat_map(|t| [event(t, EventKind::FootContact), event(t + contact_s, EventKind::FootOff)])
            .collect();
        Events { all, plates: Vec::new() }
    }

    #[test]
    fn speeds_are_told_apart() {
        for (stride, contact, task) in
            [(1.04, 0.66, Task::Walk), (0.75, 0.245, Task::Run), (0.46, 0.10, Task::Sprint)]
        {
            assert_eq!(detect(&series(stride, contact)).map(|d| d.0), Some(task));
        }
        assert!(detect(&Events::default()).is_none());
        for (contact, task) in [(0.6, Task::Walk), (0.25, Task::Run), (0.1, Task::Sprint)] {
            let mut one = series(1.0, contact);
            one.all.truncate(2);
            assert_eq!(detect(&one).map(|d| d.0), Some(task));
        }
    }
}
