use super::*;

fn ns(s: f64) -> HostNs {
    HostNs((s * 1e9) as i64)
}

/// A device and the reads of its bytes: what is lost, how late bytes are, how often they are read.
struct World {
    nominal_hz: f64,
    true_hz: f64,
    modulus: Option<u64>,
    burst_s: f64,
    /// Mean of an exponential delay of each read, s.
    late_s: f64,
    hole_s: (f64, f64),
    until_s: f64,
}

/// Deviates of a fixed seed, exponential with mean 1.
struct Deviates(u64);

impl Deviates {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        -(1.0 - (self.0 >> 11) as f64 / (1_u64 << 53) as f64).ln()
    }
}

struct Outcome {
    /// Wrong indices, and the largest error of the time of a sample in the 8 s after the hole, in sample periods.
    wrong: u64,
    worst_samples: f64,
    rate_ppm_off: f64,
    gaps: Vec<(u64, bool)>,
}

fn run(world: &World) -> Outcome {
    let mut clock = ClockEstimator::with_counter(world.nominal_hz, world.modulus);
    let mut deviates = Deviates(0x9e37_79b9_7f4a_7c15);
    let (mut sent, mut wrong, mut worst, mut gaps) = (0_u64, 0, 0.0_f64, Vec::new());
    let mut held: Vec<(HostNs, Vec<u64>)> = Vec::new();
    let mut last_read_s = 0.0;
    let reads = (world.until_s / world.burst_s) as u64;
    for read in 1..reads {
        let burst_s = read as f64 * world.burst_s;
        let read_s = (burst_s + world.late_s * deviates.next()).max(last_read_s);
        last_read_s = read_s;
        // Sample n is taken at n / true_hz.
        let until = (burst_s * world.true_hz) as u64 + 1;
        let alive = |n: &u64| {
            let at_s = *n as f64 / world.true_hz;
            !(world.hole_s.0..world.hole_s.1).contains(&at_s)
        };
        let indices: Vec<u64> = (sent..until).filter(alive).collect();
        sent = until;
        if indices.is_empty() {
            continue;
        }
        // As a session does: frames after a silence wait for the reads that follow, up to the next silence.
        let since = held.last().map(|(host, _)| *host);
        let silence = clock.is_unsure(since, ns(read_s), &vec![counter(0); indices.len()]);
        let now = (ns(read_s), indices);
        let ready: Vec<Vec<(HostNs, Vec<u64>)>> = if silence {
            vec![std::mem::replace(&mut held, vec![now])]
        } else if held.is_empty() {
            vec![vec![now]]
        } else {
            held.push(now);
            let waited = held[held.len() - 1].0.0 - held[0].0.0;
            if waited >= 250_000_000 { vec![std::mem::take(&mut held)] } else { Vec::new() }
        };
        for group in ready.into_iter().filter(|group| !group.is_empty()) {
            let reads: Vec<(HostNs, usize)> = group.iter().map(|(host, n)| (*host, n.len())).collect();
            let all: Vec<u64> = group.into_iter().flat_map(|(_, n)| n).collect();
            let frames: Vec<FrameClock> = all
                .iter()
                .map(|n| FrameClock {
                    counter: Some(n % world.modulus.unwrap_or(u64::MAX)),
                    ..FrameClock::default()
                })
                .collect();
            let places = clock.place_reads(&reads, &frames);
            assert!(!places.restarted, "no restart at {read_s} s");
            for (n, placed) in all.iter().zip(&places.frames) {
                let Some(placed) = placed else {
                    wrong += 1;
                    continue;
                };
                wrong += u64::from(placed.index != *n);
                if placed.lost > 0 {
                    gaps.push((placed.lost, placed.certain));
                }
                let at_s = *n as f64 / world.true_hz;
                if at_s >= world.hole_s.1 && at_s < world.hole_s.1 + 8.0 {
                    let error_s = clock.host_s(placed.index as f64) - at_s;
                    worst = worst.max((error_s * world.true_hz).abs());
                }
            }
        }
    }
    let rate_hz = clock.measured_rate_hz().unwrap_or(f64::NAN);
    Outcome { wrong, worst_samples: worst, rate_ppm_off: (rate_hz / world.true_hz - 1.0).abs() * 1e6, gaps }
}

