use super::*;
use crate::device::cyton::Aux;
use crate::device::twin::{AsciiClock, Twin};

/// A session of a driver with a twin, 1 ms a step: values of the frames that arrive, and what the driver took the device for.
fn converse(driver: &mut Driver, twin: &mut Twin, seconds: f64) -> Vec<(Option<u64>, Vec<f64>)> {
    let mut found = Vec::new();
    let (mut index, mut to_host, mut to_device) = (0_u64, Vec::new(), Vec::new());
    let width = twin.facts().channels.len();
    let start = driver.opened_s;
    for step in 0..(seconds * 1000.0) as u64 {
        let now_s = start + step as f64 * 1e-3;
        driver.poll(now_s, &mut to_device);
        twin.receive(&std::mem::take(&mut to_device), index, &mut to_host);
        let rate_hz = twin.rate_hz().unwrap_or(1000.0);
        while (index as f64) < step as f64 * 1e-3 * rate_hz {
            if twin.is_streaming() {
                let values: Vec<f64> = (0..width).map(|k| ((index + k as u64) % 2) as f64).collect();
                twin.frame(index, &values, &mut to_host);
            }
            index += 1;
        }
        driver.push(now_s, &std::mem::take(&mut to_host), &mut |item| {
            if let Item::Frame(frame) = item {
                found.push((frame.counter, frame.values.to_vec()));
            }
        });
    }
    found
}

fn twin(protocol: Protocol, options: &Options) -> Twin {
    match protocol {
        Protocol::Ascii => {
            let clock = AsciiClock { counter: true, time: true };
            Twin::ascii(&["RMG".to_owned(), "RSOL".to_owned()], clock, Default::default())
        }
        _ => Twin::new(protocol, options.clone(), 2),
    }
}

/// Every protocol: the conversation, the channels, and each frame from the first on.
#[test]
fn every_device_is_opened_and_understood() {
    let devices = Protocol::ALL.into_iter().filter(|p| !matches!(p, Protocol::Auto | Protocol::Trigno));
    for protocol in devices {
        let options = Options { aux: Aux::Analog, ..Options::default() };
        let mut twin = twin(protocol, &options);
        let mut driver = Driver::new(protocol, options, 0.0);
        let found = converse(&mut driver, &mut twin, 4.0);
        let facts = driver.facts().unwrap_or_else(|| panic!("{protocol:?}: {}", driver.trouble(0)));
        let labels = |facts: &Facts| facts.channels.iter().map(|c| c.label.clone()).collect::<Vec<_>>();
        if protocol != Protocol::Ascii {
            assert_eq!(labels(facts), labels(twin.facts()), "{protocol:?}");
        }
        assert!(found.len() > 200, "{protocol:?}: {} frames", found.len());
        assert!(found.iter().all(|(_, values)| values.len() == facts.channels.len()), "{protocol:?}");
        let modulus = facts.modulus.unwrap_or(u64::MAX);
        let follows = |a: &Option<u64>, b: &Option<u64>| {
            a.zip(*b).is_none_or(|(a, b)| b % modulus == (a + 1) % modulus)
        };
        assert!(found.windows(2).all(|pair| follows(&pair[0].0, &pair[1].0)), "{protocol:?}");
        // Alternating values: a frame that was cut together from two would not alternate.
        let first: Vec<f64> = found.iter().map(|(_, values)| values[0]).collect();
        assert!(first.windows(2).all(|pair| (pair[0] - pair[1]).abs() == 1.0), "{protocol:?}");
    }
}

#[test]
fn a_daisy_and_a_gain_are_found_and_asked_for() {
    let options = Options { gain: Some(12.0), aux: Aux::Marker, ..Options::default() };
    let mut twin = twin(Protocol::CytonDaisy, &options);
    let mut driver = Driver::new(Protocol::CytonDaisy, options, 0.0);
    converse(&mut driver, &mut twin, 4.0);
    let facts = driver.facts().expect("understood");
    assert_eq!((facts.channels.len(), facts.rate_hz, facts.modulus), (16, Some(125.0), Some(128)));
    assert!((facts.channels[0].scale.gain - 0.044_703_488_91).abs() < 1e-9);
}

#[test]
fn an_unknown_port_is_asked_until_someone_answers() {
    for protocol in [
        Protocol::Ascii,
        Protocol::Surae,
        Protocol::Cyton,
        Protocol::Chords,
        Protocol::Backyard,
        Protocol::Bitalino,
        Protocol::HackEeg,
        Protocol::FreeEeg,
        Protocol::Knight,
    ] {
        let options = Options::default();
        let mut twin = twin(protocol, &options);
        let mut driver = Driver::new(Protocol::Auto, options, 0.0);
        let found = converse(&mut driver, &mut twin, 12.0);
        assert_eq!(driver.protocol(), protocol, "{}", driver.trouble(0));
        assert!(found.len() > 200, "{protocol:?}");
    }
}

#[test]
fn the_wrong_protocol_is_named() {
    let options = Options::default();
    let mut twin = twin(Protocol::Surae, &options);
    let mut driver = Driver::new(Protocol::Cyton, options.clone(), 0.0);
    assert!(converse(&mut driver, &mut twin, 8.0).is_empty());
    let text = driver.trouble(115_200);
    assert!(text.contains("no valid frame") && text.contains("--device surae"), "{text}");
    // Noise: the baud rate is the first suspect.
    let mut driver = Driver::new(Protocol::Surae, options, 0.0);
    let noise: Vec<u8> = (0..4000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    driver.push(1.0, &noise, &mut |_| {});
    let text = driver.trouble(9600);
    assert!(text.contains("is this a surae?") && text.contains("--baud (now 9600)"), "{text}");
    assert!(
        Driver::new(Protocol::Cyton, Options::default(), 0.0)
            .trouble(0)
            .contains("no byte arrives and gives no")
    );
}

#[test]
fn after_a_reset_the_conversation_starts_anew_and_the_channels_stay() {
    let options = Options::default();
    let mut twin = twin(Protocol::Bitalino, &options);
    let mut driver = Driver::new(Protocol::Bitalino, options, 0.0);
    converse(&mut driver, &mut twin, 2.0);
    let before = driver.facts().cloned();
    twin.reset(2000, &mut Vec::new());
    assert!(!twin.is_streaming());
    driver.restart(5.0);
    let found = converse(&mut driver, &mut twin, 3.0);
    assert!(found.len() > 200, "{}", found.len());
    assert_eq!(driver.facts().cloned(), before);
}
