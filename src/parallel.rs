//! Pieces of work that do not depend on each other in, their results in the same order out, done by all cores.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

/// Fewer items are done sooner than a thread has started.
const SMALLEST_SHARE: usize = 8;

/// What `work` gives for each item, in the order of the items.
pub fn map<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(threads).max(SMALLEST_SHARE);
    let of = |items: &'a [T]| -> Vec<R> { items.iter().map(&work).collect() };
    if share >= items.len() {
        return of(items);
    }
    thread::scope(|scope| {
        let (first, rest) = items.split_at(share);
        let others: Vec<_> = rest.chunks(share).map(|items| scope.spawn(|| of(items))).collect();
        let mut results = of(first);
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    })
}

/// The same for work of which each piece takes long, and some longer than others: who is done takes the next one.
pub fn map_long<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            done.push((index, work(item)));
        }
        done
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(share)).collect();
        let mut results = share();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for length in [0, 1, SMALLEST_SHARE, 1000] {
            let items: Vec<usize> = (0..length).collect();
            let expect: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(map(&items, |item| item * 2), expect);
            assert_eq!(map_long(&items, |item| item * 2), expect);
        }
    }

    #[test]
    fn a_panic_is_not_lost() {
        let items = [1; 1000];
        assert!(std::panic::catch_unwind(|| map(&items, |_| panic!("on purpose"))).is_err());
    }
}
