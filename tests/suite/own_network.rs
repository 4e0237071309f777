//! A network of a test's own: a server that listens everywhere in it is seen by nobody outside.

use std::env;
use std::process::Command;

use crate::oracle::system;

/// Set in the copy of the test that runs in its own network.
const INSIDE: &str = "HELM_HA_OWN_NETWORK";

/// Whether the calling test runs in a network of its own. Where it does not, it is run again in one, and has passed there
/// when this returns; without the programs for it, it is left out.
pub fn is_entered() -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let (Some(setpriv), Some(unshare), Some(_)) = (system("setpriv"), system("unshare"), system("ip")) else {
        return false;
    };
    let thread = std::thread::current();
    let name = thread.name().expect("a test's thread has its name").to_owned();
    // Root needs no namespace of users, which some machines do not give to others.
    let script = "own() { unshare \"$@\"; }; own --net true 2>/dev/null || own() { unshare --map-root-user \"$@\"; }
                  own --net -- sh -ec '
                    ip link set lo up
                    # An API server wants an address with a default route, even if nobody is behind it.
                    ip link add wan type veth peer name nobody
                    ip address add 192.0.2.1/24 dev wan
                    ip link set wan up
                    ip link set nobody up
                    ip route add default via 192.0.2.2
                    exec \"$@\"' sh \"$@\"";
    let status = Command::new(setpriv.path())
        .args(["--pdeathsig", "KILL", "--", "sh", "-c", script, unshare.name])
        .arg(env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{name} in a network of its own: {status}");
    false
}
