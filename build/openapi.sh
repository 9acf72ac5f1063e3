#!/usr/bin/env bash
# Writes docs/openapi.json, of which the tests' client is generated: what the server answers at /openapi/client.json.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/build/setup.sh"
need_sdk
dotnet build "$root/src/Api/Api.csproj" -c Release -v quiet --nologo -clp:NoSummary || stop "the build failed; the messages are above."

folder=$(mktemp -d)
server=''
trap '[ -z "$server" ] || kill "$server" || true; rm -rf "$folder"' EXIT
mkdir "$folder/models"
dotnet "$root/artifacts/bin/Api/release/Serve.Api.dll" --urls http://127.0.0.1:0 --models "$folder/models" --data "$folder/data" --workspace "$folder/workspace" > "$folder/log" 2>&1 &
server=$!
for _ in $(seq 100); do
    address=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$folder/log" | head -n 1 || true)
    [ -z "$address" ] || break
    sleep 0.2
done
[ -n "$address" ] || stop "the server did not start: $(cat "$folder/log")"
curl --silent --show-error --fail --max-time 30 -o "$folder/openapi.json" "$address/openapi/client.json"
echo >> "$folder/openapi.json"
mv "$folder/openapi.json" "$root/docs/openapi.json"
