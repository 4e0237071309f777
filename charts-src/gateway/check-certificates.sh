#!/bin/sh
# usage: check-certificates.sh FOLDER METRICS CERTIFICATE...
# Nginx starts and serves its other hosts whatever FOLDER/CERTIFICATE/tls.{crt,key} are. This says what is wrong with them:
# a line in the log when it changes, and always the file METRICS in the text format of Prometheus.
folder=$1 metrics=$2
shift 2
trap 'exit 0' TERM INT

state_of() { # what is wrong, or the time of expiry in seconds since 1970
  crt=$folder/$1/tls.crt key=$folder/$1/tls.key
  [ -s "$crt" ] && [ -s "$key" ] || { echo "not there"; return; }
  end=$(openssl x509 -in "$crt" -noout -enddate -dateopt iso_8601 2>/dev/null) || { echo "no certificate in tls.crt"; return; }
  end=${end#*=} # 2027-02-26 14:00:36Z
  of_key=$(openssl pkey -in "$key" -pubout 2>/dev/null) || { echo "no key in tls.key"; return; }
  [ "$of_key" = "$(openssl x509 -in "$crt" -noout -pubkey)" ] || { echo "tls.key is of another certificate"; return; }
  openssl x509 -in "$crt" -noout -checkend 0 >/dev/null || { echo "expired: $end"; return; }
  date -u -d "${end%Z}" +%s # GNU's and busybox' date read this form alone
}

last=
while :; do
  now=
  {
    echo "# HELP helm_ha_certificate_usable Whether the gateway can serve the hosts of a certificate."
    echo "# TYPE helm_ha_certificate_usable gauge"
    echo "# HELP helm_ha_certificate_expires_seconds When a usable certificate expires, in seconds since 1970."
    echo "# TYPE helm_ha_certificate_expires_seconds gauge"
    for name in "$@"; do
      state=$(state_of "$name")
      case $state in
      *[!0-9]* | "")
        usable=0
        now="$now$name: $state
"
        ;;
      *)
        usable=1
        echo "helm_ha_certificate_expires_seconds{certificate=\"$name\"} $state"
        ;;
      esac
      echo "helm_ha_certificate_usable{certificate=\"$name\"} $usable"
    done
  } >"$metrics.new"
  mv "$metrics.new" "$metrics"
  if [ "$now" != "$last" ]; then
    if [ "$now" ]; then printf 'certificate %s' "$now"; else echo "every certificate is usable"; fi
    last=$now
  fi
  sleep "${INTERVAL:-60}" &
  wait $!
done
