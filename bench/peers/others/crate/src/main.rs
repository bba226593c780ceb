//! The side of Rust in bench/peers/others: gaoya and minhash-rs. `peers text|index DIR` and `peers end PEER SET SIZE DIR` print a
//! row for each thing measured, as a JSON object a line. Times are of the processor, from the system's rusage of this process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicIsize, Ordering};

use gaoya::minhash::{MinHashIndex, MinHasher, MinHasher32};
use gaoya::simhash::{SimHash, SimSipHasher64};
use gaoya::text::whitespace_split;
use minhash_rs::prelude::{LshIndex, MinHash, MinHasher as Sketch, NoStore, QueryState, Store};

/// Counting tells what an index holds.
struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, l: Layout) -> *mut u8 {
        LIVE.fetch_add(l.size() as isize, Ordering::Relaxed);
        System.alloc(l)
    }
    unsafe fn dealloc(&self, p: *mut u8, l: Layout) {
        LIVE.fetch_sub(l.size() as isize, Ordering::Relaxed);
        System.dealloc(p, l)
    }
    unsafe fn realloc(&self, p: *mut u8, l: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size as isize - l.size() as isize, Ordering::Relaxed);
        System.realloc(p, l, size)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const GAOYA: &str = "gaoya 0.2.2";
const MINHASH_RS: &str = "minhash-rs 0.6.0";
const INDEXED: usize = 100_000;
const QUERIED: usize = 2048;

type Sig = MinHash<u64, 128>;

/// cpu returns the processor seconds of this process: user and system, the fields 14 and 15 of its stat.
fn cpu() -> f64 {
    let s = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    if let Some(ns) = s.split_whitespace().next().and_then(|x| x.parse::<f64>().ok()) {
        return ns / 1e9; // of the main thread, which is the only one
    }
    let s = fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}

/// peak returns the largest resident memory of this process in MB.
fn peak() -> f64 {
    let s = fs::read_to_string("/proc/self/status").unwrap();
    let line = s.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1.024 / 1000.0
}

/// each calls f with the texts of a file, which end in a zero byte.
fn each(path: &str, mut f: impl FnMut(&str)) {
    let mut r = io::BufReader::with_capacity(1 << 20, fs::File::open(path).unwrap());
    let mut buf = Vec::new();
    while r.read_until(0, &mut buf).unwrap() > 0 {
        buf.pop();
        f(std::str::from_utf8(&buf).unwrap());
        buf.clear();
    }
}

/// windows calls f with the words of a text, lower case, split as gaoya splits them.
fn words<T>(text: &str, f: impl FnOnce(&[&str]) -> T) -> T {
    let low = text.to_lowercase();
    let w: Vec<&str> = whitespace_split(&low).collect();
    f(&w)
}

fn hashed(w: &[&str], size: usize) -> Sig {
    w.windows(size)
        .map(|x| {
            let mut h = DefaultHasher::new();
            x.hash(&mut h);
            h.finish()
        })
        .collect()
}

/// turn calls f with the texts in turn for half a second and returns the µs of a call.
fn turn(texts: &[String], mut f: impl FnMut(&str)) -> f64 {
    for t in &texts[..16] {
        f(t);
    }
    let (mut n, start) = (0, cpu());
    while cpu() - start < 0.5 {
        for _ in 0..16 {
            f(&texts[n % texts.len()]);
            n += 1;
        }
    }
    (cpu() - start) * 1e6 / n as f64
}

