//! Columns of words in tables of numbers: an `event` column says what happened where its word changes.

use super::shape::Shape;
use super::table::{self, cells};
use surae_trial::{Event, EventSource, Note, Samples, Seconds, Stream};

/// Takes columns that hold words and no number out of `stream`, as events at the rows where the word changes. `column` is that of
/// the times, `words` the number of all words in the table.
pub fn events(
    rows: &str,
    shape: &Shape,
    column: usize,
    words: usize,
    stream: &mut Stream,
    notes: &mut Vec<Note>,
) -> Vec<Event> {
    let from = column + 1;
    let worded: Vec<usize> =
        (0..stream.channels.len()).filter(|k| stream.column(*k).iter().all(|value| value.is_nan())).collect();
    if worded.is_empty() || worded.len() == stream.channels.len() {
        return Vec::new();
    }
    let mut found = Found::default();
    found.look(rows, shape, from, &worded);
    // A word that is another in most rows is a name or a date, nothing that happens.
    if found.told.is_empty() || found.told.len() * 4 > stream.frames() {
        return Vec::new();
    }
    let labels: Vec<&str> = worded.iter().map(|k| stream.channels[*k].label.as_str()).collect();
    notes.push(Note::info(
        "csv_events",
        format!(
            "the words in column {} are {} events, at the rows where they change",
            labels.join(", "),
            found.told.len()
        ),
    ));
    notes.retain(|note| note.code != "cells_not_numbers");
    table::report_words(words - found.words.min(words), notes);
    let frames = found.frames;
    let events = found.told.into_iter().map(|(frame, label)| {
        let (kind, side) = crate::event_name::meaning(&label);
        let frame = frame.min(frames.saturating_sub(1)).min(stream.frames().saturating_sub(1));
        let at_s =
            stream.times_s.get(frame).copied().unwrap_or(stream.start_s.0 + frame as f64 / stream.rate_hz);
        Event { time_s: Seconds(at_s), kind, side, source: EventSource::File, label }
    });
    let events = events.collect();
    without(stream, &worded);
    events
}

/// Words by the number of the row that holds them.
#[derive(Default)]
struct Found {
    told: Vec<(usize, String)>,
    words: usize,
    frames: usize,
}

impl Found {
    /// Goes through the rows that the table has: those of the right length that begin with a number.
    fn look(&mut self, rows: &str, shape: &Shape, from: usize, worded: &[usize]) {
        let mut last = vec![String::new(); worded.len()];
        for line in rows.lines().filter(|line| !line.trim().is_empty()) {
            let mut row = cells(line, shape.delimiter);
            if row.len() == shape.columns + 1 && row.last().is_some_and(String::is_empty) {
                row.pop();
            }
            let counted = row.first().is_some_and(|cell| table::number(cell, shape.decimal_comma).is_some());
            if row.len() != shape.columns || !counted {
                continue;
            }
            for (k, last) in worded.iter().zip(&mut last) {
                let word = &row[from + k];
                let is_word = !table::is_missing(word);
                self.words += usize::from(is_word);
                if is_word && word != last {
                    self.told.push((self.frames, word.clone()));
                }
                last.clone_from(word);
            }
            self.frames += 1;
        }
    }
}

/// The stream without these channels.
fn without(stream: &mut Stream, gone: &[usize]) {
    let width = stream.channels.len();
    if let Samples::F64(values) = &mut stream.samples {
        let mut at = 0;
        values.retain(|_| {
            at += 1;
            !gone.contains(&((at - 1) % width))
        });
        let mut at = 0;
        stream.channels.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::read_bytes;
    use surae_trial::{EventKind, Side};

    #[test]
    fn an_event_column_gives_events_and_is_no_channel() {
        let mut text = String::from("time;R SOL;event;phase;R MG\n");
        for k in 0..40 {
            let event = if k == 12 { "RHS" } else { "" };
            let phase = if k < 20 { "stance" } else { "swing" };
            text.push_str(&format!(
                "{};1,{k};{event};{phase};2\n",
                format!("{:.3}", f64::from(k) / 1000.0).replace('.', ",")
            ));
        }
        let trial = read_bytes("a.csv", text.as_bytes()).expect("readable");
        let stream = &trial.streams[0];
        let labels: Vec<&str> = stream.channels.iter().map(|c| c.label.as_str()).collect();
        assert_eq!((labels, stream.frames()), (vec!["R SOL", "R MG"], 40));
        assert_eq!(stream.column(0)[13], 1.13);
        assert_eq!(stream.column(1), vec![2.0; 40]);
        let told: Vec<(f64, &str)> = trial.events.iter().map(|e| (e.time_s.0, e.label.as_str())).collect();
        assert_eq!(told, [(0.0, "stance"), (0.012, "RHS"), (0.02, "swing")]);
        assert_eq!((trial.events[1].kind, trial.events[1].side), (EventKind::FootContact, Some(Side::Right)));
        assert!(!trial.notes.iter().any(|note| note.code == "cells_not_numbers"), "{:?}", trial.notes);
    }

    #[test]
    fn names_and_dates_in_every_row_are_no_events() {
        let rows: String = (0..40).map(|k| format!("{:.3},1,10:00:{k},x\n", f64::from(k) / 1000.0)).collect();
        let trial = read_bytes("a.csv", format!("time,R SOL,clock,y\n{rows}").as_bytes()).expect("readable");
        assert!(trial.events.is_empty() && trial.streams[0].channels.len() == 3, "{:?}", trial.events);
        assert!(trial.notes.iter().any(|note| note.code == "cells_not_numbers"));
    }
}
