use super::*;
use crate::device::golden::survives_splits;

/// What becomes of samples with these stamps: place, certainty.
fn placed(rate_hz: f64, stamps: impl IntoIterator<Item = f64>) -> Vec<(Option<u64>, bool)> {
    let mut decoder = Decoder::new(None);
    let (mut found, mut estimated) = (Vec::new(), false);
    let mut take = |item: Item<'_>| match item {
        Item::Frame(frame) => found.push((frame.counter, !std::mem::take(&mut estimated))),
        Item::Message(Message::Estimated) => estimated = true,
        Item::Message(_) => {}
    };
    let mut bytes = Vec::new();
    for (k, stamp) in stamps.into_iter().enumerate() {
        encode(rate_hz, stamp, false, &[k as f64], &mut bytes);
    }
    decoder.push(&bytes, &mut take);
    decoder.finish(&mut take);
    found
}

/// Holes of the places: before which sample, how many, certain.
fn holes(rate_hz: f64, stamps: impl IntoIterator<Item = f64>) -> Vec<(usize, u64, bool)> {
    let found = placed(rate_hz, stamps);
    let mut holes = Vec::new();
    for (k, pair) in found.windows(2).enumerate() {
        let (from, to) = (pair[0].0.expect("a place"), pair[1].0.expect("a place"));
        if to != from + 1 {
            holes.push((k + 1, to - from - 1, pair[1].1));
        }
    }
    holes
}

/// Sample numbers that were sent: all but those of the hole.
fn sent(n: usize, hole: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    (0..n).filter(move |k| !hole.contains(k))
}

/// A fixed sequence that looks random, 0 to 1.
fn noise(k: usize) -> f64 {
    ((k as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / f64::from(1 << 24)
}

#[test]
fn holes_of_regular_stamps_are_certain() {
    for lost in [1, 2, 7, 2000] {
        let stamps = sent(8000, 3000..3000 + lost).map(|k| 100.0 + k as f64 / 1000.0);
        assert_eq!(holes(1000.0, stamps), [(3000, lost as u64, true)]);
    }
}

#[test]
fn a_device_that_is_half_a_percent_off_loses_nothing_by_it() {
    for factor in [0.995, 1.0, 1.005] {
        let stamps = sent(20_000, 9000..11_000).map(|k| k as f64 * factor / 1000.0);
        assert_eq!(holes(1000.0, stamps), [(9000, 2000, true)], "{factor}");
    }
}

#[test]
fn chunks_that_are_stamped_late_are_no_holes() {
    // 32 samples a chunk, each chunk stamped at its push: up to 12 ms late, the others counted back from it.
    let stamp = |k: usize| (k as f64 + 12.0 * noise(k / 32)) / 1000.0;
    assert_eq!(holes(1000.0, (0..20_000).map(stamp)), []);
    let found = holes(1000.0, sent(20_000, 9600..9920).map(stamp));
    let [(at, lost, certain)] = found[..] else { panic!("{found:?}") };
    assert!(!certain && at.abs_diff(9600) <= 12 && lost.abs_diff(320) <= 12, "{found:?}");
}

#[test]
fn bursts_with_one_stamp_are_no_holes() {
    let stamp = |k: usize| ((k / 16 + 1) * 16) as f64 / 1000.0;
    assert_eq!(holes(1000.0, (0..20_000).map(stamp)), []);
    // 480 samples are 30 bursts.
    assert_eq!(holes(1000.0, sent(20_000, 9600..10_080).map(stamp)), [(9600, 480, false)]);
}

#[test]
fn samples_that_are_stamped_as_they_come_wander_without_holes() {
    let stamp = |k: usize| (k as f64 + 3.0 * noise(k)) / 250.0;
    assert_eq!(holes(250.0, (0..5000).map(stamp)), []);
}

#[test]
fn a_hiccup_of_the_computer_is_caught_up_and_is_no_hole() {
    // Regular stamps; 30 samples of one moment wait for the program and are stamped together.
    let stamp = |k: usize| (if (3000..3030).contains(&k) { 3030 } else { k }) as f64 / 1000.0;
    assert_eq!(holes(1000.0, (0..8000).map(stamp)), []);
}

#[test]
fn a_source_that_starts_again_has_a_sample_without_a_place() {
    let stamps =
        (0..2000).map(|k| 5000.0 + f64::from(k) / 1000.0).chain((0..2000).map(|k| f64::from(k) / 1000.0));
    let found = placed(1000.0, stamps);
    let unplaced: Vec<usize> = (0..found.len()).filter(|k| found[*k].0.is_none()).collect();
    assert_eq!((found.len(), unplaced), (4000, vec![2000]));
    assert_eq!((found[1999].0, found[2001].0), (Some(1999), Some(2000)));
}

#[test]
fn without_a_rate_samples_are_counted() {
    let found = placed(0.0, [1.0, 7.0, 7.1]);
    assert_eq!(found.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
}

#[test]
fn any_split_gives_the_same_samples_and_garbage_is_skipped() {
    survives_splits(
        || Decoder::new(None),
        |k, out| encode(100.0, f64::from(k) / 100.0, false, &[f64::from(k), -1.0], out),
    );
    let mut decoder = Decoder::new(Some(100.0));
    let mut bytes = b"garbage".to_vec();
    encode(0.0, 1.0, true, &[2.5], &mut bytes);
    let (mut values, mut texts) = (Vec::new(), 0);
    decoder.push(&bytes, &mut |item| match item {
        Item::Frame(frame) => values.extend_from_slice(frame.values),
        Item::Message(_) => texts += 1,
    });
    assert_eq!((values, texts, decoder.counts().skipped_bytes), (vec![2.5], 1, 7));
}
