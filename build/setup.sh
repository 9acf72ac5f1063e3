# Shared by ./serve and ./test: says what it does, does only what is missing. Sourced, not run.
# Expects $root, the repository's folder.

say() { printf 'serve: %s\n' "$*" >&2; }

stop() {
    say "$@"
    exit 1
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export SERVE_HOME="$root"
accelerator=${SERVE_ACCELERATOR:-cpu}

need_sdk() {
    command -v dotnet >/dev/null || stop ".NET 10 SDK not found. Install the package dotnet-sdk-10.0 (or use the installer of dot.net) and run this again."
    case "$(cd "$root" && dotnet --version 2>/dev/null)" in
        10.*) ;;
        *) stop ".NET SDK 10 is needed; found: $(dotnet --list-sdks | tr '\n' ' ')" ;;
    esac
}

# libtorch (training only) is built against a newer C++ runtime than Debian 12 ships.
has_cxx_runtime() {
    local library
    library=$(ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')
    [ -n "$library" ] && grep -qa 'GLIBCXX_3\.4\.32' "$library"
}

need_cxx_runtime() {
    has_cxx_runtime && return
    local as_root="" id="" version="" mirror keyring
    [ "$(id -u)" = 0 ] || as_root=sudo
    [ -z "$as_root" ] || command -v sudo >/dev/null || stop "training needs a libstdc++6 with GLIBCXX_3.4.32; run ./test once as root to install it."
    id=$(. /etc/os-release && echo "$ID")
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
    if [ "$id" = debian ] && [ "$version" = 12 ]; then
        say "installing libstdc++6 of Debian 13 (training needs GLIBCXX_3.4.32); pinned, so that nothing else moves by itself"
        mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
            grep -oE '(http|https|file)://?[^ ]*debian/?( |$)' | head -n 1 | tr -d ' ')
        [ -n "$mirror" ] || stop "no Debian mirror found in /etc/apt; install libstdc++6 of Debian 13 by hand."
        keyring=/usr/share/keyrings/debian-archive-keyring.gpg
        printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' | $as_root tee /etc/apt/preferences.d/serve-trixie >/dev/null
        printf 'deb [signed-by=%s] %s trixie main\n' "$keyring" "$mirror" | $as_root tee /etc/apt/sources.list.d/serve-trixie.list >/dev/null
        $as_root apt-get update -qq >&2
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove -t trixie libstdc++6 >&2
    elif command -v apt-get >/dev/null; then
        say "installing libstdc++6 (training needs it)"
        $as_root apt-get update -qq >&2
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove libstdc++6 >&2
    fi
    has_cxx_runtime || stop "training needs a libstdc++6 with GLIBCXX_3.4.32 (gcc 13 or newer); this system has none."
}

# built NAME: true when src/NAME was built by this script with this accelerator and nothing it is made of changed since.
built() {
    local stamp="$root/artifacts/$1.$accelerator.stamp"
    [ -f "$stamp" ] || return 1
    [ -z "$(find "$root/src" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json" -newer "$stamp" -print -quit)" ]
}

# build NAME: builds src/NAME when needed.
build() {
    built "$1" && return
    need_sdk
    say "building $1 ($accelerator)"
    mkdir -p "$root/artifacts"
    touch "$root/artifacts/$1.$accelerator.stamp.new"
    dotnet build "$root/src/$1/$1.csproj" -c Release -v quiet --nologo -clp:NoSummary -p:Accelerator="$accelerator" >&2 || stop "the build failed; the messages are above."
    rm -f "$root/artifacts/$1."*.stamp
    mv "$root/artifacts/$1.$accelerator.stamp.new" "$root/artifacts/$1.$accelerator.stamp"
}
