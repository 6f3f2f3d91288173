//! Golden vectors and the one closeness check of the tests.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test binary uses its part; a failed set-up is a failed test"
)]

use std::path::PathBuf;

use serde_json::Value;
use surae_signal::design::{Section, Sos};

/// The five rates of the reference set: the name in the files and the value in Hz.
pub const RATES: [(&str, f64); 5] =
    [("1000", 1000.0), ("1111.11", 1111.11), ("1259.26", 1259.26), ("2000", 2000.0), ("2148.15", 2148.15)];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/dsp").join(name)
}

/// A JSON file of `fixtures/dsp`.
pub fn json(name: &str) -> Value {
    let text = std::fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    serde_json::from_str(&text).unwrap()
}

/// The arrays of one rate.
pub struct Reference {
    values: Vec<f64>,
    places: Value,
}

impl Reference {
    pub fn open(rate: &str) -> Self {
        let bytes = std::fs::read(path(&format!("ref_{rate}.f64"))).unwrap();
        let values = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
        Self { values, places: json("index.json")[rate].clone() }
    }

    pub fn get(&self, name: &str) -> &[f64] {
        let place = &self.places[name];
        let start = place[0].as_u64().unwrap_or_else(|| panic!("no array {name}")) as usize;
        &self.values[start..][..place[1].as_u64().unwrap() as usize]
    }

    pub fn scalar(&self, name: &str) -> f64 {
        self.get(name)[0]
    }
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

pub fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

pub fn sos_of(rows: &[Vec<f64>]) -> Sos {
    let sections: Vec<Section> =
        rows.iter().map(|r| Section { b: [r[0], r[1], r[2]], a: [r[4], r[5]] }).collect();
    Sos::from_sections(&sections).unwrap()
}

/// Every value within `tolerance` times the largest expected magnitude.
pub fn assert_close(what: &str, actual: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}: length");
    let peak = expected.iter().fold(0.0_f64, |peak, x| peak.max(x.abs()));
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        let error = (a - e).abs();
        assert!(
            error <= tolerance * peak,
            "{what}[{i}]: {a} is not {e} (error {:.2e} of the peak)",
            error / peak
        );
    }
}

/// Bit equality, NaN equal to NaN.
pub fn assert_same_bits(what: &str, actual: &[f64], expected: &[f64]) {
    assert_eq!(actual.len(), expected.len(), "{what}: length");
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        let same = a.to_bits() == e.to_bits() || (a.is_nan() && e.is_nan());
        assert!(same, "{what}[{i}]: {a:e} and {e:e} differ in bits");
    }
}

/// Uniform noise in −1..1 from a seed (SplitMix64): cheap, the same everywhere.
pub fn noise(seed: u64, len: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64 * 2.0 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// Standard normal noise from a seed (Box-Muller over [`noise`]).
pub fn gaussian(seed: u64, len: usize) -> Vec<f64> {
    let uniform = noise(seed, 2 * len);
    uniform
        .chunks_exact(2)
        .map(|pair| {
            let radius = (-2.0 * ((pair[0] + 1.0) / 2.0).max(1e-300).ln()).sqrt();
            radius * (std::f64::consts::PI * pair[1]).cos()
        })
        .collect()
}
