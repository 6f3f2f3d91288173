//! Tables and streams as other labs write them: line ends, delimiters, clocks, columns and trigger codes that are nobody's standard.
//!
//! Values are counted by hand: channel A is the row number, channel B is minus half of it.

use surae_io::read_bytes;
use surae_trial::{EventKind, Muscle, Side, Trial};

const ROWS: usize = 40;

/// A table of [`ROWS`] rows: `head`, then for each row what `cells` makes of its number.
fn table(head: &str, end: &str, cells: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..ROWS).map(cells).collect();
    format!("{head}{end}{}{end}", rows.join(end))
}

fn signals(k: usize, between: &str) -> String {
    format!("{k}{between}{}", -0.5 * k as f64)
}

fn read(text: &str) -> Trial {
    read_bytes("table.csv", text.as_bytes())
        .unwrap_or_else(|error| panic!("{error}\n{}", &text[..200.min(text.len())]))
}

fn refused(text: &str) -> String {
    read_bytes("table.csv", text.as_bytes()).expect_err(text).to_string()
}

/// 1000 Hz from 0, right soleus and medial gastrocnemius, every value as it was written.
fn check(trial: &Trial) {
    let [stream] = &trial.streams[..] else { panic!("{} streams", trial.streams.len()) };
    assert_eq!((stream.frames(), stream.rate_hz, stream.start_s.0), (ROWS, 1000.0, 0.0));
    assert_eq!(stream.column(0), (0..ROWS).map(|k| k as f64).collect::<Vec<_>>());
    assert_eq!(stream.column(1), (0..ROWS).map(|k| -0.5 * k as f64).collect::<Vec<_>>());
    assert!(stream.emg(Muscle::SOL, Side::Right).is_some() && stream.emg(Muscle::MG, Side::Right).is_some());
    assert!(stream.times_s.is_empty() && (trial.duration_s() - 0.04).abs() < 1e-9, "{}", trial.duration_s());
}

#[test]
fn line_ends_delimiters_and_columns_of_row_numbers_do_not_matter() {
    let comma = |k: usize| format!("{:.3},{}", k as f64 / 1000.0, signals(k, ","));
    for end in ["\n", "\r\n", "\r"] {
        check(&read(&table("time,R SOL,R MG", end, comma)));
    }
    check(&read(&table("time|R SOL|R MG", "\n", |k| comma(k).replace(',', "|"))));
    check(&read(&table("sep=;\r\nZeit;SOL re;MG re", "\r\n", |k| {
        comma(k).replace(',', ";").replace('.', ",")
    })));
    // A data frame saved with its index.
    check(&read(&table(",time,R SOL,R MG", "\n", |k| format!("{k},{}", comma(k)))));
    // A file that a crash cut: the disk gave zeros for what was promised.
    check(&read(&(table("time,R SOL,R MG", "\n", comma) + &"\0".repeat(3000))));
}

#[test]
fn clocks_of_all_units_give_the_same_times() {
    for (head, per_row, digits) in [
        ("time_ms", 1.0, 1),
        ("time [us]", 1000.0, 0),
        ("time (min)", 1.0 / 60_000.0, 9),
        ("t [s]", 0.001, 3),
    ] {
        let trial = read(&table(&format!("{head},R SOL,R MG"), "\n", |k| {
            format!("{:.digits$},{}", k as f64 * per_row, signals(k, ","))
        }));
        check(&trial);
    }
    let trial = read(&table("Time,R SOL,R MG\nmin,mV,mV", "\n", |k| {
        format!("{:.9},{}", k as f64 / 60_000.0, signals(k, ","))
    }));
    check(&trial);
}

#[test]
fn times_since_1970_count_from_the_first_sample() {
    for (unit, per_s) in [("s", 1u64), ("ms", 1000), ("us", 1_000_000), ("ns", 1_000_000_000)] {
        let step = per_s as f64 / 1000.0;
        let trial = read(&table("timestamp,R SOL,R MG", "\n", |k| {
            if per_s == 1 {
                return format!("1709287200.{k:03},{}", signals(k, ","));
            }
            format!("{},{}", 1_709_287_200 * per_s + (k as f64 * step) as u64, signals(k, ","))
        }));
        check(&trial);
        assert!((trial.time_origin_s - 1_709_287_200.0).abs() < 1e-3, "{unit}: {}", trial.time_origin_s);
        assert!(trial.notes.iter().any(|note| note.code == "times_from_a_date"));
    }
}

