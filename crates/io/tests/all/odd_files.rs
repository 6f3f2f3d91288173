//! Files that the collection does not hold: every number encoding of C3D, and text variants of other programs.

use surae_io::read_bytes;
use surae_trial::{Kind, Trial, Unit};

/// The three processors' numbers.
#[derive(Clone, Copy)]
struct Numbers {
    code: u8,
}

impl Numbers {
    fn int(self, value: i16) -> [u8; 2] {
        if self.code == 86 { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn float(self, value: f32) -> [u8; 4] {
        match self.code {
            86 => value.to_be_bytes(),
            // VAX F: a quarter of the IEEE reading with its 16-bit words swapped.
            85 => {
                let [a, b, c, d] = (value * 4.0).to_le_bytes();
                [c, d, a, b]
            }
            _ => value.to_le_bytes(),
        }
    }
}

/// What varies between files of other labs.
#[derive(Clone, Copy, Debug)]
struct Variant {
    processor: u8,
    float: bool,
    unsigned: bool,
    /// Gaps by a negative residual, else as (0, 0, 0).
    negative_residual: bool,
    channels: usize,
    first_frame: u16,
}

const FRAMES: usize = 12;
const SAMPLES: usize = 5;
const SCALE: f32 = 0.25;

/// The native word of a sample: above 32767 for unsigned files.
fn word(v: Variant, sample: usize, channel: usize) -> u16 {
    let value = (sample * 37 + channel * 11) % 900;
    if v.unsigned { 32_400 + value as u16 } else { value as u16 }
}

fn gap(frame: usize) -> bool {
    (3..6).contains(&frame)
}

fn coordinate(frame: usize, axis: usize) -> f32 {
    SCALE * (100 + 10 * frame + axis) as f32
}

fn parameter(out: &mut Vec<u8>, numbers: Numbers, group: i8, name: &str, kind: i8, dims: &[u8], data: &[u8]) {
    out.push(name.len() as u8);
    out.push(group as u8);
    out.extend(name.bytes());
    let next = (2 + 2 + dims.len() + data.len() + 1) as i16;
    out.extend(numbers.int(next));
    out.push(kind as u8);
    out.push(dims.len() as u8);
    out.extend(dims);
    out.extend(data);
    out.push(0);
}

fn parameters(v: Variant, numbers: Numbers) -> Vec<u8> {
    let mut out = vec![1, 0x50, 0, v.processor];
    for (id, name) in [(1i8, "POINT"), (2, "ANALOG")] {
        out.push(name.len() as u8);
        out.push((-id) as u8);
        out.extend(name.bytes());
        out.extend(numbers.int(3));
        out.push(0);
    }
    let mut put = |group, name: &str, kind, dims: &[u8], data: &[u8]| {
        parameter(&mut out, numbers, group, name, kind, dims, data)
    };
    put(1, "LABELS", -1, &[6, 1], b"S:RKNE");
    put(1, "UNITS", -1, &[2], b"mm");
    put(1, "SCALE", 4, &[], &numbers.float(if v.float { -SCALE } else { SCALE }));
    let names: Vec<String> = (0..v.channels).map(|k| format!("EMG{k:03}")).collect();
    let (labels, scale, offset) = (["LABELS", "LABELS2"], ["SCALE", "SCALE2"], ["OFFSET", "OFFSET2"]);
    for (part, names) in names.chunks(255).enumerate() {
        let n = names.len() as u8;
        put(2, labels[part], -1, &[6, n], names.concat().as_bytes());
        let factors: Vec<u8> =
            (0..names.len()).flat_map(|k| numbers.float(0.5 + (255 * part + k) as f32)).collect();
        put(2, scale[part], 4, &[n], &factors);
        // 32768 does not fit a signed word: programs store -32768.
        let zero = if v.unsigned { i16::MIN } else { 7 };
        put(2, offset[part], 2, &[n], &numbers.int(zero).repeat(names.len()));
    }
    put(2, "GEN_SCALE", 4, &[], &numbers.float(0.001));
    put(2, "FORMAT", -1, &[8], if v.unsigned { b"UNSIGNED" } else { b"SIGNED  " });
    out.resize(out.len().div_ceil(512) * 512, 0);
    out[2] = (out.len() / 512) as u8;
    out
}

fn c3d(v: Variant) -> Vec<u8> {
    let numbers = Numbers { code: v.processor };
    let parameters = parameters(v, numbers);
    let mut out = vec![0u8; 512];
    out[..2].copy_from_slice(&[2, 0x50]);
    let words = [
        (2, 1),
        (3, v.channels * SAMPLES),
        (4, usize::from(v.first_frame)),
        (5, usize::from(v.first_frame) + FRAMES - 1),
        (9, parameters.len() / 512 + 2),
        (10, SAMPLES),
    ];
    for (at, value) in words {
        out[2 * at - 2..2 * at].copy_from_slice(&numbers.int((value as u16).cast_signed()));
    }
    out[12..16].copy_from_slice(&numbers.float(if v.float { -SCALE } else { SCALE }));
    out[20..24].copy_from_slice(&numbers.float(200.0));
    out.extend(parameters);
    let mut put = |value: f32, integer: i16| {
        if v.float { out.extend(numbers.float(value)) } else { out.extend(numbers.int(integer)) }
    };
    for frame in 0..FRAMES {
        for axis in 0..3 {
            let value = if gap(frame) { 0.0 } else { coordinate(frame, axis) };
            put(value, (value / SCALE) as i16);
        }
        // Measured points: no mask; cameras 1 to 5 and residual 5; cameras 1 to 7 without a residual.
        let measured = [0, 0x1f05, 0x7f00][frame % 3];
        let residual = match (gap(frame), v.negative_residual) {
            (true, true) => -1,
            (true, false) => 0,
            (false, _) => measured,
        };
        put(f32::from(residual), residual);
        for sample in frame * SAMPLES..(frame + 1) * SAMPLES {
            for channel in 0..v.channels {
                let word = word(v, sample, channel);
                put(f32::from(word), word.cast_signed());
            }
        }
    }
    out
}

fn check(v: Variant, trial: &Trial) {
    let stream = trial.stream("analog").expect("analog");
    assert_eq!(
        (stream.rate_hz, stream.channels.len(), stream.frames()),
        (1000.0, v.channels, FRAMES * SAMPLES),
        "{v:?}"
    );
    let zero = if v.unsigned { 32_768.0 } else { 7.0 };
    for channel in 0..v.channels {
        assert_eq!(stream.channels[channel].label, format!("EMG{channel:03}"), "{v:?}");
        let gain = f64::from(0.5 + channel as f32) * f64::from(0.001f32);
        for (sample, found) in stream.column(channel).into_iter().enumerate() {
            let wanted = (f64::from(word(v, sample, channel)) - zero) * gain;
            assert!(
                (found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0),
                "{v:?} {channel} {sample}: {found} {wanted}"
            );
        }
    }
    let marker = &trial.markers.as_ref().expect("markers").markers[0];
    assert_eq!(marker.label, "RKNE");
    for (frame, position) in marker.position.iter().enumerate() {
        for (axis, found) in position.iter().enumerate() {
            let wanted = f64::from(coordinate(frame, axis));
            assert!(if gap(frame) { found.is_nan() } else { *found == wanted }, "{v:?} {frame}");
        }
    }
    let origin_s = f64::from(v.first_frame - 1) / 200.0;
    assert!((trial.time_origin_s - origin_s).abs() < 1e-12, "{v:?}");
}

#[test]
fn every_encoding_of_c3d_gives_the_same_values() {
    let mut read = 0;
    for processor in [84, 85, 86] {
        for bits in 0..16 {
            let v = Variant {
                processor,
                float: bits & 1 > 0,
                unsigned: bits & 2 > 0,
                negative_residual: bits & 4 > 0,
                channels: if bits & 8 > 0 { 300 } else { 6 },
                first_frame: if bits & 1 > 0 { 40_000 } else { 1 },
            };
            let trial = read_bytes("odd.c3d", &c3d(v)).unwrap_or_else(|error| panic!("{v:?}: {error}"));
            check(v, &trial);
            read += 1;
        }
    }
    assert_eq!(read, 48);
}

fn text(name: &str, content: &str) -> Trial {
    read_bytes(name, content.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{content}"))
}

#[test]
fn delsys_variants_are_read() {
    // Semicolons with decimal commas, no lines of labels; a signal that ends early and is filled up with zeros.
    let rows: String = (0..40)
        .map(|k| {
            let slow = if k < 10 { format!("{};{}", f64::from(k) / 100.0, k) } else { "0;0".to_owned() };
            format!("{};{};{slow}\n", f64::from(k) / 1000.0, 0.5 * f64::from(k)).replace('.', ",")
        })
        .collect();
    let trial = text("a.csv", &format!("X[s];R SOL: EMG 1;X[s];R SOL: ACC.X 1\n{rows}"));
    let shapes: Vec<_> = trial.streams.iter().map(|s| (s.rate_hz.round(), s.frames())).collect();
    assert_eq!(shapes, [(1000.0, 40), (100.0, 10)]);
    assert_eq!(trial.streams[0].column(0)[3], 1.5);
    // Names of sensors above time columns of each signal.
    let rows: String =
        (0..20).map(|k| format!("{},{k},{},{k}\n", f64::from(k) / 2000.0, f64::from(k) / 2000.0)).collect();
    let head =
        "L SOL (81744),,R GL (81745),\nEMG 1 Time Series (s),EMG 1 (mV),EMG 2 Time Series (s),EMG 2 (mV)\n";
    let trial = text("b.csv", &format!("{head}{rows}"));
    let channel = &trial.streams[0].channels[0];
    assert_eq!((channel.label.as_str(), &channel.unit), ("L SOL: EMG 1", &Unit::Millivolt));
    assert_eq!(channel.role.muscle, Some(surae_trial::Muscle::SOL), "{}", channel.role.reason);
}

#[test]
fn opensignals_emg_is_in_volts_by_the_transfer_function() {
    let head = |device: &str, bits: u8| {
        format!(
            "# OpenSignals Text File Format\n# {{\"x\": {{\"sensor\": [\"EMG\", \"FSR\"], \"column\": [\"nSeq\", \"I1\", \"A1\", \"A2\"], \"sampling rate\": 1000, \"label\": [\"RSOL\", \"A2\"], \"resolution\": [4, 1, {bits}, {bits}], \"device\": \"{device}\"}}}}\n# EndOfHeader\n"
        )
    };
    let rows: String =
        (0..100).filter(|k| *k != 50).map(|k| format!("{}\t0\t{}\t5\t\n", k % 16, 500 + k)).collect();
    let trial = text("a.txt", &format!("{}{rows}", head("bitalino_rev", 10)));
    let stream = &trial.streams[0];
    let emg = stream.channels.iter().position(|c| c.label == "RSOL").expect("there");
    // 512 of 1024 is 0 V; one count is 3.3 V / 1024 / 1009.
    let column = stream.column(emg);
    assert!(column[12].abs() < 1e-15 && (column[13] - 3.3 / 1024.0 / 1009.0).abs() < 1e-15, "{column:?}");
    assert_eq!((stream.gaps.len(), stream.gaps[0].index.0, stream.gaps[0].lost_samples), (1, 50, 1));
    assert_eq!(stream.channels[0].role.kind, Kind::Counter);
    let plux = text("b.txt", &format!("{}{rows}", head("biosignalsplux", 16)));
    let gain = plux.streams[0].channels[emg].scale.gain;
    assert!((gain - 3.0 / 65_536.0 / 1000.0).abs() < 1e-18);
}

#[test]
fn openbci_daisy_ganglion_and_brainflow_are_read() {
    let row = |k: usize, exg: usize| {
        let values: Vec<String> = (0..exg).map(|c| format!("{}.5", k + c)).collect();
        format!("{}, {}, 0.1, 0.2, 0.9, 12:00:00.000, 1557936053{k:03}\n", k % 256, values.join(", "))
    };
    let rows: String = (0..300).filter(|k| !(100..103).contains(k)).map(|k| row(k, 16)).collect();
    let trial = text(
        "a.txt",
        &format!("%OpenBCI Raw EEG Data\n%Number of channels = 16\n%Sample Rate = 125.0 Hz\n%x\n{rows}"),
    );
    let stream = &trial.streams[0];
    assert_eq!((stream.rate_hz, stream.frames()), (125.0, 297));
    assert_eq!(
        (stream.gaps[0].index.0, stream.gaps[0].lost_samples, stream.gaps[0].certain),
        (100, 3, false)
    );
    assert_eq!(stream.column(16)[1], 16.5, "{:?}", stream.channels[16].label);
    let row = |k: usize| {
        let mut cells = vec!["0.0".to_owned(); 24];
        cells[0] = (k % 256).to_string();
        cells[3] = format!("{k}.25");
        cells[22] = format!("{}.5", 1_600_000_000 + k / 250);
        cells[23] = if k == 20 { "7.0".to_owned() } else { "0.0".to_owned() };
        cells.join("\t") + "\n"
    };
    let trial = text("b.csv", &(0..60).map(row).collect::<String>());
    assert_eq!(trial.format, "openbci");
    let stream = &trial.streams[0];
    assert_eq!(
        (stream.rate_hz, stream.column(3)[5], &stream.channels[3].unit),
        (250.0, 5.25, &Unit::Microvolt)
    );
    assert_eq!((trial.events.len(), trial.events[0].time_s.0), (1, 0.08));
    assert!(trial.notes.iter().any(|n| n.code == "brainflow_guessed"));
}

/// Found by `crates/io/fuzz`: names of nothing gave a stream without channels.
#[test]
fn openbci_names_without_a_signal_are_refused() {
    let names = "%OpenBCI Raw EXG Data\n%Sample Rate = 250 Hz\nOther, Not Used, Timestamp (Formatted)\n1,2,x\n2,3,x\n";
    let error = read_bytes("take.txt", names.as_bytes()).expect_err("nothing to read").to_string();
    assert!(error.contains("line 3") && error.contains("no signal"), "{error}");
}

#[test]
fn ragged_tables_end_where_their_columns_end() {
    let mut rows = String::new();
    for k in 0..20 {
        let slow = if k < 4 { k.to_string() } else { String::new() };
        rows += &format!("\t{}\t{slow}\n", f64::from(k) * 0.1);
    }
    let head = "Biometrics Ltd\nChannel\tR SOL\tR Knee\nSample rate\t1000\t200\nUnits\tmV\tdeg\n";
    let trial = text("a.txt", &format!("{head}{rows}"));
    let shapes: Vec<_> =
        trial.streams.iter().map(|s| (s.rate_hz, s.frames(), s.channels[0].label.as_str())).collect();
    assert_eq!(shapes, [(1000.0, 20, "R SOL"), (200.0, 4, "R Knee")]);
    assert_eq!(trial.streams[1].channels[0].role.kind, Kind::Angle);
    assert_eq!(trial.streams[0].channels[0].unit, Unit::Millivolt);
}

/// Text readers answer any cut of their files.
#[test]
fn cut_text_files_are_answered() {
    let files = [
        "File_Type:\tAnalog R/C ASCII\nBitDepth:\t16\tPreciseRate:\t1000\nName\tSOL\tGM\t\nRate\t1000\t1000\t\nRange\t2500\t2500\t\n0\t1\t2\t\n0.001\t3\t4\t\n",
        "PathFileType\t4\nDataRate\tUnits\n100\tmm\nFrame#\tTime\tA\t\t\tB\n\t\tX1\n\n1\t0\t1\t2\t3\t4\t5\t6\n2\t0.01\t1\t2\t3\n",
        "Label: A Sampling frequency: 1e3 Number of points: 3 start: 0 Unit: V Domain Unit: s\nX[s],A,X[s],B\n0,1,0,2\n0.001,2,0.01,3\n",
        "%OpenBCI Raw EXG Data\n%Sample Rate = 250 Hz\nSample Index, EXG Channel 0, Timestamp\n0, 1, 1\n1, 2, 2\n",
        "# OpenSignals Text File Format\n# {\"a\": {\"sensor\": [\"EMG\"], \"column\": [\"nSeq\", \"A1\"], \"sampling rate\": 10, \"resolution\": [10]}}\n# EndOfHeader\n0\t5\n1\t6\n",
        "Channel\tA\tB\nRate\t100\t10\nUnits\tmV\tmV\n1\t2\n2\t\n3\t\n",
    ];
    for file in files {
        assert!(read_bytes("whole", file.as_bytes()).is_ok(), "{:?}", read_bytes("whole", file.as_bytes()));
        for length in 0..file.len() {
            if let Err(error) = read_bytes("cut", &file.as_bytes()[..length]) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

/// Resident memory of this process at its highest, in MB; Linux only.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// Run alone: `cargo test -p surae-io --test all -- --ignored --nocapture a_gigabyte`. Sparse, so it takes no disk.
#[test]
#[ignore = "reads 1 GiB twice and measures the memory of the process"]
fn a_gigabyte_of_c3d_opens_at_once_and_streams() {
    let v = Variant {
        processor: 84,
        float: false,
        unsigned: false,
        negative_residual: true,
        channels: 64,
        first_frame: 1,
    };
    let mut head = c3d(v);
    // The largest number the header can hold: the file's end tells how many frames there are.
    head[8..10].copy_from_slice(&u16::MAX.to_le_bytes());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.c3d");
    std::fs::write(&path, &head).expect("written");
    std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(1 << 30))
        .expect("sparse");
    let before = peak_mb();
    let mut reader = surae_io::open_trial(&path).expect("readable");
    let layout = reader.layout().clone();
    let mut values = 0usize;
    while let Some(chunk) = reader.next_chunk().expect("readable") {
        if let surae_io::Chunk::Samples { samples, .. } = chunk {
            values += samples.len();
        }
    }
    let streamed = peak_mb();
    assert_eq!(layout.streams[0].channels.len(), 64);
    let frames = ((1usize << 30) - 2 * 512 - 512 * usize::from(head[512 + 2])) / (2 * (4 + 64 * SAMPLES));
    assert!(values.abs_diff(frames * 64 * SAMPLES) <= 64 * SAMPLES, "{values}");
    drop(reader);
    let trial = surae_io::read_trial(&path).expect("readable");
    assert_eq!(trial.streams[0].samples.len(), values);
    println!("peak MB before {before:?}, streamed {streamed:?}, read whole {:?}", peak_mb());
    if let (Some(before), Some(streamed), Some(whole)) = (before, streamed, peak_mb()) {
        assert!(streamed - before < 64.0 && whole - before < 2.0 * 1024.0, "{before} {streamed} {whole}");
    }
}
