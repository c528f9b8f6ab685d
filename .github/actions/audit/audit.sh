#!/usr/bin/env bash
# Audits the pictures that changed since BASE; writes OUTPUT/report.sarif and names it in GITHUB_OUTPUT.
set -euo pipefail

ASSAY=${ASSAY:-assay}
RULES=${RULES:-c2pa,iptc,privacy}
OUTPUT=${OUTPUT:-assay-audit}
GITHUB_OUTPUT=${GITHUB_OUTPUT:-/dev/null}

fail() {
  printf '::error::%s; fix: %s\n' "$1" "$2"
  exit 1
}

command -v "$ASSAY" >/dev/null || fail "the program '$ASSAY' is not installed" 'install Assay in a step before this one'
[ -n "${BASE:-}" ] || fail 'there is no commit to compare with' 'give the input base'
git rev-parse --quiet --verify "$BASE^{commit}" >/dev/null ||
  fail "the commit $BASE is not in this checkout" 'give actions/checkout fetch-depth: 0'

# What was added, copied, changed or renamed; names may hold anything but a zero.
pictures=()
while IFS= read -r -d '' file; do
  case "${file,,}" in
  *.png | *.jpg | *.jpeg | *.jpe | *.webp | *.gif | *.tif | *.tiff | *.bmp | *.avif | *.heic | *.heif | *.jxl)
    # A submodule or a broken link is no picture.
    if [ -f "$file" ]; then pictures+=("./$file"); fi
    ;;
  esac
done < <(git diff --name-only -z --diff-filter=ACMRT "$BASE...HEAD")

echo "pictures=${#pictures[@]}" >>"$GITHUB_OUTPUT"
if [ ${#pictures[@]} -eq 0 ]; then
  echo 'no picture was changed'
  echo 'sarif=' >>"$GITHUB_OUTPUT"
  exit 0
fi

options=(--rules "$RULES" --format sarif,md -o "$OUTPUT" --force)
[ -z "${FAIL_ON_SEVERITY:-}" ] || options+=(--fail-on-severity "$FAIL_ON_SEVERITY")
[ -z "${FAIL_ON:-}" ] || options+=(--fail-on "$FAIL_ON")
code=0
"$ASSAY" audit run "${options[@]}" -- "${pictures[@]}" || code=$?
# The report is there whether the gate was met or not; code scanning wants it in both cases.
[ -f "$OUTPUT/report.sarif" ] || exit "$code"
echo "sarif=$OUTPUT/report.sarif" >>"$GITHUB_OUTPUT"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$OUTPUT/report.md" >>"$GITHUB_STEP_SUMMARY"
if [ "$code" -eq 2 ]; then printf '::error::%s\n' 'a gate of the audit was met; see the report'; fi
exit "$code"