/// 2 s hole after 60 s; bursts of about 16 ms; delays of 0.2 ms on average: each width of counter, each error of the device's rate.
///
/// Bursts of 16.3 ms: were they locked to a device's samples, their beat with a crystal 200 ppm off would last longer than the minute.
#[test]
fn after_a_two_second_hole_time_is_right_to_one_sample() {
    let devices = [
        ("Cyton", 250.0, Some(256)),
        ("Daisy", 125.0, Some(128)),
        ("Chords", 500.0, Some(256)),
        ("reference frame", 2000.0, Some(1 << 16)),
        ("text", 1000.0, None),
    ];
    println!("device           rate error      wrong indices  worst time error (samples)  rate off (ppm)");
    for (name, nominal_hz, modulus) in devices {
        for error in [-0.005, -200e-6, 0.0, 200e-6, 0.005] {
            let world = World {
                nominal_hz,
                true_hz: nominal_hz * (1.0 + error),
                modulus,
                burst_s: 0.0163,
                late_s: 0.0002,
                hole_s: (60.0, 62.0),
                until_s: 75.0,
            };
            let outcome = run(&world);
            println!(
                "{name:16} {:+8.0} ppm  {:13}  {:26.3}  {:14.2}",
                error * 1e6,
                outcome.wrong,
                outcome.worst_samples,
                outcome.rate_ppm_off
            );
            assert_eq!(outcome.wrong, 0, "{name} {error}");
            assert!(
                outcome.gaps.iter().all(|(_, certain)| *certain) && outcome.gaps.len() == 1,
                "{name} {error}"
            );
            assert!(outcome.worst_samples <= 1.0, "{name} {error}: {}", outcome.worst_samples);
            assert!(outcome.rate_ppm_off < 20.0, "{name} {error}: {}", outcome.rate_ppm_off);
        }
    }
}

/// A hole in the first seconds, before a rate could be measured, with delays of 2 ms.
#[test]
fn an_early_hole_and_late_reads_cost_no_index() {
    for (nominal_hz, modulus) in [(250.0, 256), (500.0, 256), (125.0, 128)] {
        for error in [-0.005, 0.005] {
            for hole_s in [(2.0, 4.0), (5.0, 5.3), (7.0, 12.0)] {
                let true_hz = nominal_hz * (1.0 + error);
                let world = World {
                    nominal_hz,
                    true_hz,
                    modulus: Some(modulus),
                    burst_s: 0.016,
                    late_s: 0.002,
                    hole_s,
                    until_s: 20.0,
                };
                let outcome = run(&world);
                assert_eq!(outcome.wrong, 0, "{nominal_hz} Hz, {error}, {hole_s:?}: {:?}", outcome.gaps);
            }
        }
    }
}

/// BITalino: 16 samples a turn. With bursts of 5 ms lengths are right; with any they are told as estimates.
#[test]
fn gaps_of_a_four_bit_counter_are_told_as_estimates() {
    for length_s in [0.001, 0.010, 0.016, 0.030, 0.1, 0.4] {
        for burst_s in [0.005, 0.015] {
            let world = World {
                nominal_hz: 1000.0,
                true_hz: 1000.0,
                modulus: Some(16),
                burst_s,
                late_s: 0.0002,
                hole_s: (20.0, 20.0 + length_s),
                until_s: 30.0,
            };
            let outcome = run(&world);
            assert!(outcome.gaps.iter().all(|(_, certain)| !certain), "{length_s} {burst_s}");
            let lost: u64 = outcome.gaps.iter().map(|(lost, _)| lost).sum();
            let off = (lost as f64 - length_s * 1000.0).abs();
            let allowed = if burst_s <= 0.005 { 1.0 } else { 33.0 };
            assert!(off <= allowed, "{length_s} s in bursts of {burst_s} s: {:?}", outcome.gaps);
        }
    }
    // No hole, 15 ms bursts, two minutes: the obvious unwrapping invents 120 000 samples here.
    let world = World {
        nominal_hz: 1000.0,
        true_hz: 1000.2,
        modulus: Some(16),
        burst_s: 0.015,
        late_s: 0.0005,
        hole_s: (0.0, 0.0),
        until_s: 120.0,
    };
    let outcome = run(&world);
    assert_eq!((outcome.wrong, outcome.gaps), (0, Vec::new()));
}

/// One read with one frame each.
fn one(clock: &mut ClockEstimator, host_s: f64, frame: FrameClock) -> Places {
    clock.place(ns(host_s), &[frame])
}

fn counter(counter: u64) -> FrameClock {
    FrameClock { counter: Some(counter), ..FrameClock::default() }
}

#[test]
fn device_time_alone_finds_the_gap_to_the_sample() {
    let mut clock = ClockEstimator::new(2000.0);
    // A crystal 0.5 % fast, micros() with 4 us resolution, 300 ms hole.
    let period_us = 500.0 / 1.005;
    let mut lost = 0;
    for n in (0..4000_u64).chain(4603..8000) {
        let us = (n as f64 * period_us / 4.0) as u64 * 4;
        let frame = FrameClock { device_us: Some(us), ..FrameClock::default() };
        let placed = one(&mut clock, n as f64 * period_us * 1e-6, frame).frames[0].expect("no repeats");
        lost += placed.lost;
        assert_eq!(placed.index, n);
    }
    assert_eq!(lost, 603);
}

