#!/bin/bash
# Lints, generates, verifies, signs and publishes a chart; the same commit gives the same bytes on every machine.
# usage: publish.sh VALUES REPOSITORY        with a tag of git on the commit, such as v1.2.3
#   REPOSITORY        the folder that a web server serves: an index.yaml and archives
#   SIGNING_KEY       the file with the secret key (gpg --export-secret-keys NAME), PASSPHRASE_FILE its passphrase
#   PUBLIC_KEY        the file with the public key (gpg --export NAME), with which everybody verifies
#   BASE_URL          where the folder is served; without it the index names archives relative to itself
set -euo pipefail
values=$1 repository=$2
version=$(git describe --tags --exact-match)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

helm ha lint "$values" --deny warnings
# The lock is committed: a change that it does not hold is an error here.
helm ha generate "$values" --frozen --version "$version" -d "$work"
archive=$(echo "$work"/*.tgz)
helm ha verify "$archive" "$values" --version "$version"
helm ha publish "$archive" "$repository" --sign --keyring "$SIGNING_KEY" \
  ${PASSPHRASE_FILE:+--passphrase-file "$PASSPHRASE_FILE"} ${BASE_URL:+--url "$BASE_URL"}
helm ha verify "$repository/$(basename "$archive")" --keyring "$PUBLIC_KEY"
helm ha index "$repository" ${BASE_URL:+--url "$BASE_URL"} --check
