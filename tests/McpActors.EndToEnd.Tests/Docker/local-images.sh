#!/usr/bin/env bash
# Makes stand-ins for the base images of docker-compose.cluster.yml from what is installed on this Debian machine, where no registry can be reached:
# the files of the named packages and the libraries that they load, imported as one layer each. Needs docker, the .NET SDK, and the packages below.
# usage: local-images.sh NAME…   names: sdk runtime postgres haproxy prometheus; the images are mcpactors-local/NAME
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
dotnet=$(dotnet --list-sdks | tail -1 | sed -E 's/.*\[(.*)\/sdk\]/\1/')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

base=(base-files dash coreutils libc-bin libc6 libgcc-s1 libstdc++6 libssl3 zlib1g ca-certificates tzdata util-linux)

# The paths of packages, as they are on a system with merged /usr; documentation is of no use in an image.
files_of() {
  dpkg-query -L "$@" | grep -vE '^/usr/share/(doc|man|locale|lintian|info|bug)/|^package diverts|^/\.$' |
    sed -E 's#^/(s?bin|lib|lib64)(/|$)#/usr/\1\2#' | sort -u | while IFS= read -r path; do
      if [ -L "$path" ] || [ -e "$path" ]; then printf '%s\n' "$path"; fi
    done
}

# The libraries that programs load at their start, with the links to them.
libraries_of() {
  { xargs -r -d '\n' -n 50 ldd 2>/dev/null || true; } | grep -oE '/[^ :]+\.so[^ :]*' | sort -u | while IFS= read -r library; do
    printf '%s\n%s\n' "$library" "$(readlink -f "$library")"
  done | sed -E 's#^/(lib|lib64)/#/usr/\1/#' | sort -u
}

# image NAME FOLDER [CHANGE…] < list of paths: FOLDER is laid over them.
image() {
  local name=$1 over=$2 changes=() change
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  mkdir -p "$over/etc" "$over/tmp" "$over/root" "$over/proc" "$over/sys" "$over/dev" "$over/run"
  chmod 1777 "$over/tmp"
  ln -sfn usr/bin "$over/bin"; ln -sfn usr/sbin "$over/sbin"; ln -sfn usr/lib "$over/lib"; ln -sfn usr/lib64 "$over/lib64"
  printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534::/nonexistent:/bin/false postgres:x:999:999::/var/lib/postgresql:/bin/sh >"$over/etc/passwd"
  printf '%s\n' root:x:0: nogroup:x:65534: postgres:x:999: >"$over/etc/group"
  printf '%s\n' 'hosts: files dns' >"$over/etc/nsswitch.conf"
  sort -u >"$work/list"
  # What is laid over stays: it was there first.
  tar -C / --no-recursion -cf - -T "$work/list" 2>"$work/log" | tar -C "$over" --skip-old-files -xf -
  tar -C "$over" --owner=0 --group=0 -cf - . | docker import "${changes[@]}" - "mcpactors-local/$name" >/dev/null
  rm -rf "$over"
  echo "mcpactors-local/$name $(docker image inspect -f '{{.Size}}' "mcpactors-local/$name" | awk '{ printf "%d MB", $1 / 1000000 }')"
}

# from PACKAGE…: their files and the libraries these load.
from() {
  files_of "$@" >"$work/files"
  cat "$work/files"
  grep -E '/(s?bin|lib)/' "$work/files" | while IFS= read -r path; do if [ -f "$path" ] && [ -x "$path" ]; then printf '%s\n' "$path"; fi; done | libraries_of
  return 0
}

path='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
for name in "$@"; do
  over=$work/over-$name
  mkdir -p "$over"
  case $name in
    sdk)
      # With the packages of the gateway, so that its restore only asks the feed which versions there are, and trusting whom this machine trusts.
      mkdir -p "$over/packages"
      packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
      grep -hoE '^ +"path": "[^"]+/[^"]+"' "$root"/src/*/obj/project.assets.json | cut -d'"' -f4 | sort -u | while IFS= read -r package; do
        if [ -d "$packages/$package" ]; then
          mkdir -p "$over/packages/$(dirname "$package")"
          cp -r "$packages/$package" "$over/packages/$package"
        fi
      done
      { from "${base[@]}" bash sed grep; find "$dotnet" ! -path "$dotnet/templates*"; find /etc/ssl/certs /usr/local/share/ca-certificates 2>/dev/null; } |
        image sdk "$over" "$path:$dotnet" "ENV DOTNET_ROOT=$dotnet" 'ENV NUGET_PACKAGES=/packages' 'ENV DOTNET_NOLOGO=1' 'ENV DOTNET_CLI_TELEMETRY_OPTOUT=1' 'ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1'
      ;;
    runtime)
      { from "${base[@]}"; find "$dotnet/host" "$dotnet/shared"; echo "$dotnet/dotnet"; } |
        image runtime "$over" "$path:$dotnet" "ENV DOTNET_ROOT=$dotnet" 'ENV APP_UID=1654'
      ;;
    postgres)
      programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -1)
      install -D -m 755 "$here/postgres-entrypoint.sh" "$over/usr/local/bin/postgres-entrypoint.sh"
      mkdir -p "$over/var/lib/postgresql/data" "$over/var/run/postgresql"
      chmod 1777 "$over/var/lib/postgresql/data" "$over/var/run/postgresql"
      { from "${base[@]}" grep sed "postgresql-$(basename "$(dirname "$programs")")" "postgresql-client-$(basename "$(dirname "$programs")")" ; } |
        image postgres "$over" "$path:$programs" 'ENV PGDATA=/var/lib/postgresql/data/pgdata' 'USER 999' 'ENTRYPOINT ["postgres-entrypoint.sh"]' 'CMD ["postgres"]'
      ;;
    haproxy)
      from "${base[@]}" haproxy | image haproxy "$over" "$path" 'USER 65534'
      ;;
    prometheus)
      mkdir -p "$over/prometheus"
      chmod 1777 "$over/prometheus"
      from "${base[@]}" prometheus | image prometheus "$over" "$path" 'USER 65534' 'WORKDIR /prometheus' 'ENTRYPOINT ["prometheus"]'
      ;;
    *)
      echo "no image '$name'" >&2
      exit 2
      ;;
  esac
done