fn timed(us: u64) -> FrameClock {
    FrameClock { device_us: Some(us), ..FrameClock::default() }
}

/// A sketch at 1 kHz that stalls for 50 ms in each second and then makes up for its samples at 5 kHz, stamped when they are taken.
#[test]
fn a_sketch_that_catches_up_stays_at_its_own_time() {
    let mut clock = ClockEstimator::new(1000.0);
    let (mut index, mut lost) = (0, 0);
    for second in 0..60_u64 {
        for k in 0..1000_u64 {
            let us = if k < 50 { 50_000 + k * 200 } else { (k * 1000).max(50_000 + k * 200) };
            let host_s = (second * 1_000_000 + us) as f64 * 1e-6;
            let placed =
                one(&mut clock, host_s, timed(second * 1_000_000 + us)).frames[0].expect("no repeats");
            (index, lost) = (placed.index, lost + placed.lost);
        }
        let off = index as i64 - (second as i64 * 1000 + 999);
        assert!(off.abs() <= 55, "{off} samples off after {second} s");
    }
    // Once, not at each of sixty stalls.
    assert!(lost < 120, "{lost} samples lost, they say");
}

#[test]
fn lines_that_are_written_late_are_no_losses() {
    let mut clock = ClockEstimator::new(1000.0);
    let mut lost = 0;
    for n in 0..20_000_u64 {
        let late_us = if n % 2 == 1 { 600 } else { 0 };
        let places = one(&mut clock, n as f64 * 1e-3, timed(n * 1000 + late_us));
        lost += places.frames[0].expect("no repeats").lost;
    }
    assert!(lost <= 1, "{lost} samples lost, they say");
    // And a hole is still a hole.
    let places = one(&mut clock, 20.5, timed(20_500_000));
    assert!((499..=501).contains(&places.frames[0].expect("there").lost), "{places:?}");
}

/// A stream over TCP whose network hung for half a second: everything arrives, in reads of 32 samples.
#[test]
fn what_a_stalled_network_delivers_later_was_not_lost() {
    let mut clock = ClockEstimator::new(1000.0);
    let some = |n| vec![FrameClock::default(); n];
    for k in 1..500_u32 {
        clock.place(ns(f64::from(k) * 0.01), &some(10));
    }
    assert!(!clock.is_unsure(None, ns(5.0), &some(10)), "no silence");
    assert!(clock.is_unsure(None, ns(5.49), &some(32)));
    assert!(!clock.is_unsure(None, ns(5.49), &[counter(1)]), "a counter knows");
    let reads: Vec<(HostNs, usize)> = (0..16).map(|k| (ns(5.49 + f64::from(k) * 5e-4), 32)).collect();
    let places = clock.place_reads(&reads, &some(512));
    assert_eq!(places.frames.iter().flatten().map(|placed| placed.lost).sum::<u64>(), 0);
}

#[test]
fn counters_wrap_and_repeat() {
    for modulus in [None, Some(256)] {
        let mut clock = ClockEstimator::with_counter(250.0, modulus);
        let counters = [253_u64, 254, 255, 0, 1, 1, 4];
        let at_s = [0.0, 0.004, 0.008, 0.012, 0.016, 0.017, 0.028];
        let placed: Vec<_> = counters
            .iter()
            .zip(at_s)
            .filter_map(|(&c, at_s)| one(&mut clock, at_s, counter(c)).frames[0])
            .map(|p| (p.index, p.lost))
            .collect();
        assert_eq!(placed, [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (7, 2)], "{modulus:?}");
    }
}

/// A board that starts again in the middle of a stream, at once or after a second of boot loader.
#[test]
fn a_restart_is_told_and_its_gap_is_an_estimate() {
    for silence_s in [0.0, 1.0] {
        let mut clock = ClockEstimator::with_counter(250.0, Some(256));
        for n in 0..1100_u64 {
            one(&mut clock, n as f64 * 0.004, counter(n % 256));
        }
        let mut restarts = 0;
        let mut lost = 0;
        for n in 0..500_u64 {
            let places = one(&mut clock, 4.4 + silence_s + n as f64 * 0.004, counter(n % 256));
            restarts += u32::from(places.restarted);
            let placed = places.frames[0].expect("a frame");
            lost += placed.lost;
            assert!(placed.lost == 0 || !placed.certain);
        }
        assert_eq!(restarts, 1, "silence {silence_s}");
        assert!((lost as f64 - silence_s * 250.0).abs() <= 2.0, "{lost} for {silence_s} s");
    }
}