#[test]
fn what_is_no_clock_is_refused_with_what_to_write() {
    let dated = refused(&table("timestamp,R SOL,R MG", "\n", |k| {
        format!("2024-03-01T10:00:00.{k:03},{}", signals(k, ","))
    }));
    assert!(
        dated.contains("clock times ('2024-03-01T10:00:00.000')") && dated.contains("seconds from the start"),
        "{dated}"
    );
    let percent = refused(&table("gait cycle (%),R SOL,R MG", "\n", |k| format!("{k},{}", signals(k, ","))));
    assert!(percent.contains("export the recording"), "{percent}");
    // Whole numbers under a bare 'time': 1 Hz is read, and the doubt is said.
    let whole = read(&table("time,R SOL,R MG", "\n", |k| format!("{k},{}", signals(k, ","))));
    assert_eq!(whole.streams[0].rate_hz, 1.0);
    assert!(
        whole.notes.iter().any(|note| note.text.contains("name the column 'time_ms'")),
        "{:?}",
        whole.notes
    );
}

fn chunk(out: &mut Vec<u8>, tag: u16, content: &[u8]) {
    out.push(4);
    out.extend((content.len() as u32 + 2).to_le_bytes());
    out.extend(tag.to_le_bytes());
    out.extend_from_slice(content);
}

fn header(out: &mut Vec<u8>, id: u32, kind: &str, rate_hz: u32, format: &str) {
    let xml = format!(
        "<?xml version=\"1.0\"?><info><name>box</name><type>{kind}</type><channel_count>1</channel_count>\
         <nominal_srate>{rate_hz}</nominal_srate><channel_format>{format}</channel_format></info>"
    );
    chunk(out, 2, &[&id.to_le_bytes()[..], xml.as_bytes()].concat());
}

/// Trigger boxes send whole numbers in a stream of type Markers, without a rate; footers are missing after a crash.
#[test]
fn trigger_codes_of_xdf_are_events_and_footers_may_be_missing() {
    let mut bytes = b"XDF:".to_vec();
    chunk(&mut bytes, 1, b"<?xml version=\"1.0\"?><info><version>1.0</version></info>");
    header(&mut bytes, 1, "EMG", 1000, "int16");
    header(&mut bytes, 2, "Markers", 0, "int32");
    header(&mut bytes, 3, "EEG", 250, "float32");
    let sample = |id: u32, stamp: f64, value: &[u8]| {
        [&id.to_le_bytes()[..], &[1, 1, 8], &stamp.to_le_bytes(), value].concat()
    };
    for k in 0..100i16 {
        chunk(&mut bytes, 3, &sample(1, 500.0 + f64::from(k) / 1000.0, &k.to_le_bytes()));
    }
    for (stamp, code) in [(500.02, 3i32), (500.06, 17)] {
        chunk(&mut bytes, 3, &sample(2, stamp, &code.to_le_bytes()));
    }
    let trial = read_bytes("box.xdf", &bytes).expect("readable");
    assert_eq!((trial.streams.len(), trial.streams[0].frames(), trial.streams[0].rate_hz), (1, 100, 1000.0));
    let told: Vec<(EventKind, &str)> = trial.events.iter().map(|e| (e.kind, e.label.as_str())).collect();
    assert_eq!(told, [(EventKind::Mark, "trigger 3"), (EventKind::Mark, "trigger 17")]);
    for (event, wanted_s) in trial.events.iter().zip([0.02, 0.06]) {
        assert!((event.time_s.0 - wanted_s).abs() < 1e-9, "{}", event.time_s.0);
    }
    assert!(trial.notes.iter().any(|note| note.code == "xdf_empty_streams"));
}
