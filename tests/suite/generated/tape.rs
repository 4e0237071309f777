//! Numbers in, choices out: what a generator decides, so that fewer and smaller numbers give a simpler cluster.

/// Numbers that are used up one after another; behind the end they are 0, the simplest choice.
pub struct Tape<'t> {
    left: std::slice::Iter<'t, u16>,
}

impl<'t> Tape<'t> {
    pub fn new(numbers: &'t [u16]) -> Self {
        Self { left: numbers.iter() }
    }

    /// One of `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(*self.left.next().unwrap_or(&0)) % count
    }

    /// Whether something happens that does so in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    pub fn one<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// At least one of them, each at most once.
    pub fn some<T: Clone>(&mut self, choices: &[T]) -> Vec<T> {
        let count = 1 + self.below(choices.len());
        let start = self.below(choices.len());
        choices.iter().cycle().skip(start).take(count).cloned().collect()
    }
}
