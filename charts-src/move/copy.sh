set -u
# What was interrupted goes on: files that are complete are skipped, the one that is not is completed in place.
copy() {
  rsync --archive --hard-links --acls --xattrs --filter='-x security.selinux' --sparse --numeric-ids \
    --inplace --no-whole-file --delete --exclude=/lost+found "$@" "$from/" "$to/"
}
copy --stats || {
  status=$?
  [ "$status" != 11 ] || echo 'STOPPED: the target cannot be written; `No space left on device` means that it is full'
  exit "$status"
}
difference=$(copy --dry-run --checksum --itemize-changes) || exit
[ -z "$difference" ] || { printf 'STOPPED: these differ after the copy, does anything still write?\n%s\n' "$difference"; exit 3; }
echo 'DONE: both are equal, byte for byte'
