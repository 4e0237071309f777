//! The command `helm-ha`: hands the arguments and the real machine in, and the exit code out.

fn main() {}
