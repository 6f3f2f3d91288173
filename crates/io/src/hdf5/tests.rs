//! OpenSignals layouts built with the library's own writer; real files are compared with h5py in `tests/all`.

use super::Hdf5;
use crate::registry::{Confidence, Format};
use hdf5_pure::{AttrValue, FileBuilder};
use surae_trial::{Gap, Kind, SampleIndex, Seconds, Unit};

/// One device at 1000 Hz with an EMG channel of 16 bits and a sequence number that lost three samples.
fn recording(rate_hz: i32) -> Vec<u8> {
    let mut builder = FileBuilder::new();
    let mut device = builder.create_group("00:07:80:00:00:01");
    device.set_attr("sampling rate", AttrValue::I32(rate_hz));
    device.set_attr("resolution", AttrValue::I32Array(vec![16]));
    device.set_attr("date", AttrValue::String("2024-3-6".to_owned()));
    let mut raw = device.create_group("raw");
    let numbers: Vec<u16> = (0..20).map(|k| if k < 10 { k } else { k + 3 }).collect();
    raw.create_dataset("nSeq").with_u16_data(&numbers).with_shape(&[20, 1]);
    let counts: Vec<u16> = (0..20).map(|k| 32_768 + 1000 * k).collect();
    let dataset = raw.create_dataset("channel_3");
    dataset.with_u16_data(&counts).with_shape(&[20, 1]);
    dataset.set_attr("sensor", AttrValue::String("EMG".to_owned()));
    dataset.set_attr("label", AttrValue::String("RSOL".to_owned()));
    device.add_group(raw.finish());
    builder.add_group(device.finish());
    builder.finish().expect("built")
}

#[test]
fn counts_become_millivolts_and_jumps_of_the_sequence_are_gaps() {
    let bytes = recording(1000);
    assert_eq!(Hdf5.recognise(&bytes), Confidence::Sure);
    let trial = crate::read_bytes("take.h5", &bytes).unwrap_or_else(|error| panic!("{error}"));
    let stream = &trial.streams[0];
    assert_eq!((&stream.channels[0].unit, stream.channels[0].role.kind), (&Unit::Millivolt, Kind::RawEmg));
    let column = stream.column(0);
    assert!((column[0]).abs() < 1e-12 && (column[1] - 1000.0 / 65_536.0 * 3.0).abs() < 1e-12, "{column:?}");
    let gap = Gap { index: SampleIndex(10), time_s: Seconds(0.01), lost_samples: 3, certain: false };
    assert_eq!(stream.gaps, [gap]);
}

#[test]
fn a_rate_that_cannot_be_is_refused_and_damage_is_answered() {
    let error = crate::read_bytes("take.h5", &recording(0)).expect_err("refused").to_string();
    assert!(error.contains("sampling rate"), "{error}");
    let bytes = recording(1000);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        let _ = crate::read_bytes("take.h5", &damaged);
        let _ = crate::read_bytes("take.h5", &bytes[..at]);
    }
}
