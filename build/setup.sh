# Shared by ./serve and ./test: says what it does, does only what is missing. Sourced, not run.
# Expects $root, the repository's folder.

say() { printf 'serve: %s\n' "$*" >&2; }

stop() {
    say "$@"
    exit 1
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 ORT_DISABLE_TELEMETRY=${ORT_DISABLE_TELEMETRY:-1} DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
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
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-remove -t trixie libstdc++6 >/dev/null
    elif command -v apt-get >/dev/null; then
        say "installing libstdc++6 (training needs it)"
        $as_root apt-get update -qq >&2
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-remove libstdc++6 >/dev/null
    fi
    has_cxx_runtime || stop "training needs a libstdc++6 with GLIBCXX_3.4.32 (gcc 13 or newer); this system has none."
}

# want NAME WHAT OTHERWISE PACKAGE...: installs packages of the system's where apt-get and the right to use it are at hand. Asked for once; all works without them.
want() {
    local stamp="$root/artifacts/$1.stamp" what=$2 otherwise=$3 as_root=""
    shift 3
    { [ -f "$stamp" ] || ! command -v apt-get >/dev/null; } && return
    mkdir -p "$root/artifacts" && touch "$stamp"
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    [ -z "$as_root" ] || sudo -n true 2>/dev/null || return 0
    say "installing $what"
    # A new machine has no lists of packages yet.
    $as_root apt-get update -qq >/dev/null 2>&1
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove --no-install-recommends -o Dpkg::Options::=--force-confold "$@" >/dev/null 2>&1 ||
        say "that cannot be done here: $otherwise"
}

# libturbojpeg decodes JPEGs in two thirds of the time that libvips takes, to the same pixels. Debian calls it libturbojpeg0, Ubuntu libturbojpeg.
want_jpeg_library() {
    ldconfig -p 2>/dev/null | grep -q 'libturbojpeg\.so\.0 ' ||
        want jpeg-library "libturbojpeg (JPEGs are decoded faster with it)" "libvips decodes them" '^libturbojpeg0?$'
}

# PostgreSQL, for the tests of a server that several nodes make up. Only its programs are wanted: no database of the system's is made or started for it.
want_postgres() {
    local settings=/etc/postgresql-common/createcluster.conf as_root=""
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if [ ! -f "$settings" ] && command -v apt-get >/dev/null; then
        { $as_root mkdir -p "${settings%/*}" && echo 'create_main_cluster = false' | $as_root tee "$settings"; } >/dev/null 2>&1 || true
    fi
    want postgres "PostgreSQL (tests need it)" "tests that need it are skipped" postgresql
}

# Chromium, for the tests of the pages: Debian's, as it is. With letters, which a machine without a screen may have none of.
want_chromium() {
    command -v chromium >/dev/null || want chromium "chromium (tests of the pages need it)" "tests that need it are skipped" chromium fonts-dejavu-core
}

# changed STAMP PATH...: true when something at or below a path is newer than the stamp. Every start asks, so no process is made where the shell can look itself.
changed() {
    local stamp=$1 path file
    shift
    if ! shopt -s globstar 2>/dev/null; then
        [ -n "$(find "$@" -newer "$stamp" -print -quit)" ]
        return
    fi
    for path in "$@"; do
        for file in "$path" "$path"/**; do
            [ ! "$file" -nt "$stamp" ] || return 0
        done
    done
    return 1
}

# built NAME FOLDER...: true when this script built NAME for this accelerator, and nothing in the folders of src that it is made of changed since.
built() {
    local stamp="$root/artifacts/$1.$accelerator.stamp"
    shift
    [ -f "$stamp" ] && ! changed "$stamp" "${@/#/$root/src/}" "$root/build" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json"
}

# stamped NAME COMMAND...: runs the command, and remembers that NAME is as new as the sources were when it began.
stamped() {
    local stamp="$root/artifacts/$1.$accelerator.stamp" name=$1
    shift
    mkdir -p "$root/artifacts"
    touch "$stamp.new"
    "$@" || return
    rm -f "$root/artifacts/$name."*.stamp
    mv "$stamp.new" "$stamp"
}

# build NAME: builds src/NAME when needed.
build() {
    built "$1" "" && return
    need_sdk
    want_jpeg_library
    say "building $1 ($accelerator)"
    stamped "$1" dotnet build "$root/src/$1/$1.csproj" -c Release -v quiet --nologo -clp:NoSummary -p:Accelerator="$accelerator" >&2 ||
        stop "the build failed; the messages are above."
}

# The commands that need no model, as a program of their own.
eval_cli="$root/artifacts/publish/EvalCli/Serve.EvalCli"

# build_eval_cli: publishes that program when needed.
build_eval_cli() {
    built EvalCli Eval EvalCli && return
    need_sdk
    stamped EvalCli publish_program src/EvalCli || stop "the evaluator cannot be built; the messages are above."
}

# publish_program FOLDER: publishes a project to artifacts/publish in the fastest form that can be made here: one native file, or where that cannot be
# made the same assemblies, precompiled or not. SERVE_NATIVE=0 leaves out all that needs packages of the compilers.
publish_program() {
    local name=${1##*/} forms=(native precompiled plain) form properties
    local to="$root/artifacts/publish/$name" log="$root/artifacts/$name.log"
    if [ "${SERVE_NATIVE:-1}" = 0 ]; then
        forms=(plain)
    elif ! command -v clang >/dev/null && ! command -v gcc >/dev/null; then
        say "there is no C compiler (clang or gcc) to link the native $name with: it will start slower"
        forms=(precompiled plain)
    fi
    for form in "${forms[@]}"; do
        case $form in
            native) properties=(--use-current-runtime -p:PublishAot=true) ;;
            precompiled) properties=(--use-current-runtime --self-contained false -p:PublishReadyToRun=true -p:SERVE_NATIVE=0) ;;
            plain) properties=(-p:SERVE_NATIVE=0) ;;
        esac
        say "building $name ($form)"
        rm -rf "$to.new"
        if dotnet publish "$root/$1/$name.csproj" -c Release -v quiet --nologo "${properties[@]}" -o "$to.new" >"$log" 2>&1; then
            rm -rf "$to"
            mv "$to.new" "$to"
            return
        fi
        say "that cannot be done here ($(grep -m 1 -oE '(error|warning) [A-Z]+[0-9]+:.*' "$log" || echo "see $log"))"
    done
    cat "$log" >&2
    return 1
}

# run_program PROGRAM ARGUMENT...: becomes a program that publish_program made.
run_program() {
    [ ! -f "$1.dll" ] || set -- dotnet "$1.dll" "${@:2}"
    exec "$@"
}
