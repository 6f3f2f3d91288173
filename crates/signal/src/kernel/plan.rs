//! How a cascade is cut into passes.

use crate::design::Section;

/// Where the samples go after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Scratch,
    /// The caller's band-passed output; scratch where it was not asked for.
    Band,
    End,
}

/// `count` sections from `first` on, in one pass. A count of 0 is a copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) first: usize,
    pub(super) count: usize,
    /// Every section has the same first and last numerator coefficient.
    pub(super) symmetric: bool,
    /// The rectifier comes before these sections.
    pub(super) rectify: bool,
    pub(super) destination: Destination,
}

/// Most sections in a pass: what the registers hold of sections that need four products, and of the rare ones that need five.
const MOST: usize = 5;
const MOST_UNSYMMETRIC: usize = 2;

/// Steps enough for any cascade: one a section, and one on each side of the rectifier.
pub(super) fn capacity(sections: usize) -> usize {
    sections + 2
}

/// Whether one product serves the first and the last numerator coefficient of every section.
fn symmetric(sections: &[Section]) -> bool {
    sections.iter().all(|s| s.b[0] == s.b[2])
}

/// Fills `steps`. The first `front` sections come before the rectifier and the band-passed output; `None` means that there is neither.
pub(super) fn plan(sections: &[Section], front: Option<usize>, steps: &mut Vec<Step>) {
    steps.clear();
    match front {
        None => cut(sections, 0, sections.len(), steps),
        Some(front) => {
            cut(sections, 0, front, steps);
            let back = steps.len();
            steps[back - 1].destination = Destination::Band;
            cut(sections, front, sections.len(), steps);
            steps[back].rectify = true;
        }
    }
    if let Some(last) = steps.last_mut() {
        last.destination = Destination::End;
    }
}

/// Steps for sections `from..to`, as even as possible; one copy step for none.
fn cut(sections: &[Section], from: usize, to: usize, steps: &mut Vec<Step>) {
    let symmetric = symmetric(&sections[from..to]);
    let most = if symmetric { MOST } else { MOST_UNSYMMETRIC };
    let mut first = from;
    loop {
        let left = to - first;
        let count = left.div_ceil(left.div_ceil(most).max(1));
        steps.push(Step { first, count, symmetric, rectify: false, destination: Destination::Scratch });
        first += count;
        if first >= to {
            return;
        }
    }
}
