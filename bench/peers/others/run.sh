#!/usr/bin/env bash
# Libraries of other languages on the texts that this one reads: bash run.sh [-short] OUT.jsonl
#
# It makes a virtual environment of Python and builds a crate of Rust, both of the versions named here, with pip and cargo as they are
# set up, and keeps them in NEARDUP_PEERS (default: neardup-peers in the user's cache), so that a second run starts at once. What cannot
# be installed, fails or takes more than LIMIT seconds (default 300) is left out, loudly, with a row of the results that says so.
# NEARDUP_DATASETS names the folder with fi-news and wdk-ddi (see bench/accuracy); without it nothing is measured end to end.
#
# All sides take turns: each round starts every program anew. -short: two rounds, and no end to end of what takes minutes.
set -uo pipefail
cd "$(dirname "$0")"
short=
[ "${1:-}" = -short ] && short=1 && shift
out=${1:?usage: run.sh [-short] OUT.jsonl}
datasets=${NEARDUP_DATASETS:-}
limit=${LIMIT:-300}
keep=${NEARDUP_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/neardup-peers}
rounds=3
[ -n "$short" ] && rounds=2
mkdir -p "$keep" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$out"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 RAYON_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1

skip() { # PEER WHAT WHY
	printf '== %s, %s, LEFT OUT: %s\n' "$1" "$2" "$3" >&2
	printf '{"peer":"%s","task":"skipped","of":"%s","note":"%s"}\n' "$1" "$2" "$3" >>"$out"
}

# Our side, which also writes the texts.
go build -o "$work/ours" ./ours || exit 1
mkdir "$work/texts"
"$work/ours" texts "$work/texts" "$datasets" || exit 1

# Python: each library by itself, so that one that is not to be had does not take the others with it.
python=$keep/venv/bin/python
declare -A have
if [ ! -x "$python" ]; then
	python3 -m venv "$keep/venv" >&2 || skip Python everything "python3 -m venv fails"
fi
if [ -x "$python" ]; then
	have[shingles]=1
	while IFS= read -r line; do
		name=${line%%==*}
		mark=$keep/venv/$line.installed
		if [ ! -e "$mark" ]; then
			args=()
			if [ "$name" = text-dedup ]; then
				args=(--no-deps)
				"$python" -m pip install -q --disable-pip-version-check -r text-dedup.txt >&2 || { skip "$name" everything "pip cannot install what it needs"; continue; }
			fi
			"$python" -m pip install -q --disable-pip-version-check "${args[@]}" "$line" >&2 || { skip "$name" everything "pip cannot install $line"; continue; }
			touch "$mark"
		fi
		have[$name]=1
	done <requirements.txt
fi
[ -n "${have[rensa]:-}" ] && have[rensa-rho]=1

# Rust.
rust=
if ! command -v cargo >/dev/null; then
	skip "gaoya, minhash-rs" everything "no cargo"
elif CARGO_TARGET_DIR=$keep/target cargo build -q --release --manifest-path crate/Cargo.toml >&2; then
	rust=$keep/target/release/peers
else
	skip "gaoya, minhash-rs" everything "cargo build fails"
fi

# try PEER WHAT COMMAND... appends the rows that a command prints.
try() {
	local peer=$1 what=$2 code
	shift 2
	printf '%s: %s\n' "$peer" "$what" >&2
	timeout "$limit" "$@" >"$work/rows"
	code=$?
	if [ $code = 0 ]; then
		cat "$work/rows" >>"$out"
	elif [ $code = 124 ]; then
		skip "$peer" "$what" "more than $limit s"
	else
		skip "$peer" "$what" "fails with status $code"
	fi
}

judged() { # SET COMMAND...
	local set=$1
	shift
	"$@" >"$work/row" && "$work/ours" judge "$set" "$work/texts" "$datasets" <"$work/row"
}
export -f judged
export work datasets

for round in $(seq $rounds); do
	try neardup text env GOMAXPROCS=1 "$work/ours" text "$work/texts"
	[ -n "$rust" ] && try "gaoya, minhash-rs" text "$rust" text "$work/texts"
	for peer in rensa rensa-rho FastSketchLSH datasketch text-dedup fast-dedup simhash shingles; do
		[ -n "${have[$peer]:-}" ] && try $peer text "$python" peers.py $peer text "$work/texts"
	done
done
for round in $(seq $((rounds - 1))); do
	try neardup index env GOMAXPROCS=1 "$work/ours" index "$work/texts"
	[ -n "$rust" ] && try "gaoya, minhash-rs" index "$rust" index "$work/texts"
	for peer in rensa FastSketchLSH datasketch; do
		[ -n "${have[$peer]:-}" ] && try $peer index "$python" peers.py $peer index "$work/texts"
	done
done
for set in fi-news wdk-ddi; do
	if [ ! -e "$work/texts/$set" ]; then
		skip everything "end to end on $set" "it is not at hand"
		continue
	fi
	size=5
	[ $set = fi-news ] && size=3
	for round in $(seq $((rounds - 1))); do
		for mode in contained same; do
			try neardup "end to end on $set" bash -c 'judged "$@"' - $set env GOMAXPROCS=1 "$work/ours" end $set "$work/texts" $mode
		done
		if [ -n "$rust" ]; then
			for peer in gaoya minhash-rs; do
				try $peer "end to end on $set" bash -c 'judged "$@"' - $set "$rust" end $peer $set $size "$work/texts"
			done
		fi
		for peer in rensa FastSketchLSH datasketch; do
			[ -n "${have[$peer]:-}" ] || continue
			if [ $peer = datasketch ] && [ -n "$short" ]; then
				[ $round = 1 ] && skip datasketch "end to end on $set" "it takes minutes; -short leaves it out"
				continue
			fi
			try $peer "end to end on $set" bash -c 'judged "$@"' - $set "$python" peers.py $peer end $set $size "$work/texts"
		done
	done
done
exit 0