/// A board with a 16-bit counter and a clock: only the counter starts again, both do, or the clock was so far on (2^31 us and more) that
/// its fall looks like a turn.
#[test]
fn a_restart_of_a_counter_with_a_clock_is_not_a_gap_of_a_minute() {
    for (clock_runs_on, before_us) in [(true, 0), (false, 0), (false, 3_000_000_000_u64)] {
        let mut clock = ClockEstimator::with_counter(1000.0, Some(1 << 16));
        let mut feed = |n: u64, counter: u64, device_us: u64, reset: bool| {
            let frame = FrameClock {
                counter: Some(counter),
                device_us: Some(device_us),
                reset,
                ..FrameClock::default()
            };
            one(&mut clock, n as f64 * 1e-3, frame)
        };
        for n in 0..4000_u64 {
            feed(n, n, before_us + n * 1000, false);
        }
        let (mut restarts, mut lost) = (0, 0);
        for n in 4000..8000_u64 {
            let since = (n - 4000) * 1000;
            let (us, reset) = match (clock_runs_on, before_us) {
                (true, _) => (n * 1000, false),
                (false, 0) => (since, n == 4000),
                // What unwrapping 32 bits makes of a fall from over half of them.
                (false, _) => ((1 << 32) + since, false),
            };
            let places = feed(n, n - 4000, us, reset);
            restarts += u32::from(places.restarted);
            lost += places.frames.iter().flatten().map(|placed| placed.lost).sum::<u64>();
        }
        assert_eq!((restarts, lost), (1, 0), "{clock_runs_on} {before_us}");
    }
}

/// What came while the port was probed is placed in one read: every third frame of it missing is loss, not a restart.
#[test]
fn a_first_read_with_many_holes_is_no_restart() {
    for modulus in [None, Some(256), Some(1 << 16)] {
        let mut clock = ClockEstimator::with_counter(250.0, modulus);
        let frames: Vec<FrameClock> = (0..250_u64).filter(|n| n % 3 != 1).map(|n| counter(n % 256)).collect();
        let places = clock.place(ns(1.0), &frames);
        let lost: u64 = places.frames.iter().flatten().map(|placed| placed.lost).sum();
        assert_eq!((lost, places.restarted), (83, false), "{modulus:?}");
    }
}

/// The host did not listen for 5 s: what its buffer still held comes first, then the gap in one read with what follows.
#[test]
fn a_gap_that_comes_right_after_old_bytes_is_no_restart() {
    let mut clock = ClockEstimator::with_counter(1000.0, Some(1 << 16));
    let frame = |n: u64| FrameClock {
        counter: Some(n % (1 << 16)),
        device_us: Some(n * 1000),
        ..FrameClock::default()
    };
    for n in 0..4000_u64 {
        one(&mut clock, n as f64 * 1e-3, frame(n));
    }
    let old: Vec<FrameClock> = (4000..4100).map(frame).collect();
    assert_eq!(clock.place(ns(9.0), &old).frames.iter().flatten().map(|p| p.lost).sum::<u64>(), 0);
    let places = one(&mut clock, 9.001, frame(9001));
    assert_eq!(places.frames[0].map(|p| (p.index, p.lost, p.certain)), Some((9001, 4901, true)));
    assert!(!places.restarted);
}

#[test]
fn a_damaged_number_of_a_text_counter_is_no_gap() {
    let mut clock = ClockEstimator::new(1000.0);
    let mut lost = 0;
    for n in 0..1000_u64 {
        let sent = if n == 500 { 900_500 } else { n };
        let places = one(&mut clock, n as f64 * 0.001, counter(sent));
        lost += places.frames.iter().flatten().map(|placed| placed.lost).sum::<u64>();
    }
    assert_eq!(lost, 0);
}

#[test]
fn a_late_burst_is_not_a_gap_and_silence_is_an_uncertain_one() {
    let mut clock = ClockEstimator::new(1000.0);
    let mut feed = |host_s: f64, frames: usize| {
        clock.place(ns(host_s), &vec![FrameClock::default(); frames]).frames.into_iter().flatten().next()
    };
    assert_eq!(feed(0.01, 10).map(|p| p.lost), Some(0));
    assert_eq!(feed(0.31, 300).map(|p| p.lost), Some(0), "late, all there");
    let gap = feed(0.81, 10).expect("frames");
    assert_eq!((gap.lost, gap.certain), (490, false));
}

#[test]
fn a_hole_that_the_decoder_estimates_is_told_as_such() {
    let mut clock = ClockEstimator::new(1000.0);
    clock.place(HostNs(0), &[counter(0), counter(1)]);
    let estimated = FrameClock { estimated: true, ..counter(42) };
    let places = clock.place(HostNs(43_000_000), &[estimated, counter(43)]);
    let placed = |index, lost, certain| Some(Placed { index, lost, certain });
    assert_eq!(places.frames, [placed(42, 40, false), placed(43, 0, true)]);
}
