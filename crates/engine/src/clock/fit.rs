//! A straight line under (stream time, host time).
//!
//! Bytes are read late, never early: the line lies under all points and touches the earliest ones, so a burst that waited in a buffer
//! bends nothing. Its slope is that of the edge of the lower convex hull above the middle of the span (Moon, Skelly and Towsley,
//! INFOCOM 1999: of all lines under the points it has the least mean distance to them).

use std::collections::VecDeque;

/// Span before a slope is used, and before it is told to people, s.
const USE_AFTER_S: f64 = 3.0;
const TRUST_AFTER_S: f64 = 10.0;

/// Seconds of stream time that share one point, and points that are remembered: two minutes.
const BUCKET_S: f64 = 0.25;
const MEMORY: usize = 480;

/// Slopes beyond these are no rate error of a device.
const SLOPES: std::ops::Range<f64> = 0.5..2.0;

#[derive(Clone, Debug, Default)]
pub(super) struct Fit {
    /// The earliest point of each bucket of stream time.
    points: VecDeque<(f64, f64)>,
    slope: Option<f64>,
    offset: f64,
    span: f64,
    /// Scratch for the hull.
    hull: Vec<(f64, f64)>,
}

impl Fit {
    pub(super) fn add(&mut self, x: f64, y: f64) {
        let slope = self.slope();
        let late = |point: (f64, f64)| point.1 - slope * point.0;
        match self.points.back_mut() {
            Some(last) if (last.0 / BUCKET_S).floor() == (x / BUCKET_S).floor() => {
                if late((x, y)) < late(*last) {
                    *last = (x, y);
                }
            }
            _ => {
                if self.points.len() == MEMORY {
                    self.points.pop_front();
                }
                self.refit();
                self.points.push_back((x, y));
                self.offset = f64::INFINITY;
            }
        }
        let slope = self.slope();
        self.offset = if self.offset.is_finite() {
            self.offset.min(y - slope * x)
        } else {
            self.points.iter().map(|(x, y)| y - slope * x).fold(f64::INFINITY, f64::min)
        };
    }

    fn refit(&mut self) {
        let (Some(first), Some(last)) = (self.points.front(), self.points.back()) else { return };
        self.span = last.0 - first.0;
        if self.span < USE_AFTER_S {
            return;
        }
        let middle = self.points.iter().map(|point| point.0).sum::<f64>() / self.points.len() as f64;
        self.hull.clear();
        for &point in &self.points {
            while let [.., a, b] = self.hull[..] {
                // Keep b only where the hull turns upwards at it.
                if (b.0 - a.0) * (point.1 - a.1) > (b.1 - a.1) * (point.0 - a.0) {
                    break;
                }
                self.hull.pop();
            }
            self.hull.push(point);
        }
        let edge = self.hull.windows(2).find(|edge| edge[1].0 >= middle);
        let slope = edge.map(|edge| (edge[1].1 - edge[0].1) / (edge[1].0 - edge[0].0));
        self.slope = slope.filter(|slope| SLOPES.contains(slope)).or(self.slope);
    }

    /// Host seconds for each second of stream time; 1 until there is enough.
    pub(super) fn slope(&self) -> f64 {
        self.slope.unwrap_or(1.0)
    }

    pub(super) fn trusted_slope(&self) -> Option<f64> {
        self.slope.filter(|_| self.span >= TRUST_AFTER_S)
    }

    pub(super) fn at(&self, x: f64) -> f64 {
        let offset = if self.points.is_empty() { 0.0 } else { self.offset };
        offset + self.slope() * x
    }
}