fn text(dir: &str) {
    let gaoya = MinHasher32::new(128);
    let sim = SimHash::<SimSipHasher64, u64, 64>::new(SimSipHasher64::new(1, 2));
    let mut sink = 0u64;
    for of in ["1KB", "9KB"] {
        let mut texts = Vec::new();
        each(&format!("{dir}/{of}"), |t| texts.push(t.to_string()));
        let us = turn(&texts, |t| sink ^= words(t, |w| gaoya.create_signature(w.windows(5)))[0] as u64);
        println!(r#"{{"peer":"{GAOYA}","language":"Rust","task":"text","of":"{of}","us":{us},"note":"MinHasher32 of its README on windows of its words, which are not joined to strings"}}"#);
        let us = turn(&texts, |t| sink ^= words(t, |w| hashed(w, 5)).as_ref()[0]);
        println!(r#"{{"peer":"{MINHASH_RS}","language":"Rust","task":"text","of":"{of}","us":{us},"note":"MinHash of 64-bit words; takes numbers: windows hashed by the standard library"}}"#);
        let us = turn(&texts, |t| sink ^= words(t, |w| sim.create_signature(w.windows(5))));
        println!(r#"{{"peer":"{GAOYA}","language":"Rust","task":"simhash","of":"{of}","us":{us},"note":"SimSipHasher64 on windows of words"}}"#);
    }
    std::hint::black_box(sink);
}

/// sets reads sets of numbers: a count of four bytes, and so many of eight.
fn sets(path: &str) -> Vec<Vec<u64>> {
    let b = fs::read(path).unwrap();
    let (mut i, mut out) = (0, Vec::new());
    while i < b.len() {
        let n = u32::from_le_bytes(b[i..i + 4].try_into().unwrap()) as usize;
        i += 4;
        out.push((0..n).map(|k| u64::from_le_bytes(b[i + 8 * k..i + 8 * k + 8].try_into().unwrap())).collect());
        i += 8 * n;
    }
    out
}

fn target(i: usize) -> usize {
    (i * 7919 + 13) % INDEXED
}

fn index(dir: &str) {
    let (all, queries) = (sets(&format!("{dir}/sets")), sets(&format!("{dir}/queries")));
    let print = |peer: &str, add: f64, query: f64, bytes: f64, found: usize, note: &str| {
        println!(
            r#"{{"peer":"{peer}","language":"Rust","task":"index","of":"{INDEXED}","us":{},"query_us":{},"bytes":{},"recall":{},"note":"{note}"}}"#,
            add * 1e6 / INDEXED as f64,
            query * 1e6 / QUERIED as f64,
            bytes / INDEXED as f64,
            found as f64 / QUERIED as f64
        );
    };

    let h = MinHasher32::new(128);
    let qs: Vec<Vec<u32>> = queries.iter().map(|q| h.create_signature(q.iter())).collect();
    let before = LIVE.load(Ordering::Relaxed);
    let sigs: Vec<Vec<u32>> = all.iter().map(|x| h.create_signature(x.iter())).collect();
    let mut x: MinHashIndex<u32, u32> = MinHashIndex::new(16, 8, 0.7);
    let start = cpu();
    for (i, s) in sigs.into_iter().enumerate() {
        x.insert(i as u32, s);
    }
    let add = cpu() - start;
    let bytes = (LIVE.load(Ordering::Relaxed) - before) as f64;
    let (start, mut found) = (cpu(), 0);
    for (i, q) in qs.iter().enumerate() {
        if x.query_owned(q).contains(&(target(i) as u32)) {
            found += 1;
        }
    }
    print(GAOYA, add, cpu() - start, bytes, found, "holds signatures of 32 bits a slot and answers with what reaches .7");
    drop(x);

    let qs: Vec<Sig> = queries.iter().map(|q| q.iter().copied().collect()).collect();
    let before = LIVE.load(Ordering::Relaxed);
    let sigs: Vec<Sig> = all.iter().map(|x| x.iter().copied().collect()).collect();
    let start = cpu();
    let x: LshIndex<Sig, 128, 16, NoStore> = LshIndex::from_signatures(sigs);
    let add = cpu() - start;
    let bytes = (LIVE.load(Ordering::Relaxed) - before) as f64;
    let (start, mut found) = (cpu(), 0);
    let mut state = QueryState::new();
    for (i, q) in qs.iter().enumerate() {
        if x.candidates(q, &mut state).iter().any(|c| c.id as usize == target(i)) {
            found += 1;
        }
    }
    print(MINHASH_RS, add, cpu() - start, bytes, found, "built at once, nothing can be added; without signatures");
}

/// end finds all pairs of a set from an estimated Jaccard of .8 on.
fn end(peer: &str, set: &str, size: usize, dir: &str) {
    let path = format!("{dir}/{set}");
    let start = cpu();
    each(&path, |_| {});
    let reading = cpu() - start;
    let start = cpu();
    let mut pairs = io::BufWriter::new(fs::File::create(format!("{dir}/pairs")).unwrap());
    let (name, note) = if peer == "gaoya" {
        let h = MinHasher32::new(128);
        let mut x: MinHashIndex<u32, u32> = MinHashIndex::new(16, 8, 0.8);
        let mut i = 0;
        each(&path, |t| {
            words(t, |w| {
                if w.len() >= size {
                    let s = h.create_signature(w.windows(size));
                    for k in x.query_owned(&s) {
                        writeln!(pairs, "{i} {k}").unwrap();
                    }
                    x.insert(i, s);
                }
            });
            i += 1;
        });
        (GAOYA, "its own verification by signature")
    } else {
        let (mut sigs, mut ids, mut i) = (Vec::new(), Vec::new(), 0u32);
        each(&path, |t| {
            words(t, |w| {
                if w.len() >= size {
                    sigs.push(hashed(w, size));
                    ids.push(i);
                }
            });
            i += 1;
        });
        let x: LshIndex<Sig, 128, 16, Store> = LshIndex::from_signatures(sigs);
        let mut state = QueryState::new();
        for i in 0..x.len() as u32 {
            let s = x.signature(i);
            for c in x.candidates(s, &mut state) {
                if c.id < i && s.estimate_jaccard_index(x.signature(c.id)) >= 0.8 {
                    writeln!(pairs, "{} {}", ids[i as usize], ids[c.id as usize]).unwrap();
                }
            }
        }
        (MINHASH_RS, "verified by its estimate")
    };
    pairs.flush().unwrap();
    println!(
        r#"{{"peer":"{name}","language":"Rust","task":"end-to-end","of":"{set}","seconds":{},"reading":{reading},"mb":{},"note":"{note}"}}"#,
        cpu() - start,
        peak()
    );
}

fn main() {
    let a: Vec<String> = std::env::args().collect();
    match a[1].as_str() {
        "text" => text(&a[2]),
        "index" => index(&a[2]),
        "end" => end(&a[2], &a[3], a[4].parse().unwrap(), &a[5]),
        other => panic!("{other} is no task"),
    }
}
